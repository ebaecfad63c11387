#include "cases.h"

#include <string.h>

#include "base/random.h"

/* Neither an octet in front nor one behind is touched, for every length. */
static void test_bounds(void **state)
{
    (void)state;
    for (size_t size = 0; size <= 80; size++) {
        unsigned char octets[82];
        memset(octets, 0xa5, sizeof octets);
        random_bytes(octets + 1, size);
        assert_int_equal(octets[0], 0xa5);
        assert_int_equal(octets[size + 1], 0xa5);
    }
}

/* Every octet gets every value: 64 KB have each of 256 values 256 times on average; fewer than 100
 * or more than 500 of one does not happen by chance. */
static void test_values(void **state)
{
    static unsigned char octets[65536];
    size_t counts[256] = {0};
    (void)state;
    random_bytes(octets, sizeof octets);
    for (size_t i = 0; i < sizeof octets; i++)
        counts[octets[i]]++;
    for (size_t i = 0; i < 256; i++)
        assert_in_range(counts[i], 100, 500);
}

static void test_differs(void **state)
{
    unsigned char first[16];
    unsigned char second[16];
    (void)state;
    random_bytes(first, sizeof first);
    random_bytes(second, sizeof second);
    assert_memory_not_equal(first, second, sizeof first);
}

static void test_labels(void **state)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    (void)state;
    for (size_t length = 0; length <= 63; length++) {
        char label[66];
        memset(label, '!', sizeof label);
        random_label(label + 1, length);
        assert_int_equal(label[0], '!');
        assert_int_equal(strlen(label + 1), length);
        assert_int_equal(strspn(label + 1, letters), length);
        assert_int_equal(label[length + 2], '!');
    }
}

static void test_all_letters(void **state)
{
    char label[2001];
    (void)state;
    random_label(label, 2000);
    for (const char *letter = "abcdefghijklmnopqrstuvwxyz234567"; *letter != '\0'; letter++)
        assert_non_null(strchr(label, *letter));
}

static void test_label_differs(void **state)
{
    char first[17];
    char second[17];
    (void)state;
    random_label(first, 16);
    random_label(second, 16);
    assert_string_not_equal(first, second);
}

int main(void)
{
    struct cases cases = {0};
    cases_add(&cases, "just so many octets are filled", test_bounds, NULL);
    cases_add(&cases, "octets have all values", test_values, NULL);
    cases_add(&cases, "two calls give different octets", test_differs, NULL);
    cases_add(&cases, "a label has letters and digits of base32 only (RFC 4648 6)", test_labels,
              NULL);
    cases_add(&cases, "a label has all of them", test_all_letters, NULL);
    cases_add(&cases, "two labels differ", test_label_differs, NULL);
    return cases_run(&cases, "random");
}
