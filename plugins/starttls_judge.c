#include <ctype.h>
#include <string.h>

#include "base/plural.h"
#include "mail/smtp_text.h"
#include "smtp_show.h"
#include "starttls.h"

#define NOT_AVAILABLE 421
#define TLS_NEEDED 530
#define PORT_SMTP 25

struct finding *starttls_judge_add(const struct starttls_judge *judge, size_t definition,
                                   const char *format, ...)
{
    enum state state = judge->place->demand.is_strict ? STATE_CRITICAL : STATE_WARNING;
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_format_list(judge->report->arena, format, arguments);
    va_end(arguments);
    return report_add_as(judge->report, definition, state, judge->place->subject, "%s", text);
}

/* ---- the way to the servers */

static bool is_unanswered(const struct dns_answer *answer)
{
    return answer != NULL && !dns_status_is_answer(answer->status) &&
           answer->status != DNS_BAD_NAME;
}

static void judge_answer(const struct starttls_judge *judge, const struct dns_answer *answer)
{
    char type[12];
    if (!is_unanswered(answer))
        return;
    if (dns_answer_is_settled(answer))
        report_add(judge->report, STARTTLS_F_DNS_ERROR, answer->name, "%s for the question %s %s",
                   dns_status_name(answer->status), answer->name,
                   dns_type_name(answer->type, type));
    else
        report_add_as(judge->report, STARTTLS_F_TIMEOUT, judge->common->timeout_result,
                      answer->name, "no answer in time to the question %s %s", answer->name,
                      dns_type_name(answer->type, type));
}

static void judge_host(const struct starttls_judge *judge)
{
    const struct smtp_targets *targets = &judge->facts->targets;
    judge_answer(judge, targets->a);
    judge_answer(judge, targets->aaaa);
    if (targets->count == 0 && !is_unanswered(targets->a) && !is_unanswered(targets->aaaa)) {
        const struct dns_answer *answer = targets->a != NULL ? targets->a : targets->aaaa;
        report_add(judge->report, STARTTLS_F_NO_ADDRESS, targets->host,
                   answer != NULL && answer->status == DNS_NXDOMAIN ? "the name does not exist"
                   : judge->common->only_v4                         ? "the name has no A record"
                   : judge->common->only_v6                         ? "the name has no AAAA record"
                                            : "the name has no A and no AAAA record");
    }
}

static bool is_same_host(const struct smtp_target *target, const struct exchanger *exchanger)
{
    return target->host != NULL && strcmp(target->host, exchanger->host) == 0;
}

static void judge_exchanger(const struct starttls_judge *judge, const struct exchanger *exchanger)
{
    const struct smtp_targets *targets = &judge->facts->targets;
    bool is_known = !is_unanswered(exchanger->a) && !is_unanswered(exchanger->aaaa);
    judge_answer(judge, exchanger->a);
    judge_answer(judge, exchanger->aaaa);
    for (size_t i = 0; i < targets->count; i++) {
        if (is_same_host(&targets->list[i], exchanger))
            return;
    }
    if (is_known && !exchanger->is_null && !exchanger->is_duplicate)
        report_add_as(judge->report, STARTTLS_F_NO_ADDRESS,
                      targets->count > 0 ? STATE_WARNING : STATE_CRITICAL, exchanger->host,
                      "the exchanger %s%s",
                      exchanger->is_literal
                          ? "is written as an address, which no sender takes for one"
                          : "has no ",
                      exchanger->is_literal ? "" : smtp_targets_lacking(judge->common));
}

static void judge_exchangers(const struct starttls_judge *judge)
{
    const struct exchangers *exchangers = &judge->facts->exchangers;
    const char *domain = judge->config->domain;
    judge_answer(judge, exchangers->mx);
    switch (exchangers->status) {
    case EXCHANGERS_NULL:
        report_add(judge->report, STARTTLS_F_NULL_MX, domain,
                   "a null MX record: the domain takes no mail");
        break;
    case EXCHANGERS_NO_DOMAIN:
        report_add(judge->report, STARTTLS_F_NO_ADDRESS, domain, "the domain does not exist");
        break;
    case EXCHANGERS_NO_ADDRESS:
        report_add(judge->report, STARTTLS_F_NO_ADDRESS, domain,
                   "the domain has neither MX records nor an address");
        break;
    case EXCHANGERS_IMPLICIT:
        report_add(judge->report, STARTTLS_F_IMPLICIT_MX, domain,
                   "no MX record, so mail goes to the domain's own address");
        break;
    case EXCHANGERS_PENDING:
    case EXCHANGERS_FOUND:
    case EXCHANGERS_FAILED:
        break;
    }
    bool has_list =
        exchangers->status == EXCHANGERS_FOUND || exchangers->status == EXCHANGERS_IMPLICIT;
    for (size_t i = 0; has_list && i < exchangers->count; i++)
        judge_exchanger(judge, &exchangers->list[i]);
    if (exchangers->omitted > 0)
        report_add(judge->report, STARTTLS_F_NOT_ALL, domain, "%zu exchanger%s left out",
                   exchangers->omitted, plural(exchangers->omitted, " is", "s are"));
}

/* ---- the dialogue */

bool starttls_judge_is_rate(const struct smtp_entry *entry)
{
    return entry->outcome == SMTP_ANSWERED && entry->code / 100 == 4 &&
           smtp_text_is_rate_limit(entry->text);
}

/* Which finding the refusal of that command is. */
static enum starttls_finding refusal_of(const struct starttls_judge *judge,
                                        const struct smtp_entry *entry)
{
    if (starttls_judge_is_rate(entry))
        return STARTTLS_F_RATE_LIMITED;
    if (smtp_show_is_own_name(&judge->config->smtp, entry))
        return STARTTLS_F_LOCAL;
    switch (entry->verb) {
    case SMTP_VERB_GREETING:
        return STARTTLS_F_GREETING;
    case SMTP_VERB_EHLO:
    case SMTP_VERB_HELO:
        return entry->tls && entry->step == STARTTLS_STEP_EHLO_TLS ? STARTTLS_F_EHLO_TLS
                                                                   : STARTTLS_F_EHLO;
    case SMTP_VERB_STARTTLS:
        return STARTTLS_F_REFUSED;
    default:
        return STARTTLS_F_CLOSED;
    }
}

static enum starttls_finding failure_of(const struct starttls_judge *judge,
                                        const struct smtp_session *session,
                                        const struct smtp_entry *entry)
{
    bool is_clear = session->tls != NULL && session->tls->outcome == TLS_NOT_TLS;
    if (entry->verb == SMTP_VERB_CONNECT)
        return stream_failure_is_ours(entry->failure) || !judge->place->has_route
                   ? STARTTLS_F_LOCAL
                   : STARTTLS_F_CONNECT;
    if (entry->verb == SMTP_VERB_HANDSHAKE)
        return judge->config->smtp.implicit_tls && is_clear ? STARTTLS_F_IMPLICIT_TLS
                                                            : STARTTLS_F_NO_HANDSHAKE;
    if (entry->step == STARTTLS_STEP_EHLO_TLS)
        return starttls_judge_is_rate(entry) ? STARTTLS_F_RATE_LIMITED : STARTTLS_F_EHLO_TLS;
    switch (entry->outcome) {
    case SMTP_ANSWERED:
        return refusal_of(judge, entry);
    case SMTP_MALFORMED:
        return STARTTLS_F_NO_SMTP;
    case SMTP_SILENT:
        return STARTTLS_F_SILENT;
    case SMTP_BAD_ARGUMENT:
        return STARTTLS_F_LOCAL;
    case SMTP_NOT_ASKED:
    case SMTP_ENDED:
        break;
    }
    return STARTTLS_F_CLOSED;
}

static const char *route_text(const struct starttls_judge *judge, enum starttls_finding definition,
                              const char *failure)
{
    if (definition != STARTTLS_F_LOCAL || judge->place->has_route)
        return failure;
    return arena_format(judge->report->arena, "%s: this host has no route there", failure);
}

/* The dialogue did not go as it should. True when it broke off. */
static bool judge_culprit(const struct starttls_judge *judge, const struct smtp_session *session)
{
    const char *subject = judge->place->subject;
    const char *failure = smtp_show_failure(judge->report, session);
    const struct smtp_entry *entry = smtp_show_culprit(session);
    if (session->entry_count == 0 ||
        (entry != NULL && entry->outcome == SMTP_SILENT && !session->is_complete)) {
        report_add_as(judge->report, STARTTLS_F_TIMEOUT, judge->common->timeout_result, subject,
                      "the time was up: %s", failure);
        return true;
    }
    if (session->tls_error != NULL) {
        report_add(judge->report, STARTTLS_F_LOCAL, subject, "%s", session->tls_error);
        return true;
    }
    if (entry == NULL)
        return false;
    enum starttls_finding definition = failure_of(judge, session, entry);
    struct finding *finding = report_add(judge->report, definition, subject, "%s%s",
                                         definition == STARTTLS_F_EHLO_TLS ? "under TLS: " : "",
                                         route_text(judge, definition, failure));
    if (entry->outcome == SMTP_ANSWERED)
        report_seen(judge->report, finding, "%s", smtp_show_reply(judge->report, entry));
    else if (session->tls != NULL && session->tls->clear.length > 0)
        report_seen(judge->report, finding, "%s",
                    smtp_show_text(judge->report, session->tls->clear));
    return true;
}

static void judge_offer(const struct starttls_judge *judge, const struct smtp_session *session)
{
    const struct starttls_place *place = judge->place;
    const char *because =
        place->demand.is_strict
            ? arena_format(judge->report->arena, ", though %s demands TLS", place->demand.reason)
            : "";
    const struct smtp_entry *ehlo = smtp_session_find(session, SMTP_VERB_EHLO);
    if (judge->config->smtp.implicit_tls || smtp_session_find(session, SMTP_VERB_STARTTLS) != NULL)
        return;
    if (session->ehlo == NULL) {
        if (ehlo != NULL && smtp_session_is_greeted(session))
            report_add(judge->report, STARTTLS_F_EHLO, place->subject,
                       "EHLO is refused, HELO is taken: no extension can be used%s: %s", because,
                       smtp_show_reply(judge->report, ehlo));
        return;
    }
    const struct smtp_keyword *damaged = smtp_ehlo_damaged_starttls(session->ehlo);
    struct finding *finding;
    if (damaged != NULL)
        finding = report_add(judge->report, STARTTLS_F_STRIPPED, place->subject,
                             "STARTTLS is not offered, %s stands in its place: stripped by a "
                             "middlebox%s",
                             smtp_show_text(judge->report, damaged->name), because);
    else
        finding = report_add(judge->report, STARTTLS_F_NOT_OFFERED, place->subject,
                             "STARTTLS is not offered%s", because);
    if (ehlo != NULL)
        report_seen(judge->report, finding, "%s", smtp_show_reply(judge->report, ehlo));
}

/* All went well, it seems, and yet there is no TLS: STARTTLS was answered, but not with 220. */
static void judge_odd_reply(const struct starttls_judge *judge, const struct smtp_session *session)
{
    const struct smtp_entry *entry = smtp_session_find(session, SMTP_VERB_STARTTLS);
    if (entry == NULL || session->tls != NULL)
        return;
    struct finding *finding = report_add(judge->report, STARTTLS_F_REFUSED, judge->place->subject,
                                         "STARTTLS is answered with neither 220 nor a refusal: %s",
                                         smtp_show_reply(judge->report, entry));
    report_seen(judge->report, finding, "%s", smtp_show_reply(judge->report, entry));
}

/* RFC 3207 6: what came in the clear behind the reply to STARTTLS, in one segment with it or not.
 */
static void judge_clear_text(const struct starttls_judge *judge, const struct smtp_session *session)
{
    struct slice text = session->clear_after_starttls;
    bool is_behind = session->tls != NULL && session->tls->outcome == TLS_NOT_TLS &&
                     !judge->config->smtp.implicit_tls;
    if (text.length == 0 && is_behind)
        text = session->tls->clear;
    if (text.length == 0)
        return;
    struct finding *finding = report_add(
        judge->report, STARTTLS_F_RESPONSE_INJECTION, judge->place->subject,
        "text in the clear behind the reply to STARTTLS: %s", smtp_show_text(judge->report, text));
    report_seen(judge->report, finding, "%s", smtp_show_text(judge->report, text));
}

static void judge_unsolicited(const struct starttls_judge *judge,
                              const struct smtp_session *session)
{
    for (size_t i = 0; i < session->entry_count; i++) {
        const struct smtp_entry *entry = &session->entries[i];
        if (entry->verb != SMTP_VERB_UNSOLICITED || entry->code == NOT_AVAILABLE)
            continue;
        struct finding *finding =
            report_add(judge->report, STARTTLS_F_OUT_OF_TURN, judge->place->subject,
                       "said out of turn: %s", smtp_show_reply(judge->report, entry));
        report_seen(judge->report, finding, "%s", smtp_show_reply(judge->report, entry));
        return;
    }
}

/* ---- EHLO under TLS */

/* False: there is no EHLO under TLS. */
static bool judge_extensions(const struct starttls_judge *judge, const struct smtp_session *session)
{
    const struct starttls_place *place = judge->place;
    const struct smtp_ehlo *ehlo = session->ehlo_tls;
    const struct option_list *required = &judge->config->required;
    if (session->ehlo != NULL && smtp_ehlo_find(session->ehlo, "REQUIRETLS") != NULL)
        report_add(judge->report, STARTTLS_F_REQUIRETLS_CLEAR, place->subject,
                   "REQUIRETLS is offered before TLS");
    if (ehlo == NULL)
        return false;
    if (smtp_ehlo_find(ehlo, "STARTTLS") != NULL)
        report_add(judge->report, STARTTLS_F_STARTTLS_AGAIN, place->subject,
                   "EHLO under TLS still offers STARTTLS");
    if (place->demand.is_strict && !judge->config->smtp.lmtp &&
        smtp_ehlo_find(ehlo, "AUTH") == NULL)
        report_add(judge->report, STARTTLS_F_NO_AUTH, place->subject,
                   "no AUTH is offered under TLS");
    for (size_t i = 0; i < required->count; i++) {
        if (smtp_ehlo_find(ehlo, required->values[i]) == NULL)
            report_add(judge->report, STARTTLS_F_REQUIRED, place->subject,
                       "%s is not offered under TLS", required->values[i]);
    }
    return true;
}

/* HELO was taken where EHLO was not: mail comes, but nobody can log in or say how large it is. */
static void judge_helo(const struct starttls_judge *judge, const struct smtp_session *session)
{
    const struct smtp_entry *ehlo = smtp_session_find(session, SMTP_VERB_EHLO);
    bool is_implicit = judge->config->smtp.implicit_tls;
    struct finding *finding =
        report_add(judge->report, is_implicit ? STARTTLS_F_EHLO : STARTTLS_F_EHLO_TLS,
                   judge->place->subject, "EHLO under TLS is refused, HELO is taken: %s",
                   ehlo == NULL ? "" : smtp_show_reply(judge->report, ehlo));
    if (ehlo != NULL)
        report_seen(judge->report, finding, "%s", smtp_show_reply(judge->report, ehlo));
}

/* ---- MAIL in the clear */

static void judge_mail(const struct starttls_judge *judge)
{
    const struct starttls_place *place = judge->place;
    const struct smtp_session *session = starttls_session(place, STARTTLS_OLD);
    const struct smtp_entry *entry = session == NULL || judge->config->smtp.implicit_tls
                                         ? NULL
                                         : smtp_session_step(session, STARTTLS_STEP_MAIL);
    if (entry == NULL || entry->outcome != SMTP_ANSWERED)
        return;
    struct finding *finding = NULL;
    if (place->demand.is_strict && entry->code / 100 == 2)
        finding = report_add(judge->report, STARTTLS_F_MAIL_IN_CLEAR, place->subject,
                             "MAIL is accepted before TLS, which %s demands: %s",
                             place->demand.reason, smtp_show_reply(judge->report, entry));
    else if (!place->demand.is_strict && entry->code == TLS_NEEDED && !judge->config->smtp.lmtp)
        finding =
            report_add_as(judge->report, STARTTLS_F_FORCED,
                          judge->config->is_enforced ? STATE_OK : STATE_WARNING, place->subject,
                          "MAIL is refused before TLS: %s", smtp_show_reply(judge->report, entry));
    if (finding != NULL)
        report_seen(judge->report, finding, "%s", smtp_show_reply(judge->report, entry));
}

/* ---- all */

static void judge_place(const struct starttls_judge *judge)
{
    const struct smtp_session *session = starttls_session(judge->place, STARTTLS_MAIN);
    if (judge->place->target->is_nobodys) {
        report_add_as(judge->report, STARTTLS_F_BAD_ADDRESS,
                      smtp_targets_has_server(&judge->facts->targets) ? STATE_WARNING
                                                                      : STATE_CRITICAL,
                      judge->place->subject, "it was not asked: no server can have %s",
                      smtp_targets_kind(&judge->facts->targets, judge->place->target));
        return;
    }
    if (session == NULL) {
        report_add_as(judge->report, STARTTLS_F_TIMEOUT, judge->common->timeout_result,
                      judge->place->subject, "the time was up before it was asked");
        return;
    }
    const char *header = smtp_show_own_header(judge->report, session);
    if (header != NULL) {
        report_add(judge->report, STARTTLS_F_LOCAL, judge->place->subject, "%s", header);
        return;
    }
    bool is_broken_off = judge_culprit(judge, session);
    judge_clear_text(judge, session);
    judge_unsolicited(judge, session);
    if (!is_broken_off) {
        judge_offer(judge, session);
        judge_odd_reply(judge, session);
    }
    if (starttls_judge_is_ssl3(session))
        starttls_judge_add(judge, STARTTLS_F_OLD_TLS, "SSL 3.0 is the newest that is spoken");
    if (starttls_tls(judge->place, STARTTLS_MAIN) == NULL)
        return;
    if (!judge_extensions(judge, session) && !is_broken_off)
        judge_helo(judge, session);
    starttls_judge_certificates(judge);
    starttls_judge_raw_key(judge);
    starttls_judge_tls(judge);
    judge_mail(judge);
}

void starttls_judge(const struct starttls_config *config, const struct plugin_common *common,
                    const struct starttls_facts *facts, struct report *report)
{
    struct starttls_judge judge = {
        .config = config,
        .common = common,
        .facts = facts,
        .report = report,
    };
    if (config->domain != NULL)
        judge_exchangers(&judge);
    else
        judge_host(&judge);
    if (facts->targets.omitted > 0)
        report_add(report, STARTTLS_F_NOT_ALL, config->domain, "%zu address%s left out",
                   facts->targets.omitted, plural(facts->targets.omitted, " is", "es are"));
    for (size_t i = 0; i < facts->place_count; i++) {
        judge.place = &facts->places[i];
        judge_place(&judge);
    }
}
