#include "mail/address.h"

#include <string.h>

#include "mail/idn.h"

#define MAILBOX_SECTION "RFC 5321 4.1.2"
#define LITERAL_SECTION "RFC 5321 4.1.3"
#define LABEL_SECTION "RFC 1035 2.3.4"

static const struct {
    const char *text, *section;
} ERRORS[] = {
    [ADDRESS_FINE] = {"nothing is wrong",                                                           MAILBOX_SECTION     },
    [ADDRESS_EMPTY] = {"there is no address",                                                        MAILBOX_SECTION     },
    [ADDRESS_NO_AT] = {"there is no \"@\"",                                                          MAILBOX_SECTION     },
    [ADDRESS_NO_LOCAL] = {"nothing stands before the \"@\"",                                            MAILBOX_SECTION     },
    [ADDRESS_DOT] = {"a dot stands between two characters, never at an end or beside another dot",
                      MAILBOX_SECTION                                                                                   },
    [ADDRESS_BLANK] = {"there is a blank outside of quotes",                                         MAILBOX_SECTION     },
    [ADDRESS_ANGLE] = {"an address is given without angle brackets",                                 MAILBOX_SECTION     },
    [ADDRESS_COMMENT] = {"there is a comment, which belongs into header fields alone",
                      MAILBOX_SECTION                                                                                   },
    [ADDRESS_BAD_CHARACTER] = {"this character stands in quotes, or not at all",                             "RFC 5322 3.2.3"    },
    [ADDRESS_NEEDS_SMTPUTF8] = {"a character that is not ASCII needs --smtputf8",                             "RFC 6531 3.3"      },
    [ADDRESS_BAD_UTF8] = {"these octets are no UTF-8",                                                  "RFC 3629 3"        },
    [ADDRESS_OPEN_QUOTE] = {"the quoted local part does not end",                                         MAILBOX_SECTION     },
    [ADDRESS_AFTER_QUOTE] = {"behind the closing quote comes the \"@\"",                                   MAILBOX_SECTION     },
    [ADDRESS_BAD_QUOTED] = {"no control character stands in quotes, not behind a backslash either",
                      MAILBOX_SECTION                                                                                   },
    [ADDRESS_LOCAL_TOO_LONG] = {"the local part is longer than 64 octets",                                    "RFC 5321 4.5.3.1.1"},
    [ADDRESS_NO_DOMAIN] = {"nothing stands behind the \"@\"",                                            MAILBOX_SECTION     },
    [ADDRESS_BAD_DOMAIN] = {"a domain has letters, digits, hyphens and dots",                             "RFC 5321 2.3.5"    },
    [ADDRESS_SECOND_AT] = {"there is a second \"@\"",                                                    MAILBOX_SECTION     },
    [ADDRESS_EMPTY_LABEL] = {"a label of the domain is empty",                                             MAILBOX_SECTION     },
    [ADDRESS_FINAL_DOT] = {"a domain in an address has no final dot",                                    MAILBOX_SECTION     },
    [ADDRESS_HYPHEN] = {"a label neither begins nor ends with a hyphen",                              MAILBOX_SECTION     },
    [ADDRESS_LABEL_TOO_LONG] = {"a label is longer than 63 octets",                                           LABEL_SECTION       },
    [ADDRESS_DOMAIN_TOO_LONG] = {"the domain is too long",                                                     LABEL_SECTION       },
    [ADDRESS_BARE_IP] = {"an IP address stands in square brackets",                                    LITERAL_SECTION     },
    [ADDRESS_ALL_DIGITS] = {"the last label is not of digits alone",                                      "RFC 1123 2.1"      },
    [ADDRESS_BAD_IDN] = {"this is no internationalised domain name",                                   "RFC 5891 4.2"      },
    [ADDRESS_OPEN_LITERAL] = {"the address literal has no closing bracket",                                 LITERAL_SECTION     },
    [ADDRESS_BAD_LITERAL] = {"the address literal is neither [192.0.2.1] nor [IPv6:2001:db8::1]",
                      LITERAL_SECTION                                                                                   },
    [ADDRESS_AFTER_LITERAL] = {"nothing stands behind the closing bracket",                                  LITERAL_SECTION     },
    [ADDRESS_PATH_TOO_LONG] = {"the address is longer than 254 octets",                                      "RFC 5321 4.5.3.1.3"},
};

const char *address_error_text(enum address_error error)
{
    return ERRORS[error].text;
}

const char *address_error_section(enum address_error error)
{
    return ERRORS[error].section;
}

struct reader {
    struct slice text;
    size_t at;
    bool smtputf8;
    struct address *address;
};

static bool fail(struct reader *reader, enum address_error error, size_t at)
{
    size_t column = 1;

    /* Octets that continue a character of UTF-8 are none of their own. */
    for (size_t i = 0; i < at && i < reader->text.length; i++)
        column += ((unsigned char)reader->text.start[i] & 0xC0) != 0x80;
    *reader->address = (struct address){.error = error, .column = column};
    return false;
}

static bool is_end(const struct reader *reader)
{
    return reader->at >= reader->text.length;
}

static unsigned char octet_at(const struct reader *reader, size_t at)
{
    return (unsigned char)reader->text.start[at];
}

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

/* atext = ALPHA / DIGIT / "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "/" / "=" / "?" /
 *         "^" / "_" / "`" / "{" / "|" / "}" / "~" */
static bool is_atext(unsigned char c)
{
    return is_letter(c) || is_digit(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* UTF8-2 / UTF8-3 / UTF8-4 of RFC 3629 4: octets of the character at `at`, 0 when it is none. */
static size_t utf8_length(struct slice text, size_t at)
{
    unsigned char lead = (unsigned char)text.start[at];
    size_t length = lead >= 0xC2 && lead <= 0xDF ? 2 : lead >= 0xE0 && lead <= 0xEF ? 3 : 4;
    unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;

    if (lead < 0xC2 || lead > 0xF4 || at + length > text.length)
        return 0;
    for (size_t i = 1; i < length; i++) {
        unsigned char c = (unsigned char)text.start[at + i];

        if (c < (i == 1 ? least : 0x80) || c > (i == 1 ? most : 0xBF))
            return 0;
    }
    return length;
}

/* C1 is control as well, in UTF-8: U+0080 to U+009F. */
static bool read_utf8(struct reader *reader)
{
    size_t length = utf8_length(reader->text, reader->at);

    if (length == 0)
        return fail(reader, ADDRESS_BAD_UTF8, reader->at);
    if (!reader->smtputf8)
        return fail(reader, ADDRESS_NEEDS_SMTPUTF8, reader->at);
    if (octet_at(reader, reader->at) == 0xC2 && octet_at(reader, reader->at + 1) < 0xA0)
        return fail(reader, ADDRESS_BAD_CHARACTER, reader->at);
    reader->address->is_utf8 = true;
    reader->at += length;
    return true;
}

static enum address_error character_error(unsigned char c)
{
    switch (c) {
    case ' ':
    case '\t':
        return ADDRESS_BLANK;
    case '<':
    case '>':
        return ADDRESS_ANGLE;
    case '(':
    case ')':
        return ADDRESS_COMMENT;
    default:
        return ADDRESS_BAD_CHARACTER;
    }
}

/* Dot-string = Atom *("." Atom); Atom = 1*atext, with UTF8-non-ascii of RFC 6531 3.3 */
static bool read_dot_string(struct reader *reader)
{
    size_t atom = 0; /* octets since the last dot */

    while (!is_end(reader) && octet_at(reader, reader->at) != '@') {
        unsigned char c = octet_at(reader, reader->at);

        if (c >= 0x80) {
            if (!read_utf8(reader))
                return false;
            atom++;
            continue;
        }
        if (c == '.' && atom == 0)
            return fail(reader, ADDRESS_DOT, reader->at);
        if (c != '.' && !is_atext(c))
            return fail(reader, character_error(c), reader->at);
        atom = c == '.' ? 0 : atom + 1;
        reader->at++;
    }
    if (reader->at > 0 && atom == 0 && !is_end(reader))
        return fail(reader, ADDRESS_DOT, reader->at - 1);
    return true;
}

/* Quoted-string = DQUOTE *QcontentSMTP DQUOTE
 * qtextSMTP = %d32-33 / %d35-91 / %d93-126; quoted-pairSMTP = %d92 %d32-126 */
static bool read_quoted(struct reader *reader)
{
    reader->address->is_quoted = true;
    for (reader->at++; !is_end(reader) && octet_at(reader, reader->at) != '"';) {
        unsigned char c = octet_at(reader, reader->at);

        if (c == '\\' && ++reader->at < reader->text.length) {
            c = octet_at(reader, reader->at);
            if (c >= 0x80)
                return fail(reader, ADDRESS_BAD_QUOTED, reader->at);
        }
        if (is_end(reader))
            break;
        if (c < ' ' || c == 0x7F)
            return fail(reader, ADDRESS_BAD_QUOTED, reader->at);
        if (c < 0x80)
            reader->at++;
        else if (!read_utf8(reader))
            return false;
    }
    if (is_end(reader))
        return fail(reader, ADDRESS_OPEN_QUOTE, 0);
    reader->at++;
    if (!is_end(reader) && octet_at(reader, reader->at) != '@')
        return fail(reader, ADDRESS_AFTER_QUOTE, reader->at);
    return true;
}

static bool read_local(struct reader *reader)
{
    if (octet_at(reader, 0) == '@')
        return fail(reader, ADDRESS_NO_LOCAL, 0);
    if (octet_at(reader, 0) == '"' ? !read_quoted(reader) : !read_dot_string(reader))
        return false;
    if (is_end(reader))
        return fail(reader, ADDRESS_NO_AT, reader->text.length);
    if (reader->at > ADDRESS_LOCAL_MAX)
        return fail(reader, ADDRESS_LOCAL_TOO_LONG, ADDRESS_LOCAL_MAX);
    reader->address->local = slice_sub(reader->text, 0, reader->at);
    return true;
}

/* address-literal = "[" ( IPv4-address-literal / IPv6-address-literal ) "]"; what General-address-
 * literal could be beside them was never registered. */
static bool read_literal(struct reader *reader)
{
    struct slice rest = slice_sub(reader->text, reader->at, reader->text.length);
    size_t close = slice_find(rest, ']');
    struct slice inside = slice_sub(rest, 1, close - 1);
    bool is_v6 = slice_starts_with_ignoring_case(inside, "IPv6:");
    struct ip_address *literal = &reader->address->literal;

    if (close == rest.length)
        return fail(reader, ADDRESS_OPEN_LITERAL, reader->at);
    if (close + 1 < rest.length)
        return fail(reader, ADDRESS_AFTER_LITERAL, reader->at + close + 1);
    if (!ip_parse(is_v6 ? slice_sub(inside, 5, inside.length) : inside, literal) ||
        (literal->family == IP_V6) != is_v6)
        return fail(reader, ADDRESS_BAD_LITERAL, reader->at + 1);
    reader->address->domain = rest;
    return true;
}

/* sub-domain = Let-dig [Ldh-str], or U-label; the label that ends at `end`. */
static bool check_label(struct reader *reader, size_t start, size_t end)
{
    if (start == end)
        return fail(reader, end == reader->text.length ? ADDRESS_FINAL_DOT : ADDRESS_EMPTY_LABEL,
                    end == reader->text.length ? end - 1 : start);
    if (octet_at(reader, start) == '-')
        return fail(reader, ADDRESS_HYPHEN, start);
    if (octet_at(reader, end - 1) == '-')
        return fail(reader, ADDRESS_HYPHEN, end - 1);
    if (end - start <= DOMAIN_LABEL_MAX)
        return true;
    for (size_t i = start; i < end; i++) {
        if (octet_at(reader, i) >= 0x80)
            return true; /* its A-label is what counts */
    }
    return fail(reader, ADDRESS_LABEL_TOO_LONG, start + DOMAIN_LABEL_MAX);
}

/* Domain = sub-domain *("." sub-domain) */
static bool check_labels(struct reader *reader, size_t start)
{
    size_t label = start;
    size_t i = start;

    while (i < reader->text.length) {
        unsigned char c = octet_at(reader, i);
        size_t length = c < 0x80 ? 1 : utf8_length(reader->text, i);

        if (length == 0)
            return fail(reader, ADDRESS_BAD_UTF8, i);
        if (c == '@')
            return fail(reader, ADDRESS_SECOND_AT, i);
        if (c < 0x80 && c != '.' && c != '-' && !is_letter(c) && !is_digit(c))
            return fail(reader,
                        character_error(c) == ADDRESS_BAD_CHARACTER ? ADDRESS_BAD_DOMAIN
                                                                    : character_error(c),
                        i);
        if (c == '.') {
            if (!check_label(reader, label, i))
                return false;
            label = i + 1;
        }
        i += length;
    }
    return check_label(reader, label, i);
}

static size_t last_label(const struct reader *reader)
{
    size_t at = reader->text.length;

    while (at > reader->at && octet_at(reader, at - 1) != '.')
        at--;
    return at;
}

static bool read_domain(struct reader *reader)
{
    struct slice domain = slice_sub(reader->text, reader->at, reader->text.length);
    struct ip_address bare;
    char host[DOMAIN_TEXT_SIZE];

    if (domain.length == 0)
        return fail(reader, ADDRESS_NO_DOMAIN, reader->at);
    if (domain.start[0] == '[')
        return read_literal(reader);
    if (domain.length > ADDRESS_DOMAIN_MAX)
        return fail(reader, ADDRESS_DOMAIN_TOO_LONG, reader->at + ADDRESS_DOMAIN_MAX);
    if (ip_parse(domain, &bare))
        return fail(reader, ADDRESS_BARE_IP, reader->at);
    if (!check_labels(reader, reader->at))
        return false;
    switch (domain_to_ascii(domain, host)) {
    case DOMAIN_FINE:
        break;
    case DOMAIN_TOO_LONG:
        return fail(reader, ADDRESS_DOMAIN_TOO_LONG, reader->at);
    case DOMAIN_LABEL_TOO_LONG:
        return fail(reader, ADDRESS_LABEL_TOO_LONG, reader->at);
    default:
        return fail(reader, ADDRESS_BAD_IDN, reader->at);
    }
    if (!domain_is_host_name(host))
        return fail(reader, ADDRESS_ALL_DIGITS, last_label(reader));
    reader->address->domain = domain;
    memcpy(reader->address->host, host, sizeof host);
    return true;
}

bool address_parse(struct slice text, bool smtputf8, struct address *address)
{
    struct reader reader = {.text = text, .smtputf8 = smtputf8, .address = address};

    *address = (struct address){.error = ADDRESS_FINE};
    if (text.length == 0)
        return fail(&reader, ADDRESS_EMPTY, 0);
    if (!read_local(&reader))
        return false;
    reader.at++;
    if (!read_domain(&reader))
        return false;
    if (text.length + 2 > ADDRESS_PATH_MAX)
        return fail(&reader, ADDRESS_PATH_TOO_LONG, ADDRESS_PATH_MAX - 2);
    return true;
}
