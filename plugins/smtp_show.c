#include "smtp_show.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "report/escape.h"

/* RFC 5321 4.2.2 */
#define BAD_PARAMETER 501
#define PARAMETER_UNKNOWN 504
/* Octets that the printed form of one takes at most: \xHH. */
#define PRINTED_MOST 4
#define MILLISECOND 1e3
#define SECOND 1e6

const char *smtp_show_stage(enum smtp_verb verb)
{
    static const char *const names[SMTP_VERBS] = {
        [SMTP_VERB_CONNECT] = "connect",   [SMTP_VERB_GREETING] = "banner",
        [SMTP_VERB_HANDSHAKE] = "tls",     [SMTP_VERB_UNSOLICITED] = "unsolicited",
        [SMTP_VERB_EHLO] = "ehlo",         [SMTP_VERB_HELO] = "helo",
        [SMTP_VERB_STARTTLS] = "starttls", [SMTP_VERB_LISTEN] = "listen",
        [SMTP_VERB_MAIL] = "mail",         [SMTP_VERB_RCPT] = "rcpt",
        [SMTP_VERB_DATA] = "data",         [SMTP_VERB_RSET] = "rset",
        [SMTP_VERB_VRFY] = "vrfy",         [SMTP_VERB_EXPN] = "expn",
        [SMTP_VERB_HELP] = "help",         [SMTP_VERB_NOOP] = "noop",
        [SMTP_VERB_XCLIENT] = "xclient",   [SMTP_VERB_XFORWARD] = "xforward",
        [SMTP_VERB_QUIT] = "quit",
    };
    return names[verb];
}

/* ---- words */

/* So that the printed form, where an octet may take four, is no longer than a value may be. */
static void cut_printed(struct text *out)
{
    struct text printed;
    text_init(&printed, ESCAPE_VALUE_MAX * PRINTED_MOST);
    for (;;) {
        text_clear(&printed);
        escape_text(&printed, text_slice(out), ESCAPE_VALUE_MAX * PRINTED_MOST);
        if (printed.length <= ESCAPE_VALUE_MAX) {
            break;
        }
        size_t excess = printed.length - ESCAPE_VALUE_MAX;
        text_cut(out, out->length - (excess + PRINTED_MOST - 1) / PRINTED_MOST);
        out->truncated = true;
    }
    text_release(&printed);
}

const char *smtp_show_text(struct report *report, struct slice text)
{
    struct text out;
    struct slice rest = slice_trim(text, " \t\r\n");
    text_init(&out, ESCAPE_VALUE_MAX);
    for (size_t i = 0; i < rest.length && !out.truncated; i++) {
        char octet = rest.start[i];
        if (octet == '\0') {
            text_append(&out, "\\x00");
        } else if (octet != '\r' || i + 1 == rest.length || rest.start[i + 1] != '\n') {
            text_append_char(&out, (char)(octet == '\n' ? ' ' : octet));
        }
    }
    cut_printed(&out);
    const char *result = arena_format(report->arena, "%s%s", out.start, out.truncated ? "..." : "");
    text_release(&out);
    return result;
}

/* What came of a reply that has no end, as it came: its whole lines with their codes, which are all
 * followed by a hyphen, then the one that is cut off. */
static const char *fragment_text(struct report *report, const struct smtp_entry *entry)
{
    struct text out;
    struct slice rest = entry->text;
    struct slice line;
    text_init(&out, ESCAPE_VALUE_MAX * PRINTED_MOST);
    for (size_t i = 0; slice_split(&rest, '\n', &line); i++) {
        text_append(&out, i > 0 ? "\n" : "");
        if (i < entry->line_count) {
            text_printf(&out, "%03u-", i == 0 ? entry->first_code : entry->code);
        }
        text_append_slice(&out, line);
    }
    const char *result = smtp_show_text(report, text_slice(&out));
    text_release(&out);
    return result;
}

const char *smtp_show_reply(struct report *report, const struct smtp_entry *entry)
{
    if (entry->outcome != SMTP_ANSWERED) {
        return fragment_text(report, entry);
    }
    const char *text = smtp_show_text(report, entry->text);
    if (entry->code == 0) {
        return text;
    }
    return arena_format(report->arena, "%03u%s%s", entry->code, text[0] != '\0' ? " " : "", text);
}

/* The verb as it was said: LHLO to LMTP. */
static const char *command_of(struct report *report, const struct smtp_entry *entry)
{
    struct slice sent = slice_of(entry->sent);
    bool is_lhlo = entry->verb == SMTP_VERB_EHLO && sent.length > 0;
    return is_lhlo ? arena_copy_slice(report->arena, slice_sub(sent, 0, slice_find(sent, ' ')))
                   : smtp_verb_name(entry->verb);
}

/* "the greeting", "the reply to EHLO" */
static const char *awaited(struct report *report, const struct smtp_entry *entry)
{
    if (entry->verb == SMTP_VERB_GREETING) {
        return "the greeting";
    }
    if (entry->verb == SMTP_VERB_HANDSHAKE) {
        return "the TLS handshake";
    }
    return arena_format(report->arena, "the reply to %s", command_of(report, entry));
}

/* "10 s", "0.25 s": nobody waits for microseconds. */
static const char *seconds_text(struct report *report, int64_t us)
{
    return us < (int64_t)MILLISECOND ? "a millisecond"
                                     : arena_format(report->arena, "%.3g s", (double)us / SECOND);
}

static const char *silent_text(struct report *report, const struct smtp_entry *entry)
{
    const char *seconds = seconds_text(report, entry->us);
    struct arena *arena = report->arena;
    if (entry->verb == SMTP_VERB_CONNECT) {
        return arena_format(arena, "no connection within %s", seconds);
    }
    if (entry->verb == SMTP_VERB_HANDSHAKE) {
        return arena_format(arena, "the TLS handshake was not done within %s", seconds);
    }
    const char *what = awaited(report, entry) + strlen("the ");
    if (entry->text.length == 0) {
        return arena_format(arena, "no %s within %s", what, seconds);
    }
    return arena_format(arena, "no whole %s within %s, only: %s", what, seconds,
                        fragment_text(report, entry));
}

static const char *ended_text(struct report *report, const struct smtp_entry *entry)
{
    struct arena *arena = report->arena;
    const char *what = awaited(report, entry);
    if (entry->verb == SMTP_VERB_CONNECT) {
        return stream_failure_text(entry->failure);
    }
    const char *how = entry->failure == STREAM_CLOSED  ? "closed"
                      : entry->failure == STREAM_RESET ? "reset"
                                                       : NULL;
    const char *said = entry->text.length == 0
                           ? ""
                           : arena_format(arena, ", after: %s", fragment_text(report, entry));
    if (how == NULL) {
        return arena_format(arena, "%s while %s was awaited%s", stream_failure_text(entry->failure),
                            what, said);
    }
    return arena_format(arena, "the connection was %s while %s was awaited%s", how, what, said);
}

static const char *handshake_text(struct report *report, const struct smtp_entry *entry,
                                  const struct tls_facts *tls)
{
    struct arena *arena = report->arena;
    switch (tls->outcome) {
    case TLS_NOT_TLS:
        return arena_format(arena, "the server does not answer in TLS: %s",
                            smtp_show_text(report, tls->clear));
    case TLS_ALERTED:
        return arena_format(arena, "the server refused the TLS handshake: %s",
                            tls->alert_name != NULL ? tls->alert_name : "an alert");
    case TLS_FAILED:
    case TLS_UNUSABLE_REQUEST:
        return arena_format(arena, "the TLS handshake failed: %s", tls->reason);
    case TLS_AGREED:
        return "the server agreed, and the handshake was left there";
    case TLS_CUT:
        return entry->failure == STREAM_RESET ? "the connection was reset in the TLS handshake"
                                              : "the connection was closed in the TLS handshake";
    case TLS_PENDING:
    case TLS_ESTABLISHED:
        break;
    }
    return NULL;
}

const struct smtp_entry *smtp_show_culprit(const struct smtp_session *session)
{
    const struct smtp_entry *failed = smtp_session_failed(session);
    if (failed != NULL) {
        return failed;
    }
    for (size_t i = 0; i < session->entry_count; i++) {
        const struct smtp_entry *entry = &session->entries[i];
        bool is_required = entry->step != SMTP_NO_STEP &&
                           (session->request->steps[entry->step].flags & SMTP_STEP_REQUIRED) != 0;
        bool must_be_good = entry->verb == SMTP_VERB_GREETING || entry->verb == SMTP_VERB_HELO ||
                            entry->verb == SMTP_VERB_EHLO || is_required;
        bool goes_on_with_helo = entry->verb == SMTP_VERB_EHLO && i + 1 < session->entry_count &&
                                 session->entries[i + 1].verb == SMTP_VERB_HELO;
        if (entry->verb != SMTP_VERB_QUIT && entry->outcome == SMTP_ANSWERED && entry->code != 0 &&
            !goes_on_with_helo &&
            (entry->code == 421 || (must_be_good && entry->code / 100 != 2))) {
            return entry;
        }
    }
    return NULL;
}

static const char *refused_text(struct report *report, const struct smtp_entry *entry)
{
    const char *reply = smtp_show_reply(report, entry);
    if (entry->verb == SMTP_VERB_GREETING || entry->verb == SMTP_VERB_UNSOLICITED) {
        return reply;
    }
    return arena_format(report->arena, "%s in reply to %s", reply, command_of(report, entry));
}

static const char *malformed_text(struct report *report, const struct smtp_entry *entry)
{
    return arena_format(report->arena, "%s is no SMTP reply (%s): %s", awaited(report, entry),
                        smtp_reply_error_text(entry->error), fragment_text(report, entry));
}

bool smtp_show_is_own_name(const struct smtp_options *options, const struct smtp_entry *entry)
{
    return options->ehlo != NULL && entry->outcome == SMTP_ANSWERED &&
           (entry->verb == SMTP_VERB_EHLO || entry->verb == SMTP_VERB_HELO) &&
           (entry->code == BAD_PARAMETER || entry->code == PARAMETER_UNKNOWN);
}

const char *smtp_show_own_header(struct report *report, const struct smtp_session *session)
{
    if (session == NULL || session->request->target.proxy == PROXY_NONE) {
        return NULL;
    }
    for (size_t i = 0; i < session->entry_count; i++) {
        const struct smtp_entry *entry = &session->entries[i];
        if ((entry->verb == SMTP_VERB_EHLO || entry->verb == SMTP_VERB_UNSOLICITED) &&
            entry->outcome == SMTP_ANSWERED && entry->code / 100 == 5) {
            return arena_format(report->arena,
                                "the server does not expect the header of --proxy-protocol: %s",
                                smtp_show_reply(report, entry));
        }
    }
    return NULL;
}

const char *smtp_show_failure(struct report *report, const struct smtp_session *session)
{
    if (session == NULL) {
        return "";
    }
    if (session->entry_count == 0) {
        return "not asked in time";
    }
    if (session->tls_error != NULL) {
        return session->tls_error;
    }
    const struct smtp_entry *entry = smtp_show_culprit(session);
    const char *handshake = NULL;
    if (entry == NULL) {
        return "";
    }
    if (entry->verb == SMTP_VERB_HANDSHAKE && session->tls != NULL) {
        handshake = handshake_text(report, entry, session->tls);
    }
    if (handshake != NULL) {
        return handshake;
    }
    switch (entry->outcome) {
    case SMTP_SILENT:
        return silent_text(report, entry);
    case SMTP_ENDED:
        return ended_text(report, entry);
    case SMTP_MALFORMED:
        return malformed_text(report, entry);
    default:
        return refused_text(report, entry);
    }
}

double smtp_show_seconds(const struct smtp_session *session, enum smtp_verb verb)
{
    const struct smtp_entry *entry = smtp_session_find(session, verb);
    return entry == NULL || entry->outcome != SMTP_ANSWERED ? (double)NAN
                                                            : (double)entry->us / SECOND;
}

/* ---- the transcript */

static const char *outcome_text(struct report *report, const struct smtp_session *session,
                                const struct smtp_entry *entry)
{
    const char *handshake =
        entry->verb == SMTP_VERB_HANDSHAKE && entry->outcome == SMTP_ENDED && session->tls != NULL
            ? handshake_text(report, entry, session->tls)
            : NULL;
    if (handshake != NULL) {
        return handshake;
    }
    switch (entry->outcome) {
    case SMTP_ANSWERED:
        return entry->code == 0 ? "done" : smtp_show_reply(report, entry);
    case SMTP_SILENT:
        return entry->verb == SMTP_VERB_LISTEN ? "nothing, as it should be"
                                               : silent_text(report, entry);
    case SMTP_MALFORMED:
        return malformed_text(report, entry);
    case SMTP_ENDED:
        return ended_text(report, entry);
    case SMTP_BAD_ARGUMENT:
        return "not sent: the argument would break the line";
    case SMTP_NOT_ASKED:
        break;
    }
    return "not asked";
}

static void show_lines(struct report *report, const struct smtp_entry *entry)
{
    struct slice rest = entry->text;
    struct slice line;
    while (slice_split(&rest, '\n', &line)) {
        report_detail(report, 2, "    %03u%c%s", entry->code, rest.start == NULL ? ' ' : '-',
                      smtp_show_text(report, line));
    }
}

void smtp_show_transcript(struct report *report, const struct smtp_session *session,
                          const char *target, int verbosity)
{
    for (size_t i = 0; i < session->entry_count; i++) {
        const struct smtp_entry *entry = &session->entries[i];
        bool is_long = verbosity >= 2 && entry->outcome == SMTP_ANSWERED && entry->line_count > 1;
        const char *said = entry->sent[0] != '\0' ? entry->sent : smtp_verb_name(entry->verb);
        report_detail(report, 1, "%s %.3f s%s %s: %s (%.1f ms)", target,
                      (double)entry->at_us / SECOND, entry->tls ? " TLS" : "", said,
                      is_long ? arena_format(report->arena, "%zu lines", entry->line_count)
                              : outcome_text(report, session, entry),
                      (double)entry->us / MILLISECOND);
        if (is_long) {
            show_lines(report, entry);
        }
    }
    if (session->quit_unheard) {
        report_detail(report, 1, "%s %.3f s QUIT: its reply was not waited for", target,
                      (double)session->us / SECOND);
    }
}

/* ---- JSON */

static void put_text(struct report *report, json_t *object, const char *key, const char *value)
{
    json_object_set_new(object, key, report_json_string(report, value));
}

static json_t *stages_json(const struct smtp_session *session)
{
    json_t *array = json_array();
    for (size_t i = 0; i < session->entry_count; i++) {
        const struct smtp_entry *entry = &session->entries[i];
        if (entry->verb == SMTP_VERB_UNSOLICITED) {
            continue;
        }
        json_t *object = json_object();
        json_object_set_new(object, "name", json_string(smtp_show_stage(entry->verb)));
        json_object_set_new(object, "ms", json_real((double)entry->us / MILLISECOND));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *transcript_json(struct report *report, const struct smtp_session *session)
{
    static const char *const outcomes[] = {
        [SMTP_NOT_ASKED] = "not-sent", [SMTP_ANSWERED] = "answered",
        [SMTP_SILENT] = "silent",      [SMTP_MALFORMED] = "malformed",
        [SMTP_ENDED] = "ended",        [SMTP_BAD_ARGUMENT] = "not-sent",
    };
    json_t *array = json_array();
    for (size_t i = 0; i < session->entry_count; i++) {
        const struct smtp_entry *entry = &session->entries[i];
        char status[SMTP_STATUS_TEXT_SIZE];
        json_t *object = json_object();
        put_text(report, object, "verb", smtp_verb_name(entry->verb));
        put_text(report, object, "sent", entry->sent);
        put_text(report, object, "outcome", outcomes[entry->outcome]);
        json_object_set_new(object, "code", json_integer(entry->code));
        put_text(report, object, "enhanced", smtp_status_print(&entry->status, status));
        put_text(report, object, "text",
                 entry->outcome == SMTP_ENDED && entry->text.length == 0
                     ? stream_failure_text(entry->failure)
                     : smtp_show_text(report, entry->text));
        json_object_set_new(object, "ms", json_real((double)entry->us / MILLISECOND));
        json_object_set_new(object, "tls", json_boolean(entry->tls));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *extensions_json(struct report *report, const struct smtp_session *session)
{
    json_t *array = json_array();
    const struct smtp_ehlo *ehlo = session->ehlo_tls != NULL ? session->ehlo_tls : session->ehlo;
    for (size_t i = 0; ehlo != NULL && i < ehlo->count; i++) {
        const struct smtp_keyword *keyword = &ehlo->keywords[i];
        const char *name = smtp_show_text(report, keyword->name);
        const char *parameters = smtp_show_text(report, keyword->parameters);
        json_array_append_new(
            array,
            report_json_string(report, arena_format(report->arena, "%s%s%s", name,
                                                    parameters[0] != '\0' ? " " : "", parameters)));
    }
    return array;
}

json_t *smtp_show_json(struct report *report, const struct smtp_session *session,
                       const char *target)
{
    const struct endpoint *endpoint = &session->request->target.endpoint;
    const struct smtp_entry *greeting = smtp_session_find(session, SMTP_VERB_GREETING);
    bool is_greeted = greeting != NULL && greeting->outcome == SMTP_ANSWERED;
    char address[IP_TEXT_SIZE];
    struct smtp_name name = {.name = SLICE_LITERAL("")};
    json_t *object = json_object();
    bool is_path = session->request->target.path != NULL;
    put_text(report, object, "address", is_path ? target : ip_print(&endpoint->address, address));
    json_object_set_new(object, "port", is_path ? json_null() : json_integer(endpoint->port));
    json_object_set_new(object, "stages", stages_json(session));
    if (is_greeted) {
        smtp_name_parse(greeting->text, &name);
    }
    put_text(report, object, "greeting", is_greeted ? smtp_show_reply(report, greeting) : NULL);
    put_text(report, object, "banner_name", is_greeted ? smtp_show_text(report, name.name) : NULL);
    json_object_set_new(object, "extensions", extensions_json(report, session));
    json_object_set_new(object, "ptr", json_null());
    json_object_set_new(object, "transcript", transcript_json(report, session));
    return object;
}
