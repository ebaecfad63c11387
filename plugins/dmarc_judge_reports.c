#include <string.h>

#include "dmarc.h"

/* RFC 9989 4.6: receivers need not send to more than two. */
enum {
    URIS_SURE = 2,
};

static const char *uri_text(const struct dmarc_judge *judge, const struct dmarc_report *report)
{
    return arena_format(judge->arena, "%s=%.*s", report->is_failure ? "ruf" : "rua",
                        SLICE_PRINTF(report->uri->text));
}

static const char *subject(const struct dmarc_judge *judge)
{
    return arena_format(judge->arena, "_dmarc.%s", judge->domain->verdict->record_domain);
}

static void fix_record(const struct dmarc_judge *judge, struct finding *finding)
{
    const struct dmarc_verdict *verdict = judge->domain->verdict;
    dmarc_judge_fix(judge, finding, verdict->record_domain, verdict->record->text);
}

static void judge_uri(const struct dmarc_judge *judge, const struct dmarc_report *report)
{
    const struct dmarc_uri *uri = report->uri;
    if (uri->fault != DMARC_URI_FINE) {
        struct finding *finding = report_add(
            judge->report, uri->fault == DMARC_URI_SIZE ? DMARC_F_RUA_SIZE_BAD : DMARC_F_RUA_URI,
            subject(judge), "%s: %s", uri_text(judge, report), dmarc_uri_fault_text(uri->fault));
        const struct dmarc_record *record = judge->domain->verdict->record;
        const struct dmarc_uris *uris = report->is_failure ? &record->failure : &record->aggregate;
        if (dmarc_uris_repair(judge->arena, uris, false) != NULL)
            fix_record(judge, finding);
    }
    if (uri->has_size)
        fix_record(judge,
                   report_add(judge->report, DMARC_F_RUA_SIZE, subject(judge),
                              "%s: the size is obsolete and ignored", uri_text(judge, report)));
}

static void judge_list(const struct dmarc_judge *judge, const struct dmarc_uris *uris,
                       const char *name)
{
    size_t count = uris->count + uris->omitted;
    if (count > URIS_SURE)
        report_add(judge->report, DMARC_F_RUA_URI, subject(judge),
                   "%s= has %zu addresses, receivers need not send to more than %d", name, count,
                   URIS_SURE);
    for (size_t i = 0; i < uris->count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (uris->list[i].text.length > 0 &&
                slice_equals_ignoring_case(uris->list[i].text, uris->list[k].text))
                report_add(judge->report, DMARC_F_RUA_URI, subject(judge), "%s=%.*s stands twice",
                           name, SLICE_PRINTF(uris->list[i].text));
        }
    }
}

static bool is_dead(const struct dmarc_report *report)
{
    return report->host == DMARC_HOST_NONEXISTENT || report->host == DMARC_HOST_NULL_MX ||
           report->host == DMARC_HOST_NO_ADDRESS;
}

/* All addresses of rua lead nowhere. */
static bool all_dead(const struct dmarc_domain *domain)
{
    const struct dmarc_record *record = domain->verdict->record;
    size_t dead = 0;
    size_t count = record->aggregate.omitted;
    for (size_t i = 0; i < domain->report_count; i++) {
        const struct dmarc_report *report = &domain->reports[i];
        if (report->is_failure || report->uri->domain[0] == '\0')
            continue;
        count++;
        dead += is_dead(report);
    }
    return count > 0 && dead == count;
}

static void judge_host(const struct dmarc_judge *judge, const struct dmarc_report *report)
{
    const char *host = report->uri->domain;
    if (host[0] == '\0' || report->host == DMARC_HOST_FINE)
        return;
    if (is_dead(report))
        report_add(judge->report,
                   !report->is_failure && all_dead(judge->domain) ? DMARC_F_RUA_HOST_ALL
                                                                  : DMARC_F_RUA_HOST,
                   subject(judge), "%s: no report arrives at %s, %s", uri_text(judge, report), host,
                   dmarc_host_text(report->host));
    else
        report_add(judge->report, DMARC_F_RUA_HOST_UNKNOWN, subject(judge),
                   "%s: whether %s can receive mail is not known, %s", uri_text(judge, report),
                   host, dmarc_host_text(report->host));
}

static void judge_authorization(const struct dmarc_judge *judge, const struct dmarc_report *report)
{
    enum dmarc_finding definition = report->is_failure ? DMARC_F_RUF_EXT : DMARC_F_RUA_EXT;
    struct finding *finding;
    if (report->uri->domain[0] == '\0')
        return;
    switch (report->authorization) {
    case DMARC_AUTHORIZATION_MISSING:
        finding = report_add(judge->report, definition, subject(judge),
                             "%s: %s has not agreed to reports about %s", uri_text(judge, report),
                             report->uri->domain, judge->domain->verdict->record_domain);
        report_fix(judge->report, finding, "Let %s publish at %s: v=DMARC1", report->uri->domain,
                   report->authorization_name);
        break;
    case DMARC_AUTHORIZATION_TOO_LONG:
        report_add(judge->report, definition, subject(judge),
                   "%s: the name at which %s could agree is too long for the DNS",
                   uri_text(judge, report), report->uri->domain);
        break;
    case DMARC_AUTHORIZATION_UNKNOWN:
        if (dns_status_is_answer(report->authorization_answer->status)) {
            report_add(judge->report, DMARC_F_EXT_UNKNOWN, subject(judge),
                       "%s: whether %s must agree is not known: a question of the tree walk from "
                       "there got no answer",
                       uri_text(judge, report), report->uri->domain);
            break;
        }
        report_add(judge->report, DMARC_F_EXT_UNKNOWN, subject(judge),
                   "%s: whether %s agreed is not known (%s: %s)", uri_text(judge, report),
                   report->uri->domain, report->authorization_name,
                   dns_answer_word(report->authorization_answer));
        break;
    case DMARC_AUTHORIZATION_NOT_NEEDED:
    case DMARC_AUTHORIZATION_GIVEN:
        break;
    }
    if (report->is_overridden_elsewhere) {
        finding = report_add(judge->report, DMARC_F_EXT_OVERRIDE, subject(judge),
                             "%s: %s sends the reports to another host, so that nothing is sent",
                             uri_text(judge, report), report->authorization_name);
        report_seen(judge->report, finding, "%s", report->override);
    }
}

void dmarc_judge_reports(const struct dmarc_judge *judge)
{
    const struct dmarc_domain *domain = judge->domain;
    const struct dmarc_record *record = domain->verdict->record;
    if (record == NULL)
        return;
    if (!record->has_aggregate) {
        struct finding *finding = report_add(judge->report, DMARC_F_RUA_NONE, subject(judge),
                                             "nobody gets aggregate reports");
        report_fix(judge->report, finding, "Publish at %s: %s; rua=mailto:dmarc-reports@%s",
                   dmarc_judge_home(judge, domain->verdict->record_domain),
                   dmarc_record_repair(judge->arena, record->text), domain->verdict->record_domain);
    }
    judge_list(judge, &record->aggregate, "rua");
    judge_list(judge, &record->failure, "ruf");
    if (record->aggregate.omitted > 0)
        report_add(judge->report, DMARC_F_RUA_HOST_UNKNOWN, subject(judge),
                   "rua= has %zu addresses, only the first %d were looked at",
                   record->aggregate.count + record->aggregate.omitted, DMARC_URI_MAX);
    for (size_t i = 0; i < domain->report_count; i++) {
        judge_uri(judge, &domain->reports[i]);
        judge_host(judge, &domain->reports[i]);
        judge_authorization(judge, &domain->reports[i]);
    }
}
