#include "mail/smtp_ehlo.h"

#include "mail/domain.h"
#include "mail/ip.h"

#define SIZE_DIGITS_MAX 20
#define IPV6_TAG "IPv6:"

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_all_of(struct slice word, const char *set)
{
    return word.length > 0 && slice_trim(word, set).length == 0;
}

/*
 * address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal )
 * "]" IPv6-address-literal = "IPv6:" IPv6-addr                                        RFC
 * 5321 4.1.3
 */
static bool is_literal(struct slice word)
{
    if (word.length < 3 || word.start[0] != '[' || word.start[word.length - 1] != ']') {
        return false;
    }
    struct slice inner = slice_sub(word, 1, word.length - 2);
    struct ip_address address;
    if (slice_starts_with_ignoring_case(inner, IPV6_TAG)) {
        inner = slice_sub(inner, sizeof IPV6_TAG - 1, inner.length);
        return ip_parse(inner, &address) && address.family == IP_V6;
    }
    return ip_parse(inner, &address) && address.family == IP_V4;
}

static enum smtp_name_kind kind_of(struct slice word)
{
    char name[DOMAIN_TEXT_SIZE];
    if (word.length == 0) {
        return SMTP_NAME_NONE;
    }
    if (is_literal(word)) {
        return SMTP_NAME_LITERAL;
    }
    if (is_all_of(word, "*") || is_all_of(word, "xX")) {
        return SMTP_NAME_MASKED;
    }
    if (domain_normalize(word, name) != DOMAIN_FINE || !domain_is_host_name(name)) {
        return SMTP_NAME_INVALID;
    }
    if (domain_is_within(name, "localhost") || domain_is_within(name, "localdomain")) {
        return SMTP_NAME_LOCALHOST;
    }
    return domain_label_count(name) > 1 ? SMTP_NAME_FQDN : SMTP_NAME_SINGLE_LABEL;
}

/*
 * Greeting = "220" SP (Domain / address-literal) [ SP textstring ] CRLF ...       RFC 5321 4.2
 */
void smtp_name_parse(struct slice text, struct smtp_name *name)
{
    struct slice line = slice_sub(text, 0, slice_find(text, '\n'));
    size_t end = slice_find(line, ' ');
    name->name = slice_sub(line, 0, end);
    name->rest = slice_trim(slice_sub(line, end, line.length), " ");
    name->kind = kind_of(name->name);
}

/*
 * ehlo-line = ehlo-keyword *( SP ehlo-param )                                 RFC 5321 4.1.1.1
 * ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
 * ehlo-param = 1*(%d33-126)
 */
static void read_keyword(struct slice line, struct smtp_keyword *keyword)
{
    size_t end = slice_find(line, ' ');
    *keyword = (struct smtp_keyword){.name = slice_sub(line, 0, end)};
    if (slice_starts_with_ignoring_case(line, "AUTH=")) {
        keyword->faults |= SMTP_KEYWORD_LEGACY_AUTH;
        keyword->name = slice_sub(line, 0, 4);
        end = 4;
    }
    keyword->parameters = slice_trim(slice_sub(line, end + 1, line.length), " ");
    struct slice name = keyword->name;
    for (size_t i = 0; i < name.length; i++) {
        if (!is_alnum(name.start[i]) && (i == 0 || name.start[i] != '-')) {
            keyword->faults |= SMTP_KEYWORD_BAD_NAME;
        }
    }
    if (name.length == 0) {
        keyword->faults |= SMTP_KEYWORD_BAD_NAME;
    }
    for (size_t i = 0; i < keyword->parameters.length; i++) {
        unsigned char octet = (unsigned char)keyword->parameters.start[i];
        if (octet < 32 || octet > 126) {
            keyword->faults |= SMTP_KEYWORD_BAD_PARAMETER;
        }
    }
}

static bool is_duplicate(const struct smtp_ehlo *ehlo, const struct smtp_keyword *keyword)
{
    for (size_t i = 0; i < ehlo->count; i++) {
        /* "AUTH=LOGIN" beside "AUTH LOGIN" is the custom of the old clients' days. */
        unsigned differ = (ehlo->keywords[i].faults ^ keyword->faults) & SMTP_KEYWORD_LEGACY_AUTH;
        if (differ == 0 && slice_equals_ignoring_case(ehlo->keywords[i].name, keyword->name)) {
            return true;
        }
    }
    return false;
}

void smtp_ehlo_parse(struct slice text, struct smtp_ehlo *ehlo)
{
    struct slice rest = text;
    struct slice line;
    ehlo->count = 0;
    ehlo->omitted = 0;
    ehlo->faults = 0;
    smtp_name_parse(text, &ehlo->name);
    slice_split(&rest, '\n', &line);
    while (rest.start != NULL && slice_split(&rest, '\n', &line)) {
        if (ehlo->count == SMTP_EHLO_MAX) {
            ehlo->omitted++;
            continue;
        }
        struct smtp_keyword keyword;
        read_keyword(line, &keyword);
        if (is_duplicate(ehlo, &keyword)) {
            keyword.faults |= SMTP_KEYWORD_DUPLICATE;
        }
        ehlo->faults |= keyword.faults;
        ehlo->keywords[ehlo->count++] = keyword;
    }
}

const struct smtp_keyword *smtp_ehlo_find(const struct smtp_ehlo *ehlo, const char *name)
{
    for (size_t i = 0; i < ehlo->count; i++) {
        if (slice_equals_text_ignoring_case(ehlo->keywords[i].name, name)) {
            return &ehlo->keywords[i];
        }
    }
    return NULL;
}

bool smtp_ehlo_has_parameter(const struct smtp_ehlo *ehlo, const char *name, const char *parameter)
{
    for (size_t i = 0; i < ehlo->count; i++) {
        struct slice rest = ehlo->keywords[i].parameters;
        struct slice word;
        if (!slice_equals_text_ignoring_case(ehlo->keywords[i].name, name)) {
            continue;
        }
        while (rest.start != NULL && slice_split(&rest, ' ', &word)) {
            if (slice_equals_text_ignoring_case(word, parameter)) {
                return true;
            }
        }
    }
    return false;
}

/*
 * size-param = [size-value]                                                       RFC 1870 4
 * size-value = 1*20DIGIT
 */
enum smtp_size smtp_ehlo_size(const struct smtp_ehlo *ehlo, uint64_t *octets)
{
    const struct smtp_keyword *size = smtp_ehlo_find(ehlo, "SIZE");
    *octets = 0;
    if (size == NULL) {
        return SMTP_SIZE_ABSENT;
    }
    if (size->parameters.length == 0) {
        return SMTP_SIZE_UNSPECIFIED;
    }
    if (size->parameters.length > SIZE_DIGITS_MAX ||
        slice_trim(size->parameters, "0123456789").length > 0) {
        return SMTP_SIZE_INVALID;
    }
    if (!slice_to_number(size->parameters, UINT64_MAX, octets)) {
        *octets = UINT64_MAX;
    }
    return *octets == 0 ? SMTP_SIZE_UNLIMITED : SMTP_SIZE_LIMITED;
}

/* Cisco's "fixup" writes X over each letter of a keyword that it does not know, and the last may
 * stay or become A. */
static bool was_starttls(struct slice name)
{
    static const char STARTTLS[] = "STARTTLS";
    size_t length = sizeof STARTTLS - 1;
    if (name.length == length && is_all_of(slice_sub(name, 0, length - 1), "xX")) {
        return true;
    }
    return name.length + 1 >= length && slice_distance(name, slice_of(STARTTLS)) <= 2;
}

const struct smtp_keyword *smtp_ehlo_damaged_starttls(const struct smtp_ehlo *ehlo)
{
    if (smtp_ehlo_find(ehlo, "STARTTLS") != NULL) {
        return NULL;
    }
    for (size_t i = 0; i < ehlo->count; i++) {
        if (was_starttls(ehlo->keywords[i].name)) {
            return &ehlo->keywords[i];
        }
    }
    return NULL;
}
