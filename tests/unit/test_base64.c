#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "mail/base64.h"

#define S CASES_SLICE

static const struct row {
    const char *label;
    enum base64_space space;
    struct slice text;
    enum base64_error error;
    size_t offset; /* of the error */
    struct slice octets;
} rows[] = {
    {"RFC 4648 10: f",                              BASE64_STRICT, S("Zg=="),           BASE64_FINE,          0, S("f")           },
    {"RFC 4648 10: fo",                             BASE64_STRICT, S("Zm8="),           BASE64_FINE,          0, S("fo")          },
    {"RFC 4648 10: foo",                            BASE64_STRICT, S("Zm9v"),           BASE64_FINE,          0, S("foo")         },
    {"RFC 4648 10: foobar",                         BASE64_STRICT, S("Zm9vYmFy"),       BASE64_FINE,          0, S("foobar")      },
    {"RFC 4648 4: + and /",                         BASE64_STRICT, S("+/+/"),           BASE64_FINE,          0, S("\xfb\xff\xbf")},
    {"RFC 4648 3.5: loose bits at the end",         BASE64_STRICT, S("Zh=="),           BASE64_FINE,          0, S("f")           },
    {"nothing",                                     BASE64_STRICT, S(""),               BASE64_EMPTY,         0, S("")            },
    {"nothing but white space",                     BASE64_FWS,    S(" \r\n "),         BASE64_EMPTY,         0, S("")            },
    {"RFC 6376 2.10: white space anywhere",         BASE64_FWS,    S(" Z m\r\n 8\t= "), BASE64_FINE,          0,
     S("fo")                                                                                                                      },
    {"RFC 6376 2.10: between the two =",            BASE64_FWS,    S("Zg= ="),          BASE64_FINE,          0, S("f")           },
    {"RFC 4648 3.3: white space is no base64",      BASE64_STRICT, S("Zm 9v"),          BASE64_BAD_CHARACTER, 2,
     S("")                                                                                                                        },
    {"RFC 4648 5: the URL alphabet is another one", BASE64_STRICT, S("-_-_"),           BASE64_BAD_CHARACTER,
     0,                                                                                                          S("")            },
    {"a character outside of ASCII",                BASE64_FWS,    S("Zm9v\xc4"),       BASE64_BAD_CHARACTER, 4, S("foo")         },
    {"NUL is no base64",                            BASE64_FWS,    S("Zm9v\0"),         BASE64_BAD_CHARACTER, 4, S("foo")         },
    {"data after the padding",                      BASE64_FWS,    S("Zg==Zg=="),       BASE64_BAD_CHARACTER, 4, S("")            },
    {"one character over",                          BASE64_STRICT, S("Zm9vZ"),          BASE64_BAD_LENGTH,    5, S("foo")         },
    {"one character alone",                         BASE64_STRICT, S("0"),              BASE64_BAD_LENGTH,    1, S("")            },
    {"RFC 4648 3.2: no padding",                    BASE64_STRICT, S("Zg"),             BASE64_BAD_PADDING,   2, S("f")           },
    {"RFC 4648 3.2: half a padding",                BASE64_STRICT, S("Zg="),            BASE64_BAD_PADDING,   3, S("f")           },
    {"too much padding after three",                BASE64_STRICT, S("Zm8=="),          BASE64_BAD_PADDING,   5, S("fo")          },
    {"padding after a whole group",                 BASE64_STRICT, S("Zm9v="),          BASE64_BAD_PADDING,   5, S("foo")         },
    {"padding and nothing else",                    BASE64_STRICT, S("===="),           BASE64_BAD_PADDING,   2, S("")            },
};

static void test_row(void **state)
{
    const struct row *row = *state;
    uint8_t octets[64];
    size_t length, offset;

    assert_int_equal(base64_decode(row->text, row->space, octets, sizeof octets, &length, &offset),
                     row->error);
    if (row->error != BASE64_FINE && row->error != BASE64_EMPTY)
        assert_int_equal(offset, row->offset);
    if (row->octets.length > 0) {
        assert_int_equal(length, row->octets.length);
        assert_memory_equal(octets, row->octets.start, length);
    }
}

static void test_room(void **state)
{
    uint8_t octets[3];
    size_t length;
    (void)state;

    assert_int_equal(base64_decode(slice_of("Zm9v"), BASE64_STRICT, octets, 3, &length, NULL),
                     BASE64_FINE);
    assert_int_equal(base64_decode(slice_of("Zm9v"), BASE64_STRICT, octets, 2, &length, NULL),
                     BASE64_NO_ROOM);
    assert_int_equal(base64_decode(slice_of("Zm8="), BASE64_STRICT, octets, 1, &length, NULL),
                     BASE64_NO_ROOM);
    assert_int_equal(base64_decode(slice_of("Zg=="), BASE64_STRICT, octets, 0, &length, NULL),
                     BASE64_NO_ROOM);
}

static void test_round_trip(void **state)
{
    uint8_t octets[64], back[66];
    char text[BASE64_ENCODED_SIZE(64) + 1];
    size_t length;
    (void)state;

    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(i * 37 + 11);
    for (size_t size = 1; size <= sizeof octets; size++) {
        base64_encode(octets, size, text);
        assert_int_equal(strlen(text), BASE64_ENCODED_SIZE(size));
        assert_int_equal(base64_decode(slice_of(text), BASE64_STRICT, back,
                                       BASE64_DECODED_SIZE(strlen(text)) < sizeof back
                                           ? BASE64_DECODED_SIZE(strlen(text))
                                           : sizeof back,
                                       &length, NULL),
                         BASE64_FINE);
        assert_int_equal(length, size);
        assert_memory_equal(back, octets, size);
    }
}

static void test_words(void **state)
{
    (void)state;
    for (int error = BASE64_FINE; error <= BASE64_NO_ROOM; error++)
        assert_true(strlen(base64_error_text((enum base64_error)error)) > 0);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "never more octets than there is room for", test_room, NULL);
    cases_add(&cases, "what is encoded is decoded, for every length", test_round_trip, NULL);
    cases_add(&cases, "every error has words", test_words, NULL);
    return cases_run(&cases, "base64");
}
