#include "mail/dkim_signature.h"

#include <string.h>

#include "mail/idn.h"

#define SPACE " \t\r\n"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * sig-a-tag-alg = sig-a-tag-k "-" sig-a-tag-h
 */
static enum dkim_signature_fault read_algorithm(struct dkim_signature *signature,
                                                const struct tag *tag)
{
    static const struct {
        const char *name;
        enum dkim_key_type type;
        enum dkim_hash hash;
    } algorithms[] = {
        {"rsa-sha256",     DKIM_KEY_RSA,     DKIM_SHA256},
        {"ed25519-sha256", DKIM_KEY_ED25519, DKIM_SHA256},
        {"rsa-sha1",       DKIM_KEY_RSA,     DKIM_SHA1  },
    };
    signature->algorithm = tag->value;
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (slice_equals_text_ignoring_case(tag->value, algorithms[i].name)) {
            signature->key_type = algorithms[i].type;
            signature->hash = algorithms[i].hash;
            return DKIM_SIGNATURE_FINE;
        }
    return DKIM_SIGNATURE_ALGORITHM;
}

static bool read_form(struct slice text, enum canonical_form *form)
{
    *form = slice_equals_text_ignoring_case(text, "relaxed") ? CANONICAL_RELAXED : CANONICAL_SIMPLE;
    return *form == CANONICAL_RELAXED || slice_equals_text_ignoring_case(text, "simple");
}

/*
 * sig-c-tag = %x63 [FWS] "=" [FWS] sig-c-tag-alg ["/" sig-c-tag-alg]
 */
static enum dkim_signature_fault read_canonicalization(struct dkim_signature *signature,
                                                       const struct tag *tag)
{
    if (!tag)
        return DKIM_SIGNATURE_FINE;
    size_t slash = slice_find(tag->value, '/');
    signature->has_canonicalization = true;
    if (!read_form(slice_sub(tag->value, 0, slash), &signature->header_form))
        return DKIM_SIGNATURE_CANONICALIZATION;
    if (slash == tag->value.length)
        return DKIM_SIGNATURE_FINE;
    return read_form(slice_sub(tag->value, slash + 1, tag->value.length), &signature->body_form)
               ? DKIM_SIGNATURE_FINE
               : DKIM_SIGNATURE_CANONICALIZATION;
}

/*
 * domain-name = sub-domain 1*("." sub-domain)      U-labels as A-labels: RFC 8616 4
 */
static bool read_domain(struct slice text, char out[static DOMAIN_TEXT_SIZE])
{
    if (domain_to_ascii(text, out) != DOMAIN_FINE || text.start[text.length - 1] == '.' ||
        !domain_is_host_name(out) || domain_label_count(out) < 2) {
        out[0] = '\0';
        return false;
    }
    return true;
}

/*
 * selector = sub-domain *( "." sub-domain )        RFC 6376 3.1; "_" is let through, many have it
 */
static bool read_selector(struct slice text, char out[static DOMAIN_TEXT_SIZE])
{
    bool is_name = text.length > 0 && text.start[text.length - 1] != '.' &&
                   domain_to_ascii(text, out) == DOMAIN_FINE;
    if (is_name)
        is_name = out[strspn(out, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0';
    if (!is_name)
        out[0] = '\0';
    return is_name;
}

/*
 * sig-h-tag = %x68 [FWS] "=" [FWS] hdr-name *( [FWS] ":" [FWS] hdr-name )
 */
static enum dkim_signature_fault read_headers(struct arena *arena, struct dkim_signature *signature,
                                              const struct tag *tag)
{
    struct slice rest = tag->value;
    struct slice name;
    size_t count = 1;
    for (size_t i = 0; i < rest.length; i++)
        count += rest.start[i] == ':';
    if (count > DKIM_SIGNATURE_HEADERS_MAX)
        return DKIM_SIGNATURE_HEADERS;
    struct slice *headers = arena_array(arena, count, sizeof *headers);
    signature->headers = headers;
    while (slice_split(&rest, ':', &name)) {
        name = slice_trim(name, SPACE);
        if (name.length == 0)
            return DKIM_SIGNATURE_HEADERS;
        for (size_t i = 0; i < name.length; i++)
            if (name.start[i] <= 32 || name.start[i] >= 127)
                return DKIM_SIGNATURE_HEADERS;
        headers[signature->header_count++] = name;
    }
    return dkim_signature_signs(signature, "from") > 0 ? DKIM_SIGNATURE_FINE : DKIM_SIGNATURE_FROM;
}

static enum dkim_signature_fault read_data(struct arena *arena, struct dkim_signature *signature,
                                           const struct tag *data, const struct tag *body_hash)
{
    size_t room = BASE64_DECODED_SIZE(data->value.length);
    uint8_t *octets = arena_alloc(arena, room);
    signature->signature = octets;
    if (base64_decode(data->value, BASE64_FWS, octets, room, &signature->signature_length, NULL) !=
        BASE64_FINE)
        return DKIM_SIGNATURE_DATA;
    room = BASE64_DECODED_SIZE(body_hash->value.length);
    octets = arena_alloc(arena, room);
    signature->body_hash = octets;
    if (base64_decode(body_hash->value, BASE64_FWS, octets, room, &signature->body_hash_length,
                      NULL) != BASE64_FINE ||
        signature->body_hash_length != dkim_hash_size(signature->hash))
        return DKIM_SIGNATURE_BODY_HASH;
    return DKIM_SIGNATURE_FINE;
}

/*
 * dkim-quoted-printable = *(FWS / hex-octet / dkim-safe-char)
 */
static bool unquote(struct slice text, char *out)
{
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.start[i];
        if (memchr(SPACE, c, 4))
            continue;
        if (c == '=') {
            int high = i + 2 < text.length ? hex_value(text.start[i + 1]) : -1;
            int low = i + 2 < text.length ? hex_value(text.start[i + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        out[length++] = c;
    }
    out[length] = '\0';
    return true;
}

/*
 * sig-i-tag = %x69 [FWS] "=" [FWS] [ Local-part ] "@" domain-name
 */
static enum dkim_signature_fault
read_identity(struct arena *arena, struct dkim_signature *signature, const struct tag *tag)
{
    if (!tag) {
        signature->identity = arena_format(arena, "@%s", signature->domain);
        memcpy(signature->identity_domain, signature->domain, sizeof signature->domain);
        return DKIM_SIGNATURE_FINE;
    }
    char *identity = arena_alloc(arena, tag->value.length + 1);
    signature->has_identity = true;
    if (!unquote(tag->value, identity))
        return DKIM_SIGNATURE_IDENTITY;
    signature->identity = identity;
    const char *at = strrchr(identity, '@');
    if (!at || !read_domain(slice_of(at + 1), signature->identity_domain))
        return DKIM_SIGNATURE_IDENTITY;
    return domain_is_within(signature->identity_domain, signature->domain)
               ? DKIM_SIGNATURE_FINE
               : DKIM_SIGNATURE_IDENTITY_DOMAIN;
}

/* Digits only. More than `most` of them, or more than 64 bits hold: `infinite`. */
static bool read_number(const struct tag *tag, size_t most, uint64_t infinite, uint64_t *number)
{
    struct slice text = tag->value;
    *number = infinite;
    if (text.length == 0 || text.length > 76)
        return false;
    for (size_t i = 0; i < text.length; i++)
        if (!is_digit(text.start[i]))
            return false;
    if (text.length <= most && !slice_to_number(text, infinite, number))
        *number = infinite;
    return true;
}

/*
 * sig-l-tag = %x6c [FWS] "=" [FWS] 1*76DIGIT
 * sig-t-tag = %x74 [FWS] "=" [FWS] 1*12DIGIT      more MAY be taken as infinite
 */
static enum dkim_signature_fault read_numbers(struct dkim_signature *signature)
{
    const struct tag *length = tag_list_find(&signature->tags, "l");
    const struct tag *time = tag_list_find(&signature->tags, "t");
    const struct tag *expiry = tag_list_find(&signature->tags, "x");
    uint64_t number;
    signature->has_length = length;
    if (length && !read_number(length, 20, UINT64_MAX, &signature->length))
        return DKIM_SIGNATURE_LENGTH;
    if (time) {
        if (!read_number(time, 12, INT64_MAX, &number))
            return DKIM_SIGNATURE_TIME;
        signature->has_time = true;
        signature->time = (int64_t)number;
    }
    if (expiry) {
        if (!read_number(expiry, 12, INT64_MAX, &number))
            return DKIM_SIGNATURE_TIME;
        signature->has_expiry = true;
        signature->expiry = (int64_t)number;
    }
    return time && expiry && signature->expiry <= signature->time ? DKIM_SIGNATURE_TIME_ORDER
                                                                  : DKIM_SIGNATURE_FINE;
}

/*
 * sig-q-tag = %x71 [FWS] "=" [FWS] sig-q-tag-method *([FWS] ":" [FWS] sig-q-tag-method)
 */
static enum dkim_signature_fault read_query(const struct tag *tag)
{
    struct slice method;
    if (!tag)
        return DKIM_SIGNATURE_FINE;
    struct slice rest = tag->value;
    while (slice_split(&rest, ':', &method))
        if (slice_equals_text_ignoring_case(slice_trim(method, SPACE), "dns/txt"))
            return DKIM_SIGNATURE_FINE;
    return DKIM_SIGNATURE_QUERY;
}

static enum dkim_signature_fault keep_first(enum dkim_signature_fault first,
                                            enum dkim_signature_fault next)
{
    return first != DKIM_SIGNATURE_FINE ? first : next;
}

/* RFC 6376 6.1.1: v=, a=, b=, bh=, d=, h=, s= are required. */
static const char *find_missing(const struct tag_list *tags)
{
    static const char *const required[] = {"v", "a", "b", "bh", "d", "h", "s"};
    for (size_t i = 0; i < sizeof required / sizeof *required; i++)
        if (!tag_list_find(tags, required[i]))
            return required[i];
    return NULL;
}

static enum dkim_signature_fault read_tags(struct arena *arena, struct dkim_signature *signature)
{
    const struct tag_list *tags = &signature->tags;
    enum dkim_signature_fault fault = DKIM_SIGNATURE_FINE;
    if (!slice_equals_text(tag_list_find(tags, "v")->value, "1"))
        fault = DKIM_SIGNATURE_VERSION;
    fault = keep_first(fault, read_algorithm(signature, tag_list_find(tags, "a")));
    fault = keep_first(fault, read_canonicalization(signature, tag_list_find(tags, "c")));
    if (!read_domain(tag_list_find(tags, "d")->value, signature->domain))
        fault = keep_first(fault, DKIM_SIGNATURE_DOMAIN);
    if (!read_selector(tag_list_find(tags, "s")->value, signature->selector))
        fault = keep_first(fault, DKIM_SIGNATURE_SELECTOR);
    fault = keep_first(fault, read_headers(arena, signature, tag_list_find(tags, "h")));
    fault = keep_first(
        fault, read_data(arena, signature, tag_list_find(tags, "b"), tag_list_find(tags, "bh")));
    fault = keep_first(fault, read_identity(arena, signature, tag_list_find(tags, "i")));
    fault = keep_first(fault, read_numbers(signature));
    return keep_first(fault, read_query(tag_list_find(tags, "q")));
}

void dkim_signature_parse(struct arena *arena, struct slice value, struct dkim_signature *signature)
{
    *signature = (struct dkim_signature){.identity = ""};
    if (!tag_list_parse(&signature->tags, value, TAG_LIST_DKIM))
        signature->fault = DKIM_SIGNATURE_TAG_LIST;
    signature->missing = find_missing(&signature->tags);
    if (signature->missing)
        signature->fault = keep_first(signature->fault, DKIM_SIGNATURE_MISSING);
    else
        signature->fault = keep_first(signature->fault, read_tags(arena, signature));
}

size_t dkim_signature_signs(const struct dkim_signature *signature, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < signature->header_count; i++)
        count += slice_equals_text_ignoring_case(signature->headers[i], name);
    return count;
}

const char *dkim_signature_key_name(struct arena *arena, const struct dkim_signature *signature)
{
    return arena_format(arena, "%s._domainkey.%s", signature->selector, signature->domain);
}

const char *dkim_signature_fault_text(enum dkim_signature_fault fault)
{
    static const char *const texts[] = {
        [DKIM_SIGNATURE_FINE] = "no fault",
        [DKIM_SIGNATURE_TAG_LIST] = "the field is not a tag=value list",
        [DKIM_SIGNATURE_MISSING] = "a required tag is missing",
        [DKIM_SIGNATURE_VERSION] = "v= is not 1",
        [DKIM_SIGNATURE_ALGORITHM] = "a= names an unknown algorithm",
        [DKIM_SIGNATURE_CANONICALIZATION] = "c= names an unknown canonicalization",
        [DKIM_SIGNATURE_DOMAIN] = "d= is not a domain name",
        [DKIM_SIGNATURE_SELECTOR] = "s= is not a selector",
        [DKIM_SIGNATURE_HEADERS] = "h= is not a list of header field names",
        [DKIM_SIGNATURE_FROM] = "h= lacks From",
        [DKIM_SIGNATURE_DATA] = "b= is not base64",
        [DKIM_SIGNATURE_BODY_HASH] = "bh= is not a hash in base64",
        [DKIM_SIGNATURE_IDENTITY] = "i= is not an identity",
        [DKIM_SIGNATURE_IDENTITY_DOMAIN] = "i= is not within d=",
        [DKIM_SIGNATURE_LENGTH] = "l= is not a number",
        [DKIM_SIGNATURE_TIME] = "t= or x= is not a number",
        [DKIM_SIGNATURE_TIME_ORDER] = "x= is not after t=",
        [DKIM_SIGNATURE_QUERY] = "q= has no dns/txt",
    };
    return texts[fault];
}
