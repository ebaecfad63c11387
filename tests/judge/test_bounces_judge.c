/*
 * The judge of check_bounces: counts and what happened to the sources -> findings.
 */
#include <string.h>

#include "bounces.h"
#include "tests/unit/cases.h"

#define NOW 1795000000

/* A run that is judged. */
struct scene {
    struct arena arena;
    struct plugin_common common;
    struct bounces_config config;
    struct bounces_facts facts;
    struct bounces_totals totals;
    struct bounces_limit limit;
    struct report report;
    struct text said; /* "id=STATE id=STATE", in order */
};

static void open_scene(struct scene *scene)
{
    memset(scene, 0, sizeof *scene);
    arena_init(&scene->arena);
    scene->config = bounces_config_default;
    scene->common.warning = (struct range){.is_set = true, .end = 10};
    scene->common.critical = (struct range){.is_set = true, .end = 20};
    scene->common.timeout_result = STATE_UNKNOWN;
    scene->facts = (struct bounces_facts){
        .arena = &scene->arena, .now = NOW, .window = 3600, .has_logs = true};
    bounces_events_init(&scene->facts);
    report_init(&scene->report, &scene->arena, &bounces_definition.tables);
    text_init(&scene->said, 1000);
}

static void judge_scene(struct scene *scene, size_t limit_count)
{
    struct bounces_judge judge = {
        .config = &scene->config,
        .common = &scene->common,
        .facts = &scene->facts,
        .totals = &scene->totals,
        .limits = &scene->limit,
        .limit_count = limit_count,
        .report = &scene->report,
    };
    bounces_tally_sum(&scene->facts.tally, &scene->arena, &scene->totals);
    bounces_judge(&judge);
    for (size_t i = 0; i < scene->report.finding_count; i++) {
        const struct finding *finding = &scene->report.findings[i];
        text_printf(&scene->said, "%s%s=%d", i == 0 ? "" : " ",
                    bounces_findings[finding->definition].id + sizeof "bounces." - 1,
                    (int)finding->state);
    }
}

static void close_scene(struct scene *scene)
{
    bounces_events_release(&scene->facts);
    report_release(&scene->report);
    text_release(&scene->said);
    arena_release(&scene->arena);
}

static void happen(struct scene *scene, enum bounces_kind kind, unsigned count, const char *reply)
{
    struct bounces_event event = {
        .kind = kind,
        .when = NOW - 60,
        .file = "mail.log",
        .recipient = slice_of("u@example.org"),
        .reply = {.text = slice_of(reply)},
    };
    for (unsigned i = 0; i < count; i++)
        bounces_take(&scene->facts, &event);
}

/* ---- rates and limits; the rules are empty, so every refusal is of the class unknown */

static const struct rate_row {
    const char *label;
    unsigned delivered, bounced, expired, deferred, complaints;
    const char *limit; /* NULL: none */
    const char *said;
} rate_rows[] = {
    {"no bounce",                                    100, 0,  0,  0,  0, NULL,                        ""                   },
    {"10 % is not above 10",                         90,  10, 0,  0,  0, NULL,                        ""                   },
    {"above 10 % warns",                             89,  11, 0,  0,  0, NULL,                        "rate=1"             },
    {"20 % is not above 20",                         80,  20, 0,  0,  0, NULL,                        "rate=1"             },
    {"above 20 % is critical",                       79,  21, 0,  0,  0, NULL,                        "rate=2"             },
    {"what expired came back, too",                  79,  0,  21, 0,  0, NULL,                        "rate=2"             },
    {"deferrals are no bounces",                     50,  0,  0,  50, 0, NULL,                        ""                   },
    {"a rate of 49 mails is not judged",             0,   49, 0,  0,  0, NULL,                        "few-mails=0"        },
    {"a rate of 50 mails is",                        0,   50, 0,  0,  0, NULL,                        "rate=2"             },
    {"silence",                                      0,   0,  0,  0,  0, NULL,                        "no-mails=0"         },
    {"deferrals alone are no silence",               0,   0,  0,  1,  0, NULL,                        ""                   },
    {"a count below its limit",                      99,  1,  0,  0,  0, "unknown=2,3",               ""                   },
    {"a count at its limit warns",                   98,  2,  0,  0,  0, "unknown=2,3",               "limit=1"            },
    {"bounces and deferrals are one count",          98,  1,  0,  1,  0, "unknown=2,3",               "limit=1"            },
    {"a count above the critical limit",             96,  4,  0,  0,  0, "unknown=2,3",               "limit=2"            },
    {"a critical limit alone",                       97,  3,  0,  0,  0, "unknown=,3",                "limit=2"            },
    {"a share at its limit",                         95,  0,  0,  5,  0, "deferred=5%",               "limit=1"            },
    {"a share below its limit",                      96,  0,  0,  4,  0, "deferred=5%",               ""                   },
    {"a share of few mails is not judged",           5,   0,  0,  5,  0, "deferred=5%",               "few-mails=0"        },
    {"a count of few mails is",                      5,   0,  0,  5,  0, "deferred=5",                "few-mails=0 limit=1"},
    {"a provider by its own mails",                  95,  5,  0,  0,  0, "provider:EXAMPLE.org=5%",   "limit=1"            },
    {"a provider that no mail went to",              95,  5,  0,  0,  0, "provider:example.net=0.1%", ""                   },
    {"complaints are a share of what was delivered", 999, 0,  0,  0,  1, "complaints=0.1%",           "limit=1"            },
    {"another class",                                50,  5,  0,  0,  0, "bad-mailbox=1",             ""                   },
    {"a limit of 0 is silent when nothing happened", 50,  0,  0,  0,  0, "deferred=0,0",              ""                   },
    {"a limit of 0 is reached by the first",         50,  1,  0,  0,  0, "unknown=,0",                "limit=2"            },
    {"a share of 0 is silent when nothing happened", 50,  0,  0,  0,  0, "deferred=0%,0%",            ""                   },
    {"expired is a class",                           50,  0,  1,  0,  0, "expired=1",                 "limit=1"            },
};

static void test_rate(void **state)
{
    const struct rate_row *row = *state;
    struct scene scene;
    open_scene(&scene);
    happen(&scene, BOUNCES_DELIVERED, row->delivered, "");
    happen(&scene, BOUNCES_BOUNCED, row->bounced, "no");
    happen(&scene, BOUNCES_EXPIRED, row->expired, "");
    happen(&scene, BOUNCES_DEFERRED, row->deferred, "later");
    happen(&scene, BOUNCES_COMPLAINT, row->complaints, "");
    if (row->limit != NULL)
        assert_true(bounces_limit_parse(&scene.arena, row->limit, &scene.limit));
    scene.facts.sources = arena_array(&scene.arena, 1, sizeof *scene.facts.sources);
    scene.facts.sources[0] = (struct bounces_source){.name = "mail.log", .is_known = true};
    scene.facts.source_count = 1;
    judge_scene(&scene, row->limit != NULL ? 1 : 0);
    assert_string_equal(scene.said.start, row->said);
    close_scene(&scene);
}

/* Without a log no delivery is seen: a rate would be a lie. */
static void test_no_log(void **state)
{
    struct scene scene;
    (void)state;
    open_scene(&scene);
    scene.facts.has_logs = false;
    happen(&scene, BOUNCES_BOUNCED, 100, "no");
    judge_scene(&scene, 0);
    assert_string_equal(scene.said.start, "");
    close_scene(&scene);
}

/* ---- sources */

static const struct source_row {
    const char *label;
    struct bounces_source source;
    const char *said; /* behind "no-mails" */
} source_rows[] = {
    {"all is well",                {.is_known = true},                                  ""                  },
    {"there is no log",            {.status = BOUNCES_SOURCE_MISSING},                  "log-missing=3 "    },
    {"it may not be read",         {.status = BOUNCES_SOURCE_FORBIDDEN},                "permission=3 "     },
    {"it is no file",              {.status = BOUNCES_SOURCE_NO_FILE},                  "log-unreadable=3 " },
    {"reading failed",             {.status = BOUNCES_SOURCE_BROKEN, .is_known = true}, "log-unreadable=3 " },
    {"no journal in this program", {.status = BOUNCES_SOURCE_NOT_BUILT},                "journal-missing=3 "},
    {"copied and emptied",         {.is_known = true, .is_copied = true},               "copied=0 "         },
    {"emptied",                    {.is_known = true, .is_truncated = true},            "truncated=1 "      },
    {"rotated, the old file gone", {.is_known = true, .is_lost = true},                 "rotated-lost=1 "   },
    {"a journal was vacuumed",
     {.is_known = true, .is_lost = true, .is_journal = true},
     "rotated-lost=1 "                                                                                      },
    {"not to its end",             {.is_known = true, .left = 5},                       "backlog=3 "        },
    {"a line too long",            {.is_known = true, .long_lines = 1},                 "long-line=0 "      },
    {"lines of something else",    {.lines = 1},                                        "unknown-format=3 " },
    {"an empty log",               {.lines = 0},                                        ""                  },
};

static void test_source(void **state)
{
    const struct source_row *row = *state;
    struct scene scene;
    open_scene(&scene);
    scene.facts.sources = arena_array(&scene.arena, 1, sizeof *scene.facts.sources);
    scene.facts.sources[0] = row->source;
    scene.facts.sources[0].name = "mail.log";
    scene.facts.sources[0].trouble = "it is so";
    scene.facts.source_count = 1;
    judge_scene(&scene, 0);
    assert_string_equal(scene.said.start, arena_format(&scene.arena, "%sno-mails=0", row->said));
    close_scene(&scene);
}

/* A journal has no rotated file that could be kept. */
static void test_vacuumed(void **state)
{
    struct scene scene;
    (void)state;
    open_scene(&scene);
    scene.facts.sources = arena_array(&scene.arena, 1, sizeof *scene.facts.sources);
    scene.facts.sources[0] = (struct bounces_source){
        .name = "journal", .is_known = true, .is_lost = true, .is_journal = true};
    scene.facts.source_count = 1;
    judge_scene(&scene, 0);
    assert_non_null(strstr(scene.report.findings[0].fix, "journald.conf"));
    assert_null(strstr(scene.report.findings[0].text, "file"));
    close_scene(&scene);
}

/* With a state file a few foreign lines between two runs say nothing yet. */
static void test_few_foreign_lines(void **state)
{
    struct scene scene;
    (void)state;
    for (uint64_t lines = 99; lines <= 100; lines++) {
        open_scene(&scene);
        scene.config.state_file = "state";
        scene.facts.sources = arena_array(&scene.arena, 1, sizeof *scene.facts.sources);
        scene.facts.sources[0] = (struct bounces_source){.name = "mail.log", .lines = lines};
        scene.facts.source_count = 1;
        judge_scene(&scene, 0);
        assert_string_equal(scene.said.start,
                            lines < 100 ? "no-mails=0" : "unknown-format=3 no-mails=0");
        close_scene(&scene);
    }
}

static const struct backlog_row {
    const char *label;
    struct bounces_source source;
    const char *text;
} backlog_rows[] = {
    {"of a log the octets are told", {.left = 2}, "the time was up with 2 octets of it unread"},
    {"one octet is one",             {.left = 1}, "the time was up with 1 octet of it unread" },
    {"a journal has no octets",
     {.left = 1, .is_journal = true},
     "the time was up with a part of it unread"                                               },
    {"a Maildir has messages",
     {.left = 2, .noun = "Maildir"},
     "the time was up with a part of it unread"                                               },
};

static void test_backlog(void **state)
{
    const struct backlog_row *row = *state;
    struct scene scene;
    open_scene(&scene);
    scene.facts.sources = arena_array(&scene.arena, 1, sizeof *scene.facts.sources);
    scene.facts.sources[0] = row->source;
    scene.facts.sources[0].name = "source";
    scene.facts.sources[0].is_known = true;
    scene.facts.source_count = 1;
    judge_scene(&scene, 0);
    assert_string_equal(scene.report.findings[0].text, row->text);
    close_scene(&scene);
}

static const struct state_row {
    const char *label;
    enum bounces_state_trouble trouble;
    const char *said;
} state_rows[] = {
    {"the state file is good", BOUNCES_STATE_GOOD,     ""               },
    {"there is none",          BOUNCES_STATE_FIRST,    "first-run=0"    },
    {"it was corrupt",         BOUNCES_STATE_CORRUPT,  "state-corrupt=1"},
    {"it cannot be used",      BOUNCES_STATE_UNUSABLE, "state-file=3"   },
    {"another run holds it",   BOUNCES_STATE_LOCKED,   "locked=3"       },
};

static void test_state(void **state)
{
    const struct state_row *row = *state;
    struct scene scene;
    open_scene(&scene);
    scene.config.state_file = "state";
    scene.facts.state_trouble = row->trouble;
    scene.facts.state_message = "it is so";
    judge_scene(&scene, 0);
    assert_string_equal(scene.said.start, row->said);
    close_scene(&scene);
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_rate, rate_rows);
    cases_add(&cases, "without a log there is no rate", test_no_log, NULL);
    CASES_TABLE(&cases, test_source, source_rows);
    cases_add(&cases, "entries of a journal that are gone are told as that", test_vacuumed, NULL);
    cases_add(&cases, "few foreign lines say nothing", test_few_foreign_lines, NULL);
    CASES_TABLE(&cases, test_backlog, backlog_rows);
    CASES_TABLE(&cases, test_state, state_rows);
    return cases_run(&cases, "bounces_judge");
}
