/* From facts to findings, without a network: the store of answers is filled from text, keys and
 * signatures are made afresh. */
#include <stdio.h>
#include <string.h>

#include "dkim.h"
#include "tests/judge/findings.h"
#include "tests/unit/dkim_maker.h"

#define NAME "sel._domainkey.example.org"
#define NOW INT64_C(1800000000)

struct fixture {
    struct arena arena;
    struct plugin_common common;
    struct dkim_config config;
    struct dkim_target target;
    struct dkim_facts facts;
    struct report report;
};

static void fixture_open(struct fixture *f)
{
    *f = (struct fixture){
        .common.timeout_result = STATE_UNKNOWN,
        .config = dkim_config_default,
        .target = {.domain = "example.org", .selector = "sel", .name = NAME},
    };
    arena_init(&f->arena);
    f->facts = (struct dkim_facts){.arena = &f->arena, .probe = "nobody", .now = NOW};
    report_init(&f->report, &f->arena, &dkim_definition.tables);
}

static void fixture_judge(struct fixture *f, const char *zone, bool complete)
{
    struct dns_answers *answers = dns_answers_new(&f->arena, 2000);
    assert_int_equal(dns_answers_read(answers, zone, complete), 0);
    dkim_collect(&f->config, &f->common, NULL, answers, (struct deadline){0}, &f->facts);
    dkim_judge(&f->config, &f->common, &f->facts, &f->report);
    dkim_show(&f->facts, &f->report);
}

static void fixture_close(struct fixture *f)
{
    dkim_verifier_free(f->facts.verifier);
    report_release(&f->report);
    arena_release(&f->arena);
}

static enum state worst(const struct fixture *f)
{
    enum state state = STATE_OK;
    for (size_t i = 0; i < f->report.finding_count; i++) {
        if (f->report.findings[i].state != STATE_OK) {
            print_message("# %s\n", f->report.findings[i].text);
            state = f->report.findings[i].state;
        }
    }
    return state;
}

/* ---- keys: one finding a row */

enum setting {
    SETTING_NONE,
    SETTING_REVOKED, /* --expect-revoked */
    SETTING_RETIRED,
};

static void publish(struct fixture *f, const char *record, const char *more)
{
    const char *zone = maker_fill(&f->arena, more);
    if (record != NULL)
        zone =
            arena_format(&f->arena, "%s%s",
                         maker_txt(&f->arena, NAME, slice_of(maker_fill(&f->arena, record))), more);
    f->facts.targets = &f->target;
    f->facts.target_count = 1;
    fixture_judge(f, zone, true);
}

static const struct key_row {
    const char *label;
    const char *record; /* NULL: none */
    const char *more;
    const char *id; /* NULL: nothing worse than OK */
    enum state state;
    const char *fix; /* the key as in the record; NULL: not looked at */
    enum setting setting;
} key_rows[] = {
  /* clang-format off */
    {"3.6.1: a good RSA key", "v=DKIM1; k=rsa; p=%R", "", NULL, STATE_OK, NULL, SETTING_NONE},
    {"RFC 8463 4: a good Ed25519 key", "v=DKIM1; k=ed25519; p=%E", "", NULL, STATE_OK, NULL,
     SETTING_NONE},
    {"3.2: white space where it may be", " v = DKIM1 ; k = rsa ; p = %R ; ", "", NULL, STATE_OK,
     NULL, SETTING_NONE},
    {"3.6.1: a CNAME to a key", NULL,
     NAME " CNAME key.example.net\nkey.example.net TXT \"v=DKIM1; k=ed25519; "
     "p=%E\"\n", NULL, STATE_OK, NULL, SETTING_NONE},
    {"6.1.2: the question failed", NULL, NAME " TXT REFUSED\n", "dkim.dns-error", STATE_UNKNOWN,
     NULL, SETTING_NONE},
    {"RFC 4035 5.5: SERVFAIL that goes away without validation", NULL, NAME " TXT SERVFAIL\n",
     "dkim.dns-bogus", STATE_CRITICAL, NULL, SETTING_NONE},
    {"RFC 7766 5: truncated, and no TCP", NULL, NAME " TXT TRUNCATED\n", "dkim.size", STATE_WARNING,
     NULL, SETTING_NONE},
    {"6.1.2: no key", NULL, "", "dkim.no-key", STATE_CRITICAL, NULL, SETTING_NONE},
    {"6.1.2: a CNAME that leads nowhere", NULL, NAME " CNAME gone.example.net\n",
     "dkim.cname-dangling", STATE_CRITICAL, NULL, SETTING_NONE},
    {"3.6.2.2: two records", "v=DKIM1; p=%R", NAME " TXT \"v=DKIM1; p=\"\n", "dkim.multiple",
     STATE_CRITICAL, NULL, SETTING_NONE},
    {"3.6.2: a wildcard answers", "v=DKIM1; p=%R",
     "nobody._domainkey.example.org TXT \"v=DKIM1; p=AA==\"\n", "dkim.wildcard", STATE_WARNING, NULL,
     SETTING_NONE},
    {"3.6.1: another protocol's text", "v=spf1 -all", "", "dkim.not-dkim", STATE_CRITICAL, NULL,
     SETTING_NONE},
    {"RFC 8020 2: a name above is NXDOMAIN", "v=DKIM1; p=%R", "_domainkey.example.org - NXDOMAIN\n",
     "dkim.ent", STATE_WARNING, NULL, SETTING_NONE},
    {"3.6.1: v= in other letters", "v=dkim1; k=rsa; p=%R", "", "dkim.v", STATE_CRITICAL,
     "v=DKIM1; k=rsa; p=%R", SETTING_NONE},
    {"3.6.1: v= is not first", "k=rsa; v=DKIM1; p=%R", "", "dkim.v", STATE_CRITICAL,
     "v=DKIM1; k=rsa; p=%R", SETTING_NONE},
    {"3.6.1: no v=", "k=rsa; p=%R", "", "dkim.v-absent", STATE_OK, NULL, SETTING_NONE},
    {"3.2: a tag twice", "v=DKIM1; k=rsa; k=rsa; p=%R", "", "dkim.taglist", STATE_CRITICAL, NULL,
     SETTING_NONE},
    {"3.2: a tag in upper case", "v=DKIM1; P=%R", "", "dkim.taglist", STATE_CRITICAL, NULL,
     SETTING_NONE},
    {"3.2: an unknown tag", "v=DKIM1; p=%R; z=1", "", "dkim.unknown-tag", STATE_OK, NULL,
     SETTING_NONE},
    {"C.2: the old g=", "v=DKIM1; g=*; p=%R", "", "dkim.g", STATE_OK, NULL, SETTING_NONE},
    {"C.2: an empty g=", "v=DKIM1; g=; p=%R", "", "dkim.g-empty", STATE_WARNING, NULL,
     SETTING_NONE},
    {"3.6.1: no p=", "v=DKIM1; k=rsa", "", "dkim.p-missing", STATE_CRITICAL, NULL, SETTING_NONE},
    {"3.6.1: revoked", "v=DKIM1; p=", "", "dkim.p-empty", STATE_CRITICAL, NULL, SETTING_NONE},
    {"3.6.1: revoked, as expected", "v=DKIM1; p=", "", NULL, STATE_OK, NULL, SETTING_REVOKED},
    {"3.6.1: gone, as expected", NULL, "", NULL, STATE_OK, NULL, SETTING_REVOKED},
    {"3.6.1: not revoked, against expectation", "v=DKIM1; p=%R", "", "dkim.not-revoked",
     STATE_CRITICAL, NULL, SETTING_REVOKED},
    {"3.6.1: a retired selector with a key", "v=DKIM1; p=%R", "", "dkim.retired", STATE_WARNING,
     NULL, SETTING_RETIRED},
    {"3.6.1: a retired selector that is revoked", "v=DKIM1; p=", "", NULL, STATE_OK, NULL,
     SETTING_RETIRED},
    {"3.6.1: p= is not base64", "v=DKIM1; p=MIGf*", "", "dkim.p-base64", STATE_CRITICAL, NULL,
     SETTING_NONE},
    {"3.6.1: p= is no key", "v=DKIM1; p=Zm9vYmFy", "", "dkim.p-der", STATE_CRITICAL, NULL,
     SETTING_NONE},
    {"erratum 3017: a plain RSAPublicKey", "v=DKIM1; k=rsa; p=%P", "", "dkim.p-pkcs1", STATE_OK,
     "v=DKIM1; k=rsa; p=%R", SETTING_NONE},
    {"8.3: the private key", "v=DKIM1; p=%1", "", "dkim.p-private", STATE_CRITICAL, NULL,
     SETTING_NONE},
    {"3.6.1: an unknown k=", "v=DKIM1; k=dsa; p=AAAA", "", "dkim.k", STATE_CRITICAL, NULL,
     SETTING_NONE},
    {"RFC 8463 4: an Ed25519 key without k=", "v=DKIM1; p=%E", "", "dkim.k", STATE_CRITICAL,
     "v=DKIM1; k=ed25519; p=%E", SETTING_NONE},
    {"RFC 8463 4.2: a wrapped Ed25519 key", "v=DKIM1; k=ed25519; p=%5", "", "dkim.ed-len",
     STATE_CRITICAL, "v=DKIM1; k=ed25519; p=%E", SETTING_NONE},
    {"RFC 8301 3.2: 512 bits", "v=DKIM1; p=%T", "", "dkim.bits-short", STATE_CRITICAL, NULL,
     SETTING_NONE},
    {"RFC 8301 3.2: 1024 bits", "v=DKIM1; p=%S", "", "dkim.bits-few", STATE_WARNING, NULL,
     SETTING_NONE},
    {"8.3: the example key of RFC 8463",
     "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "", "dkim.weak",
     STATE_CRITICAL, NULL, SETTING_NONE},
    {"RFC 8301 3.1: h= without sha256", "v=DKIM1; h=sha1; p=%R", "", "dkim.h", STATE_CRITICAL, NULL,
     SETTING_NONE},
    {"3.6.1: s= without email", "v=DKIM1; s=tlsrpt; p=%R", "", "dkim.s", STATE_CRITICAL, NULL,
     SETTING_NONE},
    {"3.6.1: t=y", "v=DKIM1; k=rsa; t=y; p=%R", "", "dkim.t-y", STATE_WARNING, NULL, SETTING_NONE},
    {"3.6.1: t=s", "v=DKIM1; t=s; p=%R", "", "dkim.t-s", STATE_OK, NULL, SETTING_NONE},
  /* clang-format on */
};

static void test_key(void **state)
{
    const struct key_row *row = *state;
    struct fixture f;
    fixture_open(&f);
    f.config.expect_revoked = row->setting == SETTING_REVOKED;
    f.target.is_retired = row->setting == SETTING_RETIRED;
    publish(&f, row->record, row->more);
    if (row->id == NULL)
        assert_int_equal(worst(&f), STATE_OK);
    else
        assert_int_equal(findings_found(&f.report, row->id)->state, row->state);
    if (row->fix != NULL)
        assert_string_equal(
            findings_found(&f.report, row->id)->fix,
            arena_format(&f.arena, "Publish at " NAME ": %s", maker_fill(&f.arena, row->fix)));
    fixture_close(&f);
}

static void test_timeout_result(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f);
    f.common.timeout_result = STATE_CRITICAL;
    f.facts.targets = &f.target;
    f.facts.target_count = 1;
    fixture_judge(&f, "", false);
    assert_int_equal(findings_found(&f.report, "dkim.dns-error")->state, STATE_CRITICAL);
    assert_null(findings_find(&f.report, "dkim.no-key"));
    fixture_close(&f);
}

static void test_figures(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f);
    f.target.memory = (struct record_memory){.is_remembered = true, .since = NOW - 90};
    publish(&f, "v=DKIM1; k=rsa; p=%S", "");
    assert_int_equal((int)f.report.metrics[DKIM_M_KEYS].value, 1);
    assert_int_equal((int)f.report.metrics[DKIM_M_GOOD_KEYS].value, 1);
    assert_int_equal((int)f.report.metrics[DKIM_M_BITS].value, 1024);
    assert_int_equal((int)f.report.metrics[DKIM_M_AGE].value, 90);
    fixture_close(&f);
}

static void test_age(void **state)
{
    struct fixture f;
    (void)state;
    for (int older = 0; older < 2; older++) {
        fixture_open(&f);
        f.config.max_age = 30;
        f.target.memory =
            (struct record_memory){.is_remembered = true, .since = NOW - 30 * 86400 - older};
        publish(&f, "v=DKIM1; k=rsa; p=%R", "");
        if (older)
            assert_int_equal(findings_found(&f.report, "dkim.age")->state, STATE_WARNING);
        else
            assert_null(findings_find(&f.report, "dkim.age"));
        fixture_close(&f);
    }
}

static void read_pair(struct fixture *f, enum maker_key key)
{
    char *pem = maker_pem(&f->arena, key, false);
    f->target.key_file = "key.pem";
    f->target.pair = DKIM_PAIR_READ;
    assert_int_equal(dkim_private_key_read(&f->arena, slice_of(pem), &f->target.private_key),
                     DKIM_PRIVATE_FINE);
}

static void test_pair(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f);
    read_pair(&f, MAKER_RSA_2048);
    publish(&f, "v=DKIM1; k=rsa; p=%R", "");
    assert_int_equal(worst(&f), STATE_OK);
    fixture_close(&f);
    fixture_open(&f);
    read_pair(&f, MAKER_ED25519);
    f.target.is_open_to_others = true;
    publish(&f, "v=DKIM1; k=rsa; p=%R", "");
    assert_int_equal(findings_found(&f.report, "dkim.pair")->state, STATE_CRITICAL);
    assert_int_equal(findings_found(&f.report, "dkim.pair-mode")->state, STATE_WARNING);
    fixture_close(&f);
    fixture_open(&f);
    f.target.key_file = "key.pem";
    f.target.pair = DKIM_PAIR_UNREADABLE;
    f.target.pair_trouble = "no permission";
    publish(&f, "v=DKIM1; k=rsa; p=%R", "");
    assert_int_equal(findings_found(&f.report, "dkim.pair-unreadable")->state, STATE_UNKNOWN);
    fixture_close(&f);
}

static void test_discovered(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f);
    f.target.is_discovered = true;
    f.facts.discovered = 1;
    f.facts.memory_trouble = "cannot be written";
    publish(&f, NULL, "");
    assert_null(findings_find(&f.report, "dkim.no-key"));
    assert_int_equal(findings_found(&f.report, "dkim.discovered-none")->state, STATE_OK);
    assert_int_equal(findings_found(&f.report, "dkim.state-file")->state, STATE_UNKNOWN);
    fixture_close(&f);
}

static void test_gaps(void **state)
{
    struct dkim_gap gaps[] = {
        {"example.net", NULL  },
        {"example.com", "lost"},
    };
    struct fixture f;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        fixture_open(&f);
        f.facts.gaps = &gaps[i];
        f.facts.gap_count = 1;
        fixture_judge(&f, "", true);
        assert_int_equal(findings_found(&f.report, "dkim.signing-table")->state, STATE_CRITICAL);
        assert_string_equal(findings_found(&f.report, "dkim.signing-table")->subject,
                            gaps[i].domain);
        fixture_close(&f);
    }
}

/* ---- messages: one finding a row */

#define ALL "from:from:subject:subject:to:date:reply-to:content-type"
#define TAGS(algorithm, headers, more)                                                             \
    "v=1; a=" algorithm "; c=relaxed/simple; d=example.org; s=sel; h=" headers "; " more           \
    "bh=<h>; b=<b>"
#define GOOD TAGS("rsa-sha256", ALL, "")
#define WITH(tag) TAGS("rsa-sha256", ALL, tag "; ")
#define KEY "v=DKIM1; k=rsa; p=%R"

static const struct message_row {
    const char *label;
    const char *tags; /* NULL: no signature */
    const char *key;  /* a status word when it has no "=" */
    enum maker_key signer;
    const char *from, *to; /* what is changed after signing; NULL: nothing */
    const char *id;        /* NULL: nothing worse than OK */
    enum state state;
} message_rows[] = {
  /* clang-format off */
    {"6.1.3: a good signature", GOOD, KEY, MAKER_RSA_2048,NULL, NULL,NULL,STATE_OK},
    {"3.5: x= in the future", WITH("t=1799999000; x=1800001000"), KEY, MAKER_RSA_2048,NULL, NULL,
     NULL,STATE_OK},
    {"3.5: i= below d=", WITH("i=a@news.example.org"), KEY, MAKER_RSA_2048,NULL, NULL,NULL,
     STATE_OK},
    {"3.5: no signature", NULL, KEY, MAKER_RSA_2048,NULL, NULL,"dkim.unsigned",STATE_CRITICAL},
    {"6.1.3: the body was changed", GOOD, KEY, MAKER_RSA_2048,"\r\n\r\nHi","\r\n\r\nHo",
     "dkim.bh",STATE_CRITICAL},
    {"6.1.3: a signed field was changed", GOOD, KEY, MAKER_RSA_2048,"Subject: Hi","Subject: Ho",
     "dkim.b",STATE_CRITICAL},
    {"6.1.3: made with another key", GOOD, KEY, MAKER_RSA_1024,NULL, NULL,"dkim.b",
     STATE_CRITICAL},
    {"6.1.1: a missing tag", "v=1; a=rsa-sha256; d=example.org; s=sel; h=from; b=<b>", KEY,
     MAKER_RSA_2048,NULL, NULL,"dkim.sig-syntax",STATE_CRITICAL},
    {"6.1.1: an unknown version",
     "v=2; a=rsa-sha256; c=relaxed/simple; d=example.org; s=sel; h=" ALL "; bh=<h>; b=<b>", KEY,
     MAKER_RSA_2048,NULL, NULL,"dkim.sig-syntax",STATE_CRITICAL},
    {"RFC 8301 3.1: rsa-sha1", TAGS("rsa-sha1", ALL, ""),KEY, MAKER_RSA_2048,NULL,NULL,
     "dkim.alg", STATE_CRITICAL},
    {"3.3.4: an unknown algorithm", TAGS("rsa-sha512", ALL, ""),KEY,MAKER_RSA_2048,NULL,NULL,
     "dkim.alg", STATE_CRITICAL},
    {"6.1.2: a key for another algorithm", GOOD, "v=DKIM1; k=ed25519; p=%E", MAKER_RSA_2048,NULL,
     NULL,"dkim.alg",STATE_CRITICAL},
    {"6.1.2: h= of the key forbids the hash", GOOD, "v=DKIM1; h=sha1; p=%R", MAKER_RSA_2048,NULL,
     NULL,"dkim.alg", STATE_CRITICAL},
    {"6.1.2: no key", GOOD, "NXDOMAIN", MAKER_RSA_2048,NULL,NULL,"dkim.sig-key",STATE_CRITICAL},
    {"6.1.2: revoked", GOOD, "v=DKIM1; p=", MAKER_RSA_2048,NULL,NULL, "dkim.sig-key",
     STATE_CRITICAL},
    {"RFC 8301 3.2: 512 bits", GOOD, "v=DKIM1; p=%T", MAKER_RSA_512,NULL,NULL,"dkim.sig-key",
     STATE_CRITICAL},
    {"3.6.1: a key for TLS reports", GOOD, "v=DKIM1; s=tlsrpt; p=%R", MAKER_RSA_2048,NULL,NULL,
     "dkim.sig-key",STATE_CRITICAL},
    {"6.1.2: the question for the key failed", GOOD, "REFUSED", MAKER_RSA_2048,NULL,NULL,
     "dkim.sig-dns",STATE_UNKNOWN},
    {"RFC 8463 5: only Ed25519", TAGS("ed25519-sha256", ALL, ""),"k=ed25519; p=%E",MAKER_ED25519,
     NULL,NULL, "dkim.ed-only", STATE_WARNING},
    {"3.5: expired", WITH("t=1799990000; x=1799999999"), KEY, MAKER_RSA_2048,NULL,NULL,"dkim.x",
     STATE_CRITICAL},
    {"3.5: x= is not after t=", WITH("t=1800000000; x=1800000000"), KEY,MAKER_RSA_2048,NULL,NULL,
     "dkim.x",STATE_CRITICAL},
    {"3.5: t= in the future", WITH("t=1800000301"), KEY, MAKER_RSA_2048,NULL,NULL,"dkim.t",
     STATE_WARNING},
    {"3.5: t= ahead as a clock may be", WITH("t=1800000300"), KEY,MAKER_RSA_2048,NULL,NULL,NULL,
     STATE_OK},
    {"8.6: valid for more than 14 days", WITH("t=1800000000; x=1801209601"), KEY, MAKER_RSA_2048,
     NULL,NULL,"dkim.lifetime",STATE_WARNING},
    {"8.6: valid for 14 days", WITH("t=1800000000; x=1801209600"), KEY, MAKER_RSA_2048,NULL,NULL,
     NULL, STATE_OK},
    {"8.2: l=", WITH("l=4"), KEY,MAKER_RSA_2048,NULL,NULL,"dkim.l",STATE_WARNING},
    {"3.5: l= is longer than the body", WITH("l=5"), KEY, MAKER_RSA_2048,NULL, NULL, "dkim.l-long",
     STATE_CRITICAL},
    {"5.4: From is not signed", TAGS("rsa-sha256", "subject:to",""),KEY,MAKER_RSA_2048,NULL,
     NULL,"dkim.from-h", STATE_CRITICAL},
    {"3.5: i= is outside of d=", WITH("i=a@example.com"), KEY, MAKER_RSA_2048, NULL,NULL,
     "dkim.i-d",STATE_CRITICAL},
    {"3.6.1: t=s with i= below d=",WITH("i=a@news.example.org"),"v=DKIM1; t=s; p=%R",
     MAKER_RSA_2048,NULL,NULL,"dkim.i-d", STATE_CRITICAL},
    {"8.15: a second Subject can be added",
     TAGS("rsa-sha256", "from:from:subject:to:date:reply-to:content-type", ""), KEY, MAKER_RSA_2048,
     NULL,NULL, "dkim.oversign", STATE_WARNING},
    {"5.4.1: List-Unsubscribe is not signed", GOOD,KEY,MAKER_RSA_2048,"From:",
     "List-Unsubscribe: <https://example.org/>\r\nFrom:","dkim.unsigned-header",STATE_WARNING},
    {"RFC 5322 3.6: two Subject fields", GOOD, KEY, MAKER_RSA_2048, "Subject: Hi\r\n",
     "Subject: Hi\r\nSubject: Ho\r\n", "dkim.dup-header",STATE_CRITICAL},
    {"3.6.1: a good signature with a key in test mode", GOOD, "v=DKIM1; t=y; p=%R", MAKER_RSA_2048,
     NULL,NULL,"dkim.testing",STATE_WARNING},
  /* clang-format on */
};

/* From and Subject are signed in relaxed form: what they are there does not depend on h= of the
 * tables, but for the one row that leaves From out. */
static char *signed_message(struct arena *arena, const struct message_row *row)
{
    const char *plain = "From: a@example.org\r\nSubject: Hi\r\n\r\nHi\r\n";
    if (row->tags == NULL)
        return arena_copy(arena, plain);
    enum dkim_hash hash = strstr(row->tags, "rsa-sha1") ? DKIM_SHA1 : DKIM_SHA256;
    const char *from = strstr(row->tags, "h=from") ? "from:a@example.org\r\n" : "";
    char *tags = maker_replace(arena, row->tags, "<h>", maker_hash(arena, hash, "Hi\r\n", 4));
    char *header = arena_format(arena, "%ssubject:Hi\r\ndkim-signature:%s", from,
                                maker_replace(arena, tags, "<b>", ""));
    tags = maker_replace(arena, tags, "<b>", maker_sign(arena, row->signer, hash, header));
    char *message = arena_format(arena, "DKIM-Signature: %s\r\n%s", tags, plain);
    return row->from == NULL ? message : maker_replace(arena, message, row->from, row->to);
}

static void read_message(struct fixture *f, const struct message_row *row, const char *more)
{
    const struct dkim_options options = {.now = NOW, .legacy = f->config.legacy};
    char *message = signed_message(&f->arena, row);
    const char *records =
        strchr(row->key, '=') != NULL
            ? maker_txt(&f->arena, NAME, slice_of(maker_fill(&f->arena, row->key)))
            : arena_format(&f->arena, NAME " TXT %s\n", row->key);
    f->facts.verifier = dkim_verifier_new(&f->arena, &options);
    dkim_verifier_feed(f->facts.verifier, message, strlen(message));
    dkim_verifier_end(f->facts.verifier);
    fixture_judge(f, arena_format(&f->arena, "%s%s", records, more), true);
}

static void test_message(void **state)
{
    const struct message_row *row = *state;
    struct fixture f;
    fixture_open(&f);
    read_message(&f, row, "");
    if (row->id == NULL)
        assert_int_equal(worst(&f), STATE_OK);
    else
        assert_int_equal(findings_found(&f.report, row->id)->state, row->state);
    fixture_close(&f);
}

static const struct message_row good_row = {
    .tags = GOOD,
    .key = KEY,
    .signer = MAKER_RSA_2048,
};

static void test_legacy(void **state)
{
    const struct message_row row = {
        .tags = TAGS("rsa-sha1", ALL, ""), .key = KEY, .signer = MAKER_RSA_2048};
    struct fixture f;
    (void)state;
    fixture_open(&f);
    f.config.legacy = true;
    read_message(&f, &row, "");
    assert_int_equal(findings_found(&f.report, "dkim.legacy")->state, STATE_WARNING);
    assert_null(findings_find(&f.report, "dkim.alg"));
    fixture_close(&f);
}

static const struct align_row {
    const char *label;
    const char *author; /* the domain of From, in place of example.org */
    const char *zone;
    const char *id; /* NULL: aligned */
    enum state state;
} align_rows[] = {
  /* clang-format off */
    {"RFC 9989 4.4.1: the same domain", "example.org", "", NULL, STATE_OK},
    {"RFC 9989 4.4.1: another domain", "example.com", "", "dkim.align", STATE_CRITICAL},
    {"RFC 9989 4.4.1: the same organizational domain", "news.example.org",
     "_dmarc.example.org TXT \"v=DMARC1; p=reject\"\n", NULL, STATE_OK},
    {"RFC 9989 4.4.1: adkim=s wants the same domain", "news.example.org",
     "_dmarc.example.org TXT \"v=DMARC1; p=reject; adkim=s\"\n", "dkim.align", STATE_CRITICAL},
    {"RFC 9989 4.10.2: the walk got no answer", "news.example.org",
     "_dmarc.example.org TXT REFUSED\n", "dkim.align-unknown", STATE_UNKNOWN},
  /* clang-format on */
};

/* The signature covers From, so that it is made for the domain of the row. */
static void test_align(void **state)
{
    const struct align_row *row = *state;
    struct fixture f;
    fixture_open(&f);
    f.config.align = true;
    const struct dkim_options options = {.now = NOW};
    char *tags =
        maker_replace(&f.arena, GOOD, "<h>", maker_hash(&f.arena, DKIM_SHA256, "Hi\r\n", 4));
    char *header = arena_format(&f.arena, "from:a@%s\r\nsubject:Hi\r\ndkim-signature:%s",
                                row->author, maker_replace(&f.arena, tags, "<b>", ""));
    tags = maker_replace(&f.arena, tags, "<b>",
                         maker_sign(&f.arena, MAKER_RSA_2048, DKIM_SHA256, header));
    char *message =
        arena_format(&f.arena, "DKIM-Signature: %s\r\nFrom: a@%s\r\nSubject: Hi\r\n\r\nHi\r\n",
                     tags, row->author);
    f.facts.verifier = dkim_verifier_new(&f.arena, &options);
    dkim_verifier_feed(f.facts.verifier, message, strlen(message));
    dkim_verifier_end(f.facts.verifier);
    fixture_judge(&f,
                  arena_format(&f.arena, "%s%s",
                               maker_txt(&f.arena, NAME, slice_of(maker_fill(&f.arena, KEY))),
                               row->zone),
                  true);
    if (row->id == NULL)
        assert_int_equal(worst(&f), STATE_OK);
    else
        assert_int_equal(findings_found(&f.report, row->id)->state, row->state);
    fixture_close(&f);
}

static const struct expect_row {
    const char *label;
    const char *expected;
    bool holds;
} expect_rows[] = {
    {"--expect: all tags hold",                  "d=Example.ORG,s=sel,a=rsa-sha256,c=relaxed/simple", true },
    {"--expect: another domain",                 "d=example.com",                                     false},
    {"--expect: another selector",               "d=example.org,s=other",                             false},
    {"--expect: another algorithm",              "a=ed25519-sha256",                                  false},
    {"--expect: another canonicalization",       "c=relaxed/relaxed",                                 false},
    {"--expect: blanks around names and values", "d = example.org , s = sel",                         true },
};

static void test_expect(void **state)
{
    const struct expect_row *row = *state;
    struct fixture f;
    fixture_open(&f);
    f.config.expected = row->expected;
    read_message(&f, &good_row, "");
    assert_int_equal(findings_find(&f.report, "dkim.expect") == NULL, row->holds);
    if (!row->holds)
        assert_int_equal(findings_found(&f.report, "dkim.expect")->state, STATE_WARNING);
    fixture_close(&f);
}

static void test_tables(void **state)
{
    (void)state;
    findings_assert_whole(dkim_findings, DKIM_FINDINGS, "dkim.");
}

int main(void)
{
    static struct cases cases;
    maker_open();
    CASES_TABLE(&cases, test_key, key_rows);
    CASES_TABLE(&cases, test_message, message_rows);
    CASES_TABLE(&cases, test_align, align_rows);
    CASES_TABLE(&cases, test_expect, expect_rows);
    cases_add(&cases, "what the deadline left unasked has the state of --timeout-result",
              test_timeout_result, NULL);
    cases_add(&cases, "the figures of the keys", test_figures, NULL);
    cases_add(&cases, "--max-age: a second more is too old", test_age, NULL);
    cases_add(&cases, "6.1.3: what the signer holds", test_pair, NULL);
    cases_add(&cases, "--signing-table: a domain without a key", test_gaps, NULL);
    cases_add(&cases, "--discover: that there is none is no fault", test_discovered, NULL);
    cases_add(&cases, "RFC 8301 3: what --legacy would give", test_legacy, NULL);
    cases_add(&cases, "every finding has id, title, reason, repair and reference", test_tables,
              NULL);
    int status = cases_run(&cases, "dkim_judge");
    maker_close();
    return status;
}
