#include "mail/dmarc_report.h"

#include <string.h>

enum dmarc_host dmarc_host_check(struct dns_answers *answers, const char *domain)
{
    const struct dns_answer *mx = dns_answers_get(answers, domain, DNS_MX);
    const struct dns_answer *a = dns_answers_get(answers, domain, DNS_A);
    const struct dns_answer *aaaa = dns_answers_get(answers, domain, DNS_AAAA);
    if (mx->status == DNS_OK)
        return mx->record_count == 1 && mx->records[0].target[0] == '\0' ? DMARC_HOST_NULL_MX
                                                                         : DMARC_HOST_FINE;
    if (mx->status == DNS_NXDOMAIN || mx->status == DNS_BAD_NAME)
        return DMARC_HOST_NONEXISTENT;
    if (mx->status != DNS_NODATA)
        return DMARC_HOST_UNKNOWN;
    /* RFC 5321 5.1: without MX the addresses count. */
    if (a->status == DNS_OK || aaaa->status == DNS_OK)
        return DMARC_HOST_FINE;
    return dns_status_is_answer(a->status) && dns_status_is_answer(aaaa->status)
               ? DMARC_HOST_NO_ADDRESS
               : DMARC_HOST_UNKNOWN;
}

/* RFC 9990 4 step 9: an override must stay at the host of the first step. */
static void read_override(struct dmarc_report *report, struct arena *arena,
                          const struct dmarc_record *record)
{
    const struct dmarc_uris *uris = report->is_failure ? &record->failure : &record->aggregate;
    const struct tag *tag = tag_list_find(&record->tags, report->is_failure ? "ruf" : "rua");
    if (!tag)
        return;
    report->is_overridden = true;
    report->override = arena_copy_slice(arena, tag->value);
    for (size_t i = 0; i < uris->count; i++)
        if (uris->list[i].domain[0] != '\0' &&
            strcmp(uris->list[i].domain, report->uri->domain) != 0)
            report->is_overridden_elsewhere = true;
}

/* RFC 9990 4 steps 5 to 8. */
static void read_authorization(struct arena *arena, struct dmarc_report *report)
{
    const struct dns_answer *answer = report->authorization_answer;
    if (answer->status == DNS_BAD_NAME) {
        report->authorization = DMARC_AUTHORIZATION_TOO_LONG;
        return;
    }
    if (!dns_status_is_answer(answer->status))
        return;
    report->authorization = DMARC_AUTHORIZATION_MISSING;
    for (size_t i = 0; i < answer->record_count && i < DMARC_RECORDS_MAX; i++) {
        struct dmarc_record *record = arena_alloc(arena, sizeof *record);
        dmarc_record_parse(arena, answer->records[i].text, record);
        if (record->version != DMARC_VERSION_RIGHT)
            continue;
        report->authorization = DMARC_AUTHORIZATION_GIVEN;
        read_override(report, arena, record);
    }
}

void dmarc_report_check(struct arena *arena, struct dns_answers *answers, const char *record_domain,
                        const char *organization, const char *by_public_suffix,
                        const struct dmarc_uri *uri, bool is_failure, struct dmarc_report *report)
{
    *report = (struct dmarc_report){.uri = uri, .is_failure = is_failure};
    if (uri->domain[0] == '\0')
        return;
    bool is_certain = true;
    report->host = dmarc_host_check(answers, uri->domain);
    report->organizational_domain = by_public_suffix;
    if (!by_public_suffix) {
        struct dmarc_walk *walk = arena_alloc(arena, sizeof *walk);
        dmarc_walk(arena, answers, uri->domain, walk);
        report->organizational_domain = walk->organizational_domain;
        is_certain = walk->is_certain;
    }
    /* Asked even where it may turn out not to be needed: that spares a round trip. */
    if (domain_is_within(uri->domain, record_domain)) {
        report->authorization = DMARC_AUTHORIZATION_NOT_NEEDED;
        return;
    }
    report->authorization_name =
        arena_format(arena, "%s._report._dmarc.%s", record_domain, uri->domain);
    report->authorization_answer = dns_answers_get(answers, report->authorization_name, DNS_TXT);
    if (is_certain && strcmp(report->organizational_domain, organization) == 0)
        report->authorization = DMARC_AUTHORIZATION_NOT_NEEDED;
    else
        read_authorization(arena, report);
    if (!is_certain && report->authorization == DMARC_AUTHORIZATION_MISSING)
        report->authorization = DMARC_AUTHORIZATION_UNKNOWN;
}

const char *dmarc_host_text(enum dmarc_host host)
{
    static const char *const texts[] = {
        [DMARC_HOST_UNKNOWN] = "its DNS gave no answer",
        [DMARC_HOST_FINE] = "it can receive mail",
        [DMARC_HOST_NONEXISTENT] = "it does not exist",
        [DMARC_HOST_NULL_MX] = "it says that it receives no mail (null MX)",
        [DMARC_HOST_NO_ADDRESS] = "it has neither MX nor address",
    };
    return texts[host];
}
