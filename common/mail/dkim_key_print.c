#include <string.h>

#include "mail/dkim_key.h"

/* Header of a DER element: its tag and the length in as few octets as hold it. */
static size_t put_header(uint8_t *at, uint8_t tag, size_t length)
{
    at[0] = tag;
    if (length < 0x80) {
        at[1] = (uint8_t)length;
        return 2;
    }
    if (length < 0x100) {
        at[1] = 0x81;
        at[2] = (uint8_t)length;
        return 3;
    }
    at[1] = 0x82;
    at[2] = (uint8_t)(length >> 8);
    at[3] = (uint8_t)length;
    return 4;
}

/* RSAPublicKey wrapped as SubjectPublicKeyInfo (RFC 5280 4.1), the form that every verifier takes.
 */
static size_t wrap(const struct dkim_key *key, uint8_t *out)
{
    static const uint8_t algorithm[] = {0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
                                        0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00};
    uint8_t header[4];
    size_t bits = key->rsa_key_length + 1;
    size_t bits_header = put_header(header, 0x03, bits);
    size_t at = put_header(out, 0x30, sizeof algorithm + bits_header + bits);
    memcpy(out + at, algorithm, sizeof algorithm);
    at += sizeof algorithm;
    memcpy(out + at, header, bits_header);
    at += bits_header;
    out[at++] = 0; /* no unused bits */
    memcpy(out + at, key->rsa_key, key->rsa_key_length);
    return at + key->rsa_key_length;
}

const char *dkim_key_print(struct arena *arena, const struct dkim_key *key)
{
    const uint8_t *octets = key->data;
    size_t length = key->data_length;
    const char *type = "";
    if (key->fault == DKIM_KEY_POINT)
        return NULL;
    if (key->rsa_key && key->rsa_key_length <= DKIM_CRYPTO_RSA_MAX / 4) {
        uint8_t *wrapped = arena_alloc(arena, key->rsa_key_length + 32);
        length = wrap(key, wrapped);
        octets = wrapped;
        type = "k=rsa; ";
    } else if (key->form == DKIM_KEY_RAW_32 || key->form == DKIM_KEY_SPKI_ED25519) {
        octets += length - DKIM_ED25519_SIZE;
        length = DKIM_ED25519_SIZE;
        type = "k=ed25519; ";
    } else {
        return NULL;
    }
    char *data = arena_alloc(arena, BASE64_ENCODED_SIZE(length) + 1);
    base64_encode(octets, length, data);
    return arena_format(arena, "v=DKIM1; %s%sp=%s", type, key->strict ? "t=s; " : "", data);
}

const char *dkim_key_type_name(enum dkim_key_type type)
{
    if (type == DKIM_KEY_RSA)
        return "rsa";
    return type == DKIM_KEY_ED25519 ? "ed25519" : "unknown";
}

const char *dkim_key_fault_text(enum dkim_key_fault fault)
{
    switch (fault) {
    case DKIM_KEY_FINE:
        return "no fault";
    case DKIM_KEY_TAG_LIST:
        return "the record is not a tag=value list";
    case DKIM_KEY_VERSION:
        return "v= is not DKIM1: the record is discarded";
    case DKIM_KEY_VERSION_LATE:
        return "v= is not the first tag";
    case DKIM_KEY_NO_DATA:
        return "there is no p=";
    case DKIM_KEY_REVOKED:
        return "p= is empty: the key is revoked";
    case DKIM_KEY_TYPE:
        return "k= names an unknown key type";
    case DKIM_KEY_BASE64:
        return "p= is not base64";
    case DKIM_KEY_PRIVATE:
        return "the private key is published";
    case DKIM_KEY_MISMATCH:
        return "p= holds a key of another type than k= says";
    case DKIM_KEY_DER:
        return "p= is not an RSA public key in DER";
    case DKIM_KEY_LENGTH:
        return "an Ed25519 key has 32 octets, this one has not";
    case DKIM_KEY_POINT:
        return "the Ed25519 key is no usable point of the curve";
    }
    return "";
}

const char *dkim_key_form_text(enum dkim_key_form form)
{
    switch (form) {
    case DKIM_KEY_UNKNOWN_FORM:
        return "octets that are no key";
    case DKIM_KEY_SPKI_RSA:
        return "an RSA key as SubjectPublicKeyInfo";
    case DKIM_KEY_PKCS1:
        return "an RSA key as plain RSAPublicKey";
    case DKIM_KEY_SPKI_ED25519:
        return "an Ed25519 key as SubjectPublicKeyInfo";
    case DKIM_KEY_SPKI_EC:
        return "an elliptic curve key as SubjectPublicKeyInfo";
    case DKIM_KEY_SPKI_OTHER:
        return "a SubjectPublicKeyInfo of another algorithm";
    case DKIM_KEY_RAW_32:
        return "32 octets";
    case DKIM_KEY_PRIVATE_PKCS1:
        return "an RSA private key (PKCS #1)";
    case DKIM_KEY_PRIVATE_PKCS8:
        return "a private key (PKCS #8)";
    case DKIM_KEY_PRIVATE_EC:
        return "an elliptic curve private key";
    case DKIM_KEY_PEM_TEXT:
        return "a PEM file";
    }
    return "";
}
