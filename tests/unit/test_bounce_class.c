#include "cases.h"
#include "mail/bounce_class.h"

static const struct hard_row {
    const char *label;
    const char *name;
    unsigned digit;
    bool is_hard;
} hard_rows[] = {
    {"no such mailbox, 5yz: hard",           "bad-mailbox",      5, true },
    {"no such mailbox, 4yz: never hard",     "bad-mailbox",      4, false},
    {"no such mailbox without a code: hard", "bad-mailbox",      0, true },
    {"no such domain: hard",                 "bad-domain",       5, true },
    {"moved: hard",                          "moved",            5, true },
    {"a host without mail: hard",            "no-mail-accepted", 5, true },
    {"suppressed: hard",                     "suppressed",       0, true },
    {"switched off, 5yz: hard",              "disabled",         5, true },
    {"switched off, no code: soft",          "disabled",         0, false},
    {"a full mailbox: soft, even with 5yz",  "mailbox-full",     5, false},
    {"a blocklist: soft",                    "blocked",          5, false},
    {"unknown goes by the digit: 5",         "unknown",          5, true },
    {"unknown goes by the digit: 4",         "unknown",          4, false},
    {"unknown goes by the digit: none",      "unknown",          0, false},
};

static void test_hard(void **state)
{
    const struct hard_row *row = *state;
    enum bounce_class class = BOUNCE_UNKNOWN;

    assert_true(bounce_class_parse(slice_of(row->name), &class));
    assert_int_equal(bounce_class_is_hard(class, row->digit), row->is_hard);
}

static void test_names(void **state)
{
    size_t in_group[BOUNCE_GROUPS] = {0};

    (void)state;
    assert_int_equal(BOUNCE_CLASSES, 24);
    assert_int_equal(BOUNCE_GROUPS, 8 + 1);
    for (size_t i = 0; i < BOUNCE_CLASSES; i++) {
        enum bounce_class class = BOUNCE_UNKNOWN;

        assert_true(bounce_class_parse(slice_of(bounce_class_name((enum bounce_class)i)), &class));
        assert_int_equal(class, i);
        assert_true(bounce_class_title(class)[0] != '\0');
        in_group[bounce_class_group(class)]++;
    }
    for (size_t i = 0; i < BOUNCE_GROUPS; i++) {
        enum bounce_group group = BOUNCE_GROUP_UNKNOWN;

        assert_true(bounce_group_parse(slice_of(bounce_group_name((enum bounce_group)i)), &group));
        assert_int_equal(group, i);
        assert_true(in_group[i] > 0);
    }
    assert_int_equal(in_group[BOUNCE_GROUP_RECIPIENT], 7);
    assert_int_equal(in_group[BOUNCE_GROUP_BLOCKED], 7);
}

static void test_other_names(void **state)
{
    enum bounce_class class = BOUNCE_UNKNOWN;
    enum bounce_group group = BOUNCE_GROUP_UNKNOWN;

    (void)state;
    assert_true(bounce_class_parse(slice_of("system-full"), &class));
    assert_int_equal(class, BOUNCE_SYSTEM);
    assert_true(bounce_class_parse(slice_of("tls"), &class));
    assert_int_equal(class, BOUNCE_PROTOCOL);
    assert_true(bounce_class_parse(slice_of("content"), &class));
    assert_int_equal(class, BOUNCE_PROTOCOL);
    assert_false(bounce_class_parse(slice_of("Blocked"), &class));
    assert_false(bounce_class_parse(slice_of(""), &class));
    assert_false(bounce_group_parse(slice_of("bad-mailbox"), &group));
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_hard, hard_rows);
    cases_add(&cases, "24 classes in 8 groups and unknown, each found by its name", test_names,
              NULL);
    cases_add(&cases, "other names of a class", test_other_names, NULL);
    return cases_run(&cases, "bounce_class");
}
