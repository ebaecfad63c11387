#include "mail/spf_repair.h"

#include <string.h>

/* Longest record that is worth repairing; the longest that fits into one message is far below. */
enum { REPAIR_MAX = 4096 };

/* Octets that word processors and web forms put where a plain character was meant. */
static const struct {
    const char *octets;
    const char *plain;
} lookalikes[] = {
    {"\xe2\x80\x90", "-"},
    {"\xe2\x80\x91", "-"},
    {"\xe2\x80\x92", "-"},
    {"\xe2\x80\x93", "-"},
    {"\xe2\x80\x94", "-"},
    {"\xe2\x88\x92", "-"},
    {"\xef\xbc\x8d", "-"},
    {"\xe2\x88\xbc", "~"},
    {"\xcb\x9c",     "~"},
    {"\xc2\xa0",     " "},
    {"\xe2\x80\xaf", " "},
    {"\xe2\x80\x8b", "" },
    {"\xef\xbb\xbf", "" },
    {"\xe2\x80\x9c", "" },
    {"\xe2\x80\x9d", "" },
    {"\xe2\x80\x98", "" },
    {"\xe2\x80\x99", "" },
    {"\t",           " "},
    {"\r",           " "},
    {"\n",           " "},
    {"\"",           "" },
    {"\\",           "" },
};

static void append_plain(struct text *out, struct slice text)
{
    for (size_t at = 0; at < text.length;) {
        struct slice rest = slice_sub(text, at, text.length);
        size_t i = 0;
        size_t count = sizeof lookalikes / sizeof lookalikes[0];
        while (i < count && !slice_starts_with(rest, lookalikes[i].octets))
            i++;
        if (i < count) {
            text_append(out, lookalikes[i].plain);
            at += strlen(lookalikes[i].octets);
        } else {
            text_append_char(out, text.start[at++]);
        }
    }
}

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

const char *spf_repair_term(const struct spf_term *term, struct arena *arena)
{
    struct slice argument = argument_of(term);
    const char *network = network_term(term, argument, arena);
    struct slice trimmed = slice_trim(term->text, ".,;'");
    switch (term->error) {
    case SPF_FINE:
        if (term->kind != SPF_TERM_UNKNOWN_MODIFIER ||
            spf_term_likely(term->name) == SPF_TERM_INVALID)
            return NULL;
        break;
    case SPF_ERROR_ARGUMENT_UNWANTED:
        return arena_format(arena, "%sall", qualifier_text(term));
    case SPF_ERROR_ARGUMENT_MISSING:
        return ""; /* "include:" names nothing */
    case SPF_ERROR_UNKNOWN_MECHANISM:
    case SPF_ERROR_MODIFIER_NAME:
        break;
    default:
        if (network != NULL)
            return network;
        return trimmed.length < term->text.length ? arena_copy_slice(arena, trimmed) : NULL;
    }
    enum spf_term_kind kind = meant_kind(term);
    bool is_network = kind == SPF_TERM_IP4 || kind == SPF_TERM_IP6;
    struct ip_network bare;
    if (ip_network_parse(trimmed, &bare))
        return arena_format(arena, "%s:%.*s", bare.address.family == IP_V4 ? "ip4" : "ip6",
                            SLICE_PRINTF(trimmed));
    if (kind == SPF_TERM_INVALID)
        return NULL;
    if (is_network)
        return network;
    return network != NULL ? network : renamed(term, kind, argument, arena);
}

/* A text being put together from terms, mechanisms first, then modifiers. */
struct assembly {
    struct text mechanisms;
    struct text modifiers;
};

static bool contains_term(const struct text *text, const char *term)
{
    struct slice rest = text_slice(text);
    struct slice part;
    while (slice_split(&rest, ' ', &part)) {
        if (slice_equals_text_ignoring_case(part, term))
            return true;
    }
    return false;
}

static void add_term(struct assembly *assembly, const char *term, bool is_modifier)
{
    struct text *text = is_modifier ? &assembly->modifiers : &assembly->mechanisms;
    if (term[0] == '\0' || contains_term(text, term))
        return;
    text_append_char(text, ' ');
    text_append(text, term);
}

static void add_addresses(struct assembly *assembly, const struct spf_term *term,
                          const struct dns_answer *answer, struct arena *arena)
{
    char buffer[IP_NETWORK_TEXT_SIZE];
    for (size_t i = 0; answer != NULL && i < answer->record_count; i++) {
        struct ip_network network = {.address = answer->records[i].address};
        bool is_four = network.address.family == IP_V4;
        network.prefix = is_four ? term->prefix4 : term->prefix6;
        const char *text = network.prefix == (is_four ? 32U : 128U)
                               ? ip_print(&network.address, buffer)
                               : ip_network_print(&network, buffer);
        add_term(
            assembly,
            arena_format(arena, "%s%s:%s", qualifier_text(term), is_four ? "ip4" : "ip6", text),
            false);
    }
}

/* True when the term was replaced by its addresses. */
static bool add_resolved(struct assembly *assembly, const struct spf_node_term *fact,
                         struct arena *arena)
{
    const struct spf_term *term = fact->term;
    if (term->kind == SPF_TERM_A && fact->a != NULL) {
        add_addresses(assembly, term, fact->a, arena);
        add_addresses(assembly, term, fact->aaaa, arena);
        return true;
    }
    if (term->kind != SPF_TERM_MX || fact->mx == NULL)
        return false;
    for (size_t i = 0; i < fact->exchanger_count; i++) {
        add_addresses(assembly, term, fact->exchanger_a[i], arena);
        add_addresses(assembly, term, fact->exchanger_aaaa[i], arena);
    }
    return true;
}

static bool is_dead(const struct spf_node_term *fact)
{
    if (fact->child != NULL)
        return fact->term->kind == SPF_TERM_INCLUDE && fact->child->state == SPF_NODE_NONE;
    if (fact->mx != NULL && fact->mx->status == DNS_OK)
        return false; /* some exchanger may be alive */
    return fact->is_void4 && (fact->is_void6 || fact->aaaa == NULL);
}

static bool is_modifier_text(const char *text)
{
    size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    return name > 0 && text[name] == '=';
}

/* One term of a parsed record into the assembly. `facts` NULL: nothing is known but the text. */
static bool assemble_term(struct assembly *assembly, const struct spf_record *record, size_t index,
                          const struct spf_node_term *facts, unsigned kinds, struct arena *arena)
{
    const struct spf_term *term = &record->terms[index];
    bool is_behind = record->all != SPF_NO_TERM && index > record->all;
    if (term->error == SPF_FINE && spf_term_is_mechanism(term) && is_behind)
        return true;
    if (term->kind == SPF_TERM_REDIRECT && record->all != SPF_NO_TERM)
        return true;
    const char *meant = spf_repair_term(term, arena);
    if (term->error != SPF_FINE && term->error != SPF_ERROR_TWICE && meant == NULL)
        return false;
    if (meant == NULL && facts != NULL) {
        const struct spf_node_term *fact = &facts[index];
        if ((kinds & SPF_REPAIR_DROP_VOID) != 0 && fact->is_used && is_dead(fact))
            return true;
        if ((kinds & SPF_REPAIR_ADDRESSES) != 0 && fact->is_used &&
            add_resolved(assembly, fact, arena))
            return true;
    }
    const char *text = meant != NULL ? meant : arena_copy_slice(arena, term->text);
    if (meant != NULL && is_behind && !is_modifier_text(meant))
        return true;
    add_term(assembly, text, is_modifier_text(text));
    return true;
}

static const char *assemble(const struct spf_record *record, const struct spf_node_term *facts,
                            unsigned kinds, struct arena *arena)
{
    struct assembly assembly;
    struct spf_record result;
    const char *repaired = NULL;
    bool fine = record->count <= SPF_TERMS_MAX / 8;
    text_init(&assembly.mechanisms, REPAIR_MAX);
    text_init(&assembly.modifiers, REPAIR_MAX);
    for (size_t i = 0; fine && i < record->count; i++)
        fine = assemble_term(&assembly, record, i, facts, kinds, arena);
    if (fine && !assembly.mechanisms.truncated && !assembly.modifiers.truncated)
        repaired =
            arena_format(arena, "v=spf1%s%s", assembly.mechanisms.start, assembly.modifiers.start);
    text_release(&assembly.mechanisms);
    text_release(&assembly.modifiers);
    if (repaired == NULL || !spf_record_parse(slice_of(repaired), arena, &result) ||
        slice_equals_text(record->text, repaired))
        return NULL;
    return repaired;
}

/*
 * The version section that was meant: "v=spf1" behind blanks, quotes or a byte order mark, or with
 * something stuck to it.
 */
static struct slice after_version(struct slice plain)
{
    static const char *const forms[] = {"v=spf10", "v=spf1",   "v=spfl",  "v=spf-1",
                                        "v=spf 1", "v = spf1", "v= spf1", "v =spf1",
                                        "v:spf1",  "v=spf",    "spf1"};
    plain = slice_trim(plain, " ;,.'");
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (slice_starts_with_ignoring_case(plain, forms[i]))
            return slice_trim(slice_sub(plain, strlen(forms[i]), plain.length), " ;,:.'");
    }
    return (struct slice){0};
}

const char *spf_repair_text(struct slice text, struct arena *arena)
{
    struct text plain;
    struct spf_record record;
    if (text.length > REPAIR_MAX || slice_find(text, '\0') < text.length)
        return NULL;
    text_init(&plain, REPAIR_MAX);
    append_plain(&plain, text);
    struct slice rest = after_version(text_slice(&plain));
    const char *copy =
        rest.start == NULL ? NULL : arena_format(arena, "v=spf1 %.*s", SLICE_PRINTF(rest));
    text_release(&plain);
    if (copy == NULL)
        return NULL;
    bool is_fine = spf_record_parse(slice_of(copy), arena, &record);
    const char *repaired = assemble(&record, NULL, SPF_REPAIR_TEXT, arena);
    if (repaired == NULL && is_fine)
        repaired = copy;
    return repaired == NULL || slice_equals_text(text, repaired) ? NULL : repaired;
}

/* A text whose octets were changed has other terms than the node: only the text is known then. */
const char *spf_repair(const struct spf_node *node, unsigned kinds, struct arena *arena)
{
    const struct spf_record *record = &node->record;
    if (record->error == SPF_ERROR_NOT_ASCII || record->error == SPF_ERROR_CHARACTER)
        return spf_repair_text(record->text, arena);
    return assemble(record, node->terms, kinds, arena);
}
