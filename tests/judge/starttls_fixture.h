/*
 * The facts of a good server for tests of check_starttls' judge; each test changes one thing of it.
 */
#ifndef TESTS_JUDGE_STARTTLS_FIXTURE_H
#define TESTS_JUDGE_STARTTLS_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "starttls.h"
#include "tests/unit/cases.h"

#define NOW 1800000000
#define DAY 86400
#define ENTRIES_MAX 16
#define HOST "mx.example.org"
#define EHLO_TEXT "mx.example.org\nPIPELINING\nSTARTTLS"
#define EHLO_TLS_TEXT "mx.example.org\nPIPELINING\nAUTH PLAIN"

/* One conversation, with all that it points to. */
struct talk {
    struct smtp_request request;
    struct smtp_step steps[4];
    struct smtp_entry entries[ENTRIES_MAX];
    struct smtp_session session;
    struct smtp_ehlo ehlo, ehlo_tls;
    struct tls_facts tls;
    struct certificate list[3];
    struct certificate_name name;
};

struct fixture {
    struct arena arena;
    struct plugin_common common;
    struct starttls_config config;
    struct starttls_facts facts;
    struct starttls_place place;
    struct smtp_target target;
    struct talk talks[STARTTLS_PROBES];
    struct report report;
};

/* ---- a good server */

static inline struct smtp_entry *say(struct talk *talk, enum smtp_verb verb, size_t step,
                                     unsigned code, const char *text)
{
    struct smtp_entry *entry = &talk->entries[talk->session.entry_count++];
    *entry = (struct smtp_entry){
        .verb = verb,
        .step = step,
        .sent = "",
        .outcome = SMTP_ANSWERED,
        .code = code,
        .first_code = code,
        .text = slice_of(text),
        .us = 1000,
        .tls = talk->session.tls != NULL,
    };
    return entry;
}

static inline struct smtp_entry *entry_of(struct fixture *f, enum starttls_probe probe,
                                          enum smtp_verb verb)
{
    struct talk *talk = &f->talks[probe];
    for (size_t i = talk->session.entry_count; i-- > 0;) {
        if (talk->entries[i].verb == verb)
            return &talk->entries[i];
    }
    return &talk->entries[0];
}

/* Certificate, intermediate and their path, trusted. */
static inline void certify(struct talk *talk)
{
    static const struct certificate good = {
        .subject = "CN=mx.example.org",
        .issuer = "CN=Intermediate",
        .common_name = HOST,
        .serial = "1234",
        .name_count = 1,
        .has_names = true,
        .not_before = NOW - 30 * (int64_t)DAY,
        .not_after = NOW + 60 * (int64_t)DAY,
        .key = CERTIFICATE_KEY_RSA,
        .bits = 2048,
        .curve = "",
        .signature = "sha256WithRSAEncryption",
        .signature_hash = CERTIFICATE_HASH_STRONG,
        .for_server = true,
    };
    talk->name = (struct certificate_name){
        .kind = CERTIFICATE_NAME_DNS,
        .text = SLICE_LITERAL(HOST),
    };
    talk->list[0] = talk->list[1] = good;
    talk->list[0].names = talk->list[1].names = &talk->name;
    talk->list[1].subject = "CN=Intermediate";
    talk->list[1].issuer = "CN=Root";
    talk->list[1].not_after = NOW + 900 * (int64_t)DAY;
    talk->list[1].is_ca = true;
    talk->tls.chain = (struct certificate_chain){
        .list = talk->list,
        .count = 2,
        .path = {0, 1},
        .path_count = 2,
        .not_after = talk->list[0].not_after,
    };
}

static inline void establish(struct talk *talk, unsigned version)
{
    talk->tls = (struct tls_facts){
        .outcome = TLS_ESTABLISHED,
        .reason = "",
        .version = version,
        .cipher = "TLS_AES_256_GCM_SHA384",
        .cipher_bits = 256,
        .group = "X25519",
        .group_bits = 253,
        .forward_secrecy = true,
        .secure_renegotiation = true,
        .extended_master_secret = true,
        .staple = TLS_STAPLE_GOOD,
    };
    certify(talk);
    talk->session.tls = &talk->tls;
}

static inline struct talk *begin(struct fixture *f, enum starttls_probe probe)
{
    struct talk *talk = &f->talks[probe];
    talk->request.steps = talk->steps;
    talk->request.step_count = 4;
    talk->session = (struct smtp_session){
        .request = &talk->request,
        .entries = talk->entries,
        .is_complete = true,
        .ehlo = &talk->ehlo,
    };
    f->place.probes[probe] =
        (struct starttls_conversation){.is_planned = true, .session = &talk->session};
    say(talk, SMTP_VERB_CONNECT, SMTP_NO_STEP, 0, "");
    say(talk, SMTP_VERB_GREETING, SMTP_NO_STEP, 220, HOST);
    say(talk, SMTP_VERB_EHLO, 0, 250, EHLO_TEXT);
    smtp_ehlo_parse(SLICE_LITERAL(EHLO_TEXT), &talk->ehlo);
    return talk;
}

static inline void add_main(struct fixture *f)
{
    struct talk *talk = begin(f, STARTTLS_MAIN);
    say(talk, SMTP_VERB_STARTTLS, 1, 220, "go ahead");
    say(talk, SMTP_VERB_HANDSHAKE, SMTP_NO_STEP, 0, "");
    establish(talk, TLS_1_3);
    say(talk, SMTP_VERB_EHLO, STARTTLS_STEP_EHLO_TLS, 250, EHLO_TLS_TEXT);
    smtp_ehlo_parse(SLICE_LITERAL(EHLO_TLS_TEXT), &talk->ehlo_tls);
    talk->session.ehlo_tls = &talk->ehlo_tls;
    say(talk, SMTP_VERB_QUIT, SMTP_NO_STEP, 221, "bye");
}

/* A further handshake that the server refuses, as it should. */
static inline void add_refused(struct fixture *f, enum starttls_probe probe)
{
    struct talk *talk = begin(f, probe);
    if (probe == STARTTLS_OLD)
        say(talk, SMTP_VERB_MAIL, STARTTLS_STEP_MAIL, 250, "ok");
    say(talk, SMTP_VERB_STARTTLS, probe == STARTTLS_OLD ? 3 : 1, 220, "go ahead");
    struct smtp_entry *entry = say(talk, SMTP_VERB_HANDSHAKE, SMTP_NO_STEP, 0, "");
    entry->outcome = SMTP_ENDED;
    talk->tls = (struct tls_facts){
        .outcome = TLS_ALERTED,
        .alert = 70,
        .alert_name = "protocol version",
        .reason = "",
        .cipher = "",
        .group = "",
    };
    talk->session.tls = &talk->tls;
}

static inline void add_accepted(struct fixture *f, enum starttls_probe probe, unsigned version)
{
    struct talk *talk = begin(f, probe);
    say(talk, SMTP_VERB_STARTTLS, 1, 220, "go ahead");
    say(talk, SMTP_VERB_HANDSHAKE, SMTP_NO_STEP, 0, "");
    establish(talk, version);
    talk->tls.cipher = "ECDHE-RSA-AES256-GCM-SHA384";
    say(talk, SMTP_VERB_QUIT, SMTP_NO_STEP, 221, "bye");
}

static inline void fixture_open(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    arena_init(&f->arena);
    f->common.timeout_result = STATE_UNKNOWN;
    f->config = starttls_config_default;
    f->config.smtp.host = HOST;
    assert_true(starttls_options_read_days(&f->config));
    f->target = (struct smtp_target){.text = "192.0.2.1:25", .host = HOST};
    f->target.stream.endpoint.port = 25;
    f->place = (struct starttls_place){
        .target = &f->target,
        .subject = "mx.example.org (192.0.2.1:25)",
        .name = HOST,
        .demand.reason = "",
        .has_route = true,
    };
    f->facts = (struct starttls_facts){
        .arena = &f->arena,
        .now = NOW,
        .targets = {.list = &f->target, .count = 1, .host = HOST},
        .places = &f->place,
        .place_count = 1,
    };
    add_main(f);
    add_refused(f, STARTTLS_OTHER_KEY);
    add_accepted(f, STARTTLS_TLS_1_2, TLS_1_2);
    add_refused(f, STARTTLS_OLD);
    add_refused(f, STARTTLS_WEAK);
    report_init(&f->report, &f->arena, &starttls_definition.tables);
}

static inline void fixture_close(struct fixture *f)
{
    report_release(&f->report);
    arena_release(&f->arena);
}

static const struct finding *find(const struct fixture *f, enum starttls_finding definition)
{
    for (size_t i = 0; i < f->report.finding_count; i++) {
        if (f->report.findings[i].definition == definition)
            return &f->report.findings[i];
    }
    return NULL;
}

/* ---- what a row changes */

typedef void change(struct fixture *f);

static inline struct tls_facts *first(struct fixture *f)
{
    return &f->talks[STARTTLS_MAIN].tls;
}

static inline struct certificate *leaf(struct fixture *f)
{
    return &f->talks[STARTTLS_MAIN].list[0];
}

static inline struct certificate *issuer(struct fixture *f)
{
    return &f->talks[STARTTLS_MAIN].list[1];
}

static inline void strict(struct fixture *f)
{
    f->place.demand = (struct starttls_demand){true, "port 587"};
}

static inline void distrust(struct fixture *f, enum tls_trust trust, unsigned depth)
{
    first(f)->errors[first(f)->error_count++] = (struct tls_error){
        .trust = trust,
        .text = "OpenSSL's words",
        .depth = depth,
        .subject = depth == 0 ? "CN=mx.example.org" : "CN=Intermediate",
    };
}

#define CHANGE(name, statement)                                                                    \
    static void name(struct fixture *f)                                                            \
    {                                                                                              \
        statement;                                                                                 \
    }

/* One row: the change, the finding that follows and its state. */
struct starttls_row {
    const char *label;
    change *apply;
    size_t id; /* STARTTLS_FINDINGS: none */
    enum state state;
};

static inline void starttls_test_row(void **state)
{
    const struct starttls_row *row = *state;
    struct fixture f;
    fixture_open(&f);
    row->apply(&f);
    starttls_judge(&f.config, &f.common, &f.facts, &f.report);
    if (row->id == STARTTLS_FINDINGS) {
        for (size_t i = 0; i < f.report.finding_count; i++)
            print_error("%s: %s\n", starttls_findings[f.report.findings[i].definition].id,
                        f.report.findings[i].text);
        assert_int_equal(f.report.finding_count, 0);
    } else {
        const struct finding *finding = find(&f, (enum starttls_finding)row->id);
        assert_non_null(finding);
        if (finding != NULL)
            assert_int_equal(finding->state, row->state);
    }
    fixture_close(&f);
}

#endif
