/*
 * DKIM verification of a message, every signature of it: RFC 6376 6, RFC 8301, RFC 8463.
 *
 * The message streams through once; header fields are kept, the body is only hashed, once for each
 * way in which the signatures want it hashed. Then the signatures are judged against a store of DNS
 * answers, as often as answers come:
 *
 *     verifier = dkim_verifier_new(&arena, &options);
 *     while (octets come) dkim_verifier_feed(verifier, octets, length);
 *     dkim_verifier_end(verifier);
 *     do {
 *         verdicts = dkim_verifier_judge(verifier, answers, &count);
 *     } while (dns_fetch_missing(dns, answers, deadline));
 *     dkim_verifier_free(verifier);
 *
 * No I/O, no clock: the time comes from the options.
 */
#ifndef COMMON_MAIL_DKIM_H
#define COMMON_MAIL_DKIM_H

#include "mail/dkim_key.h"
#include "mail/dkim_signature.h"
#include "mail/dns_answer.h"
#include "mail/message.h"

/* Most signatures that are verified, and most key records that are tried for one. */
#define DKIM_SIGNATURES_MAX 32
#define DKIM_KEYS_MAX 4

/* RFC 8601 2.7.1. A message without a signature has no verdicts. */
enum dkim_result {
    DKIM_PASS,
    DKIM_FAIL,      /* body hash or signature wrong */
    DKIM_NEUTRAL,   /* the field cannot be read, or asks for what nobody knows */
    DKIM_PERMERROR, /* something that is needed is missing, forbidden or unusable */
    DKIM_TEMPERROR, /* the key could not be asked for, or the header not be held */
};

/* The first reason, in the order of RFC 6376 6.1. */
enum dkim_reason {
    DKIM_VERIFIED,
    DKIM_HEADER_CUT,      /* the header of the message is over our maximum: nothing is known */
    DKIM_FIELD,           /* see signature->fault */
    DKIM_SHA1_REFUSED,    /* RFC 8301 3.1: rsa-sha1 must not be verified */
    DKIM_EXPIRED,         /* x= is past */
    DKIM_NO_KEY,          /* NXDOMAIN, or no TXT there */
    DKIM_KEY_UNREACHABLE, /* the question for the key was not answered */
    DKIM_KEY_UNUSABLE,    /* see key->fault, not one of those below */
    DKIM_KEY_HASH,        /* h= of the key does not allow the hash of a= */
    DKIM_KEY_WITHDRAWN,   /* the key is revoked */
    DKIM_KEY_WRONG_TYPE,  /* k= does not fit a= */
    DKIM_KEY_SERVICE,     /* s= of the key is not for mail */
    DKIM_KEY_SUBDOMAIN,   /* t=s and i= is below d= */
    DKIM_KEY_SHORT,       /* RFC 8301 3.2: RSA below 1024 bits must not be verified */
    DKIM_BODY_SHORT,      /* the body has fewer octets than l= says */
    DKIM_BODY_CHANGED,    /* the body hash is not that of bh= */
    DKIM_HEADER_CHANGED,  /* made with this key over other header fields (RSA only) */
    DKIM_SIGNATURE_WRONG, /* not made with this key, or damaged; Ed25519: or the header changed */
};

struct dkim_options {
    int64_t now;     /* seconds since 1970, for x=; 0: nothing expires */
    bool legacy;     /* verify rsa-sha1 and short keys as well, to see what they would give */
    bool for_tlsrpt; /* the message is a TLS report: keys with s=tlsrpt serve (RFC 8460 3) */
};

struct dkim_verdict {
    enum dkim_result result;
    enum dkim_reason reason;
    const struct dkim_signature *signature;
    const struct dns_answer *answer;    /* of the key's name; NULL when the field is faulty */
    const struct dns_answer *unchecked; /* the same without DNSSEC, after SERVFAIL; or NULL */
    size_t key_count;                   /* TXT records there */
    const struct dkim_key *key;         /* the one that the verdict rests on, or NULL */
    unsigned weaknesses;                /* of the key, see dkim_weak.h */
    bool is_legacy;                     /* the result would be permerror without `legacy` */
    /* The signature over the header alone, when a usable key was there: right beside a wrong body
     * hash means that only the body was changed. */
    bool header_known, header_right;
    /* Facts that do not need the key. */
    bool body_hash_known, body_hash_right;
    uint64_t body_length;     /* canonical octets of the body */
    uint64_t unsigned_octets; /* of these beyond l= */
};

struct dkim_verifier;

/* `arena` outlives the verifier. */
struct dkim_verifier *dkim_verifier_new(struct arena *arena, const struct dkim_options *options);
void dkim_verifier_feed(struct dkim_verifier *verifier, const char *octets, size_t length);
void dkim_verifier_end(struct dkim_verifier *verifier);
void dkim_verifier_free(struct dkim_verifier *verifier);

/* The header; its fields are there after dkim_verifier_end. Valid until dkim_verifier_free. */
const struct message *dkim_verifier_message(const struct dkim_verifier *verifier);

/* DKIM-Signature fields in the message, those over DKIM_SIGNATURES_MAX counted too. */
size_t dkim_verifier_signature_count(const struct dkim_verifier *verifier);

/* Judges all signatures, in the order of the fields. Keys that the store does not hold are noted
 * there as missing; their signatures are DKIM_TEMPERROR for now. The array lives as long as the
 * verifier and is written anew by the next call. */
const struct dkim_verdict *dkim_verifier_judge(struct dkim_verifier *verifier,
                                               struct dns_answers *answers, size_t *count);

const char *dkim_result_name(enum dkim_result result); /* "pass", "fail", ... */
const char *dkim_reason_text(enum dkim_reason reason);
/* One sentence with the detail of fault or status. */
const char *dkim_verdict_text(struct arena *arena, const struct dkim_verdict *verdict);

#endif
