#include "smtp_targets.h"

#include <string.h>

#include "mail/confirmed_name.h"
#include "mail/exchangers.h"
#include "mail/given_name.h"
#include "report/escape.h"

#define PORT_SMTP 25
#define PORT_SUBMISSIONS 465
#define PORT_LMTP 24
#define UNIX_PREFIX "unix:"
#define UNIX_PATH_LENGTH 107 /* of sun_path, without NUL */

static unsigned port_of(const struct smtp_options *options)
{
    return options->port != 0      ? (unsigned)options->port
           : options->implicit_tls ? PORT_SUBMISSIONS
           : options->lmtp         ? PORT_LMTP
                                   : PORT_SMTP;
}

/* "v1" / "v2" [ "," source "," destination ] */
static bool read_proxy(const char *text, struct stream_target *pattern)
{
    struct slice rest = slice_of(text);
    struct slice word;
    slice_split(&rest, ',', &word);
    pattern->proxy = slice_equals_text(word, "v1")   ? PROXY_V1
                     : slice_equals_text(word, "v2") ? PROXY_V2
                                                     : PROXY_NONE;
    if (pattern->proxy == PROXY_NONE || rest.start == NULL) {
        return pattern->proxy != PROXY_NONE;
    }
    return slice_split(&rest, ',', &word) && endpoint_parse(word, &pattern->proxy_source) &&
           rest.start != NULL && endpoint_parse(rest, &pattern->proxy_destination) &&
           pattern->proxy_source.address.family == pattern->proxy_destination.address.family;
}

static bool same_host(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static struct ip_address source_of(const struct smtp_targets *targets, enum ip_family family)
{
    const struct option_list *sources = &targets->options->sources;
    struct ip_address chosen = {.family = IP_NONE};
    for (size_t i = 0; i < sources->count; i++) {
        struct ip_address source;
        if (ip_parse(slice_of(sources->values[i]), &source) && source.family == family) {
            chosen = source;
        }
    }
    return chosen;
}

/* NULL: an address alone. */
static const struct smtp_target *add(struct smtp_targets *targets, const char *host,
                                     const struct ip_address *address)
{
    char text[ENDPOINT_TEXT_SIZE];
    for (size_t i = 0; i < targets->count; i++) {
        const struct smtp_target *other = &targets->list[i];
        if (!same_host(other->host, host)) {
            continue;
        }
        if (ip_equal(&other->stream.endpoint.address, address)) {
            return other;
        }
        if (targets->options->first_address) {
            return NULL;
        }
    }
    if (targets->count == SMTP_TARGETS_MAX) {
        targets->omitted++;
        return NULL;
    }
    struct smtp_target *target = &targets->list[targets->count++];
    *target = (struct smtp_target){
        .host = host,
        .server_name = targets->options->sni != NULL ? targets->server_name : host,
        .is_nobodys = host != NULL && !exchangers_can_reach(address),
        .stream = targets->pattern,
    };
    target->stream.endpoint.address = *address;
    target->stream.source = source_of(targets, address->family);
    target->text = arena_copy(targets->arena, endpoint_print(&target->stream.endpoint, text));
    return target;
}

const struct smtp_target *smtp_targets_add(struct smtp_targets *targets, const char *host,
                                           const struct ip_address *address)
{
    return add(targets, arena_copy(targets->arena, host), address);
}

/* An address of the host of -H. */
static void add_own(struct smtp_targets *targets, const struct ip_address *address)
{
    add(targets, targets->host[0] != '\0' ? targets->host : NULL, address);
}

static const char *refused(struct arena *arena, const char *option, const char *expected,
                           const char *value)
{
    return arena_format(arena, "option %s: expected %s, got \"%s\"", option, expected,
                        escape_value(arena, slice_of(value)));
}

static const char *read_socket(struct smtp_targets *targets, const char *host)
{
    targets->pattern.path = host + sizeof UNIX_PREFIX - 1;
    if (strlen(targets->pattern.path) > UNIX_PATH_LENGTH) {
        return arena_format(targets->arena, "--host: the path of a socket has at most %d octets",
                            UNIX_PATH_LENGTH);
    }
    targets->list[targets->count++] = (struct smtp_target){
        .text = host,
        .server_name = targets->server_name,
        .stream = targets->pattern,
    };
    return NULL;
}

static const char *read_host(struct smtp_targets *targets)
{
    const char *host = targets->options->host;
    struct endpoint endpoint;
    struct given_name given;
    if (host == NULL) {
        return NULL;
    }
    if (slice_starts_with(slice_of(host), UNIX_PREFIX "/")) {
        return read_socket(targets, host);
    }
    if (endpoint_parse(slice_of(host), &endpoint) && endpoint.port == 0) {
        struct ip_address address = ip_unmap(endpoint.address);
        add_own(targets, &address);
        return NULL;
    }
    if (given_name_read_host(slice_of(host), &given) && !domain_is_host_name(given.name)) {
        given.fault = given.name[0] == '*' ? GIVEN_NAME_WILDCARD : GIVEN_NAME_UNDERSCORE;
    }
    if (given.fault != GIVEN_NAME_FINE) {
        return refused(
            targets->arena, "--host",
            given_name_expected(targets->arena, "a host name, an address or unix:/PATH", &given),
            host);
    }
    memcpy(targets->host, given.name, sizeof targets->host);
    return NULL;
}

/* "HOST:ADDRESS" */
static bool read_given(const char *text, struct given_name *given, struct ip_address *address)
{
    struct slice rest = slice_of(text);
    size_t colon = slice_find(rest, ':');
    struct endpoint endpoint;
    if (!given_name_read(slice_sub(rest, 0, colon), given) ||
        !endpoint_parse(slice_sub(rest, colon + 1, rest.length), &endpoint) || endpoint.port != 0) {
        return false;
    }
    *address = ip_unmap(endpoint.address);
    return true;
}

/* What is given for our host is its address. */
static const char *read_resolve(struct smtp_targets *targets)
{
    for (size_t i = 0; i < targets->options->resolve.count; i++) {
        const char *value = targets->options->resolve.values[i];
        struct ip_address address;
        struct given_name given;
        if (!read_given(value, &given, &address)) {
            return refused(targets->arena, "--resolve", "HOST:ADDRESS", value);
        }
        if (domain_equal(given.name, targets->host)) {
            add_own(targets, &address);
        }
    }
    return NULL;
}

/* It goes to the wire as one word. Names that servers may not like are let through: how they refuse
 * them is for the check to see. */
static const char *read_ehlo(const struct smtp_targets *targets)
{
    const char *ehlo = targets->options->ehlo;
    const char *name = ehlo == NULL ? "localhost" : ehlo;
    bool is_word = name[0] != '\0';
    for (size_t i = 0; name[i] != '\0'; i++) {
        is_word = is_word && name[i] > ' ' && name[i] < '\x7f';
    }
    return is_word ? NULL
                   : refused(targets->arena, "--ehlo", "a domain name or an address literal", name);
}

static const char *read_server_name(struct smtp_targets *targets)
{
    const char *sni = targets->options->sni;
    struct given_name given;
    if (sni == NULL || strcmp(sni, "none") == 0) {
        return NULL;
    }
    if (!given_name_read(slice_of(sni), &given)) {
        return refused(targets->arena, "--sni",
                       given_name_expected(targets->arena, "none or a domain name", &given), sni);
    }
    targets->server_name = arena_copy(targets->arena, given.name);
    return NULL;
}

const char *smtp_targets_read(struct arena *arena, const struct smtp_options *options,
                              struct smtp_targets *targets)
{
    const char *wrong;
    *targets = (struct smtp_targets){.arena = arena, .options = options};
    targets->list = arena_array(arena, SMTP_TARGETS_MAX, sizeof *targets->list);
    targets->pattern.endpoint.port = port_of(options);
    bool is_path = options->host != NULL && slice_starts_with(slice_of(options->host), UNIX_PREFIX);
    if (options->lmtp && targets->pattern.endpoint.port == PORT_SMTP && !is_path) {
        return "--lmtp: LMTP must not run on port 25 (RFC 2033 5)";
    }
    if (options->proxy != NULL && !read_proxy(options->proxy, &targets->pattern)) {
        return refused(arena, "--proxy-protocol",
                       "v1 or v2, with two addresses of one family or none", options->proxy);
    }
    if ((wrong = read_ehlo(targets)) != NULL || (wrong = read_server_name(targets)) != NULL ||
        (wrong = read_host(targets)) != NULL) {
        return wrong;
    }
    return read_resolve(targets);
}

void smtp_targets_init(struct plugin *plugin, struct smtp_options *options,
                       struct smtp_targets *targets)
{
    options->implicit_tls = options->implicit_tls || options->port == PORT_SUBMISSIONS;
    const char *wrong = smtp_targets_read(&plugin->arena, options, targets);
    if (wrong != NULL) {
        plugin_usage_error(plugin, "%s", wrong);
    }
    enum ip_family left_out = plugin->common.only_v4   ? IP_V6
                              : plugin->common.only_v6 ? IP_V4
                                                       : IP_NONE;
    if (left_out != IP_NONE && targets->count > 0 &&
        targets->list[0].stream.endpoint.address.family == left_out) {
        plugin_usage_error(plugin, "--host: %s is none of the family that %s asks for",
                           options->host, plugin->common.only_v4 ? "-4" : "-6");
    }
}

static void add_all(struct smtp_targets *targets, const struct dns_answer *answer)
{
    for (size_t i = 0; answer != NULL && i < answer->record_count; i++) {
        add_own(targets, &answer->records[i].address);
    }
}

const char *smtp_targets_lacking(const struct plugin_common *common)
{
    return common->only_v4   ? "IPv4 address; -4 leaves out those of IPv6"
           : common->only_v6 ? "IPv6 address; -6 leaves out those of IPv4"
                             : "address";
}

bool smtp_targets_find(struct smtp_targets *targets, bool only_v4, bool only_v6,
                       struct dns_answers *answers)
{
    bool was_given = targets->count > 0 && targets->a == NULL && targets->aaaa == NULL;
    if (was_given || targets->host[0] == '\0') {
        return true;
    }
    targets->a = only_v6 ? NULL : dns_answers_get(answers, targets->host, DNS_A);
    targets->aaaa = only_v4 ? NULL : dns_answers_get(answers, targets->host, DNS_AAAA);
    if ((targets->a != NULL && !dns_answer_is_settled(targets->a)) ||
        (targets->aaaa != NULL && !dns_answer_is_settled(targets->aaaa))) {
        return false;
    }
    add_all(targets, targets->aaaa);
    add_all(targets, targets->a);
    return true;
}

bool smtp_targets_has_server(const struct smtp_targets *targets)
{
    for (size_t i = 0; i < targets->count; i++) {
        if (!targets->list[i].is_nobodys) {
            return true;
        }
    }
    return false;
}

const char *smtp_targets_kind(const struct smtp_targets *targets, const struct smtp_target *target)
{
    const struct ip_address *address = &target->stream.endpoint.address;
    return ip_unmap(*address).family != address->family
               ? "an IPv4 address in IPv6 clothes"
               : arena_format(targets->arena, "an address of the kind %s",
                              ip_scope_name(ip_scope(address)));
}

static void settle(const struct option_list *given, struct dns_answers *answers, const char *host,
                   enum ip_family family)
{
    struct arena *arena = dns_answers_arena(answers);
    unsigned type = family == IP_V4 ? DNS_A : DNS_AAAA;
    struct dns_record *records = arena_array(arena, given->count, sizeof *records);
    struct dns_answer answer = {.name = host, .type = type, .records = records};
    for (size_t i = 0; i < given->count; i++) {
        struct given_name name;
        struct ip_address address;
        if (read_given(given->values[i], &name, &address) && strcmp(name.name, host) == 0 &&
            address.family == family) {
            records[answer.record_count++] =
                (struct dns_record){.name = host, .type = type, .address = address};
        }
    }
    answer.status = answer.record_count > 0 ? DNS_OK : DNS_NODATA;
    dns_answers_settle(answers, dns_answers_put(answers, host, type, DNS_PLAIN), &answer);
}

void smtp_targets_resolve(const struct smtp_options *options, struct dns_answers *answers)
{
    for (size_t i = 0; i < options->resolve.count; i++) {
        struct given_name name;
        struct ip_address address;
        if (read_given(options->resolve.values[i], &name, &address)) {
            settle(&options->resolve, answers, name.name, IP_V4);
            settle(&options->resolve, answers, name.name, IP_V6);
        }
    }
}

const char *smtp_targets_ehlo(const struct smtp_targets *targets, const struct ip_address *source,
                              const char *host_name, struct dns_answers *answers)
{
    char text[IP_TEXT_SIZE];
    if (targets->options->ehlo != NULL) {
        return targets->options->ehlo;
    }
    if (source->family != IP_NONE) {
        const char *name = confirmed_name(answers, source);
        if (name != NULL) {
            return name;
        }
    }
    if (source->family == IP_NONE || confirmed_name_is_full(host_name)) {
        return host_name;
    }
    return arena_format(targets->arena, "[%s%s]", source->family == IP_V6 ? "IPv6:" : "",
                        ip_print(source, text));
}
