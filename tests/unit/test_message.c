#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cases.h"
#include "mail/canonical.h"
#include "mail/message.h"

#define S CASES_SLICE

/* `fields`: each raw field in brackets, CRLF as "~". `body`: what is left over. */
static const struct row {
    const char *label;
    struct slice text;
    const char *fields;
    const char *body;
    size_t bad_lines;
} rows[] = {
    {"RFC 5322 2.1: header and body",                   S("A: b\r\nC: d\r\n\r\nbody\r\n"),     "[A: b][C: d]",  "body\r\n",
     0                                                                                                                       },
    {"bare LF",                                         S("A: b\nC: d\n\nbody\n"),             "[A: b][C: d]",  "body\n",   0},
    {"CRLF and LF mixed",                               S("A: b\nC: d\r\n\nbody"),             "[A: b][C: d]",  "body",     0},
    {"RFC 5322 2.2.3: folded lines",                    S("A: b\r\n c\n\td\r\n\r\n"),          "[A: b~ c~\td]", "",         0},
    {"RFC 5322 4.2: a folded line of white space only", S("A: b\r\n \r\n c\r\n\r\n"),          "[A: b~ ~ c]",
     "",                                                                                                                    0},
    {"RFC 5322 4.5: white space before the colon",      S("A \t: b\r\n\r\n"),                  "[A \t: b]",     "",         0},
    {"RFC 5322 2.2: an empty value",                    S("A:\r\n\r\n"),                       "[A:]",          "",         0},
    {"RFC 5322 2.1: no body",                           S("A: b\r\n"),                         "[A: b]",        "",         0},
    {"no line end at the end",                          S("A: b"),                             "[A: b]",        "",         0},
    {"no header",                                       S("\r\nbody"),                         "",              "body",     0},
    {"nothing",                                         S(""),                                 "",              "",         0},
    {"a CR inside a line stays",                        S("A: b\rc\r\n\r\n"),                  "[A: b\rc]",     "",         0},
    {"two CRs before LF: one of them stays",            S("A: b\r\r\n\r\n"),                   "[A: b\r]",      "",         0},
    {"NUL in a value",                                  S("A: b\0c\r\n\r\n"),                  NULL,            "",         0},
    {"mbox: a first line that starts with From",        S("From x Mon\r\nA: b\r\n\r\n"),       "[A: b]",        "",         0},
    {"mbox: only the first line",                       S("A: b\r\nFrom x\r\n\r\n"),           "[A: b]",        "",         1},
    {"a line that is no field",                         S("A: b\r\nno field\r\nC: d\r\n\r\n"), "[A: b][C: d]",  "",         1},
    {"a continuation of nothing",                       S(" x: y\r\nA: b\r\n\r\n"),            "[A: b]",        "",         1},
    {"a name with a control character",                 S("A\001: b\r\n\r\n"),                 "",              "",         1},
    {"a colon without a name",                          S(": b\r\n\r\n"),                      "",              "",         1},
};

/* Feeds the text in pieces of `step` octets; prints what came out. */
static void read_message(struct slice text, size_t step, struct message *message, struct text *body)
{
    message_init(message, 1000);
    text_init(body, 1000);
    for (size_t at = 0; at < text.length; at += step) {
        struct slice piece = slice_sub(text, at, step);
        size_t taken = message_feed(message, piece.start, piece.length);
        text_append_slice(body, slice_sub(piece, taken, piece.length));
    }
    message_end(message);
}

static void test_row(void **state)
{
    const struct row *row = *state;

    for (size_t step = 1; step <= row->text.length + 1; step++) {
        struct message message;
        struct text body, seen;
        read_message(row->text, step, &message, &body);
        text_init(&seen, 1000);
        for (size_t i = 0; i < message.count; i++) {
            struct slice raw = message.fields[i].raw;
            text_append(&seen, "[");
            for (size_t j = 0; j < raw.length; j++) {
                bool is_fold =
                    raw.start[j] == '\r' && j + 1 < raw.length && raw.start[j + 1] == '\n';
                text_append_char(&seen, is_fold ? '~' : raw.start[j]);
                j += is_fold;
            }
            text_append(&seen, "]");
        }
        if (row->fields)
            assert_string_equal(seen.start, row->fields);
        assert_string_equal(body.start, row->body);
        assert_int_equal(message.bad_lines, row->bad_lines);
        assert_true(message.is_complete);
        assert_false(message.is_cut);
        text_release(&seen);
        text_release(&body);
        message_release(&message);
    }
}

static void test_find(void **state)
{
    struct message message;
    struct text body;
    (void)state;

    read_message(slice_of("From: a\r\nfROM : b\r\nTo: c\r\n\r\n"), 100, &message, &body);
    assert_int_equal(message_count(&message, "from"), 2);
    assert_int_equal(message_count(&message, "Cc"), 0);
    assert_true(slice_equals_text(message_find(&message, "FROM")->value, " a"));
    assert_null(message_find(&message, "Subject"));
    text_release(&body);
    message_release(&message);
}

static void test_cut(void **state)
{
    struct message message;
    char line[101];
    (void)state;

    memset(line, 'x', sizeof line);
    line[1] = ':';
    line[100] = '\n';
    message_init(&message, 1000);
    for (int i = 0; i < 50; i++)
        assert_int_equal(message_feed(&message, line, sizeof line), sizeof line);
    assert_int_equal(message_feed(&message, "\nbody", 5), 1);
    assert_true(message.is_complete);
    assert_true(message.is_cut);
    assert_true(message.header.length <= 1000);
    message_release(&message);
}

static void test_many(void **state)
{
    struct message message;
    (void)state;

    message_init(&message, MESSAGE_HEADER_MAX);
    for (int i = 0; i <= MESSAGE_FIELDS_MAX; i++)
        message_feed(&message, "a:\n", 3);
    message_end(&message);
    assert_int_equal(message.count, MESSAGE_FIELDS_MAX);
    assert_true(message.is_cut);
    message_release(&message);
}

/* ---- canonical forms */

static const struct header_row {
    const char *label;
    struct slice field;
    const char *relaxed; /* NULL: holds a NUL, only the length is compared */
} headers[] = {
    {"RFC 6376 3.4.5: A",                                         S("A: X"),             "a:X"        },
    {"RFC 6376 3.4.5: B, white space and folding",                S("B : Y\t\r\n\tZ  "), "b:Y Z"      },
    {"RFC 6376 3.4.2: the value keeps its case",                  S("SUBJect: AbC"),     "subject:AbC"},
    {"RFC 6376 3.4.2: unfolded without the CRLF",                 S("A: b\r\n c"),       "a:b c"      },
    {"RFC 6376 3.4.2: runs of white space become one",            S("A:  b \t c"),       "a:b c"      },
    {"RFC 6376 3.4.2: white space at the end goes",               S("A: b \t"),          "a:b"        },
    {"RFC 6376 3.4.2: folded lines of white space at the end go", S("A: b\r\n \r\n\t"),  "a:b"        },
    {"RFC 6376 3.4.2: folded before the first word",              S("A:\r\n b"),         "a:b"        },
    {"RFC 6376 3.4.2: an empty value",                            S("A: "),              "a:"         },
    {"RFC 6376 3.4.2: nothing but folding",                       S("A:\r\n "),          "a:"         },
    {"RFC 6376 3.4.2: a colon in the value",                      S("A: b : c"),         "a:b : c"    },
    {"a CR alone is part of the value",                           S("A: b\rc"),          "a:b\rc"     },
    {"a CR alone at the end is part of the value",                S("A: b\r"),           "a:b\r"      },
    {"white space before a CR alone",                             S("A: b \r c"),        "a:b \r c"   },
    {"octets above 0x7F stay",                                    S("A: \xc3\x84"),      "a:\xc3\x84" },
};

static void collect(void *context, const char *octets, size_t length)
{
    text_append_slice(context, slice_new(octets, length));
}

static void test_header(void **state)
{
    const struct header_row *row = *state;

    for (size_t step = 1; step <= row->field.length; step++)
        for (int form = CANONICAL_SIMPLE; form <= CANONICAL_RELAXED; form++) {
            struct canonical_header header;
            struct text out;
            text_init(&out, 1000);
            canonical_header_init(&header, (enum canonical_form)form,
                                  (struct canonical_sink){collect, &out});
            for (size_t at = 0; at < row->field.length; at += step)
                canonical_header_feed(&header, slice_sub(row->field, at, step));
            canonical_header_end(&header);
            if (form == CANONICAL_SIMPLE)
                assert_true(slice_equals(text_slice(&out), row->field));
            else
                assert_string_equal(out.start, row->relaxed);
            text_release(&out);
        }
}

static const struct body_row {
    const char *label;
    struct slice body;
    struct slice simple;
    struct slice relaxed;
} bodies[] = {
    {"RFC 6376 3.4.5: the example",                        S(" C \r\nD \t E\r\n\r\n\r\n"), S(" C \r\nD \t E\r\n"),
     S(" C\r\nD E\r\n")                                                                                                                },
    {"RFC 6376 3.4.3: no body",                            S(""),                          S("\r\n"),               S("")              },
    {"RFC 6376 3.4.3: only empty lines",                   S("\r\n\r\n\r\n"),              S("\r\n"),               S("")              },
    {"RFC 6376 3.4.3: no CRLF at the end",                 S("a"),                         S("a\r\n"),              S("a\r\n")         },
    {"RFC 6376 3.4.3: empty lines inside stay",            S("a\r\n\r\n\r\nb\r\n"),        S("a\r\n\r\n\r\nb\r\n"),
     S("a\r\n\r\n\r\nb\r\n")                                                                                                           },
    {"RFC 6376 3.4.3: empty lines first stay",             S("\r\n\r\na\r\n"),             S("\r\n\r\na\r\n"),
     S("\r\n\r\na\r\n")                                                                                                                },
    {"RFC 6376 3.4.4: lines of white space become empty",  S("a\r\n \t\r\nb\r\n"),
     S("a\r\n \t\r\nb\r\n"),                                                                                        S("a\r\n\r\nb\r\n")},
    {"RFC 6376 3.4.4: such lines at the end go",           S("a\r\n \r\n\t\r\n"),          S("a\r\n \r\n\t\r\n"),
     S("a\r\n")                                                                                                                        },
    {"RFC 6376 3.4.4: such a line without CRLF goes too",  S("a\r\n  "),                   S("a\r\n  \r\n"),
     S("a\r\n")                                                                                                                        },
    {"RFC 6376 3.4.4: nothing but white space",            S(" \t "),                      S(" \t \r\n"),           S("")              },
    {"RFC 6376 3.4.4: white space at the start of a line", S(" \t a\r\n"),                 S(" \t a\r\n"),
     S(" a\r\n")                                                                                                                       },
    {"RFC 6376 3.4.4: runs of white space",                S("a \t b\t\tc  \r\n"),         S("a \t b\t\tc  \r\n"),
     S("a b c\r\n")                                                                                                                    },
    {"bare LF counts as CRLF",                             S("a\nb\n\n"),                  S("a\r\nb\r\n"),         S("a\r\nb\r\n")    },
    {"a CR alone is text",                                 S("a\rb\r\n"),                  S("a\rb\r\n"),           S("a\rb\r\n")      },
    {"two CRs before LF: one is text",                     S("a\r\r\n"),                   S("a\r\r\n"),            S("a\r\r\n")       },
    {"a CR at the end is text",                            S("a\r"),                       S("a\r\r\n"),            S("a\r\r\n")       },
    {"nothing but a CR",                                   S("\r"),                        S("\r\r\n"),             S("\r\r\n")        },
    {"white space before a CR alone",                      S("a \rb\r\n"),                 S("a \rb\r\n"),          S("a \rb\r\n")     },
    {"NUL is text",                                        S("a\0 b\r\n"),                 S("a\0 b\r\n"),          S("a\0 b\r\n")     },
};

static void test_body(void **state)
{
    const struct body_row *row = *state;

    for (size_t step = 1; step <= row->body.length + 1; step++)
        for (int form = CANONICAL_SIMPLE; form <= CANONICAL_RELAXED; form++) {
            struct canonical_body body;
            struct text out;
            struct slice expected = form == CANONICAL_SIMPLE ? row->simple : row->relaxed;
            text_init(&out, 1000);
            canonical_body_init(&body, (enum canonical_form)form,
                                (struct canonical_sink){collect, &out});
            for (size_t at = 0; at < row->body.length; at += step) {
                struct slice piece = slice_sub(row->body, at, step);
                canonical_body_feed(&body, piece.start, piece.length);
            }
            canonical_body_end(&body);
            assert_int_equal(out.length, expected.length);
            assert_memory_equal(out.start, expected.start, expected.length);
            assert_int_equal(body.length, expected.length);
            text_release(&out);
        }
}

static void count(void *context, const char *octets, size_t length)
{
    (void)octets;
    *(size_t *)context += length;
}

/* More than the buffer in one line, in many lines, and in empty lines that are held back. */
static void test_large(void **state)
{
    struct canonical_body body;
    size_t length = 0;
    char block[1000];
    (void)state;

    memset(block, 'x', sizeof block);
    canonical_body_init(&body, CANONICAL_RELAXED, (struct canonical_sink){count, &length});
    for (int i = 0; i < 100; i++)
        canonical_body_feed(&body, block, sizeof block);
    for (int i = 0; i < 100000; i++)
        canonical_body_feed(&body, "\n", 1);
    canonical_body_feed(&body, "y\n\n\n", 4);
    canonical_body_end(&body);
    assert_int_equal(length, 100 * sizeof block + 2 * 100000 + 3);
    assert_int_equal(body.length, length);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "RFC 5322 1.2.2: field names ignore case", test_find, NULL);
    cases_add(&cases, "a header over its maximum is cut, and the body found", test_cut, NULL);
    cases_add(&cases, "too many fields are cut", test_many, NULL);
    CASES_TABLE(&cases, test_header, headers);
    CASES_TABLE(&cases, test_body, bodies);
    cases_add(&cases, "a body larger than the buffer", test_large, NULL);
    return cases_run(&cases, "message");
}
