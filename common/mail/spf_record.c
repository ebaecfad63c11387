#include "mail/spf_record.h"

#include <string.h>

enum { VERSION_LENGTH = 6 };

static const char *const kind_names[] = {
    [SPF_TERM_INVALID] = "",        [SPF_TERM_ALL] = "all",
    [SPF_TERM_INCLUDE] = "include", [SPF_TERM_A] = "a",
    [SPF_TERM_MX] = "mx",           [SPF_TERM_PTR] = "ptr",
    [SPF_TERM_IP4] = "ip4",         [SPF_TERM_IP6] = "ip6",
    [SPF_TERM_EXISTS] = "exists",   [SPF_TERM_REDIRECT] = "redirect",
    [SPF_TERM_EXP] = "exp",         [SPF_TERM_UNKNOWN_MODIFIER] = "",
};

const char *spf_term_kind_name(enum spf_term_kind kind)
{
    return kind_names[kind];
}

enum spf_term_kind spf_term_kind_of(struct slice name)
{
    for (size_t kind = SPF_TERM_ALL; kind <= SPF_TERM_EXP; kind++) {
        if (slice_equals_text_ignoring_case(name, kind_names[kind]))
            return (enum spf_term_kind)kind;
    }
    return SPF_TERM_INVALID;
}

/* Words that people write and that no distance would find. */
static const struct {
    const char *word;
    enum spf_term_kind kind;
} habits[] = {
    {"ip",          SPF_TERM_IP4     },
    {"ipv4",        SPF_TERM_IP4     },
    {"ipv6",        SPF_TERM_IP6     },
    {"ip-4",        SPF_TERM_IP4     },
    {"ip-6",        SPF_TERM_IP6     },
    {"aaaa",        SPF_TERM_A       },
    {"host",        SPF_TERM_A       },
    {"inc",         SPF_TERM_INCLUDE },
    {"includes",    SPF_TERM_INCLUDE },
    {"exist",       SPF_TERM_EXISTS  },
    {"explanation", SPF_TERM_EXP     },
    {"redirects",   SPF_TERM_REDIRECT},
    {"al",          SPF_TERM_ALL     },
    {"alll",        SPF_TERM_ALL     },
    {"spf",         SPF_TERM_INCLUDE },
};

enum spf_term_kind spf_term_likely(struct slice name)
{
    enum spf_term_kind likely = spf_term_kind_of(name);
    for (size_t i = 0; likely == SPF_TERM_INVALID && i < sizeof habits / sizeof habits[0]; i++) {
        if (slice_equals_text_ignoring_case(name, habits[i].word))
            likely = habits[i].kind;
    }
    /* One edit in a short word, two in a long one; "a" and "mx" are near to everything. */
    size_t best = name.length >= 6 ? 3 : 2;
    if (likely != SPF_TERM_INVALID || name.length < 3)
        return likely;
    for (size_t kind = SPF_TERM_ALL; kind <= SPF_TERM_EXP; kind++) {
        size_t distance = slice_distance(name, slice_of(kind_names[kind]));
        if (strlen(kind_names[kind]) >= 3 && distance < best) {
            best = distance;
            likely = (enum spf_term_kind)kind;
        }
    }
    return likely;
}

bool spf_term_is_mechanism(const struct spf_term *term)
{
    return term->kind >= SPF_TERM_ALL && term->kind <= SPF_TERM_EXISTS;
}

bool spf_term_costs_lookup(const struct spf_term *term)
{
    switch (term->kind) {
    case SPF_TERM_INCLUDE:
    case SPF_TERM_A:
    case SPF_TERM_MX:
    case SPF_TERM_PTR:
    case SPF_TERM_EXISTS:
    case SPF_TERM_REDIRECT:
        return true;
    default:
        return false;
    }
}

/*
 * record           = version terms *SP
 * version          = "v=spf1"
 */
bool spf_record_is(struct slice text)
{
    return slice_starts_with_ignoring_case(text, "v=spf1") &&
           (text.length == VERSION_LENGTH || text.start[VERSION_LENGTH] == ' ');
}

static bool is_letter(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static void fail(struct spf_term *term, enum spf_error error, size_t offset)
{
    if (term->error == SPF_FINE) {
        term->error = error;
        term->error_offset = term->offset + offset;
    }
}

/* Offset of a part within its term. */
static size_t offset_in(const struct spf_term *term, struct slice part)
{
    return part.start == NULL ? term->text.length : (size_t)(part.start - term->text.start);
}

static void check_spec(struct spf_term *term, enum spf_macro_use use)
{
    size_t offset = 0;
    enum spf_error error = spf_macro_check(term->domain, use, &offset);
    if (error == SPF_ERROR_TOPLABEL && slice_find(term->domain, '/') < term->domain.length &&
        (term->kind == SPF_TERM_A || term->kind == SPF_TERM_MX))
        error = SPF_ERROR_PREFIX;
    if (error != SPF_FINE)
        fail(term, error, offset_in(term, term->domain) + offset);
}

/*
 * ip4-cidr-length  = "/" ("0" / %x31-39 0*1DIGIT) ; value range 0-32
 * ip6-cidr-length  = "/" ("0" / %x31-39 0*2DIGIT) ; value range 0-128
 */
static bool parse_prefix(struct slice digits, unsigned maximum, unsigned *prefix)
{
    uint64_t number;
    if (digits.length > 1 && digits.start[0] == '0')
        return false;
    if (!slice_to_number(digits, maximum, &number))
        return false;
    *prefix = (unsigned)number;
    return true;
}

/* Length of the digits at the end of `text` when a "/" stands before them, else SIZE_MAX. */
static size_t prefix_digits(struct slice text)
{
    size_t start = text.length;
    while (start > 0 && is_digit(text.start[start - 1]))
        start--;
    return start > 0 && text.start[start - 1] == '/' ? text.length - start : SIZE_MAX;
}

/* dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ]; cut off the end of *rest. */
static void parse_dual_prefix(struct spf_term *term, struct slice *rest)
{
    size_t digits = prefix_digits(*rest);
    if (digits == SIZE_MAX)
        return;
    size_t slash = rest->length - digits - 1;
    struct slice number = slice_sub(*rest, slash + 1, digits);
    bool is_six = slash > 0 && rest->start[slash - 1] == '/';
    if (is_six) {
        term->has_prefix6 = true;
        slash--;
        if (!parse_prefix(number, 128, &term->prefix6))
            fail(term, SPF_ERROR_PREFIX, offset_in(term, number));
        *rest = slice_sub(*rest, 0, slash);
        digits = prefix_digits(*rest);
        if (digits == SIZE_MAX || digits == 0)
            return;
        slash = rest->length - digits - 1;
        number = slice_sub(*rest, slash + 1, digits);
    }
    term->has_prefix4 = true;
    if (!parse_prefix(number, 32, &term->prefix4))
        fail(term, SPF_ERROR_PREFIX, offset_in(term, number));
    *rest = slice_sub(*rest, 0, slash);
}

/*
 * a                = "a"      [ ":" domain-spec ] [ dual-cidr-length ]
 * mx               = "mx"     [ ":" domain-spec ] [ dual-cidr-length ]
 */
static void parse_address_mechanism(struct spf_term *term, struct slice rest)
{
    parse_dual_prefix(term, &rest);
    if (rest.length == 0)
        return;
    if (rest.start[0] != ':') {
        fail(term, SPF_ERROR_PREFIX, offset_in(term, rest));
        return;
    }
    term->domain = slice_sub(rest, 1, rest.length);
    check_spec(term, SPF_MACRO_DOMAIN);
}

/*
 * include          = "include"  ":" domain-spec
 * exists           = "exists"   ":" domain-spec
 * ptr              = "ptr"    [ ":" domain-spec ]
 */
static void parse_domain_mechanism(struct spf_term *term, struct slice rest)
{
    if (rest.length == 0) {
        if (term->kind != SPF_TERM_PTR)
            fail(term, SPF_ERROR_ARGUMENT_MISSING, term->text.length);
        return;
    }
    if (rest.start[0] != ':') {
        fail(term, SPF_ERROR_PREFIX_UNWANTED, offset_in(term, rest));
        return;
    }
    term->domain = slice_sub(rest, 1, rest.length);
    check_spec(term, SPF_MACRO_DOMAIN);
    size_t digits = prefix_digits(term->domain);
    if (term->error == SPF_ERROR_TOPLABEL && digits != SIZE_MAX) {
        term->error = SPF_ERROR_PREFIX_UNWANTED;
        term->error_offset = term->offset + term->text.length - digits - 1;
    }
}

/*
 * ip4              = "ip4"      ":" ip4-network   [ ip4-cidr-length ]
 * ip6              = "ip6"      ":" ip6-network   [ ip6-cidr-length ]
 */
static void parse_network_mechanism(struct spf_term *term, struct slice rest)
{
    bool is_four = term->kind == SPF_TERM_IP4;
    if (rest.length <= 1 || rest.start[0] != ':') {
        fail(term, SPF_ERROR_ARGUMENT_MISSING, offset_in(term, rest));
        return;
    }
    struct slice address = slice_sub(rest, 1, rest.length);
    size_t slash = slice_find(address, '/');
    term->network.prefix = is_four ? 32 : 128;
    if (slash < address.length) {
        struct slice digits = slice_sub(address, slash + 1, address.length);
        if (!parse_prefix(digits, is_four ? 32 : 128, &term->network.prefix))
            fail(term, SPF_ERROR_PREFIX, offset_in(term, digits));
        address = slice_sub(address, 0, slash);
    }
    if (!ip_parse(address, &term->network.address) ||
        term->network.address.family != (is_four ? IP_V4 : IP_V6))
        fail(term, SPF_ERROR_ADDRESS, offset_in(term, address));
}

/*
 * directive        = [ qualifier ] mechanism
 * qualifier        = "+" / "-" / "?" / "~"
 * mechanism        = ( all / include / a / mx / ptr / ip4 / ip6 / exists )
 */
static void parse_directive(struct spf_term *term)
{
    struct slice rest = term->text;
    if (rest.length > 0 && strchr("+-?~", rest.start[0]) != NULL && rest.start[0] != '\0') {
        term->qualifier = rest.start[0];
        rest = slice_sub(rest, 1, rest.length);
    }
    size_t length = 0;
    while (length < rest.length && rest.start[length] != ':' && rest.start[length] != '/')
        length++;
    term->name = slice_sub(rest, 0, length);
    rest = slice_sub(rest, length, rest.length);
    term->kind = spf_term_kind_of(term->name);
    switch (term->kind) {
    case SPF_TERM_ALL:
        if (rest.length > 0)
            fail(term, SPF_ERROR_ARGUMENT_UNWANTED, offset_in(term, rest));
        break;
    case SPF_TERM_A:
    case SPF_TERM_MX:
        parse_address_mechanism(term, rest);
        break;
    case SPF_TERM_INCLUDE:
    case SPF_TERM_PTR:
    case SPF_TERM_EXISTS:
        parse_domain_mechanism(term, rest);
        break;
    case SPF_TERM_IP4:
    case SPF_TERM_IP6:
        parse_network_mechanism(term, rest);
        break;
    default:
        /* "redirect:x": a modifier's name, yet no mechanism. */
        term->kind = SPF_TERM_INVALID;
        fail(term, SPF_ERROR_UNKNOWN_MECHANISM, offset_in(term, term->name));
        break;
    }
}

/*
 * modifier         = redirect / explanation / unknown-modifier
 * redirect         = "redirect" "=" domain-spec
 * explanation      = "exp" "=" domain-spec
 * unknown-modifier = name "=" macro-string
 */
static void parse_modifier(struct spf_term *term, size_t equals)
{
    term->name = slice_sub(term->text, 0, equals);
    term->domain = slice_sub(term->text, equals + 1, term->text.length);
    term->kind = spf_term_kind_of(term->name);
    if (term->kind == SPF_TERM_REDIRECT || term->kind == SPF_TERM_EXP) {
        check_spec(term, SPF_MACRO_DOMAIN);
        if (term->error == SPF_ERROR_TOPLABEL && prefix_digits(term->domain) != SIZE_MAX)
            term->error = SPF_ERROR_PREFIX_UNWANTED;
        return;
    }
    term->kind = SPF_TERM_UNKNOWN_MODIFIER;
    check_spec(term, SPF_MACRO_STRING);
}

/*
 * name             = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
 *
 * True when the term is a name and "="; *equals is where.
 */
static bool is_modifier(struct slice text, size_t *equals)
{
    size_t i = 0;
    if (text.length == 0 || !is_letter(text.start[0]))
        return false;
    while (i < text.length &&
           (is_letter(text.start[i]) || is_digit(text.start[i]) || text.start[i] == '-' ||
            text.start[i] == '_' || text.start[i] == '.'))
        i++;
    *equals = i;
    return i < text.length && text.start[i] == '=';
}

/* Octets that no term may hold, wherever they stand. */
static void check_characters(struct spf_term *term)
{
    for (size_t i = 0; i < term->text.length; i++) {
        unsigned char octet = (unsigned char)term->text.start[i];
        if (octet < 0x21 || octet > 0x7e) {
            fail(term, octet > 0x7f ? SPF_ERROR_NOT_ASCII : SPF_ERROR_CHARACTER, i);
            return;
        }
    }
}

static void parse_term(struct spf_term *term)
{
    size_t equals = 0;
    term->qualifier = '+';
    term->prefix4 = 32;
    term->prefix6 = 128;
    check_characters(term);
    if (is_modifier(term->text, &equals))
        parse_modifier(term, equals);
    else
        parse_directive(term);
    if (term->error == SPF_ERROR_UNKNOWN_MECHANISM) {
        size_t stop = slice_find(term->text, '=');
        if (stop < slice_find(term->text, ':') && stop < slice_find(term->text, '/'))
            term->error = SPF_ERROR_MODIFIER_NAME;
    }
}

static size_t count_terms(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] != ' ' && (i == 0 || text.start[i - 1] == ' '))
            count++;
    }
    return count;
}

/* Keeps the first of a kind; a second redirect or exp is an error, RFC 7208 6. */
static void note_first(size_t *first, size_t index, struct spf_term *term)
{
    if (*first == SPF_NO_TERM)
        *first = index;
    else if (term->kind != SPF_TERM_ALL)
        fail(term, SPF_ERROR_TWICE, 0);
}

static void note_term(struct spf_record *record, size_t index)
{
    struct spf_term *term = &record->terms[index];
    if (term->kind == SPF_TERM_ALL && term->error == SPF_FINE)
        note_first(&record->all, index, term);
    else if (term->kind == SPF_TERM_REDIRECT)
        note_first(&record->redirect, index, term);
    else if (term->kind == SPF_TERM_EXP)
        note_first(&record->exp, index, term);
    if (term->error != SPF_FINE && record->error == SPF_FINE) {
        record->error = term->error;
        record->error_term = index;
    }
}

/* terms            = *( 1*SP ( directive / modifier ) ) */
bool spf_record_parse(struct slice text, struct arena *arena, struct spf_record *record)
{
    struct slice rest = slice_sub(text, VERSION_LENGTH, text.length);
    size_t count = count_terms(rest);
    *record = (struct spf_record){.text = text,
                                  .error_term = SPF_NO_TERM,
                                  .all = SPF_NO_TERM,
                                  .redirect = SPF_NO_TERM,
                                  .exp = SPF_NO_TERM};
    bool is_cut = count > SPF_TERMS_MAX;
    if (is_cut)
        count = SPF_TERMS_MAX;
    record->terms = arena_array(arena, count, sizeof *record->terms);
    size_t at = VERSION_LENGTH;
    while (record->count < count) {
        while (text.start[at] == ' ')
            at++;
        size_t end = at;
        while (end < text.length && text.start[end] != ' ')
            end++;
        struct spf_term *term = &record->terms[record->count];
        term->offset = at;
        term->text = slice_sub(text, at, end - at);
        parse_term(term);
        note_term(record, record->count);
        record->count++;
        at = end;
    }
    if (is_cut && record->error == SPF_FINE)
        record->error = SPF_ERROR_TOO_MANY_TERMS;
    return record->error == SPF_FINE;
}
