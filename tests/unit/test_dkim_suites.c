/*
 * Messages of the foreign sets in $SHARED_DIR/data/corpora. Where a set has the key, the signature
 * must verify; where it was not kept, the row says so and holds the body hash against the body.
 */
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "dkim_maker.h"
#include "mail/dkim.h"

static struct arena arena;

/* Files of the sets that hold the record of a key. */
static const struct {
    const char *name, *path;
} published[] = {
    {"20120113._domainkey.gmail.com",            "dkim-mimekit/gmail.pub"                     },
    {"test._domainkey.football.example.com",     "dkim-dkimpy/data/test.txt"                  },
    {"brisbane._domainkey.football.example.com", "dkim-badkeys/dkim/dkim-insecure-rfc8463.txt"},
    {"sed._domainkey.test.ex",                   "dkim-dkimpy/data/eximtest.dns"              },
    {"test._domainkey.example.com",              "dmarc-authheaders/test.txt"                 },
    {"test._domainkey.example.biz",              "dmarc-authheaders/test.txt"                 },
};

static const struct row {
    const char *label;
    const char *path;
    size_t index; /* of the signature in the message */
    bool legacy;
    enum dkim_reason reason;
    bool body_right;
} rows[] = {
    {"mailauth: arc-fail.eml",                                                                   "dkim-mailauth/fixtures/arc-fail.eml",        0, false, DKIM_NO_KEY,   true },
    {"mailauth: arc-fail.eml, signature 2",                                                      "dkim-mailauth/fixtures/arc-fail.eml",        1, false,
     DKIM_NO_KEY,                                                                                                                                                       true },
    {"mailauth: arc-fail2.eml",                                                                  "dkim-mailauth/fixtures/arc-fail2.eml",       0, false, DKIM_NO_KEY,
     true                                                                                                                                                                    },
    {"mailauth: arc-fail2.eml, signature 2",                                                     "dkim-mailauth/fixtures/arc-fail2.eml",       1, false,
     DKIM_NO_KEY,                                                                                                                                                       true },
    {"mailauth: arc-fail3.eml",                                                                  "dkim-mailauth/fixtures/arc-fail3.eml",       0, false, DKIM_NO_KEY,
     true                                                                                                                                                                    },
    {"mailauth: arc-pass.eml",                                                                   "dkim-mailauth/fixtures/arc-pass.eml",        0, false, DKIM_NO_KEY,   true },
    {"mailauth: arc-pass2.eml",                                                                  "dkim-mailauth/fixtures/arc-pass2.eml",       0, false, DKIM_NO_KEY,
     true                                                                                                                                                                    },
    {"mailauth: arc-pass2.eml, signature 2",                                                     "dkim-mailauth/fixtures/arc-pass2.eml",       1, false,
     DKIM_NO_KEY,                                                                                                                                                       true },
    {"mailauth: authtest.eml",                                                                   "dkim-mailauth/fixtures/authtest.eml",        0, false, DKIM_NO_KEY,   true },
    {"mailauth: bimi.eml",                                                                       "dkim-mailauth/fixtures/bimi.eml",            0, false, DKIM_NO_KEY,   true },
    {"mailauth: bimi.eml, signature 2",                                                          "dkim-mailauth/fixtures/bimi.eml",            1, false, DKIM_NO_KEY,
     true                                                                                                                                                                    },
    {"mailauth: message2.eml",                                                                   "dkim-mailauth/fixtures/message2.eml",        0, false, DKIM_NO_KEY,   true },
    {"mailauth: message3.eml",                                                                   "dkim-mailauth/fixtures/message3.eml",        0, false, DKIM_NO_KEY,   true },
    {"mailauth: message3.eml, signature 2",                                                      "dkim-mailauth/fixtures/message3.eml",        1, false,
     DKIM_NO_KEY,                                                                                                                                                       true },
    {"mailauth: message4.eml",                                                                   "dkim-mailauth/fixtures/message4.eml",        0, false, DKIM_NO_KEY,   true },
    {"mailauth: zbimi.eml",                                                                      "dkim-mailauth/fixtures/zbimi.eml",           0, false, DKIM_NO_KEY,   true },
    {"mailauth: zproov.eml",                                                                     "dkim-mailauth/fixtures/zproov.eml",          0, false, DKIM_NO_KEY,   true },
    {"mailauth: signed.eml",                                                                     "dkim-mailauth/ec/signed.eml",                0, false, DKIM_VERIFIED, true },
    {"mailauth: signed.eml, signature 2",                                                        "dkim-mailauth/ec/signed.eml",                1, false, DKIM_VERIFIED,
     true                                                                                                                                                                    },
    {"MimeKit: gmail.msg",                                                                       "dkim-mimekit/gmail.msg",                     0, false, DKIM_VERIFIED, true },
    {"MimeKit: multipart-no-end-boundary.msg",                                                   "dkim-mimekit/multipart-no-end-boundary.msg", 0,
     false,                                                                                                                                              DKIM_VERIFIED, true },
    {"MimeKit: related.msg",                                                                     "dkim-mimekit/related.msg",                   0, false, DKIM_VERIFIED, true },
    {"MimeKit: rfc8463-example.msg",                                                             "dkim-mimekit/rfc8463-example.msg",           0, false, DKIM_VERIFIED,
     true                                                                                                                                                                    },
    {"MimeKit: rfc8463-example.msg, signature 2",                                                "dkim-mimekit/rfc8463-example.msg",           1, false,
     DKIM_VERIFIED,                                                                                                                                                     true },
    {"jDKIM: FAIL_BADBH_s1024_yahoo.com.eml: the key is not kept, the body hash is wrong",
     "dkim-james/corpus/FAIL_BADBH_s1024_yahoo.com.eml",                                                                                       0, false, DKIM_NO_KEY,   false},
    {"jDKIM: FAIL_illegalargumentexception.eml",
     "dkim-james/corpus/FAIL_illegalargumentexception.eml",                                                                                    0, false, DKIM_FIELD,    false},
    {"jDKIM: gamma_gmail.com.eml: the key is not kept, the body hash is right",
     "dkim-james/corpus/gamma_gmail.com.eml",                                                                                                  0, false, DKIM_NO_KEY,   true },
    {"jDKIM: gamma_gmail.com_duplicateheaders.eml: the key is not kept, the body hash is right",
     "dkim-james/corpus/gamma_gmail.com_duplicateheaders.eml",                                                                                 0, false, DKIM_NO_KEY,   true },
    {"jDKIM: multiHeader.eml: the key is not kept, the body hash is right",
     "dkim-james/corpus/multiHeader.eml",                                                                                                      0, false, DKIM_NO_KEY,   true },
    {"jDKIM: s1024_yahoo.com.eml: the key is not kept, the body hash is right",
     "dkim-james/corpus/s1024_yahoo.com.eml",                                                                                                  0, false, DKIM_NO_KEY,   true },
    {"jDKIM: pmta_myspace.com.eml",                                                              "dkim-james/corpus/pmta_myspace.com.eml",     0, false,
     DKIM_SHA1_REFUSED,                                                                                                                                                 true },
    {"jDKIM: pmta_myspace.com.eml, rsa-sha1 taken: the key is not kept, the body hash is right",
     "dkim-james/corpus/pmta_myspace.com.eml",                                                                                                 0, true,  DKIM_NO_KEY,   true },
    {"dkimpy: ed25519test2.msg",                                                                 "dkim-dkimpy/data/ed25519test2.msg",          0, false, DKIM_VERIFIED,
     true                                                                                                                                                                    },
    {"dkimpy: rfc6376.signed.msg",                                                               "dkim-dkimpy/data/rfc6376.signed.msg",        0, false, DKIM_VERIFIED,
     true                                                                                                                                                                    },
    {"dkimpy: rfc6376.signed.msg, signature 2",                                                  "dkim-dkimpy/data/rfc6376.signed.msg",        1, false,
     DKIM_VERIFIED,                                                                                                                                                     true },
    {"dkimpy: rfc6376.signed.rsa.msg",                                                           "dkim-dkimpy/data/rfc6376.signed.rsa.msg",    0, false,
     DKIM_VERIFIED,                                                                                                                                                     true },
    {"dkimpy: message.mbox: the key is not kept, the body hash is right",
     "dkim-dkimpy/data/message.mbox",                                                                                                          0, false, DKIM_NO_KEY,   true },
    {"dkimpy: test2.message",                                                                    "dkim-dkimpy/data/test2.message",             0, false, DKIM_VERIFIED, true },
    {"dkimpy: test.message.baddomain",                                                           "dkim-dkimpy/data/test.message.baddomain",    0, false,
     DKIM_FIELD,                                                                                                                                                        true },
    {"authheaders: test.message_signed",                                                         "dmarc-authheaders/test.message_signed",      0, false,
     DKIM_VERIFIED,                                                                                                                                                     true },
    {"authheaders: testcomma.message",                                                           "dmarc-authheaders/testcomma.message",        0, false,
     DKIM_VERIFIED,                                                                                                                                                     true },
    {"authheaders: test.message_multi",                                                          "dmarc-authheaders/test.message_multi",       0, false,
     DKIM_HEADER_CHANGED,                                                                                                                                               true },
    {"authheaders: test.message_multi2",                                                         "dmarc-authheaders/test.message_multi2",      0, false,
     DKIM_HEADER_CHANGED,                                                                                                                                               true },
    {"authheaders: test.message_np1",                                                            "dmarc-authheaders/test.message_np1",         0, false,
     DKIM_HEADER_CHANGED,                                                                                                                                               true },
    {"authheaders: test.message_np2",                                                            "dmarc-authheaders/test.message_np2",         0, false,
     DKIM_HEADER_CHANGED,                                                                                                                                               true },
    {"authheaders: test.message_sub",                                                            "dmarc-authheaders/test.message_sub",         0, false,
     DKIM_HEADER_CHANGED,                                                                                                                                               true },
};

static const struct unsigned_row {
    const char *label;
    const char *path;
} unsigned_rows[] = {
    {"mailauth: message1.eml has no signature",           "dkim-mailauth/fixtures/message1.eml"  },
    {"dkimpy: ed25519test.msg has no signature",          "dkim-dkimpy/data/ed25519test.msg"     },
    {"dkimpy: rfc6376.msg has no signature",              "dkim-dkimpy/data/rfc6376.msg"         },
    {"dkimpy: rfc6376.w1258.msg has no signature",        "dkim-dkimpy/data/rfc6376.w1258.msg"   },
    {"dkimpy: test.message has no signature",             "dkim-dkimpy/data/test.message"        },
    {"dkimpy: test_extra.message has no signature",       "dkim-dkimpy/data/test_extra.message"  },
    {"dkimpy: test_nofrom.message has no signature",      "dkim-dkimpy/data/test_nofrom.message" },
    {"authheaders: test.bad.message has no signature",    "dmarc-authheaders/test.bad.message"   },
    {"authheaders: test.gov.message has no signature",    "dmarc-authheaders/test.gov.message"   },
    {"authheaders: test.message has no signature",        "dmarc-authheaders/test.message"       },
    {"authheaders: test.nofrom.message has no signature", "dmarc-authheaders/test.nofrom.message"},
    {"authheaders: test_nop.message has no signature",    "dmarc-authheaders/test_nop.message"   },
};

static char *records(void)
{
    char *text = arena_copy(&arena, "");
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        size_t length;
        char *content = maker_corpus(&arena, published[i].path, &length);
        if (content != NULL)
            text =
                arena_format(&arena, "%s%s", text,
                             maker_txt(&arena, published[i].name, maker_record(content, length)));
    }
    return text;
}

static struct dkim_verifier *read_file(const char *path, bool legacy)
{
    const struct dkim_options options = {.legacy = legacy};
    size_t length;
    char *content = maker_corpus(&arena, path, &length);
    if (!content) {
        print_message("# %s is not there\n", path);
        skip();
        return NULL;
    }
    struct dkim_verifier *verifier = dkim_verifier_new(&arena, &options);
    for (size_t at = 0; at < length; at += 1000)
        dkim_verifier_feed(verifier, content + at, length - at < 1000 ? length - at : 1000);
    dkim_verifier_end(verifier);
    return verifier;
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct dns_answers *answers = dns_answers_new(&arena, 1000);
    struct dkim_verifier *verifier = read_file(row->path, row->legacy);
    size_t count;

    assert_int_equal(dns_answers_read(answers, records(), true), 0);
    const struct dkim_verdict *verdicts = dkim_verifier_judge(verifier, answers, &count);
    assert_true(row->index < count);
    assert_string_equal(dkim_reason_text(verdicts[row->index].reason),
                        dkim_reason_text(row->reason));
    assert_int_equal(verdicts[row->index].body_hash_right, row->body_right);
    dkim_verifier_free(verifier);
}

static void test_unsigned(void **state)
{
    const struct unsigned_row *row = *state;
    struct dkim_verifier *verifier = read_file(row->path, false);

    assert_int_equal(dkim_verifier_signature_count(verifier), 0);
    assert_int_equal(dkim_verifier_message(verifier)->bad_lines, 0);
    dkim_verifier_free(verifier);
}

/* The private key of OpenDKIM's tests and the records that its tests ask for. */
static void test_opendkim(void **state)
{
    static const struct {
        const char *name;
        enum dkim_key_fault fault;
    } expected[] = {
        {"revoked._domainkey.example.com", DKIM_KEY_REVOKED},
        {"report._domainkey.example.com",  DKIM_KEY_FINE   },
        {"test._domainkey.example.com",    DKIM_KEY_FINE   },
    };
    size_t length, record_length;
    char *content = maker_corpus(&arena, "dkim-opendkim/testkey.private", &length);
    char *keys = maker_corpus(&arena, "dkim-opendkim/pubkeys", &record_length);
    struct dkim_private_key private_key;
    (void)state;

    if (!content || !keys) {
        print_message("# dkim-opendkim is not there\n");
        skip();
        return;
    }
    assert_int_equal(dkim_private_key_read(&arena, slice_new(content, length), &private_key),
                     DKIM_PRIVATE_FINE);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct dkim_key key;
        char *line = strstr(keys, arena_format(&arena, "\n%s", expected[i].name));
        assert_non_null(line);
        line += 1 + strlen(expected[i].name);
        line[strcspn(line, "\n")] = '\0';
        dkim_key_parse(&arena, slice_of(line), &key);
        line[strlen(line)] = '\n';
        assert_string_equal(dkim_key_fault_text(key.fault), dkim_key_fault_text(expected[i].fault));
        assert_int_equal(dkim_key_matches(&key, &private_key), key.fault == DKIM_KEY_FINE);
    }
}

int main(void)
{
    struct cases cases = {0};
    int status;

    arena_init(&arena);
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_unsigned, unsigned_rows);
    cases_add(&cases, "OpenDKIM: testkey.private fits what pubkeys publishes", test_opendkim, NULL);
    status = cases_run(&cases, "dkim_suites");
    arena_release(&arena);
    return status;
}
