/* One term as it was meant. */
#include "mail/spf_repair.h"

#include <string.h>

static const char *qualifier_text(const struct spf_term *term)
{
    static const char *const texts[] = {"+", "-", "~", "?"};
    if (term->text.length == 0)
        return "";
    for (size_t i = 0; i < 4; i++) {
        if (term->text.start[0] == texts[i][0])
            return texts[i];
    }
    return "";
}

/* What stands behind the name and one ":" or "=". */
static struct slice argument_of(const struct spf_term *term)
{
    size_t skip = strlen(qualifier_text(term));
    struct slice rest = slice_sub(term->text, skip, term->text.length);
    size_t colon = slice_find(rest, ':');
    size_t equals = slice_find(rest, '=');
    size_t at = colon < equals ? colon : equals;
    return slice_trim(slice_sub(rest, at < rest.length ? at + 1 : at, rest.length), "[]");
}

/* "ip4:192.0.2.0/24" for an address with or without a length, or NULL. */
static const char *network_term(const struct spf_term *term, struct slice argument,
                                struct arena *arena)
{
    struct ip_address address;
    size_t slash = slice_find(argument, '/');
    struct slice host = slice_trim(slice_sub(argument, 0, slash), "[]");
    struct slice length = slice_trim(slice_sub(argument, slash, argument.length), "/");
    if (!ip_parse(host, &address)) {
        size_t colon = slice_find(host, ':'); /* "192.0.2.1:25" */
        if (!ip_parse(slice_sub(host, 0, colon), &address) || address.family != IP_V4)
            return NULL;
        host = slice_sub(host, 0, colon);
    }
    while (length.length > 1 && length.start[0] == '0')
        length = slice_sub(length, 1, length.length);
    uint64_t number = 0;
    unsigned most = address.family == IP_V4 ? 32 : 128;
    if (slash < argument.length && !slice_to_number(length, most, &number))
        return NULL;
    return arena_format(arena, "%s%s:%.*s%s%.*s", qualifier_text(term),
                        address.family == IP_V4 ? "ip4" : "ip6", SLICE_PRINTF(host),
                        slash < argument.length ? "/" : "", SLICE_PRINTF(length));
}

static const char *renamed(const struct spf_term *term, enum spf_term_kind kind,
                           struct slice argument, struct arena *arena)
{
    bool is_modifier = kind == SPF_TERM_REDIRECT || kind == SPF_TERM_EXP;
    if (argument.length == 0 && kind != SPF_TERM_ALL && kind != SPF_TERM_A && kind != SPF_TERM_MX)
        return NULL;
    return arena_format(arena, "%s%s%s%.*s", is_modifier ? "" : qualifier_text(term),
                        spf_term_kind_name(kind),
                        argument.length == 0 ? ""
                        : is_modifier        ? "="
                                             : ":",
                        SLICE_PRINTF(argument));
}

/* The mechanism that a term of an unknown name, or a modifier named like one, stands for. */
static enum spf_term_kind meant_kind(const struct spf_term *term)
{
    struct slice name = term->name;
    size_t equals = slice_find(name, '=');
    name = slice_trim(slice_sub(name, 0, equals), ".,;\"'");
    return spf_term_likely(name);
}

/*
 * An `all` that is not written plainly keeps the "-" or "~" that is to be seen, in front of it or
 * as its value; without one, or with both, nobody can tell what was meant, and it must not let
 * everybody pass.
 */
static const char *repaired_all(const struct spf_term *term, struct arena *arena)
{
    struct slice argument = argument_of(term);
    size_t length = term->text.length;
    bool is_fail =
        slice_find(term->text, '-') < length || slice_equals_text_ignoring_case(argument, "fail");
    bool is_soft = slice_find(term->text, '~') < length ||
                   slice_equals_text_ignoring_case(argument, "softfail");
    if (is_fail == is_soft)
        return NULL;
    return arena_format(arena, "%sall", is_fail ? "-" : "~");
}

/* "a:" and "mx:/24" name no other domain: the record's own is meant. */
static const char *without_colon(const struct spf_term *term, struct arena *arena)
{
    size_t colon = slice_find(term->text, ':');
    struct slice rest = slice_sub(term->text, colon + 1, term->text.length);
    return arena_format(arena, "%.*s%.*s", (int)colon, term->text.start, SLICE_PRINTF(rest));
}

/* Without the empty labels of its name; NULL when it has none. */
static const char *without_empty_labels(const struct spf_term *term, struct arena *arena)
{
    if (!spf_term_costs_lookup(term) || slice_find(term->domain, '%') < term->domain.length)
        return NULL;
    char *copy = arena_alloc(arena, term->text.length + 1);
    size_t length = 0;
    for (size_t i = 0; i < term->text.length; i++) {
        char character = term->text.start[i];
        bool is_empty = character == '.' && i > 0 && strchr(".:=", term->text.start[i - 1]) != NULL;
        if (!is_empty)
            copy[length++] = character;
    }
    return length < term->text.length ? copy : NULL;
}

static const char *repaired_name(const struct spf_term *term, const char *network,
                                 struct slice trimmed, struct arena *arena)
{
    enum spf_term_kind kind = meant_kind(term);
    struct ip_network bare;
    if (ip_network_parse(trimmed, &bare))
        return arena_format(arena, "%s:%.*s", bare.address.family == IP_V4 ? "ip4" : "ip6",
                            SLICE_PRINTF(trimmed));
    if (kind == SPF_TERM_INVALID)
        return NULL;
    if (kind == SPF_TERM_ALL)
        return repaired_all(term, arena);
    if (network != NULL || kind == SPF_TERM_IP4 || kind == SPF_TERM_IP6)
        return network;
    return renamed(term, kind, argument_of(term), arena);
}

const char *spf_repair_term(const struct spf_term *term, struct arena *arena)
{
    const char *network = network_term(term, argument_of(term), arena);
    struct slice trimmed = slice_trim(term->text, ".,;'\"");
    bool is_host = term->kind == SPF_TERM_A || term->kind == SPF_TERM_MX;
    switch (term->error) {
    case SPF_FINE:
        if (term->kind != SPF_TERM_UNKNOWN_MODIFIER)
            return without_empty_labels(term, arena);
        return spf_term_likely(term->name) == SPF_TERM_INVALID
                   ? NULL
                   : repaired_name(term, network, trimmed, arena);
    case SPF_ERROR_ARGUMENT_UNWANTED:
        return repaired_all(term, arena);
    case SPF_ERROR_ARGUMENT_MISSING: /* "ip4" may have been any server: not to be lost in silence */
        return is_host ? without_colon(term, arena) : NULL;
    case SPF_ERROR_UNKNOWN_MECHANISM:
    case SPF_ERROR_MODIFIER_NAME:
        return repaired_name(term, network, trimmed, arena);
    default:
        if (network != NULL)
            return network;
        return trimmed.length < term->text.length ? arena_copy_slice(arena, trimmed) : NULL;
    }
}
