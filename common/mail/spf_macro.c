#include "mail/spf_macro.h"

#include <stdio.h>
#include <string.h>

/* RFC 3986 2.3 */
static const char unreserved_marks[] = "-._~";
static const char delimiters[] = ".-+,/_=";
/* 253 characters, RFC 7208 7.3 */
enum { NAME_MAX_LENGTH = 253, LABEL_MAX_LENGTH = 63 };

struct error_row {
    const char *text;
    const char *reference;
};

static const struct error_row errors[] = {
    [SPF_FINE] = {"no error",                                                                               "RFC 7208 12"   },
    [SPF_ERROR_CHARACTER] = {"a control character; terms are separated by spaces only",
                  "RFC 7208 4.6.1"                                                                                          },
    [SPF_ERROR_NOT_ASCII] = {"a character that is not ASCII",                                                          "RFC 7208 3.1"  },
    [SPF_ERROR_UNKNOWN_MECHANISM] = {"no such mechanism",                                                                      "RFC 7208 4.6.1"},
    [SPF_ERROR_MODIFIER_NAME] = {"no valid modifier name before \"=\"",                                                    "RFC 7208 4.6.1"},
    [SPF_ERROR_ARGUMENT_MISSING] = {"the argument is missing",                                                                "RFC 7208 4.6.1"},
    [SPF_ERROR_ARGUMENT_UNWANTED] = {"this mechanism takes no argument",                                                       "RFC 7208 5.1"  },
    [SPF_ERROR_PREFIX] = {"the prefix length must be a number without leading zeros, 0 to 32 after "
                          "\"/\" for IPv4, 0 to 128 for IPv6 (after \"//\" in a and mx)", "RFC 7208 5.6"  },
    [SPF_ERROR_PREFIX_UNWANTED] = {"a prefix length is not allowed here",                                                    "RFC 7208 12"   },
    [SPF_ERROR_ADDRESS] = {"not a whole address of this family",                                                     "RFC 7208 5.6"  },
    [SPF_ERROR_ADDRESS_AS_DOMAIN] = {"an address where a domain name must stand",                                              "RFC 7208 7.1"  },
    [SPF_ERROR_TOPLABEL] = {"the domain must end in a top-level label or a macro, after a dot",
                  "RFC 7208 7.1"                                                                                            },
    [SPF_ERROR_MACRO_CHARACTER] = {"\"%\" must be followed by \"{\", \"%\", \"_\" or \"-\"",
                  "RFC 7208 7.3"                                                                                            },
    [SPF_ERROR_MACRO_LETTER] = {"no such macro letter",                                                                   "RFC 7208 7.1"  },
    [SPF_ERROR_MACRO_EXPLANATION] = {"the macro letters c, r and t are for explanation texts only",
                  "RFC 7208 7.2"                                                                                            },
    [SPF_ERROR_MACRO_ZERO] = {"the number of parts in a macro must not be 0",                                           "RFC 7208 7.3"  },
    [SPF_ERROR_MACRO_FORM] = {"a macro must be \"%{\", a letter, digits, \"r\", delimiters, \"}\"",
                  "RFC 7208 7.1"                                                                                            },
    [SPF_ERROR_TWICE] = {"this modifier may stand once only",                                                      "RFC 7208 6"    },
    [SPF_ERROR_TOO_MANY_TERMS] = {"more terms than any receiver evaluates",                                                 "RFC 7208 4.6.4"},
};

const char *spf_error_text(enum spf_error error)
{
    return errors[error].text;
}

const char *spf_error_reference(enum spf_error error)
{
    return errors[error].reference;
}

bool spf_error_is_macro(enum spf_error error)
{
    return error >= SPF_ERROR_MACRO_CHARACTER && error <= SPF_ERROR_MACRO_FORM;
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool is_letter(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

static char lower(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

static bool is_in(const char *set, char character)
{
    return character != '\0' && strchr(set, character) != NULL;
}

/* One "%{...}" taken apart. */
struct macro {
    char letter;  /* as written: upper case asks for URL escaping */
    size_t parts; /* 0: all */
    bool reverse;
    struct slice delimiters;
};

/*
 * macro-expand     = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"
 * macro-letter     = "s" / "l" / "o" / "d" / "i" / "p" / "h" / "c" / "r" / "t" / "v"
 * transformers     = *DIGIT [ "r" ]
 * delimiter        = "." / "-" / "+" / "," / "/" / "_" / "="
 *
 * `at` stands behind "%{" and is moved behind "}".
 */
static enum spf_error parse_macro(struct slice string, size_t *at, struct macro *macro)
{
    *macro = (struct macro){0};
    if (*at >= string.length || !is_letter(string.start[*at]))
        return SPF_ERROR_MACRO_FORM;
    macro->letter = string.start[*at];
    if (!is_in("slodiphcrtv", lower(macro->letter)))
        return SPF_ERROR_MACRO_LETTER;
    (*at)++;
    bool has_digits = false;
    for (; *at < string.length && is_digit(string.start[*at]); (*at)++) {
        has_digits = true;
        if (macro->parts <= SPF_VALUE_MAX)
            macro->parts = macro->parts * 10 + (size_t)(string.start[*at] - '0');
    }
    if (has_digits && macro->parts == 0)
        return SPF_ERROR_MACRO_ZERO;
    if (*at < string.length && lower(string.start[*at]) == 'r') {
        macro->reverse = true;
        (*at)++;
    }
    size_t start = *at;
    while (*at < string.length && is_in(delimiters, string.start[*at]))
        (*at)++;
    macro->delimiters = slice_sub(string, start, *at - start);
    if (*at >= string.length || string.start[*at] != '}')
        return SPF_ERROR_MACRO_FORM;
    (*at)++;
    return SPF_FINE;
}

/* macro-literal    = %x21-24 / %x26-7E */
static enum spf_error check_literal(char character, enum spf_macro_use use)
{
    unsigned char octet = (unsigned char)character;
    if (octet > 0x7e)
        return octet == 0x7f ? SPF_ERROR_CHARACTER : SPF_ERROR_NOT_ASCII;
    if (octet < 0x20 || (octet == 0x20 && use != SPF_MACRO_EXPLANATION))
        return SPF_ERROR_CHARACTER;
    return SPF_FINE;
}

static enum spf_error check_percent(struct slice string, enum spf_macro_use use, size_t *at)
{
    size_t next = *at + 1;
    if (next >= string.length)
        return SPF_ERROR_MACRO_CHARACTER;
    if (is_in("%_-", string.start[next])) {
        *at += 2;
        return SPF_FINE;
    }
    if (string.start[next] != '{')
        return SPF_ERROR_MACRO_CHARACTER;
    struct macro macro;
    size_t inside = *at + 2;
    enum spf_error error = parse_macro(string, &inside, &macro);
    if (error != SPF_FINE)
        return error;
    if (use != SPF_MACRO_EXPLANATION && is_in("crt", lower(macro.letter)))
        return SPF_ERROR_MACRO_EXPLANATION;
    *at = inside;
    return SPF_FINE;
}

/*
 * domain-end       = ( "." toplabel [ "." ] ) / macro-expand
 * toplabel         = ( *alphanum ALPHA *alphanum ) /
 *                    ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
 *
 * `literal` is where the literal text after the last macro begins.
 */
static enum spf_error check_domain_end(struct slice string, size_t literal, size_t *offset)
{
    *offset = 0;
    if (string.length == 0)
        return SPF_ERROR_ARGUMENT_MISSING;
    if (literal == string.length)
        return SPF_FINE;
    size_t end = string.length;
    if (string.start[end - 1] == '.')
        end--;
    size_t start = end;
    while (start > literal && string.start[start - 1] != '.')
        start--;
    *offset = start;
    if (start == literal || start == end)
        return SPF_ERROR_TOPLABEL;
    bool has_other = false;
    for (size_t i = start; i < end; i++) {
        char character = string.start[i];
        if (!is_letter(character) && !is_digit(character) && character != '-')
            return SPF_ERROR_TOPLABEL;
        has_other = has_other || !is_digit(character);
    }
    if (string.start[start] == '-' || string.start[end - 1] == '-' || !has_other) {
        struct ip_address address;
        return ip_parse(slice_sub(string, 0, end), &address) ? SPF_ERROR_ADDRESS_AS_DOMAIN
                                                             : SPF_ERROR_TOPLABEL;
    }
    return SPF_FINE;
}

enum spf_error spf_macro_check(struct slice string, enum spf_macro_use use, size_t *offset)
{
    size_t literal = 0;
    for (size_t at = 0; at < string.length;) {
        enum spf_error error;
        *offset = at;
        if (string.start[at] == '%') {
            error = check_percent(string, use, &at);
            literal = at;
        } else {
            error = check_literal(string.start[at], use);
            at++;
        }
        if (error != SPF_FINE)
            return error;
    }
    return use == SPF_MACRO_DOMAIN ? check_domain_end(string, literal, offset) : SPF_FINE;
}

uint32_t spf_macro_letters(struct slice string)
{
    uint32_t letters = 0;
    for (size_t at = 0; at + 1 < string.length; at++) {
        if (string.start[at] != '%')
            continue;
        if (string.start[at + 1] == '{' && at + 2 < string.length &&
            is_letter(string.start[at + 2]))
            letters |= SPF_LETTER(lower(string.start[at + 2]));
        at++;
    }
    return letters;
}

/* "2.0.0.1.0.d.b.8 ..." for IPv6: the nibbles in order, RFC 7208 7.3. */
static void print_dotted(const struct ip_address *ip, char buffer[static IP_REVERSE_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *to = buffer;
    for (size_t i = 0; i < 16; i++) {
        *to++ = digits[ip->bytes[i] >> 4];
        *to++ = '.';
        *to++ = digits[ip->bytes[i] & 15];
        *to++ = '.';
    }
    to[-1] = '\0';
}

static const char *letter_value(char letter, const struct spf_macro_values *values,
                                char buffer[static IP_REVERSE_SIZE])
{
    switch (letter) {
    case 's':
        return values->sender;
    case 'l':
        return values->local_part;
    case 'o':
        return values->sender_domain;
    case 'd':
        return values->domain;
    case 'h':
        return values->helo;
    case 'p':
        return values->validated;
    case 'r':
        return values->receiver;
    case 'v':
        return values->ip.family == IP_NONE ? NULL : values->ip.family == IP_V4 ? "in-addr" : "ip6";
    case 'c':
    case 'i':
        if (values->ip.family == IP_NONE)
            return NULL;
        if (letter == 'c' || values->ip.family == IP_V4)
            return ip_print(&values->ip, buffer);
        print_dotted(&values->ip, buffer);
        return buffer;
    default:
        snprintf(buffer, IP_REVERSE_SIZE, "%lld", (long long)values->time);
        return buffer;
    }
}

static void append_escaped(struct text *out, struct slice part, bool url)
{
    for (size_t i = 0; i < part.length; i++) {
        char character = part.start[i];
        if (url && !is_letter(character) && !is_digit(character) &&
            !is_in(unreserved_marks, character))
            text_printf(out, "%%%02X", (unsigned)(unsigned char)character);
        else
            text_append_char(out, character);
    }
}

static bool is_delimiter(struct slice set, char character)
{
    return slice_find(set, character) < set.length;
}

/* Splits the value, reverses and keeps right-hand parts, RFC 7208 7.3. */
static void append_parts(struct text *out, struct slice value, const struct macro *macro)
{
    struct slice parts[SPF_VALUE_MAX + 1];
    size_t count = 0;
    struct slice set = macro->delimiters.length > 0 ? macro->delimiters : SLICE_LITERAL(".");
    size_t start = 0;
    for (size_t i = 0; i <= value.length; i++) {
        if (i == value.length || is_delimiter(set, value.start[i])) {
            parts[count++] = slice_sub(value, start, i - start);
            start = i + 1;
        }
    }
    size_t wanted = macro->parts == 0 || macro->parts > count ? count : macro->parts;
    bool url = macro->letter <= 'Z';
    for (size_t i = count - wanted; i < count; i++) {
        if (i > count - wanted)
            text_append_char(out, '.');
        append_escaped(out, parts[macro->reverse ? count - 1 - i : i], url);
    }
}

static void expand_macro(const struct macro *macro, const struct spf_macro_values *values,
                         struct text *out)
{
    char buffer[IP_REVERSE_SIZE];
    const char *found = letter_value(lower(macro->letter), values, buffer);
    struct slice value = slice_of(found == NULL ? "unknown" : found);
    if (value.length > SPF_VALUE_MAX)
        value.length = SPF_VALUE_MAX;
    if (macro->parts == 0 && !macro->reverse && macro->delimiters.length == 0)
        append_escaped(out, value, macro->letter <= 'Z');
    else
        append_parts(out, value, macro);
}

void spf_macro_expand(struct slice string, const struct spf_macro_values *values, struct text *out)
{
    for (size_t at = 0; at < string.length && !out->truncated;) {
        char character = string.start[at];
        if (character != '%' || at + 1 >= string.length) {
            text_append_char(out, character);
            at++;
            continue;
        }
        char next = string.start[at + 1];
        at += 2;
        if (next == '%') {
            text_append_char(out, '%');
        } else if (next == '_') {
            text_append_char(out, ' ');
        } else if (next == '-') {
            text_append(out, "%20");
        } else {
            struct macro macro;
            if (parse_macro(string, &at, &macro) == SPF_FINE)
                expand_macro(&macro, values, out);
        }
    }
}

static bool labels_are_good(struct slice name)
{
    struct slice label;
    while (slice_split(&name, '.', &label)) {
        if (label.length == 0 || label.length > LABEL_MAX_LENGTH)
            return false;
    }
    return true;
}

bool spf_target_name(struct slice expanded, char name[static SPF_NAME_SIZE])
{
    name[0] = '\0';
    if (expanded.length > 0 && expanded.start[expanded.length - 1] == '.')
        expanded.length--;
    while (expanded.length > NAME_MAX_LENGTH) {
        size_t dot = slice_find(expanded, '.');
        if (dot == expanded.length)
            return false;
        expanded = slice_sub(expanded, dot + 1, expanded.length);
    }
    if (expanded.length == 0 || !labels_are_good(expanded))
        return false;
    char *to = name;
    for (size_t i = 0; i < expanded.length; i++) {
        unsigned char octet = (unsigned char)expanded.start[i];
        if (octet <= ' ' || octet > '~' || octet == '\\' || octet == '"')
            to += snprintf(to, 5, "\\%03u", octet);
        else
            *to++ = lower((char)octet);
    }
    *to = '\0';
    return true;
}
