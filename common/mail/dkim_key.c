#include "mail/dkim_key.h"

#include <string.h>

/* ---- DER, as much as public keys need: definite lengths, one octet of tag */

struct der {
    const uint8_t *start;
    size_t length;
};

enum {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_SEQUENCE = 0x30,
};

/* Takes one element off the front of *from; false when it is of another tag or does not fit. */
static bool der_take(struct der *from, uint8_t tag, struct der *content)
{
    if (from->length < 2 || from->start[0] != tag)
        return false;
    size_t length = from->start[1];
    size_t header = 2;
    if (length & 0x80) {
        size_t octets = length & 0x7F;
        if (octets == 0 || octets > 3 || from->length < 2 + octets)
            return false;
        length = 0;
        for (size_t i = 0; i < octets; i++)
            length = length << 8 | from->start[2 + i];
        header += octets;
    }
    if (from->length - header < length)
        return false;
    *content = (struct der){from->start + header, length};
    from->start += header + length;
    from->length -= header + length;
    return true;
}

/* A positive number without its leading zeros. */
static bool der_take_number(struct der *from, struct der *number)
{
    if (!der_take(from, DER_INTEGER, number) || number->length == 0 || number->start[0] & 0x80)
        return false;
    while (number->length > 1 && number->start[0] == 0) {
        number->start++;
        number->length--;
    }
    return true;
}

static bool der_equals(struct der a, const void *octets, size_t length)
{
    return a.length == length && memcmp(a.start, octets, length) == 0;
}

/* RFC 8017 A.1.1: RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } */
static bool read_rsa(struct dkim_key *key, struct der from)
{
    struct der content, modulus, exponent;
    struct der whole = from;
    if (!der_take(&from, DER_SEQUENCE, &content) || from.length > 0 ||
        !der_take_number(&content, &modulus) || !der_take_number(&content, &exponent) ||
        content.length > 0 || modulus.start[0] == 0)
        return false;
    key->rsa_key = whole.start;
    key->rsa_key_length = whole.length;
    key->modulus = modulus.start;
    key->modulus_length = modulus.length;
    key->exponent = exponent.start;
    key->exponent_length = exponent.length;
    key->bits = (unsigned)(modulus.length - 1) * 8;
    for (unsigned top = modulus.start[0]; top > 0; top >>= 1)
        key->bits++;
    return true;
}

/* RFC 5280 4.1: SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey
 * BIT STRING } */
static enum dkim_key_form read_spki(struct dkim_key *key, struct der algorithm, struct der rest)
{
    static const uint8_t rsa[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01};
    static const uint8_t ec[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
    static const uint8_t ed25519[] = {0x2B, 0x65, 0x70};
    struct der oid, bits;
    if (!der_take(&algorithm, DER_OID, &oid) || !der_take(&rest, DER_BIT_STRING, &bits) ||
        rest.length > 0 || bits.length == 0 || bits.start[0] != 0)
        return DKIM_KEY_UNKNOWN_FORM;
    bits.start++;
    bits.length--;
    if (der_equals(oid, rsa, sizeof rsa))
        return read_rsa(key, bits) ? DKIM_KEY_SPKI_RSA : DKIM_KEY_UNKNOWN_FORM;
    if (der_equals(oid, ed25519, sizeof ed25519))
        return DKIM_KEY_SPKI_ED25519;
    return der_equals(oid, ec, sizeof ec) ? DKIM_KEY_SPKI_EC : DKIM_KEY_SPKI_OTHER;
}

/* RFC 8017 A.1.2 RSAPrivateKey, RFC 5958 2 OneAsymmetricKey, RFC 5915 3 ECPrivateKey: a small
 * version first. */
static enum dkim_key_form read_private(struct der version, struct der rest)
{
    struct der content;
    if (version.length != 1 || version.start[0] > 1)
        return DKIM_KEY_UNKNOWN_FORM;
    if (der_take(&rest, DER_SEQUENCE, &content))
        return DKIM_KEY_PRIVATE_PKCS8;
    if (der_take(&rest, DER_OCTET_STRING, &content))
        return DKIM_KEY_PRIVATE_EC;
    return der_take(&rest, DER_INTEGER, &content) && rest.length > 0 ? DKIM_KEY_PRIVATE_PKCS1
                                                                     : DKIM_KEY_UNKNOWN_FORM;
}

static enum dkim_key_form read_form(struct dkim_key *key)
{
    struct der whole = {key->data, key->data_length};
    struct der from = whole;
    struct der content, first;
    if (slice_starts_with(slice_new((const char *)key->data, key->data_length), "-----BEGIN"))
        return DKIM_KEY_PEM_TEXT;
    if (key->data_length == DKIM_ED25519_SIZE)
        return DKIM_KEY_RAW_32;
    if (!der_take(&from, DER_SEQUENCE, &content) || from.length > 0)
        return DKIM_KEY_UNKNOWN_FORM;
    if (der_take(&content, DER_SEQUENCE, &first))
        return read_spki(key, first, content);
    if (read_rsa(key, whole))
        return DKIM_KEY_PKCS1;
    if (der_take(&content, DER_INTEGER, &first))
        return read_private(first, content);
    return DKIM_KEY_UNKNOWN_FORM;
}

/* RFC 8032 5.1: the y coordinates, little-endian, of the eight points of order 1, 2, 4 and 8. */
static bool is_low_order(const uint8_t *point)
{
    static const char low[][DKIM_ED25519_SIZE + 1] = {
        "",
        "\x01",
        "\xec\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        "\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0"
        "\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
        "\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f"
        "\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
    };
    uint8_t y[DKIM_ED25519_SIZE];
    memcpy(y, point, sizeof y);
    y[sizeof y - 1] &= 0x7F;
    for (size_t i = 0; i < sizeof low / sizeof *low; i++)
        if (memcmp(y, low[i], sizeof y) == 0)
            return true;
    return false;
}

/* ---- tags */

/* Takes the next word of a colon-separated list, without the white space around it. */
static bool next_word(struct slice *rest, struct slice *word)
{
    if (!slice_split(rest, ':', word))
        return false;
    *word = slice_trim(*word, " \t\r\n");
    return true;
}

static void read_hashes(struct dkim_key *key, struct slice value)
{
    struct slice word;
    key->allows_sha1 = key->allows_sha256 = false;
    key->has_hashes = true;
    while (next_word(&value, &word)) {
        if (slice_equals_text_ignoring_case(word, "sha256"))
            key->allows_sha256 = true;
        else if (slice_equals_text_ignoring_case(word, "sha1"))
            key->allows_sha1 = true;
        else if (slice_find(word, '-') < word.length)
            key->hash_names_algorithm = true;
    }
}

static void read_services(struct dkim_key *key, struct slice value)
{
    struct slice word;
    key->for_email = key->for_tlsrpt = false;
    key->has_services = true;
    while (next_word(&value, &word)) {
        bool is_all = slice_equals_text(word, "*");
        key->for_email |= is_all || slice_equals_text_ignoring_case(word, "email");
        key->for_tlsrpt |= is_all || slice_equals_text_ignoring_case(word, "tlsrpt");
    }
}

static void read_flags(struct dkim_key *key, struct slice value)
{
    struct slice word;
    while (next_word(&value, &word)) {
        key->testing |= slice_equals_text_ignoring_case(word, "y");
        key->strict |= slice_equals_text_ignoring_case(word, "s");
    }
}

static void read_type(struct dkim_key *key, struct slice value)
{
    key->has_type = true;
    if (slice_equals_text_ignoring_case(value, "rsa"))
        key->type = DKIM_KEY_RSA;
    else
        key->type =
            slice_equals_text_ignoring_case(value, "ed25519") ? DKIM_KEY_ED25519 : DKIM_KEY_OTHER;
}

static void read_data(struct arena *arena, struct dkim_key *key, const struct tag *tag)
{
    size_t room = BASE64_DECODED_SIZE(tag->value.length);
    uint8_t *data = arena_alloc(arena, room);
    key->has_data = true;
    key->base64_error =
        base64_decode(tag->value, BASE64_FWS, data, room, &key->data_length, &key->base64_offset);
    key->base64_offset += tag->value_offset;
    key->data = data;
    if (key->base64_error == BASE64_FINE)
        key->form = read_form(key);
    else if (slice_find_text(tag->value, "-----BEGIN") < tag->value.length)
        key->form = DKIM_KEY_PEM_TEXT;
    if (key->form == DKIM_KEY_RAW_32) {
        key->low_order = is_low_order(data);
        key->bits = key->type == DKIM_KEY_ED25519 ? 256 : 0;
    }
}

static void read_tag(struct dkim_key *key, const struct tag *tag, bool is_first)
{
    struct slice name = tag->name;
    if (slice_equals_text(name, "v")) {
        key->has_version = true;
        key->version_first = is_first;
        key->version_right = slice_equals_text(tag->value, "DKIM1");
    } else if (slice_equals_text(name, "h")) {
        read_hashes(key, tag->value);
    } else if (slice_equals_text(name, "k")) {
        read_type(key, tag->value);
    } else if (slice_equals_text(name, "s")) {
        read_services(key, tag->value);
    } else if (slice_equals_text(name, "t")) {
        read_flags(key, tag->value);
    } else if (slice_equals_text(name, "g")) {
        key->has_granularity = true;
        key->granularity_empty = tag->value.length == 0;
    } else if (!slice_equals_text(name, "n") && !slice_equals_text(name, "p")) {
        key->unknown_tags++;
    }
}

static void read_hints(struct dkim_key *key)
{
    struct slice text = key->text;
    size_t version = slice_find_text(text, "v=DKIM1");
    key->has_quotes =
        text.length > 0 && (text.start[0] == '"' || text.start[text.length - 1] == '"');
    key->has_backslashes = slice_find_text(text, "\\;") < text.length;
    if (version < text.length) {
        struct slice rest = slice_sub(text, version + 1, text.length);
        key->has_two_records = slice_find_text(rest, "v=DKIM1") < rest.length;
    }
}

static bool is_private(const struct dkim_key *key)
{
    return key->form == DKIM_KEY_PRIVATE_PKCS1 || key->form == DKIM_KEY_PRIVATE_PKCS8 ||
           key->form == DKIM_KEY_PRIVATE_EC ||
           (key->form == DKIM_KEY_PEM_TEXT &&
            slice_find_text(key->text, "PRIVATE KEY") < key->text.length);
}

/* The decoded data against k=. */
static enum dkim_key_fault data_fault(const struct dkim_key *key)
{
    struct slice decoded = slice_new((const char *)key->data, key->data_length);
    if (is_private(key) || (key->form == DKIM_KEY_PEM_TEXT &&
                            slice_find_text(decoded, "PRIVATE KEY") < decoded.length))
        return DKIM_KEY_PRIVATE;
    if (key->base64_error != BASE64_FINE)
        return DKIM_KEY_BASE64;
    if (key->type == DKIM_KEY_RSA) {
        if (key->form == DKIM_KEY_SPKI_RSA || key->form == DKIM_KEY_PKCS1)
            return DKIM_KEY_FINE;
        return key->form == DKIM_KEY_UNKNOWN_FORM || key->form == DKIM_KEY_PEM_TEXT
                   ? DKIM_KEY_DER
                   : DKIM_KEY_MISMATCH;
    }
    if (key->form == DKIM_KEY_SPKI_RSA || key->form == DKIM_KEY_PKCS1 ||
        key->form == DKIM_KEY_SPKI_EC)
        return DKIM_KEY_MISMATCH;
    if (key->form != DKIM_KEY_RAW_32)
        return DKIM_KEY_LENGTH;
    return key->low_order || !dkim_crypto_on_curve(key->data) ? DKIM_KEY_POINT : DKIM_KEY_FINE;
}

static enum dkim_key_fault first_fault(const struct dkim_key *key, const struct tag *data)
{
    if (key->tags.error != TAG_LIST_FINE)
        return DKIM_KEY_TAG_LIST;
    if (key->has_version && !key->version_right)
        return DKIM_KEY_VERSION;
    if (key->has_version && !key->version_first)
        return DKIM_KEY_VERSION_LATE;
    if (!data)
        return DKIM_KEY_NO_DATA;
    if (data->value.length == 0)
        return DKIM_KEY_REVOKED;
    if (key->type == DKIM_KEY_OTHER)
        return DKIM_KEY_TYPE;
    return data_fault(key);
}

void dkim_key_parse(struct arena *arena, struct slice text, struct dkim_key *key)
{
    *key = (struct dkim_key){
        .text = text,
        .type = DKIM_KEY_RSA,
        .allows_sha256 = true,
        .allows_sha1 = true,
        .for_email = true,
        .for_tlsrpt = true,
    };
    tag_list_parse(&key->tags, text, TAG_LIST_DKIM);
    for (size_t i = 0; i < key->tags.count; i++)
        if (key->tags.tags[i].error == TAG_LIST_FINE)
            read_tag(key, &key->tags.tags[i], i == 0);
    read_hints(key);
    const struct tag *data = tag_list_find(&key->tags, "p");
    if (data && data->value.length > 0)
        read_data(arena, key, data);
    key->fault = first_fault(key, data);
}

bool dkim_key_is_foreign(const struct dkim_key *key)
{
    static const char *const others[] = {"DMARC1", "spf1", "TLSRPTv1", "STSv1", "BIMI1"};
    const struct tag *version = tag_list_find(&key->tags, "v");
    for (size_t i = 0; version && i < sizeof others / sizeof *others; i++)
        if (slice_starts_with_ignoring_case(version->value, others[i]))
            return true;
    return slice_find_text(key->text, "DKIM1") == key->text.length &&
           !tag_list_find(&key->tags, "p") && !tag_list_find(&key->tags, "k");
}

bool dkim_key_matches(const struct dkim_key *key, const struct dkim_private_key *private_key)
{
    if (key->fault != DKIM_KEY_FINE)
        return false;
    if (private_key->is_ed25519)
        return key->type == DKIM_KEY_ED25519 &&
               memcmp(key->data, private_key->point, DKIM_ED25519_SIZE) == 0;
    return key->type == DKIM_KEY_RSA && key->modulus_length == private_key->modulus_length &&
           memcmp(key->modulus, private_key->modulus, key->modulus_length) == 0 &&
           key->exponent_length == private_key->exponent_length &&
           memcmp(key->exponent, private_key->exponent, key->exponent_length) == 0;
}
