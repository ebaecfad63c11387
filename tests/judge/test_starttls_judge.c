/* From facts to findings, without a network: the way to the server, the dialogue, TLS. */
#include "tests/judge/starttls_fixture.h"

CHANGE(nothing, (void)f)
CHANGE(rc4, first(f)->cipher_grade = TLS_CIPHER_WEAK)
CHANGE(null_cipher, first(f)->cipher_grade = TLS_CIPHER_BROKEN)
CHANGE(no_secrecy, first(f)->forward_secrecy = false)
CHANGE(small_group, (f->talks[STARTTLS_TLS_1_2].tls.cipher = "DHE-RSA-AES256-GCM-SHA384",
                     f->talks[STARTTLS_TLS_1_2].tls.group_bits = 1024))
CHANGE(compression, first(f)->compression = true)
CHANGE(no_renegotiation, f->talks[STARTTLS_TLS_1_2].tls.secure_renegotiation = false)
CHANGE(no_master_secret, f->talks[STARTTLS_TLS_1_2].tls.extended_master_secret = false)
CHANGE(early_data, first(f)->early_data = true)
CHANGE(only_1_2,
       (first(f)->version = TLS_1_2, f->place.probes[STARTTLS_TLS_1_2].is_planned = false))
CHANGE(clear_text,
       f->talks[STARTTLS_MAIN].session.clear_after_starttls = SLICE_LITERAL("250 x\r\n"))
CHANGE(again, smtp_ehlo_parse(SLICE_LITERAL("mx\nSTARTTLS\nAUTH PLAIN"),
                              &f->talks[STARTTLS_MAIN].ehlo_tls))
CHANGE(requiretls,
       smtp_ehlo_parse(SLICE_LITERAL("mx\nSTARTTLS\nREQUIRETLS"), &f->talks[STARTTLS_MAIN].ehlo))
CHANGE(forced, entry_of(f, STARTTLS_OLD, SMTP_VERB_MAIL)->code = 530)
CHANGE(auth_wanted, entry_of(f, STARTTLS_OLD, SMTP_VERB_MAIL)->code = 550)
CHANGE(unasked, f->place.probes[STARTTLS_MAIN].session = NULL)
CHANGE(weak_unasked, f->place.probes[STARTTLS_WEAK].session = NULL)
CHANGE(slow, (f->common.warning = (struct range){.is_set = true, .end = 0.0001}))

static void old_accepted(struct fixture *f)
{
    f->talks[STARTTLS_OLD].session.entry_count = 0;
    add_accepted(f, STARTTLS_OLD, TLS_1_1);
}

static void strict_old(struct fixture *f)
{
    strict(f);
    old_accepted(f);
}

static void refuse_1_2(struct fixture *f)
{
    f->talks[STARTTLS_TLS_1_2].session.entry_count = 0;
    add_refused(f, STARTTLS_TLS_1_2);
}

static void strict_1_2(struct fixture *f)
{
    strict(f);
    only_1_2(f);
}

static void weak_accepted(struct fixture *f)
{
    add_accepted(f, STARTTLS_WEAK, TLS_1_2);
    f->talks[STARTTLS_WEAK].tls.cipher = "NULL-SHA256";
    f->talks[STARTTLS_WEAK].tls.cipher_grade = TLS_CIPHER_BROKEN;
}

static void anonymous(struct fixture *f)
{
    add_accepted(f, STARTTLS_WEAK, TLS_1_2);
    f->talks[STARTTLS_WEAK].tls.is_anonymous = true;
    f->talks[STARTTLS_WEAK].tls.cipher = "AECDH-AES256-SHA";
}

static void strict_anonymous(struct fixture *f)
{
    strict(f);
    anonymous(f);
}

static void strict_mail(struct fixture *f)
{
    strict(f);
}

static void no_auth(struct fixture *f)
{
    strict(f);
    smtp_ehlo_parse(SLICE_LITERAL("mx\nPIPELINING"), &f->talks[STARTTLS_MAIN].ehlo_tls);
}

static void enforced(struct fixture *f)
{
    forced(f);
    f->config.is_enforced = true;
}

/* The first conversation ends with the entry of that verb. */
static struct smtp_entry *stop(struct fixture *f, enum smtp_verb verb, enum smtp_outcome outcome)
{
    struct talk *talk = &f->talks[STARTTLS_MAIN];
    struct smtp_entry *entry = entry_of(f, STARTTLS_MAIN, verb);
    talk->session.entry_count = (size_t)(entry - talk->entries) + 1;
    talk->session.ehlo_tls = NULL;
    if (verb < SMTP_VERB_STARTTLS && verb != SMTP_VERB_HANDSHAKE)
        talk->session.tls = NULL;
    entry->outcome = outcome;
    return entry;
}

static void refused_connection(struct fixture *f)
{
    stop(f, SMTP_VERB_CONNECT, SMTP_ENDED)->failure = STREAM_REFUSED;
}

static void own_source(struct fixture *f)
{
    stop(f, SMTP_VERB_CONNECT, SMTP_ENDED)->failure = STREAM_NO_SOURCE;
}

static void no_route(struct fixture *f)
{
    stop(f, SMTP_VERB_CONNECT, SMTP_ENDED)->failure = STREAM_UNREACHABLE;
    f->place.has_route = false;
}

static void refused_greeting(struct fixture *f)
{
    stop(f, SMTP_VERB_GREETING, SMTP_ANSWERED)->code = 554;
}

static void limited(struct fixture *f)
{
    struct smtp_entry *entry = stop(f, SMTP_VERB_GREETING, SMTP_ANSWERED);
    entry->code = 421;
    entry->text = SLICE_LITERAL("4.7.0 mx.example.org Error: TOO MANY connections");
}

static void silent_greeting(struct fixture *f)
{
    stop(f, SMTP_VERB_GREETING, SMTP_SILENT);
}

static void late_greeting(struct fixture *f)
{
    silent_greeting(f);
    f->talks[STARTTLS_MAIN].session.is_complete = false;
}

static void garbled(struct fixture *f)
{
    stop(f, SMTP_VERB_GREETING, SMTP_MALFORMED)->error = SMTP_REPLY_LONG_CODE;
}

static void starttls_refused(struct fixture *f)
{
    stop(f, SMTP_VERB_STARTTLS, SMTP_ANSWERED)->code = 454;
    f->talks[STARTTLS_MAIN].session.tls = NULL;
    f->talks[STARTTLS_MAIN].steps[1].flags = SMTP_STEP_REQUIRED;
}

static void starttls_odd(struct fixture *f)
{
    starttls_refused(f);
    entry_of(f, STARTTLS_MAIN, SMTP_VERB_STARTTLS)->code = 250;
}

static void starttls_cut(struct fixture *f)
{
    stop(f, SMTP_VERB_STARTTLS, SMTP_ENDED)->failure = STREAM_CLOSED;
    f->talks[STARTTLS_MAIN].session.tls = NULL;
}

static void handshake_alerted(struct fixture *f)
{
    stop(f, SMTP_VERB_HANDSHAKE, SMTP_ENDED);
    first(f)->outcome = TLS_ALERTED;
    first(f)->alert_name = "internal error";
    f->talks[STARTTLS_MAIN].session.tls = first(f);
}

static void handshake_clear(struct fixture *f)
{
    handshake_alerted(f);
    first(f)->outcome = TLS_NOT_TLS;
    first(f)->clear = SLICE_LITERAL("250 injected\r\n");
}

static void implicit_clear(struct fixture *f)
{
    handshake_clear(f);
    f->config.smtp.implicit_tls = true;
}

static void ehlo_tls_refused(struct fixture *f)
{
    stop(f, SMTP_VERB_EHLO, SMTP_ANSWERED)->code = 503;
    f->talks[STARTTLS_MAIN].session.tls = first(f);
}

static void not_offered(struct fixture *f)
{
    struct talk *talk = &f->talks[STARTTLS_MAIN];
    talk->session.entry_count = 3;
    talk->session.tls = NULL;
    talk->session.ehlo_tls = NULL;
    smtp_ehlo_parse(SLICE_LITERAL("mx\nPIPELINING"), &talk->ehlo);
}

static void stripped(struct fixture *f)
{
    not_offered(f);
    smtp_ehlo_parse(SLICE_LITERAL("mx\nXXXXXXXA"), &f->talks[STARTTLS_MAIN].ehlo);
}

static void later_refused(struct fixture *f)
{
    struct talk *talk = &f->talks[STARTTLS_WEAK];
    talk->session.entry_count = 2;
    talk->session.tls = NULL;
    talk->entries[1].code = 421;
    f->place.has_refused = true;
}

static void untestable(struct fixture *f)
{
    f->talks[STARTTLS_WEAK].tls.outcome = TLS_UNUSABLE_REQUEST;
}

static void injected(struct fixture *f)
{
    add_accepted(f, STARTTLS_INJECTION, TLS_1_3);
    f->talks[STARTTLS_INJECTION].session.entry_count--;
    say(&f->talks[STARTTLS_INJECTION], SMTP_VERB_LISTEN, STARTTLS_STEP_LISTEN, 250, "ok");
}

static void injection_late(struct fixture *f)
{
    injected(f);
    f->talks[STARTTLS_INJECTION].entries[5].outcome = SMTP_SILENT;
    say(&f->talks[STARTTLS_INJECTION], SMTP_VERB_QUIT, SMTP_NO_STEP, 250, "ok");
}

static void injection_closed(struct fixture *f)
{
    injected(f);
    f->talks[STARTTLS_INJECTION].entries[5].outcome = SMTP_ENDED;
}

static const struct starttls_row rows[] = {
  /* clang-format off */
    {"a good server: nothing", nothing, STARTTLS_FINDINGS, STATE_OK},
    {"RFC 5321 3.1: connection refused", refused_connection, STARTTLS_F_CONNECT, STATE_CRITICAL},
    {"a source address that is not ours is our own trouble", own_source, STARTTLS_F_LOCAL, STATE_UNKNOWN},
    {"no route from here is our own trouble", no_route, STARTTLS_F_LOCAL, STATE_UNKNOWN},
    {"RFC 5321 3.1: greeting 554", refused_greeting, STARTTLS_F_GREETING, STATE_CRITICAL},
    {"RFC 5321 3.8: 421 too many connections is no verdict", limited, STARTTLS_F_RATE_LIMITED, STATE_WARNING},
    {"RFC 5321 4.5.3.2: a silent greeting", silent_greeting, STARTTLS_F_SILENT, STATE_CRITICAL},
    {"silence that the deadline cut short is not the server's", late_greeting, STARTTLS_F_TIMEOUT, STATE_UNKNOWN},
    {"RFC 5321 4.2: four digits", garbled, STARTTLS_F_NO_SMTP, STATE_CRITICAL},
    {"a place that was not asked", unasked, STARTTLS_F_TIMEOUT, STATE_UNKNOWN},
    {"RFC 3207 4: not offered", not_offered, STARTTLS_F_NOT_OFFERED, STATE_CRITICAL},
    {"RFC 3207 6: stripped by a middlebox", stripped, STARTTLS_F_STRIPPED, STATE_CRITICAL},
    {"RFC 3207 4: 454 to STARTTLS", starttls_refused, STARTTLS_F_REFUSED, STATE_CRITICAL},
    {"RFC 3207 4: 250 to STARTTLS is no TLS", starttls_odd, STARTTLS_F_REFUSED, STATE_CRITICAL},
    {"closed in place of a reply to STARTTLS", starttls_cut, STARTTLS_F_CLOSED, STATE_CRITICAL},
    {"RFC 3207 4: 220, then an alert", handshake_alerted, STARTTLS_F_NO_HANDSHAKE, STATE_CRITICAL},
    {"RFC 3207 6: 220, then text in place of a handshake", handshake_clear, STARTTLS_F_RESPONSE_INJECTION, STATE_CRITICAL},
    {"RFC 3207 6: text behind 220", clear_text, STARTTLS_F_RESPONSE_INJECTION, STATE_CRITICAL},
    {"RFC 8314 3.3: the port for implicit TLS speaks in the clear", implicit_clear, STARTTLS_F_IMPLICIT_TLS, STATE_CRITICAL},
    {"RFC 3207 4.2: EHLO refused under TLS", ehlo_tls_refused, STARTTLS_F_EHLO_TLS, STATE_CRITICAL},
    {"RFC 3207 4.2: STARTTLS offered again", again, STARTTLS_F_STARTTLS_AGAIN, STATE_WARNING},
    {"RFC 6409 4.3: submission without AUTH", no_auth, STARTTLS_F_NO_AUTH, STATE_CRITICAL},
    {"RFC 8689 2: REQUIRETLS in the clear", requiretls, STARTTLS_F_REQUIRETLS_CLEAR, STATE_OK},
    {"RFC 3207 4: 530 to MAIL from the public", forced, STARTTLS_F_FORCED, STATE_WARNING},
    {"--enforced: it is meant", enforced, STARTTLS_F_FORCED, STATE_OK},
    {"another refusal of MAIL says nothing about TLS", auth_wanted, STARTTLS_FINDINGS, STATE_OK},
    {"RFC 8314 3.3: submission takes MAIL in the clear", strict_mail, STARTTLS_F_MAIL_IN_CLEAR, STATE_WARNING},
    {"CVE-2011-0411: NOOP answered under TLS", injected, STARTTLS_F_COMMAND_INJECTION, STATE_CRITICAL},
    {"CVE-2011-0411: answered where QUIT should be", injection_late, STARTTLS_F_COMMAND_INJECTION, STATE_CRITICAL},
    {"a server that hangs up on injection is safe", injection_closed, STARTTLS_F_INJECTION_SAFE, STATE_OK},
    {"a later connection that is not served", later_refused, STARTTLS_F_PROBE_FAILED, STATE_UNKNOWN},
    {"a later connection for which there was no time", weak_unasked, STARTTLS_F_TIMEOUT, STATE_UNKNOWN},
    {"what our OpenSSL cannot offer is not held against the server", untestable, STARTTLS_FINDINGS, STATE_OK},
    {"RFC 8996 4: TLS 1.1 accepted", old_accepted, STARTTLS_F_OLD_TLS, STATE_WARNING},
    {"RFC 8996 4: for submission", strict_old, STARTTLS_F_OLD_TLS, STATE_CRITICAL},
    {"RFC 9325 3.1.1: TLS 1.2 refused", refuse_1_2, STARTTLS_F_NO_TLS_1_2, STATE_WARNING},
    {"RFC 9325 3.1.1: no TLS 1.3", only_1_2, STARTTLS_F_NO_TLS_1_3, STATE_WARNING},
    {"RFC 9325 3.1.1: no TLS 1.3 for submission", strict_1_2, STARTTLS_F_NO_TLS_1_3, STATE_CRITICAL},
    {"RFC 9325 4.1: RC4 negotiated", rc4, STARTTLS_F_CIPHER_WEAK, STATE_WARNING},
    {"RFC 9325 4.1: NULL negotiated", null_cipher, STARTTLS_F_CIPHER_BROKEN, STATE_CRITICAL},
    {"RFC 9325 4.1: NULL accepted when asked for", weak_accepted, STARTTLS_F_CIPHER_BROKEN, STATE_CRITICAL},
    {"anonymous ciphers are as they should be for the public", anonymous, STARTTLS_FINDINGS, STATE_OK},
    {"RFC 9325 4.1: anonymous ciphers for submission", strict_anonymous, STARTTLS_F_ANONYMOUS, STATE_WARNING},
    {"RFC 9325 4.1: no forward secrecy", no_secrecy, STARTTLS_F_NO_FORWARD_SECRECY, STATE_WARNING},
    {"RFC 9325 4.5: a DH group of 1024 bits", small_group, STARTTLS_F_DH_WEAK, STATE_WARNING},
    {"RFC 9325 3.3: compression", compression, STARTTLS_F_COMPRESSION, STATE_WARNING},
    {"RFC 5746 3.1: no secure renegotiation", no_renegotiation, STARTTLS_F_RENEGOTIATION, STATE_WARNING},
    {"RFC 7627 4: no extended master secret", no_master_secret, STARTTLS_F_NO_EMS, STATE_OK},
    {"RFC 8446 8: 0-RTT data", early_data, STARTTLS_F_EARLY_DATA, STATE_WARNING},
    {"-w: a slow handshake", slow, STARTTLS_F_SLOW, STATE_WARNING},
  /* clang-format on */
};

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, starttls_test_row, rows);
    return cases_run(&cases, "starttls_judge");
}
