#include "mail/dkim.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "mail/dkim_weak.h"

/* One way of hashing the body; signatures that want the same share it. */
struct body_hash {
    enum canonical_form form;
    enum dkim_hash hash;
    uint64_t limit; /* l= */
    uint64_t length;
    struct dkim_digest *digest; /* NULL after the end */
    uint8_t value[DKIM_HASH_SIZE];
};

/* The canonical body of one form and who reads it. */
struct body_stream {
    struct dkim_verifier *verifier;
    bool is_wanted;
    struct canonical_body canonical;
};

struct dkim_verifier {
    struct arena *arena;
    struct dkim_options options;
    struct message message;
    bool has_signatures; /* the header is complete and its signatures are read */
    size_t field_count;
    size_t count;
    struct dkim_signature *signatures[DKIM_SIGNATURES_MAX];
    size_t body_hash_of[DKIM_SIGNATURES_MAX]; /* index into body_hashes, or SIZE_MAX */
    struct dkim_verdict verdicts[DKIM_SIGNATURES_MAX];
    struct dkim_key *keys[DKIM_SIGNATURES_MAX];
    struct body_hash body_hashes[DKIM_SIGNATURES_MAX];
    size_t body_hash_count;
    struct body_stream streams[2];
};

struct dkim_verifier *dkim_verifier_new(struct arena *arena, const struct dkim_options *options)
{
    struct dkim_verifier *verifier = memory_new(1, sizeof *verifier);
    verifier->arena = arena;
    verifier->options = *options;
    message_init(&verifier->message, MESSAGE_HEADER_MAX);
    return verifier;
}

void dkim_verifier_free(struct dkim_verifier *verifier)
{
    if (!verifier)
        return;
    for (size_t i = 0; i < verifier->body_hash_count; i++)
        dkim_digest_free(verifier->body_hashes[i].digest);
    message_release(&verifier->message);
    free(verifier);
}

const struct message *dkim_verifier_message(const struct dkim_verifier *verifier)
{
    return &verifier->message;
}

size_t dkim_verifier_signature_count(const struct dkim_verifier *verifier)
{
    return verifier->field_count;
}

/* ---- the stream */

static void write_body(void *context, const char *octets, size_t length)
{
    struct body_stream *stream = context;
    struct dkim_verifier *verifier = stream->verifier;
    for (size_t i = 0; i < verifier->body_hash_count; i++) {
        struct body_hash *hash = &verifier->body_hashes[i];
        uint64_t room = hash->limit - hash->length;
        size_t part = length < room ? length : (size_t)room;
        if (hash->form != stream->canonical.form || part == 0)
            continue;
        dkim_digest_update(hash->digest, octets, part);
        hash->length += part;
    }
}

static size_t want_body_hash(struct dkim_verifier *verifier, const struct dkim_signature *signature)
{
    uint64_t limit = signature->has_length ? signature->length : UINT64_MAX;
    for (size_t i = 0; i < verifier->body_hash_count; i++) {
        const struct body_hash *hash = &verifier->body_hashes[i];
        if (hash->form == signature->body_form && hash->hash == signature->hash &&
            hash->limit == limit)
            return i;
    }
    struct body_stream *stream = &verifier->streams[signature->body_form];
    if (!stream->is_wanted) {
        stream->is_wanted = true;
        stream->verifier = verifier;
        canonical_body_init(&stream->canonical, signature->body_form,
                            (struct canonical_sink){write_body, stream});
    }
    verifier->body_hashes[verifier->body_hash_count] = (struct body_hash){
        .form = signature->body_form,
        .hash = signature->hash,
        .limit = limit,
        .digest = dkim_digest_new(signature->hash),
    };
    return verifier->body_hash_count++;
}

/* What is wrong with the field before the body counts: then the body need not be hashed for it. */
static bool needs_body(const struct dkim_signature *signature)
{
    return signature->fault != DKIM_SIGNATURE_TAG_LIST &&
           signature->fault != DKIM_SIGNATURE_MISSING &&
           signature->fault != DKIM_SIGNATURE_ALGORITHM &&
           signature->fault != DKIM_SIGNATURE_CANONICALIZATION && signature->body_hash;
}

static void read_signatures(struct dkim_verifier *verifier)
{
    const struct message *message = &verifier->message;
    verifier->has_signatures = true;
    for (size_t i = 0; i < message->count; i++) {
        const struct message_field *field = &message->fields[i];
        if (!slice_equals_text_ignoring_case(field->name, "DKIM-Signature"))
            continue;
        verifier->field_count++;
        if (verifier->count == DKIM_SIGNATURES_MAX)
            continue;
        struct dkim_signature *signature = arena_alloc(verifier->arena, sizeof *signature);
        dkim_signature_parse(verifier->arena, field->value, signature);
        signature->field = field;
        verifier->body_hash_of[verifier->count] =
            needs_body(signature) ? want_body_hash(verifier, signature) : SIZE_MAX;
        verifier->signatures[verifier->count++] = signature;
    }
}

void dkim_verifier_feed(struct dkim_verifier *verifier, const char *octets, size_t length)
{
    size_t taken = message_feed(&verifier->message, octets, length);
    if (!verifier->message.is_complete)
        return;
    if (!verifier->has_signatures)
        read_signatures(verifier);
    for (size_t i = 0; i < 2; i++)
        if (verifier->streams[i].is_wanted)
            canonical_body_feed(&verifier->streams[i].canonical, octets + taken, length - taken);
}

void dkim_verifier_end(struct dkim_verifier *verifier)
{
    message_end(&verifier->message);
    if (!verifier->has_signatures)
        read_signatures(verifier);
    for (size_t i = 0; i < 2; i++)
        if (verifier->streams[i].is_wanted)
            canonical_body_end(&verifier->streams[i].canonical);
    for (size_t i = 0; i < verifier->body_hash_count; i++)
        dkim_digest_finish(verifier->body_hashes[i].digest, verifier->body_hashes[i].value);
}

/* ---- the header hash */

static void write_digest(void *context, const char *octets, size_t length)
{
    dkim_digest_update(context, octets, length);
}

static void hash_field(struct dkim_digest *digest, enum canonical_form form, struct slice field)
{
    struct canonical_header canonical;
    canonical_header_init(&canonical, form, (struct canonical_sink){write_digest, digest});
    canonical_header_feed(&canonical, field);
    canonical_header_end(&canonical);
}

/* RFC 6376 5.4.2: of several fields of one name the last counts first, each of them once. */
static const struct message_field *take_field(const struct message *message, struct slice name,
                                              const struct message_field *own, bool *is_used)
{
    for (size_t i = message->count; i-- > 0;) {
        const struct message_field *field = &message->fields[i];
        if (is_used[i] || field == own || !slice_equals_ignoring_case(field->name, name))
            continue;
        is_used[i] = true;
        return field;
    }
    return NULL;
}

/* RFC 6376 3.7, hash step 2. */
static void hash_header(const struct dkim_verifier *verifier,
                        const struct dkim_signature *signature, uint8_t out[static DKIM_HASH_SIZE])
{
    const struct message *message = &verifier->message;
    const struct message_field *own = signature->field;
    struct dkim_digest *digest = dkim_digest_new(signature->hash);
    bool *is_used = memory_new(message->count, sizeof *is_used);
    for (size_t i = 0; i < signature->header_count; i++) {
        const struct message_field *field =
            take_field(message, signature->headers[i], own, is_used);
        if (!field)
            continue;
        hash_field(digest, signature->header_form, field->raw);
        dkim_digest_update(digest, "\r\n", 2);
    }
    free(is_used);
    /* The field itself, without the value of b= and the white space around that. */
    struct slice data = tag_list_find(&signature->tags, "b")->raw;
    size_t before = (size_t)(data.start - own->raw.start);
    struct canonical_header canonical;
    canonical_header_init(&canonical, signature->header_form,
                          (struct canonical_sink){write_digest, digest});
    canonical_header_feed(&canonical, slice_sub(own->raw, 0, before));
    canonical_header_feed(&canonical, slice_sub(own->raw, before + data.length, own->raw.length));
    canonical_header_end(&canonical);
    dkim_digest_finish(digest, out);
    dkim_digest_free(digest);
}

/* ---- the verdict */

static enum dkim_reason verify(const struct dkim_verifier *verifier,
                               const struct dkim_signature *signature, const struct dkim_key *key)
{
    uint8_t digest[DKIM_HASH_SIZE];
    enum dkim_crypto_result result;
    hash_header(verifier, signature, digest);
    if (key->type == DKIM_KEY_ED25519)
        result = dkim_crypto_verify_ed25519(key->data, digest, signature->signature,
                                            signature->signature_length);
    else
        result = dkim_crypto_verify_rsa(key->rsa_key, key->rsa_key_length, signature->hash, digest,
                                        signature->signature, signature->signature_length);
    switch (result) {
    case DKIM_CRYPTO_VALID:
        return DKIM_VERIFIED;
    case DKIM_CRYPTO_HASH_DIFFERS:
        return DKIM_HEADER_CHANGED;
    case DKIM_CRYPTO_NO_MATCH:
        return DKIM_SIGNATURE_WRONG;
    case DKIM_CRYPTO_BAD_KEY:
        break;
    }
    return DKIM_KEY_UNUSABLE;
}

/* RFC 6376 6.1.2 steps 5 to 8 and 3.6.1; RFC 8301. */
static enum dkim_reason check_key(const struct dkim_verifier *verifier,
                                  const struct dkim_signature *signature,
                                  const struct dkim_key *key)
{
    bool is_for_this = verifier->options.for_tlsrpt ? key->for_tlsrpt : key->for_email;
    bool allows_hash = signature->hash == DKIM_SHA1 ? key->allows_sha1 : key->allows_sha256;
    if (key->fault == DKIM_KEY_REVOKED)
        return DKIM_KEY_WITHDRAWN;
    if (key->fault == DKIM_KEY_MISMATCH)
        return DKIM_KEY_WRONG_TYPE;
    if (key->fault != DKIM_KEY_FINE)
        return DKIM_KEY_UNUSABLE;
    if (!allows_hash)
        return DKIM_KEY_HASH;
    if (key->type != signature->key_type)
        return DKIM_KEY_WRONG_TYPE;
    if (!is_for_this)
        return DKIM_KEY_SERVICE;
    if (key->strict && strcmp(signature->identity_domain, signature->domain) != 0)
        return DKIM_KEY_SUBDOMAIN;
    if (key->type == DKIM_KEY_RSA && key->bits < DKIM_KEY_BITS_LEAST)
        return DKIM_KEY_SHORT;
    return DKIM_VERIFIED;
}

static enum dkim_reason check_body(const struct dkim_verdict *verdict)
{
    const struct dkim_signature *signature = verdict->signature;
    if (signature->has_length && verdict->body_length < signature->length)
        return DKIM_BODY_SHORT;
    return verdict->body_hash_right ? DKIM_VERIFIED : DKIM_BODY_CHANGED;
}

/* How far a key came: the reason of the key that came farthest stands. */
static enum dkim_reason try_key(const struct dkim_verifier *verifier, struct dkim_verdict *verdict,
                                const struct dkim_key *key)
{
    enum dkim_reason reason = check_key(verifier, verdict->signature, key);
    bool is_short = reason == DKIM_KEY_SHORT && verifier->options.legacy;
    if (reason != DKIM_VERIFIED && !is_short)
        return reason;
    verdict->is_legacy |= is_short;
    reason = verify(verifier, verdict->signature, key);
    verdict->header_known = reason != DKIM_KEY_UNUSABLE;
    verdict->header_right = reason == DKIM_VERIFIED;
    enum dkim_reason body = check_body(verdict);
    return body != DKIM_VERIFIED ? body : reason;
}

static void try_keys(struct dkim_verifier *verifier, size_t index)
{
    struct dkim_verdict *verdict = &verifier->verdicts[index];
    const struct dns_answer *answer = verdict->answer;
    size_t tried = answer->record_count;
    if (tried > DKIM_KEYS_MAX)
        tried = DKIM_KEYS_MAX;
    if (!verifier->keys[index]) {
        verifier->keys[index] =
            arena_array(verifier->arena, DKIM_KEYS_MAX, sizeof *verifier->keys[index]);
        for (size_t i = 0; i < tried; i++)
            dkim_key_parse(verifier->arena, answer->records[i].text, &verifier->keys[index][i]);
    }
    verdict->key_count = answer->record_count;
    verdict->reason = DKIM_NO_KEY;
    for (size_t i = 0; i < tried && (i == 0 || verdict->reason != DKIM_VERIFIED); i++) {
        const struct dkim_key *key = &verifier->keys[index][i];
        enum dkim_reason reason = try_key(verifier, verdict, key);
        if (i > 0 && reason <= verdict->reason && reason != DKIM_VERIFIED)
            continue;
        verdict->reason = reason;
        verdict->key = key;
    }
    if (verdict->key)
        verdict->weaknesses = dkim_weak(verdict->key);
}

/* RFC 6376 6.1.1, then 6.1.2 steps 1 to 3. */
static void judge_signature(struct dkim_verifier *verifier, size_t index,
                            struct dns_answers *answers)
{
    struct dkim_verdict *verdict = &verifier->verdicts[index];
    const struct dkim_signature *signature = verdict->signature;
    if (signature->fault == DKIM_SIGNATURE_FINE)
        verdict->answer =
            dns_answers_get(answers, dkim_signature_key_name(verifier->arena, signature), DNS_TXT);
    if (verifier->message.is_cut) {
        verdict->reason = DKIM_HEADER_CUT;
    } else if (signature->fault != DKIM_SIGNATURE_FINE) {
        verdict->reason = DKIM_FIELD;
    } else if (signature->hash == DKIM_SHA1 && !verifier->options.legacy) {
        verdict->reason = DKIM_SHA1_REFUSED;
    } else if (signature->has_expiry && verifier->options.now > signature->expiry) {
        verdict->reason = DKIM_EXPIRED;
    } else if (verdict->answer->status == DNS_NXDOMAIN || verdict->answer->status == DNS_NODATA ||
               verdict->answer->status == DNS_BAD_NAME) {
        verdict->reason = DKIM_NO_KEY;
    } else if (verdict->answer->status != DNS_OK) {
        verdict->reason = DKIM_KEY_UNREACHABLE;
        if (verdict->answer->status == DNS_SERVFAIL)
            verdict->unchecked = dns_answers_get_with(answers, verdict->answer->name, DNS_TXT,
                                                      DNS_CHECKING_DISABLED);
    } else {
        verdict->is_legacy = signature->hash == DKIM_SHA1;
        try_keys(verifier, index);
    }
}

static void note_body(const struct dkim_verifier *verifier, size_t index,
                      struct dkim_verdict *verdict)
{
    if (verifier->body_hash_of[index] == SIZE_MAX)
        return;
    const struct body_hash *hash = &verifier->body_hashes[verifier->body_hash_of[index]];
    const struct dkim_signature *signature = verdict->signature;
    verdict->body_hash_known = true;
    verdict->body_hash_right =
        signature->body_hash_length == dkim_hash_size(hash->hash) &&
        memcmp(signature->body_hash, hash->value, signature->body_hash_length) == 0;
    verdict->body_length = verifier->streams[hash->form].canonical.length;
    if (verdict->body_length > hash->limit)
        verdict->unsigned_octets = verdict->body_length - hash->limit;
}

/* RFC 8601 2.7.1, RFC 6376 6.1. */
static enum dkim_result result_of(const struct dkim_verdict *verdict)
{
    switch (verdict->reason) {
    case DKIM_VERIFIED:
        return DKIM_PASS;
    case DKIM_BODY_CHANGED:
    case DKIM_HEADER_CHANGED:
    case DKIM_SIGNATURE_WRONG:
        return DKIM_FAIL;
    case DKIM_KEY_UNREACHABLE:
    case DKIM_HEADER_CUT:
        return DKIM_TEMPERROR;
    case DKIM_FIELD:
        return verdict->signature->fault == DKIM_SIGNATURE_MISSING ||
                       verdict->signature->fault == DKIM_SIGNATURE_FROM ||
                       verdict->signature->fault == DKIM_SIGNATURE_IDENTITY_DOMAIN ||
                       verdict->signature->fault == DKIM_SIGNATURE_TIME_ORDER
                   ? DKIM_PERMERROR
                   : DKIM_NEUTRAL;
    default:
        return DKIM_PERMERROR;
    }
}

const struct dkim_verdict *dkim_verifier_judge(struct dkim_verifier *verifier,
                                               struct dns_answers *answers, size_t *count)
{
    for (size_t i = 0; i < verifier->count; i++) {
        struct dkim_verdict *verdict = &verifier->verdicts[i];
        *verdict = (struct dkim_verdict){.signature = verifier->signatures[i]};
        note_body(verifier, i, verdict);
        judge_signature(verifier, i, answers);
        verdict->result = result_of(verdict);
    }
    *count = verifier->count;
    return verifier->verdicts;
}
