#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "dkim_maker.h"
#include "mail/dkim.h"

static struct arena arena;

/* Verifies a message fed in pieces of `step` octets. The verdicts live until the next call. */
static struct dkim_verifier *verifier;
static const struct dkim_verdict *verify(struct slice message, size_t step, const char *records,
                                         const struct dkim_options *options, size_t *count)
{
    struct dns_answers *answers = dns_answers_new(&arena, 1000);
    assert_int_equal(dns_answers_read(answers, records, true), 0);
    dkim_verifier_free(verifier);
    verifier = dkim_verifier_new(&arena, options);
    for (size_t at = 0; at < message.length; at += step) {
        struct slice piece = slice_sub(message, at, step);
        dkim_verifier_feed(verifier, piece.start, piece.length);
    }
    dkim_verifier_end(verifier);
    return dkim_verifier_judge(verifier, answers, count);
}

/* ---- canonical forms and header fields: the canonical text of each case is written by hand.
 * <h> is the body hash, <b> the signature; TAGS a signature that is fine but for them. */

#define FIELD "DKIM-Signature: v=1; a=rsa-sha256; "
#define RELAXED_FIELD "dkim-signature:v=1; a=rsa-sha256; "
#define TAGS "d=example.org; s=sel; bh=<h>; "

/* clang-format off */
static const struct text_row {
    const char *label;
    const char *message;
    const char *header; /* canonical, without the CRLF after the signature field */
    const char *body;   /* canonical, as far as it is hashed */
    size_t index;       /* of the signature in the message */
} texts[] = {
    {"RFC 6376 3.4: simple/simple",
     FIELD "c=simple/simple; " TAGS "h=From:To; b=<b>\r\nFrom:  a@example.org \r\nTo: x\r\n\r\nHi  there \r\n\r\n\r\n",
     "From:  a@example.org \r\nTo: x\r\n" FIELD "c=simple/simple; " TAGS "h=From:To; b=",
     "Hi  there \r\n", 0},
    {"RFC 6376 3.5: without c= simple/simple holds",
     FIELD TAGS "h=From; b=<b>\r\nFrom:  a@example.org \r\n\r\nHi  there\r\n",
     "From:  a@example.org \r\n" FIELD TAGS "h=From; b=",
     "Hi  there\r\n", 0},
    {"RFC 6376 3.5: c=relaxed is relaxed/simple",
     FIELD "c=relaxed; " TAGS "h=From; b=<b>\r\nFrom:  a@example.org \r\n\r\nHi  there\r\n",
     "from:a@example.org\r\n" RELAXED_FIELD "c=relaxed; " TAGS "h=From; b=",
     "Hi  there\r\n", 0},
    {"RFC 6376 3.4: simple/relaxed",
     FIELD "c=simple/relaxed; " TAGS "h=From; b=<b>\r\nFrom:  a@example.org \r\n\r\nHi  there \r\n \r\n",
     "From:  a@example.org \r\n" FIELD "c=simple/relaxed; " TAGS "h=From; b=",
     "Hi there\r\n", 0},
    {"RFC 6376 3.4: relaxed/relaxed, folded and spaced",
     "DKIM-Signature:  v=1;\r\n\ta=rsa-sha256; c=relaxed/relaxed;\r\n  " TAGS "h=From\r\n : Subject; b=<b>\r\n"
     "FROM: a@example.org\r\nsubject \t:  Hi\r\n\tthere  \r\n\r\n \tHi \t there \r\n\t\r\n",
     "from:a@example.org\r\nsubject:Hi there\r\ndkim-signature:v=1; a=rsa-sha256; c=relaxed/relaxed; " TAGS "h=From : Subject; b=",
     " Hi there\r\n", 0},
    {"RFC 6376 3.4.3: no body, simple",
     FIELD TAGS "h=From; b=<b>\r\nFrom: a@example.org\r\n\r\n",
     "From: a@example.org\r\n" FIELD TAGS "h=From; b=", "\r\n", 0},
    {"RFC 6376 3.4.3: no empty line after the header, simple",
     FIELD TAGS "h=From; b=<b>\r\nFrom: a@example.org\r\n",
     "From: a@example.org\r\n" FIELD TAGS "h=From; b=", "\r\n", 0},
    {"RFC 6376 3.4.4: no body, relaxed",
     FIELD "c=relaxed/relaxed; " TAGS "h=From; b=<b>\r\nFrom: a@example.org\r\n\r\n \r\n",
     "from:a@example.org\r\n" RELAXED_FIELD "c=relaxed/relaxed; " TAGS "h=From; b=", "", 0},
    {"lines that end in LF alone",
     FIELD "c=simple/simple; " TAGS "\n h=From; b=<b>\nFrom: a\n b@example.org\n\nHi\nthere\n\n",
     "From: a\r\n b@example.org\r\n" FIELD "c=simple/simple; " TAGS "\r\n h=From; b=",
     "Hi\r\nthere\r\n", 0},
    {"RFC 6376 5.4.2: the last field of a name is signed first",
     FIELD "c=simple; " TAGS "h=From:Received:Received; b=<b>\r\nReceived: 1\r\nReceived: 2\r\nReceived: 3\r\nFrom: a@example.org\r\n\r\nHi\r\n",
     "From: a@example.org\r\nReceived: 3\r\nReceived: 2\r\n" FIELD "c=simple; " TAGS "h=From:Received:Received; b=",
     "Hi\r\n", 0},
    {"RFC 6376 5.4.2: names in h= beyond those that are there count as nothing",
     FIELD "c=simple; " TAGS "h=From:From:Cc:Subject:From; b=<b>\r\nSubject: s\r\nFrom: a@example.org\r\n\r\nHi\r\n",
     "From: a@example.org\r\nSubject: s\r\n" FIELD "c=simple; " TAGS "h=From:From:Cc:Subject:From; b=",
     "Hi\r\n", 0},
    {"RFC 6376 3.5: an added field that h= does not name changes nothing",
     "X-New: 1\r\n" FIELD "c=simple; " TAGS "h=From; b=<b>\r\nX-Other: 2\r\nFrom: a@example.org\r\n\r\nHi\r\n",
     "From: a@example.org\r\n" FIELD "c=simple; " TAGS "h=From; b=",
     "Hi\r\n", 0},
    {"RFC 6376 3.7: b= in the midst of the field, folded",
     FIELD "c=simple; b= <b> \r\n ; " TAGS "h=From\r\nFrom: a@example.org\r\n\r\nHi\r\n",
     "From: a@example.org\r\n" FIELD "c=simple; b=; " TAGS "h=From",
     "Hi\r\n", 0},
    {"RFC 6376 3.5: an unknown tag is signed too",
     FIELD "c=simple; r=y; " TAGS "h=From; b=<b>; zz=1\r\nFrom: a@example.org\r\n\r\nHi\r\n",
     "From: a@example.org\r\n" FIELD "c=simple; r=y; " TAGS "h=From; b=; zz=1",
     "Hi\r\n", 0},
    {"RFC 6376 4: another DKIM-Signature may be signed, with its b=",
     FIELD "c=simple; " TAGS "h=From:DKIM-Signature; b=<b>\r\nDKIM-Signature: v=1; b=AAAA\r\nFrom: a@example.org\r\n\r\nHi\r\n",
     "From: a@example.org\r\nDKIM-Signature: v=1; b=AAAA\r\n" FIELD "c=simple; " TAGS "h=From:DKIM-Signature; b=",
     "Hi\r\n", 0},
    {"RFC 6376 3.5: the field never signs itself, be it the last of its name",
     "DKIM-Signature: v=1; b=AAAA\r\n" FIELD "c=simple; " TAGS "h=From:DKIM-Signature; b=<b>\r\nFrom: a@example.org\r\n\r\nHi\r\n",
     "From: a@example.org\r\nDKIM-Signature: v=1; b=AAAA\r\n" FIELD "c=simple; " TAGS "h=From:DKIM-Signature; b=",
     "Hi\r\n", 1},
    {"RFC 6376 3.5: l= hashes the first octets",
     FIELD "c=simple; l=2; " TAGS "h=From; b=<b>\r\nFrom: a@example.org\r\n\r\nHi there\r\n",
     "From: a@example.org\r\n" FIELD "c=simple; l=2; " TAGS "h=From; b=",
     "Hi", 0},
    {"RFC 6376 3.5: l=0 hashes nothing",
     FIELD "c=simple; l=0; " TAGS "h=From; b=<b>\r\nFrom: a@example.org\r\n\r\nHi there\r\n",
     "From: a@example.org\r\n" FIELD "c=simple; l=0; " TAGS "h=From; b=",
     "", 0},
    {"RFC 6376 3.5: l= counts canonical octets",
     FIELD "c=simple/relaxed; l=5; " TAGS "h=From; b=<b>\r\nFrom: a@example.org\r\n\r\nHi    there\r\n",
     "From: a@example.org\r\n" FIELD "c=simple/relaxed; l=5; " TAGS "h=From; b=",
     "Hi th", 0},
    {"RFC 6376 3.5: l= of the whole body",
     FIELD "c=simple; l=4; " TAGS "h=From; b=<b>\r\nFrom: a@example.org\r\n\r\nHi\r\n",
     "From: a@example.org\r\n" FIELD "c=simple; l=4; " TAGS "h=From; b=",
     "Hi\r\n", 0},
};
/* clang-format on */

static void test_text(void **state)
{
    const struct text_row *row = *state;
    const struct dkim_options options = {0};
    char *hash = maker_hash(&arena, DKIM_SHA256, row->body, strlen(row->body));
    char *header = maker_replace(&arena, row->header, "<h>", hash);
    char *message = maker_replace(&arena, row->message, "<h>", hash);
    char *records = maker_txt(&arena, "sel._domainkey.example.org",
                              slice_of(maker_fill(&arena, "v=DKIM1; p=%R")));
    message = maker_replace(&arena, message, "<b>",
                            maker_sign(&arena, MAKER_RSA_2048, DKIM_SHA256, header));

    for (size_t step = 1; step < strlen(message) * 2; step = step * 3 + 1) {
        size_t count;
        const struct dkim_verdict *verdicts =
            verify(slice_of(message), step, records, &options, &count);
        const struct dkim_verdict *verdict = &verdicts[row->index];
        assert_true(count > row->index);
        assert_string_equal(dkim_verdict_text(&arena, verdict), "the signature verifies");
        assert_int_equal(verdict->result, DKIM_PASS);
        assert_true(verdict->body_hash_right && verdict->header_right);
    }
}

/* ---- tags, keys and faults: a fixed message, relaxed/simple. */

#define GOOD                                                                                       \
    "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=<h>; b=<b>"
#define WITH(more)                                                                                 \
    "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=<h>; " more     \
    "; b=<b>"
#define KEY "v=DKIM1; p=%R"

/* clang-format off */
static const struct tag_row {
    const char *label;
    const char *tags;
    const char *key; /* of sel._domainkey.example.org; a status word when it has no "=" */
    enum dkim_result result;
    enum dkim_reason reason;
    enum dkim_signature_fault fault;
    enum maker_key signer;
    bool legacy;
} tags[] = {
    {"RFC 6376 6.1.3: a good signature",                    GOOD, KEY, DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.2: v= need not be first",                  "a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=<h>; v=1; b=<b>", KEY, DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.6.1: a plain RSAPublicKey",                GOOD, "v=DKIM1; p=%P", DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},
    {"RFC 8301 3.2: 1024 bits verify",                      GOOD, "v=DKIM1; p=%S", DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_1024, false},
    {"RFC 8463 3: ed25519-sha256",                          "v=1; a=ed25519-sha256; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=<h>; b=<b>", "k=ed25519; p=%E", DKIM_PASS, DKIM_VERIFIED, 0, MAKER_ED25519, false},
    {"RFC 6376 3.5: a= ignores case",                       "v=1; a=RSA-SHA256; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: d= ignores case",                       "v=1; a=rsa-sha256; c=relaxed/simple; d=Example.ORG; s=SEL; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: i= below d=",                           WITH("i=a@news.example.org"), KEY, DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: i= with an encoded local-part",         WITH("i=a=40b=3Dc@example.org"), KEY, DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: q= with an unknown method besides",     WITH("q=other/x : dns/txt"), KEY, DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: x= in the future",                      WITH("t=1700000000; x=1800000001"), KEY, DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: t= in the future is no reason",         WITH("t=1900000000"), KEY, DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: more than 12 digits are infinite",      WITH("x=9999999999999"), KEY, DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.6.1: a key in test mode verifies",         GOOD, "v=DKIM1; t=y; p=%R", DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.6.1: t=s with i= of the same domain",      WITH("i=a@example.org"), "v=DKIM1; t=s; p=%R", DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.6.1: h= of the key allows sha256",         GOOD, "v=DKIM1; h=sha1:sha256; p=%R", DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.6.1: s=email",                             GOOD, "v=DKIM1; s=email; p=%R", DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, false},

    {"RFC 6376 6.1.1: no v=",                               "a=rsa-sha256; d=example.org; s=sel; h=from; bh=<h>; b=<b>", KEY, DKIM_PERMERROR, DKIM_FIELD, DKIM_SIGNATURE_MISSING, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.1: no a=",                               "v=1; d=example.org; s=sel; h=from; bh=<h>; b=<b>", KEY, DKIM_PERMERROR, DKIM_FIELD, DKIM_SIGNATURE_MISSING, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.1: no b=",                               "v=1; a=rsa-sha256; d=example.org; s=sel; h=from; bh=<h>", KEY, DKIM_PERMERROR, DKIM_FIELD, DKIM_SIGNATURE_MISSING, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.1: no bh=",                              "v=1; a=rsa-sha256; d=example.org; s=sel; h=from; b=<b>", KEY, DKIM_PERMERROR, DKIM_FIELD, DKIM_SIGNATURE_MISSING, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.1: no d=",                               "v=1; a=rsa-sha256; s=sel; h=from; bh=<h>; b=<b>", KEY, DKIM_PERMERROR, DKIM_FIELD, DKIM_SIGNATURE_MISSING, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.1: no h=",                               "v=1; a=rsa-sha256; d=example.org; s=sel; bh=<h>; b=<b>", KEY, DKIM_PERMERROR, DKIM_FIELD, DKIM_SIGNATURE_MISSING, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.1: no s=",                               "v=1; a=rsa-sha256; d=example.org; h=from; bh=<h>; b=<b>", KEY, DKIM_PERMERROR, DKIM_FIELD, DKIM_SIGNATURE_MISSING, MAKER_RSA_2048, false},
    {"RFC 6376 3.2: a duplicate tag",                       WITH("s=sel"), KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_TAG_LIST, MAKER_RSA_2048, false},
    {"RFC 6376 3.2: no tag list at all",                    "hello", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_TAG_LIST, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: v=2",                                   "v=2; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_VERSION, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: v=01",                                  "v=01; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_VERSION, MAKER_RSA_2048, false},
    {"RFC 6376 3.3.4: an unknown algorithm",                "v=1; a=rsa-sha512; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_ALGORITHM, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: an unknown canonicalization",           "v=1; a=rsa-sha256; c=relaxed/nofws; d=example.org; s=sel; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_CANONICALIZATION, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: an empty c=",                           "v=1; a=rsa-sha256; c=; d=example.org; s=sel; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_CANONICALIZATION, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: d= of one label",                       "v=1; a=rsa-sha256; c=relaxed/simple; d=org; s=sel; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_DOMAIN, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: d= with a final dot",                   "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org.; s=sel; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_DOMAIN, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: d= with a parenthesis",                 "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org(.x.org; s=sel; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_DOMAIN, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: an empty d=",                           "v=1; a=rsa-sha256; c=relaxed/simple; d=; s=sel; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_DOMAIN, MAKER_RSA_2048, false},
    {"RFC 6376 3.1: an empty selector",                     "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_SELECTOR, MAKER_RSA_2048, false},
    {"RFC 6376 3.1: a selector with two dots",              "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=a..b; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_SELECTOR, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.1: From is not signed",                  "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; h=subject; bh=<h>; b=<b>", KEY, DKIM_PERMERROR, DKIM_FIELD, DKIM_SIGNATURE_FROM, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: an empty h=",                           "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; h=; bh=<h>; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_HEADERS, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: an empty name in h=",                   "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; h=from::subject; bh=<h>; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_HEADERS, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: a space in a name of h=",               "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; h=from:sub ject; bh=<h>; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_HEADERS, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: b= is not base64",                      "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=<h>; b=*", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_DATA, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: an empty b=",                           "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=<h>; b=", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_DATA, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: bh= is not base64",                     "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=*; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_BODY_HASH, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: bh= is too short",                      "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=Zm9v; b=<b>", KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_BODY_HASH, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: i= without @",                          WITH("i=example.org"), KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_IDENTITY, MAKER_RSA_2048, false},
    {"RFC 6376 2.11: i= with a bad hex octet",              WITH("i=a=4@example.org"), KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_IDENTITY, MAKER_RSA_2048, false},
    {"RFC 6376 2.11: i= with lower-case hex",               WITH("i=a=3db@example.org"), KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_IDENTITY, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.1: i= of another domain",                WITH("i=a@example.com"), KEY, DKIM_PERMERROR, DKIM_FIELD, DKIM_SIGNATURE_IDENTITY_DOMAIN, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.1: i= that only ends like d=",           WITH("i=a@badexample.org"), KEY, DKIM_PERMERROR, DKIM_FIELD, DKIM_SIGNATURE_IDENTITY_DOMAIN, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: l= is no number",                       WITH("l=1x"), KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_LENGTH, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: a negative l=",                         WITH("l=-1"), KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_LENGTH, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: l= of 77 digits",                       WITH("l=00000000000000000000000000000000000000000000000000000000000000000000000000004"), KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_LENGTH, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: t= is no number",                       WITH("t=now"), KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_TIME, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: x= is no number",                       WITH("x="), KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_TIME, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: x= is not after t=",                    WITH("t=1900000000; x=1900000000"), KEY, DKIM_PERMERROR, DKIM_FIELD, DKIM_SIGNATURE_TIME_ORDER, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: q= without dns/txt",                    WITH("q=dns"), KEY, DKIM_NEUTRAL, DKIM_FIELD, DKIM_SIGNATURE_QUERY, MAKER_RSA_2048, false},

    {"RFC 6376 3.5: l= is longer than the body",            WITH("l=5"), KEY, DKIM_PERMERROR, DKIM_BODY_SHORT, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: l= is longer than 64 bits hold",        WITH("l=99999999999999999999999"), KEY, DKIM_PERMERROR, DKIM_BODY_SHORT, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.5: x= is past",                            WITH("x=1799999999"), KEY, DKIM_PERMERROR, DKIM_EXPIRED, 0, MAKER_RSA_2048, false},
    {"RFC 8301 3.1: rsa-sha1 is refused",                   "v=1; a=rsa-sha1; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_PERMERROR, DKIM_SHA1_REFUSED, 0, MAKER_RSA_2048, false},
    {"RFC 8301 3.1: what rsa-sha1 would give",              "v=1; a=rsa-sha1; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=<h>; b=<b>", KEY, DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_2048, true},
    {"RFC 8301 3.2: 512 bits are refused",                  GOOD, "v=DKIM1; p=%T", DKIM_PERMERROR, DKIM_KEY_SHORT, 0, MAKER_RSA_512, false},
    {"RFC 8301 3.2: what 512 bits would give",              GOOD, "v=DKIM1; p=%T", DKIM_PASS, DKIM_VERIFIED, 0, MAKER_RSA_512, true},

    {"RFC 6376 6.1.2: NXDOMAIN",                            GOOD, "NXDOMAIN", DKIM_PERMERROR, DKIM_NO_KEY, 0, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.2: no TXT",                              GOOD, "NODATA", DKIM_PERMERROR, DKIM_NO_KEY, 0, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.2: SERVFAIL",                            GOOD, "SERVFAIL", DKIM_TEMPERROR, DKIM_KEY_UNREACHABLE, 0, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.2: no answer",                           GOOD, "TIMEOUT", DKIM_TEMPERROR, DKIM_KEY_UNREACHABLE, 0, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.2: a key that is no tag list",           GOOD, "v=DKIM1; p", DKIM_PERMERROR, DKIM_KEY_UNUSABLE, 0, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.2: a key of another version",            GOOD, "v=DKIM2; p=%R", DKIM_PERMERROR, DKIM_KEY_UNUSABLE, 0, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.2: another text at the selector",        GOOD, "v=spf1 -all", DKIM_PERMERROR, DKIM_KEY_UNUSABLE, 0, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.2: h= of the key forbids the hash",      GOOD, "v=DKIM1; h=sha1; p=%R", DKIM_PERMERROR, DKIM_KEY_HASH, 0, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.2: revoked",                             GOOD, "v=DKIM1; p=", DKIM_PERMERROR, DKIM_KEY_WITHDRAWN, 0, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.2: the key is for another algorithm",    GOOD, "v=DKIM1; k=ed25519; p=%E", DKIM_PERMERROR, DKIM_KEY_WRONG_TYPE, 0, MAKER_RSA_2048, false},
    {"RFC 8463 4: 32 octets with k=rsa",                    "v=1; a=ed25519-sha256; c=relaxed/simple; d=example.org; s=sel; h=from:subject; bh=<h>; b=<b>", "v=DKIM1; p=%E", DKIM_PERMERROR, DKIM_KEY_WRONG_TYPE, 0, MAKER_ED25519, false},
    {"RFC 6376 3.6.1: a key for TLS reports",               GOOD, "v=DKIM1; s=tlsrpt; p=%R", DKIM_PERMERROR, DKIM_KEY_SERVICE, 0, MAKER_RSA_2048, false},
    {"RFC 6376 3.6.1: t=s with i= below d=",                WITH("i=a@news.example.org"), "v=DKIM1; t=s; p=%R", DKIM_PERMERROR, DKIM_KEY_SUBDOMAIN, 0, MAKER_RSA_2048, false},
    {"RFC 6376 6.1.3: made with another key",               GOOD, KEY, DKIM_FAIL, DKIM_SIGNATURE_WRONG, 0, MAKER_RSA_1024, false},
    {"RFC 6376 6.1.3: another key of the same size class",  GOOD, "v=DKIM1; p=%S", DKIM_FAIL, DKIM_SIGNATURE_WRONG, 0, MAKER_RSA_2048, false},
};
/* clang-format on */

#define HEADER "From: a@example.org\r\nSubject: Hi\r\n\r\n"

static char *signed_message(const struct tag_row *row)
{
    bool is_sha1 = strstr(row->tags, "rsa-sha1");
    enum dkim_hash hash = is_sha1 ? DKIM_SHA1 : DKIM_SHA256;
    char *tagged = maker_replace(&arena, row->tags, "<h>", maker_hash(&arena, hash, "Hi\r\n", 4));
    char *header = arena_format(&arena, "from:a@example.org\r\nsubject:Hi\r\ndkim-signature:%s",
                                maker_replace(&arena, tagged, "<b>", ""));
    tagged = maker_replace(&arena, tagged, "<b>", maker_sign(&arena, row->signer, hash, header));
    return arena_format(&arena, "DKIM-Signature: %s\r\n" HEADER "Hi\r\n", tagged);
}

static void test_tags(void **state)
{
    const struct tag_row *row = *state;
    const struct dkim_options options = {.now = 1800000000, .legacy = row->legacy};
    const char *name = "sel._domainkey.example.org";
    char *message = signed_message(row);
    char *records = strchr(row->key, '=')
                        ? maker_txt(&arena, name, slice_of(maker_fill(&arena, row->key)))
                        : arena_format(&arena, "%s TXT %s\n", name, row->key);
    size_t count;
    const struct dkim_verdict *verdicts =
        verify(slice_of(message), SIZE_MAX, records, &options, &count);

    assert_int_equal(count, 1);
    assert_string_equal(dkim_signature_fault_text(verdicts[0].signature->fault),
                        dkim_signature_fault_text(row->fault));
    assert_string_equal(dkim_reason_text(verdicts[0].reason), dkim_reason_text(row->reason));
    assert_string_equal(dkim_result_name(verdicts[0].result), dkim_result_name(row->result));
    assert_int_equal(verdicts[0].is_legacy, row->legacy);
    assert_true(strlen(dkim_verdict_text(&arena, &verdicts[0])) > 0);
}

/* ---- changes after signing */

static const struct change_row {
    const char *label;
    const char *from, *to;
    enum dkim_reason reason;
    bool body_right, header_right;
} changes[] = {
    {"RFC 6376 6.1.3: nothing was changed",                "Hi there",            "Hi there",                 DKIM_VERIFIED,       true,  true },
    {"RFC 6376 6.1.3: the body was changed",               "Hi there",            "Hi There",                 DKIM_BODY_CHANGED,   false,
     true                                                                                                                                      },
    {"RFC 6376 6.1.3: a footer was added",                 "Hi there\r\n",        "Hi there\r\n--\r\nx\r\n",
     DKIM_BODY_CHANGED,                                                                                                            false, true },
    {"RFC 6376 6.1.3: a signed field was changed",         "Subject: Hi",         "Subject: [list] Hi",
     DKIM_HEADER_CHANGED,                                                                                                          true,  false},
    {"RFC 6376 5.4.2: a second From was added",            "Subject: Hi",         "From: b@x\r\nSubject: Hi",
     DKIM_HEADER_CHANGED,                                                                                                          true,  false},
    {"RFC 6376 5.4.2: a field signed as absent was added", "Subject: Hi",         "Cc: x\r\nSubject: Hi",
     DKIM_HEADER_CHANGED,                                                                                                          true,  false},
    {"RFC 6376 3.7: a tag of the signature was changed",   "r=y",                 "r=n",                      DKIM_HEADER_CHANGED, true,
     false                                                                                                                                     },
    {"RFC 6376 6.1.3: both were changed",                  "Subject: Hi\r\n\r\n", "Subject: Ho\r\n\r\n.",
     DKIM_BODY_CHANGED,                                                                                                            false, false},
};

static void test_change(void **state)
{
    const struct change_row *row = *state;
    const struct dkim_options options = {0};
    const char *tagged = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; r=y; "
                         "h=from:from:subject:cc; bh=<h>; b=";
    char *records =
        maker_txt(&arena, "sel._domainkey.example.org", slice_of(maker_fill(&arena, KEY)));
    tagged =
        maker_replace(&arena, tagged, "<h>", maker_hash(&arena, DKIM_SHA256, "Hi there\r\n", 10));
    char *header =
        arena_format(&arena, "from:a@example.org\r\nsubject:Hi\r\ndkim-signature:%s", tagged);
    char *message = arena_format(&arena, "DKIM-Signature: %s%s\r\n" HEADER "Hi there\r\n", tagged,
                                 maker_sign(&arena, MAKER_RSA_2048, DKIM_SHA256, header));
    size_t count;
    const struct dkim_verdict *verdicts =
        verify(slice_of(maker_replace(&arena, message, row->from, row->to)), SIZE_MAX, records,
               &options, &count);

    assert_int_equal(count, 1);
    assert_string_equal(dkim_reason_text(verdicts[0].reason), dkim_reason_text(row->reason));
    assert_int_equal(verdicts[0].body_hash_right, row->body_right);
    assert_int_equal(verdicts[0].header_right, row->header_right);
}

/* ---- the verifier as a whole */

static void test_several(void **state)
{
    const struct dkim_options options = {0};
    const struct tag_row good = {NULL, GOOD, NULL, 0, 0, 0, MAKER_RSA_2048, false};
    const struct tag_row other = {NULL,
                                  "v=1; a=ed25519-sha256; c=relaxed/simple; d=example.org; s=ed; "
                                  "h=from:subject; bh=<h>; b=<b>",
                                  NULL,
                                  0,
                                  0,
                                  0,
                                  MAKER_ED25519,
                                  false};
    const char *first = signed_message(&good);
    const char *second = signed_message(&other);
    char *message = arena_format(&arena, "%.*sDKIM-Signature: x\r\n%s",
                                 (int)(strstr(second, "From:") - second), second, first);
    char *records =
        maker_txt(&arena, "sel._domainkey.example.org", slice_of(maker_fill(&arena, KEY)));
    struct dns_answers *answers = dns_answers_new(&arena, 10);
    const struct dkim_verdict *verdicts;
    size_t count;
    (void)state;

    /* Both keys are asked for at once, the field that cannot be read asks nothing. */
    verdicts = verify(slice_of(message), 10, records, &options, &count);
    verdicts = dkim_verifier_judge(verifier, answers, &count);
    assert_int_equal(count, 3);
    assert_int_equal(dns_answers_missing_count(answers), 2);
    assert_int_equal(verdicts[0].result, DKIM_TEMPERROR);
    assert_int_equal(verdicts[1].result, DKIM_NEUTRAL);
    assert_int_equal(verdicts[2].result, DKIM_TEMPERROR);
    records = arena_format(&arena, "%s%s", records,
                           maker_txt(&arena, "ed._domainkey.example.org",
                                     slice_of(maker_fill(&arena, "k=ed25519; p=%E"))));
    assert_int_equal(dns_answers_read(answers, records, true), 0);
    verdicts = dkim_verifier_judge(verifier, answers, &count);
    assert_int_equal(verdicts[0].result, DKIM_PASS);
    assert_int_equal(verdicts[1].result, DKIM_NEUTRAL);
    assert_int_equal(verdicts[2].result, DKIM_PASS);
    assert_int_equal(dkim_verifier_signature_count(verifier), 3);
}

/* RFC 6376 6.1.2 step 4: a verifier may cycle through several key records. */
static void test_several_keys(void **state)
{
    const struct dkim_options options = {0};
    const struct tag_row good = {NULL, GOOD, NULL, 0, 0, 0, MAKER_RSA_2048, false};
    const char *name = "sel._domainkey.example.org";
    char *records = arena_format(&arena, "%s%s%s", maker_txt(&arena, name, slice_of("v=spf1 -all")),
                                 maker_txt(&arena, name, slice_of(maker_fill(&arena, "p=%S"))),
                                 maker_txt(&arena, name, slice_of(maker_fill(&arena, "p=%R"))));
    size_t count;
    const struct dkim_verdict *verdicts =
        verify(slice_of(signed_message(&good)), 10, records, &options, &count);
    (void)state;

    assert_int_equal(verdicts[0].result, DKIM_PASS);
    assert_int_equal(verdicts[0].key_count, 3);
    assert_int_equal(verdicts[0].key->bits, 2048);
}

static void test_ed25519_change(void **state)
{
    const struct dkim_options options = {0};
    const struct tag_row row = {NULL,
                                "v=1; a=ed25519-sha256; c=relaxed/simple; d=example.org; s=sel; "
                                "h=from:subject; bh=<h>; b=<b>",
                                NULL,
                                0,
                                0,
                                0,
                                MAKER_ED25519,
                                false};
    char *message = maker_replace(&arena, signed_message(&row), "Subject: Hi", "Subject: Ho");
    char *records = maker_txt(&arena, "sel._domainkey.example.org",
                              slice_of(maker_fill(&arena, "k=ed25519; p=%E")));
    size_t count;
    const struct dkim_verdict *verdicts =
        verify(slice_of(message), SIZE_MAX, records, &options, &count);
    (void)state;

    assert_int_equal(verdicts[0].result, DKIM_FAIL);
    assert_int_equal(verdicts[0].reason, DKIM_SIGNATURE_WRONG);
}

static void test_tlsrpt(void **state)
{
    const struct dkim_options options = {.for_tlsrpt = true};
    const struct tag_row good = {NULL, GOOD, NULL, 0, 0, 0, MAKER_RSA_2048, false};
    char *records = maker_txt(&arena, "sel._domainkey.example.org",
                              slice_of(maker_fill(&arena, "v=DKIM1; s=tlsrpt; p=%R")));
    size_t count;
    (void)state;

    assert_int_equal(
        verify(slice_of(signed_message(&good)), 10, records, &options, &count)[0].result,
        DKIM_PASS);
}

static void test_unsigned_octets(void **state)
{
    const struct dkim_options options = {0};
    const struct tag_row row = {NULL, WITH("l=4"), NULL, 0, 0, 0, MAKER_RSA_2048, false};
    char *message = arena_format(&arena, "%sMore\r\n", signed_message(&row));
    char *records =
        maker_txt(&arena, "sel._domainkey.example.org", slice_of(maker_fill(&arena, KEY)));
    size_t count;
    const struct dkim_verdict *verdicts = verify(slice_of(message), 10, records, &options, &count);
    (void)state;

    assert_int_equal(verdicts[0].result, DKIM_PASS);
    assert_int_equal(verdicts[0].body_length, 10);
    assert_int_equal(verdicts[0].unsigned_octets, 6);
}

static void test_unsigned(void **state)
{
    const struct dkim_options options = {0};
    size_t count;
    (void)state;

    verify(slice_of(HEADER "Hi\r\n"), 10, "", &options, &count);
    assert_int_equal(count, 0);
    verify(slice_of(""), 10, "", &options, &count);
    assert_int_equal(count, 0);
}

static void test_many_signatures(void **state)
{
    const struct dkim_options options = {0};
    const struct tag_row good = {NULL, GOOD, NULL, 0, 0, 0, MAKER_RSA_2048, false};
    char *message = signed_message(&good);
    size_t count;
    (void)state;

    for (int i = 0; i < DKIM_SIGNATURES_MAX; i++)
        message = arena_format(&arena, "DKIM-Signature: v=1\r\n%s", message);
    verify(slice_of(message), 1000, "", &options, &count);
    assert_int_equal(count, DKIM_SIGNATURES_MAX);
    assert_int_equal(dkim_verifier_signature_count(verifier), DKIM_SIGNATURES_MAX + 1);
}

static void test_large_header(void **state)
{
    const struct dkim_options options = {0};
    const struct tag_row good = {NULL, GOOD, NULL, 0, 0, 0, MAKER_RSA_2048, false};
    char *message = signed_message(&good);
    char *line = arena_alloc(&arena, MESSAGE_HEADER_MAX + 10);
    size_t count;
    (void)state;

    memset(line, 'x', MESSAGE_HEADER_MAX);
    line[1] = ':';
    const char *end = strstr(message, "\r\n");
    message = arena_format(&arena, "%.*s\r\n%s%s", (int)(end - message), message, line, end);
    const struct dkim_verdict *verdicts = verify(slice_of(message), 4096, "", &options, &count);
    assert_int_equal(count, 1);
    assert_int_equal(verdicts[0].reason, DKIM_HEADER_CUT);
    assert_int_equal(verdicts[0].result, DKIM_TEMPERROR);
}

/* A message of 50 MB passes without being kept. */
static void test_large_body(void **state)
{
    const struct dkim_options options = {0};
    char line[79];
    struct dkim_digest *digest = dkim_digest_new(DKIM_SHA256);
    uint8_t hash[DKIM_HASH_SIZE];
    struct dns_answers *answers = dns_answers_new(&arena, 10);
    size_t count;
    size_t lines = 50 * 1024 * 1024 / 78;
    (void)state;

    memset(line, 'x', sizeof line);
    memcpy(line + 76, "\r\n", 3);
    for (size_t i = 0; i < lines; i++)
        dkim_digest_update(digest, line, 78);
    dkim_digest_finish(digest, hash);
    dkim_digest_free(digest);
    char *text = arena_alloc(&arena, 64);
    base64_encode(hash, sizeof hash, text);
    char *header = arena_format(&arena,
                                "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; "
                                "d=example.org; s=sel; h=from; bh=%s; b=AAAA\r\n"
                                "From: a@example.org\r\n\r\n",
                                text);
    size_t used = arena.used;
    dkim_verifier_free(verifier);
    verifier = dkim_verifier_new(&arena, &options);
    dkim_verifier_feed(verifier, header, strlen(header));
    for (size_t i = 0; i < lines; i++)
        dkim_verifier_feed(verifier, line, 78);
    dkim_verifier_end(verifier);
    assert_true(arena.used - used < 100000);
    const struct dkim_verdict *verdicts = dkim_verifier_judge(verifier, answers, &count);
    assert_true(verdicts[0].body_hash_right);
    assert_int_equal(verdicts[0].body_length, lines * 78);
}

int main(void)
{
    struct cases cases = {0};
    int status;

    arena_init(&arena);
    maker_open();
    CASES_TABLE(&cases, test_text, texts);
    CASES_TABLE(&cases, test_tags, tags);
    CASES_TABLE(&cases, test_change, changes);
    cases_add(&cases, "RFC 6376 6.1: every signature is judged, keys are asked all at once",
              test_several, NULL);
    cases_add(&cases, "RFC 6376 6.1.2: several key records are tried", test_several_keys, NULL);
    cases_add(&cases, "RFC 8463: a header change is seen", test_ed25519_change, NULL);
    cases_add(&cases, "RFC 8460 3: a key for TLS reports serves a report", test_tlsrpt, NULL);
    cases_add(&cases, "RFC 6376 8.2: octets beyond l= are counted", test_unsigned_octets, NULL);
    cases_add(&cases, "RFC 6376 6.1: a message without signatures", test_unsigned, NULL);
    cases_add(&cases, "RFC 6376 6.1: the number of signatures is limited", test_many_signatures,
              NULL);
    cases_add(&cases, "RFC 6376 3.8: a header over the maximum", test_large_header, NULL);
    cases_add(&cases, "a body of 50 MB streams", test_large_body, NULL);
    status = cases_run(&cases, "dkim");
    dkim_verifier_free(verifier);
    maker_close();
    arena_release(&arena);
    return status;
}
