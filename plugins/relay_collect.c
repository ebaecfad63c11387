#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "mail/smtp_ehlo.h"
#include "net/interfaces.h"
#include "plugin/state_file.h"
#include "relay.h"

#define MICROSECONDS 1e6
#define RANDOM_LENGTH 12
#define OWN_ADDRESSES_MAX 256
/* What is kept of the deadline beside the longest session so far, to say QUIT in order. */
#define MARGIN_US INT64_C(500000)
#define NOT_AVAILABLE 421
#define TLS_FAILURES_MAX 2
/* Parts of -t: who says nothing for so long is silent before the time is up. */
#define CONNECT_SHARE 0.6
#define GREETING_SHARE 0.85
#define EHLO_SHARE 0.6
#define PROBE_SHARE 0.33
/* And for waiting for another run. */
#define LOCK_SHARE 0.5
/* Of the rest of the time, for a session beside those with other addresses; of it, the stages of a
 * silent one. */
#define ROUND_SHARE 0.5
#define STAGE_SHARE 0.45

/* What a round of sessions needs: one session for each address. */
struct round {
    struct relay_address *address;
    struct relay_session_plan picked;
    struct relay_script script;
    const struct smtp_session *session;
};

/* ---- from a transcript to answers */

static const char *failure_of(const struct smtp_entry *entry)
{
    switch (entry->outcome) {
    case SMTP_SILENT:
        return "no reply in time";
    case SMTP_MALFORMED:
        return "the reply is none of SMTP";
    case SMTP_ENDED:
        return stream_failure_text(entry->failure);
    case SMTP_BAD_ARGUMENT:
        return "such an address cannot be sent";
    case SMTP_NOT_ASKED:
    case SMTP_ANSWERED:
        break;
    }
    return "";
}

static struct relay_answer answer_of(const struct smtp_entry *entry, struct arena *arena,
                                     const char *source, int64_t now)
{
    struct relay_answer answer = {.verb = entry->verb, .at = now};
    if (entry->outcome != SMTP_ANSWERED) {
        answer.meaning = RELAY_SILENT;
        answer.text = failure_of(entry);
        return answer;
    }
    answer.code = entry->code;
    answer.status = entry->status;
    answer.text = arena_copy_slice(arena, entry->text);
    answer.meaning = relay_reply_read(entry->code, &entry->status, entry->text, source);
    if (entry->verb == SMTP_VERB_MAIL && answer.meaning == RELAY_REFUSED_DOMAIN) {
        answer.meaning = RELAY_REFUSED_SENDER;
    }
    answer.wait = answer.meaning == RELAY_DEFERRED ? relay_reply_wait(entry->text) : 0;
    return answer;
}

/* RCPT that was heard, else MAIL that was refused or that nothing came of, else the EHLO that was
 * for this probe alone. NULL: the session ended before. */
static const struct smtp_entry *entry_of(const struct relay_ask *ask,
                                         const struct relay_script *script, size_t pick,
                                         const struct smtp_session *session)
{
    const struct smtp_entry *entry = smtp_session_step(session, script->rcpts[pick]);
    if (entry != NULL) {
        return entry;
    }
    entry =
        script->mails[pick] == SIZE_MAX ? NULL : smtp_session_step(session, script->mails[pick]);
    if (entry != NULL) {
        return entry;
    }
    entry = smtp_session_find(session, SMTP_VERB_EHLO);
    return ask->ehlo != NULL && entry != NULL && entry->code / 100 == 5 ? entry : NULL;
}

static void take_data(struct relay_plan *plan, struct arena *arena, size_t index,
                      const struct smtp_entry *entry, int64_t now)
{
    struct relay_answer answer = answer_of(entry, arena, NULL, now);
    if (entry->outcome == SMTP_ANSWERED) {
        answer.meaning = entry->code / 100 == 5   ? RELAY_REFUSED_LATE
                         : entry->code / 100 == 4 ? RELAY_DEFERRED
                                                  : RELAY_ACCEPTED;
    }
    relay_plan_record(plan, index, &answer, true);
}

/* It does not say what it is about. */
static bool is_vague(enum relay_meaning meaning)
{
    return meaning == RELAY_REFUSED || meaning == RELAY_DEFERRED;
}

void relay_take(struct relay_plan *plan, struct arena *arena,
                const struct relay_session_plan *picked, const struct relay_script *script,
                const struct smtp_session *session, const char *source, int64_t now)
{
    bool is_goodbye = false;
    for (size_t i = 0; i < picked->count; i++) {
        size_t index = picked->picks[i];
        if (picked->is_data) {
            const struct smtp_entry *data = smtp_session_step(session, script->datas[i]);
            if (data != NULL) {
                take_data(plan, arena, index, data, now);
            } else if (i > 0) {
                /* The one before was taken, which ended the connection. */
                plan->asks[index].data.meaning = RELAY_UNASKED;
            }
            continue;
        }
        const struct smtp_entry *entry = entry_of(&plan->asks[index], script, i, session);
        if (entry != NULL) {
            struct relay_answer answer = answer_of(entry, arena, source, now);
            if (i > 0 && entry->verb == SMTP_VERB_MAIL && is_vague(answer.meaning)) {
                answer.meaning = RELAY_VOID;
                answer.is_spoilt = true;
            }
            relay_plan_record(plan, index, &answer, false);
        }
    }
    for (size_t i = 0; i < session->entry_count; i++) {
        is_goodbye = is_goodbye || (session->entries[i].code == NOT_AVAILABLE &&
                                    session->entries[i].verb != SMTP_VERB_QUIT);
    }
    relay_plan_end_session(plan, is_goodbye);
}

/* ---- what a session tells beside */

static const char *literal_of(struct arena *arena, const struct ip_address *address)
{
    char text[IP_TEXT_SIZE];
    if (address->family == IP_NONE) {
        return NULL;
    }
    return arena_format(arena, "%s%s", address->family == IP_V6 ? "IPv6:" : "",
                        ip_print(address, text));
}

/* {H}: the name of the greeting, which may be masked, else that of the reply to EHLO, else that of
 * -H; a server without a name has its address for one (RFC 5321 4.1.3). */
static const char *host_name(const struct relay_address *address, struct arena *arena)
{
    static const enum smtp_verb VERBS[] = {SMTP_VERB_GREETING, SMTP_VERB_EHLO};
    for (size_t i = 0; i < sizeof VERBS / sizeof VERBS[0]; i++) {
        const struct smtp_entry *entry = smtp_session_find(address->sessions[0], VERBS[i]);
        struct smtp_name name = {.kind = SMTP_NAME_NONE};
        if (entry != NULL && entry->outcome == SMTP_ANSWERED && entry->code / 100 == 2) {
            smtp_name_parse(entry->text, &name);
        }
        if (name.kind == SMTP_NAME_FQDN) {
            return arena_copy_slice(arena, name.name);
        }
    }
    const char *literal = literal_of(arena, &address->peer);
    return address->target->host != NULL ? address->target->host
           : literal != NULL             ? arena_format(arena, "[%s]", literal)
                                         : NULL;
}

static void fill(struct relay_address *address, struct relay_facts *facts)
{
    struct slice to = slice_of(facts->subject.to);
    size_t at = slice_find(to, '@');
    char random[RANDOM_LENGTH + 1];
    if (address->session_count > 0) {
        address->plan.host = host_name(address, facts->arena);
    }
    random_label(random, RANDOM_LENGTH);
    const struct relay_names names = {
        .from = facts->subject.from,
        .to = facts->subject.to,
        .local = arena_copy_slice(facts->arena, slice_sub(to, 0, at)),
        .foreign = facts->subject.to + at + 1,
        .host = address->plan.host,
        .domain = facts->subject.domain,
        .literal = literal_of(facts->arena, &address->peer),
        .random = random,
    };
    relay_plan_fill(&address->plan, facts->arena, &names);
}

/* STARTTLS that fails twice is not tried again: the clear probes need the sessions. */
static void look_at_tls(struct relay_address *address, const struct relay_session_plan *picked,
                        const struct smtp_session *session)
{
    bool is_offered = session->ehlo != NULL && smtp_ehlo_find(session->ehlo, "STARTTLS") != NULL;
    if (!address->plan.asks[picked->picks[0]].tls || !is_offered || session->ehlo_tls != NULL) {
        return;
    }
    address->tls_failures++;
    if (address->tls_failures < TLS_FAILURES_MAX) {
        return;
    }
    address->failed_tls = session;
    for (size_t i = 0; i < address->plan.count; i++) {
        if (address->plan.asks[i].tls) {
            address->plan.asks[i].obstacle = "STARTTLS fails";
        }
    }
}

/* What is not offered need not be asked. */
static void look_at_offers(struct relay_address *address, const struct smtp_session *session,
                           int64_t now)
{
    for (size_t i = 0; i < address->plan.count; i++) {
        struct relay_ask *ask = &address->plan.asks[i];
        const struct smtp_ehlo *ehlo = ask->tls ? session->ehlo_tls : session->ehlo;
        const char *keyword = ask->probe->kind == RELAY_KIND_XCLIENT ? "XCLIENT" : "XFORWARD";
        if (ask->tls && session->ehlo != NULL &&
            smtp_ehlo_find(session->ehlo, "STARTTLS") == NULL) {
            address->lacks_starttls = true;
            ask->obstacle = "STARTTLS is not offered";
        } else if (ask->probe->kind != RELAY_KIND_MAIL && ask->tries == 0 && ehlo != NULL &&
                   smtp_ehlo_find(ehlo, keyword) == NULL) {
            const struct relay_answer answer = {
                .meaning = RELAY_REFUSED,
                .verb = SMTP_VERB_EHLO,
                .text = "it is not offered",
                .at = now,
            };
            relay_plan_record(&address->plan, i, &answer, false);
        }
    }
}

static void keep_session(struct relay_address *address, struct arena *arena,
                         const struct smtp_session *session)
{
    if (address->session_count == address->session_capacity) {
        size_t capacity = address->session_capacity + 16;
        const struct smtp_session **list = arena_array(arena, capacity, sizeof *list);
        if (address->session_count > 0) {
            memcpy(list, address->sessions, address->session_count * sizeof *list);
        }
        address->sessions = list;
        address->session_capacity = capacity;
    }
    address->sessions[address->session_count++] = session;
}

static void take_session(struct round *round, struct relay_facts *facts)
{
    struct relay_address *address = round->address;
    struct relay_plan *plan = &address->plan;
    const struct smtp_session *session = round->session;
    const struct smtp_entry *ehlo = smtp_session_find(session, SMTP_VERB_EHLO);
    char source[IP_TEXT_SIZE] = "";
    int64_t now = clock_wall();
    if (session->local.address.family != IP_NONE &&
        address->target->stream.proxy_source.address.family == IP_NONE) {
        address->source = session->local.address;
    }
    if (address->source.family != IP_NONE) {
        ip_print(&address->source, source);
    }
    keep_session(address, facts->arena, session);
    relay_take(plan, facts->arena, &round->picked, &round->script, session, source, now);
    look_at_offers(address, session, now);
    look_at_tls(address, &round->picked, session);
    fill(address, facts);
    if (ehlo != NULL && ehlo->code / 100 == 2 && address->seen.family == IP_NONE) {
        address->seen = relay_seen_address(ehlo->text, &address->source);
    }
    bool has_own_name = plan->asks[round->picked.picks[0]].ehlo != NULL;
    if (!smtp_session_is_greeted(session) && plan->goodbyes == 0 && !has_own_name) {
        plan->is_stopped = true;
    }
}

/* ---- memory */

/* One run at a time asks: the lock is held to the end. Who waits in vain goes by what is
 * remembered. */
static void take_lock(struct relay_facts *facts, struct deadline deadline)
{
    char message[256];
    int lock = state_file_lock(facts->memory_path, deadline, message);
    facts->is_locked_out = lock == STATE_FILE_LOCK_BUSY;
    if (lock == STATE_FILE_LOCK_FAILED) {
        facts->memory_trouble = arena_copy(facts->arena, message);
    }
    for (size_t i = 0; facts->is_locked_out && i < facts->count; i++) {
        facts->addresses[i].plan.is_stopped = true;
    }
    facts->now = clock_wall();
}

static void remember(struct relay_facts *facts, struct deadline deadline)
{
    struct slice lines = SLICE_LITERAL("");
    char message[256] = "";
    size_t line = 0;
    if (facts->memory_path == NULL) {
        return;
    }
    take_lock(facts, deadline);
    enum state_file_result result =
        state_file_read(facts->arena, facts->memory_path, RELAY_MEMORY_KIND, &lines, message);
    facts->memory_is_readonly = result == STATE_FILE_UNREADABLE || facts->is_locked_out;
    for (size_t i = 0; result == STATE_FILE_READ && line == 0 && i < facts->count; i++) {
        line = relay_memory_read(lines, facts->arena, &facts->subject,
                                 facts->addresses[i].target->text, facts->now,
                                 &facts->addresses[i].plan);
    }
    facts->memory = line == 0 ? lines : SLICE_LITERAL("");
    if (line != 0) {
        facts->memory_is_readonly =
            !state_file_set_aside(facts->memory_path, line, message) || facts->is_locked_out;
    }
    if (message[0] != '\0') {
        facts->memory_trouble = arena_copy(facts->arena, message);
    }
}

static void memorize(struct relay_facts *facts)
{
    struct text text;
    char message[256];
    const char **targets = arena_array(facts->arena, facts->count + 1, sizeof *targets);
    if (facts->memory_path == NULL || facts->memory_is_readonly) {
        return;
    }
    text_init(&text, STATE_FILE_MAX);
    for (size_t i = 0; i < facts->count; i++) {
        targets[i] = facts->addresses[i].target->text;
    }
    relay_memory_keep_others(facts->memory, &facts->subject, targets, facts->count, clock_wall(),
                             &text);
    relay_memory_print_subject(&facts->subject, &text);
    for (size_t i = 0; i < facts->count; i++) {
        relay_memory_print(&facts->addresses[i].plan, facts->addresses[i].target->text,
                           clock_wall(), &text);
    }
    if (!state_file_write(facts->memory_path, RELAY_MEMORY_KIND, text_slice(&text), message)) {
        facts->memory_trouble = arena_copy(facts->arena, message);
        facts->memory_is_readonly = true;
    }
    text_release(&text);
}

/* ---- the run */

static void make_addresses(struct relay_facts *facts)
{
    facts->count = facts->targets->count;
    facts->addresses = arena_array(facts->arena, facts->count + 1, sizeof *facts->addresses);
    for (size_t i = 0; i < facts->count; i++) {
        struct relay_address *address = &facts->addresses[i];
        const struct smtp_target *target = &facts->targets->list[i];
        const struct stream_target *stream = &target->stream;
        address->target = target;
        address->subject = target->host == NULL
                               ? target->text
                               : arena_format(facts->arena, "%s %s", target->host, target->text);
        if (!target->is_nobodys) {
            address->source = smtp_collect_source(target);
            address->has_no_route = stream->path == NULL && address->source.family == IP_NONE;
        }
        if (stream->path == NULL) {
            bool is_proxied = stream->proxy_destination.address.family != IP_NONE;
            address->peer =
                is_proxied ? stream->proxy_destination.address : stream->endpoint.address;
        }
        relay_plan_init(&address->plan, facts->arena, &facts->limits, &facts->table,
                        &facts->choice);
        fill(address, facts);
    }
}

/* For the pause before it, and a session as long as the longest so far, which ends with QUIT. */
static bool has_time(const struct relay_address *address, double interval, struct deadline deadline)
{
    int64_t longest = address->session_count == 0 ? 0 : (int64_t)(interval * MICROSECONDS);
    int64_t pause = longest;
    for (size_t i = 0; i < address->session_count; i++) {
        int64_t us = address->sessions[i]->us + pause;
        longest = us > longest ? us : longest;
    }
    return address->session_count == 0 || deadline_left(deadline) > longest + MARGIN_US;
}

/* One session for each address that has one to play, of the slow ones or of the others. `*until` is
 * when there will be one. */
static size_t plan_round(const struct relay_config *config, struct relay_facts *facts,
                         struct smtp_collect *collect, struct deadline deadline, bool is_slow,
                         struct round *rounds, int64_t *until)
{
    size_t count = 0;
    *until = 0;
    for (size_t i = 0; i < facts->count; i++) {
        struct relay_address *address = &facts->addresses[i];
        struct round *round = &rounds[count];
        int64_t next = 0;
        if (address->is_slow != is_slow || address->target->is_nobodys || address->has_no_route ||
            address->is_cut_short) {
            continue;
        }
        if (!has_time(address, config->interval, deadline)) {
            address->is_cut_short = true;
            continue;
        }
        if (!relay_plan_next(&address->plan, facts->arena, clock_wall(), &round->picked, &next)) {
            *until = next != 0 && (*until == 0 || next < *until) ? next : *until;
            continue;
        }
        round->address = address;
        relay_plan_script(&address->plan, &round->picked, &round->script);
        struct smtp_request *request = smtp_collect_request(
            collect, address->target, round->script.steps, round->script.count, NULL, deadline);
        request->refusals_max = relay_plan_errors(&address->plan);
        round->session = smtp_collect_play(collect, request);
        count++;
    }
    return count;
}

static void pause_for(struct loop *loop, struct deadline deadline, double seconds)
{
    struct deadline until = deadline_cut(deadline, (int64_t)(seconds * MICROSECONDS));
    while (deadline_left(until) > 0) {
        loop_once(loop, until);
    }
}

/* Side by side with others, a session has a part of the time. */
static void play_round(struct plugin *plugin, struct smtp_collect *collect,
                       struct relay_facts *facts, struct round *rounds, size_t count, bool is_slow)
{
    int64_t part = (int64_t)((double)deadline_left(plugin->deadline) * ROUND_SHARE);
    bool is_shared = facts->count > 1 && !is_slow;
    /* Before they are made: a run may be killed. */
    memorize(facts);
    smtp_collect_run(collect, is_shared ? deadline_cut(plugin->deadline, part) : plugin->deadline);
    for (size_t i = 0; i < count; i++) {
        struct relay_address *address = rounds[i].address;
        address->is_slow = address->is_slow || (is_shared && !rounds[i].session->is_complete);
        take_session(&rounds[i], facts);
    }
}

/* Slow addresses come when the others are done. */
static void play(const struct relay_config *config, struct plugin *plugin, struct loop *loop,
                 struct smtp_collect *collect, struct relay_facts *facts)
{
    double pause = 0;
    bool is_slow = false;
    for (;;) {
        struct round *rounds = arena_array(facts->arena, facts->count + 1, sizeof *rounds);
        int64_t until;
        size_t count =
            plan_round(config, facts, collect, plugin->deadline, is_slow, rounds, &until);
        double left = (double)deadline_left(plugin->deadline) / MICROSECONDS;
        double wait = (double)(until - clock_wall());
        if (count > 0) {
            pause_for(loop, plugin->deadline, pause);
            play_round(plugin, collect, facts, rounds, count, is_slow);
            pause = config->interval;
        } else if (until != 0 && wait < left) {
            pause_for(loop, plugin->deadline, wait);
            pause = 0;
        } else if (!is_slow) {
            is_slow = true;
        } else {
            return;
        }
    }
}

static int64_t budget_of(const struct plugin *plugin, enum smtp_verb verb, double share)
{
    int64_t most = (int64_t)(plugin->common.timeout * share * MICROSECONDS);
    return smtp_verb_budget(verb) < most ? smtp_verb_budget(verb) : most;
}

/* An address that says nothing leaves the others their time. */
static int64_t stage_of(const struct plugin *plugin, const struct relay_facts *facts,
                        enum smtp_verb verb, double share)
{
    return budget_of(plugin, verb, facts->count > 1 ? share * STAGE_SHARE : share);
}

static struct smtp_settings settings_of(const struct plugin *plugin,
                                        const struct relay_facts *facts)
{
    return (struct smtp_settings){
        .budgets_us =
            {
                         [SMTP_VERB_CONNECT] = stage_of(plugin, facts, SMTP_VERB_CONNECT, CONNECT_SHARE),
                         [SMTP_VERB_GREETING] = stage_of(plugin, facts, SMTP_VERB_GREETING, GREETING_SHARE),
                         [SMTP_VERB_EHLO] = stage_of(plugin, facts, SMTP_VERB_EHLO, EHLO_SHARE),
                         [SMTP_VERB_HELO] = stage_of(plugin, facts, SMTP_VERB_HELO, EHLO_SHARE),
                         [SMTP_VERB_MAIL] = budget_of(plugin, SMTP_VERB_MAIL, PROBE_SHARE),
                         [SMTP_VERB_RCPT] = budget_of(plugin, SMTP_VERB_RCPT, PROBE_SHARE),
                         },
    };
}

void relay_collect(const struct relay_config *config, struct plugin *plugin, struct loop *loop,
                   struct dns *dns, struct dns_answers *answers, struct smtp_targets *targets,
                   struct relay_facts *facts)
{
    struct ip_address *own = arena_array(facts->arena, OWN_ADDRESSES_MAX, sizeof *own);
    struct smtp_collect collect;
    size_t own_count = 0;
    smtp_collect_targets(targets, plugin, dns, answers, plugin->deadline);
    facts->targets = targets;
    make_addresses(facts);
    remember(facts, deadline_cut(plugin->deadline,
                                 (int64_t)(plugin->common.timeout * LOCK_SHARE * MICROSECONDS)));
    for (size_t i = 0; i < facts->count; i++) {
        fill(&facts->addresses[i], facts);
        relay_plan_begin(&facts->addresses[i].plan, facts->now);
    }
    const struct smtp_settings settings = settings_of(plugin, facts);
    smtp_collect_init(&collect, plugin, targets, loop, dns, answers, &settings);
    play(config, plugin, loop, &collect, facts);
    smtp_collect_release(&collect);
    if (!interfaces_read(own, OWN_ADDRESSES_MAX, &own_count)) {
        own_count = 0;
    }
    for (size_t i = 0; i < facts->count; i++) {
        relay_trust_judge(&facts->addresses[i], own, own_count);
    }
    memorize(facts);
}
