#include "cases.h"
#include "mail/signing_table.h"

static const struct key_row {
    const char *label;
    const char *text;
    size_t bad_line, count;
    const char *name, *domain, *selector, *file; /* of the last row */
} key_rows[] = {
  /* clang-format off */
    {"OpenDKIM: name, domain, selector and file", "one example.org:sel:/keys/one\n", 0, 1, "one", "example.org", "sel", "/keys/one"},
    {"OpenDKIM: a colon in the file", "one example.org:sel:/keys/a:b\n", 0, 1, "one", "example.org", "sel", "/keys/a:b"},
    {"OpenDKIM: a row for any domain", "one %:sel:key\n", 0, 1, "one", "%", "sel", "key"},
    {"rspamd: domain and selector", "example.org sel\n", 0, 1, "", "example.org", "sel", ""},
    {"a map with files", "example.org sel key\n", 0, 1, "", "example.org", "sel", "key"},
    {"comments, blank lines, tabs and CR", "# all\r\n\r\n\texample.org\t sel  # why\r\n", 0, 1, "", "example.org", "sel", ""},
    {"no line feed at the end", "a.example s1\nb.example s2", 0, 2, "", "b.example", "s2", ""},
    {"an empty table", "", 0, 0, NULL, NULL, NULL, NULL},
    {"one word", "a.example s1\n\none\n", 3, 1, "", "a.example", "s1", ""},
    {"a word too many", "a.example s1 key more\n", 1, 0, NULL, NULL, NULL, NULL},
    {"a word behind the OpenDKIM form", "one a.example:s1:key more\n", 1, 0, NULL, NULL, NULL, NULL},
    {"an empty domain", "one :sel:key\n", 1, 0, NULL, NULL, NULL, NULL},
    {"an empty selector", "one a.example::key\n", 1, 0, NULL, NULL, NULL, NULL},
  /* clang-format on */
};

static void test_keys(void **state)
{
    const struct key_row *row = *state;
    struct arena arena;
    struct key_table table;
    arena_init(&arena);
    assert_int_equal(key_table_parse(&arena, slice_of(row->text), &table), row->bad_line == 0);
    assert_int_equal(table.bad_line, row->bad_line);
    assert_int_equal(table.count, row->count);
    if (row->count > 0) {
        const struct key_table_row *last = &table.rows[row->count - 1];
        assert_true(slice_equals_text(last->name, row->name));
        assert_true(slice_equals_text(last->domain, row->domain));
        assert_true(slice_equals_text(last->selector, row->selector));
        assert_true(slice_equals_text(last->file, row->file));
    }
    arena_release(&arena);
}

static void test_find(void **state)
{
    struct arena arena;
    struct key_table table;
    (void)state;
    arena_init(&arena);
    assert_true(key_table_parse(
        &arena, slice_of("one %:a:f\ntwo example.org:b:f\ntwo example.org:c:f\n"), &table));
    assert_ptr_equal(key_table_find(&table, slice_of("two")), &table.rows[1]);
    assert_null(key_table_find(&table, slice_of("Two")));
    assert_true(key_table_row_is_for_any(&table.rows[0]));
    assert_false(key_table_row_is_for_any(&table.rows[1]));
    arena_release(&arena);
}

static const struct secret_row {
    const char *label;
    const char *text;
    bool is_secret;
} secret_rows[] = {
    {"the base64 of a PKCS #8 key",
     "MC4CAQAwBQYDK2VwBCIEIGLHag6n1ulYF+mLNKeuZIXMdPVGxPiSlbVov+PoWL7L",                      true },
    {"the base64 of a seed",              "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",     true },
    {"a seed that begins as a path does", "/WGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",     true },
    {"PEM",                               "-----BEGIN PRIVATE KEY-----",                      true },
    {"a path",                            "/etc/opendkim/keys/example.org/mail.private",      false},
    {"a long path of letters alone",      "/etc/opendkim/keys/example/organization/mail/key", false},
    {"a name",                            "key",                                              false},
    {"nothing",                           "",                                                 false},
};

static void test_secret(void **state)
{
    const struct secret_row *row = *state;
    assert_int_equal(key_table_may_be_secret(slice_of(row->text)), row->is_secret);
}

static void test_limit(void **state)
{
    struct arena arena;
    struct key_table keys;
    struct signing_table signing;
    (void)state;
    arena_init(&arena);
    char *text = arena_array(&arena, KEY_TABLE_ROWS_MAX + 1, 4);
    for (size_t i = 0; i < (size_t)4 * (KEY_TABLE_ROWS_MAX + 1); i++)
        text[i] = "a b\n"[i % 4];
    struct slice most = slice_new(text, (size_t)4 * KEY_TABLE_ROWS_MAX);
    struct slice more = slice_new(text, (size_t)4 * (KEY_TABLE_ROWS_MAX + 1));
    assert_true(key_table_parse(&arena, most, &keys));
    assert_true(signing_table_parse(&arena, most, &signing));
    assert_false(key_table_parse(&arena, more, &keys));
    assert_int_equal(keys.bad_line, KEY_TABLE_ROWS_MAX + 1);
    assert_false(signing_table_parse(&arena, more, &signing));
    assert_int_equal(signing.bad_line, KEY_TABLE_ROWS_MAX + 1);
    arena_release(&arena);
}

static const struct signing_row {
    const char *label;
    const char *line;
    const char *key_name;  /* NULL: the line cannot be read */
    bool is_for, is_plain; /* for news.example.org */
} signing_rows[] = {
  /* clang-format off */
    {"a domain", "news.example.org one", "one", true, true},
    {"a domain in other letters", "News.Example.ORG one", "one", true, true},
    {"another domain", "example.org one", "one", false, true},
    {"an address", "user@news.example.org one", "one", true, true},
    {"all names below a domain", ".example.org one", "one", true, false},
    {"all names below the domain itself", ".news.example.org one", "one", false, false},
    {"an address below a domain", "user@.example.org one", "one", true, false},
    {"a user of any domain", "user@* one", "one", true, false},
    {"anybody", "* one", "one", true, false},
    {"refile: any user of a domain", "*@news.example.org one", "one", true, true},
    {"refile: any user of any name below", "*@*.example.org one", "one", true, false},
    {"refile: two stars", "*@n*.ex*.org one", "one", true, false},
    {"refile: two stars that do not match", "*@n*.ex*.com one", "one", false, false},
    {"refile: a star for nothing", "*@news*.example.org one", "one", true, false},
    {"a signer behind the key name", "*@news.example.org one:%", "one", true, true},
    {"the domain as the key name", "* %", "%", true, false},
    {"no key name", "example.org", NULL, false, false},
    {"an empty key name", "example.org :signer", NULL, false, false},
    {"no domain", "user@ one", NULL, false, false},
    {"a word too many", "example.org one two", NULL, false, false},
  /* clang-format on */
};

static void test_signing(void **state)
{
    const struct signing_row *row = *state;
    struct arena arena;
    struct signing_table table;
    arena_init(&arena);
    assert_int_equal(signing_table_parse(&arena, slice_of(row->line), &table),
                     row->key_name != NULL);
    assert_int_equal(table.bad_line, row->key_name == NULL);
    if (row->key_name != NULL) {
        assert_int_equal(table.count, 1);
        assert_true(slice_equals_text(table.rows[0].key_name, row->key_name));
        assert_int_equal(signing_table_row_is_for(&table.rows[0], "news.example.org"), row->is_for);
        assert_int_equal(signing_table_row_is_plain(&table.rows[0]), row->is_plain);
    }
    arena_release(&arena);
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, test_keys, key_rows);
    CASES_TABLE(&cases, test_secret, secret_rows);
    cases_add(&cases, "the first row of a name is found, by its very letters", test_find, NULL);
    cases_add(&cases, "one row too many is told", test_limit, NULL);
    CASES_TABLE(&cases, test_signing, signing_rows);
    return cases_run(&cases, "key_table");
}
