#include "net/smtp_dialogue.h"

#include <stdlib.h>

#include "base/memory.h"

#define UNSOLICITED_MAX 4
/* Entries that come without a step: connect, handshake, greeting, QUIT, unsolicited ones. A step
 * makes two at most: EHLO and HELO, STARTTLS and the handshake. */
#define ENTRIES_BESIDE (4 + UNSOLICITED_MAX)
/* How long the server may take to close after QUIT. */
#define CLOSING_US INT64_C(250000)
#define CLEAR_KEPT 512
#define NOT_AVAILABLE 421
#define NO_MAIL_HERE 521 /* RFC 7504 3 */
#define READY 220

enum phase {
    IDLE,
    CONNECTING,
    HANDSHAKING,
    READING,
    CLOSING,
    OVER,
};

struct smtp_dialogue {
    struct smtp_shared *shared;
    struct arena *arena;
    struct smtp_session *session;
    const struct smtp_request *request;
    struct stream *stream;
    enum phase phase;
    size_t next_step;
    struct smtp_entry *entry; /* under way */
    struct smtp_reply reply;
    struct text command;
    struct deadline until; /* of the stage */
    int64_t began, entry_began;
    size_t unsolicited;
    bool is_tls;
    bool is_greeted; /* the greeting was whole, whatever it said */
    bool mail_accepted;
    bool rcpt_accepted; /* or XCLIENT, XFORWARD */
    unsigned refusals;
};

static void on_change(void *context);
static void next(struct smtp_dialogue *dialogue);

struct smtp_dialogue *smtp_dialogue_new(struct smtp_shared *shared, struct arena *arena,
                                        const struct smtp_request *request)
{
    struct smtp_dialogue *dialogue = memory_new(1, sizeof *dialogue);
    dialogue->shared = shared;
    dialogue->arena = arena;
    dialogue->request = request;
    dialogue->session = arena_alloc(arena, sizeof *dialogue->session);
    dialogue->session->request = request;
    dialogue->session->entries =
        arena_array(arena, request->step_count * 2 + ENTRIES_BESIDE, sizeof(struct smtp_entry));
    smtp_reply_init(&dialogue->reply);
    text_init(&dialogue->command, SMTP_COMMAND_MAX);
    return dialogue;
}

void smtp_dialogue_free(struct smtp_dialogue *dialogue)
{
    stream_close(dialogue->stream);
    smtp_reply_release(&dialogue->reply);
    text_release(&dialogue->command);
    free(dialogue);
}

struct smtp_session *smtp_dialogue_session(struct smtp_dialogue *dialogue)
{
    return dialogue->session;
}

bool smtp_dialogue_is_over(const struct smtp_dialogue *dialogue)
{
    return dialogue->phase == OVER;
}

struct deadline smtp_dialogue_deadline(const struct smtp_dialogue *dialogue)
{
    return dialogue->until;
}

/* ---- the transcript */

static int64_t budget_of(const struct smtp_dialogue *dialogue, enum smtp_verb verb, size_t step)
{
    const int64_t *budgets = dialogue->shared->settings.budgets_us;
    if (step != SMTP_NO_STEP && dialogue->request->steps[step].budget_us > 0) {
        return dialogue->request->steps[step].budget_us;
    }
    return budgets[verb] > 0 ? budgets[verb] : smtp_verb_budget(verb);
}

static void begin(struct smtp_dialogue *dialogue, enum smtp_verb verb, size_t step,
                  enum phase phase)
{
    struct smtp_session *session = dialogue->session;
    dialogue->entry_began = clock_now();
    dialogue->entry = &session->entries[session->entry_count++];
    *dialogue->entry = (struct smtp_entry){
        .verb = verb,
        .step = step,
        .sent = "",
        .text = SLICE_LITERAL(""),
        .at_us = dialogue->entry_began - dialogue->began,
        .tls = dialogue->is_tls,
    };
    smtp_reply_clear(&dialogue->reply);
    dialogue->phase = phase;
    dialogue->until = deadline_cut(dialogue->shared->deadline, budget_of(dialogue, verb, step));
}

/* What came, an unfinished line included. */
static struct slice text_so_far(struct smtp_dialogue *dialogue)
{
    struct smtp_reply *reply = &dialogue->reply;
    if (smtp_reply_is_partial(reply) && reply->line.length > 0) {
        if (reply->line_count > 0) {
            text_append_char(&reply->text, '\n');
        }
        text_append_slice(&reply->text, text_slice(&reply->line));
    }
    struct slice text = smtp_reply_lines(reply);
    return slice_new(arena_copy_slice(dialogue->arena, text), text.length);
}

static void settle(struct smtp_dialogue *dialogue, enum smtp_outcome outcome)
{
    struct smtp_entry *entry = dialogue->entry;
    const struct smtp_reply *reply = &dialogue->reply;
    entry->outcome = outcome;
    entry->us = clock_now() - dialogue->entry_began;
    entry->code = reply->code;
    entry->first_code = reply->first_code;
    entry->status = reply->status;
    entry->line_count = reply->line_count;
    entry->deviations = reply->deviations;
    entry->error = reply->error;
    entry->failure = stream_failure(dialogue->stream);
    entry->text = text_so_far(dialogue);
}

/* ---- the end */

static void over(struct smtp_dialogue *dialogue)
{
    dialogue->session->us = clock_now() - dialogue->began;
    dialogue->session->is_complete =
        dialogue->phase == CLOSING || dialogue->entry->verb == SMTP_VERB_QUIT ||
        dialogue->entry->outcome != SMTP_SILENT || deadline_left(dialogue->shared->deadline) > 0;
    stream_close(dialogue->stream);
    dialogue->stream = NULL;
    dialogue->phase = OVER;
}

/* Nothing more is said but close_notify. */
static void hang_up(struct smtp_dialogue *dialogue)
{
    stream_finish(dialogue->stream);
    over(dialogue);
}

/* Behind STARTTLS come octets of TLS, behind DATA those of a message. */
static bool may_say_quit(const struct smtp_dialogue *dialogue)
{
    switch (dialogue->entry->verb) {
    case SMTP_VERB_HANDSHAKE:
    case SMTP_VERB_STARTTLS:
    case SMTP_VERB_DATA:
    case SMTP_VERB_QUIT:
        return false;
    default:
        return dialogue->is_greeted;
    }
}

/* Of a server that does not answer as it should. What it says to that is not waited for. */
static void take_leave(struct smtp_dialogue *dialogue)
{
    dialogue->session->quit_unheard =
        may_say_quit(dialogue) && stream_send(dialogue->stream, SLICE_LITERAL("QUIT\r\n"));
    hang_up(dialogue);
}

static void wait_for_close(struct smtp_dialogue *dialogue)
{
    stream_finish(dialogue->stream);
    dialogue->phase = CLOSING;
    dialogue->until = deadline_cut(dialogue->shared->deadline, CLOSING_US);
    on_change(dialogue);
}

/* ---- saying */

static void read_reply(struct smtp_dialogue *dialogue);

/* Sends what stands in `command`, with what is behind it in the same segment. */
static void say(struct smtp_dialogue *dialogue, const char *behind)
{
    dialogue->entry->sent = arena_copy_slice(dialogue->arena, text_slice(&dialogue->command));
    struct text line;
    text_init(&line, SMTP_COMMAND_MAX * 2);
    text_append_slice(&line, text_slice(&dialogue->command));
    text_append(&line, "\r\n");
    text_append(&line, behind);
    bool is_sent = stream_failure(dialogue->stream) == STREAM_FINE &&
                   stream_send(dialogue->stream, text_slice(&line));
    text_release(&line);
    if (!is_sent) {
        settle(dialogue, SMTP_ENDED);
        hang_up(dialogue);
    }
}

static void quit(struct smtp_dialogue *dialogue)
{
    smtp_step_print(SMTP_VERB_QUIT, NULL, false, &dialogue->command);
    begin(dialogue, SMTP_VERB_QUIT, SMTP_NO_STEP, READING);
    say(dialogue, "");
}

static bool make_context(struct smtp_dialogue *dialogue)
{
    struct smtp_shared *shared = dialogue->shared;
    if (shared->tls == NULL && shared->tls_error[0] == '\0') {
        shared->tls = tls_context_new(&shared->settings.authorities, shared->tls_error);
    }
    dialogue->session->tls_error =
        shared->tls == NULL ? arena_copy(dialogue->arena, shared->tls_error) : NULL;
    return shared->tls != NULL;
}

static void shake_hands(struct smtp_dialogue *dialogue)
{
    begin(dialogue, SMTP_VERB_HANDSHAKE, SMTP_NO_STEP, HANDSHAKING);
    struct tls *tls = tls_new(dialogue->shared->tls, dialogue->arena, &dialogue->request->tls);
    stream_start_tls(dialogue->stream, tls);
    dialogue->session->tls = stream_tls(dialogue->stream);
    on_change(dialogue);
}

static void await_greeting(struct smtp_dialogue *dialogue)
{
    const struct smtp_request *request = dialogue->request;
    begin(dialogue, SMTP_VERB_GREETING, SMTP_NO_STEP, READING);
    if (request->talks_early &&
        smtp_step_print(SMTP_VERB_EHLO, request->name, request->lmtp, &dialogue->command)) {
        say(dialogue, "");
    }
    if (dialogue->phase == READING) {
        read_reply(dialogue);
    }
}

/* ---- the script */

static const struct smtp_ehlo *offered(const struct smtp_dialogue *dialogue)
{
    return dialogue->is_tls ? dialogue->session->ehlo_tls : dialogue->session->ehlo;
}

static bool is_left_out(const struct smtp_dialogue *dialogue, const struct smtp_step *step)
{
    const struct smtp_ehlo *ehlo = offered(dialogue);
    if ((step->flags & SMTP_STEP_IF_OFFERED) != 0 &&
        (ehlo == NULL || smtp_ehlo_find(ehlo, step->keyword) == NULL)) {
        return true;
    }
    return ((step->flags & SMTP_STEP_IF_TLS) != 0 && !dialogue->is_tls) ||
           ((step->flags & SMTP_STEP_IF_MAIL) != 0 && !dialogue->mail_accepted) ||
           ((step->flags & SMTP_STEP_UNLESS_MAIL) != 0 && dialogue->mail_accepted) ||
           ((step->flags & SMTP_STEP_IF_RCPT) != 0 && !dialogue->rcpt_accepted);
}

/* True when the dialogue goes on with another step at once. */
static bool play(struct smtp_dialogue *dialogue, size_t index)
{
    const struct smtp_step *step = &dialogue->request->steps[index];
    const char *argument = step->argument;
    if (argument == NULL && (step->verb == SMTP_VERB_EHLO || step->verb == SMTP_VERB_HELO)) {
        argument = dialogue->request->name;
    }
    if (step->verb == SMTP_VERB_LISTEN) {
        begin(dialogue, step->verb, index, READING);
        read_reply(dialogue);
        return false;
    }
    bool is_good =
        smtp_step_print(step->verb, argument, dialogue->request->lmtp, &dialogue->command);
    if (step->verb == SMTP_VERB_STARTTLS && !make_context(dialogue)) {
        quit(dialogue);
        return false;
    }
    begin(dialogue, step->verb, index, READING);
    if (!is_good) {
        settle(dialogue, SMTP_BAD_ARGUMENT);
        if ((step->flags & SMTP_STEP_REQUIRED) != 0) {
            quit(dialogue);
        }
        return (step->flags & SMTP_STEP_REQUIRED) == 0;
    }
    bool injects = step->verb == SMTP_VERB_STARTTLS && (step->flags & SMTP_STEP_INJECT) != 0;
    say(dialogue, injects ? "NOOP\r\n" : "");
    return false;
}

/* What the server says out of turn. True when it says goodbye. */
static bool hear_unsolicited(struct smtp_dialogue *dialogue)
{
    bool is_goodbye = false;
    struct slice input = stream_input(dialogue->stream);
    while (input.length > 0 && dialogue->unsolicited < UNSOLICITED_MAX) {
        dialogue->unsolicited++;
        begin(dialogue, SMTP_VERB_UNSOLICITED, SMTP_NO_STEP, READING);
        int status = smtp_reply_feed(&dialogue->reply, &input);
        settle(dialogue, status > 0 ? SMTP_ANSWERED : status < 0 ? SMTP_MALFORMED : SMTP_SILENT);
        is_goodbye = is_goodbye || (status > 0 && dialogue->entry->code == NOT_AVAILABLE);
    }
    stream_consume(dialogue->stream, STREAM_INPUT_MAX);
    return is_goodbye;
}

static bool has_enough(const struct smtp_dialogue *dialogue)
{
    unsigned most = dialogue->request->refusals_max;
    return most > 0 && dialogue->refusals >= most;
}

static size_t find_next(struct smtp_dialogue *dialogue)
{
    const struct smtp_request *request = dialogue->request;
    bool is_enough = has_enough(dialogue);
    while (dialogue->next_step < request->step_count) {
        const struct smtp_step *step = &request->steps[dialogue->next_step];
        /* QUIT does what RSET would. */
        if (!is_left_out(dialogue, step) && !(is_enough && step->verb == SMTP_VERB_RSET)) {
            break;
        }
        dialogue->next_step++;
    }
    dialogue->session->next_step = dialogue->next_step;
    dialogue->session->has_more = is_enough && dialogue->next_step < request->step_count;
    return dialogue->next_step;
}

static void next(struct smtp_dialogue *dialogue)
{
    const struct smtp_request *request = dialogue->request;
    bool goes_on = true;
    while (goes_on) {
        size_t index = find_next(dialogue);
        bool listens =
            index < request->step_count && request->steps[index].verb == SMTP_VERB_LISTEN;
        bool is_goodbye = !listens && hear_unsolicited(dialogue);
        if (is_goodbye || index >= request->step_count || dialogue->session->has_more) {
            quit(dialogue);
            return;
        }
        dialogue->next_step++;
        goes_on = play(dialogue, index);
    }
}

/* ---- hearing */

static const struct smtp_ehlo *keep_ehlo(struct smtp_dialogue *dialogue)
{
    struct smtp_ehlo *ehlo = arena_alloc(dialogue->arena, sizeof *ehlo);
    smtp_ehlo_parse(dialogue->entry->text, ehlo);
    return ehlo;
}

static void after_ehlo(struct smtp_dialogue *dialogue, bool is_accepted)
{
    unsigned code = dialogue->entry->code;
    if (is_accepted && dialogue->is_tls) {
        dialogue->session->ehlo_tls = keep_ehlo(dialogue);
    } else if (is_accepted) {
        dialogue->session->ehlo = keep_ehlo(dialogue);
    } else if (!dialogue->request->lmtp && code / 100 == 5 && code != NO_MAIL_HERE &&
               !has_enough(dialogue)) {
        const char *name = dialogue->entry->sent + sizeof "EHLO";
        smtp_step_print(SMTP_VERB_HELO, name, false, &dialogue->command);
        hear_unsolicited(dialogue);
        begin(dialogue, SMTP_VERB_HELO, SMTP_NO_STEP, READING);
        say(dialogue, "");
        return;
    }
    if (is_accepted) {
        next(dialogue);
    } else {
        quit(dialogue);
    }
}

static void after_starttls(struct smtp_dialogue *dialogue)
{
    struct slice clear = slice_sub(stream_input(dialogue->stream), 0, CLEAR_KEPT);
    if (clear.length > 0) {
        dialogue->session->clear_after_starttls =
            slice_new(arena_copy_slice(dialogue->arena, clear), clear.length);
        stream_consume(dialogue->stream, STREAM_INPUT_MAX);
    }
    shake_hands(dialogue);
}

static void after_command(struct smtp_dialogue *dialogue, bool is_accepted)
{
    const struct smtp_entry *entry = dialogue->entry;
    bool is_required = entry->step != SMTP_NO_STEP &&
                       (dialogue->request->steps[entry->step].flags & SMTP_STEP_REQUIRED) != 0;
    if (entry->verb == SMTP_VERB_MAIL || entry->verb == SMTP_VERB_RSET) {
        dialogue->mail_accepted = is_accepted && entry->verb == SMTP_VERB_MAIL;
        dialogue->rcpt_accepted = false;
    } else if (entry->verb == SMTP_VERB_RCPT || entry->verb == SMTP_VERB_XCLIENT ||
               entry->verb == SMTP_VERB_XFORWARD) {
        dialogue->rcpt_accepted = is_accepted;
    }
    if (entry->code == NOT_AVAILABLE || (is_required && !is_accepted)) {
        quit(dialogue);
    } else {
        next(dialogue);
    }
}

static void after_data(struct smtp_dialogue *dialogue)
{
    unsigned class = dialogue->entry->code / 100;
    if (class == 4 || class == 5) {
        after_command(dialogue, false);
    } else {
        /* What we said now would be content. */
        over(dialogue);
    }
}

static void after_reply(struct smtp_dialogue *dialogue)
{
    unsigned code = dialogue->entry->code;
    bool is_accepted = code / 100 == 2;
    dialogue->refusals += code / 100 >= 4;
    dialogue->is_greeted = true;
    switch (dialogue->entry->verb) {
    case SMTP_VERB_GREETING:
    case SMTP_VERB_HELO:
        if (is_accepted) {
            next(dialogue);
        } else {
            quit(dialogue);
        }
        break;
    case SMTP_VERB_EHLO:
        after_ehlo(dialogue, is_accepted);
        break;
    case SMTP_VERB_STARTTLS:
        if (code == READY && !dialogue->is_tls) {
            after_starttls(dialogue);
        } else {
            after_command(dialogue, false);
        }
        break;
    case SMTP_VERB_DATA:
        after_data(dialogue);
        break;
    case SMTP_VERB_QUIT:
        wait_for_close(dialogue);
        break;
    default:
        after_command(dialogue, is_accepted);
        break;
    }
}

static void read_reply(struct smtp_dialogue *dialogue)
{
    struct slice input = stream_input(dialogue->stream);
    size_t length = input.length;
    int status = smtp_reply_feed(&dialogue->reply, &input);
    stream_consume(dialogue->stream, length - input.length);
    if (status > 0) {
        settle(dialogue, SMTP_ANSWERED);
        after_reply(dialogue);
    } else if (status < 0) {
        settle(dialogue, SMTP_MALFORMED);
        take_leave(dialogue);
    } else if (stream_failure(dialogue->stream) != STREAM_FINE) {
        settle(dialogue, SMTP_ENDED);
        hang_up(dialogue);
    }
}

static void check_connection(struct smtp_dialogue *dialogue)
{
    if (stream_is_connected(dialogue->stream)) {
        dialogue->session->local = stream_local(dialogue->stream);
        settle(dialogue, SMTP_ANSWERED);
        if (!dialogue->request->implicit_tls) {
            await_greeting(dialogue);
        } else if (make_context(dialogue)) {
            shake_hands(dialogue);
        } else {
            hang_up(dialogue);
        }
    } else if (stream_failure(dialogue->stream) != STREAM_FINE) {
        settle(dialogue, SMTP_ENDED);
        over(dialogue);
    }
}

static void check_handshake(struct smtp_dialogue *dialogue)
{
    enum tls_outcome outcome = dialogue->session->tls->outcome;
    if (outcome == TLS_ESTABLISHED) {
        settle(dialogue, SMTP_ANSWERED);
        dialogue->is_tls = true;
        if (dialogue->request->implicit_tls) {
            await_greeting(dialogue);
        } else {
            next(dialogue);
        }
    } else if (outcome != TLS_PENDING || stream_failure(dialogue->stream) != STREAM_FINE) {
        settle(dialogue, SMTP_ENDED);
        hang_up(dialogue);
    }
}

static void on_change(void *context)
{
    struct smtp_dialogue *dialogue = context;
    switch (dialogue->phase) {
    case CONNECTING:
        check_connection(dialogue);
        break;
    case HANDSHAKING:
        check_handshake(dialogue);
        break;
    case READING:
        read_reply(dialogue);
        break;
    case CLOSING:
        stream_consume(dialogue->stream, STREAM_INPUT_MAX);
        if (stream_failure(dialogue->stream) != STREAM_FINE) {
            dialogue->session->closed_by_server = stream_failure(dialogue->stream) == STREAM_CLOSED;
            over(dialogue);
        }
        break;
    case IDLE:
    case OVER:
        break;
    }
}

void smtp_dialogue_start(struct smtp_dialogue *dialogue)
{
    dialogue->began = clock_now();
    begin(dialogue, SMTP_VERB_CONNECT, SMTP_NO_STEP, CONNECTING);
    dialogue->stream =
        stream_open(dialogue->shared->loop, &dialogue->request->target, on_change, dialogue);
    on_change(dialogue);
}

void smtp_dialogue_expire(struct smtp_dialogue *dialogue)
{
    if (dialogue->phase == CLOSING) {
        over(dialogue);
        return;
    }
    settle(dialogue, SMTP_SILENT);
    if (dialogue->entry->verb == SMTP_VERB_LISTEN &&
        deadline_left(dialogue->shared->deadline) > 0) {
        next(dialogue);
    } else {
        take_leave(dialogue);
    }
}
