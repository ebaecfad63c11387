#include "mail/certificate.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/memory.h"
#include "mail/domain.h"

#define NAME_TEXT_MAX 1024
#define STATUS_REQUEST 5 /* RFC 7633 4.1: the TLS extension that must-staple names */

static void sha256(struct slice octets, uint8_t digest[static CERTIFICATE_SHA256_SIZE])
{
    if (EVP_Digest(octets.start, octets.length, digest, NULL, EVP_sha256(), NULL) != 1) {
        memory_exhausted();
    }
}

static struct slice bytes_of(const ASN1_STRING *string)
{
    int length = ASN1_STRING_length(string);
    return slice_new((const char *)ASN1_STRING_get0_data(string), length > 0 ? (size_t)length : 0);
}

static const char *print_name(struct arena *arena, const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL) {
        memory_exhausted();
    }
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char *text = NULL;
    long length = BIO_get_mem_data(bio, &text);
    const char *copy = arena_copy_slice(
        arena, slice_sub(slice_new(text, length > 0 ? (size_t)length : 0), 0, NAME_TEXT_MAX));
    BIO_free(bio);
    return copy;
}

static const char *last_common_name(struct arena *arena, const X509_NAME *name)
{
    int last = -1;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;) {
        last = at;
    }
    unsigned char *utf8 = NULL;
    int length = -1;
    if (last >= 0) {
        length =
            ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
    }
    const char *text = "";
    if (length > 0 && length <= NAME_TEXT_MAX && memchr(utf8, '\0', (size_t)length) == NULL) {
        text = arena_copy_slice(arena, slice_new((const char *)utf8, (size_t)length));
    }
    OPENSSL_free(utf8);
    return text;
}

static const char *print_serial(struct arena *arena, const ASN1_INTEGER *serial)
{
    static const char DIGITS[] = "0123456789abcdef";
    struct slice octets = slice_sub(bytes_of(serial), 0, NAME_TEXT_MAX / 2);
    char *text = arena_alloc(arena, octets.length * 2 + 1);
    for (size_t i = 0; i < octets.length; i++) {
        unsigned char octet = (unsigned char)octets.start[i];
        text[2 * i] = DIGITS[octet >> 4];
        text[2 * i + 1] = DIGITS[octet & 15U];
    }
    return text;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar. */
static int64_t days_to(int64_t year, int64_t month, int64_t day)
{
    int64_t shifted = month > 2 ? month - 3 : month + 9; /* years that start in March */
    int64_t from_march = month > 2 ? year : year - 1;
    int64_t leaps = from_march / 4 - from_march / 100 + from_march / 400;
    return from_march * 365 + leaps + (153 * shifted + 2) / 5 + day - 1 - 719468;
}

static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm tm = {.tm_sec = 0};
    if (time == NULL || ASN1_TIME_to_tm(time, &tm) != 1) {
        return 0;
    }
    int64_t days = days_to(tm.tm_year + INT64_C(1900), tm.tm_mon + 1, tm.tm_mday);
    return days * 86400 + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
}

static void read_dns_name(struct arena *arena, struct slice octets, struct certificate_name *name)
{
    char normal[DOMAIN_TEXT_SIZE];
    bool is_good = domain_normalize(octets, normal) == DOMAIN_FINE && normal[0] != '\0';
    name->kind = is_good ? CERTIFICATE_NAME_DNS : CERTIFICATE_NAME_BAD;
    struct slice text = is_good ? slice_of(normal) : slice_sub(octets, 0, NAME_TEXT_MAX);
    name->text = slice_new(arena_copy_slice(arena, text), text.length);
}

static void read_ip(struct arena *arena, struct slice octets, struct certificate_name *name)
{
    char text[IP_TEXT_SIZE];
    if (octets.length != 4 && octets.length != 16) {
        name->kind = CERTIFICATE_NAME_BAD;
        return;
    }
    name->kind = CERTIFICATE_NAME_IP;
    name->ip.family = octets.length == 4 ? IP_V4 : IP_V6;
    memcpy(name->ip.bytes, octets.start, octets.length);
    name->text = slice_of(arena_copy(arena, ip_print(&name->ip, text)));
}

static void read_general_name(struct arena *arena, const GENERAL_NAME *general,
                              struct certificate_name *name)
{
    int type;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(general, &type);
    name->kind = CERTIFICATE_NAME_OTHER;
    name->text = SLICE_LITERAL("");
    if (type == GEN_DNS) {
        read_dns_name(arena, bytes_of(value), name);
    } else if (type == GEN_IPADD) {
        read_ip(arena, bytes_of(value), name);
    } else if (type == GEN_EMAIL || type == GEN_URI) {
        struct slice text = slice_sub(bytes_of(value), 0, NAME_TEXT_MAX);
        name->kind = type == GEN_EMAIL ? CERTIFICATE_NAME_EMAIL : CERTIFICATE_NAME_URI;
        name->text = slice_new(arena_copy_slice(arena, text), text.length);
    }
}

static void read_names(struct arena *arena, const X509 *x509, struct certificate *certificate)
{
    GENERAL_NAMES *all = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    int count = all != NULL ? sk_GENERAL_NAME_num(all) : 0;
    int kept = count > CERTIFICATE_NAMES_MAX ? CERTIFICATE_NAMES_MAX : count;
    struct certificate_name *names = arena_array(arena, (size_t)kept, sizeof *names);
    for (int i = 0; i < kept; i++) {
        read_general_name(arena, sk_GENERAL_NAME_value(all, i), &names[i]);
    }
    certificate->has_names = all != NULL;
    certificate->names = names;
    certificate->name_count = (size_t)kept;
    certificate->names_omitted = (size_t)(count - kept);
    GENERAL_NAMES_free(all);
}

static enum certificate_key key_of(int nid)
{
    switch (nid) {
    case NID_rsaEncryption:
    case NID_rsassaPss:
        return CERTIFICATE_KEY_RSA;
    case NID_X9_62_id_ecPublicKey:
        return CERTIFICATE_KEY_EC;
    case NID_ED25519:
        return CERTIFICATE_KEY_ED25519;
    case NID_ED448:
        return CERTIFICATE_KEY_ED448;
    case NID_dsa:
    case NID_dsa_2:
        return CERTIFICATE_KEY_DSA;
    default:
        return CERTIFICATE_KEY_OTHER;
    }
}

static void read_key(struct arena *arena, X509_PUBKEY *spki, struct certificate *certificate)
{
    X509_ALGOR *algorithm = NULL;
    const ASN1_OBJECT *object = NULL;
    const void *parameter = NULL;
    int parameter_type = V_ASN1_UNDEF;
    X509_PUBKEY_get0_param(NULL, NULL, NULL, &algorithm, spki);
    X509_ALGOR_get0(&object, &parameter_type, &parameter, algorithm);
    certificate->key = key_of(OBJ_obj2nid(object));
    certificate->curve = "";
    if (certificate->key == CERTIFICATE_KEY_EC && parameter_type == V_ASN1_OBJECT) {
        int nid = OBJ_obj2nid(parameter);
        certificate->curve = nid == NID_undef ? "" : OBJ_nid2sn(nid);
    }
    const EVP_PKEY *key = X509_PUBKEY_get0(spki);
    int bits = key != NULL ? EVP_PKEY_bits(key) : 0;
    certificate->bits = bits > 0 ? (unsigned)bits : 0;

    unsigned char *der = NULL;
    int length = i2d_X509_PUBKEY(spki, &der);
    if (length > 0) {
        certificate->spki = slice_new(arena_copy_bytes(arena, der, (size_t)length), (size_t)length);
        sha256(certificate->spki, certificate->spki_sha256);
    }
    OPENSSL_free(der);
}

static void read_signature(const X509 *x509, struct certificate *certificate)
{
    int hash = NID_undef;
    int nid = X509_get_signature_nid(x509);
    certificate->signature = nid == NID_undef ? "unknown" : OBJ_nid2ln(nid);
    X509_get_signature_info((X509 *)(uintptr_t)x509, &hash, NULL, NULL, NULL);
    if (hash == NID_md2 || hash == NID_md4 || hash == NID_md5) {
        certificate->signature_hash = CERTIFICATE_HASH_BROKEN;
    } else if (hash == NID_sha1) {
        certificate->signature_hash = CERTIFICATE_HASH_SHA1;
    } else if (hash != NID_undef || nid == NID_ED25519 || nid == NID_ED448) {
        certificate->signature_hash = CERTIFICATE_HASH_STRONG;
    }
}

static bool has_must_staple(const X509 *x509)
{
    TLS_FEATURE *features = X509_get_ext_d2i(x509, NID_tlsfeature, NULL, NULL);
    bool is_found = false;
    for (int i = 0; features != NULL && i < sk_ASN1_INTEGER_num(features); i++) {
        is_found =
            is_found || ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i)) == STATUS_REQUEST;
    }
    TLS_FEATURE_free(features);
    return is_found;
}

static bool has_responder(X509 *x509)
{
    STACK_OF(OPENSSL_STRING) *urls = X509_get1_ocsp(x509);
    bool is_found = urls != NULL && sk_OPENSSL_STRING_num(urls) > 0;
    X509_email_free(urls);
    return is_found;
}

static void read_usage(X509 *x509, struct certificate *certificate)
{
    uint32_t flags = X509_get_extension_flags(x509);
    uint32_t usage = X509_get_extended_key_usage(x509);
    certificate->has_basic_constraints = (flags & EXFLAG_BCONS) != 0;
    certificate->is_ca = (flags & EXFLAG_CA) != 0;
    certificate->path_length = (int)X509_get_pathlen(x509);
    certificate->has_usage = (flags & EXFLAG_XKUSAGE) != 0;
    certificate->for_server =
        !certificate->has_usage || (usage & (XKU_SSL_SERVER | XKU_ANYEKU)) != 0;
    certificate->must_staple = has_must_staple(x509);
    certificate->has_responder = has_responder(x509);
    certificate->is_self_issued = (flags & EXFLAG_SI) != 0;
    certificate->is_self_signed =
        certificate->is_self_issued && X509_verify(x509, X509_get0_pubkey(x509)) == 1;
}

static X509 *decode(struct slice der)
{
    const unsigned char *at = (const unsigned char *)der.start;
    if (der.length > CERTIFICATE_DER_MAX) {
        return NULL;
    }
    X509 *x509 = d2i_X509(NULL, &at, (long)der.length);
    if (x509 != NULL && at != (const unsigned char *)der.start + der.length) {
        X509_free(x509);
        x509 = NULL;
    }
    return x509;
}

static struct slice keep(struct arena *arena, struct slice der)
{
    struct slice kept = slice_sub(der, 0, CERTIFICATE_DER_MAX);
    return slice_new(arena_copy_bytes(arena, kept.start, kept.length), kept.length);
}

static struct certificate without_text(void)
{
    return (struct certificate){
        .subject = "",
        .issuer = "",
        .common_name = "",
        .serial = "",
        .curve = "",
        .signature = "",
    };
}

static X509 *read_certificate(struct arena *arena, struct slice der,
                              struct certificate *certificate)
{
    *certificate = without_text();
    certificate->der = keep(arena, der);
    sha256(der, certificate->sha256);
    X509 *x509 = decode(der);
    certificate->is_broken = x509 == NULL;
    if (x509 != NULL) {
        certificate->subject = print_name(arena, X509_get_subject_name(x509));
        certificate->issuer = print_name(arena, X509_get_issuer_name(x509));
        certificate->common_name = last_common_name(arena, X509_get_subject_name(x509));
        certificate->serial = print_serial(arena, X509_get0_serialNumber(x509));
        certificate->not_before = seconds_of(X509_get0_notBefore(x509));
        certificate->not_after = seconds_of(X509_get0_notAfter(x509));
        read_names(arena, x509, certificate);
        read_key(arena, X509_get_X509_PUBKEY(x509), certificate);
        read_signature(x509, certificate);
        read_usage(x509, certificate);
    }
    return x509;
}

bool certificate_parse(struct arena *arena, struct slice der, struct certificate *certificate)
{
    X509_free(read_certificate(arena, der, certificate));
    return !certificate->is_broken;
}

bool certificate_parse_raw_key(struct arena *arena, struct slice der,
                               struct certificate *certificate)
{
    const unsigned char *at = (const unsigned char *)der.start;
    X509_PUBKEY *spki =
        der.length <= CERTIFICATE_DER_MAX ? d2i_X509_PUBKEY(NULL, &at, (long)der.length) : NULL;
    *certificate = without_text();
    certificate->is_broken = spki == NULL || at != (const unsigned char *)der.start + der.length;
    if (!certificate->is_broken)
        read_key(arena, spki, certificate);
    X509_PUBKEY_free(spki);
    /* As it was sent, which need not be as libcrypto would write it. */
    certificate->spki = keep(arena, der);
    sha256(der, certificate->spki_sha256);
    return !certificate->is_broken;
}

static size_t find_issuer(X509 *const *all, size_t count, size_t of)
{
    for (size_t step = 0; all[of] != NULL && step < count; step++) {
        size_t i = (of + 1 + step) % count; /* the next one first: the right order */
        if (all[i] != NULL && X509_check_issued(all[i], all[of]) == X509_V_OK &&
            X509_verify(all[of], X509_get0_pubkey(all[i])) == 1) {
            return i + 1;
        }
    }
    return 0;
}

static void find_path(struct certificate_chain *chain)
{
    bool used[CERTIFICATE_CHAIN_MAX] = {false};
    for (size_t at = 0; at < chain->count && !used[at];) {
        const struct certificate *certificate = &chain->list[at];
        used[at] = true;
        chain->path[chain->path_count++] = at;
        if (chain->path_count == 1 || certificate->not_after < chain->not_after) {
            chain->not_after = certificate->not_after;
        }
        if (certificate->issuer_place == 0 || certificate->is_self_signed) {
            break;
        }
        if (certificate->issuer_place != at + 2) {
            chain->faults |= CERTIFICATE_CHAIN_WRONG_ORDER;
        }
        at = certificate->issuer_place - 1;
    }
    for (size_t i = 0; i < chain->count; i++) {
        const struct certificate *certificate = &chain->list[i];
        chain->faults |= (used[i] ? 0U : CERTIFICATE_CHAIN_EXTRA) |
                         (certificate->is_broken ? CERTIFICATE_CHAIN_BROKEN : 0U) |
                         (i > 0 && certificate->is_self_signed ? CERTIFICATE_CHAIN_ROOT : 0U);
        for (size_t k = 0; k < i; k++) {
            if (memcmp(certificate->sha256, chain->list[k].sha256, sizeof certificate->sha256) ==
                0) {
                chain->faults |= CERTIFICATE_CHAIN_DUPLICATE;
            }
        }
    }
}

void certificate_chain_parse(struct arena *arena, const struct slice *ders, size_t count,
                             struct certificate_chain *chain)
{
    X509 *all[CERTIFICATE_CHAIN_MAX] = {NULL};
    *chain = (struct certificate_chain){.count = count};
    if (count > CERTIFICATE_CHAIN_MAX) {
        chain->count = CERTIFICATE_CHAIN_MAX;
        chain->faults = CERTIFICATE_CHAIN_TOO_LONG;
    }
    chain->list = arena_array(arena, chain->count, sizeof *chain->list);
    for (size_t i = 0; i < chain->count; i++) {
        all[i] = read_certificate(arena, ders[i], &chain->list[i]);
    }
    for (size_t i = 0; i < chain->count; i++) {
        chain->list[i].issuer_place = find_issuer(all, chain->count, i);
    }
    for (size_t i = 0; i < chain->count; i++) {
        X509_free(all[i]);
    }
    find_path(chain);
}

const char *certificate_key_name(enum certificate_key key)
{
    switch (key) {
    case CERTIFICATE_KEY_OTHER:
        return "unknown";
    case CERTIFICATE_KEY_RSA:
        return "RSA";
    case CERTIFICATE_KEY_EC:
        return "EC";
    case CERTIFICATE_KEY_ED25519:
        return "Ed25519";
    case CERTIFICATE_KEY_ED448:
        return "Ed448";
    case CERTIFICATE_KEY_DSA:
        return "DSA";
    }
    return "";
}
