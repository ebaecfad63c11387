#include "relay_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ALICE "<alice@{D}>"
#define STRANGER "<{F}>"
#define TRIES_VOID 3
#define TRIES_DEFERRED 2
#define GOODBYES_MAX 2
/* A server that does not take EHLO would answer nothing else. */
#define ERRORS_LEAST 2
#define XCLIENT_ARGUMENT "NAME=[UNAVAILABLE]"

/* ---- the choice */

static bool is_named(const char *const *list, const char *id)
{
    for (; list != NULL && *list != NULL; list++) {
        if (slice_equals_text_ignoring_case(slice_of(*list), id)) {
            return true;
        }
    }
    return false;
}

static bool is_chosen(const struct relay_choice *choice, const struct relay_probe *probe,
                      const char *id)
{
    if (is_named(choice->skipped, id)) {
        return false;
    }
    bool is_listed = choice->ids != NULL && choice->ids[0] != NULL;
    return relay_group_is_control(probe->group) ||
           (is_listed ? is_named(choice->ids, id) : probe->set <= choice->last);
}

/* FNV-1a. Behind each part comes a NUL. */
static uint32_t hash(uint32_t so_far, const char *text)
{
    const unsigned char *at = (const unsigned char *)(text == NULL ? "-" : text);
    do {
        so_far = (so_far ^ *at) * UINT32_C(16777619);
    } while (*at++ != '\0');
    return so_far;
}

static void add(struct relay_plan *plan, const struct relay_choice *choice,
                const struct relay_probe *probe, const char *id, const char *sender)
{
    uint32_t form = hash(hash(hash(UINT32_C(2166136261), probe->ehlo), sender), probe->recipient);
    for (int tls = 0; is_chosen(choice, probe, id) && tls <= (int)choice->starttls; tls++) {
        struct relay_ask *ask = &plan->asks[plan->count++];
        *ask = (struct relay_ask){
            .id = id,
            .probe = probe,
            .sender_form = sender,
            .tls = tls != 0,
        };
        snprintf(ask->form, sizeof ask->form, "%08" PRIx32, form);
    }
}

void relay_plan_init(struct relay_plan *plan, struct arena *arena,
                     const struct relay_limits *limits, const struct relay_table *table,
                     const struct relay_choice *choice)
{
    *plan = (struct relay_plan){.limits = *limits, .allowance = limits->max_sessions};
    plan->asks = arena_array(arena, table->count * 4 + 1, sizeof *plan->asks);
    for (size_t i = 0; i < table->count; i++) {
        add(plan, choice, &table->list[i], table->list[i].id, table->list[i].sender);
    }
    bool is_listed = choice->ids != NULL && choice->ids[0] != NULL;
    for (size_t i = 0; i < table->count; i++) {
        const struct relay_probe *probe = &table->list[i];
        if (probe->group == RELAY_GROUP_ROUTED && strcmp(probe->sender, STRANGER) == 0 &&
            (is_listed || choice->last == RELAY_SET_EXTENDED)) {
            add(plan, choice, probe, arena_format(arena, "%s-alice", probe->id), ALICE);
        }
    }
}

bool relay_plan_has_probe(const struct relay_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (!relay_group_is_control(plan->asks[i].probe->group)) {
            return true;
        }
    }
    return false;
}

void relay_plan_fill(struct relay_plan *plan, struct arena *arena, const struct relay_names *names)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct relay_ask *ask = &plan->asks[i];
        const struct relay_probe *probe = ask->probe;
        if (ask->sender != NULL) {
            continue;
        }
        if (probe->kind != RELAY_KIND_MAIL) {
            ask->sender = probe->sender;
            ask->recipient = probe->recipient;
            continue;
        }
        const char *sender = relay_probe_fill(arena, ask->sender_form, names);
        ask->recipient = relay_probe_fill(arena, probe->recipient, names);
        ask->ehlo = probe->ehlo == NULL ? NULL : relay_probe_fill(arena, probe->ehlo, names);
        if (ask->recipient != NULL && (probe->ehlo == NULL || ask->ehlo != NULL)) {
            ask->sender = sender;
        }
    }
}

/* ---- what is known */

enum relay_meaning relay_ask_meaning(const struct relay_ask *ask)
{
    bool is_late = ask->answer.meaning == RELAY_ACCEPTED && ask->data.code / 100 == 5;
    return is_late ? RELAY_REFUSED_LATE : ask->answer.meaning;
}

const struct relay_answer *relay_plan_control(const struct relay_plan *plan, enum relay_group group,
                                              bool tls)
{
    const struct relay_answer *found = NULL;
    for (size_t i = 0; i < plan->count; i++) {
        const struct relay_ask *ask = &plan->asks[i];
        if (ask->probe->group == group && ask->tls == tls && ask->answer.meaning != RELAY_UNASKED &&
            (found == NULL || ask->answer.meaning == RELAY_ACCEPTED)) {
            found = &ask->answer;
        }
    }
    return found;
}

static bool has_same_right(const struct relay_ask *a, const struct relay_ask *b)
{
    return slice_equals(relay_probe_right(a->probe->recipient),
                        relay_probe_right(b->probe->recipient));
}

const struct relay_answer *relay_plan_control_of(const struct relay_plan *plan,
                                                 const struct relay_ask *ask)
{
    const struct relay_answer *found = NULL;
    for (size_t i = 0; i < plan->count; i++) {
        const struct relay_ask *control = &plan->asks[i];
        if (control->probe->group == RELAY_CONTROL_LOCAL && control->tls == ask->tls &&
            control->answer.meaning != RELAY_UNASKED && has_same_right(control, ask) &&
            (found == NULL || control->answer.meaning == RELAY_ACCEPTED)) {
            found = &control->answer;
        }
    }
    return found;
}

static bool is_deciding(const struct relay_ask *ask)
{
    return ask->probe->group == RELAY_CONTROL_US ||
           (!relay_group_is_control(ask->probe->group) && ask->probe->set == RELAY_SET_DECIDING);
}

/* A control is wanted when a probe of its kind was accepted. */
static bool is_wanted(const struct relay_plan *plan, const struct relay_ask *ask)
{
    enum relay_group about = ask->probe->group == RELAY_CONTROL_SINK    ? RELAY_GROUP_RELAY
                             : ask->probe->group == RELAY_CONTROL_LOCAL ? RELAY_GROUP_ROUTED
                                                                        : RELAY_CONTROL_US;
    for (size_t i = 0; about != RELAY_CONTROL_US && i < plan->count; i++) {
        const struct relay_ask *other = &plan->asks[i];
        if (other->probe->group == about && other->tls == ask->tls &&
            other->answer.meaning == RELAY_ACCEPTED &&
            (about != RELAY_GROUP_ROUTED || has_same_right(other, ask))) {
            return true;
        }
    }
    return about == RELAY_CONTROL_US;
}

static unsigned connections_since(const struct relay_plan *plan, int64_t since)
{
    unsigned count = 0;
    for (size_t i = 0; i < plan->connection_count; i++) {
        count += plan->connections[i] > since;
    }
    return count;
}

void relay_plan_begin(struct relay_plan *plan, int64_t now)
{
    bool is_all = true, is_any_accepted = false;
    for (size_t i = 0; i < plan->count; i++) {
        struct relay_answer *answer = &plan->asks[i].answer;
        if (answer->is_remembered && (answer->at > now || now - answer->at >= plan->limits.keep)) {
            *answer = (struct relay_answer){.meaning = RELAY_UNASKED};
        }
        if (plan->asks[i].probe->group == RELAY_CONTROL_US ||
            !relay_group_is_control(plan->asks[i].probe->group)) {
            is_all = is_all && relay_meaning_is_conclusive(answer->meaning);
        }
        is_any_accepted = is_any_accepted || (answer->meaning == RELAY_ACCEPTED &&
                                              !relay_group_is_control(plan->asks[i].probe->group));
    }
    if (is_all) {
        plan->allowance = is_any_accepted ? 2 : 1;
    }
    if (plan->allowance > plan->limits.max_sessions) {
        plan->allowance = plan->limits.max_sessions;
    }
    /* What is accepted is asked at DATA in sessions beyond. */
    plan->allowance *= plan->limits.data_abort ? 2 : 1;
}

/* ---- the next session */

#define NEVER 100
#define RANK_KNOWN 9

/* The deciding answers are renewed before they expire. */
static bool is_aging(const struct relay_plan *plan, const struct relay_ask *ask, int64_t now)
{
    return now - ask->answer.at >= plan->limits.keep / 2;
}

/* Lower is sooner. NEVER: not now. */
static int rank_of(const struct relay_plan *plan, const struct relay_ask *ask, int64_t now,
                   int64_t *until)
{
    enum relay_meaning meaning = ask->answer.meaning;
    bool is_first = is_deciding(ask);
    bool is_extended = ask->probe->set == RELAY_SET_EXTENDED;
    bool is_known = relay_meaning_is_refusal(meaning) ||
                    (meaning == RELAY_ACCEPTED && relay_group_is_control(ask->probe->group));
    if (ask->sender == NULL || ask->obstacle != NULL || !is_wanted(plan, ask)) {
        return NEVER;
    }
    if (ask->tries == 0 && is_known && !(is_first && is_aging(plan, ask, now))) {
        return RANK_KNOWN;
    }
    if (ask->tries == 0) {
        bool is_control = relay_group_is_control(ask->probe->group) && !is_first;
        return is_first ? 0 : is_control ? 2 : is_extended ? 6 : 4;
    }
    if ((meaning == RELAY_VOID || meaning == RELAY_SILENT) && ask->tries < TRIES_VOID) {
        return is_first ? 1 : 7;
    }
    if (meaning == RELAY_DEFERRED && ask->tries < TRIES_DEFERRED) {
        if (now < ask->not_before) {
            *until = *until == 0 || ask->not_before < *until ? ask->not_before : *until;
            return NEVER;
        }
        return is_first ? 5 : 8;
    }
    return NEVER;
}

/* The control whether we are welcome begins; what was accepted or deferred is looked at again
 * before all that was refused. */
static int64_t age_order(const struct relay_ask *ask)
{
    enum relay_meaning meaning = ask->answer.meaning;
    if (ask->probe->group == RELAY_CONTROL_US && meaning == RELAY_UNASKED) {
        return -2;
    }
    bool is_pressing = meaning == RELAY_DEFERRED ||
                       (meaning == RELAY_ACCEPTED && !relay_group_is_control(ask->probe->group));
    return is_pressing ? -1 : ask->answer.at;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* One connection serves both. */
static bool fit_together(const struct relay_ask *a, const struct relay_ask *b)
{
    return a->tls == b->tls && a->probe->kind == b->probe->kind && same_text(a->ehlo, b->ehlo);
}

/* `first` NULL: none is chosen yet. */
static size_t find_best(const struct relay_plan *plan, int64_t now, const struct relay_ask *first,
                        const struct relay_session_plan *session, int64_t *until)
{
    size_t best = SIZE_MAX;
    int best_rank = NEVER;
    for (size_t i = 0; i < plan->count; i++) {
        const struct relay_ask *ask = &plan->asks[i];
        bool is_taken = false;
        for (size_t k = 0; k < session->count; k++) {
            is_taken = is_taken || session->picks[k] == i;
        }
        int rank = is_taken ? NEVER : rank_of(plan, ask, now, until) * 2;
        bool needs_first = ask->needs_first && first != NULL;
        if (rank >= NEVER || needs_first || (first != NULL && !fit_together(first, ask))) {
            continue;
        }
        /* Of equal ones, that which needs no other MAIL. */
        rank += first != NULL && strcmp(first->sender, ask->sender) != 0;
        if (rank < best_rank ||
            (rank == best_rank && age_order(ask) < age_order(&plan->asks[best]))) {
            best = i;
            best_rank = rank;
        }
    }
    return best;
}

/* One probe of each kind whose DATA was taken tells enough. `first` NULL: none is chosen yet. */
static size_t find_data(const struct relay_plan *plan, const struct relay_ask *first)
{
    for (int group = RELAY_GROUP_RELAY; group <= RELAY_GROUP_ROUTED; group++) {
        size_t found = SIZE_MAX;
        bool is_proved = false;
        for (size_t i = 0; i < plan->count; i++) {
            const struct relay_ask *ask = &plan->asks[i];
            if (ask->probe->group != (enum relay_group)group ||
                ask->probe->kind != RELAY_KIND_MAIL || ask->answer.meaning != RELAY_ACCEPTED) {
                continue;
            }
            is_proved = is_proved || ask->data.code / 100 == 3;
            bool fits = first == NULL || (ask != first && fit_together(first, ask));
            bool is_next = fits && ask->data.meaning == RELAY_UNASKED;
            found = found == SIZE_MAX && is_next ? i : found;
        }
        if (!is_proved && found != SIZE_MAX) {
            return found;
        }
    }
    return SIZE_MAX;
}

static void note_connection(struct relay_plan *plan, struct arena *arena, int64_t now)
{
    if (plan->connection_count == plan->connection_capacity) {
        size_t capacity = plan->connection_capacity + 64;
        int64_t *list = arena_array(arena, capacity, sizeof *list);
        if (plan->connection_count > 0) {
            memcpy(list, plan->connections, plan->connection_count * sizeof *list);
        }
        plan->connections = list;
        plan->connection_capacity = capacity;
    }
    plan->connections[plan->connection_count++] = now;
    plan->sessions++;
}

bool relay_plan_next(struct relay_plan *plan, struct arena *arena, int64_t now,
                     struct relay_session_plan *session, int64_t *until)
{
    *session = (struct relay_session_plan){.count = 0};
    *until = 0;
    if (plan->is_stopped || plan->sessions >= plan->allowance ||
        connections_since(plan, now - RELAY_WINDOW) >= plan->limits.most_connections) {
        return false;
    }
    size_t best = find_best(plan, now, NULL, session, until);
    bool is_urgent = best != SIZE_MAX && rank_of(plan, &plan->asks[best], now, until) < 4;
    bool is_full = plan->limits.per_session < 2;
    size_t data = plan->limits.data_abort && !is_urgent ? find_data(plan, NULL) : SIZE_MAX;
    session->is_data = data != SIZE_MAX;
    while (data != SIZE_MAX) {
        session->picks[session->count++] = data;
        plan->asks[data].data.meaning = RELAY_SILENT;
        /* Two refusals a connection are those of DATA. */
        data = session->count < 2 && !is_full ? find_data(plan, &plan->asks[data]) : SIZE_MAX;
    }
    while (!session->is_data && best != SIZE_MAX) {
        session->picks[session->count++] = best;
        if (session->count == plan->limits.per_session || session->count == RELAY_SESSION_MAX) {
            break;
        }
        best =
            find_best(plan, now, &plan->asks[session->picks[session->count - 1]], session, until);
    }
    if (session->count > 0) {
        note_connection(plan, arena, now);
    }
    return session->count > 0;
}

unsigned relay_plan_errors(const struct relay_plan *plan)
{
    unsigned most = plan->limits.per_session;
    return most > ERRORS_LEAST ? most : ERRORS_LEAST;
}

/* ---- the script */

static void add_step(struct relay_script *script, enum smtp_verb verb, const char *argument,
                     const char *keyword, unsigned flags)
{
    script->steps[script->count++] = (struct smtp_step){
        .verb = verb,
        .argument = argument,
        .keyword = keyword,
        .flags = flags,
    };
}

static void add_command(struct relay_script *script, enum relay_kind kind, unsigned under)
{
    bool is_xclient = kind == RELAY_KIND_XCLIENT;
    add_step(script, is_xclient ? SMTP_VERB_XCLIENT : SMTP_VERB_XFORWARD, XCLIENT_ARGUMENT,
             is_xclient ? "XCLIENT" : "XFORWARD", SMTP_STEP_IF_OFFERED | under);
}

void relay_plan_script(const struct relay_plan *plan, const struct relay_session_plan *session,
                       struct relay_script *script)
{
    const struct relay_ask *before = NULL;
    const char *ehlo = plan->asks[session->picks[0]].ehlo;
    unsigned under = plan->asks[session->picks[0]].tls ? SMTP_STEP_IF_TLS : 0;
    *script = (struct relay_script){.count = 0};
    add_step(script, SMTP_VERB_EHLO, ehlo, NULL, SMTP_STEP_REQUIRED);
    if (under != 0) {
        add_step(script, SMTP_VERB_STARTTLS, NULL, "STARTTLS",
                 SMTP_STEP_IF_OFFERED | SMTP_STEP_REQUIRED);
        add_step(script, SMTP_VERB_EHLO, ehlo, NULL, SMTP_STEP_REQUIRED | under);
    }
    for (size_t i = 0; i < session->count; i++) {
        const struct relay_ask *ask = &plan->asks[session->picks[i]];
        script->mails[i] = script->rcpts[i] = script->datas[i] = SIZE_MAX;
        if (ask->probe->kind != RELAY_KIND_MAIL) {
            script->rcpts[i] = script->count;
            add_command(script, ask->probe->kind, under);
            continue;
        }
        if (before != NULL) {
            bool is_same = strcmp(before->sender, ask->sender) == 0;
            /* Whoever does not take RSET ends the session: what came behind it would be an answer
             * to the first probe. */
            add_step(script, SMTP_VERB_RSET, NULL, NULL,
                     SMTP_STEP_REQUIRED | under |
                         (is_same ? SMTP_STEP_IF_RCPT : SMTP_STEP_IF_MAIL));
        }
        script->mails[i] = script->count;
        add_step(script, SMTP_VERB_MAIL, ask->sender, NULL, under | SMTP_STEP_UNLESS_MAIL);
        script->rcpts[i] = script->count;
        add_step(script, SMTP_VERB_RCPT, ask->recipient, NULL, under | SMTP_STEP_IF_MAIL);
        if (session->is_data) {
            script->datas[i] = script->count;
            add_step(script, SMTP_VERB_DATA, NULL, NULL, under | SMTP_STEP_IF_RCPT);
        }
        before = ask;
    }
}

/* ---- what came of it */

void relay_plan_record(struct relay_plan *plan, size_t index, const struct relay_answer *answer,
                       bool is_data)
{
    struct relay_ask *ask = &plan->asks[index];
    if (is_data) {
        ask->data = *answer;
        return;
    }
    ask->tries++;
    ask->answer = *answer;
    ask->needs_first = ask->needs_first || answer->is_spoilt;
    if (answer->meaning == RELAY_DEFERRED) {
        int64_t wait = answer->wait > 0 ? (int64_t)answer->wait : plan->limits.interval;
        ask->not_before = answer->at + wait;
    }
}

void relay_plan_end_session(struct relay_plan *plan, bool is_goodbye)
{
    plan->goodbyes = is_goodbye ? plan->goodbyes + 1 : 0;
    plan->is_stopped = plan->is_stopped || plan->goodbyes >= GOODBYES_MAX;
}
