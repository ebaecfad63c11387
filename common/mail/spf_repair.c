#include "mail/spf_repair.h"

#include <string.h>

/* Longest record that is worth repairing; the longest that fits into one message is far below. */
enum { REPAIR_MAX = 4096 };
/* Octets of a string of a TXT record, RFC 1035 3.3: software cuts there, people elsewhere. */
enum { STRING_MAX = 255 };

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

/* The terms of the repaired record, in order. */
struct assembly {
    const struct spf_repair_wish *wish;
    const struct spf_record *record; /* that is repaired */
    const struct spf_node *node;     /* NULL: nothing is known but the text */
    struct arena *arena;
    bool has_seams; /* what stands behind all was meant to be reached */
    const char **terms;
    size_t count;
};

static struct slice bare_form(const char *term)
{
    struct slice text = slice_of(term);
    if (slice_starts_with(text, "+"))
        text = slice_sub(text, 1, text.length);
    return text.length > 1 && text.start[text.length - 1] == '.'
               ? slice_sub(text, 0, text.length - 1)
               : text;
}

/* The case of a macro letter matters, RFC 7208 7.3. */
static bool is_same_term(const char *a, const char *b)
{
    struct slice x = bare_form(a);
    struct slice y = bare_form(b);
    return slice_find(x, '%') < x.length ? slice_equals(x, y) : slice_equals_ignoring_case(x, y);
}

static void add_term(struct assembly *assembly, const char *term)
{
    for (size_t i = 0; i < assembly->count; i++) {
        if (is_same_term(assembly->terms[i], term))
            return;
    }
    if (assembly->count < REPAIR_MAX)
        assembly->terms[assembly->count++] = term;
}

static void add_addresses(struct assembly *assembly, const struct spf_term *term,
                          const struct dns_answer *answer)
{
    char buffer[IP_NETWORK_TEXT_SIZE];
    char qualifier[2] = {term->qualifier == '+' ? '\0' : term->qualifier, '\0'};
    for (size_t i = 0; answer != NULL && i < answer->record_count; i++) {
        struct ip_network network = {.address = answer->records[i].address};
        bool is_four = network.address.family == IP_V4;
        network.prefix = is_four ? term->prefix4 : term->prefix6;
        const char *text = network.prefix == (is_four ? 32U : 128U)
                               ? ip_print(&network.address, buffer)
                               : ip_network_print(&network, buffer);
        add_term(assembly, arena_format(assembly->arena, "%s%s:%s", qualifier,
                                        is_four ? "ip4" : "ip6", text));
    }
}

static bool is_answered(const struct dns_answer *answer)
{
    return answer != NULL && dns_answer_is_settled(answer) && dns_status_is_answer(answer->status);
}

static bool is_nothing(const struct dns_answer *answer)
{
    return is_answered(answer) && answer->status != DNS_OK;
}

/* All addresses that the term stands for are known, and there are some. */
static bool is_resolved(const struct spf_node_term *fact)
{
    size_t found = 0;
    if (fact->term->kind == SPF_TERM_A)
        return is_answered(fact->a) && is_answered(fact->aaaa) &&
               fact->a->record_count + fact->aaaa->record_count > 0;
    if (fact->term->kind != SPF_TERM_MX || !is_answered(fact->mx) ||
        fact->mx->record_count > fact->exchanger_count)
        return false;
    for (size_t i = 0; i < fact->exchanger_count; i++) {
        const struct dns_answer *a = fact->exchanger_a[i];
        const struct dns_answer *aaaa = fact->exchanger_aaaa[i];
        if (a == NULL && aaaa == NULL)
            continue; /* null MX */
        if (!is_answered(a) || !is_answered(aaaa))
            return false;
        found += a->record_count + aaaa->record_count;
    }
    return found > 0;
}

static void add_resolved(struct assembly *assembly, const struct spf_node_term *fact)
{
    if (fact->term->kind == SPF_TERM_A) {
        add_addresses(assembly, fact->term, fact->a);
        add_addresses(assembly, fact->term, fact->aaaa);
    }
    for (size_t i = 0; i < fact->exchanger_count; i++) {
        add_addresses(assembly, fact->term, fact->exchanger_a[i]);
        add_addresses(assembly, fact->term, fact->exchanger_aaaa[i]);
    }
}

bool spf_repair_is_dead(const struct spf_node_term *fact)
{
    if (!fact->is_used || fact->term->qualifier != '+')
        return false;
    switch (fact->term->kind) {
    case SPF_TERM_INCLUDE:
        return fact->child != NULL && fact->child->state == SPF_NODE_NONE;
    case SPF_TERM_A:
        return is_nothing(fact->a) && is_nothing(fact->aaaa);
    case SPF_TERM_MX:
        return is_nothing(fact->mx);
    case SPF_TERM_EXISTS:
        return is_nothing(fact->a);
    default:
        return false;
    }
}

/* What is known of a term; the text may be another than the node's, its terms in other places. */
static const struct spf_node_term *fact_of(const struct assembly *assembly,
                                           const struct spf_term *term)
{
    const struct spf_node *node = assembly->node;
    for (size_t i = 0; node != NULL && i < node->record.count; i++) {
        if (node->record.terms[i].error == SPF_FINE &&
            slice_equals(node->record.terms[i].text, term->text))
            return &node->terms[i];
    }
    return NULL;
}

/* The name in front of "=" when the text is a modifier. */
static struct slice modifier_name(const char *text)
{
    size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    return slice_new(text, name > 0 && text[name] == '=' ? name : 0);
}

static bool is_all(const char *text)
{
    return slice_equals_text_ignoring_case(slice_of(text + strspn(text, "+-~?")), "all");
}

static bool is_modifier_of(const char *text, const char *name)
{
    return slice_equals_text_ignoring_case(modifier_name(text), name);
}

/* False when nobody can tell what the term is to become. */
static bool assemble_term(struct assembly *assembly, size_t index)
{
    const struct spf_record *record = assembly->record;
    const struct spf_term *term = &record->terms[index];
    unsigned kinds = assembly->wish->kinds;
    bool is_behind = record->all != SPF_NO_TERM && index > record->all && !assembly->has_seams;
    if (term->error == SPF_FINE && spf_term_is_mechanism(term) && is_behind)
        return true;
    if (term->kind == SPF_TERM_REDIRECT && record->all != SPF_NO_TERM)
        return true;
    const char *meant = spf_repair_term(term, assembly->arena);
    if (meant != NULL && is_modifier_of(meant, "redirect") && record->all != SPF_NO_TERM)
        return false; /* beside all it would do nothing */
    if (meant != NULL && is_behind && modifier_name(meant).length == 0)
        return true;
    if (term->error != SPF_FINE && term->error != SPF_ERROR_TWICE && meant == NULL)
        return false;
    const struct spf_node_term *fact = meant == NULL ? fact_of(assembly, term) : NULL;
    if (fact != NULL && (kinds & SPF_REPAIR_DROP_VOID) != 0 && spf_repair_is_dead(fact))
        return true;
    if (fact != NULL && (kinds & SPF_REPAIR_ADDRESSES) != 0 && fact->is_used && is_resolved(fact)) {
        add_resolved(assembly, fact);
        return true;
    }
    if (term->kind == SPF_TERM_ALL && term->error == SPF_FINE && (kinds & SPF_REPAIR_END) != 0)
        meant = arena_format(assembly->arena, "%call", assembly->wish->end);
    add_term(assembly, meant != NULL ? meant : arena_copy_slice(assembly->arena, term->text));
    return true;
}

/* redirect and exp with a mechanism behind them go to the end, all else keeps its place. */
static void write_terms(const struct assembly *assembly, struct text *out)
{
    size_t last = 0;
    bool is_open = (assembly->wish->kinds & (SPF_REPAIR_CLOSE | SPF_REPAIR_END)) != 0;
    for (size_t i = 0; i < assembly->count; i++) {
        const char *term = assembly->terms[i];
        if (modifier_name(term).length == 0)
            last = i + 1;
        if (is_all(term) || is_modifier_of(term, "redirect"))
            is_open = false;
    }
    if (is_open)
        last = assembly->count;
    text_append(out, "v=spf1");
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < assembly->count; i++) {
            const char *term = assembly->terms[i];
            bool moves =
                i < last && (is_modifier_of(term, "redirect") || is_modifier_of(term, "exp"));
            bool is_late = moves || i >= last;
            if (is_late == (pass == 1))
                text_printf(out, " %s", term);
        }
        if (pass == 0 && is_open)
            text_printf(out, " %call", assembly->wish->end);
    }
}

static const char *assemble(struct assembly *assembly)
{
    const struct spf_record *record = assembly->record;
    struct arena *arena = assembly->arena;
    struct spf_record result;
    struct text text;
    const char *repaired = NULL;
    bool fine = record->text.length <= REPAIR_MAX;
    text_init(&text, REPAIR_MAX);
    assembly->terms = arena_array(arena, REPAIR_MAX, sizeof *assembly->terms);
    for (size_t i = 0; fine && i < record->count; i++)
        fine = assemble_term(assembly, i);
    if (fine && assembly->count < REPAIR_MAX) {
        write_terms(assembly, &text);
        repaired = text.truncated ? NULL : arena_copy(arena, text.start);
    }
    text_release(&text);
    if (repaired == NULL || !spf_record_parse(slice_of(repaired), arena, &result))
        return NULL;
    bool is_plus = result.all != SPF_NO_TERM && result.terms[result.all].qualifier == '+';
    return is_plus ? NULL : repaired; /* nobody is told to publish +all */
}

static const struct spf_repair_wish plain_wish = {SPF_REPAIR_TEXT, 0};

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
    spf_record_parse(slice_of(copy), arena, &record);
    struct assembly assembly = {.wish = &plain_wish, .record = &record, .arena = arena};
    const char *repaired = assemble(&assembly);
    return repaired == NULL || slice_equals_text(text, repaired) ? NULL : repaired;
}

/* ---- seams */

/* Whether `text` alone is one good term. */
static bool is_term(struct slice text, struct arena *arena)
{
    struct spf_record record;
    const char *alone = arena_format(arena, "v=spf1 %.*s", SLICE_PRINTF(text));
    return spf_record_parse(slice_of(alone), arena, &record) && record.count == 1 &&
           record.terms[0].kind != SPF_TERM_UNKNOWN_MODIFIER;
}

/* The name that the joined term stands for exists: it was cut there by software. */
static bool is_real(const struct spf_node_term *fact)
{
    return (fact->child != NULL &&
            (fact->child->state == SPF_NODE_RECORD || fact->child->state == SPF_NODE_MULTIPLE)) ||
           (fact->a != NULL && fact->a->status == DNS_OK) ||
           (fact->aaaa != NULL && fact->aaaa->status == DNS_OK) ||
           (fact->mx != NULL && fact->mx->status == DNS_OK);
}

/* A term cut in two that both are good terms; `string` is the length of the string before. */
static bool is_seam(const struct spf_node_term *fact, struct slice left, struct slice right,
                    size_t string, struct arena *arena)
{
    if (!is_term(left, arena) || !is_term(right, arena))
        return false;
    bool is_plain = strchr("+-~?", right.start[0]) == NULL &&
                    slice_find(right, ':') >= right.length &&
                    slice_find(right, '=') >= right.length;
    if (fact->term->error != SPF_FINE || !is_plain)
        return true;
    /* "mx" may also be the end of "mail.example." "mx". */
    return !is_real(fact) && string < STRING_MAX && left.start[left.length - 1] != '.';
}

static const struct dns_record *txt_of(const struct spf_node *node)
{
    for (size_t i = 0; node->answer != NULL && i < node->answer->record_count; i++) {
        if (node->answer->records[i].text.start == node->record.text.start)
            return &node->answer->records[i];
    }
    return NULL;
}

size_t spf_repair_seams(const struct spf_node *node, struct arena *arena, struct spf_seam *seams)
{
    const struct dns_record *txt = txt_of(node);
    size_t count = 0;
    size_t boundary = 0;
    size_t k = 0;
    for (size_t i = 0; txt != NULL && i + 1 < txt->string_count && count < SPF_SEAMS_MAX; i++) {
        boundary += txt->strings[i];
        while (k < node->record.count &&
               node->record.terms[k].offset + node->record.terms[k].text.length <= boundary)
            k++;
        if (k == node->record.count || boundary <= node->record.terms[k].offset)
            continue;
        const struct spf_term *term = &node->record.terms[k];
        size_t cut = boundary - term->offset;
        struct slice left = slice_sub(term->text, 0, cut);
        struct slice right = slice_sub(term->text, cut, term->text.length);
        if (is_seam(&node->terms[k], left, right, txt->strings[i], arena))
            seams[count++] = (struct spf_seam){.offset = boundary, .term = term};
    }
    return count;
}

/* The record with a space at each seam. */
static const char *parted(const struct spf_node *node, const struct spf_seam *seams, size_t count,
                          struct arena *arena)
{
    struct slice text = node->record.text;
    struct text out;
    size_t at = 0;
    text_init(&out, text.length + count);
    for (size_t i = 0; i < count; i++) {
        text_append_slice(&out, slice_sub(text, at, seams[i].offset - at));
        text_append_char(&out, ' ');
        at = seams[i].offset;
    }
    text_append_slice(&out, slice_sub(text, at, text.length));
    const char *result = arena_copy_slice(arena, text_slice(&out));
    text_release(&out);
    return result;
}

/* ---- a record of the tree */

/* A text whose octets were changed has other terms than the node: facts are found by their text. */
const char *spf_repair(const struct spf_node *node, const struct spf_repair_wish *wish,
                       struct arena *arena)
{
    struct spf_seam *seams = arena_array(arena, SPF_SEAMS_MAX, sizeof *seams);
    struct spf_record record = node->record;
    bool is_odd = record.error == SPF_ERROR_NOT_ASCII || record.error == SPF_ERROR_CHARACTER;
    if (node->state != SPF_NODE_RECORD || record.text.length > REPAIR_MAX ||
        slice_find(record.text, '\0') < record.text.length)
        return NULL;
    size_t count = spf_repair_seams(node, arena, seams);
    if (count > 0)
        spf_record_parse(slice_of(parted(node, seams, count, arena)), arena, &record);
    if (is_odd) {
        struct text plain;
        text_init(&plain, REPAIR_MAX);
        append_plain(&plain, record.text);
        const char *copy = arena_copy(arena, plain.start);
        text_release(&plain);
        spf_record_parse(slice_of(copy), arena, &record);
    }
    struct assembly assembly = {
        .wish = wish, .record = &record, .node = node, .arena = arena, .has_seams = count > 0};
    const char *repaired = assemble(&assembly);
    return repaired == NULL || slice_equals_text(node->record.text, repaired) ? NULL : repaired;
}
