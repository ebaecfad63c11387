#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "mail/tag_list.h"

#define S CASES_SLICE

/* `names` and `values` of all tags, each followed by "|"; `offset` is that of the first error. */
static const struct row {
    const char *label;
    enum tag_list_dialect dialect;
    struct slice text;
    enum tag_list_error error;
    size_t offset;
    const char *names;
    const char *values;
} rows[] = {
    {"RFC 6376 3.2: one tag",                                TAG_LIST_DKIM,  S("v=1"),                   TAG_LIST_FINE,      0,  "v|",       "1|"           },
    {"RFC 6376 3.2: a final semicolon is optional",          TAG_LIST_DKIM,  S("v=1; a=b;"),             TAG_LIST_FINE,      0,
     "v|a|",                                                                                                                                 "1|b|"         },
    {"RFC 6376 3.2: white space after the final semicolon",  TAG_LIST_DKIM,  S("v=1; a=b; \r\n "),
     TAG_LIST_FINE,                                                                                                          0,  "v|a|",     "1|b|"         },
    {"RFC 6376 3.2: white space around names and values",    TAG_LIST_DKIM,  S(" v \t= 1 ;\ta= b\t"),
     TAG_LIST_FINE,                                                                                                          0,  "v|a|",     "1|b|"         },
    {"RFC 6376 3.2: folded lines around and inside",         TAG_LIST_DKIM,  S("v=1;\r\n\th=a:\r\n b"),
     TAG_LIST_FINE,                                                                                                          0,  "v|h|",     "1|a:\r\n b|"  },
    {"RFC 6376 3.2: an empty value is a value",              TAG_LIST_DKIM,  S("p=; v="),                TAG_LIST_FINE,      0,
     "p|v|",                                                                                                                                 "||"           },
    {"RFC 6376 3.2: white space inside a value is kept",     TAG_LIST_DKIM,  S("n=a  b"),                TAG_LIST_FINE,
     0,                                                                                                                          "n|",       "a  b|"        },
    {"RFC 6376 3.2: equals signs inside a value",            TAG_LIST_DKIM,  S("p=QQ==; b=a=b"),         TAG_LIST_FINE,
     0,                                                                                                                          "p|b|",     "QQ==|a=b|"    },
    {"RFC 6376 3.2: digits and _ in names",                  TAG_LIST_DKIM,  S("a_1=x"),                 TAG_LIST_FINE,      0,  "a_1|",
     "x|"                                                                                                                                                   },
    {"RFC 6376 3.2: names differ by case",                   TAG_LIST_DKIM,  S("v=1; V=2"),              TAG_LIST_FINE,      0,  "v|V|",
     "1|2|"                                                                                                                                                 },
    {"RFC 8616: UTF-8 in a value",                           TAG_LIST_DKIM,  S("i=\xc3\xa9@a"),          TAG_LIST_FINE,      0,  "i|",
     "\xc3\xa9@a|"                                                                                                                                          },
    {"RFC 6376 3.2: a duplicate makes the list invalid",     TAG_LIST_DKIM,  S("v=1; p=a; p=b"),
     TAG_LIST_DUPLICATE,                                                                                                     10, "v|p|p|",   "1|a|b|"       },
    {"RFC 6376 3.2: nothing at all",                         TAG_LIST_DKIM,  S(""),                      TAG_LIST_NO_TAG,    0,  "|",        "|"            },
    {"RFC 6376 3.2: nothing but white space",                TAG_LIST_DKIM,  S("  "),                    TAG_LIST_NO_TAG,    2,  "|",        "|"            },
    {"RFC 6376 3.2: two semicolons",                         TAG_LIST_DKIM,  S("v=1;; p=a"),             TAG_LIST_NO_TAG,    4,  "v||p|",
     "1||a|"                                                                                                                                                },
    {"RFC 6376 3.2: a semicolon first",                      TAG_LIST_DKIM,  S(";v=1"),                  TAG_LIST_NO_TAG,    0,  "|v|",      "|1|"          },
    {"RFC 6376 3.2: a name starts with a letter",            TAG_LIST_DKIM,  S("1v=1"),                  TAG_LIST_BAD_NAME,  0,
     "|",                                                                                                                                    "|"            },
    {"RFC 6376 3.2: no hyphen in a name",                    TAG_LIST_DKIM,  S("a-b=1"),                 TAG_LIST_BAD_NAME,  1,  "a|",
     "|"                                                                                                                                                    },
    {"RFC 6376 3.2: literal quotes",                         TAG_LIST_DKIM,  S("\"v=DKIM1; p=\""),       TAG_LIST_BAD_NAME,  0,
     "|p|",                                                                                                                                  "|\"|"         },
    {"RFC 6376 3.2: a colon for the semicolon",              TAG_LIST_DKIM,  S("v:DKIM1"),               TAG_LIST_BAD_NAME,  1,
     "v|",                                                                                                                                   "|"            },
    {"RFC 6376 3.2: a word without =",                       TAG_LIST_DKIM,  S("v=1; rsa"),              TAG_LIST_NO_EQUALS, 8,
     "v|rsa|",                                                                                                                               "1||"          },
    {"RFC 6376 3.2: two words without =",                    TAG_LIST_DKIM,  S("v x=1"),                 TAG_LIST_NO_EQUALS, 2,  "v|",
     "|"                                                                                                                                                    },
    {"RFC 6376 3.2: = without a name",                       TAG_LIST_DKIM,  S("=1"),                    TAG_LIST_BAD_NAME,  0,  "|",        "|"            },
    {"RFC 6376 2.8: a line end that is no folding",          TAG_LIST_DKIM,  S("v=1; p=a\r\nb"),
     TAG_LIST_BAD_SPACE,                                                                                                     8,  "v|p|",     "1|a\r\nb|"    },
    {"RFC 6376 2.8: a bare LF",                              TAG_LIST_DKIM,  S("p=a\n b"),               TAG_LIST_BAD_SPACE, 3,  "p|",       "a\n b|"       },
    {"RFC 6376 3.2: a control character",                    TAG_LIST_DKIM,  S("p=a\001b"),              TAG_LIST_BAD_VALUE, 3,  "p|",
     "a\001b|"                                                                                                                                              },
    {"RFC 6376 3.2: NUL",                                    TAG_LIST_DKIM,  S("p=\0"),                  TAG_LIST_BAD_VALUE, 2,  "p|",       NULL           },

    {"RFC 9989 4.8: a plain record",                         TAG_LIST_DMARC, S("v=DMARC1; p=none"),      TAG_LIST_FINE,      0,
     "v|p|",                                                                                                                                 "DMARC1|none|" },
    {"RFC 9989 4.8: WSP around = and ;",                     TAG_LIST_DMARC, S("v = DMARC1 ;\tp = x ;"), TAG_LIST_FINE,
     0,                                                                                                                          "v|p|",     "DMARC1|x|"    },
    {"RFC 9989 4.8: white space before v",                   TAG_LIST_DMARC, S(" v=DMARC1"),             TAG_LIST_BAD_SPACE, 0,
     "v|",                                                                                                                                   "DMARC1|"      },
    {"RFC 9989 4.8: spaces inside a value",                  TAG_LIST_DMARC, S("rua=a , b"),             TAG_LIST_FINE,      0,
     "rua|",                                                                                                                                 "a , b|"       },
    {"RFC 9989 4.8: no folding in DNS",                      TAG_LIST_DMARC, S("v=DMARC1;\r\n p=none"),
     TAG_LIST_BAD_NAME,                                                                                                      9,  "v||",      "DMARC1||"     },
    {"RFC 9989 4.8: a smart quote",                          TAG_LIST_DMARC, S("p=\xe2\x80\x9cnone"),    TAG_LIST_BAD_VALUE, 2,
     "p|",                                                                                                                                   NULL           },
    {"RFC 9989 4.8: the tags after a fault are read",        TAG_LIST_DMARC, S("v=DMARC1; 1=x; p=none"),
     TAG_LIST_BAD_NAME,                                                                                                      10, "v||p|",    "DMARC1||none|"},
    {"RFC 6376 3.2: a duplicate in DMARC",                   TAG_LIST_DMARC, S("p=none; p=reject"),
     TAG_LIST_DUPLICATE,                                                                                                     8,  "p|p|",     "none|reject|" },

    {"RFC 8460 3: a plain record",                           TAG_LIST_STS,   S("v=TLSRPTv1; rua=x"),     TAG_LIST_FINE,      0,  "v|rua|",
     "TLSRPTv1|x|"                                                                                                                                          },
    {"RFC 8461 3.1: WSP around ; only",                      TAG_LIST_STS,   S("v=STSv1 ; id=1\t;"),     TAG_LIST_FINE,      0,
     "v|id|",                                                                                                                                "STSv1|1|"     },
    {"RFC 8461 3.1: no white space before =",                TAG_LIST_STS,   S("v=STSv1; id =1"),        TAG_LIST_BAD_SPACE,
     11,                                                                                                                         "v|id|",    "STSv1|1|"     },
    {"RFC 8461 3.1: no white space after =",                 TAG_LIST_STS,   S("v=STSv1; id= 1"),        TAG_LIST_BAD_SPACE,
     12,                                                                                                                         "v|id|",    "STSv1|1|"     },
    {"RFC 8461 3.1: - and . in the name of an extension",    TAG_LIST_STS,   S("v=STSv1; 1-a.b=x"),
     TAG_LIST_FINE,                                                                                                          0,  "v|1-a.b|", "STSv1|x|"     },
    {"RFC 8461 3.1: the name of an extension has 32 octets", TAG_LIST_STS,
     S("a=1; abcdefghijklmnopqrstuvwxyz0123456=x"),                                                      TAG_LIST_BAD_NAME,  37, NULL,       NULL           },
};

static void append(char *text, struct slice slice)
{
    strncat(text, slice.start, slice.length);
    strncat(text, "|", 2);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct tag_list list;
    char names[200] = "";
    char values[200] = "";

    assert_int_equal(tag_list_parse(&list, row->text, row->dialect), row->error == TAG_LIST_FINE);
    assert_int_equal(list.error, row->error);
    assert_int_equal(list.error_offset, row->offset);
    for (size_t i = 0; i < list.count; i++) {
        append(names, list.tags[i].name);
        append(values, list.tags[i].value);
    }
    if (row->names)
        assert_string_equal(names, row->names);
    if (row->values)
        assert_string_equal(values, row->values);
}

static void test_offsets(void **state)
{
    struct tag_list list;
    const char *text = "v=1; bh= AbC =\t; x=1";
    const struct tag *tag;
    (void)state;

    assert_true(tag_list_parse(&list, slice_of(text), TAG_LIST_DKIM));
    tag = tag_list_find(&list, "bh");
    assert_non_null(tag);
    assert_int_equal(tag->offset, 5);
    assert_int_equal(tag->value_offset, 9);
    assert_ptr_equal(tag->value.start, text + 9);
    assert_true(slice_equals_text(tag->value, "AbC ="));
    assert_true(slice_equals_text(tag->raw, " AbC =\t"));
    assert_null(tag_list_find(&list, "BH"));
    assert_null(tag_list_find(&list, ""));
}

static void test_eight_bit(void **state)
{
    struct tag_list list;
    (void)state;

    assert_true(tag_list_parse(&list, slice_of("n=\xc3\xa9; p=a"), TAG_LIST_DKIM));
    assert_int_equal(list.eight_bit_count, 2);
}

static void test_too_many(void **state)
{
    struct tag_list list;
    char text[TAG_LIST_MAX * 8 + 16] = "";
    (void)state;

    for (int i = 0; i < TAG_LIST_MAX; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "t%d=x;", i);
    assert_true(tag_list_parse(&list, slice_of(text), TAG_LIST_DKIM));
    strncat(text, "u=y", 4);
    assert_false(tag_list_parse(&list, slice_of(text), TAG_LIST_DKIM));
    assert_int_equal(list.error, TAG_LIST_TOO_MANY);
    assert_int_equal(list.count, TAG_LIST_MAX);
}

static void test_words(void **state)
{
    (void)state;
    for (int error = TAG_LIST_FINE; error <= TAG_LIST_TOO_MANY; error++)
        assert_true(strlen(tag_list_error_text((enum tag_list_error)error)) > 0);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    cases_add(&cases, "views and offsets point into the text", test_offsets, NULL);
    cases_add(&cases, "RFC 6376 3.2: octets above 0x7F are counted", test_eight_bit, NULL);
    cases_add(&cases, "a list has at most TAG_LIST_MAX tags", test_too_many, NULL);
    cases_add(&cases, "every error has words", test_words, NULL);
    return cases_run(&cases, "tag_list");
}
