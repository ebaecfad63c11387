/* What a section of the catalogue says. */
#include "cases.h"
#include "dnsbl_catalogue.h"

static bool read_text(struct dnsbl_catalogue *catalogue, struct arena *arena, const char *text)
{
    struct dnsbl_catalogue_error error = {0};
    return dnsbl_catalogue_read(catalogue, arena, slice_of(text), "file", &error);
}

static const char whole[] = "# a comment\n"
                            "   # another\n"
                            "\n"
                            " [ A.Example. ] \r\n"
                            "operator = An Example: #1 = best \r\n"
                            "class = policy\n"
                            "targets = ip6\tdomain  name-server\n"
                            "hash = sha1\n"
                            "profile = domain keyed\n"
                            "required = yes\n"
                            "severity = critical\n"
                            "scope = range\n"
                            "status = unverified\n"
                            "code = 127.0.0.2 info asn: one: two\n"
                            "code = 127.0.0.[3..4]:three\n"
                            "bit = 127.0.1.4 ip warning: four\n"
                            "error = 127.0.0.1 blocked: five\n"
                            "error = REFUSED over-quota: six\n"
                            "error = 127.0.10.[0..255] blocked if-wildcard: seven\n"
                            "error-bit = 127.0.0.64 key-bad: eight\n"
                            "test-listed = ip6 ::2 ::3\n"
                            "test-listed = domain 2.0.0.127\n"
                            "test-unlisted = ip6 none\n"
                            "test-unlisted = domain _x.test\n"
                            "url = https://a.example/?q={target}#x\n"
                            "limit = little\n"
                            "rate = 5/s\n"
                            "per-day = 100000\n"
                            "key-name = example\n"
                            "needs = money\n"
                            "replaces = B.example\n"
                            "part-of = <KEY>.c.example\n"
                            "private = yes\n"
                            "ip6-prefix = 64\n"
                            "weight = -7\n"
                            "note = last";

static void check_whole_rules(const struct dnsbl_list *list)
{
    assert_int_equal(list->code_count, 3);
    assert_string_equal(list->codes[0].meaning, "one: two");
    assert_int_equal(list->codes[0].severity, DNSBL_INFO);
    assert_int_equal(list->codes[0].scope, DNSBL_SCOPE_ASN);
    assert_string_equal(list->codes[1].meaning, "three");
    assert_int_equal(list->codes[1].severity, DNSBL_UNSET);
    assert_int_equal(list->codes[1].scope, DNSBL_SCOPE_UNSET);
    assert_true(list->codes[2].is_bit);
    assert_int_equal(list->codes[2].severity, DNSBL_WARNING);
    assert_int_equal(list->codes[2].scope, DNSBL_SCOPE_IP);
    assert_int_equal(list->error_count, 4);
    assert_int_equal(list->errors[0].error, DNSBL_ERROR_BLOCKED);
    assert_true(list->errors[1].is_rcode);
    assert_int_equal(list->errors[1].rcode, 5);
    assert_int_equal(list->errors[1].error, DNSBL_ERROR_OVER_QUOTA);
    assert_true(list->errors[2].if_wildcard);
    assert_true(list->errors[3].is_bit);
}

static void test_whole(void **state)
{
    struct dnsbl_catalogue catalogue = {0};
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_true(read_text(&catalogue, &arena, whole));
    const struct dnsbl_list *list = dnsbl_catalogue_find(&catalogue, "a.example");
    assert_non_null(list);
    assert_string_equal(list->zone, "a.example");
    assert_string_equal(list->operator, "An Example: #1 = best");
    assert_int_equal(list->class, DNSBL_POLICY);
    assert_int_equal(list->targets, DNSBL_IP6 | DNSBL_DOMAIN | DNSBL_NAME_SERVER);
    assert_int_equal(list->hash, DNSBL_SHA1);
    assert_int_equal(list->profiles, DNSBL_DOMAINS | DNSBL_KEYED);
    assert_true(list->is_required);
    assert_false(list->is_verified);
    assert_true(list->is_private);
    assert_int_equal(list->severity, DNSBL_CRITICAL);
    assert_int_equal(list->scope, DNSBL_SCOPE_RANGE);
    check_whole_rules(list);
    assert_string_equal(list->tests[DNSBL_TEST_IP4].listed[0], "127.0.0.2");
    assert_string_equal(list->tests[DNSBL_TEST_IP4].unlisted, "127.0.0.1");
    assert_int_equal(list->tests[DNSBL_TEST_IP6].listed_count, 2);
    assert_string_equal(list->tests[DNSBL_TEST_IP6].listed[0], "::2");
    assert_string_equal(list->tests[DNSBL_TEST_IP6].listed[1], "::3");
    assert_null(list->tests[DNSBL_TEST_IP6].unlisted);
    assert_string_equal(list->tests[DNSBL_TEST_DOMAIN].listed[0], "2.0.0.127");
    assert_string_equal(list->tests[DNSBL_TEST_DOMAIN].unlisted, "_x.test");
    assert_string_equal(list->url, "https://a.example/?q={target}#x");
    assert_string_equal(list->limit, "little");
    assert_int_equal(list->rate, 5);
    assert_int_equal(list->per_day, 100000);
    assert_string_equal(list->key_name, "example");
    assert_string_equal(list->needs, "money");
    assert_string_equal(list->replaces, "b.example");
    assert_string_equal(list->part_of, "<KEY>.c.example");
    assert_int_equal(list->ip6_prefix, 64);
    assert_int_equal(list->weight, -7);
    assert_string_equal(list->note, "last");
    assert_string_equal(list->file, "file");
    assert_int_equal(list->line, 4);
    arena_release(&arena);
}

static void test_defaults(void **state)
{
    struct dnsbl_catalogue catalogue = {0};
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_true(read_text(&catalogue, &arena,
                          "[a.example]\n[b.example]\ntargets = domain\nclass = allowlist\n"
                          "test-listed = domain none\n"));
    const struct dnsbl_list *list = dnsbl_catalogue_find(&catalogue, "a.example");
    assert_string_equal(list->operator, "a.example");
    assert_int_equal(list->class, DNSBL_BLOCKLIST);
    assert_int_equal(list->targets, DNSBL_IP4);
    assert_int_equal(list->profiles, DNSBL_CORE | DNSBL_FULL);
    assert_int_equal(list->severity, DNSBL_WARNING);
    assert_int_equal(list->scope, DNSBL_SCOPE_IP);
    assert_true(list->is_verified);
    assert_int_equal(list->weight, 1);
    assert_string_equal(list->tests[DNSBL_TEST_IP6].listed[0], "::ffff:7f00:2");
    assert_string_equal(list->tests[DNSBL_TEST_DOMAIN].unlisted, "INVALID");
    assert_null(list->url);
    list = dnsbl_catalogue_find(&catalogue, "b.example");
    assert_int_equal(list->scope, DNSBL_SCOPE_DOMAIN);
    assert_int_equal(list->weight, -1);
    assert_int_equal(list->tests[DNSBL_TEST_DOMAIN].listed_count, 0);
    assert_null(dnsbl_catalogue_find(&catalogue, "c.example"));
    arena_release(&arena);
}

int main(void)
{
    struct cases cases = {0};

    cases_add(&cases, "every key of a section is read", test_whole, NULL);
    cases_add(&cases, "a zone alone is a list with defaults (RFC 5782 5)", test_defaults, NULL);
    return cases_run(&cases, "dnsbl_section");
}
