#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dnsbl.h"
#include "dnsbl_subjects.h"
#include "mail/given_name.h"
#include "net/interfaces.h"
#include "report/escape.h"

#define FILE_MAX (8 * 1024 * 1024)
/* Names asked for to find the targets: hosts, exchangers, PTR names ... */
#define NAMES_MAX 30000
/* Names given: each may take two questions, and lead to more. */
#define LEADS_MAX 10000
#define PTR_ADDRESSES_MAX 256
#define LOCAL_MAX 1000

/* A name whose answers are targets, or lead to them. */
struct lead {
    enum lead_kind { LEAD_HOST, LEAD_MX, LEAD_SPF, LEAD_PTR, LEAD_NS } kind;
    const char *name;
    const char *origin;
};

struct finder {
    struct plugin *plugin;
    const struct dnsbl_config *config;
    struct dnsbl_facts *facts;
    struct dns_answers *answers;
    struct lead *leads;
    size_t lead_count, lead_capacity;
    uint64_t expanded; /* addresses of all networks so far, those that came twice included */
    struct dnsbl_subjects subjects;
};

/* ---- subjects */

static void add_subject(struct finder *finder, const struct dnsbl_subject *subject)
{
    if (!dnsbl_subjects_add(&finder->subjects, finder->facts, subject,
                            (size_t)finder->config->max_targets))
        plugin_usage_error(finder->plugin, "more than %ld targets: see --max-targets",
                           finder->config->max_targets);
}

static void add_unresolved(struct finder *finder, const char *name, const char *what,
                           enum dns_status status, enum dnsbl_unresolved_kind kind)
{
    struct dnsbl_facts *facts = finder->facts;
    facts->unresolved = memory_grow(facts->unresolved, &facts->unresolved_capacity,
                                    facts->unresolved_count + 1, sizeof *facts->unresolved);
    facts->unresolved[facts->unresolved_count++] = (struct dnsbl_unresolved){
        .name = arena_copy(facts->arena, name), .what = what, .status = status, .kind = kind};
}

/* No public list knows these. Loopback addresses above 127.0.0.1 are the lists' own test points,
 * which somebody may ask for by hand; a host name that leads to one is a mistake. */
static bool is_private(const struct ip_address *address, const char *origin)
{
    switch (ip_scope(address)) {
    case IP_PUBLIC:
    case IP_DOCUMENTATION:
        return false;
    case IP_LOOPBACK:
        return origin != NULL || address->family != IP_V4 ||
               (address->bytes[2] == 0 && address->bytes[3] <= 1);
    case IP_RESERVED:
        return address->family == IP_V4 ? address->bytes[0] >= 240 : false;
    default:
        return true;
    }
}

static void add_address(struct finder *finder, struct ip_address address, const char *origin)
{
    const struct plugin_common *common = &finder->plugin->common;
    address = ip_unmap(address);
    if ((common->only_v4 && address.family != IP_V4) ||
        (common->only_v6 && address.family != IP_V6)) {
        return;
    }
    if (is_private(&address, origin)) {
        char text[IP_TEXT_SIZE];
        add_unresolved(finder, ip_print(&address, text), ip_scope_name(ip_scope(&address)), DNS_OK,
                       DNSBL_PRIVATE);
        return;
    }
    add_subject(finder, &(struct dnsbl_subject){
                            .kind = address.family == IP_V4 ? DNSBL_IP4 : DNSBL_IP6,
                            .address = address,
                            .origin = origin,
                        });
}

static void add_name(struct finder *finder, enum dnsbl_target kind, const char *name,
                     const char *origin)
{
    add_subject(finder, &(struct dnsbl_subject){.kind = kind, .name = name, .origin = origin});
}

static void add_network(struct finder *finder, const struct ip_network *network, const char *origin)
{
    uint64_t size = ip_network_size(network);
    finder->expanded += size;
    for (uint64_t i = 0; i < size; i++) {
        add_address(finder, ip_network_at(network, i), origin);
    }
}

/* What is left of --max-targets has room for it, so that no record, however often it names a
 * network, makes more work than that. */
static bool fits(const struct finder *finder, const struct ip_network *network)
{
    uint64_t most = (uint64_t)finder->config->max_targets;
    return finder->expanded <= most && ip_network_size(network) <= most - finder->expanded;
}

/* ---- leads: names that must be asked for */

static void add_lead(struct finder *finder, enum lead_kind kind, const char *name,
                     const char *origin)
{
    for (size_t i = 0; i < finder->lead_count && kind != LEAD_PTR; i++) {
        if (finder->leads[i].kind == kind && strcmp(finder->leads[i].name, name) == 0) {
            return;
        }
    }
    if (finder->lead_count >= LEADS_MAX && kind != LEAD_PTR) {
        plugin_usage_error(finder->plugin, "more than %d names to resolve", LEADS_MAX);
    }
    finder->leads = memory_grow(finder->leads, &finder->lead_capacity, finder->lead_count + 1,
                                sizeof *finder->leads);
    finder->leads[finder->lead_count++] = (struct lead){
        .kind = kind,
        .name = arena_copy(finder->facts->arena, name),
        .origin = origin,
    };
}

/* Of a name that stands for many no list has an entry: it would be on none. */
static bool is_single(struct given_name *given)
{
    if (given->name[0] == '*')
        given->fault = GIVEN_NAME_WILDCARD;
    return given->fault == GIVEN_NAME_FINE;
}

/* An address, a network, or a host name. NULL, or what was expected; without a word of the value
 * when that must not be shown. */
static const char *add_host(struct finder *finder, struct slice value, bool may_show)
{
    static const char what[] = "an address, ADDRESS/PREFIX or a host name";
    struct ip_network network;
    struct given_name given;
    if (ip_network_parse(value, &network)) {
        if (!fits(finder, &network)) {
            return "no more addresses than --max-targets allows";
        }
        add_network(finder, &network, NULL);
        return NULL;
    }
    if (given_name_read_host(value, &given) && is_single(&given)) {
        add_lead(finder, LEAD_HOST, given.name, NULL);
        return NULL;
    }
    if (!may_show) {
        given.meant[0] = '\0';
    }
    return given.fault == GIVEN_NAME_NETWORK
               ? what
               : given_name_expected(finder->facts->arena, what, &given);
}

static void read_hosts(struct finder *finder)
{
    const struct option_list *hosts = &finder->config->hosts;
    for (size_t i = 0; i < hosts->count; i++) {
        const char *expected = add_host(finder, slice_of(hosts->values[i]), true);
        if (expected != NULL) {
            plugin_usage_error(finder->plugin, "option --hostname: expected %s, got \"%s\"",
                               expected,
                               escape_value(&finder->plugin->arena, slice_of(hosts->values[i])));
        }
    }
}

static const char *read_target_line(struct finder *finder, struct slice line)
{
    struct given_name given;
    if (!slice_starts_with_ignoring_case(line, "domain ")) {
        return add_host(finder, line, false);
    }
    if (given_name_read(slice_trim(slice_sub(line, 7, line.length), " \t"), &given) &&
        is_single(&given)) {
        add_name(finder, DNSBL_DOMAIN, arena_copy(finder->facts->arena, given.name), NULL);
        return NULL;
    }
    given.meant[0] = '\0';
    return given_name_expected(finder->facts->arena, "a domain name", &given);
}

static void read_target_file(struct finder *finder, const char *path)
{
    struct plugin *plugin = finder->plugin;
    struct slice rest;
    char message[256];
    if (!plugin_read_file(&plugin->arena, path, true, FILE_MAX, &rest, message)) {
        plugin_usage_error(plugin, "targets file: %s", message);
    }
    struct slice line;
    for (size_t number = 1; slice_split(&rest, '\n', &line); number++) {
        line = slice_trim(slice_sub(line, 0, slice_find(line, '#')), " \t\r");
        const char *expected = line.length == 0 ? NULL : read_target_line(finder, line);
        if (expected != NULL) {
            /* The line itself is not shown: somebody may have given the key file here. */
            plugin_usage_error(plugin, "%s:%zu: expected %s",
                               escape_value(&plugin->arena, slice_of(path)), number, expected);
        }
    }
}

static void read_emails(struct finder *finder)
{
    const struct option_list *emails = &finder->config->emails;
    struct arena *arena = finder->facts->arena;
    for (size_t i = 0; i < emails->count; i++) {
        char *address = arena_copy(arena, emails->values[i]);
        size_t length = strlen(address);
        char *at = strrchr(address, '@');
        if (at == NULL || at == address || at[1] == '\0' || length > 320) {
            plugin_usage_error(finder->plugin, "--email %s: expected LOCAL@DOMAIN",
                               escape_value(arena, slice_of(emails->values[i])));
        }
        for (char *c = address; *c != '\0'; c++) {
            if ((unsigned char)*c <= ' ' || *c == 0x7f) {
                plugin_usage_error(finder->plugin, "--email %s: blanks and controls are no part",
                                   escape_value(arena, slice_of(emails->values[i])));
            }
            *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
        }
        add_name(finder, DNSBL_EMAIL, address, NULL);
    }
}

static void refuse_wildcards(const struct finder *finder, const char *option,
                             const struct option_list *names)
{
    for (size_t i = 0; i < names->count; i++) {
        struct given_name given;
        if (given_name_read(slice_of(names->values[i]), &given) && !is_single(&given)) {
            plugin_usage_error(finder->plugin, "option %s: expected %s, got \"%s\"", option,
                               given_name_expected(finder->facts->arena, "a domain name", &given),
                               names->values[i]);
        }
    }
}

static void read_names(struct finder *finder)
{
    const struct dnsbl_config *config = finder->config;
    struct arena *arena = finder->facts->arena;
    refuse_wildcards(finder, "--domain", &config->domains);
    refuse_wildcards(finder, "--helo", &config->helo_names);
    for (size_t i = 0; i < config->domains.count; i++) {
        add_name(finder, DNSBL_DOMAIN, config->domains.values[i], NULL);
        if (config->with_ns) {
            add_lead(finder, LEAD_NS, config->domains.values[i],
                     arena_format(arena, "name server of %s", config->domains.values[i]));
        }
    }
    for (size_t i = 0; i < config->helo_names.count; i++) {
        add_name(finder, DNSBL_DOMAIN, config->helo_names.values[i], "HELO name");
    }
    for (size_t i = 0; i < config->mx_domains.count; i++) {
        add_lead(finder, LEAD_MX, config->mx_domains.values[i],
                 arena_format(arena, "MX of %s", config->mx_domains.values[i]));
    }
    for (size_t i = 0; i < config->spf_domains.count; i++) {
        add_lead(finder, LEAD_SPF, config->spf_domains.values[i],
                 arena_format(arena, "SPF of %s", config->spf_domains.values[i]));
    }
}

static void read_local(struct finder *finder)
{
    struct ip_address addresses[LOCAL_MAX];
    size_t count;
    if (!interfaces_read(addresses, LOCAL_MAX, &count)) {
        plugin_give_up(finder->plugin, "cannot read the addresses of this machine");
    }
    size_t before = finder->facts->subject_count;
    for (size_t i = 0; i < count; i++) {
        if (ip_scope(&addresses[i]) == IP_PUBLIC) {
            add_address(finder, addresses[i], "this machine");
        }
    }
    if (finder->facts->subject_count == before) {
        plugin_usage_error(finder->plugin,
                           "--local: this machine has no public address of its own; "
                           "give the one that its mail leaves from with -H");
    }
}

/* ---- answers to leads */

static const struct dns_answer *get(struct finder *finder, const char *name, unsigned type)
{
    return dns_answers_get(finder->answers, name, type);
}

/* The first round only notes what is missing; the last one adds. A family that is not wanted is not
 * asked for: what stands in for its answer says that there is nothing. */
static void follow_host(struct finder *finder, const char *name, const char *origin, bool is_last)
{
    static const struct dns_answer NOTHING = {.status = DNS_NODATA};
    const struct plugin_common *common = &finder->plugin->common;
    const struct dns_answer *v4 = common->only_v6 ? &NOTHING : get(finder, name, DNS_A);
    const struct dns_answer *v6 = common->only_v4 ? &NOTHING : get(finder, name, DNS_AAAA);
    const struct dns_answer *both[] = {v4, v6};
    if (!is_last) {
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        for (size_t r = 0; r < both[i]->record_count; r++) {
            add_address(finder, both[i]->records[r].address, origin);
        }
    }
    /* One family that failed hides addresses as surely as both. */
    const struct dns_answer *failed = !dns_status_is_answer(v4->status)   ? v4
                                      : !dns_status_is_answer(v6->status) ? v6
                                                                          : NULL;
    if (failed != NULL) {
        add_unresolved(finder, name, failed->type == DNS_A ? "A" : "AAAA", failed->status,
                       DNSBL_UNRESOLVED);
    } else if (v4->record_count == 0 && v6->record_count == 0) {
        add_unresolved(finder, name, "address", common->only_v6 ? v6->status : v4->status,
                       DNSBL_UNRESOLVED);
    }
}

/* RFC 5321 5.1: without MX the domain itself is the exchanger; RFC 7505 3: "." is none. */
static void follow_mx(struct finder *finder, const struct lead *lead, bool is_last)
{
    const struct dns_answer *mx = get(finder, lead->name, DNS_MX);
    if (mx->status == DNS_NODATA) {
        follow_host(finder, lead->name, lead->origin, is_last);
    }
    for (size_t i = 0; i < mx->record_count; i++) {
        const char *exchanger = mx->records[i].target;
        if (exchanger[0] != '\0') {
            follow_host(finder, exchanger,
                        arena_format(finder->facts->arena, "%s, %s", exchanger, lead->origin),
                        is_last);
        } else if (is_last) {
            add_unresolved(finder, lead->name, "MX", DNS_OK, DNSBL_NULL_MX);
        }
    }
    if (is_last && mx->status != DNS_OK && mx->status != DNS_NODATA) {
        add_unresolved(finder, lead->name, "MX", mx->status, DNSBL_UNRESOLVED);
    }
}

/* RFC 7208 4.5: the record is the TXT that is "v=spf1" alone or followed by a space. */
static bool is_spf(struct slice text)
{
    return slice_starts_with_ignoring_case(text, "v=spf1") &&
           (text.length == 6 || text.start[6] == ' ');
}

static void add_unclear(struct finder *finder, const struct lead *lead, const char *what)
{
    add_unresolved(finder, lead->name, what, DNS_OK, DNSBL_SPF_UNCLEAR);
}

static void add_spf_term(struct finder *finder, const struct lead *lead, struct slice term)
{
    if (term.length > 0 && strchr("+?~-", term.start[0]) != NULL) {
        if (term.start[0] == '-') {
            return; /* these may not send */
        }
        term = slice_sub(term, 1, term.length);
    }
    struct ip_network network;
    if (!slice_starts_with_ignoring_case(term, "ip4:") &&
        !slice_starts_with_ignoring_case(term, "ip6:")) {
        return;
    }
    if (!ip_network_parse(slice_sub(term, 4, term.length), &network)) {
        add_unclear(finder, lead,
                    arena_format(finder->facts->arena, "%.*s is no address or network",
                                 SLICE_PRINTF(term)));
        return;
    }
    if (fits(finder, &network)) {
        add_network(finder, &network, lead->origin);
    } else {
        char text[IP_NETWORK_TEXT_SIZE];
        add_unresolved(finder, ip_network_print(&network, text), lead->origin, DNS_OK,
                       DNSBL_RANGE_TOO_WIDE);
    }
}

static void follow_spf(struct finder *finder, const struct lead *lead, bool is_last)
{
    const struct dns_answer *txt = get(finder, lead->name, DNS_TXT);
    if (!is_last) {
        return;
    }
    size_t found = 0;
    for (size_t i = 0; i < txt->record_count; i++) {
        struct slice rest = txt->records[i].text;
        struct slice term;
        if (!is_spf(rest)) {
            continue;
        }
        found++;
        while (slice_split(&rest, ' ', &term)) {
            add_spf_term(finder, lead, term);
        }
    }
    if (found > 1) {
        add_unclear(finder, lead, "there are several SPF records, which is an error to receivers");
    }
    if (found == 0) {
        add_unresolved(finder, lead->name, "SPF record",
                       txt->status == DNS_OK ? DNS_NODATA : txt->status, DNSBL_UNRESOLVED);
    }
}

/* No list knows the root, or names with octets that need an escape. */
static bool is_askable(const char *name)
{
    return name[0] != '\0' && strlen(name) < DOMAIN_TEXT_SIZE && strchr(name, '\\') == NULL;
}

static void follow_names(struct finder *finder, const struct lead *lead, unsigned type,
                         enum dnsbl_target kind, bool is_last)
{
    const struct dns_answer *answer = get(finder, lead->name, type);
    char buffer[12];
    const char *what = dns_type_name(type, buffer); /* a literal, for the types of leads */
    for (size_t i = 0; is_last && i < answer->record_count; i++) {
        if (is_askable(answer->records[i].target)) {
            add_name(finder, kind, answer->records[i].target, lead->origin);
        } else {
            add_unresolved(finder, lead->name, what, DNS_BAD_NAME, DNSBL_UNRESOLVED);
        }
    }
    if (is_last && !dns_status_is_answer(answer->status)) {
        add_unresolved(finder, lead->name, what, answer->status, DNSBL_UNRESOLVED);
    }
}

static void follow_leads(struct finder *finder, size_t from, bool is_last)
{
    for (size_t i = from; i < finder->lead_count; i++) {
        const struct lead *lead = &finder->leads[i];
        switch (lead->kind) {
        case LEAD_HOST:
            follow_host(finder, lead->name, lead->name, is_last);
            break;
        case LEAD_MX:
            follow_mx(finder, lead, is_last);
            break;
        case LEAD_SPF:
            follow_spf(finder, lead, is_last);
            break;
        case LEAD_PTR:
            follow_names(finder, lead, DNS_PTR, DNSBL_DOMAIN, is_last);
            break;
        case LEAD_NS:
            follow_names(finder, lead, DNS_NS, DNSBL_NAME_SERVER, is_last);
            break;
        }
    }
}

/* Half of the time that is left, so that the lists can still be asked about what was found. */
static void resolve_leads(struct finder *finder, struct dns *dns, size_t from)
{
    struct deadline end = finder->plugin->deadline;
    struct deadline half = deadline_cut(end, deadline_left(end) / 2);
    do {
        follow_leads(finder, from, false);
    } while (dns_fetch_missing(dns, finder->answers, half));
    follow_leads(finder, from, true);
}

static void add_ptr_leads(struct finder *finder)
{
    struct dnsbl_facts *facts = finder->facts;
    size_t added = 0;
    for (size_t i = 0; i < facts->subject_count && added < PTR_ADDRESSES_MAX; i++) {
        const struct dnsbl_subject *subject = &facts->subjects[i];
        if (subject->name == NULL) {
            char name[80];
            char text[IP_TEXT_SIZE];
            add_lead(finder, LEAD_PTR, ip_ptr_name(&subject->address, name),
                     arena_format(facts->arena, "PTR of %s", ip_print(&subject->address, text)));
            added++;
        }
    }
}

void dnsbl_find_targets(struct plugin *plugin, const struct dnsbl_config *config, struct dns *dns,
                        struct dnsbl_facts *facts)
{
    struct finder finder = {
        .plugin = plugin,
        .config = config,
        .facts = facts,
        .answers = dns_answers_new(&plugin->arena, NAMES_MAX),
    };
    read_hosts(&finder);
    for (size_t i = 0; i < config->target_files.count; i++) {
        read_target_file(&finder, config->target_files.values[i]);
    }
    read_emails(&finder);
    read_names(&finder);
    if (config->local) {
        read_local(&finder);
    }
    resolve_leads(&finder, dns, 0);
    if (config->with_ptr) {
        size_t from = finder.lead_count;
        add_ptr_leads(&finder);
        resolve_leads(&finder, dns, from);
    }
    free(finder.leads);
    dnsbl_subjects_release(&finder.subjects);
    if (facts->subject_count == 0 && facts->unresolved_count == 0) {
        plugin_usage_error(plugin,
                           "nothing to look for: give -H, -d, --mx, --spf, --local, --email "
                           "or --targets-file (-4 and -6 leave out the other family)");
    }
}
