#include <math.h>
#include <string.h>

#include "smtp_show.h"
#include "starttls.h"

#define DH_BITS_MIN 2048

/* What a further handshake came to. */
enum outcome {
    NOT_TRIED,
    ACCEPTED,
    REFUSED,
    UNTESTABLE, /* this OpenSSL cannot */
    UNKNOWN,
};

/* What each was made for, to say that it is not known. */
static const char *const PURPOSES[STARTTLS_PROBES] = {
    [STARTTLS_OTHER_KEY] = "the certificate with the other kind of key",
    [STARTTLS_TLS_1_2] = "TLS 1.2",
    [STARTTLS_OLD] = "old versions of TLS",
    [STARTTLS_WEAK] = "weak ciphers",
    [STARTTLS_COMPRESSION] = "compression",
    [STARTTLS_RAW_KEY] = "raw public keys",
    [STARTTLS_CIPHERS] = "the ciphers of --ciphers",
    [STARTTLS_FORBIDDEN] = "the ciphers of --forbid-ciphers",
    [STARTTLS_INJECTION] = "command injection",
};

/* Reasons of OpenSSL that are about ourselves. */
static bool is_own_reason(const char *reason)
{
    static const char *const reasons[] = {"no protocols available", "no ciphers available",
                                          "no cipher match", "no suitable signature algorithm"};
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (strcmp(reason, reasons[i]) == 0)
            return true;
    }
    return false;
}

static enum outcome outcome_of(const struct starttls_place *place, enum starttls_probe probe)
{
    const struct smtp_session *session = starttls_session(place, probe);
    if (!place->probes[probe].is_planned || place->probes[probe].is_left_out)
        return NOT_TRIED;
    if (session == NULL || session->tls == NULL)
        return UNKNOWN;
    switch (session->tls->outcome) {
    case TLS_ESTABLISHED:
    case TLS_AGREED:
        return ACCEPTED;
    case TLS_UNUSABLE_REQUEST:
        return UNTESTABLE;
    case TLS_FAILED:
        return is_own_reason(session->tls->reason) ? UNTESTABLE : REFUSED;
    case TLS_ALERTED:
    case TLS_CUT:
        return REFUSED;
    case TLS_NOT_TLS:
    case TLS_PENDING:
        break;
    }
    return UNKNOWN;
}

/* ---- what could not be found out */

static bool has_answer(const struct starttls_judge *judge, enum starttls_probe probe)
{
    const struct smtp_session *session = starttls_session(judge->place, probe);
    bool is_clear_only = probe == STARTTLS_OLD && starttls_minimum(judge->config) == TLS_1_0;
    if (session != NULL && (is_clear_only || probe == STARTTLS_INJECTION))
        return smtp_show_culprit(session) == NULL ||
               smtp_session_find(session, SMTP_VERB_STARTTLS) != NULL;
    enum outcome outcome = outcome_of(judge->place, probe);
    /* A certificate would have been good, too: a refusal says nothing about keys. */
    if (probe == STARTTLS_RAW_KEY)
        return outcome == ACCEPTED || outcome == NOT_TRIED;
    if (outcome == UNTESTABLE)
        return probe != STARTTLS_CIPHERS && probe != STARTTLS_FORBIDDEN;
    return outcome != UNKNOWN;
}

static bool is_late(const struct smtp_session *session)
{
    const struct smtp_entry *entry = session == NULL ? NULL : smtp_show_culprit(session);
    return session == NULL || session->entry_count == 0 ||
           (entry != NULL && entry->outcome == SMTP_SILENT && !session->is_complete);
}

static void judge_left_out(const struct starttls_judge *judge)
{
    const struct starttls_place *place = judge->place;
    const char *list = "";
    for (int probe = STARTTLS_MAIN + 1; probe < STARTTLS_PROBES; probe++) {
        if (place->probes[probe].is_left_out)
            list = arena_format(judge->report->arena, "%s%s%s", list, list[0] != '\0' ? ", " : "",
                                PURPOSES[probe]);
    }
    if (list[0] != '\0')
        report_add(judge->report, STARTTLS_F_LEFT_OUT, place->subject,
                   "a connection takes %.1f s, so these were left out: %s",
                   (double)starttls_session(place, STARTTLS_MAIN)->us / 1e6, list);
}

static void judge_unknown(const struct starttls_judge *judge)
{
    const struct starttls_place *place = judge->place;
    struct arena *arena = judge->report->arena;
    const char *list = "";
    const struct smtp_session *first = NULL;
    for (int probe = STARTTLS_MAIN + 1; probe < STARTTLS_PROBES; probe++) {
        if (has_answer(judge, (enum starttls_probe)probe))
            continue;
        list = arena_format(arena, "%s%s%s", list, list[0] != '\0' ? ", " : "", PURPOSES[probe]);
        if (first == NULL)
            first = starttls_session(place, (enum starttls_probe)probe);
    }
    if (list[0] == '\0')
        return;
    if (!place->has_refused && is_late(first))
        report_add_as(judge->report, STARTTLS_F_TIMEOUT, judge->common->timeout_result,
                      place->subject, "the time was up before this was known: %s", list);
    else
        report_add(judge->report, STARTTLS_F_PROBE_FAILED, place->subject, "not known: %s (%s)",
                   list, smtp_show_failure(judge->report, first));
}

/* ---- versions */

/* The server chose SSL 3.0, which we offer nowhere and cannot speak, of all versions below. */
bool starttls_judge_is_ssl3(const struct smtp_session *session)
{
    return session != NULL && session->tls != NULL && session->tls->outcome != TLS_ESTABLISHED &&
           session->tls->hello_version == TLS_SSL_3_0;
}

static void judge_old(const struct starttls_judge *judge, const struct tls_facts *tls)
{
    enum tls_version minimum = starttls_minimum(judge->config);
    if (starttls_judge_is_ssl3(starttls_session(judge->place, STARTTLS_OLD))) {
        starttls_judge_add(judge, STARTTLS_F_OLD_TLS,
                           "SSL 3.0 is accepted, the least should be TLS %s",
                           judge->config->minimum_text);
        return;
    }
    const struct tls_facts *old = outcome_of(judge->place, STARTTLS_OLD) == ACCEPTED
                                      ? starttls_tls(judge->place, STARTTLS_OLD)
                                      : NULL;
    if (tls->version < minimum)
        old = tls;
    if (old == NULL || old->version >= minimum)
        return;
    struct finding *finding =
        starttls_judge_add(judge, STARTTLS_F_OLD_TLS, "TLS %s is accepted, the least should be %s",
                           tls_version_name(old->version), judge->config->minimum_text);
    report_seen(judge->report, finding, "TLS %s, %s", tls_version_name(old->version), old->cipher);
}

static void judge_versions(const struct starttls_judge *judge, const struct tls_facts *tls)
{
    judge_old(judge, tls);
    if (tls->version < TLS_1_2)
        starttls_judge_add(judge, STARTTLS_F_NO_TLS_1_2, "nothing newer than TLS %s is spoken",
                           tls_version_name(tls->version));
    else if (tls->version < TLS_1_3)
        starttls_judge_add(judge, STARTTLS_F_NO_TLS_1_3, "TLS 1.3 is not spoken, TLS %s is",
                           tls_version_name(tls->version));
    else if (outcome_of(judge->place, STARTTLS_TLS_1_2) == REFUSED)
        starttls_judge_add(
            judge, STARTTLS_F_NO_TLS_1_2, "TLS 1.2 is refused: %s",
            smtp_show_failure(judge->report, starttls_session(judge->place, STARTTLS_TLS_1_2)));
}

/* ---- ciphers */

static const char *cipher_text(const struct starttls_judge *judge, const struct tls_facts *tls)
{
    return arena_format(judge->report->arena, "TLS %s%s%s%s%s", tls_version_name(tls->version),
                        tls->cipher[0] != '\0' ? ", " : "", tls->cipher,
                        tls->group[0] != '\0' ? ", key exchange " : "", tls->group);
}

static void judge_strength(const struct starttls_judge *judge, const struct tls_facts *tls)
{
    const char *subject = judge->place->subject;
    struct finding *finding = NULL;
    if (tls->cipher_grade == TLS_CIPHER_BROKEN)
        finding = report_add(judge->report, STARTTLS_F_CIPHER_BROKEN, subject,
                             "%s is accepted, which hides nothing", tls->cipher);
    else if (tls->cipher_grade == TLS_CIPHER_WEAK)
        finding = report_add(judge->report, STARTTLS_F_CIPHER_WEAK, subject,
                             "%s is accepted, which is weak", tls->cipher);
    if (tls->is_anonymous && judge->place->demand.is_strict)
        finding = report_add(judge->report, STARTTLS_F_ANONYMOUS, subject,
                             "%s is accepted, without a certificate", tls->cipher);
    if (finding != NULL)
        report_seen(judge->report, finding, "%s", cipher_text(judge, tls));
}

/* Diffie-Hellman over integers: ciphers of TLS 1.2 and before say so by their name. */
static bool is_finite_field(const struct tls_facts *tls)
{
    return strncmp(tls->cipher, "DHE-", 4) == 0 || strncmp(tls->cipher, "ADH-", 4) == 0;
}

/* What holds of the session that modern senders get. */
static void judge_session(const struct starttls_judge *judge, const struct tls_facts *tls)
{
    const char *subject = judge->place->subject;
    const char *text = cipher_text(judge, tls);
    judge_strength(judge, tls);
    if (!tls->forward_secrecy)
        report_add(judge->report, STARTTLS_F_NO_FORWARD_SECRECY, subject, "%s: no forward secrecy",
                   text);
    if (is_finite_field(tls) && tls->group_bits > 0 && tls->group_bits < DH_BITS_MIN)
        report_add(judge->report, STARTTLS_F_DH_WEAK, subject,
                   "%s: a Diffie-Hellman group of %u bits", text, tls->group_bits);
    if (tls->compression)
        report_add(judge->report, STARTTLS_F_COMPRESSION, subject, "%s: compressed", text);
    if (!tls->secure_renegotiation)
        report_add(judge->report, STARTTLS_F_RENEGOTIATION, subject, "%s: no secure renegotiation",
                   text);
    if (!tls->extended_master_secret)
        report_add(judge->report, STARTTLS_F_NO_EMS, subject, "%s: no extended master secret",
                   text);
    if (tls->early_data)
        report_add(judge->report, STARTTLS_F_EARLY_DATA, subject, "%s: 0-RTT data is taken", text);
}

/* What a first message showed beside the full handshakes. */
static void judge_agreed(const struct starttls_judge *judge, const struct tls_facts *tls,
                         bool *is_renegotiation_told)
{
    const char *subject = judge->place->subject;
    if (tls == NULL || tls->outcome != TLS_AGREED)
        return;
    if (tls->compression)
        report_add(judge->report, STARTTLS_F_COMPRESSION, subject, "%s: compressed",
                   cipher_text(judge, tls));
    if (!tls->secure_renegotiation && !*is_renegotiation_told)
        report_add(judge->report, STARTTLS_F_RENEGOTIATION, subject, "%s: no secure renegotiation",
                   cipher_text(judge, tls));
    *is_renegotiation_told = *is_renegotiation_told || !tls->secure_renegotiation;
}

static void judge_wishes(const struct starttls_judge *judge)
{
    const struct starttls_place *place = judge->place;
    const struct tls_facts *forbidden = starttls_tls(place, STARTTLS_FORBIDDEN);
    if (outcome_of(place, STARTTLS_CIPHERS) == REFUSED)
        report_add(judge->report, STARTTLS_F_CIPHERS_MISSING, place->subject,
                   "no cipher of \"%s\" is accepted: %s", judge->config->ciphers,
                   smtp_show_failure(judge->report, starttls_session(place, STARTTLS_CIPHERS)));
    if (outcome_of(place, STARTTLS_FORBIDDEN) == ACCEPTED)
        report_add(judge->report, STARTTLS_F_CIPHERS_FORBIDDEN, place->subject,
                   "%s is accepted, --forbid-ciphers has \"%s\"", forbidden->cipher,
                   judge->config->forbidden_ciphers);
}

/* ---- RFC 3207 6: a command from the clear */

/* The reply to the NOOP that went with STARTTLS: heard in time, or taken for the one to QUIT. */
static const struct smtp_entry *injected_reply(const struct smtp_session *session)
{
    const struct smtp_entry *listen = smtp_session_step(session, STARTTLS_STEP_LISTEN);
    const struct smtp_entry *quit = smtp_session_find(session, SMTP_VERB_QUIT);
    if (listen != NULL && listen->outcome == SMTP_ANSWERED && listen->code / 100 == 2)
        return listen;
    if (listen != NULL && quit != NULL && quit->outcome == SMTP_ANSWERED && quit->code == 250)
        return quit;
    return NULL;
}

static void judge_injection(const struct starttls_judge *judge)
{
    const struct smtp_session *session = starttls_session(judge->place, STARTTLS_INJECTION);
    if (session == NULL || !has_answer(judge, STARTTLS_INJECTION))
        return;
    const struct smtp_entry *reply = injected_reply(session);
    if (reply != NULL) {
        struct finding *finding =
            report_add(judge->report, STARTTLS_F_COMMAND_INJECTION, judge->place->subject,
                       "NOOP, sent in the clear, is answered under TLS");
        report_seen(judge->report, finding, "%s", smtp_show_reply(judge->report, reply));
    } else {
        report_add(judge->report, STARTTLS_F_INJECTION_SAFE, judge->place->subject,
                   "NOOP, sent in the clear, is not answered under TLS");
    }
}

/* ---- */

static void judge_time(const struct starttls_judge *judge)
{
    const struct smtp_session *session = starttls_session(judge->place, STARTTLS_MAIN);
    double seconds = smtp_show_seconds(session, SMTP_VERB_HANDSHAKE);
    if (isnan(seconds))
        return;
    if (range_alerts(&judge->common->critical, seconds))
        report_add_as(judge->report, STARTTLS_F_SLOW, STATE_CRITICAL, judge->place->subject,
                      "the TLS handshake took %.3f s", seconds);
    else if (range_alerts(&judge->common->warning, seconds))
        report_add(judge->report, STARTTLS_F_SLOW, judge->place->subject,
                   "the TLS handshake took %.3f s", seconds);
}

void starttls_judge_tls(const struct starttls_judge *judge)
{
    const struct starttls_place *place = judge->place;
    const struct tls_facts *tls = starttls_tls(place, STARTTLS_MAIN);
    const struct tls_facts *second = starttls_tls(place, STARTTLS_TLS_1_2);
    const struct tls_facts *weak = starttls_tls(place, STARTTLS_WEAK);
    judge_versions(judge, tls);
    judge_session(judge, tls);
    if (second != NULL)
        judge_session(judge, second);
    if (weak != NULL && strcmp(weak->cipher, tls->cipher) != 0)
        judge_strength(judge, weak);
    bool is_told = !tls->secure_renegotiation || (second != NULL && !second->secure_renegotiation);
    judge_agreed(judge, weak, &is_told);
    judge_agreed(judge, starttls_tls(place, STARTTLS_COMPRESSION), &is_told);
    judge_wishes(judge);
    judge_injection(judge);
    judge_time(judge);
    judge_unknown(judge);
    judge_left_out(judge);
}
