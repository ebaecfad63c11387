/*
 * make_certificates: certificates for tests, of a private authority, all of them new at each run.
 *
 *     make_certificates FOLDER [SPECIFICATION]...
 *
 * Makes the folder and, for each specification of the table below and of the command line:
 *
 *     NAME.pem    the certificate, and the chain that a server would send with it
 *     NAME.key    its private key
 *     NAME.ocsp   an OCSP response for it, where the specification wants one
 *
 * and, beside them, `authority.pem`, the root that clients trust, and `authority/`, the same as a
 * hashed folder (openssl-rehash(1)). Prints nothing. Exit status 1 with a reason when a file or a
 * key cannot be made, 2 for a bad specification.
 *
 * A specification is words: a name for the files, and
 *
 *     key=ec256|ec384|ec192|rsa2048|rsa1024|rsa512|dsa2048|ed25519   default ec256
 *     issuer=NAME   of a certificate made before, or "self"; default "intermediate"
 *     names=A,B     dNSNames, or iPAddresses where they are addresses; "-" for none
 *     cn=NAME       default the first of the names, "-" for none
 *     from=DAYS to=DAYS   from today; default -1 and 60
 *     digest=NAME   default sha256
 *     use=server|client|ca|none   extended key usage, or an authority
 *     chain=A,B     what follows the certificate; default "intermediate", "-" for none
 *     staple        must-staple, RFC 7633
 *     responder     names an OCSP responder
 *     ocsp=good|revoked|unknown|stale|other    "other" is for another serial number
 */
#include <errno.h>
#include <openssl/dsa.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/slice.h"
#include "tests/fake_dns/address.h"

#define MADE_MAX 128
#define PATH_SIZE 4096
#define WORD_SIZE 1024
#define DAY 86400L
/* Seconds, so that the days left are not whole ones in the second in which a certificate is made.
 */
#define MARGIN 60

static const char *const table[] = {
    "root issuer=self names=- cn=Test-Root to=3650 use=ca chain=-",
    "intermediate issuer=root names=- cn=Test-Intermediate to=1800 use=ca chain=-",
    "intermediate-expired issuer=root names=- cn=Test-Old from=-400 to=-5 use=ca chain=-",
    "foreign-root issuer=self names=- cn=Foreign-Root to=3650 use=ca chain=-",
    "good ocsp=good",
    "rsa key=rsa2048",
    "ec384 key=ec384",
    "ed25519 key=ed25519",
    "expired from=-100 to=-10",
    "not-yet-valid from=10 to=100",
    "soon to=5",
    "long from=-1 to=3000",
    "wrong-name names=other.test",
    "domain-name names=example.test",
    "wildcard names=*.example.test,*.test",
    "partial-wildcard names=m*.test,ma*.example.test",
    "deep-wildcard names=*.*.test,mail.*.test",
    "wildcard-alone names=*",
    "no-names names=- cn=mail.test",
    "address names=127.0.0.1,::1",
    "idn names=xn--bcher-kva.test",
    "self-signed issuer=self chain=-",
    "unknown-authority issuer=foreign-root chain=-",
    "unknown-authority-sent issuer=foreign-root chain=foreign-root",
    "missing-intermediate chain=-",
    "wrong-order chain=root,intermediate",
    "extra-root chain=intermediate,root",
    "unrelated-extra chain=intermediate,foreign-root",
    "expired-intermediate issuer=intermediate-expired chain=intermediate-expired",
    "weak-key key=rsa1024",
    "very-weak-key key=rsa512",
    "weak-ec-key key=ec192",
    "sha1 digest=sha1",
    "intermediate-rsa key=rsa2048 issuer=root names=- cn=Test-RSA to=1800 use=ca chain=-",
    "md5 issuer=intermediate-rsa digest=md5 chain=intermediate-rsa",
    "authority-leaf use=ca names=mail.test,mail.example.test",
    "client-only use=client",
    "no-usage use=none",
    "must-staple staple ocsp=good",
    "revoked ocsp=revoked",
    "stale-ocsp ocsp=stale",
    "unknown-ocsp ocsp=unknown",
    "other-ocsp ocsp=other",
    "responder responder",
    "must-staple-stale staple ocsp=stale",
    "rsa-expired key=rsa2048 from=-100 to=-10",
    "dsa key=dsa2048",
    "intermediate-soon issuer=root names=- cn=Test-Soon to=5 use=ca chain=-",
    "soon-intermediate issuer=intermediate-soon chain=intermediate-soon",
    "intermediate-early issuer=root names=- cn=Test-Early from=5 to=900 use=ca chain=-",
    "early-intermediate issuer=intermediate-early chain=intermediate-early",
    "intermediate-sha1 issuer=root names=- cn=Test-SHA1 digest=sha1 to=900 use=ca chain=-",
    "sha1-intermediate issuer=intermediate-sha1 chain=intermediate-sha1",
    "duplicate chain=intermediate,intermediate",
    "leaf-issuer issuer=wrong-name chain=wrong-name,intermediate",
    "intermediate-weak key=ec192 issuer=root names=- cn=Test-Weak to=900 use=ca chain=-",
    "weak-intermediate issuer=intermediate-weak chain=intermediate-weak",
};

/* Where a specification says none: the names that scripts and tests use. */
static const char default_names[] =
    "mail.test,mail.example.test,mx1.example.test,mx2.example.test,mx3.example.test,localhost";

struct specification {
    char name[WORD_SIZE];
    char key[WORD_SIZE];
    char issuer[WORD_SIZE];
    char names[WORD_SIZE];
    char common_name[WORD_SIZE];
    char digest[WORD_SIZE];
    char use[WORD_SIZE];
    char chain[WORD_SIZE];
    char ocsp[WORD_SIZE];
    long from, to;
    bool staple, responder;
};

struct made {
    char name[WORD_SIZE];
    X509 *certificate;
    EVP_PKEY *key;
};

static struct made made[MADE_MAX];
static size_t made_count;
static const char *folder;

static bool fail(const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    fprintf(stderr, "make_certificates: %s: %s\n", what, reason != NULL ? reason : strerror(errno));
    return false;
}

static bool set_word(char target[static WORD_SIZE], struct slice value)
{
    if (value.length >= WORD_SIZE)
        return false;
    memcpy(target, value.start, value.length);
    target[value.length] = '\0';
    return true;
}

static bool set_days(long *days, struct slice value)
{
    bool negative = slice_starts_with(value, "-");
    uint64_t number = 0;

    if (!slice_to_number(slice_sub(value, negative, value.length), 36500, &number))
        return false;
    *days = negative ? -(long)number : (long)number;
    return true;
}

static bool parse_word(struct specification *specification, struct slice word)
{
    const struct {
        const char *key;
        char *target;
    } words[] = {
        {"key",    specification->key        },
        {"issuer", specification->issuer     },
        {"names",  specification->names      },
        {"cn",     specification->common_name},
        {"digest", specification->digest     },
        {"use",    specification->use        },
        {"chain",  specification->chain      },
        {"ocsp",   specification->ocsp       },
    };
    size_t equals = slice_find(word, '=');
    struct slice key = slice_sub(word, 0, equals);
    struct slice value = slice_sub(word, equals + 1, word.length);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (slice_equals_text(key, words[i].key) && value.length > 0)
            return set_word(words[i].target, value);
    }
    if (slice_equals_text(key, "from"))
        return set_days(&specification->from, value);
    if (slice_equals_text(key, "to"))
        return set_days(&specification->to, value);
    if (slice_equals_text(word, "responder")) {
        specification->responder = true;
        return true;
    }
    specification->staple = true;
    return slice_equals_text(word, "staple");
}

static bool parse(struct specification *specification, const char *text)
{
    struct slice rest = slice_of(text);
    struct slice word;

    *specification = (struct specification){
        .key = "ec256",
        .issuer = "intermediate",
        .digest = "sha256",
        .use = "server",
        .chain = "intermediate",
        .from = -1,
        .to = 60,
    };
    set_word(specification->names, slice_of(default_names));
    while (slice_split(&rest, ' ', &word)) {
        if (word.length == 0)
            continue;
        if (specification->name[0] == '\0' ? !set_word(specification->name, word)
                                           : !parse_word(specification, word)) {
            fprintf(stderr, "make_certificates: bad word \"%.*s\" in \"%s\"\n", SLICE_PRINTF(word),
                    text);
            return false;
        }
    }
    if (specification->common_name[0] == '\0') {
        struct slice first = slice_of(specification->names);

        set_word(specification->common_name, slice_sub(first, 0, slice_find(first, ',')));
    }
    return specification->name[0] != '\0';
}

static const struct made *find_made(struct slice name)
{
    for (size_t i = 0; i < made_count; i++) {
        if (slice_equals_text(name, made[i].name))
            return &made[i];
    }
    fprintf(stderr, "make_certificates: there is no \"%.*s\" yet\n", SLICE_PRINTF(name));
    return NULL;
}

/* DSA keys are made below parameters; NULL for all others. */
static EVP_PKEY *make_parameters(int type, int bits)
{
    EVP_PKEY *parameters = NULL;

    if (type != EVP_PKEY_DSA)
        return NULL;

    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(type, NULL);

    if (context == NULL || EVP_PKEY_paramgen_init(context) != 1 ||
        EVP_PKEY_CTX_set_dsa_paramgen_bits(context, bits) != 1 ||
        EVP_PKEY_paramgen(context, &parameters) != 1)
        fail("DSA parameters");
    EVP_PKEY_CTX_free(context);
    return parameters;
}

static EVP_PKEY *make_key(const char *kind)
{
    static const struct {
        const char *name;
        int type, parameter;
    } kinds[] = {
        {"ec256",   EVP_PKEY_EC,      NID_X9_62_prime256v1},
        {"ec384",   EVP_PKEY_EC,      NID_secp384r1       },
        {"ec192",   EVP_PKEY_EC,      NID_X9_62_prime192v1},
        {"rsa2048", EVP_PKEY_RSA,     2048                },
        {"rsa1024", EVP_PKEY_RSA,     1024                },
        {"rsa512",  EVP_PKEY_RSA,     512                 },
        {"dsa2048", EVP_PKEY_DSA,     2048                },
        {"ed25519", EVP_PKEY_ED25519, 0                   },
    };
    EVP_PKEY *key = NULL;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kind, kinds[i].name) != 0)
            continue;

        EVP_PKEY *parameters = make_parameters(kinds[i].type, kinds[i].parameter);
        EVP_PKEY_CTX *context = parameters != NULL ? EVP_PKEY_CTX_new(parameters, NULL)
                                                   : EVP_PKEY_CTX_new_id(kinds[i].type, NULL);
        bool good = context != NULL && EVP_PKEY_keygen_init(context) == 1;

        if (good && kinds[i].type == EVP_PKEY_EC)
            good = EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, kinds[i].parameter) == 1;
        if (good && kinds[i].type == EVP_PKEY_RSA)
            good = EVP_PKEY_CTX_set_rsa_keygen_bits(context, kinds[i].parameter) == 1;
        if (!good || EVP_PKEY_keygen(context, &key) != 1)
            key = NULL;
        EVP_PKEY_CTX_free(context);
        EVP_PKEY_free(parameters);
    }
    if (key == NULL)
        fail(kind);
    return key;
}

static bool add_extension(X509 *certificate, X509 *issuer, int kind, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);

    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    bool good = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    return good || fail(value);
}

static bool add_names(X509 *certificate, X509 *issuer, const char *names)
{
    char value[2 * WORD_SIZE] = "";
    struct slice rest = slice_of(names);
    struct slice name;
    struct address address;
    size_t length = 0;

    if (strcmp(names, "-") == 0)
        return true;
    while (slice_split(&rest, ',', &name) && length < sizeof(value)) {
        int written =
            snprintf(value + length, sizeof(value) - length, "%s%s:%.*s", length > 0 ? "," : "",
                     address_parse(&address, name) ? "IP" : "DNS", SLICE_PRINTF(name));

        length += written > 0 ? (size_t)written : sizeof(value);
    }
    return length < sizeof(value) &&
           add_extension(certificate, issuer, NID_subject_alt_name, value);
}

static bool add_extensions(X509 *certificate, X509 *issuer,
                           const struct specification *specification)
{
    bool is_authority = strcmp(specification->use, "ca") == 0;
    bool good = add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
                add_extension(certificate, issuer, NID_basic_constraints,
                              is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
                add_extension(certificate, issuer, NID_key_usage,
                              is_authority ? "critical,keyCertSign,cRLSign,digitalSignature"
                                           : "critical,digitalSignature,keyEncipherment") &&
                add_names(certificate, issuer, specification->names);

    if (issuer != certificate)
        good = good && add_extension(certificate, issuer, NID_authority_key_identifier, "keyid");
    if (strcmp(specification->use, "server") == 0 || strcmp(specification->use, "client") == 0)
        good = good && add_extension(certificate, issuer, NID_ext_key_usage,
                                     specification->use[0] == 's' ? "serverAuth" : "clientAuth");
    if (specification->responder)
        good = good && add_extension(certificate, issuer, NID_info_access,
                                     "OCSP;URI:http://ocsp.example.test/");
    if (specification->staple)
        good = good && add_extension(certificate, issuer, NID_tlsfeature, "status_request");
    return good;
}

static bool set_subject(X509 *certificate, const char *common_name)
{
    X509_NAME *subject = X509_get_subject_name(certificate);

    if (X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC,
                                   (const unsigned char *)"postmaster-plugins tests", -1, -1,
                                   0) != 1)
        return fail("subject");
    return strcmp(common_name, "-") == 0 ||
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                      (const unsigned char *)common_name, -1, -1, 0) == 1 ||
           fail(common_name);
}

static bool sign(X509 *certificate, EVP_PKEY *issuer_key, const char *digest)
{
    bool has_own = EVP_PKEY_id(issuer_key) == EVP_PKEY_ED25519;

    return X509_sign(certificate, issuer_key, has_own ? NULL : EVP_get_digestbyname(digest)) > 0 ||
           fail(digest);
}

static X509 *make_certificate(const struct specification *specification, EVP_PKEY *key)
{
    bool is_self = strcmp(specification->issuer, "self") == 0;
    const struct made *issuer = is_self ? NULL : find_made(slice_of(specification->issuer));
    X509 *certificate = X509_new();
    X509 *parent = is_self || issuer == NULL ? certificate : issuer->certificate;

    if (certificate == NULL || (issuer == NULL && !is_self)) {
        X509_free(certificate);
        return NULL;
    }
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 4096 + (long)made_count);
    X509_gmtime_adj(X509_getm_notBefore(certificate), specification->from * DAY - MARGIN);
    X509_gmtime_adj(X509_getm_notAfter(certificate), specification->to * DAY - MARGIN);
    X509_set_pubkey(certificate, key);
    if (set_subject(certificate, specification->common_name) &&
        X509_set_issuer_name(certificate, X509_get_subject_name(parent)) == 1 &&
        add_extensions(certificate, parent, specification) &&
        sign(certificate, is_self ? key : issuer->key, specification->digest))
        return certificate;
    X509_free(certificate);
    return NULL;
}

static FILE *create(const char *name, const char *suffix)
{
    char path[PATH_SIZE];

    if (snprintf(path, sizeof(path), "%s/%s%s", folder, name, suffix) >= (int)sizeof(path)) {
        errno = ENAMETOOLONG;
        fail(name);
        return NULL;
    }
    FILE *file = fopen(path, "wb");

    if (file == NULL)
        fail(path);
    return file;
}

static bool write_chain(const struct specification *specification, X509 *certificate)
{
    FILE *file = create(specification->name, ".pem");
    struct slice rest = slice_of(specification->chain);
    struct slice name;
    bool good = file != NULL && PEM_write_X509(file, certificate) == 1;

    while (good && strcmp(specification->chain, "-") != 0 && slice_split(&rest, ',', &name)) {
        const struct made *next = find_made(name);

        good = next != NULL && PEM_write_X509(file, next->certificate) == 1;
    }
    return file != NULL && fclose(file) == 0 && good;
}

static bool write_key(const char *name, EVP_PKEY *key)
{
    FILE *file = create(name, ".key");
    bool good = file != NULL && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;

    return file != NULL && fclose(file) == 0 && good;
}

/* RFC 6960 4.2.1, signed by the issuer itself. */
static bool write_ocsp(const struct specification *specification, X509 *certificate)
{
    const struct made *issuer = find_made(slice_of(specification->issuer));
    const char *kind = specification->ocsp;
    bool is_stale = strcmp(kind, "stale") == 0;
    bool is_revoked = strcmp(kind, "revoked") == 0;
    int status = is_revoked                     ? V_OCSP_CERTSTATUS_REVOKED
                 : strcmp(kind, "unknown") == 0 ? V_OCSP_CERTSTATUS_UNKNOWN
                                                : V_OCSP_CERTSTATUS_GOOD;

    if (issuer == NULL)
        return false;

    X509 *subject = strcmp(kind, "other") == 0 ? issuer->certificate : certificate;
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), subject, issuer->certificate);
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    ASN1_TIME *then = X509_gmtime_adj(NULL, (is_stale ? -20 : -1) * DAY);
    ASN1_TIME *next = X509_gmtime_adj(NULL, (is_stale ? -10 : 7) * DAY);
    bool good =
        OCSP_basic_add1_status(basic, id, status, OCSP_REVOKED_STATUS_KEYCOMPROMISE,
                               is_revoked ? then : NULL, then, next) != NULL &&
        OCSP_basic_sign(basic, issuer->certificate, issuer->key, EVP_sha256(), NULL, 0) == 1;
    OCSP_RESPONSE *response =
        good ? OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic) : NULL;
    FILE *file = response != NULL ? create(specification->name, ".ocsp") : NULL;

    good = file != NULL && ASN1_item_i2d_fp(ASN1_ITEM_rptr(OCSP_RESPONSE), file, response) == 1;
    good = file != NULL && fclose(file) == 0 && good;
    OCSP_RESPONSE_free(response);
    ASN1_TIME_free(next);
    ASN1_TIME_free(then);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    return good || fail(specification->name);
}

static bool make(const char *text)
{
    struct specification specification;

    if (made_count == MADE_MAX || !parse(&specification, text))
        return false;

    struct made *entry = &made[made_count];

    memcpy(entry->name, specification.name, sizeof(entry->name));
    entry->key = make_key(specification.key);
    if (entry->key == NULL)
        return false;
    entry->certificate = make_certificate(&specification, entry->key);
    made_count++;
    return entry->certificate != NULL && write_chain(&specification, entry->certificate) &&
           write_key(specification.name, entry->key) &&
           (specification.ocsp[0] == '\0' || write_ocsp(&specification, entry->certificate));
}

/* The root as a file, and in a folder under the hash of its name. */
static bool write_authority(void)
{
    char path[PATH_SIZE], name[64];
    const struct made *root = find_made(SLICE_LITERAL("root"));
    bool good = true;

    if (root == NULL || snprintf(path, sizeof(path), "%s/authority", folder) >= (int)sizeof(path))
        return false;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return fail(path);
    snprintf(name, sizeof(name), "authority/%08lx.0", X509_subject_name_hash(root->certificate));
    for (int i = 0; good && i < 2; i++) {
        FILE *file = i == 0 ? create("authority", ".pem") : create(name, "");

        good = file != NULL && PEM_write_X509(file, root->certificate) == 1;
        good = file != NULL && fclose(file) == 0 && good;
    }
    return good;
}

int main(int argc, char **argv)
{
    bool good = argc >= 2;

    if (!good)
        fprintf(stderr, "usage: make_certificates FOLDER [SPECIFICATION]...\n");
    folder = argv[1];
    if (good && mkdir(folder, 0777) != 0 && errno != EEXIST)
        good = fail(folder);
    for (size_t i = 0; good && i < sizeof(table) / sizeof(table[0]); i++)
        good = make(table[i]);
    good = good && write_authority();
    for (int i = 2; good && i < argc; i++)
        good = make(argv[i]);
    for (size_t i = 0; i < made_count; i++) {
        X509_free(made[i].certificate);
        EVP_PKEY_free(made[i].key);
    }
    return good ? EXIT_SUCCESS : argc < 2 ? 2 : 1;
}
