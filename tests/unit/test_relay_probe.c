/* The file of probes, and how its addresses are filled in. */
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "relay_probe.h"

static const struct row {
    const char *label;
    const char *text;
    const char *fault; /* NULL: read */
} rows[] = {
  /* clang-format off */
    {"a probe", "A1 relay deciding - <{F}> <{T}>\n", NULL},
    {"comments, empty lines, tabs and CRLF", "# a\n\n  A1\trelay default - <>\t<{T}>\r\n", NULL},
    {"a recipient with a blank, and one without brackets", "B22 routed extended - <{F}> <{T} @{D}>\nA11 relay extended - <> {T}", NULL},
    {"an EHLO name of its own", "A16 relay extended {D} <{F}> <{T}>\n", NULL},
    {"XCLIENT", "A17 relay extended - - XCLIENT\n", NULL},
    {"RFC 2606 2: domains that nobody has", "Z relay default - <a@b.example> <x@y.invalid>\n", NULL},
    {"RFC 5737: an address literal", "Z relay default - <> <x@[192.0.2.77]>\n", NULL},
    {"a dot at the end", "Z relay default - <> <{T}.>\n", NULL},
    {"a third party", "Z relay default - <> <victim@gmail.com>\n", "f:1: a domain is written out"},
    {"a third party as the sender", "Z relay default - <a@gmail.com> <{T}>\n", "f:1: a domain is written out"},
    {"a third party behind ours", "Z relay default - <> <{T}%gmail.com>\n", "f:1: a domain is written out"},
    {"a name that begins with ours and ends as another", "Z relay default - <> <{L}@{X}.com>\n", "f:1: a domain is written out"},
    {"a name that ours is the end of", "Z relay default - <{F}> <{L}@x{X}>\n", "f:1: a domain is written out"},
    {"the same with a word", "Z relay default - <{F}> <{L}@evil{D}>\n", "f:1: a domain is written out"},
    {"the same with a placeholder", "Z relay default - <{F}> <{L}@{R}{D}>\n", "f:1: a domain is written out"},
    {"letters behind ours", "Z relay default - <{F}> <{L}@{D}x>\n", "f:1: a domain is written out"},
    {"a name below ours is ours", "Z relay default - <{F}> <{L}@sub.{X}>\n", NULL},
    {"a literal of somebody", "Z relay default - <{F}> <{L}@[8.8.8.8]>\n", "f:1: a domain is written out"},
    {"an IPv6 literal of somebody", "Z relay default - <{F}> <{L}%[IPv6:2606:4700::1]@{D}>\n", "f:1: a domain is written out"},
    {"an address without brackets", "Z relay default - <{F}> <{L}@8.8.8.8>\n", "f:1: a domain is written out"},
    {"a top-level domain", "Z relay default - <{F}> <a@com>\n", "f:1: a domain is written out"},
    {"a host of UUCP", "Z relay default - <{F}> <gmail.com!a>\n", "f:1: a domain is written out"},
    {"a source route", "Z relay default - <{F}> <@gmail.com:{T}>\n", "f:1: a domain is written out"},
    {"the end of a source route", "Z relay default - <{F}> <@{H}:a@gmail.com>\n", "f:1: a domain is written out"},
    {"loopback and localhost", "Z relay default - <p@[127.0.0.1]> <a@localhost>\n", NULL},
    {"the gateway's way to write @", "Z relay default - <> <IMCEASMTP-{L}+40{X}@{D}>\n", NULL},
    {"the second line is wrong", "A1 relay default - <> <{T}>\nA2 relais default - <> <{T}>\n", "f:2: the group is"},
    {"no set", "A1 relay often - <> <{T}>\n", "f:1: the set is"},
    {"an id with an underscore", "A_1 relay default - <> <{T}>\n", "f:1: an id has"},
    {"an id of 25 letters", "AAAAAAAAAAAAAAAAAAAAAAAAA relay default - <> <{T}>\n", "f:1: an id has"},
    {"the same id twice", "A1 relay default - <> <{T}>\na1 relay default - <> <{T}>\n", "f:2: the id stands"},
    {"a sender without brackets", "A1 relay default - {F} <{T}>\n", "f:1: the sender is"},
    {"no recipient", "A1 relay default - <>\n", "f:1: an address is missing"},
    {"another command", "A1 relay default - - XSECRET\n", "f:1: the sender is"},
    {"braces with another letter", "A1 relay default - <{Q}> <{T}>\n", "f:1: braces hold"},
    {"braces that do not close", "A1 relay default - <> <{T\n", "f:1: braces hold"},
    {"a control character", "A1 relay default - <> <{T}\a>\n", "f:1: an address has"},
  /* clang-format on */
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct arena arena = {0};
    struct relay_table table = {0};
    char message[256] = "";
    bool is_read = relay_probe_read(&table, &arena, slice_of(row->text), "f", message);
    if (row->fault == NULL) {
        assert_string_equal(message, "");
    }
    assert_int_equal(is_read, row->fault == NULL);
    if (row->fault != NULL) {
        assert_memory_equal(message, row->fault, strlen(row->fault));
    }
    arena_release(&arena);
}

static const struct relay_names NAMES = {
    .from = "f@x.example",
    .to = "t@x.example",
    .local = "t",
    .foreign = "x.example",
    .domain = "d.test",
    .literal = "IPv6:2001:db8::1",
    .random = "r",
};

static void test_fill(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_string_equal(relay_probe_fill(&arena, "<{L}%{X}@{D}>", &NAMES), "<t%x.example@d.test>");
    assert_string_equal(relay_probe_fill(&arena, "<{F}>{T}[{I}]{R}", &NAMES),
                        "<f@x.example>t@x.example[IPv6:2001:db8::1]r");
    assert_string_equal(relay_probe_fill(&arena, "", &NAMES), "");
    assert_null(relay_probe_fill(&arena, "<@{H}:{T}>", &NAMES));
    arena_release(&arena);
}

static void test_later_file(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct relay_table table = {0};
    char message[256];
    assert_true(relay_probe_read(&table, &arena,
                                 SLICE_LITERAL("A1 relay default - <> <{T}>\n"
                                               "A2 relay default - <> <{T}>\n"),
                                 "f", message));
    assert_true(relay_probe_read(&table, &arena,
                                 SLICE_LITERAL("Z relay default - <> <{T}>\n"
                                               "a1 routed extended - <{F}> <{T}>\n"),
                                 "g", message));
    assert_int_equal(table.count, 3);
    assert_int_equal(table.list[0].group, RELAY_GROUP_ROUTED);
    assert_int_equal(relay_probe_find(&table, "z"), 2);
    assert_int_equal(relay_probe_find(&table, "A3"), SIZE_MAX);
    assert_false(relay_probe_read(&table, &arena,
                                  SLICE_LITERAL("A2 relay default - <> <{T}>\n"
                                                "A2 relay default - <> <{T}>\n"),
                                  "h", message));
    arena_release(&arena);
}

/* The ids of the list, the default set, and the controls. */
static void test_shipped(void **state)
{
    (void)state;
    static const char DEFAULT[] =
        "A1 A2 A3 A4 A5 A6 A18 B3 B12 B18 B26 C-A C-B C-B2 C-BH C-BI C-BL C-B0 C-C ";
    static char text[RELAY_PROBE_TEXT_MAX];
    struct arena arena = {0};
    struct relay_table table = {0};
    char message[256], id[8], set[400] = "";
    const char *folder = getenv("SRCDIR");
    FILE *file = fopen(
        arena_format(&arena, "%s/share/relay-probes.conf", folder != NULL ? folder : "."), "r");
    if (file == NULL) {
        print_message("# share/relay-probes.conf is not there\n");
        skip();
        return;
    }
    size_t length = fread(text, 1, sizeof text, file);
    fclose(file);
    assert_true(relay_probe_read(&table, &arena, slice_new(text, length), "f", message));
    for (int i = 1; i <= 52; i++) {
        snprintf(id, sizeof id, i <= 21 ? "A%d" : "B%d", i <= 21 ? i : i - 21);
        assert_int_not_equal(relay_probe_find(&table, id), SIZE_MAX);
    }
    for (size_t i = 0; i < table.count; i++) {
        if (table.list[i].set != RELAY_SET_EXTENDED) {
            size_t end = strlen(set);
            snprintf(set + end, sizeof set - end, "%s ", table.list[i].id);
        }
    }
    assert_string_equal(set, DEFAULT);
    arena_release(&arena);
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "names are filled in; one that is not known leaves none", test_fill, NULL);
    cases_add(&cases, "a probe of a later file takes the place of one with its id", test_later_file,
              NULL);
    cases_add(&cases, "the shipped file has A1 to A21, B1 to B31, the default set and the controls",
              test_shipped, NULL);
    return cases_run(&cases, "relay_probe");
}
