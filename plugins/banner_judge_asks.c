#include "banner.h"
#include "mail/smtp_text.h"
#include "smtp_show.h"

#define WANTS_AUTH 530
#define STORAGE 452
#define POLICY 7 /* subject of enhanced codes, RFC 3463 3.8 */

/* The entry of a step that was asked and answered; NULL: not planned, left out, no reply, or one
 * that ended the session. */
static const struct smtp_entry *reply_to(const struct banner_judge *judge, enum banner_ask ask,
                                         size_t further)
{
    size_t step = judge->plan->asks[ask];
    const struct banner_part *part = NULL;
    const struct smtp_entry *entry =
        step == SMTP_NO_STEP ? NULL : banner_parts_step(judge->address, step + further, &part);
    return entry != NULL && entry->outcome == SMTP_ANSWERED &&
                   entry != smtp_show_culprit(part->session)
               ? entry
               : NULL;
}

static bool is_accepted(const struct smtp_entry *entry)
{
    return entry != NULL && entry->code / 100 == 2;
}

/* OK, or WARNING for those who want to disclose nothing. */
static enum state disclosure(const struct banner_judge *judge)
{
    return judge->plan->is_strict ? STATE_WARNING : STATE_OK;
}

/* ---- MAIL */

/* RFC 5321 4.2.3: 452 is insufficient storage, unless an enhanced code says something else. */
static bool is_disk_full(const struct smtp_entry *entry)
{
    const struct smtp_status *status = &entry->status;
    return entry->code == STORAGE &&
           (status->class == 0 ||
            (status->class == 4 && status->subject == 3 && status->detail == 1));
}

/* The refusal is about what we are, so nothing is known of the sender or recipient. */
static bool is_about_us(const struct smtp_entry *entry)
{
    return entry->code == WANTS_AUTH ||
           (entry->code / 100 == 5 && smtp_text_is_about_client(entry->text));
}

/* What the server did with `what`, and its words. The command itself would lose its brackets on the
 * way to the page. */
static const char *answer_text(const struct banner_judge *judge, const char *what,
                               const struct smtp_entry *entry)
{
    const char *how = is_about_us(entry)       ? "is not looked at, the server refuses us"
                      : entry->code / 100 == 4 ? "is put off"
                      : entry->code / 100 == 5 ? "is refused"
                                               : "is neither accepted nor refused";
    return arena_format(judge->report->arena, "%s %s: %s", what, how,
                        smtp_show_reply(judge->report, entry));
}

static void judge_sender(const struct banner_judge *judge, enum banner_ask ask, const char *what,
                         size_t refused)
{
    const struct smtp_entry *entry = reply_to(judge, ask, 0);
    if (entry == NULL || is_accepted(entry)) {
        return;
    }
    size_t finding = is_about_us(entry)            ? BANNER_F_MAIL_UNJUDGED
                     : is_disk_full(entry)         ? BANNER_F_DISK_FULL
                     : banner_judge_is_busy(entry) ? BANNER_F_BUSY
                     : entry->code / 100 == 4      ? BANNER_F_MAIL_DEFERRED
                                                   : refused;
    report_add(judge->report, finding, judge->address->subject, "%s",
               answer_text(judge, what, entry));
}

/* ---- RCPT TO:<postmaster> */

static void judge_postmasters(const struct banner_judge *judge)
{
    size_t count = judge->config->postmasters.count;
    for (size_t i = 0; count > 0 && i <= count; i++) {
        const struct smtp_entry *entry = reply_to(judge, BANNER_ASK_POSTMASTER, i);
        if (entry == NULL || is_accepted(entry)) {
            continue;
        }
        size_t finding = is_about_us(entry)       ? BANNER_F_MAIL_UNJUDGED
                         : entry->code / 100 == 4 ? BANNER_F_POSTMASTER_DEFERRED
                         : i == 0                 ? BANNER_F_POSTMASTER_BARE
                                                  : BANNER_F_POSTMASTER;
        const char *who = i == 0 ? "postmaster without a domain"
                                 : arena_format(judge->report->arena, "postmaster@%s",
                                                judge->config->postmasters.values[i - 1]);
        report_add(judge->report, finding, judge->address->subject, "%s",
                   answer_text(judge, who, entry));
    }
}

/* ---- parameters of MAIL: what is offered is held. A plain MAIL FROM:<> tells what is refused for
 * other reasons. */

static void judge_extensions(const struct banner_judge *judge)
{
    const struct smtp_session *session = judge->address->session;
    const struct smtp_ehlo *ehlo = session->ehlo_tls != NULL ? session->ehlo_tls : session->ehlo;
    const struct smtp_entry *size = reply_to(judge, BANNER_ASK_SIZE, 0);
    const struct smtp_entry *eight = reply_to(judge, BANNER_ASK_8BITMIME, 0);
    const struct smtp_entry *utf8 = reply_to(judge, BANNER_ASK_SMTPUTF8, 0);
    uint64_t octets = 0;
    if (ehlo == NULL || !is_accepted(reply_to(judge, BANNER_ASK_MAIL_NULL, 0))) {
        return;
    }
    if (is_accepted(size) && smtp_ehlo_size(ehlo, &octets) == SMTP_SIZE_LIMITED &&
        octets < BANNER_PROBE_OCTETS) {
        banner_judge_add(judge, BANNER_F_SIZE_IGNORED,
                         "a message of %llu octets is accepted (%s), the limit is %llu",
                         (unsigned long long)BANNER_PROBE_OCTETS,
                         smtp_show_reply(judge->report, size), (unsigned long long)octets);
    }
    if (eight != NULL && eight->code / 100 == 5) {
        banner_judge_add(judge, BANNER_F_8BITMIME, "8BITMIME is offered and refused: %s",
                         smtp_show_reply(judge->report, eight));
    }
    if (utf8 != NULL && utf8->code / 100 == 5) {
        banner_judge_add(judge, BANNER_F_SMTPUTF8, "SMTPUTF8 is offered and refused: %s",
                         smtp_show_reply(judge->report, utf8));
    }
}

/* ---- what is told to anybody */

static bool tells(const struct smtp_entry *entry)
{
    return entry->code == 250 || entry->code == 251;
}

/* A refusal that is about the address, not about the command: Exim's "550 Administrative
 * prohibition" tells nothing. */
static bool denies(const struct smtp_entry *entry)
{
    return (entry->code == 550 || entry->code == 551 || entry->code == 553) &&
           entry->status.subject != POLICY && !smtp_text_is_prohibition(entry->text);
}

/* The same answer to a postmaster and to nobody tells nothing. */
static void judge_vrfy(const struct banner_judge *judge)
{
    const struct smtp_entry *known = reply_to(judge, BANNER_ASK_VRFY, 0);
    const struct smtp_entry *nobody = reply_to(judge, BANNER_ASK_VRFY_NOBODY, 0);
    if (known == NULL || nobody == NULL || known->code == nobody->code ||
        !(tells(known) || tells(nobody) || denies(known) || denies(nobody))) {
        return;
    }
    banner_judge_add_as(judge, BANNER_F_VRFY, disclosure(judge),
                        "VRFY tells which addresses exist: %u to postmaster, %u to a name that "
                        "nobody has",
                        known->code, nobody->code);
}

static void judge_expn(const struct banner_judge *judge)
{
    const struct smtp_entry *entry = reply_to(judge, BANNER_ASK_EXPN, 0);
    if (entry != NULL && (tells(entry) || denies(entry))) {
        banner_judge_add_as(judge, BANNER_F_EXPN, disclosure(judge),
                            "EXPN tells of lists and addresses: %s",
                            smtp_show_reply(judge->report, entry));
    }
}

static void judge_version(const struct banner_judge *judge)
{
    const struct smtp_entry *entries[] = {banner_greeting(judge->address->session),
                                          reply_to(judge, BANNER_ASK_HELP, 0)};
    for (size_t i = 0; i < 2; i++) {
        struct slice version =
            entries[i] == NULL ? SLICE_LITERAL("") : smtp_text_version(entries[i]->text);
        if (version.length > 0) {
            banner_judge_add_as(judge, BANNER_F_VERSION, disclosure(judge),
                                "%s tells the version of the software: %s",
                                i == 0 ? "the greeting" : "HELP",
                                smtp_show_text(judge->report, version));
        }
    }
}

/* ---- probes in connections of their own */

static void add_unanswered(const struct banner_judge *judge, bool is_time, const char *what,
                           const char *why)
{
    report_add_as(judge->report, BANNER_F_PROBE_UNANSWERED,
                  is_time ? judge->common->timeout_result
                          : banner_findings[BANNER_F_PROBE_UNANSWERED].state,
                  judge->address->subject, "%s was not answered: %s", what, why);
}

static void judge_mail_first(const struct banner_judge *judge)
{
    const struct smtp_session *session = judge->address->mail_first;
    if (session == NULL) {
        return;
    }
    const struct smtp_entry *mail = smtp_session_find(session, SMTP_VERB_MAIL);
    if (mail == NULL || mail->outcome != SMTP_ANSWERED) {
        add_unanswered(judge, session->entry_count == 0, "MAIL without EHLO",
                       smtp_show_failure(judge->report, session));
    } else if (is_accepted(mail)) {
        banner_judge_add_as(judge, BANNER_F_MAIL_FIRST, disclosure(judge),
                            "MAIL is accepted without EHLO: %s",
                            smtp_show_reply(judge->report, mail));
    }
}

/* The greeting and the reply to an EHLO that was said before it. Everything but 2xx twice is a
 * server that minds: it refuses, hangs up, or forgets what came early. */
static void judge_early_talk(const struct banner_judge *judge)
{
    const struct smtp_session *session = judge->address->early;
    if (session == NULL) {
        return;
    }
    const struct smtp_entry *greeting = smtp_session_find(session, SMTP_VERB_GREETING);
    const struct smtp_entry *reply = smtp_session_find(session, SMTP_VERB_LISTEN);
    if (greeting == NULL || greeting->outcome == SMTP_SILENT) {
        add_unanswered(judge, session->entry_count == 0, "EHLO before the greeting",
                       smtp_show_failure(judge->report, session));
    } else if (banner_greeting(session) != NULL && reply != NULL &&
               reply->outcome == SMTP_ANSWERED && is_accepted(reply)) {
        banner_judge_add(judge, BANNER_F_EARLY_TALK,
                         "EHLO before the greeting is answered as if nothing were wrong: %s",
                         smtp_show_reply(judge->report, reply));
    }
}

/* A server that stops at what it need not answer, or does not let us come back for the rest, still
 * is a mail server. What stops the first session otherwise is told where that is judged. */
static void judge_unanswered(const struct banner_judge *judge)
{
    const struct banner_address *address = judge->address;
    size_t step = banner_parts_stopped(judge->plan, address);
    if (step == SMTP_NO_STEP) {
        return;
    }
    const struct smtp_session *last = address->parts[address->part_count - 1].session;
    const struct smtp_entry *culprit = smtp_show_culprit(last);
    bool is_time = last->entry_count == 0 || (last->has_more && culprit == NULL);
    if (address->part_count > 1 || (culprit != NULL && banner_judge_is_probe(culprit))) {
        add_unanswered(judge, is_time, smtp_verb_name(judge->plan->steps[step].verb),
                       culprit == NULL ? "not asked in time"
                                       : smtp_show_failure(judge->report, last));
    }
}

void banner_judge_asks(const struct banner_judge *judge)
{
    judge_version(judge);
    judge_sender(judge, BANNER_ASK_MAIL_NULL, "the empty sender", BANNER_F_MAIL_NULL);
    judge_sender(judge, BANNER_ASK_MAIL,
                 arena_format(judge->report->arena, "the sender %s", judge->config->mail),
                 BANNER_F_MAIL_REFUSED);
    judge_postmasters(judge);
    judge_extensions(judge);
    judge_vrfy(judge);
    judge_expn(judge);
    judge_mail_first(judge);
    judge_early_talk(judge);
    judge_unanswered(judge);
}
