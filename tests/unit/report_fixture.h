/*
 * A plugin's tables and a report about nothing, for the tests of report/.
 */
#ifndef TESTS_UNIT_REPORT_FIXTURE_H
#define TESTS_UNIT_REPORT_FIXTURE_H

#include <math.h>
#include <string.h>

#include "cases.h"
#include "report/escape.h"
#include "report/report.h"

#define NOT_A_NUMBER ((double)NAN)

enum {
    BROKEN,
    WEAK,
    UNCLEAR,
    NOTE,
};

enum {
    PROBLEMS,
    TIME,
    SIZE,
    SHARE,
    SENT,
};

static const struct finding_definition fixture_findings[] = {
    {"mail.broken",  STATE_CRITICAL, "mail is broken",  "nothing arrives", "mend it",    "RFC 5321 4.1"},
    {"mail.weak",    STATE_WARNING,  "mail is weak",    "some is late",    "feed it",    "RFC 5321 4.2"},
    {"mail.unclear", STATE_UNKNOWN,  "mail is unclear", "nobody knows",    "look again",
     "RFC 5321 4.3"                                                                                    },
    {"mail.note",    STATE_OK,       "mail is fine",    "it arrives",      NULL,         "RFC 5321 4.4"},
};

static const struct metric_definition fixture_metrics[] = {
    {"problems", "",  0, "Problems found"       },
    {"time",     "s", 3, "Time taken"           },
    {"size",     "B", 0, "Size of the message"  },
    {"share",    "%", 1, "Share of what is late"},
    {"sent",     "c", 0, "Messages sent"        },
};

static const struct report_tables fixture_tables = {
    .plugin = "check_mail",
    .version = "1.2.3",
    .service = "MAIL BOX",
    .findings = fixture_findings,
    .finding_count = sizeof(fixture_findings) / sizeof(fixture_findings[0]),
    .metrics = fixture_metrics,
    .metric_count = sizeof(fixture_metrics) / sizeof(fixture_metrics[0]),
    .facts = "{\"record\":null,\"hosts\":[]}",
};

struct fixture {
    struct arena arena;
    struct report report;
    struct report_style style;
    struct text out;
};

static inline void fixture_open(struct fixture *fixture, enum report_format format)
{
    *fixture = (struct fixture){
        .style = {.format = format, .most_octets = REPORT_TEXT_MAX}
    };
    arena_init(&fixture->arena);
    report_init(&fixture->report, &fixture->arena, &fixture_tables);
    text_init(&fixture->out, 1 << 20);
}

static inline void fixture_close(struct fixture *fixture)
{
    text_release(&fixture->out);
    report_release(&fixture->report);
    arena_release(&fixture->arena);
}

/* The whole output, written anew. */
static inline const char *fixture_write(struct fixture *fixture)
{
    text_clear(&fixture->out);
    report_write(&fixture->report, &fixture->style, 0.0123, &fixture->out);
    assert_false(fixture->out.truncated);
    assert_int_equal(strlen(fixture->out.start), fixture->out.length);
    assert_int_equal(fixture->out.start[fixture->out.length - 1], '\n');
    return fixture->out.start;
}

/* `size` octets of the pattern, again and again; released with free(). */
static inline char *fixture_repeat(const char *pattern, size_t size)
{
    size_t length = strlen(pattern);
    char *octets = malloc(size + 1);

    assert_non_null(octets);
    for (size_t i = 0; i < size; i++)
        octets[i] = pattern[i % length];
    octets[size] = '\0';
    return octets;
}

/* What a server may send: perfdata, HTML, terminal control, bad UTF-8, reordering, a forged line.
 */
#define FIXTURE_HOSTILE                                                                            \
    "550 | load=1;;;\n<b>x</b>\x1b[2J\xc0\xaf\xff\xe2\x80\xae \"q\" \\n0 \"Forged\" - fine\r\n"

#endif
