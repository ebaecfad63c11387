#include <math.h>
#include <string.h>

#include "mail/smtp_text.h"
#include "mx.h"
#include "smtp_show.h"

#define READY 220
#define CLOSING 421          /* RFC 5321 3.8: the end of the session, whoever the recipient is */
#define STORAGE_EXCEEDED 552 /* RFC 5321 4.2.2 */
#define SECOND 1e6

const char *mx_answer_text(enum mx_answer answer)
{
    switch (answer) {
    case MX_UNASKED:
        return "not asked";
    case MX_WORKS:
        return "works";
    case MX_REFUSES:
        return "refuses us for now";
    case MX_BLOCKS:
        return "refuses us";
    case MX_DOWN:
        return "down";
    case MX_UNFIT:
        return "leads nowhere";
    case MX_OURS:
        return "could not be asked";
    }
    return "?";
}

static bool is_about_us(const struct smtp_entry *entry)
{
    return smtp_text_is_about_client(entry->text) || smtp_text_is_rate_limit(entry->text);
}

/* RFC 3463 3.8: X.7.X is policy. */
static bool is_policy(const struct smtp_entry *entry)
{
    return entry->status.class != 0 && entry->status.subject == 7;
}

/* What is about us is no statement about others; the rest is: a system that shuts down, or has no
 * room, takes mail from nobody. */
static enum mx_answer refused(const struct smtp_entry *entry)
{
    if (!is_policy(entry) && !is_about_us(entry))
        return MX_DOWN;
    return entry->code / 100 == 4 ? MX_REFUSES : MX_BLOCKS;
}

/* What the entry that ended a dialogue says of the server. */
static enum mx_answer judge_culprit(const struct mx_facts *facts, const struct mx_address *address,
                                    const struct smtp_entry *entry)
{
    switch (entry->outcome) {
    case SMTP_ENDED:
        if (stream_failure_is_ours(entry->failure) ||
            (entry->failure == STREAM_UNREACHABLE && !address->has_route))
            return MX_OURS;
        return MX_DOWN;
    case SMTP_SILENT:
        if (entry->text.length > 0)
            return MX_REFUSES;
        return (double)entry->us / SECOND < facts->patience ? MX_UNASKED : MX_DOWN;
    case SMTP_MALFORMED:
        return MX_DOWN;
    case SMTP_ANSWERED:
        return refused(entry);
    case SMTP_NOT_ASKED:
        return MX_UNASKED;
    case SMTP_BAD_ARGUMENT:
        break;
    }
    return MX_OURS;
}

static double seconds_of(const struct smtp_session *session)
{
    const struct smtp_entry *last = smtp_session_find(session, SMTP_VERB_HELO);

    for (size_t i = 0; last == NULL && i < session->entry_count; i++) {
        if (session->entries[i].verb == SMTP_VERB_EHLO)
            last = &session->entries[i];
    }
    return last == NULL ? (double)NAN : (double)(last->at_us + last->us) / SECOND;
}

static bool has_right_greeting(const struct smtp_session *session)
{
    const struct smtp_entry *greeting = smtp_session_find(session, SMTP_VERB_GREETING);

    return greeting != NULL && greeting->outcome == SMTP_ANSWERED && greeting->code == READY;
}

static void conclude_address(const struct mx_facts *facts, struct mx_address *address,
                             struct report *report)
{
    const struct smtp_session *session = address->session;

    address->failure = "";
    address->seconds = (double)NAN;
    if (!exchangers_can_reach(&address->address)) {
        address->answer = MX_UNFIT;
        address->failure = "no server can have such an address: it was not asked";
        return;
    }
    if (session == NULL || session->entry_count == 0) {
        address->failure = address->is_left_out   ? "left out (--first-address)"
                           : facts->was_connected ? "not asked in time"
                                                  : "";
        return;
    }
    const struct smtp_entry *culprit = smtp_show_culprit(session);
    const char *header = smtp_show_own_header(report, session);

    if (header != NULL) {
        address->answer = MX_OURS;
        address->failure = header;
        return;
    }
    if (smtp_session_is_greeted(session) && has_right_greeting(session)) {
        address->answer = MX_WORKS;
        address->seconds = seconds_of(session);
        return;
    }
    if (session->tls_error != NULL) {
        address->answer = MX_OURS;
        address->failure = session->tls_error;
        return;
    }
    address->failure = smtp_show_failure(report, session);
    if (culprit != NULL) {
        address->answer = judge_culprit(facts, address, culprit);
        return;
    }
    /* A greeting of 2xx that is not 220. */
    address->answer = MX_DOWN;
    address->failure = smtp_show_reply(report, smtp_session_find(session, SMTP_VERB_GREETING));
}

/* ---- recipients */

/* RFC 3463, RFC 7504: the enhanced code first, the code second, the text last: "quota exceeded" is
 * about the mailbox (RFC 3463 3.3), "rate exceeded" about us. */
static enum mx_verdict recipient_refused(const struct smtp_entry *entry)
{
    bool speaks_of_relaying = smtp_text_is_about_relaying(entry->text);

    if (speaks_of_relaying)
        return MX_REFUSED;
    if (entry->code == CLOSING)
        return MX_REFUSED_US;
    if (entry->code / 100 == 4)
        return MX_DEFERRED;
    if (entry->status.class == 5 && (entry->status.subject == 1 || entry->status.subject == 2))
        return MX_REFUSED;
    if (entry->code == STORAGE_EXCEEDED && !is_policy(entry))
        return MX_REFUSED;
    return is_about_us(entry) ? MX_REFUSED_US : MX_REFUSED;
}

static enum mx_verdict verdict_of(const struct smtp_session *session, size_t step,
                                  const struct smtp_entry **entry)
{
    const struct smtp_entry *mail = NULL;

    *entry = NULL;
    if (session == NULL || step == SMTP_NO_STEP)
        return MX_NOT_TOLD;
    mail = smtp_session_step(session, step - 1);
    *entry = smtp_session_step(session, step);
    if (*entry == NULL)
        *entry = mail;
    if (*entry == NULL || (*entry)->outcome != SMTP_ANSWERED)
        return MX_NOT_TOLD;
    if (*entry == mail)
        return mail->code / 100 == 4 ? MX_DEFERRED : MX_REFUSED_SENDER;
    return (*entry)->code / 100 == 2 ? MX_ACCEPTED : recipient_refused(*entry);
}

/* ---- the whole */

/* The best that one of its addresses is; what is not known may be better than what is bad. */
static enum mx_answer best_answer(const struct mx_host *host)
{
    static const enum mx_answer order[] = {MX_WORKS,   MX_REFUSES, MX_BLOCKS,
                                           MX_UNASKED, MX_OURS,    MX_DOWN};

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (order[i] == MX_UNASKED && !host->exchanger->is_resolved)
            return MX_UNASKED;
        for (size_t k = 0; k < host->count; k++) {
            if (host->addresses[k].answer == order[i] && !host->addresses[k].is_left_out)
                return order[i];
        }
    }
    return MX_DOWN;
}

void mx_outcome(struct mx_facts *facts, struct report *report)
{
    for (size_t i = 0; i < facts->host_count; i++) {
        struct mx_host *host = &facts->hosts[i];

        for (size_t k = 0; k < host->count; k++) {
            struct mx_address *address = &host->addresses[k];

            conclude_address(facts, address, report);
            address->postmaster =
                verdict_of(address->session, facts->plan.postmaster, &address->postmaster_entry);
            address->unknown =
                verdict_of(address->session, facts->plan.unknown, &address->unknown_entry);
        }
        host->answer = best_answer(host);
    }
}
