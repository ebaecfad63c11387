#include <stdio.h>

#include "pattern.h"
#include "session.h"

#define DEFAULT_NAME "mail.test"
#define DEFAULT_DOMAIN "example.test"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *const default_mailboxes[] = {"postmaster", "abuse", "alice"};

static const char *const default_offers[] = {
    "PIPELINING", "SIZE 10240000", "STARTTLS", "ENHANCEDSTATUSCODES", "8BITMIME",
};

static struct slice server_name(const struct session *session)
{
    const struct setting *setting = script_setting(session->script, SETTING_NAME, &session->facts);

    return setting != NULL ? setting->value : SLICE_LITERAL(DEFAULT_NAME);
}

void session_values(const struct session *session, struct slice number,
                    struct slice values[EXPAND_VARIABLES])
{
    const struct slice *texts = session->facts.texts;

    values[EXPAND_NAME] = server_name(session);
    values[EXPAND_CLIENT] = texts[CONDITION_FROM];
    values[EXPAND_HELO] = texts[CONDITION_HELO];
    values[EXPAND_SENDER] = texts[CONDITION_SENDER];
    values[EXPAND_TO] = texts[CONDITION_TO];
    values[EXPAND_ARGUMENT] = texts[CONDITION_ARGUMENT];
    values[EXPAND_CONNECTION] = number;
}

static void say(struct text *reply, const char *line)
{
    text_append(reply, line);
    text_append(reply, "\r\n");
}

static struct slice keyword_of(struct slice line)
{
    return slice_sub(line, 0, slice_find(line, ' '));
}

static bool is_withheld(const struct session *session, struct slice keyword)
{
    const struct setting *setting;
    size_t at = 0;

    while ((setting = script_next_setting(session->script, SETTING_WITHHOLD, &session->facts,
                                          &at)) != NULL) {
        if (slice_equals_ignoring_case(setting->value, keyword))
            return true;
    }
    return false;
}

static const struct setting *offer_of(const struct session *session, struct slice keyword)
{
    const struct setting *setting;
    size_t at = 0;

    while ((setting = script_next_setting(session->script, SETTING_OFFER, &session->facts, &at)) !=
           NULL) {
        if (slice_equals_ignoring_case(keyword_of(setting->value), keyword))
            break;
    }
    return setting;
}

/* The line of the reply to EHLO with this keyword; start NULL: there is none. */
static struct slice offered_line(const struct session *session, struct slice keyword)
{
    const struct setting *offer = offer_of(session, keyword);

    if (offer != NULL)
        return offer->value;
    for (size_t i = 0; i < COUNT_OF(default_offers); i++) {
        struct slice line = slice_of(default_offers[i]);

        if (slice_equals_ignoring_case(keyword_of(line), keyword) && !is_withheld(session, keyword))
            return line;
    }
    return (struct slice){0};
}

static void add_offer(struct text *reply, struct slice line)
{
    text_append(reply, "\r\n250-");
    text_append_slice(reply, line);
}

/* ehlo-ok-rsp, RFC 5321 4.1.1.1: the default keywords, then those of the script. */
static void reply_to_ehlo(const struct session *session, struct text *reply)
{
    const struct setting *setting;
    size_t at = 0, last = reply->length;

    text_append(reply, "250-");
    text_append_slice(reply, server_name(session));
    for (size_t i = 0; i < COUNT_OF(default_offers); i++) {
        struct slice line = slice_of(default_offers[i]);
        struct slice keyword = keyword_of(line);
        bool is_starttls = slice_equals_text(keyword, "STARTTLS");

        if (is_withheld(session, keyword) || offer_of(session, keyword) != NULL ||
            (is_starttls && (!session->can_tls || session->facts.tls)))
            continue;
        last = reply->length + 2;
        add_offer(reply, line);
    }
    while ((setting = script_next_setting(session->script, SETTING_OFFER, &session->facts, &at)) !=
           NULL) {
        last = reply->length + 2;
        add_offer(reply, setting->value);
    }
    text_append(reply, "\r\n");
    reply->start[last + 3] = ' ';
}

static void reply_to_hello(const struct session *session, enum step step, struct text *reply)
{
    if (session->lmtp != (step == STEP_LHLO))
        say(reply, "500 5.5.1 Command unrecognized");
    else if (session->facts.texts[CONDITION_HELO].length == 0)
        say(reply, "501 5.5.4 Syntax: a name is missing");
    else if (step == STEP_HELO)
        text_printf(reply, "250 %.*s\r\n", SLICE_PRINTF(server_name(session)));
    else
        reply_to_ehlo(session, reply);
}

static void reply_to_starttls(const struct session *session, const struct command *command,
                              struct text *reply)
{
    if (session->facts.tls)
        say(reply, "503 5.5.1 TLS is active already");
    else if (!session->can_tls)
        say(reply, "502 5.5.1 Command not implemented");
    else if (command->argument.length > 0)
        say(reply, "501 5.5.4 Syntax: STARTTLS");
    else
        say(reply, "220 2.0.0 Ready to start TLS");
}

/* esmtp-param of MAIL, with the keyword in the reply to EHLO that allows it. */
static const char *const parameters[][2] = {
    {"SIZE",     "SIZE"    }, /* RFC 1870 */
    {"BODY",     "8BITMIME"}, /* RFC 6152 */
    {"SMTPUTF8", "SMTPUTF8"}, /* RFC 6531 */
    {"AUTH",     "AUTH"    }, /* RFC 4954 5 */
    {"RET",      "DSN"     }, /* RFC 3461 */
    {"ENVID",    "DSN"     },
};

/* "SIZE 1000": the message is larger, or its size no number. */
static bool is_too_large(struct slice offer, struct slice size)
{
    uint64_t stated = 0, limit = 0;

    return slice_starts_with_ignoring_case(offer, "SIZE ") &&
           slice_to_number(slice_sub(offer, 5, offer.length), UINT64_MAX, &limit) && limit > 0 &&
           (!slice_to_number(size, UINT64_MAX, &stated) || stated > limit);
}

/* False with a reply when there is one that the server doesn't take. */
static bool check_parameters(const struct session *session, struct slice rest, struct text *reply)
{
    while (rest.length > 0) {
        struct slice word = bracket_word(&rest);
        size_t equals = slice_find(word, '=');
        struct slice offer = {0};

        for (size_t i = 0; i < COUNT_OF(parameters); i++) {
            if (slice_equals_text_ignoring_case(slice_sub(word, 0, equals), parameters[i][0]))
                offer = offered_line(session, slice_of(parameters[i][1]));
        }
        if (offer.start == NULL) {
            say(reply, "555 5.5.4 Unsupported option");
            return false;
        }
        if (is_too_large(offer, slice_sub(word, equals + 1, word.length))) {
            say(reply, "552 5.3.4 Message size exceeds fixed limit");
            return false;
        }
    }
    return true;
}

static void reply_to_mail(const struct session *session, const struct command *command,
                          struct text *reply)
{
    if (!session->greeted)
        say(reply, session->lmtp ? "503 5.5.1 Send LHLO first" : "503 5.5.1 Send EHLO first");
    else if (session->has_sender)
        say(reply, "503 5.5.1 Nested MAIL command");
    else if (!command->has_path || command->bare_path)
        say(reply, "501 5.5.4 Syntax: MAIL FROM:<address>");
    else if (check_parameters(session, command->parameters, reply))
        say(reply, "250 2.1.0 Ok");
}

static bool is_domain(const struct session *session, struct slice domain)
{
    const struct setting *setting;
    bool any = false;
    size_t at = 0;

    while ((setting = script_next_setting(session->script, SETTING_DOMAIN, &session->facts, &at)) !=
           NULL) {
        any = true;
        if (slice_equals_ignoring_case(setting->value, domain))
            return true;
    }
    return !any && slice_equals_text_ignoring_case(domain, DEFAULT_DOMAIN);
}

static bool is_mailbox(const struct session *session, struct slice local)
{
    const struct setting *setting;
    bool any = false;
    size_t at = 0;

    while ((setting = script_next_setting(session->script, SETTING_MAILBOX, &session->facts,
                                          &at)) != NULL) {
        any = true;
        if (pattern_fits(setting->value, local))
            return true;
    }
    for (size_t i = 0; !any && i < COUNT_OF(default_mailboxes); i++) {
        if (slice_equals_text_ignoring_case(local, default_mailboxes[i]))
            return true;
    }
    return false;
}

static size_t last_at(struct slice path)
{
    for (size_t i = path.length; i > 0; i--) {
        if (path.start[i - 1] == '@')
            return i - 1;
    }
    return path.length;
}

/* "<@a,@b:local@domain>": the route is passed over, RFC 5321 appendix C. */
static struct slice without_route(struct slice path)
{
    size_t colon = slice_find(path, ':');

    if (!slice_starts_with(path, "@") || colon == path.length)
        return path;
    return slice_sub(path, colon + 1, path.length);
}

static void reply_to_rcpt(const struct session *session, const struct command *command,
                          struct text *reply)
{
    struct slice path = without_route(command->path);
    size_t at = last_at(path);
    struct slice domain = slice_sub(path, at + 1, path.length);
    int shown = (int)(path.length < 256 ? path.length : 256);

    if (!session->has_sender)
        say(reply, "503 5.5.1 Need MAIL command");
    else if (!command->has_path || command->bare_path)
        say(reply, "501 5.5.4 Syntax: RCPT TO:<address>");
    else if (at < path.length && !is_domain(session, domain))
        text_printf(reply, "554 5.7.1 <%.*s>: Relay access denied\r\n", shown, path.start);
    else if (at < path.length ? is_mailbox(session, slice_sub(path, 0, at))
                              : slice_equals_text_ignoring_case(path, "postmaster"))
        say(reply, "250 2.1.5 Ok");
    else
        text_printf(reply, "550 5.1.1 <%.*s>: User unknown\r\n", shown, path.start);
}

static void reply_to_message(const struct session *session, struct text *reply)
{
    uint64_t count = session->lmtp ? session->facts.recipients : 1;

    for (uint64_t i = 0; i < count; i++)
        say(reply, "250 2.0.0 Ok: queued");
}

static void reply_to_auth(const struct session *session, const struct command *command,
                          struct text *reply)
{
    bool has_response = slice_find(command->argument, ' ') < command->argument.length;

    if (offer_of(session, SLICE_LITERAL("AUTH")) == NULL)
        say(reply, "502 5.5.1 Command not implemented");
    else if (session->authenticating || has_response)
        say(reply, "535 5.7.8 Authentication credentials invalid");
    else
        say(reply, "334 ");
}

static void reply_to_command(const struct session *session, const struct command *command,
                             struct text *reply)
{
    switch (command->step) {
    case STEP_STARTTLS:
        reply_to_starttls(session, command, reply);
        break;
    case STEP_AUTH:
        reply_to_auth(session, command, reply);
        break;
    case STEP_MAIL:
        reply_to_mail(session, command, reply);
        break;
    case STEP_RCPT:
        reply_to_rcpt(session, command, reply);
        break;
    case STEP_DATA:
        say(reply, session->facts.recipients > 0 ? "354 End data with <CR><LF>.<CR><LF>"
                                                 : "503 5.5.1 Need RCPT command");
        break;
    case STEP_RSET:
    case STEP_NOOP:
        say(reply, "250 2.0.0 Ok");
        break;
    case STEP_VRFY:
        say(reply, "252 2.5.2 Cannot VRFY user");
        break;
    case STEP_HELP:
        say(reply, "214 2.0.0 EHLO MAIL RCPT DATA RSET NOOP QUIT");
        break;
    case STEP_EXPN:
        say(reply, "502 5.5.1 Command not implemented");
        break;
    default:
        say(reply,
            session->too_long ? "500 5.5.2 Line too long" : "500 5.5.2 Command unrecognized");
        break;
    }
}

void session_reply(const struct session *session, const struct command *command, struct text *reply)
{
    struct slice name = server_name(session);

    if (command->step == STEP_CONNECT)
        text_printf(reply, "220 %.*s %s\r\n", SLICE_PRINTF(name), session->lmtp ? "LMTP" : "ESMTP");
    else if (command->step == STEP_MESSAGE)
        reply_to_message(session, reply);
    else if (!step_is_command(command->step))
        return;
    else if (command->step == STEP_QUIT)
        say(reply, "221 2.0.0 Bye");
    else if (session->refused)
        say(reply, "503 5.5.1 No service here");
    else if (command->step == STEP_EHLO || command->step == STEP_HELO || command->step == STEP_LHLO)
        reply_to_hello(session, command->step, reply);
    else
        reply_to_command(session, command, reply);
}
