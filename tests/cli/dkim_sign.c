/*
 * Keys and signed messages for the tests of check_dkim.
 *
 *     dkim_sign keys FOLDER          makes keys: NAME.pem (private), NAME.record (what to publish)
 *     dkim_sign sign FILE.pem TAGS   signs the message of standard input: prints it with a
 *                                    DKIM-Signature of these tags, <h> the body hash, <b> the
 * signature
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "mail/base64.h"
#include "mail/dkim_signature.h"
#include "mail/message.h"
#include "tests/unit/dkim_maker.h"

static struct arena arena;

static void need(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "dkim_sign: %s\n", what);
        exit(1);
    }
}

/* ---- keys */

static void write_file(const char *folder, const char *name, const char *content)
{
    FILE *file = fopen(arena_format(&arena, "%s/%s", folder, name), "w");
    need(file != NULL, name);
    fputs(content, file);
    need(fclose(file) == 0, name);
}

static void make_keys(const char *folder)
{
    static const struct {
        const char *name, *record;
    } records[] = {
        {"rsa2048.record", "v=DKIM1; k=rsa; p=%R"    },
        {"rsa1024.record", "v=DKIM1; k=rsa; p=%S"    },
        {"rsa512.record",  "v=DKIM1; k=rsa; p=%T"    },
        {"plain.record",   "v=DKIM1; k=rsa; p=%P"    },
        {"ed25519.record", "v=DKIM1; k=ed25519; p=%E"},
        {"wrapped.record", "v=DKIM1; k=ed25519; p=%5"},
        {"ec.record",      "v=DKIM1; p=%C"           },
        {"private.record", "v=DKIM1; p=%1"           },
    };
    static const struct {
        const char *name;
        enum maker_key key;
    } files[] = {
        {"rsa2048.pem", MAKER_RSA_2048},
        {"rsa1024.pem", MAKER_RSA_1024},
        {"rsa512.pem",  MAKER_RSA_512 },
        {"ed25519.pem", MAKER_ED25519 },
        {"ec.pem",      MAKER_EC      },
    };
    maker_open();
    for (size_t i = 0; i < sizeof records / sizeof *records; i++)
        write_file(folder, records[i].name, maker_fill(&arena, records[i].record));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        write_file(folder, files[i].name, maker_pem(&arena, files[i].key, false));
    write_file(folder, "rsa2048.pkcs1.pem", maker_pem(&arena, MAKER_RSA_2048, true));
    write_file(folder, "close.record", maker_close_primes(&arena));
    write_file(folder, "factor.record", maker_small_factor(&arena));
    write_file(folder, "roca.record", maker_roca(&arena));
    write_file(folder, "prime.record", maker_prime(&arena));
    write_file(folder, "three.record", maker_exponent(&arena, 3));
    write_file(folder, "even.record", maker_exponent(&arena, 65536));
    maker_close();
}

/* ---- signatures */

static char *read_input(void)
{
    size_t room = 1 << 20;
    char *content = arena_alloc(&arena, room);
    size_t length = fread(content, 1, room - 1, stdin);
    content[length] = '\0';
    return content;
}

static void collect(void *context, const char *octets, size_t length)
{
    text_append_slice(context, slice_new(octets, length));
}

static void append_field(struct text *out, enum canonical_form form, struct slice field)
{
    struct canonical_header header;
    canonical_header_init(&header, form, (struct canonical_sink){collect, out});
    canonical_header_feed(&header, field);
    canonical_header_end(&header);
}

static char *hash_body(const struct dkim_signature *signature, const char *body)
{
    struct canonical_body canonical;
    struct text out;
    text_init(&out, 1 << 21);
    canonical_body_init(&canonical, signature->body_form, (struct canonical_sink){collect, &out});
    canonical_body_feed(&canonical, body, strlen(body));
    canonical_body_end(&canonical);
    if (signature->has_length && signature->length < out.length)
        text_cut(&out, (size_t)signature->length);
    char *hash = maker_hash(&arena, signature->hash, out.start, out.length);
    text_release(&out);
    return hash;
}

static char *make_signature(const char *path, const struct dkim_signature *signature,
                            const struct text *header)
{
    uint8_t digest[EVP_MAX_MD_SIZE], octets[1024];
    unsigned size;
    size_t length = sizeof octets;
    FILE *file = fopen(path, "r");
    need(file != NULL, path);
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    const EVP_MD *method = signature->hash == DKIM_SHA1 ? EVP_sha1() : EVP_sha256();
    EVP_MD_CTX *signing = EVP_MD_CTX_new();
    bool is_ed25519 = key != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
    need(EVP_Digest(header->start, header->length, digest, &size, method, NULL) == 1, "digest");
    need(EVP_DigestSignInit(signing, NULL, is_ed25519 ? NULL : method, NULL, key) == 1, path);
    need(EVP_DigestSign(signing, octets, &length,
                        is_ed25519 ? digest : (const uint8_t *)header->start,
                        is_ed25519 ? size : header->length) == 1,
         "sign");
    EVP_MD_CTX_free(signing);
    EVP_PKEY_free(key);
    fclose(file);
    char *text = arena_alloc(&arena, BASE64_ENCODED_SIZE(length) + 1);
    base64_encode(octets, length, text);
    return text;
}

/* The fields that h= names, the last of a name first, each once. */
static void append_header(struct text *out, const struct dkim_signature *signature,
                          const struct message *message)
{
    bool *is_used = arena_array(&arena, message->count + 1, sizeof *is_used);
    for (size_t i = 0; i < signature->header_count; i++) {
        for (size_t k = message->count; k-- > 0;) {
            const struct message_field *field = &message->fields[k];
            if (is_used[k] || !slice_equals_ignoring_case(field->name, signature->headers[i]))
                continue;
            is_used[k] = true;
            append_field(out, signature->header_form, field->raw);
            text_append(out, "\r\n");
            break;
        }
    }
}

static void sign(const char *path, const char *tags)
{
    struct dkim_signature *signature = arena_alloc(&arena, sizeof *signature);
    struct message message;
    struct text header;
    char *input = read_input();
    message_init(&message, MESSAGE_HEADER_MAX);
    size_t taken = message_feed(&message, input, strlen(input));
    message_end(&message);
    dkim_signature_parse(&arena, slice_of(arena_format(&arena, " %s", tags)), signature);
    char *filled = maker_replace(&arena, tags, "<h>", hash_body(signature, input + taken));
    text_init(&header, 1 << 20);
    append_header(&header, signature, &message);
    char *field =
        arena_format(&arena, "DKIM-Signature: %s", maker_replace(&arena, filled, "<b>", ""));
    append_field(&header, signature->header_form, slice_of(field));
    printf("DKIM-Signature: %s\r\n%s",
           maker_replace(&arena, filled, "<b>", make_signature(path, signature, &header)), input);
    text_release(&header);
    message_release(&message);
}

int main(int argc, char **argv)
{
    arena_init(&arena);
    if (argc == 3 && strcmp(argv[1], "keys") == 0)
        make_keys(argv[2]);
    else if (argc == 4 && strcmp(argv[1], "sign") == 0)
        sign(argv[2], argv[3]);
    else
        need(false, "expected: keys FOLDER, or sign FILE.pem TAGS");
    arena_release(&arena);
    return 0;
}
