#include <math.h>
#include <string.h>

#include "base/plural.h"
#include "base/text.h"
#include "mail/confirmed_name.h"
#include "rdns.h"
#include "record_judge.h"

bool rdns_judge_is_confirmed(const struct rdns_address *address)
{
    for (size_t i = 0; i < address->name_count; i++) {
        if (address->names[i].confirmed == RDNS_CONFIRMED)
            return true;
    }
    return false;
}

static size_t count_names(const struct rdns_address *address, enum rdns_confirmed confirmed)
{
    size_t count = 0;

    for (size_t i = 0; i < address->name_count; i++)
        count += address->names[i].confirmed == confirmed;
    return count;
}

void rdns_judge_dns_error(const struct rdns_judge *judge, const struct dns_answer *answer,
                          const struct dns_answer *unchecked)
{
    const struct record_judge failures = {
        .report = judge->report,
        .timeout_result = judge->common->timeout_result,
        .error = RDNS_F_DNS_ERROR,
        .bogus = RDNS_F_DNS_BOGUS,
    };

    if (answer != NULL && answer->status != DNS_BAD_NAME)
        record_judge_failure(&failures, judge->subject, answer, unchecked);
}

/* ---- which addresses */

static void judge_search(const struct rdns_judge *judge)
{
    const struct rdns_facts *facts = judge->facts;
    const struct exchangers *exchangers = &facts->exchangers;
    size_t omitted = facts->targets->omitted + exchangers->omitted;
    bool is_null = exchangers->status == EXCHANGERS_NULL;

    rdns_judge_dns_error(judge, exchangers->mx, NULL);
    for (size_t i = 0; i < exchangers->count; i++) {
        rdns_judge_dns_error(judge, exchangers->list[i].a, NULL);
        rdns_judge_dns_error(judge, exchangers->list[i].aaaa, NULL);
        omitted += exchangers->list[i].addresses_omitted;
    }
    rdns_judge_dns_error(judge, facts->targets->a, NULL);
    rdns_judge_dns_error(judge, facts->targets->aaaa, NULL);
    if (omitted > 0)
        report_add(judge->report, RDNS_F_TOO_MANY, judge->subject,
                   "%zu of the exchangers and addresses %s left out of this check", omitted,
                   plural(omitted, "is", "are"));
    if (facts->count == 0 && judge->report->finding_count == 0)
        report_add(judge->report, RDNS_F_NO_ADDRESS, judge->subject, "%s%s",
                   is_null ? "the domain takes no mail (null MX)" : "there is no ",
                   is_null ? "" : smtp_targets_lacking(judge->common));
}

/* ---- the names of one address */

/* "a.example.org, b.example.org" */
#define NAMES_SHOWN 5
static const char *list_of(const struct rdns_judge *judge, enum rdns_confirmed confirmed)
{
    const struct rdns_address *address = judge->address;
    size_t shown = 0;
    struct text text;

    text_init(&text, 1000);
    for (size_t i = 0; i < address->name_count && shown < NAMES_SHOWN; i++) {
        if (address->names[i].confirmed == confirmed)
            text_printf(&text, "%s%s", shown++ == 0 ? "" : ", ", address->names[i].name);
    }
    if (count_names(address, confirmed) > shown)
        text_printf(&text, " and %zu more", count_names(address, confirmed) - shown);

    const char *copy = arena_copy(judge->facts->arena, text.start);

    text_release(&text);
    return copy;
}

static void fix_by_owner(const struct rdns_judge *judge, struct finding *finding)
{
    const char *host = judge->address->host;

    report_fix(judge->report, finding,
               "Let the owner of the network, the provider as a rule, publish: %s. PTR %s%s",
               judge->address->ptr->name, host != NULL ? host : "and the full name of the server",
               host != NULL ? "." : "");
}

/* The PTR record, or its absence. */
static void judge_ptr(const struct rdns_judge *judge)
{
    const struct dns_answer *ptr = judge->address->ptr;
    bool is_absent = ptr->status == DNS_NXDOMAIN || ptr->status == DNS_NODATA;

    rdns_judge_dns_error(judge, ptr, judge->address->unchecked);
    if (ptr->chain_length > 0) {
        const char *target = ptr->chain[ptr->chain_length - 1];

        if (is_absent)
            report_add(judge->report, RDNS_F_CNAME_DANGLING, judge->subject,
                       "the alias %s leads to %s, where there is no PTR record (%s)", ptr->name,
                       target, dns_status_name(ptr->status));
        else if (ptr->status == DNS_OK)
            report_add(judge->report, RDNS_F_CNAME, judge->subject,
                       "the name is found through the alias %s", target);
    } else if (is_absent) {
        struct finding *finding =
            report_add(judge->report, RDNS_F_NO_PTR, judge->subject, "the address has no name (%s)",
                       dns_status_name(ptr->status));
        report_fix(judge->report, finding, "Let the owner of the network publish: %s. PTR %s",
                   ptr->name,
                   judge->address->host != NULL
                       ? arena_format(judge->facts->arena, "%s.", judge->address->host)
                       : "and the full name of the server");
    }
}

/* Which of its names an address record is for. One that no host can have is in bad-name, and those
 * of a provider's default are not the server's: another name is to be set. */
static void fix_confirmation(const struct rdns_judge *judge, struct finding *finding)
{
    const struct rdns_address *address = judge->address;
    struct slice word;
    char text[IP_TEXT_SIZE];

    for (size_t i = 0; i < address->name_count; i++) {
        const char *name = address->names[i].name;

        if (!confirmed_name_is_full(name) ||
            generic_name_of(name, &address->address, &word) != GENERIC_NAME_NOT)
            continue;
        report_fix(judge->report, finding, "Publish: %s. %s %s", name,
                   address->address.family == IP_V4 ? "A" : "AAAA",
                   ip_print(&address->address, text));
        return;
    }
    fix_by_owner(judge, finding);
}

static void judge_confirmation(const struct rdns_judge *judge)
{
    const struct rdns_address *address = judge->address;
    size_t denied = count_names(address, RDNS_DENIED);
    struct finding *finding;

    if (address->name_count == 0)
        return;
    for (size_t i = 0; i < address->name_count; i++)
        rdns_judge_dns_error(judge, address->names[i].forward, NULL);
    if (rdns_judge_is_confirmed(address)) {
        if (denied > 0)
            report_add(judge->report, RDNS_F_PARTLY, judge->subject,
                       "%zu of %zu names %s not lead back to the address: %s", denied,
                       address->name_count, plural(denied, "does", "do"),
                       list_of(judge, RDNS_DENIED));
        return;
    }
    if (denied < address->name_count)
        return;
    finding = report_add(judge->report, RDNS_F_NOT_CONFIRMED, judge->subject,
                         address->name_count == 1 ? "its name %s does not lead back to it"
                                                  : "none of its names leads back to it: %s",
                         list_of(judge, RDNS_DENIED));
    fix_confirmation(judge, finding);
}

/* The addresses beside it have the same name, and it leads back to neither. */
static bool is_default(const struct rdns_address *address, const struct rdns_name *name)
{
    for (size_t i = 0; i < RDNS_NEIGHBOURS; i++) {
        const struct dns_answer *neighbour = address->neighbours[i];

        if (neighbour->status != DNS_OK || strcmp(neighbour->records[0].target, name->name) != 0)
            return false;
        for (size_t k = 0; k < name->forward->record_count; k++) {
            if (ip_equal(&name->forward->records[k].address, &address->neighbour_addresses[i]))
                return false;
        }
    }
    return true;
}

static void judge_name(const struct rdns_judge *judge, const struct rdns_name *name)
{
    struct slice word;

    if (!confirmed_name_is_full(name->name)) {
        report_add(judge->report, RDNS_F_BAD_NAME, judge->subject,
                   "its name \"%s\" is no full host name", name->name);
        return;
    }
    if (is_default(judge->address, name))
        report_add(judge->report, RDNS_F_DEFAULT, judge->subject,
                   "its name %s is that of its whole network", name->name);
    switch (generic_name_of(name->name, &judge->address->address, &word)) {
    case GENERIC_NAME_NOT:
        break;
    case GENERIC_NAME_ADDRESS:
        report_add(judge->report, RDNS_F_GENERIC, judge->subject,
                   "its name %s has the address in it", name->name);
        break;
    case GENERIC_NAME_WORD:
        report_add(judge->report, RDNS_F_GENERIC, judge->subject,
                   "its name %s has the word \"%.*s\" in it", name->name, SLICE_PRINTF(word));
        break;
    }
}

static bool is_expected(const struct rdns_config *config, const char *name)
{
    for (size_t i = 0; i < config->expected.count; i++) {
        if (domain_equal(config->expected.values[i], name))
            return true;
    }
    return false;
}

static void judge_expected(const struct rdns_judge *judge)
{
    const struct rdns_address *address = judge->address;
    struct finding *finding;

    if (judge->config->expected.count == 0 || !dns_status_is_answer(address->ptr->status))
        return;
    for (size_t i = 0; i < address->name_count; i++) {
        if (!is_expected(judge->config, address->names[i].name)) {
            finding = report_add(judge->report, RDNS_F_EXPECT, judge->subject,
                                 "its name %s is not expected", address->names[i].name);
            report_seen(judge->report, finding, "expected: %s", judge->config->expected.values[0]);
        }
    }
    if (address->name_count == 0)
        report_add(judge->report, RDNS_F_EXPECT, judge->subject, "it has no name, expected is %s",
                   judge->config->expected.values[0]);
}

static void judge_address(const struct rdns_judge *judge)
{
    static const struct name_servers_findings servers = {
        .differs = RDNS_F_NS_DIFFER,
        .missing = RDNS_F_NS_MISSING,
        .silent = RDNS_F_NS_LAME,
        .unknown = RDNS_F_NS_UNKNOWN,
    };
    const struct rdns_address *address = judge->address;
    size_t count = address->name_count + address->names_omitted;

    judge_ptr(judge);
    judge_confirmation(judge);
    for (size_t i = 0; i < address->name_count; i++)
        judge_name(judge, &address->names[i]);
    if (count > (size_t)judge->config->most_names)
        report_add(judge->report, RDNS_F_MANY, judge->subject,
                   "%zu name%s, more than %ld (--max-names)", count, plural(count, "", "s"),
                   judge->config->most_names);
    judge_expected(judge);
    rdns_judge_helo(judge);
    if (judge->config->authoritative && address->servers.soa != NULL)
        name_servers_judge(&address->servers, &servers, judge->report);
}

/* ---- the whole */

static bool is_generic(const struct rdns_address *address)
{
    struct slice word;

    for (size_t i = 0; i < address->name_count; i++) {
        if (generic_name_of(address->names[i].name, &address->address, &word) != GENERIC_NAME_NOT)
            return true;
    }
    return false;
}

/* What is not known is neither confirmed nor unconfirmed. */
static bool is_unconfirmed(const struct rdns_address *address)
{
    return dns_status_is_answer(address->ptr->status) && !rdns_judge_is_confirmed(address) &&
           count_names(address, RDNS_NOT_KNOWN) == 0;
}

/* What nobody could tell is no figure: U where no address had an answer. */
static void measure(const struct rdns_facts *facts, struct report *report)
{
    bool is_told = false;
    size_t confirmed = 0;
    size_t unconfirmed = 0;
    size_t most = 0;
    size_t generic = 0;

    for (size_t i = 0; i < facts->count; i++) {
        const struct rdns_address *address = &facts->addresses[i];
        size_t count = address->name_count + address->names_omitted;

        is_told = is_told || dns_status_is_answer(address->ptr->status);
        confirmed += rdns_judge_is_confirmed(address);
        unconfirmed += is_unconfirmed(address);
        most = count > most ? count : most;
        generic += is_generic(address);
    }
    report_metric(report, RDNS_M_ADDRESSES, (double)facts->count);
    report_metric(report, RDNS_M_CONFIRMED, is_told ? (double)confirmed : (double)NAN);
    report_metric(report, RDNS_M_UNCONFIRMED, is_told ? (double)unconfirmed : (double)NAN);
    report_metric(report, RDNS_M_NAMES, is_told ? (double)most : (double)NAN);
    report_metric(report, RDNS_M_GENERIC, is_told ? (double)generic : (double)NAN);
}

static void summarize(const struct rdns_facts *facts, struct report *report)
{
    const struct rdns_address *first = facts->addresses;
    char text[IP_TEXT_SIZE];
    size_t confirmed = 0;

    for (size_t i = 0; i < facts->count; i++)
        confirmed += rdns_judge_is_confirmed(&facts->addresses[i]);
    report_target(report, "%s", facts->subject);
    if (facts->count == 1 && confirmed == 1)
        report_summary(report, "%s: %s is %s", facts->subject, ip_print(&first->address, text),
                       first->names[0].name);
    else
        report_summary(report, "%s: %zu of %zu address%s a confirmed name", facts->subject,
                       confirmed, facts->count, plural(facts->count, " has", "es have"));
}

void rdns_judge(const struct rdns_config *config, const struct plugin_common *common,
                const struct rdns_facts *facts, struct report *report)
{
    struct rdns_judge judge = {config, common, facts, NULL, facts->subject, report};
    char text[IP_TEXT_SIZE];

    summarize(facts, report);
    judge_search(&judge);
    for (size_t i = 0; i < facts->count; i++) {
        const struct rdns_address *address = &facts->addresses[i];

        judge.address = address;
        ip_print(&address->address, text);
        judge.subject = address->host == NULL
                            ? arena_copy(facts->arena, text)
                            : arena_format(facts->arena, "%s (%s)", address->host, text);
        judge_address(&judge);
    }
    measure(facts, report);
}
