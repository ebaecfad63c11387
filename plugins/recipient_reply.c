#include "recipient_reply.h"

#include "mail/bounce_reply.h"
#include "mail/smtp_text.h"
#include "smtp_show.h"

#define SECOND 1e6

bool recipient_reply_is_positive(enum recipient_answer answer)
{
    return answer == RECIPIENT_ACCEPTED || answer == RECIPIENT_FORWARDED ||
           answer == RECIPIENT_UNVERIFIED;
}

bool recipient_reply_is_negative(enum recipient_answer answer)
{
    switch (answer) {
    case RECIPIENT_NO_SUCH_USER:
    case RECIPIENT_MOVED:
    case RECIPIENT_DISABLED:
    case RECIPIENT_NO_MAIL:
    case RECIPIENT_REJECTED:
    case RECIPIENT_NO_UTF8:
    case RECIPIENT_REFUSED_LATE:
        return true;
    default:
        return false;
    }
}

/* ---- words, in the lower case that bounce_reply_fold makes */

static const char *const ABOUT_US[] = {
    "access denied from",
    "administrative",
    "authentication required",
    "auth required",
    "banned",
    "black list",
    "blacklist",
    "block list",
    "blocked",
    "blocklist",
    "client host",
    "dkim",
    "dmarc",
    "dnsbl",
    "helo",
    "http://",
    "https://",
    "listed",
    "not allowed to connect",
    "policy",
    "prohibit",
    "ptr record",
    "rcpthosts",
    "rbl",
    "relay",
    "reputation",
    "reverse dns",
    "reverse hostname",
    "spam",
    "spf",
    "too many",
    "your host",
    "your ip",
    "your server",
    NULL,
};

/* In so many words: whatever else is said. */
static const char *const NO_USER_PLAINLY[] = {
    "unknown user",        "user unknown",
    "no such user",        "no such recipient",
    "no such mailbox",     "recipient unknown",
    "unknown recipient",   "mailbox not found",
    "user not found",      "user doesn't exist",
    "user does not exist", "doesn't have a",
    "no mailbox here",     NULL,
};

static const char *const GREYLIST[] = {
    "greylist",  "graylist",          "grey list", "gray list", "grey-list", "gray-list",
    "try again", "try later",         "retry",     "come back", "deferred",  "delayed",
    "postgrey",  "service currently", NULL,
};

static const char *const NO_USER[] = {
    "no such",
    "unknown user",
    "user unknown",
    "unknown recipient",
    "does not exist",
    "doesn't exist",
    "not exist",
    "no mailbox",
    "recipient unknown",
    "invalid recipient",
    "invalid mailbox",
    "invalid address",
    "unrouteable",
    "unroutable",
    "user not found",
    "not found",
    "mailbox not",
    "mailbox unavailable",
    "not a known user",
    "unknown address",
    "address unknown",
    "recipient not",
    "no user",
    "not known here",
    "undeliverable",
    "recipient rejected",
    "address rejected",
    "unknown local",
    NULL,
};

static const char *const DISABLED[] = {
    "disabled", "inactive", "suspended", "deactivated", "not active", "expired", NULL,
};

static const char *const FULL[] = {
    "quota", "mailbox full", "mailbox is full", "mailbox has exceeded", "over limit", NULL,
};

/* Of a message, which there is none of. */
static const char *const SIZE[] = {"message size", "too big", "too large", NULL};

static const char *const SENDER[] = {
    "sender address", "sender rejected", "sender verify", "sender domain", "return path", NULL,
};

static const char *const VERIFYING[] = {
    "unverified address",
    "verification in progress",
    "verify",
    NULL,
};

static bool has_word(struct slice folded, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (slice_find_text(folded, *words) < folded.length)
            return true;
    }
    return false;
}

/* ---- 4xx */

/* RFC 3463 3: subject and detail of an enhanced code. */
static bool is(const struct smtp_status *status, unsigned subject, unsigned detail)
{
    return status->class != 0 && status->subject == subject && status->detail == detail;
}

static enum recipient_answer deferred_for_policy(unsigned code, const struct smtp_status *status,
                                                 struct slice text, struct slice folded)
{
    /* RFC 7372 3: the sender's authentication, the name of our address. */
    if (status->detail >= 20 && status->detail <= 27)
        return RECIPIENT_REFUSED_US;
    if (has_word(folded, GREYLIST))
        return RECIPIENT_GREYLISTED;
    if (has_word(folded, ABOUT_US) || smtp_text_is_rate_limit(text))
        return RECIPIENT_REFUSED_US;
    if (has_word(folded, SENDER))
        return RECIPIENT_SENDER_REFUSED;
    return is(status, 7, 1) && (code == 450 || code == 451) ? RECIPIENT_GREYLISTED
                                                            : RECIPIENT_DEFERRED;
}

static enum recipient_answer deferred_without_status(unsigned code, struct slice text,
                                                     struct slice folded)
{
    if (has_word(folded, FULL))
        return RECIPIENT_FULL_NOW;
    if (slice_find_text(folded, "too many recipients") < folded.length)
        return RECIPIENT_TOO_MANY;
    if (code == 452)
        return RECIPIENT_DISK_FULL;
    if (has_word(folded, VERIFYING))
        return RECIPIENT_BEING_VERIFIED;
    if ((code == 450 || code == 451) && has_word(folded, GREYLIST))
        return RECIPIENT_GREYLISTED;
    return has_word(folded, ABOUT_US) || smtp_text_is_rate_limit(text) ? RECIPIENT_REFUSED_US
                                                                       : RECIPIENT_DEFERRED;
}

static enum recipient_answer classify_deferred(unsigned code, const struct smtp_status *status,
                                               struct slice text, struct slice folded)
{
    if (code == 421)
        return RECIPIENT_CLOSING;
    if (is(status, 2, 2))
        return RECIPIENT_FULL_NOW;
    if (is(status, 3, 1))
        return RECIPIENT_DISK_FULL;
    if (is(status, 5, 3))
        return RECIPIENT_TOO_MANY;
    if (is(status, 1, 1))
        return RECIPIENT_BEING_VERIFIED;
    if (is(status, 1, 7) || is(status, 1, 8))
        return RECIPIENT_SENDER_REFUSED;
    if (status->class != 0 && status->subject == 7)
        return deferred_for_policy(code, status, text, folded);
    if ((code == 450 || code == 451) && (is(status, 2, 0) || (code == 450 && is(status, 3, 2))))
        return RECIPIENT_GREYLISTED;
    return deferred_without_status(code, text, folded);
}

/* ---- 5xx */

static enum recipient_answer by_words(struct slice folded, enum recipient_answer otherwise)
{
    if (has_word(folded, NO_USER_PLAINLY))
        return RECIPIENT_NO_SUCH_USER;
    if (has_word(folded, ABOUT_US))
        return RECIPIENT_REFUSED_US;
    if (has_word(folded, SENDER))
        return RECIPIENT_SENDER_REFUSED;
    if (has_word(folded, FULL))
        return RECIPIENT_FULL;
    if (has_word(folded, DISABLED))
        return RECIPIENT_DISABLED;
    return has_word(folded, NO_USER) ? RECIPIENT_NO_SUCH_USER : otherwise;
}

/* RFC 5321 4.2.3, RFC 7504: what the code says alone. */
static enum recipient_answer by_code(unsigned code, struct slice folded)
{
    switch (code) {
    case 551:
        return RECIPIENT_MOVED;
    case 552:
        return has_word(folded, SIZE) ? RECIPIENT_REFUSED_US : RECIPIENT_FULL;
    case 521:
    case 556:
        return RECIPIENT_NO_MAIL;
    case 530:
    case 534:
    case 535:
    case 538:
        return RECIPIENT_REFUSED_US;
    case 500:
    case 502:
    case 503:
    case 504:
        return RECIPIENT_UNTOLD;
    case 554:
        return by_words(folded, RECIPIENT_REFUSED_US);
    default:
        return by_words(folded, RECIPIENT_REJECTED);
    }
}

/* RFC 3463 3.2, RFC 7505 4.1: X.1.X is about addresses. */
static enum recipient_answer by_address_status(unsigned code, const struct smtp_status *status,
                                               struct slice folded)
{
    switch (status->detail) {
    case 1:
    case 2:
    case 3:
        return RECIPIENT_NO_SUCH_USER;
    case 6:
        return code == 551 ? RECIPIENT_MOVED : RECIPIENT_NO_SUCH_USER;
    case 7:
    case 8:
        return RECIPIENT_SENDER_REFUSED;
    case 10:
        return RECIPIENT_NO_MAIL;
    default:
        return by_code(code, folded);
    }
}

static enum recipient_answer classify_refused(unsigned code, const struct smtp_status *status,
                                              struct slice folded)
{
    if (status->class != 0 && status->subject == 1)
        return by_address_status(code, status, folded);
    if (is(status, 2, 1))
        return RECIPIENT_DISABLED;
    if (is(status, 2, 2))
        return RECIPIENT_FULL;
    if (is(status, 3, 1))
        return RECIPIENT_DISK_FULL;
    if (is(status, 3, 4) || is(status, 2, 3))
        return RECIPIENT_REFUSED_US;
    if (is(status, 5, 3))
        return RECIPIENT_TOO_MANY;
    if (is(status, 6, 7))
        return RECIPIENT_NO_UTF8;
    /* Exchange Online says it so of a recipient that its directory does not know. */
    if (is(status, 4, 1) &&
        slice_find_text(folded, "recipient address rejected: access denied") < folded.length)
        return RECIPIENT_NO_SUCH_USER;
    if (status->class != 0 && status->subject == 7)
        return RECIPIENT_REFUSED_US;
    return by_code(code, folded);
}

/* qmail and its heirs write the enhanced code at the end: "(#5.7.1)". */
static struct smtp_status status_of(unsigned code, const struct smtp_status *status,
                                    struct slice text)
{
    struct smtp_status late = {0};
    size_t sign = slice_find_text(text, "(#");
    struct slice rest = slice_sub(text, sign + 2, text.length);

    if (status->class != 0 || sign == text.length)
        return *status;
    if (smtp_status_parse(slice_sub(rest, 0, slice_find(rest, ')')), &late) == 0 ||
        late.class != code / 100)
        return *status;
    return late;
}

enum recipient_answer recipient_reply_classify(unsigned code, const struct smtp_status *given,
                                               struct slice text)
{
    char buffer[BOUNCE_FOLD_MAX];
    struct slice folded = bounce_reply_fold(text, buffer);
    struct smtp_status found = status_of(code, given, text);
    const struct smtp_status *status = &found;

    switch (code / 100) {
    case 2:
        return code == 251   ? RECIPIENT_FORWARDED
               : code == 252 ? RECIPIENT_UNVERIFIED
                             : RECIPIENT_ACCEPTED;
    case 4:
        return classify_deferred(code, status, text, folded);
    case 5:
        return classify_refused(code, status, folded);
    default:
        return RECIPIENT_UNTOLD;
    }
}

/* ---- a conversation */

/* The dialogue did not come as far as MAIL. */
static enum recipient_answer before_mail(const struct smtp_entry *entry, bool has_route,
                                         double patience)
{
    switch (entry->outcome) {
    case SMTP_ANSWERED:
        return entry->code / 100 == 4 ? RECIPIENT_CLOSING : RECIPIENT_REFUSED_US;
    case SMTP_ENDED:
        return stream_failure_is_ours(entry->failure) ||
                       (entry->failure == STREAM_UNREACHABLE && !has_route)
                   ? RECIPIENT_OURS
                   : RECIPIENT_UNREACHABLE;
    case SMTP_SILENT:
        return entry->text.length == 0 && (double)entry->us / SECOND < patience
                   ? RECIPIENT_UNASKED
                   : RECIPIENT_UNREACHABLE;
    case SMTP_MALFORMED:
        return RECIPIENT_UNREACHABLE;
    case SMTP_NOT_ASKED:
        return RECIPIENT_UNASKED;
    case SMTP_BAD_ARGUMENT:
        break;
    }
    return RECIPIENT_OURS;
}

static enum recipient_answer mail_refused(const struct smtp_entry *mail)
{
    enum recipient_answer answer = recipient_reply_classify(mail->code, &mail->status, mail->text);
    char buffer[BOUNCE_FOLD_MAX];
    bool is_about_us = has_word(bounce_reply_fold(mail->text, buffer), ABOUT_US);

    switch (answer) {
    case RECIPIENT_CLOSING:
    case RECIPIENT_DEFERRED:
    case RECIPIENT_DISK_FULL:
    case RECIPIENT_GREYLISTED:
    case RECIPIENT_NO_UTF8:
    case RECIPIENT_UNTOLD:
        return answer;
    default:
        return mail->code == 530 || is_about_us ? RECIPIENT_REFUSED_US : RECIPIENT_SENDER_REFUSED;
    }
}

enum recipient_answer recipient_reply_of_entry(const struct smtp_entry *entry)
{
    if (entry->verb == SMTP_VERB_MAIL)
        return entry->code / 100 == 2 ? RECIPIENT_UNTOLD : mail_refused(entry);
    if (entry->verb == SMTP_VERB_DATA && entry->code / 100 == 5)
        return RECIPIENT_REFUSED_LATE;
    return recipient_reply_classify(entry->code, &entry->status, entry->text);
}

/* The server greeted us and took EHLO, and was not asked because it has no SMTPUTF8. */
static bool lacks_utf8(const struct smtp_session *session)
{
    const struct smtp_entry *failed = smtp_session_failed(session);

    return failed == NULL && smtp_session_is_greeted(session) && smtp_show_culprit(session) == NULL;
}

struct recipient_reply recipient_reply_of(const struct smtp_session *session, size_t mail,
                                          bool has_route, double patience)
{
    const struct smtp_entry *entry;

    if (session == NULL || session->entry_count == 0)
        return (struct recipient_reply){RECIPIENT_UNASKED, NULL};
    if (session->tls_error != NULL)
        return (struct recipient_reply){RECIPIENT_OURS, NULL};
    entry = smtp_session_step(session, mail + 2);
    if (entry != NULL && entry->outcome == SMTP_ANSWERED && entry->code >= 400)
        return (struct recipient_reply){recipient_reply_of_entry(entry), entry};
    entry = smtp_session_step(session, mail + 1);
    if (entry != NULL && entry->outcome == SMTP_ANSWERED)
        return (struct recipient_reply){recipient_reply_of_entry(entry), entry};
    if (entry != NULL)
        return (struct recipient_reply){
            entry->outcome == SMTP_BAD_ARGUMENT ? RECIPIENT_OURS : RECIPIENT_UNTOLD, entry};
    entry = smtp_session_step(session, mail);
    if (entry != NULL && entry->outcome == SMTP_ANSWERED)
        return (struct recipient_reply){recipient_reply_of_entry(entry), entry};
    if (entry != NULL)
        return (struct recipient_reply){
            entry->outcome == SMTP_BAD_ARGUMENT ? RECIPIENT_OURS : RECIPIENT_UNTOLD, entry};
    if (lacks_utf8(session))
        return (struct recipient_reply){RECIPIENT_NO_UTF8, NULL};
    entry = smtp_show_culprit(session);
    return (struct recipient_reply){
        entry == NULL ? RECIPIENT_UNTOLD : before_mail(entry, has_route, patience), entry};
}
