#include <string.h>

#include "banner.h"
#include "base/text.h"
#include "mail/generic_name.h"
#include "mail/public_suffix.h"
#include "smtp_show.h"

#define LIST_TEXT 200

/* ---- the name in the greeting */

static void judge_first_word(const struct banner_judge *judge, const struct smtp_name *name)
{
    static const char *const texts[] = {
        [SMTP_NAME_NONE] = "the greeting has no name",
        [SMTP_NAME_FQDN] = NULL,
        [SMTP_NAME_LITERAL] = "the greeting has an address in place of a name",
        [SMTP_NAME_LOCALHOST] = "the greeting has the name of every machine",
        [SMTP_NAME_SINGLE_LABEL] = "the first word of the greeting is no full domain name",
        [SMTP_NAME_MASKED] = NULL,
        [SMTP_NAME_INVALID] = "the first word of the greeting is no domain name",
    };
    if (name->kind == SMTP_NAME_MASKED) {
        banner_judge_add(judge, BANNER_F_MASKED, "the greeting is written over");
    } else if (texts[name->kind] != NULL) {
        banner_judge_add(judge, BANNER_F_BANNER_NAME, "%s", texts[name->kind]);
    }
}

/* ---- questions without an answer */

static bool is_unknown(const struct dns_answer *answer)
{
    return !dns_status_is_answer(answer->status) && answer->status != DNS_BAD_NAME;
}

static void judge_unknown(const struct banner_judge *judge, const struct dns_answer *answer)
{
    char type[12];
    bool is_settled = dns_answer_is_settled(answer);
    banner_judge_add_as(judge, BANNER_F_NAMES_UNKNOWN,
                        is_settled ? banner_findings[BANNER_F_NAMES_UNKNOWN].state
                                   : judge->common->timeout_result,
                        "%s%s %s: %s", is_settled ? "" : "no answer in time to ", answer->name,
                        dns_type_name(answer->type, type), dns_status_name(answer->status));
}

/* ---- the addresses of that name */

static bool has_address(const struct dns_answer *answer, const struct ip_address *address)
{
    for (size_t i = 0; i < answer->record_count; i++) {
        if (ip_equal(&answer->records[i].address, address)) {
            return true;
        }
    }
    return false;
}

/* "192.0.2.1, 2001:db8::1" */
static const char *addresses_text(const struct banner_judge *judge, const struct dns_answer *a,
                                  const struct dns_answer *aaaa)
{
    const struct dns_answer *answers[] = {a, aaaa};
    struct text text;
    char address[IP_TEXT_SIZE];
    text_init(&text, LIST_TEXT);
    for (size_t kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < answers[kind]->record_count; i++) {
            text_append(&text, text.length > 0 ? ", " : "");
            text_append(&text, ip_print(&answers[kind]->records[i].address, address));
        }
    }
    const char *result =
        arena_format(judge->report->arena, "%s%s", text.start, text.truncated ? "..." : "");
    text_release(&text);
    return result;
}

static void judge_addresses(const struct banner_judge *judge)
{
    const struct banner_names *names = &judge->address->names;
    const struct ip_address *address = &judge->address->target->stream.endpoint.address;
    const struct dns_answer *own = address->family == IP_V4 ? names->a : names->aaaa;
    const struct dns_answer *other = address->family == IP_V4 ? names->aaaa : names->a;
    bool has_any = names->a->record_count + names->aaaa->record_count > 0;
    if (has_address(own, address)) {
        return;
    }
    if (is_unknown(own) || (!has_any && is_unknown(other))) {
        judge_unknown(judge, is_unknown(own) ? own : other);
    } else if (!has_any) {
        banner_judge_add(judge, BANNER_F_BANNER_UNRESOLVED, "%s, its name, has no address",
                         names->banner);
    } else {
        struct finding *finding = banner_judge_add(
            judge, BANNER_F_BANNER_ELSEWHERE, "%s, its name, has another address: %s",
            names->banner, addresses_text(judge, names->a, names->aaaa));
        char text[IP_TEXT_SIZE];
        report_fix(judge->report, finding,
                   "Publish %s %s %s, or let the server greet with its own "
                   "name; behind NAT give --no-names",
                   names->banner, address->family == IP_V4 ? "A" : "AAAA", ip_print(address, text));
    }
}

/* ---- PTR */

static const struct banner_ptr *find_confirmed(const struct banner_names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        if (names->list[i].confirmation == BANNER_CONFIRMED) {
            return &names->list[i];
        }
    }
    return NULL;
}

static void judge_confirmation(const struct banner_judge *judge)
{
    const struct banner_names *names = &judge->address->names;
    if (find_confirmed(names) != NULL) {
        return;
    }
    for (size_t i = 0; i < names->count; i++) {
        if (names->list[i].confirmation == BANNER_UNKNOWN) {
            judge_unknown(judge, names->list[i].answer);
            return;
        }
    }
    banner_judge_add(judge, BANNER_F_PTR_UNCONFIRMED,
                     "the PTR name %s does not lead back to the address%s", names->list[0].name,
                     names->omitted > 0 ? " (the first 20 names were looked up)" : "");
}

static const char *organization(const char *name)
{
    const struct public_suffix *list = public_suffix_builtin();
    const char *domain = list == NULL ? NULL : public_suffix_organization(list, name);
    return domain == NULL ? name : domain;
}

static void judge_match(const struct banner_judge *judge)
{
    const struct banner_names *names = &judge->address->names;
    enum banner_match match = judge->plan->match;
    if (match == BANNER_MATCH_ANY || match == BANNER_MATCH_NAME || names->banner == NULL) {
        return;
    }
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->list[i].name;
        if (domain_equal(name, names->banner) ||
            (match == BANNER_MATCH_DOMAIN &&
             domain_equal(organization(name), organization(names->banner)))) {
            return;
        }
    }
    struct finding *finding =
        banner_judge_add(judge, BANNER_F_PTR_MISMATCH, "the PTR name is %s, the greeting says %s",
                         names->list[0].name, names->banner);
    report_fix(judge->report, finding,
               "Let the PTR record of the address name %s, or the server greet with %s; behind a "
               "load balancer give --banner-match domain or any",
               names->banner, names->list[0].name);
}

/* Only when no name is one that was given by hand. */
static void judge_generic(const struct banner_judge *judge)
{
    const struct banner_names *names = &judge->address->names;
    const struct ip_address *address = &judge->address->target->stream.endpoint.address;
    enum generic_name kind = GENERIC_NAME_NOT;
    struct slice word;
    for (size_t i = 0; i < names->count; i++) {
        kind = generic_name_of(names->list[i].name, address, &word);
        if (kind == GENERIC_NAME_NOT) {
            return;
        }
    }
    if (kind == GENERIC_NAME_ADDRESS) {
        banner_judge_add(judge, BANNER_F_PTR_GENERIC,
                         "the PTR name %s looks made by rule: the address stands in it",
                         names->list[names->count - 1].name);
    } else if (kind == GENERIC_NAME_WORD) {
        banner_judge_add(judge, BANNER_F_PTR_GENERIC,
                         "the PTR name %s looks made by rule: \"%.*s\"",
                         names->list[names->count - 1].name, SLICE_PRINTF(word));
    }
}

static void judge_ptr(const struct banner_judge *judge)
{
    const struct banner_names *names = &judge->address->names;
    char text[IP_TEXT_SIZE];
    if (is_unknown(names->ptr)) {
        judge_unknown(judge, names->ptr);
    } else if (names->count == 0) {
        const struct ip_address *address = &judge->address->target->stream.endpoint.address;
        struct finding *finding = banner_judge_add(judge, BANNER_F_PTR_MISSING,
                                                   "%s has no PTR record", ip_print(address, text));
        if (names->banner != NULL) {
            report_fix(judge->report, finding, "Let the owner of the address publish: %s PTR %s",
                       names->ptr->name, names->banner);
        }
    } else {
        judge_confirmation(judge);
        judge_generic(judge);
        judge_match(judge);
    }
}

static void judge_expected(const struct banner_judge *judge, const struct smtp_name *name)
{
    const struct banner_plan *plan = judge->plan;
    char text[DOMAIN_TEXT_SIZE];
    if (plan->match != BANNER_MATCH_NAME) {
        return;
    }
    domain_normalize(name->name, text);
    if (!domain_equal(text, plan->match_name)) {
        banner_judge_add(judge, BANNER_F_BANNER_UNEXPECTED, "the greeting has not the name %s",
                         plan->match_name);
    }
}

void banner_judge_names(const struct banner_judge *judge)
{
    const struct smtp_entry *greeting = banner_greeting(judge->address->session);
    struct smtp_name name;
    if (greeting == NULL) {
        return;
    }
    smtp_name_parse(greeting->text, &name);
    judge_first_word(judge, &name);
    judge_expected(judge, &name);
    if (judge->address->names.banner != NULL) {
        judge_addresses(judge);
    }
    if (judge->address->names.ptr != NULL) {
        judge_ptr(judge);
    }
}
