#include <string.h>

#include "base/text.h"
#include "mail/exchangers.h"
#include "tlsrpt.h"

#define HTTPS_PORT 443
#define PORT_MAX 65535U

/* One connection and its handshake: what is silent is known to be so while there is time left. */
#define HANDSHAKE_SECONDS 5.0
#define HANDSHAKE_SHARE 0.4

/* RFC 8460 3: reports go by mail or are posted; a host for that needs an address. */
static enum dmarc_host check_host(struct dns_answers *answers, const struct dmarc_uri *uri)
{
    if (uri->domain[0] == '\0')
        return DMARC_HOST_UNKNOWN;
    if (slice_equals_text_ignoring_case(uri->scheme, "mailto"))
        return dmarc_host_check(answers, uri->domain);
    const struct dns_answer *a = dns_answers_get(answers, uri->domain, DNS_A);
    const struct dns_answer *aaaa = dns_answers_get(answers, uri->domain, DNS_AAAA);
    if (a->status == DNS_OK || aaaa->status == DNS_OK)
        return DMARC_HOST_FINE;
    if (a->status == DNS_NXDOMAIN || aaaa->status == DNS_NXDOMAIN)
        return DMARC_HOST_NONEXISTENT;
    return dns_status_is_answer(a->status) && dns_status_is_answer(aaaa->status)
               ? DMARC_HOST_NO_ADDRESS
               : DMARC_HOST_UNKNOWN;
}

static void check_hosts(struct dns_answers *answers, struct tlsrpt_domain *domain)
{
    const struct tlsrpt_record *record = domain->discovery.record;
    if (record == NULL)
        return;
    domain->hosts = arena_array(&domain->arena, record->reports.count + 1, sizeof *domain->hosts);
    for (size_t i = 0; i < record->reports.count; i++)
        domain->hosts[i] = check_host(answers, &record->reports.list[i]);
}

/* Whether there is anything to report about: MTA-STS, or DANE at an exchanger. */
static void look_around(struct dns_answers *answers, struct tlsrpt_domain *domain)
{
    struct arena *arena = &domain->arena;
    domain->sts =
        dns_answers_get(answers, arena_format(arena, "_mta-sts.%s", domain->domain), DNS_TXT);
    domain->mx = dns_answers_get(answers, domain->domain, DNS_MX);
    domain->tlsa_count = 0;
    for (size_t i = 0; i < domain->mx->record_count && i < TLSRPT_EXCHANGERS_MAX; i++) {
        const char *name = arena_format(arena, "_25._tcp.%s", domain->mx->records[i].target);
        domain->tlsa[domain->tlsa_count++] = dns_answers_get(answers, name, DNS_TLSA);
    }
}

static void look_at(const struct tlsrpt_config *config, const struct plugin_common *common,
                    struct dns_answers *answers, struct tlsrpt_domain *domain)
{
    size_t before = dns_answers_missing_count(answers);
    bool complete = true;
    arena_release(&domain->arena);
    tlsrpt_discover(&domain->arena, answers, domain->domain, &domain->discovery);
    const struct dns_answer *answer = domain->discovery.answer;
    if (answer->status == DNS_OK && answer->chain_length == 0)
        domain->cname = dns_answers_get(answers, answer->name, DNS_CNAME);
    if (answer->status == DNS_SERVFAIL)
        domain->unchecked =
            dns_answers_get_with(answers, answer->name, DNS_TXT, DNS_CHECKING_DISABLED);
    check_hosts(answers, domain);
    look_around(answers, domain);
    if (config->authoritative)
        complete = name_servers_find(&domain->arena, answers, common, domain->discovery.name,
                                     (unsigned)config->authoritative_port, &domain->servers);
    domain->is_settled = complete && dns_answer_is_settled(answer) &&
                         dns_answer_is_settled(domain->mx) &&
                         dns_answers_missing_count(answers) == before;
}

static void ask_servers(struct tlsrpt_facts *facts, struct dns *dns, struct deadline deadline)
{
    struct name_servers **names = arena_array(facts->arena, facts->domain_count, sizeof *names);
    for (size_t i = 0; i < facts->domain_count; i++)
        names[i] = &facts->domains[i].servers;
    name_servers_ask(facts->arena, dns, deadline, names, facts->domain_count);
}

void tlsrpt_collect(const struct tlsrpt_config *config, const struct plugin_common *common,
                    struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                    struct tlsrpt_facts *facts)
{
    bool more;
    do {
        for (size_t i = 0; i < facts->domain_count; i++) {
            if (!facts->domains[i].is_settled)
                look_at(config, common, answers, &facts->domains[i]);
        }
        more = dns != NULL && dns_fetch_missing(dns, answers, deadline);
    } while (more);
    if (config->authoritative && dns != NULL)
        ask_servers(facts, dns, deadline);
}

/* ---- hosts of https: */

/* authority = [ userinfo "@" ] host [ ":" port ]      RFC 3986 3.2; an empty port is the default.
 * 0: it is none. */
static unsigned port_of(const struct dmarc_uri *uri)
{
    struct slice rest =
        slice_sub(uri->text, uri->scheme.length + sizeof "://" - 1, uri->text.length);
    size_t end = 0;
    while (end < rest.length && strchr("/?#", rest.start[end]) == NULL)
        end++;
    rest = slice_sub(rest, 0, end);
    size_t user = slice_find(rest, '@');
    if (user < rest.length)
        rest = slice_sub(rest, user + 1, rest.length);
    size_t colon = slice_find(rest, ':');
    unsigned port = 0;
    if (colon + 1 >= rest.length)
        return HTTPS_PORT;
    for (size_t i = colon + 1; i < rest.length; i++) {
        if (rest.start[i] < '0' || rest.start[i] > '9' || port > PORT_MAX)
            return 0;
        port = port * 10 + (unsigned)(rest.start[i] - '0');
    }
    return port <= PORT_MAX ? port : 0;
}

static void add_addresses(struct tlsrpt_https *https, struct dns_answers *answers, unsigned type)
{
    const struct dns_answer *answer = dns_answers_get(answers, https->host, type);
    https->is_incomplete = https->is_incomplete || !dns_status_is_answer(answer->status);
    for (size_t i = 0; i < answer->record_count; i++) {
        const struct ip_address *address = &answer->records[i].address;
        if (!exchangers_can_reach(address)) {
            https->nobodys = *address;
            continue;
        }
        if (https->count == TLSRPT_ADDRESSES_MAX) {
            https->is_incomplete = true;
            return;
        }
        https->probes[https->count++] = (struct tls_probe){
            .target.endpoint = {.address = *address, .port = https->port},
            .host = https->host,
        };
    }
}

static struct tlsrpt_https *add_https(const struct tlsrpt_config *config,
                                      const struct plugin_common *common,
                                      struct dns_answers *answers, const struct dmarc_uri *uri,
                                      struct tlsrpt_facts *facts)
{
    unsigned port = config->https_port > 0 ? (unsigned)config->https_port : port_of(uri);
    for (size_t i = 0; i < facts->https_count; i++) {
        struct tlsrpt_https *other = &facts->https[i];
        if (other->port == port && strcmp(other->host, uri->domain) == 0)
            return other;
    }
    bool is_full = facts->https_count == TLSRPT_HTTPS_MAX;
    struct tlsrpt_https *https =
        is_full ? arena_alloc(facts->arena, sizeof *https) : &facts->https[facts->https_count++];
    *https = (struct tlsrpt_https){.host = uri->domain, .port = port};
    if (is_full) {
        https->trouble = "there are more https: hosts than are asked in one run";
        return https;
    }
    https->probes = arena_array(facts->arena, TLSRPT_ADDRESSES_MAX, sizeof *https->probes);
    if (!common->only_v4)
        add_addresses(https, answers, DNS_AAAA);
    if (!common->only_v6)
        add_addresses(https, answers, DNS_A);
    return https;
}

void tlsrpt_find_https(const struct tlsrpt_config *config, const struct plugin_common *common,
                       struct dns_answers *answers, struct tlsrpt_facts *facts)
{
    if (!config->https)
        return;
    facts->https = arena_array(facts->arena, TLSRPT_HTTPS_MAX, sizeof *facts->https);
    for (size_t i = 0; i < facts->domain_count; i++) {
        struct tlsrpt_domain *domain = &facts->domains[i];
        const struct tlsrpt_record *record = domain->discovery.record;
        size_t count = record == NULL ? 0 : record->reports.count;
        domain->https = arena_array(&domain->arena, count + 1, sizeof(struct tlsrpt_https *));
        for (size_t k = 0; k < count; k++) {
            const struct dmarc_uri *uri = &record->reports.list[k];
            if (uri->fault == DMARC_URI_FINE && domain->hosts[k] == DMARC_HOST_FINE &&
                slice_equals_text_ignoring_case(uri->scheme, "https"))
                domain->https[k] = add_https(config, common, answers, uri, facts);
        }
    }
}

/* All probes in one array, so that they run side by side. */
static struct tls_probe *gather(struct tlsrpt_facts *facts, size_t *count)
{
    struct tls_probe *probes =
        arena_array(facts->arena, facts->https_count * TLSRPT_ADDRESSES_MAX + 1, sizeof *probes);
    *count = 0;
    for (size_t i = 0; i < facts->https_count; i++) {
        struct tlsrpt_https *https = &facts->https[i];
        if (https->port == 0)
            https->count = 0;
        for (size_t k = 0; k < https->count; k++)
            probes[*count + k] = https->probes[k];
        https->probes = &probes[*count];
        *count += https->count;
    }
    return probes;
}

void tlsrpt_shake_hands(const struct tlsrpt_config *config, const struct plugin_common *common,
                        struct loop *loop, struct deadline deadline, struct tlsrpt_facts *facts)
{
    size_t count;
    char error[128];
    struct tls_probe *probes = gather(facts, &count);
    if (count == 0)
        return;
    double seconds = common->timeout * HANDSHAKE_SHARE;
    struct tls_probe_settings settings = {
        .loop = loop,
        .context = tls_context_new(&config->authorities, error),
        .arena = facts->arena,
        .budget_us = (int64_t)((seconds < HANDSHAKE_SECONDS ? seconds : HANDSHAKE_SECONDS) * 1e6),
    };
    if (settings.context != NULL) {
        tls_probe_run(&settings, probes, count, deadline);
    } else {
        for (size_t i = 0; i < facts->https_count; i++)
            facts->https[i].trouble = arena_copy(facts->arena, error);
    }
    tls_context_free(settings.context);
}

/* ---- the text */

const char *tlsrpt_own_text(const struct tlsrpt_domain *domain, struct arena *arena)
{
    struct text text;
    if (!dns_status_is_answer(domain->discovery.answer->status))
        return NULL;
    text_init(&text, 16384);
    for (size_t i = 0; i < domain->discovery.text_count; i++) {
        const struct tlsrpt_record *record = &domain->discovery.texts[i];
        if (!record->version_right && !record->is_near_miss)
            continue;
        text_append(&text, text.length > 0 ? "\n" : "");
        text_append_slice(&text, record->text);
    }
    const char *result = arena_copy(arena, text.start);
    text_release(&text);
    return result;
}
