#include <string.h>

#include "relay.h"
#include "smtp_show.h"

#define IDS_SIZE 300

/* What is known of the probes that decide. */
struct tally {
    size_t count;     /* of all */
    size_t relay;     /* refused in so many words, or for want of authentication */
    size_t decisive;  /* of a sender with an address, for another reason than its domain */
    size_t missing;   /* not answered */
    size_t deferred;  /* of them, put off */
    size_t auth, tls; /* wants authentication, wants TLS */
    size_t us;        /* refused for what we are */
    const struct relay_ask *domain, *sender; /* refused for such a domain; NULL */
    const struct relay_ask *first_missing, *first_auth, *first_us;
    struct text ids; /* of the missing */
    size_t others_missing;
    struct text others;
};

static bool is_deciding(const struct relay_ask *ask)
{
    return ask->probe->set == RELAY_SET_DECIDING;
}

static void note(struct text *ids, const struct relay_ask *ask)
{
    text_printf(ids, "%s%s", ids->length > 0 ? ", " : "", ask->id);
}

static void count_missing(struct tally *tally, const struct relay_ask *ask, bool decides)
{
    if (!decides) {
        tally->others_missing++;
        note(&tally->others, ask);
        return;
    }
    tally->missing++;
    tally->deferred += ask->answer.meaning == RELAY_DEFERRED;
    tally->first_missing = tally->first_missing == NULL ? ask : tally->first_missing;
    note(&tally->ids, ask);
}

static void count_ask(struct tally *tally, const struct relay_ask *ask, bool decides)
{
    enum relay_meaning meaning = relay_ask_meaning(ask);
    if (!relay_meaning_is_conclusive(meaning)) {
        count_missing(tally, ask, decides);
        return;
    }
    if (!decides) {
        return;
    }
    tally->count++;
    tally->auth += meaning == RELAY_NEEDS_AUTH;
    tally->tls += meaning == RELAY_NEEDS_TLS;
    tally->us += meaning == RELAY_REFUSED_US;
    if (meaning == RELAY_REFUSED_US && tally->first_us == NULL) {
        tally->first_us = ask;
    }
    tally->relay += meaning == RELAY_REFUSED_RELAY || meaning == RELAY_NEEDS_AUTH;
    if (meaning == RELAY_NEEDS_AUTH && tally->first_auth == NULL) {
        tally->first_auth = ask;
    }
    if (meaning == RELAY_REFUSED_DOMAIN && ask->probe->group == RELAY_GROUP_RELAY) {
        tally->domain = tally->domain == NULL ? ask : tally->domain;
    } else if (meaning == RELAY_REFUSED_SENDER) {
        tally->sender = tally->sender == NULL ? ask : tally->sender;
    } else if (strcmp(ask->sender_form, "<>") != 0) {
        tally->decisive++;
    }
}

/* Without a deciding probe, because the user chose others, all of them decide. */
static void take_tally(const struct relay_judge *judge, struct tally *tally)
{
    const struct relay_plan *plan = &judge->address->plan;
    bool has_deciding = false;
    *tally = (struct tally){.count = 0};
    text_init(&tally->ids, IDS_SIZE);
    text_init(&tally->others, IDS_SIZE);
    for (size_t i = 0; i < plan->count; i++) {
        has_deciding = has_deciding || (!relay_group_is_control(plan->asks[i].probe->group) &&
                                        is_deciding(&plan->asks[i]));
    }
    for (size_t i = 0; i < plan->count; i++) {
        const struct relay_ask *ask = &plan->asks[i];
        if (ask->tls == judge->tls && !relay_group_is_control(ask->probe->group)) {
            count_ask(tally, ask, !has_deciding || is_deciding(ask));
        }
    }
}

/* ---- no conversation */

static const struct smtp_session *last_session(const struct relay_judge *judge)
{
    const struct relay_address *address = judge->address;
    return address->session_count == 0 ? NULL : address->sessions[address->session_count - 1];
}

/* Who spoke with us once and is silent now does not want us any more: others may be welcome. */
static bool was_greeted(const struct relay_judge *judge)
{
    const struct relay_address *address = judge->address;
    for (size_t i = 0; i < address->session_count; i++) {
        if (smtp_session_is_greeted(address->sessions[i])) {
            return true;
        }
    }
    return false;
}

/* True when no session came to MAIL: what is wrong is told then. */
static bool judge_conversation(const struct relay_judge *judge, const struct tally *tally)
{
    const struct smtp_session *session = last_session(judge);
    if (session == NULL || was_greeted(judge) || tally->missing == 0) {
        return false;
    }
    const struct smtp_entry *culprit = smtp_show_culprit(session);
    const char *words = smtp_show_failure(judge->report, session);
    const char *failure = words[0] != '\0' ? words : "it gave no usable reply";
    bool was_refused = culprit != NULL && culprit->outcome == SMTP_ANSWERED;
    bool is_deadline = !session->is_complete && culprit != NULL && culprit->outcome == SMTP_SILENT;
    struct finding *finding;
    if (was_refused) {
        finding = report_add(judge->report, RELAY_F_GREETING, judge->subject,
                             "%s: nothing may be asked", failure);
    } else if (is_deadline || culprit == NULL) {
        finding = report_add_as(judge->report, RELAY_F_INCOMPLETE, judge->common->timeout_result,
                                judge->subject, "%s", failure);
    } else {
        finding = report_add(judge->report, RELAY_F_UNREACHABLE, judge->subject, "%s", failure);
    }
    if (was_refused) {
        report_seen(judge->report, finding, "%s", smtp_show_reply(judge->report, culprit));
    }
    return true;
}

/* ---- answers that are none */

/* Why a probe has no answer. */
static const char *reason_of(const struct relay_judge *judge, const struct relay_ask *ask)
{
    const struct relay_plan *plan = &judge->address->plan;
    if (ask->answer.meaning != RELAY_UNASKED) {
        return relay_judge_reply(judge, &ask->answer);
    }
    if (ask->sender == NULL) {
        return "the server has no name or address to ask it with";
    }
    if (judge->facts->is_locked_out) {
        return "another run of the check holds the state file";
    }
    if (plan->is_stopped) {
        return "the server ended the sessions";
    }
    if (judge->address->is_cut_short) {
        return "the time was up";
    }
    return plan->sessions >= plan->limits.max_sessions
               ? "--max-sessions was reached"
               : "--max-connections in ten minutes was reached";
}

static void judge_missing(const struct relay_judge *judge, const struct tally *tally)
{
    bool is_deferred = tally->deferred == tally->missing;
    const char *reason = reason_of(judge, tally->first_missing);
    bool is_left_out = tally->first_missing->answer.meaning == RELAY_UNASKED &&
                       judge->address->is_cut_short && !judge->address->plan.is_stopped;
    size_t definition = is_deferred ? RELAY_F_DEFERRED : RELAY_F_INCOMPLETE;
    struct finding *finding = report_add_as(
        judge->report, definition,
        is_left_out ? judge->common->timeout_result : relay_findings[definition].state,
        judge->subject, is_deferred ? "put off: %s (%s)" : "not answered: %s (%s)",
        tally->ids.start, reason);
    report_seen(judge->report, finding, "%s: %s", tally->first_missing->id, reason);
}

/* The control was asked in vain, or it was not its turn. */
static bool is_unanswered(const struct relay_judge *judge)
{
    const struct relay_plan *plan = &judge->address->plan;
    for (size_t i = 0; i < plan->count; i++) {
        const struct relay_ask *ask = &plan->asks[i];
        enum relay_meaning meaning = ask->answer.meaning;
        if (ask->probe->group == RELAY_CONTROL_US && ask->tls == judge->tls) {
            return !relay_meaning_is_conclusive(meaning) && meaning != RELAY_DEFERRED;
        }
    }
    return false;
}

/* Blocklists spare the postmaster: what a stranger who is on none would hear, nobody knows. */
static bool judge_us(const struct relay_judge *judge, const struct tally *tally)
{
    if (tally->us == 0) {
        return false;
    }
    struct finding *finding =
        report_add(judge->report, RELAY_F_BLOCKED, judge->subject, "refuses us for what we are: %s",
                   relay_judge_quote(judge, tally->first_us));
    report_seen(judge->report, finding, "%s", relay_judge_quote(judge, tally->first_us));
    return true;
}

/* Who may not even write to the postmaster learns nothing. */
static bool judge_control(const struct relay_judge *judge, const struct tally *tally)
{
    const struct relay_answer *us =
        relay_plan_control(&judge->address->plan, RELAY_CONTROL_US, judge->tls);
    bool is_plain = tally->relay == tally->count && tally->missing == 0;
    const char *domain = judge->facts->subject.domain;
    bool is_refused = us != NULL && relay_meaning_is_refusal(us->meaning) &&
                      us->meaning != RELAY_NEEDS_AUTH && us->meaning != RELAY_NEEDS_TLS;
    bool is_deferred = us != NULL && us->meaning == RELAY_DEFERRED;
    if (is_unanswered(judge) && !is_plain && tally->missing == 0) {
        report_add(judge->report, RELAY_F_INCOMPLETE, judge->subject,
                   "no answer for postmaster@%s (%s): what it refuses may be about us", domain,
                   us != NULL && us->text != NULL ? relay_judge_reply(judge, us) : "not asked");
        return true;
    }
    if ((!is_refused && !is_deferred) || (tally->auth > 0 && is_plain)) {
        return false;
    }
    const char *reply = relay_judge_reply(judge, us);
    struct finding *finding;
    bool is_unknown =
        is_refused && (us->meaning == RELAY_REFUSED || us->meaning == RELAY_REFUSED_DOMAIN);
    if (is_unknown && is_plain) {
        finding =
            report_add(judge->report, RELAY_F_CONTROL_DEFERRED, judge->subject,
                       "does not know postmaster@%s (%s) and refuses to relay", domain, reply);
    } else if (is_refused) {
        finding = report_add(judge->report, RELAY_F_BLOCKED, judge->subject,
                             "refuses us even postmaster@%s: %s", domain, reply);
    } else if (is_plain) {
        finding = report_add(judge->report, RELAY_F_CONTROL_DEFERRED, judge->subject,
                             "puts off postmaster@%s (%s) and refuses to relay", domain, reply);
    } else {
        finding = report_add(judge->report, RELAY_F_DEFERRED, judge->subject,
                             "puts us off, even for postmaster@%s: %s", domain, reply);
    }
    report_seen(judge->report, finding, "C-C RCPT TO:<postmaster@%s>: %s", domain, reply);
    return !is_plain || (is_refused && !is_unknown);
}

static void judge_domains(const struct relay_judge *judge, const struct tally *tally)
{
    const struct relay_ask *ask = tally->domain;
    bool is_note = ask == NULL && tally->decisive > 0;
    ask = ask == NULL ? tally->sender : ask;
    if (ask == NULL) {
        return;
    }
    struct finding *finding =
        report_add(judge->report, is_note ? RELAY_F_SENDER_REFUSED : RELAY_F_DOMAIN_REFUSED,
                   judge->subject, "%s was refused because of its %s: %s", ask->id,
                   tally->domain != NULL ? "recipient's domain" : "sender",
                   relay_judge_reply(judge, &ask->answer));
    report_seen(judge->report, finding, "%s", relay_judge_quote(judge, ask));
}

static void judge_service(const struct relay_judge *judge, const struct tally *tally)
{
    if (tally->tls > 0) {
        /* With --starttls the answers under TLS stand beside these. */
        enum state state = judge->config->starttls && !judge->address->lacks_starttls
                               ? STATE_OK
                               : relay_findings[RELAY_F_TLS_NEEDED].state;
        report_add_as(judge->report, RELAY_F_TLS_NEEDED, state, judge->subject,
                      "wants STARTTLS before it answers");
    }
    if (tally->auth > 0) {
        struct finding *finding = report_add(judge->report, RELAY_F_AUTH, judge->subject,
                                             "submission requires authentication");
        report_seen(judge->report, finding, "%s", relay_judge_quote(judge, tally->first_auth));
    }
}

void relay_judge_unanswered(const struct relay_judge *judge, bool is_open)
{
    struct tally tally;
    take_tally(judge, &tally);
    if (!is_open && !judge_conversation(judge, &tally)) {
        bool is_blocked = judge_control(judge, &tally) || judge_us(judge, &tally);
        if (!is_blocked && tally.missing > 0) {
            judge_missing(judge, &tally);
        }
        if (!is_blocked) {
            judge_domains(judge, &tally);
        }
        judge_service(judge, &tally);
        if (tally.missing == 0 && tally.others_missing > 0) {
            report_add(judge->report, RELAY_F_SKIPPED, judge->subject, "not answered: %s",
                       tally.others.start);
        }
    }
    text_release(&tally.ids);
    text_release(&tally.others);
}
