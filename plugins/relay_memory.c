#include "relay_memory.h"

#include <string.h>

#include "mail/domain.h"
#include "plugin/state_file.h"

#define FIELDS_MAX 11
#define SUBJECT_FIELDS 5
#define CONNECTIONS_MAX 1000
/* Lines of others that are kept, and for how long: the most of --keep. */
#define OTHERS_MAX 20000
#define OTHERS_KEPT (INT64_C(7) * 86400)

/* ---- reading */

static size_t split(struct slice line, struct slice fields[static FIELDS_MAX])
{
    struct slice rest = line;
    struct slice field;
    size_t count = 0;
    while (slice_split(&rest, '\t', &field)) {
        if (count == FIELDS_MAX) {
            return 0;
        }
        fields[count++] = field;
    }
    return count;
}

static bool read_time(struct slice field, int64_t *time)
{
    uint64_t number;
    bool is_good = slice_to_number(field, INT64_MAX, &number);
    *time = is_good ? (int64_t)number : 0;
    return is_good;
}

static bool read_connection(const struct slice fields[static FIELDS_MAX], const char *target,
                            struct arena *arena, int64_t now, struct relay_plan *plan)
{
    int64_t time;
    if (!read_time(fields[2], &time)) {
        return false;
    }
    /* A clock that was wrong must not keep us from asking for ever. */
    if (!slice_equals_text(fields[1], target) || time > now || now - time >= RELAY_WINDOW ||
        plan->connection_count >= CONNECTIONS_MAX) {
        return true;
    }
    if (plan->connections == NULL) {
        plan->connection_capacity = CONNECTIONS_MAX + 64;
        plan->connections = arena_array(arena, plan->connection_capacity, sizeof(int64_t));
    }
    plan->connections[plan->connection_count++] = time;
    return true;
}

static bool read_name(const struct slice fields[static FIELDS_MAX], const char *target,
                      struct arena *arena, struct relay_plan *plan)
{
    const char *name = arena_copy_slice(arena, slice_sub(fields[2], 0, DOMAIN_TEXT_SIZE));
    if (!domain_is_host_name(name)) {
        return false;
    }
    plan->host = slice_equals_text(fields[1], target) ? name : plan->host;
    return true;
}

static bool read_verb(struct slice field, enum smtp_verb *verb)
{
    for (int i = SMTP_VERB_EHLO; i < SMTP_VERBS; i++) {
        if (slice_equals_text(field, smtp_verb_name((enum smtp_verb)i))) {
            *verb = (enum smtp_verb)i;
            return true;
        }
    }
    return false;
}

static bool read_answer(const struct slice fields[static FIELDS_MAX], const char *target,
                        struct arena *arena, struct relay_plan *plan)
{
    struct relay_answer answer = {.is_remembered = true};
    uint64_t code;
    bool tls = slice_equals_text(fields[2], "tls");
    if ((!tls && !slice_equals_text(fields[2], "clear")) || !read_time(fields[5], &answer.at) ||
        !relay_meaning_parse(fields[6], &answer.meaning) || !read_verb(fields[7], &answer.verb) ||
        !slice_to_number(fields[8], 999, &code) ||
        (fields[9].length > 0 && smtp_status_parse(fields[9], &answer.status) == 0)) {
        return false;
    }
    answer.code = (unsigned)code;
    if (!slice_equals_text(fields[1], target)) {
        return true;
    }
    for (size_t i = 0; i < plan->count; i++) {
        struct relay_ask *ask = &plan->asks[i];
        if (ask->tls == tls && slice_equals_text(fields[3], ask->id) &&
            slice_equals_text(fields[4], ask->form)) {
            answer.text =
                arena_copy_slice(arena, slice_sub(fields[10], 0, RELAY_MEMORY_TEXT_MAX * 4));
            ask->answer = answer;
        }
    }
    return true;
}

static bool is_about(const struct slice fields[static FIELDS_MAX],
                     const struct relay_memory_subject *subject)
{
    return slice_equals_text(fields[1], subject->domain) &&
           slice_equals_text(fields[2], subject->from) &&
           slice_equals_text(fields[3], subject->to) && slice_equals_text(fields[4], subject->view);
}

static void forget(struct relay_plan *plan)
{
    plan->connection_count = 0;
    plan->host = NULL;
    for (size_t i = 0; i < plan->count; i++) {
        plan->asks[i].answer = (struct relay_answer){.meaning = RELAY_UNASKED};
    }
}

size_t relay_memory_read(struct slice lines, struct arena *arena,
                         const struct relay_memory_subject *subject, const char *target,
                         int64_t now, struct relay_plan *plan)
{
    struct slice line;
    bool is_ours = false;
    for (size_t number = 2; lines.start != NULL && slice_split(&lines, '\n', &line); number++) {
        struct slice fields[FIELDS_MAX];
        size_t count = split(line, fields);
        bool is_read = line.length == 0;
        if (is_read || memchr(line.start, '\0', line.length) != NULL) {
            count = 0;
        }
        if (count == SUBJECT_FIELDS && slice_equals_text(fields[0], "asked")) {
            is_ours = is_about(fields, subject);
            is_read = true;
        } else if (count == 3 && slice_equals_text(fields[0], "connected")) {
            is_read = read_connection(fields, target, arena, now, plan);
        } else if (count == 3 && slice_equals_text(fields[0], "named")) {
            is_read = read_name(fields, target, arena, plan);
        } else if (count == FIELDS_MAX && slice_equals_text(fields[0], "answer")) {
            is_read = !is_ours || read_answer(fields, target, arena, plan);
        }
        if (!is_read) {
            forget(plan);
            return number;
        }
    }
    return 0;
}

/* ---- writing */

static bool is_among(struct slice field, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equals_text(field, list[i])) {
            return true;
        }
    }
    return false;
}

/* The time of a line, if it may still count for somebody. */
static bool is_current(const struct slice fields[static FIELDS_MAX], size_t columns, int64_t now)
{
    int64_t time = now;
    if (columns == 3 && slice_equals_text(fields[0], "connected")) {
        return read_time(fields[2], &time) && time <= now && now - time < RELAY_WINDOW;
    }
    if (columns == FIELDS_MAX && slice_equals_text(fields[0], "answer")) {
        return read_time(fields[5], &time) && time <= now && now - time < OTHERS_KEPT;
    }
    return columns == 3 && slice_equals_text(fields[0], "named");
}

void relay_memory_keep_others(struct slice lines, const struct relay_memory_subject *subject,
                              const char *const *targets, size_t count, int64_t now,
                              struct text *text)
{
    struct slice line;
    struct slice head = {NULL, 0}; /* of the section, until it was written */
    size_t kept = 0;
    bool is_ours = false;
    while (lines.start != NULL && slice_split(&lines, '\n', &line) && kept < OTHERS_MAX) {
        struct slice fields[FIELDS_MAX];
        size_t columns = split(line, fields);
        if (columns == SUBJECT_FIELDS && slice_equals_text(fields[0], "asked")) {
            is_ours = is_about(fields, subject);
            head = line;
            continue;
        }
        bool is_connection = columns == 3 && slice_equals_text(fields[0], "connected");
        bool is_shared = is_ours || is_connection;
        if (!is_current(fields, columns, now) ||
            (is_shared && is_among(fields[1], targets, count)) ||
            (!is_connection && head.start == NULL && kept == 0)) {
            continue;
        }
        if (!is_connection && head.start != NULL) {
            text_append_slice(text, head);
            text_append_char(text, '\n');
            head.start = NULL;
        }
        text_append_slice(text, line);
        text_append_char(text, '\n');
        kept++;
    }
}

void relay_memory_print_subject(const struct relay_memory_subject *subject, struct text *text)
{
    text_printf(text, "asked\t%s\t%s\t%s\t%s\n", subject->domain, subject->from, subject->to,
                subject->view);
}

void relay_memory_print(const struct relay_plan *plan, const char *target, int64_t now,
                        struct text *text)
{
    for (size_t i = 0; i < plan->connection_count; i++) {
        if (now - plan->connections[i] < RELAY_WINDOW) {
            text_printf(text, "connected\t%s\t%lld\n", target, (long long)plan->connections[i]);
        }
    }
    if (plan->host != NULL && domain_is_host_name(plan->host)) {
        text_printf(text, "named\t%s\t%s\n", target, plan->host);
    }
    for (size_t i = 0; i < plan->count; i++) {
        const struct relay_ask *ask = &plan->asks[i];
        const struct relay_answer *answer = &ask->answer;
        char status[SMTP_STATUS_TEXT_SIZE];
        bool is_kept =
            relay_meaning_is_conclusive(answer->meaning) || answer->meaning == RELAY_DEFERRED;
        if (!is_kept || answer->code == 0) {
            continue;
        }
        /* What was refused at DATA is not accepted, and is not asked for DATA again and again. */
        enum relay_meaning meaning = relay_ask_meaning(ask);
        text_printf(text, "answer\t%s\t%s\t%s\t%s\t%lld\t%s\t%s\t%03u\t%s\t", target,
                    ask->tls ? "tls" : "clear", ask->id, ask->form, (long long)answer->at,
                    relay_meaning_name(meaning), smtp_verb_name(answer->verb), answer->code,
                    smtp_status_print(&answer->status, status));
        state_file_print_text(text, slice_of(answer->text), RELAY_MEMORY_TEXT_MAX);
        text_append_char(text, '\n');
    }
}

/* ---- where */

/* A name of ours from what may be a path or an address. */
static void append_plain(struct text *text, const char *name)
{
    for (; *name != '\0'; name++) {
        bool is_plain = (*name >= '0' && *name <= '9') || (*name >= 'a' && *name <= 'z') ||
                        (*name >= 'A' && *name <= 'Z') || *name == '.' || *name == '-';
        text_append_char(text, (char)(is_plain ? *name : '_'));
    }
}

const char *relay_memory_path(struct arena *arena, const char *host, unsigned port,
                              const char *domain, char message[static 256])
{
    struct text text;
    text_init(&text, 200);
    text_append(&text, "relay-");
    append_plain(&text, host);
    text_printf(&text, "-%u-", port);
    append_plain(&text, domain);
    const char *path = state_file_default(arena, text.start, message);
    text_release(&text);
    return path;
}
