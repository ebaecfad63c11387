#include <string.h>
#include <wchar.h>

#include "base/text.h"
#include "cases.h"

/* Each way to append the same ten characters, "0123456789" or ten of 'x'. */
static void append_string(struct text *text)
{
    text_append(text, "0123456789");
}

static void append_slice(struct text *text)
{
    text_append_slice(text, SLICE_LITERAL("0123456789"));
}

static void append_chars(struct text *text)
{
    for (int digit = 0; digit <= 9; digit++)
        text_append_char(text, (char)('0' + digit));
}

static void append_format(struct text *text)
{
    text_printf(text, "%d%s%c", 12345 - 12345, "12345678", '9');
}

static const struct way {
    const char *label;
    void (*append)(struct text *text);
} ways[] = {
    {"text_append",       append_string},
    {"text_append_slice", append_slice },
    {"text_append_char",  append_chars },
    {"text_printf",       append_format},
};

/* With every maximum around the ten characters and every start: what fits stands, the rest is told.
 */
static void test_maximum(void **state)
{
    const struct way *row = *state;

    for (size_t maximum = 0; maximum <= 25; maximum++) {
        for (size_t times = 0; times <= 3; times++) {
            struct text text;
            size_t expected = times * 10 < maximum ? times * 10 : maximum;

            text_init(&text, maximum);
            for (size_t i = 0; i < times; i++)
                row->append(&text);
            assert_int_equal(text.length, expected);
            assert_int_equal(text.truncated, times * 10 > maximum);
            assert_memory_equal(text.start, "012345678901234567890123456789", expected);
            assert_int_equal(text.start[expected], '\0');
            assert_true(text.capacity > expected);
            text_release(&text);
        }
    }
}

/* Growth over several blocks; a capacity beyond maximum + NUL would be no bound. */
static void test_growth(void **state)
{
    const struct way *row = *state;
    struct text text;

    text_init(&text, 100000);
    for (size_t i = 0; i < 10000; i++) {
        row->append(&text);
        assert_int_equal(text.length, (i + 1) * 10);
        assert_int_equal(text.start[text.length], '\0');
    }
    assert_false(text.truncated);
    row->append(&text);
    assert_true(text.truncated);
    assert_int_equal(text.length, 100000);
    assert_int_equal(strlen(text.start), 100000);
    text_release(&text);
}

static void test_repeat(void **state)
{
    (void)state;
    struct text text;

    text_init(&text, 100);
    text_append_repeat(&text, '-', 0);
    assert_string_equal(text.start, "");
    text_append_repeat(&text, '-', 3);
    assert_string_equal(text.start, "---");
    text_append_repeat(&text, '=', 97);
    assert_int_equal(text.length, 100);
    assert_false(text.truncated);
    text_append_repeat(&text, '=', SIZE_MAX);
    assert_int_equal(text.length, 100);
    assert_true(text.truncated);
    text_release(&text);
}

static void test_repeat_past_the_maximum(void **state)
{
    (void)state;
    struct text text;

    text_init(&text, 5);
    text_append_char(&text, 'a');
    text_append_repeat(&text, 'b', SIZE_MAX);
    assert_string_equal(text.start, "abbbb");
    assert_true(text.truncated);
    text_release(&text);
}

static void test_nul_inside(void **state)
{
    (void)state;
    struct text text;

    text_init(&text, 100);
    text_append_slice(&text, SLICE_LITERAL("a\0b"));
    text_append_char(&text, '\0');
    text_append(&text, "c");
    text_printf(&text, "%c%d", '\0', 1);
    assert_int_equal(text.length, 7);
    assert_memory_equal(text.start, "a\0b\0c\0001", 8);
    assert_true(slice_equals(text_slice(&text), SLICE_LITERAL("a\0b\0c\0001")));
    text_release(&text);
}

static void test_empty(void **state)
{
    (void)state;
    struct text text;

    text_init(&text, 0);
    assert_string_equal(text.start, "");
    text_append(&text, "");
    text_append_slice(&text, (struct slice){0});
    text_printf(&text, "%s", "");
    assert_false(text.truncated);
    text_append_char(&text, 'a');
    assert_true(text.truncated);
    assert_string_equal(text.start, "");
    assert_int_equal(text_slice(&text).length, 0);
    text_release(&text);
    assert_null(text.start);
    text_release(&text);
}

static void test_clear(void **state)
{
    (void)state;
    struct text text;

    text_init(&text, 4);
    text_append(&text, "12345");
    assert_true(text.truncated);
    text_clear(&text);
    assert_false(text.truncated);
    assert_string_equal(text.start, "");
    text_append(&text, "1234");
    assert_false(text.truncated);
    assert_string_equal(text.start, "1234");
    text_release(&text);
}

static void test_cut(void **state)
{
    (void)state;
    struct text text;

    text_init(&text, 10);
    text_append(&text, "example");
    text_cut(&text, 8);
    assert_string_equal(text.start, "example");
    assert_int_equal(text.length, 7);
    text_cut(&text, 7);
    assert_string_equal(text.start, "example");
    text_cut(&text, 2);
    assert_string_equal(text.start, "ex");
    assert_int_equal(text.length, 2);
    text_append(&text, "it");
    assert_string_equal(text.start, "exit");
    text_cut(&text, 0);
    assert_string_equal(text.start, "");
    assert_false(text.truncated);
    text_release(&text);
}

/* A cut after an overflow doesn't make the text whole again. */
static void test_cut_keeps_truncated(void **state)
{
    (void)state;
    struct text text;

    text_init(&text, 3);
    text_append(&text, "12345");
    text_cut(&text, 1);
    assert_true(text.truncated);
    text_release(&text);
}

/* A wide character that no encoding has makes vsnprintf() answer -1, as a text over INT_MAX does.
 */
static void test_printf_that_fails(void **state)
{
    (void)state;
    struct text text;

    text_init(&text, 20);
    text_append(&text, "before");
    text_printf(&text, "some %lc", (wint_t)0x7fffffff);
    assert_true(text.truncated);
    assert_string_equal(text.start, "before");
    text_append(&text, " after");
    assert_string_equal(text.start, "before after");
    text_release(&text);
}

static void test_no_maximum(void **state)
{
    (void)state;
    struct text text;

    text_init(&text, SIZE_MAX);
    text_append_repeat(&text, 'x', 1000);
    text_printf(&text, "%s", "y");
    assert_int_equal(text.length, 1001);
    assert_false(text.truncated);
    text_release(&text);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_maximum, ways);
    CASES_TABLE(&cases, test_growth, ways);
    cases_add(&cases, "text_append_repeat", test_repeat, NULL);
    cases_add(&cases, "text_append_repeat past the maximum", test_repeat_past_the_maximum, NULL);
    cases_add(&cases, "NUL may stand inside", test_nul_inside, NULL);
    cases_add(&cases, "a maximum of 0 holds nothing", test_empty, NULL);
    cases_add(&cases, "text_clear forgets that there was more", test_clear, NULL);
    cases_add(&cases, "text_cut", test_cut, NULL);
    cases_add(&cases, "text_cut keeps truncated", test_cut_keeps_truncated, NULL);
    cases_add(&cases, "text_printf that fails adds nothing", test_printf_that_fails, NULL);
    cases_add(&cases, "SIZE_MAX is no maximum", test_no_maximum, NULL);
    return cases_run(&cases, "text");
}
