#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "dkim_maker.h"
#include "mail/idn.h"
#include "mail/public_suffix.h"

static struct arena arena;

static const struct row {
    const char *label;
    const char *name;
    const char *organization; /* NULL: a public suffix itself */
} rows[] = {
    {"RFC 7489 3.2: one label below a suffix",   "example.com",         "example.com"    },
    {"RFC 7489 3.2: more labels",                "a.b.c.d.example.com", "example.com"    },
    {"RFC 7489 3.2: a suffix of two labels",     "www.example.co.uk",   "example.co.uk"  },
    {"RFC 7489 3.2: the suffix itself",          "co.uk",               NULL             },
    {"RFC 7489 3.2: a name below no rule",       "a.b.example.invalid", "example.invalid"},
    {"RFC 7489 3.2: both sections of the list",  "x.y.github.io",       "y.github.io"    },
    {"RFC 7489 3.2: an exception of a wildcard", "a.www.ck",            "www.ck"         },
};

static void test_row(void **state)
{
    const struct row *row = *state;
    const struct public_suffix *list = public_suffix_builtin();
    const char *organization;

    if (!list) {
        print_message("# libpsl has no list of its own\n");
        skip();
        return;
    }
    organization = public_suffix_organization(list, row->name);
    if (row->organization)
        assert_string_equal(organization, row->organization);
    else
        assert_null(organization);
}

static void test_text(void **state)
{
    struct public_suffix *list = public_suffix_read(slice_of("// x\nexample\nparts.example\n"));
    (void)state;

    assert_non_null(list);
    assert_string_equal(public_suffix_organization(list, "a.b.parts.example"), "b.parts.example");
    assert_string_equal(public_suffix_organization(list, "a.b.example"), "b.example");
    public_suffix_free(list);
    assert_null(public_suffix_read(slice_of("")));
}

/* tests.txt: name and registrable domain, "null" where there is none. */
static void test_corpus(void **state)
{
    size_t length, tests_length, count = 0;
    char *content = maker_corpus(&arena, "psl/public_suffix_list.dat", &length);
    char *tests = maker_corpus(&arena, "psl/tests.txt", &tests_length);
    struct slice line;
    (void)state;

    if (!content || !tests) {
        print_message("# psl is not there\n");
        skip();
        return;
    }
    struct public_suffix *list = public_suffix_read(slice_new(content, length));
    struct slice rest = slice_new(tests, tests_length);
    assert_non_null(list);
    while (slice_split(&rest, '\n', &line)) {
        char name[DOMAIN_TEXT_SIZE], expected[DOMAIN_TEXT_SIZE];
        size_t space = slice_find(line, ' ');
        struct slice second = slice_trim(slice_sub(line, space, line.length), " \r");
        if (space == line.length || slice_starts_with(line, "//") ||
            domain_to_ascii(slice_sub(line, 0, space), name) != DOMAIN_FINE ||
            slice_starts_with(line, "null "))
            continue;
        const char *organization = public_suffix_organization(list, name);
        count++;
        if (slice_equals_text(second, "null")) {
            assert_null(organization);
        } else {
            assert_int_equal(domain_to_ascii(second, expected), DOMAIN_FINE);
            assert_non_null(organization);
            assert_string_equal(organization, expected);
        }
    }
    assert_int_equal(count, 73);
    public_suffix_free(list);
}

int main(void)
{
    struct cases cases = {0};
    int status;

    arena_init(&arena);
    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "a list can be read from text", test_text, NULL);
    cases_add(&cases, "psl: every row of tests.txt that names a domain", test_corpus, NULL);
    status = cases_run(&cases, "public_suffix");
    arena_release(&arena);
    return status;
}
