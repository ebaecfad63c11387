/* Which probes in which session, and what is remembered: hours of checks on a clock of the test,
 * against servers that count. */
#include <string.h>

#include "cases.h"
#include "relay_memory.h"

static const char PROBES[] = "A1 relay deciding - <{F}> <{T}>\n"
                             "A2 relay deciding - <> <{T}>\n"
                             "A3 relay deciding - <alice@{D}> <{T}>\n"
                             "A4 relay deciding - <postmaster@{D}> <{T}>\n"
                             "A5 relay deciding - <probe@{H}> <{T}>\n"
                             "A6 relay deciding - <probe@[{I}]> <{T}>\n"
                             "A16 relay extended {D} <{F}> <{T}>\n"
                             "A18 relay default - <{F}> <@{H}:{T}>\n"
                             "B3 routed default - <{F}> <{L}%{X}@{D}>\n"
                             "B12 routed default - <{F}> <\"{T}\"@{D}>\n"
                             "B18 routed default - <{F}> <{T}@{D}>\n"
                             "B26 routed default - <{F}> <{X}!{L}@{D}>\n"
                             "C-A control-sink default - <> <x-{R}@{R}.invalid>\n"
                             "C-B control-local default - <> <nx-{R}@{D}>\n"
                             "C-C control-us default - <> <postmaster@{D}>\n";

static const struct relay_names NAMES = {
    "probe@x.example", "t@x.example", "t", "x.example", "mail.test", "d.test", "192.0.2.1", "r",
};

static const struct relay_limits LIMITS = {
    .per_session = 2,
    .max_sessions = 8,
    .most_connections = 15,
    .interval = 1,
    .keep = 900,
};

static const struct relay_memory_subject SUBJECT = {"d.test", "probe@x.example", "t@x.example",
                                                    "-"};

#define WINDOW 600
#define BAN_CONNECTIONS 20 /* in that time */
#define BAN_ERRORS 5       /* of a connection */
#define START 1700000000

/* How a server answers a probe: by its id and group, and what the connection had before. */
typedef unsigned server(const struct relay_ask *ask, unsigned errors, int64_t now);

static unsigned closed(const struct relay_ask *ask, unsigned errors, int64_t now)
{
    (void)errors;
    (void)now;
    return ask->probe->group == RELAY_CONTROL_US ? 250 : 554;
}

static unsigned wide_open(const struct relay_ask *ask, unsigned errors, int64_t now)
{
    (void)ask;
    (void)errors;
    (void)now;
    return 250;
}

static unsigned grey(const struct relay_ask *ask, unsigned errors, int64_t now)
{
    (void)ask;
    (void)errors;
    (void)now;
    return 450;
}

static unsigned hangs_up(const struct relay_ask *ask, unsigned errors, int64_t now)
{
    return errors > 0 ? 421 : closed(ask, errors, now);
}

static unsigned opened_later(const struct relay_ask *ask, unsigned errors, int64_t now)
{
    return now < START + 1800 ? closed(ask, errors, now) : 250;
}

struct world {
    server *server;
    struct arena arena;
    struct relay_table table;
    struct text memory;
    bool forgets; /* no state file */
    int64_t times[4000];
    size_t connections;
    unsigned worst_errors;
    struct relay_plan plan; /* of the last run */
};

static void world_open(struct world *world, server *of_it)
{
    char message[256];
    memset(world, 0, sizeof *world);
    world->server = of_it;
    text_init(&world->memory, 1000000);
    assert_true(relay_probe_read(&world->table, &world->arena, slice_of(PROBES), "f", message));
}

static void world_close(struct world *world)
{
    text_release(&world->memory);
    arena_release(&world->arena);
}

static void play(struct world *world, const struct relay_session_plan *session, int64_t now)
{
    unsigned errors = 0;
    bool is_goodbye = false;
    world->times[world->connections++] = now;
    for (size_t i = 0; i < session->count && !is_goodbye; i++) {
        const struct relay_ask *ask = &world->plan.asks[session->picks[i]];
        struct relay_answer answer = {
            .verb = SMTP_VERB_RCPT,
            .code = world->server(ask, errors, now),
            .text = "x",
            .at = now,
        };
        answer.meaning = answer.code / 100 == 2   ? RELAY_ACCEPTED
                         : answer.code == 421     ? RELAY_VOID
                         : answer.code / 100 == 4 ? RELAY_DEFERRED
                                                  : RELAY_REFUSED_RELAY;
        is_goodbye = answer.code == 421;
        errors += answer.code >= 400;
        relay_plan_record(&world->plan, session->picks[i], &answer, false);
    }
    relay_plan_end_session(&world->plan, is_goodbye);
    world->worst_errors = errors > world->worst_errors ? errors : world->worst_errors;
}

/* One check that begins at `now`. */
static void run_check(struct world *world, const struct relay_limits *limits,
                      const struct relay_choice *choice, int64_t now)
{
    struct relay_session_plan session;
    struct relay_plan *plan = &world->plan;
    int64_t until, began = now;
    relay_plan_init(plan, &world->arena, limits, &world->table, choice);
    relay_plan_fill(plan, &world->arena, &NAMES);
    if (!world->forgets) {
        assert_int_equal(relay_memory_read(text_slice(&world->memory), &world->arena, &SUBJECT,
                                           "t:25", now, plan),
                         0);
    }
    relay_plan_begin(plan, now);
    for (;;) {
        if (relay_plan_next(plan, &world->arena, now, &session, &until)) {
            assert_in_range(session.count, 1, limits->per_session);
            play(world, &session, now);
            now += limits->interval;
        } else if (until != 0 && until < began + 30) {
            now = until;
        } else {
            break;
        }
    }
    text_clear(&world->memory);
    relay_memory_print_subject(&SUBJECT, &world->memory);
    relay_memory_print(plan, "t:25", now, &world->memory);
}

/* The most connections within WINDOW. */
static size_t busiest(const struct world *world)
{
    size_t most = 0, first = 0;
    for (size_t i = 0; i < world->connections; i++) {
        while (world->times[i] - world->times[first] > WINDOW) {
            first++;
        }
        most = i - first + 1 > most ? i - first + 1 : most;
    }
    return most;
}

static const struct relay_choice DEFAULT = {.last = RELAY_SET_DEFAULT};

static const struct row {
    const char *label;
    server *server;
    unsigned checks, every; /* seconds */
} rows[] = {
    {"an hour of 60 checks of a closed server is never banned", closed,       60,  60  },
    {"nor of an open one",                                      wide_open,    60,  60  },
    {"nor of one that greylists everything",                    grey,         60,  60  },
    {"nor of one that hangs up at the second error",            hangs_up,     60,  60  },
    {"nor of one that was opened in between",                   opened_later, 60,  60  },
    {"nor are 240 checks, each fifteen seconds",                closed,       240, 15  },
    {"nor one every five minutes for a day",                    closed,       288, 300 },
    {"nor one each hour for a day",                             closed,       24,  3600},
};

static void test_never_banned(void **state)
{
    const struct row *row = *state;
    static struct world world;
    world_open(&world, row->server);
    for (unsigned i = 0; i < row->checks; i++) {
        run_check(&world, &LIMITS, &DEFAULT, START + (int64_t)i * row->every);
        for (size_t k = 0; row->server == closed && k < world.plan.count; k++) {
            const struct relay_ask *ask = &world.plan.asks[k];
            if (!relay_group_is_control(ask->probe->group)) {
                /* In every one of these checks the verdict stands on answers that hold. */
                assert_int_equal(ask->answer.meaning, RELAY_REFUSED_RELAY);
            }
        }
    }
    assert_true(world.connections > 0);
    assert_true(busiest(&world) <= LIMITS.most_connections);
    assert_true(busiest(&world) < BAN_CONNECTIONS);
    assert_true(world.worst_errors <= 2);
    world_close(&world);
}

static void test_without_memory(void **state)
{
    (void)state;
    static struct world world;
    world_open(&world, closed);
    world.forgets = true;
    for (int i = 0; i < 5; i++) {
        run_check(&world, &LIMITS, &DEFAULT, START + i * 60);
    }
    /* It is the memory that keeps the row above from being banned. */
    assert_true(busiest(&world) >= BAN_CONNECTIONS);
    world_close(&world);
}

static void test_change_is_seen(void **state)
{
    (void)state;
    static struct world world;
    int64_t seen = 0;
    world_open(&world, opened_later);
    for (int i = 0; i < 60 && seen == 0; i++) {
        run_check(&world, &LIMITS, &DEFAULT, START + i * 60);
        for (size_t k = 0; k < world.plan.count; k++) {
            const struct relay_ask *ask = &world.plan.asks[k];
            if (ask->probe->group == RELAY_GROUP_RELAY && ask->answer.meaning == RELAY_ACCEPTED) {
                seen = START + i * 60;
            }
        }
    }
    assert_in_range(seen - START, 1800, 2160);
    world_close(&world);
}

static void test_order(void **state)
{
    (void)state;
    static struct world world;
    struct relay_session_plan session;
    int64_t until;
    static const char *const WANTED[] = {"C-C A2", "A1 A3", "A4 A5", "A6 A18", "B3 B12", "B18 B26"};
    world_open(&world, closed);
    struct relay_plan *plan = &world.plan;
    relay_plan_init(plan, &world.arena, &LIMITS, &world.table, &DEFAULT);
    relay_plan_fill(plan, &world.arena, &NAMES);
    relay_plan_begin(plan, START);
    for (size_t i = 0; i < sizeof WANTED / sizeof WANTED[0]; i++) {
        assert_true(relay_plan_next(plan, &world.arena, START, &session, &until));
        assert_int_equal(session.count, 2);
        const char *both = arena_format(&world.arena, "%s %s", plan->asks[session.picks[0]].id,
                                        plan->asks[session.picks[1]].id);
        assert_string_equal(both, WANTED[i]);
        play(&world, &session, START);
    }
    assert_false(relay_plan_next(plan, &world.arena, START, &session, &until));
    assert_int_equal(until, 0);
    world_close(&world);
}

static void test_script(void **state)
{
    (void)state;
    static struct world world;
    struct relay_session_plan session = {.count = 3, .is_data = true};
    struct relay_script script;
    struct text text, line;
    world_open(&world, closed);
    relay_plan_init(&world.plan, &world.arena, &LIMITS, &world.table, &DEFAULT);
    relay_plan_fill(&world.plan, &world.arena, &NAMES);
    session.picks[0] = 0; /* A1 */
    session.picks[1] = 6; /* A18: the same sender */
    session.picks[2] = 1; /* A2 */
    relay_plan_script(&world.plan, &session, &script);
    text_init(&text, 2000);
    text_init(&line, 600);
    for (size_t i = 0; i < script.count; i++) {
        const struct smtp_step *step = &script.steps[i];
        if (step->verb != SMTP_VERB_EHLO) {
            assert_true(smtp_step_print(step->verb, step->argument, false, &line));
            text_printf(&text, "%s %u\n", line.start, step->flags);
        }
    }
    assert_string_equal(text.start, "MAIL FROM:<probe@x.example> 64\n"
                                    "RCPT TO:<t@x.example> 8\nDATA 32\n"
                                    "RSET 33\nMAIL FROM:<probe@x.example> 64\n"
                                    "RCPT TO:<@mail.test:t@x.example> 8\nDATA 32\n"
                                    "RSET 9\nMAIL FROM:<> 64\nRCPT TO:<t@x.example> 8\nDATA 32\n");
    text_release(&text);
    text_release(&line);
    world_close(&world);
}

static void test_choice(void **state)
{
    (void)state;
    static struct world world;
    static const char *const ids[] = {"b3-alice", "A16", NULL};
    static const char *const skipped[] = {"C-A", NULL};
    const struct relay_choice some = {.ids = ids, .skipped = skipped, .starttls = true};
    const struct relay_choice all = {.last = RELAY_SET_EXTENDED};
    world_open(&world, closed);
    relay_plan_init(&world.plan, &world.arena, &LIMITS, &world.table, &some);
    /* A16, C-B, C-C and B3-alice, in the clear and under TLS. */
    assert_int_equal(world.plan.count, 8);
    assert_string_equal(world.plan.asks[6].id, "B3-alice");
    assert_true(world.plan.asks[7].tls);
    relay_plan_init(&world.plan, &world.arena, &LIMITS, &world.table, &all);
    assert_int_equal(world.plan.count, 15 + 4);
    world_close(&world);
}

static void test_bad_clock(void **state)
{
    (void)state;
    static struct world world;
    world_open(&world, closed);
    run_check(&world, &LIMITS, &DEFAULT, START + 1000000);
    /* The clock was set back: neither connections nor answers of the future are believed. */
    run_check(&world, &LIMITS, &DEFAULT, START);
    assert_int_equal(world.plan.sessions, 6);
    world_close(&world);
}

static const struct bad {
    const char *label;
    const char *lines;
    size_t line; /* 0: read */
} bads[] = {
    {"an empty memory",                              "",                                           0},
    {"what it writes",
     "asked\td.test\tprobe@x.example\tt@x.example\t-\nconnected\tt:25\t1700000000\n"
     "answer\tt:25\tclear\tA1\t730df5e6\t1700000000\trefused-relay\tRCPT\t554\t5.7.1\t5.7.1 no\n", 0},
    {"answers about another domain are passed over",
     "asked\te.test\tx\ty\t-\nanswer\tt:25\tclear\tA1\tx\ty\tz\t1\t2\t3\t4\n",                     0},
    {"the server's name",                            "named\tt:25\tmail.test\n",                   0},
    {"a name that is none",                          "named\tt:25\tmail test\n",                   2},
    {"a word that it does not know",                 "forgotten\tt:25\t1\n",                       2},
    {"a time that is none",                          "connected\tt:25\t-5\n",                      2},
    {"a column too many",                            "connected\tt:25\t5\t6\n",                    2},
    {"a meaning that is none",
     "asked\td.test\tprobe@x.example\tt@x.example\t-\n"
     "answer\tt:25\tclear\tA1\t730df5e6\t1700000000\tperhaps\tRCPT\t554\t5.7.1\tno\n",             3},
};

static void test_memory(void **state)
{
    const struct bad *row = *state;
    static struct world world;
    world_open(&world, closed);
    relay_plan_init(&world.plan, &world.arena, &LIMITS, &world.table, &DEFAULT);
    assert_int_equal(relay_memory_read(slice_of(row->lines), &world.arena, &SUBJECT, "t:25",
                                       START + 10, &world.plan),
                     row->line);
    assert_true(row->line == 0 || world.plan.connection_count == 0);
    world_close(&world);
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_never_banned, rows);
    CASES_TABLE(&cases, test_memory, bads);
    cases_add(&cases, "without a memory the same checks would be banned", test_without_memory,
              NULL);
    cases_add(&cases, "a server that is opened is found out within six checks", test_change_is_seen,
              NULL);
    cases_add(&cases, "4.3: the control and A1 to A6 come first, two a session", test_order, NULL);
    cases_add(&cases, "4.3: RSET before another sender and after an acceptance only", test_script,
              NULL);
    cases_add(&cases, "--probe, --skip, --extended, --starttls", test_choice, NULL);
    cases_add(&cases, "a clock that was wrong", test_bad_clock, NULL);
    return cases_run(&cases, "relay_plan");
}
