#include "cases.h"

#include <string.h>

#include "mail/digest.h"

/* Values of RFC 1321 A.5, FIPS 180-4 (the examples of NIST) and of blocklists' own descriptions. */
static const struct row {
    const char *label;
    enum digest_kind kind;
    struct slice text;
    const char *hex;
} rows[] = {
    {"MD5 of nothing (RFC 1321 A.5)",              DIGEST_MD5,    {NULL, 0},           "d41d8cd98f00b204e9800998ecf8427e"        },
    {"MD5 of three letters (RFC 1321 A.5)",        DIGEST_MD5,    CASES_SLICE("abc"),
     "900150983cd24fb0d6963f7d28e17f72"                                                                                          },
    {"SHA-1 of nothing",                           DIGEST_SHA1,   CASES_SLICE(""),     "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {"SHA-1 of three letters (FIPS 180-4)",        DIGEST_SHA1,   CASES_SLICE("abc"),
     "a9993e364706816aba3e25717850c26c9cd0d89d"                                                                                  },
    {"SHA-1 of two blocks (FIPS 180-4)",           DIGEST_SHA1,
     CASES_SLICE("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
     "84983e441c3bd26ebaae4aa1f95129e5e54670f1"                                                                                  },
    {"SHA-256 of nothing",                         DIGEST_SHA256, CASES_SLICE(""),
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"                                                          },
    {"SHA-256 of three letters (FIPS 180-4)",      DIGEST_SHA256, CASES_SLICE("abc"),
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"                                                          },
    {"an octet after NUL counts",                  DIGEST_SHA1,   CASES_SLICE("a\0b"),
     "4a3dec2d1f8245280855c42db0ee4239f917fdb8"                                                                                  },
    {"only the slice counts, not what follows it",
     DIGEST_SHA1,                                                 {"abcdef", 3},
     "a9993e364706816aba3e25717850c26c9cd0d89d"                                                                                  },
};

static void test_row(void **state)
{
    const struct row *row = *state;
    char hex[DIGEST_HEX_SIZE + 1];
    memset(hex, '?', sizeof hex);
    assert_true(digest_hex(row->kind, row->text, hex));
    assert_string_equal(hex, row->hex);
    assert_int_equal(hex[DIGEST_HEX_SIZE], '?');
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_row, rows);
    return cases_run(&cases, "digest");
}
