/* Findings of what addresses get. */
#include <string.h>

#include "spf.h"

static size_t result_finding(enum spf_result result)
{
    switch (result) {
    case SPF_FAIL:
        return SPF_F_RESULT_FAIL;
    case SPF_SOFTFAIL:
        return SPF_F_RESULT_SOFTFAIL;
    case SPF_NEUTRAL:
        return SPF_F_RESULT_NEUTRAL;
    case SPF_NONE:
        return SPF_F_RESULT_NONE;
    case SPF_TEMPERROR:
        return SPF_F_RESULT_TEMPERROR;
    case SPF_PERMERROR:
        return SPF_F_RESULT_PERMERROR;
    default:
        return SPF_F_RESULT_UNEXPECTED;
    }
}

/* Why a result came: "-all of example.org", "in the record of example.org: ...". */
static const char *reason_of(const struct spf_judge *judge, const struct spf_verdict *verdict)
{
    struct arena *arena = judge->facts->arena;
    if (verdict->problem != NULL)
        return verdict->result == SPF_PERMERROR ? arena_format(arena, "in the record of %s: %s",
                                                               verdict->holder, verdict->problem)
                                                : verdict->problem;
    return arena_format(arena, "%s of %s",
                        verdict->mechanism != NULL ? verdict->mechanism : "no record",
                        verdict->holder);
}

static void judge_mail_from(struct spf_judge *judge, const struct spf_domain *domain,
                            const struct spf_check *check)
{
    const struct spf_verdict *verdict = &check->verdict;
    const char *expected = judge->config->expected_result;
    const char *result = spf_result_name(verdict->result);
    char buffer[IP_TEXT_SIZE];
    const char *address = ip_print(&check->request.ip, buffer);
    if (strcmp(result, expected) == 0)
        return;
    /* Not knowing is not another result. */
    size_t definition = strcmp(expected, "pass") == 0 || verdict->result == SPF_TEMPERROR
                            ? result_finding(verdict->result)
                            : (size_t)SPF_F_RESULT_UNEXPECTED;
    struct finding *finding = report_add(judge->report, definition, domain->domain,
                                         "mail from %s gets %s, expected is %s: %s", address,
                                         result, expected, reason_of(judge, verdict));
    if (verdict->explanation != NULL)
        report_seen(judge->report, finding, "%s explains: %s", verdict->domain,
                    verdict->explanation);
    bool is_policy = verdict->result == SPF_FAIL || verdict->result == SPF_SOFTFAIL ||
                     verdict->result == SPF_NEUTRAL;
    if (definition != SPF_F_RESULT_UNEXPECTED && is_policy && !judge->config->parked &&
        judge->published != NULL)
        report_fix(judge->report, finding, "Publish at %s: %s", domain->domain, judge->published);
}

static void judge_helo(struct spf_judge *judge, const struct spf_check *check)
{
    const struct spf_verdict *verdict = &check->verdict;
    if (verdict->result == SPF_FAIL || verdict->result == SPF_PERMERROR) {
        char buffer[IP_TEXT_SIZE];
        report_add(judge->report, SPF_F_HELO_FAIL, check->request.helo, "%s gets %s: %s",
                   ip_print(&check->request.ip, buffer), spf_result_name(verdict->result),
                   reason_of(judge, verdict));
    } else if (verdict->result == SPF_TEMPERROR) {
        report_add(judge->report, SPF_ISSUE_DNS_ERROR, check->request.helo, "%s",
                   verdict->problem == NULL ? "temperror" : verdict->problem);
    }
}

/* The tree follows no name that the message decides; the evaluation does. */
static void judge_missing(struct spf_judge *judge, const struct spf_check *check)
{
    const struct spf_verdict *verdict = &check->verdict;
    if (verdict->missing == NULL)
        return;
    struct finding *finding = report_add(
        judge->report, verdict->missing_redirect ? SPF_ISSUE_REDIRECT_NONE : SPF_ISSUE_INCLUDE_NONE,
        verdict->holder, "%s: permerror", verdict->problem);
    report_seen(judge->report, finding, "%s", verdict->missing);
}

static void judge_reverse_names(struct spf_judge *judge, const struct spf_domain *domain,
                                const struct spf_check *check)
{
    char buffer[IP_TEXT_SIZE];
    if (check->verdict.ptr_names > SPF_NAMES_LIMIT)
        report_add(judge->report, SPF_F_PTR_NAMES, domain->domain,
                   "%s has %zu reverse names, receivers look at %d",
                   ip_print(&check->request.ip, buffer), check->verdict.ptr_names, SPF_NAMES_LIMIT);
}

/* An exchanger that could not be asked for may have any address: nothing is known of it. */
static void judge_exchangers(struct spf_judge *judge, const struct spf_domain *domain)
{
    size_t found = 0;
    size_t failed = 0;
    char buffer[12];
    const struct dns_answer *mx = domain->mx;
    if (mx == NULL)
        return;
    for (size_t i = 0; i < domain->exchanger_count; i++) {
        const struct dns_answer *answer = domain->exchangers[i];
        found += answer->record_count;
        if (dns_status_is_answer(answer->status) || answer->status == DNS_BAD_NAME)
            continue;
        failed++;
        report_add(judge->report, SPF_F_MX_UNKNOWN, domain->domain,
                   "the addresses of the exchanger %s are not known: %s for the question %s %s",
                   answer->name, dns_status_name(answer->status), answer->name,
                   dns_type_name(answer->type, buffer));
    }
    if (found > 0 || failed > 0)
        return;
    if (mx->record_count > 0 && domain->exchanger_count == 0)
        report_add(judge->report, SPF_F_MX_UNKNOWN, domain->domain,
                   "the domain has a null MX: it takes no mail and has no exchanger to evaluate");
    else if (mx->record_count > 0)
        report_add(judge->report, SPF_F_MX_UNKNOWN, domain->domain,
                   "no exchanger of the domain has an address");
    else
        report_add(judge->report, SPF_F_MX_UNKNOWN, domain->domain,
                   "no exchanger of the domain is known: %s for the question %s MX",
                   dns_status_name(mx->status), domain->domain);
}

static void judge_helo_without_domain(struct spf_judge *judge, const char *helo)
{
    struct finding *finding = report_add(
        judge->report, SPF_F_HELO_SPF, helo, "the HELO name is %s, for which there is no SPF: none",
        helo[0] == '[' ? "an address literal" : "no domain of several labels");
    report_fix(judge->report, finding,
               "Let the server greet with its full name, and publish \"v=spf1 a -all\" there");
}

static void judge_helo_record(struct spf_judge *judge, const struct spf_domain *domain)
{
    const struct dns_answer *answer = domain->helo_text;
    const char *helo = judge->config->helo;
    struct slice text;
    if (answer == NULL) {
        if (helo != NULL && domain == judge->facts->domains && !judge->facts->is_offline)
            judge_helo_without_domain(judge, helo);
        return;
    }
    enum spf_selection found = spf_select(answer, &text);
    if (found == SPF_SELECT_NONE)
        report_add(judge->report, SPF_F_HELO_SPF, helo, "the HELO name has no SPF record (%s)",
                   spf_lint_nothing(answer));
    else if (domain->check_count == 0 && (found == SPF_SELECT_ERROR || found == SPF_SELECT_PENDING))
        report_add(judge->report, SPF_ISSUE_DNS_ERROR, helo, "%s for the question %s TXT",
                   dns_status_name(answer->status), helo);
}

void spf_judge_checks(struct spf_judge *judge, const struct spf_domain *domain)
{
    for (size_t i = 0; i < domain->check_count; i++) {
        const struct spf_check *check = &domain->checks[i];
        judge_missing(judge, check);
        if (check->identity == SPF_HELO) {
            judge_helo(judge, check);
        } else {
            judge_mail_from(judge, domain, check);
            judge_reverse_names(judge, domain, check);
        }
    }
    judge_exchangers(judge, domain);
    judge_helo_record(judge, domain);
}
