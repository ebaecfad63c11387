#include <math.h>
#include <string.h>

#include "base/plural.h"
#include "mail/domain.h"
#include "mx.h"

struct ip_network mx_judge_network(const struct ip_address *address)
{
    struct ip_network network = {*address, address->family == IP_V4 ? 24 : 48};

    network.address = ip_network_at(&network, 0);
    return network;
}

/* ---- one name */

enum fault { FAULT_NONE, FAULT_LITERAL, FAULT_NAME, FAULT_ADDRESSES, FAULT_SCOPE };

static bool is_bad_name(const char *host)
{
    return !domain_is_host_name(host) || domain_label_count(host) < 2 ||
           domain_is_within(host, "localhost") || domain_is_within(host, "localhost.localdomain");
}

static bool is_good_address(const struct mx_config *config, const struct mx_host *host,
                            const struct ip_address *address)
{
    enum ip_scope scope = ip_scope(address);

    if (!exchangers_can_reach(address))
        return false;
    return host->is_given || scope == IP_PUBLIC ||
           (config->internal && (scope == IP_PRIVATE || scope == IP_LOOPBACK ||
                                 scope == IP_SHARED || scope == IP_LINK_LOCAL));
}

static const struct ip_address *find_address(const struct mx_config *config,
                                             const struct mx_host *host, bool is_good)
{
    for (size_t i = 0; i < host->count; i++) {
        if (is_good_address(config, host, &host->addresses[i].address) == is_good)
            return &host->addresses[i].address;
    }
    return NULL;
}

static enum fault fault_of(const struct mx_config *config, const struct mx_host *host)
{
    if (host->exchanger->is_literal)
        return FAULT_LITERAL;
    if (is_bad_name(host->exchanger->host))
        return FAULT_NAME;
    if (host->count == 0)
        return host->exchanger->is_resolved ? FAULT_ADDRESSES : FAULT_NONE;
    return find_address(config, host, true) != NULL ? FAULT_NONE : FAULT_SCOPE;
}

/* The only exchanger that is right cannot be this one: a fault is CRITICAL when no other is without
 * one. */
static enum state weigh(const struct mx_judge *judge)
{
    for (size_t i = 0; i < judge->facts->host_count; i++) {
        if (fault_of(judge->config, &judge->facts->hosts[i]) == FAULT_NONE)
            return STATE_WARNING;
    }
    return STATE_CRITICAL;
}

static const char *record_of(const struct mx_judge *judge, const struct mx_host *host)
{
    return arena_format(judge->facts->arena, "%s. MX %u %s.", judge->facts->domain,
                        host->exchanger->preference, host->exchanger->host);
}

static const char *bad_name_text(const char *host)
{
    if (domain_is_within(host, "localhost") || domain_is_within(host, "localhost.localdomain"))
        return "every sender means itself by it";
    if (strchr(host, '_') != NULL)
        return "a host name has no underscore";
    return domain_label_count(host) < 2 ? "it is a single label" : "it is no host name";
}

static void judge_name(const struct mx_judge *judge, const struct mx_host *host, enum fault fault)
{
    const char *name = host->exchanger->host;
    enum state state = weigh(judge);
    struct finding *finding = NULL;

    if (fault == FAULT_LITERAL)
        finding = report_add_as(judge->report, MX_F_IP_LITERAL, state, name,
                                "the MX record names an address in place of a host");
    else if (fault == FAULT_NAME)
        finding =
            report_add_as(judge->report, MX_F_BAD_NAME, state, name,
                          "the MX record names no host of the Internet: %s", bad_name_text(name));
    if (finding != NULL)
        report_seen(judge->report, finding, "%s", record_of(judge, host));
}

static void judge_addresses(const struct mx_judge *judge, const struct mx_host *host,
                            enum fault fault)
{
    const struct exchanger *exchanger = host->exchanger;
    const struct ip_address *bad = find_address(judge->config, host, false);
    const struct dns_answer *answer = exchanger->a != NULL ? exchanger->a : exchanger->aaaa;
    char text[IP_TEXT_SIZE];

    if (host->count == 0 && exchanger->is_resolved && fault != FAULT_LITERAL)
        report_add_as(judge->report, MX_F_NO_ADDRESS, weigh(judge), exchanger->host,
                      "the exchanger has no %saddress (%s)",
                      judge->common->only_v4   ? "IPv4 "
                      : judge->common->only_v6 ? "IPv6 "
                                               : "",
                      answer == NULL ? "not asked" : dns_status_name(answer->status));
    if (bad == NULL)
        return;
    bool is_mapped = ip_unmap(*bad).family != bad->family;

    report_add_as(judge->report, MX_F_BAD_ADDRESS,
                  fault == FAULT_SCOPE ? weigh(judge) : STATE_WARNING, exchanger->host,
                  "the exchanger has the address %s: %s%s", ip_print(bad, text),
                  is_mapped ? "an IPv4 address in IPv6 clothes" : ip_scope_name(ip_scope(bad)),
                  exchangers_can_reach(bad) || !judge->facts->was_connected
                      ? ""
                      : "; it was not asked, no server can have it");
}

static void judge_aliases(const struct mx_judge *judge, const struct mx_host *host)
{
    const struct exchanger *exchanger = host->exchanger;
    const struct dns_answer *answer = exchanger->a != NULL ? exchanger->a : exchanger->aaaa;

    if (host->organization != NULL && host->organization->status == DNS_NXDOMAIN)
        report_add(judge->report, MX_F_DEAD_DOMAIN, exchanger->host,
                   "the domain %s does not exist: who registers it gets the mail",
                   host->organization->name);
    if (answer == NULL || answer->chain_length == 0 ||
        judge->facts->exchangers.status == EXCHANGERS_IMPLICIT)
        return;
    const char *target = answer->chain[answer->chain_length - 1];
    struct finding *finding = report_add(judge->report, MX_F_CNAME, exchanger->host,
                                         "the exchanger is an alias (CNAME) of %s", target);
    report_fix(judge->report, finding, "Publish: %s. MX %u %s.", judge->facts->domain,
               exchanger->preference, target);
}

/* ---- all of them */

static void judge_duplicates(const struct mx_judge *judge)
{
    const struct exchangers *exchangers = &judge->facts->exchangers;

    for (size_t i = 0; i < exchangers->count; i++) {
        const struct exchanger *exchanger = &exchangers->list[i];

        if (!exchanger->is_duplicate || exchanger->is_null)
            continue;
        struct finding *finding = report_add(
            judge->report, MX_F_DUPLICATE, exchanger->host, "the exchanger stands there twice%s",
            judge->facts->host_count == 1 ? ", and there is no other" : "");
        report_fix(judge->report, finding, "Remove: %s. MX %u %s.", judge->facts->domain,
                   exchanger->preference, exchanger->host);
    }
}

/* Distinct addresses and networks, and what shares them. */
struct spread {
    size_t addresses, networks, v6;
    bool shares_address;
    const char *shared_by[2]; /* hosts */
    struct ip_address shared;
};

static bool stands_before(const struct mx_facts *facts, size_t host, size_t address,
                          struct spread *spread, bool *network_too)
{
    const struct ip_address *wanted = &facts->hosts[host].addresses[address].address;
    struct ip_network network = mx_judge_network(wanted);

    *network_too = false;
    for (size_t i = 0; i <= host; i++) {
        size_t count = i == host ? address : facts->hosts[i].count;

        for (size_t k = 0; k < count; k++) {
            const struct ip_address *other = &facts->hosts[i].addresses[k].address;

            *network_too = *network_too || ip_network_contains(&network, other);
            if (!ip_equal(other, wanted))
                continue;
            spread->shares_address = true;
            spread->shared = *wanted;
            spread->shared_by[0] = facts->hosts[i].exchanger->host;
            spread->shared_by[1] = facts->hosts[host].exchanger->host;
            return true;
        }
    }
    return false;
}

static struct spread measure(const struct mx_facts *facts)
{
    struct spread spread = {0};

    for (size_t i = 0; i < facts->host_count; i++) {
        for (size_t k = 0; k < facts->hosts[i].count; k++) {
            bool network_too = false;
            bool is_same = stands_before(facts, i, k, &spread, &network_too);

            spread.addresses += !is_same;
            spread.networks += !is_same && !network_too;
            spread.v6 += facts->hosts[i].addresses[k].address.family == IP_V6;
        }
    }
    return spread;
}

static bool all_are_resolved(const struct mx_facts *facts)
{
    for (size_t i = 0; i < facts->host_count; i++) {
        if (!facts->hosts[i].exchanger->is_resolved)
            return false;
    }
    return true;
}

static void judge_spread(const struct mx_judge *judge, const struct spread *spread)
{
    const struct mx_facts *facts = judge->facts;
    const struct mx_config *config = judge->config;
    char text[IP_TEXT_SIZE];

    if (facts->host_count < (size_t)config->min_exchangers)
        report_add(judge->report, MX_F_TOO_FEW, facts->domain,
                   "%zu exchanger%s, wanted are %ld or more (--min-mx)", facts->host_count,
                   plural(facts->host_count, "", "s"), config->min_exchangers);
    if (facts->host_count == 1)
        report_add(judge->report, MX_F_SINGLE, facts->domain, "there is one exchanger");
    if (spread->shares_address)
        report_add(judge->report, MX_F_SAME_ADDRESS, spread->shared_by[1],
                   "the exchanger has the address %s, as %s has", ip_print(&spread->shared, text),
                   spread->shared_by[0]);
    if (!all_are_resolved(facts))
        return;
    if (spread->addresses < (size_t)config->min_addresses)
        report_add(judge->report, MX_F_FEW_ADDRESSES, facts->domain,
                   "%zu distinct address%s, wanted are %ld or more (--min-addr)", spread->addresses,
                   plural(spread->addresses, "", "es"), config->min_addresses);
    if (spread->networks < (size_t)config->min_networks)
        report_add(judge->report, MX_F_FEW_NETWORKS, facts->domain,
                   "%zu distinct network%s, wanted are %ld or more (--min-net)", spread->networks,
                   plural(spread->networks, "", "s"), config->min_networks);
    if (spread->networks == 1 && spread->addresses > 1)
        report_add(judge->report, MX_F_SAME_NETWORK, facts->domain,
                   "all addresses lie in one network");
    if (spread->v6 == 0 && spread->addresses > 0 && !judge->common->only_v4)
        report_add(judge->report, MX_F_NO_IPV6, facts->domain, "no exchanger has an IPv6 address");
}

static void judge_bounds(const struct mx_judge *judge)
{
    const struct exchangers *exchangers = &judge->facts->exchangers;
    size_t addresses = judge->facts->targets_omitted;

    for (size_t i = 0; i < exchangers->count; i++)
        addresses += exchangers->list[i].addresses_omitted;
    if (exchangers->omitted > 0 || addresses > 0)
        report_add(judge->report, MX_F_TOO_MANY, judge->facts->domain,
                   "%zu MX record%s and %zu address%s are left out of this check",
                   exchangers->omitted, plural(exchangers->omitted, "", "s"), addresses,
                   plural(addresses, "", "es"));
}

/* RFC 2182 3.1: what hangs on one zone, or one server, fails together. */
static void judge_zones(const struct mx_judge *judge)
{
    const struct mx_facts *facts = judge->facts;
    const char *zone = facts->hosts[0].zone;
    const struct dns_answer *ns = facts->hosts[0].ns;

    if (facts->host_count < 2 || zone == NULL)
        return;
    bool is_one_zone = true;
    bool is_one_server = true;

    for (size_t i = 0; i < facts->host_count; i++) {
        const struct mx_host *host = &facts->hosts[i];

        is_one_zone = is_one_zone && host->zone != NULL && strcmp(host->zone, zone) == 0;
        is_one_server = is_one_server && host->ns != NULL && host->ns->record_count == 1 &&
                        strcmp(host->ns->records[0].target, ns->records[0].target) == 0;
    }
    if (is_one_zone)
        report_add(judge->report, MX_F_ONE_ZONE, facts->domain,
                   "all exchangers are named in the zone %s", zone);
    if (is_one_server)
        report_add(judge->report, MX_F_ONE_SERVER, facts->domain,
                   "the names of all exchangers hang on the name server %s", ns->records[0].target);
}

void mx_judge_names(const struct mx_judge *judge)
{
    const struct mx_facts *facts = judge->facts;
    struct spread spread = measure(facts);

    for (size_t i = 0; i < facts->host_count; i++) {
        const struct mx_host *host = &facts->hosts[i];
        enum fault fault = fault_of(judge->config, host);

        if (facts->exchangers.status == EXCHANGERS_FOUND)
            judge_name(judge, host, fault);
        judge_addresses(judge, host, fault);
        judge_aliases(judge, host);
    }
    bool has_list = dns_status_is_answer(facts->exchangers.mx->status);
    bool has_addresses = spread.addresses > 0 || (has_list && all_are_resolved(facts));

    report_metric(judge->report, MX_M_COUNT, has_list ? (double)facts->host_count : (double)NAN);
    report_metric(judge->report, MX_M_ADDR, has_addresses ? (double)spread.addresses : (double)NAN);
    report_metric(judge->report, MX_M_NETWORKS,
                  has_addresses ? (double)spread.networks : (double)NAN);
    if (facts->host_count == 0)
        return;
    judge_duplicates(judge);
    judge_spread(judge, &spread);
    judge_bounds(judge);
    judge_zones(judge);
}
