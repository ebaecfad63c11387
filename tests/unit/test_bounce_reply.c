#include "cases.h"

#include <string.h>

#include "mail/bounce_provider.h"
#include "mail/bounce_reply.h"

static const struct code_row {
    const char *label;
    const char *text;
    unsigned code;
    const char *status;
} code_rows[] = {
    {"both codes",                                   "550 5.1.1 No such user",                              550, "5.1.1" },
    {"a continued line",                             "550-5.1.1 The account\n550 5.1.1 is gone",            550, "5.1.1" },
    {"behind what a log says",                       "host mx.example.org[192.0.2.5] said: 452 4.2.2 Full", 452, "4.2.2" },
    {"no enhanced code",                             "421 busy",                                            421, ""      },
    {"no reply code",                                "#5.1.2 unknown",                                      0,   "5.1.2" },
    {"a hash before the reply code",                 "said #550 #5.1.10 gone",                              550, "5.1.10"},
    {"an enhanced code far behind",                  "554 rejected (#5.7.1)",                               554, "5.7.1" },
    {"an address is no code",                        "from 192.0.2.5: refused",                             0,   ""      },
    {"an address of four parts is no enhanced code", "5.1.1.7 refused",                                     0,   ""      },
    {"a count is no code",                           "gave up after 450 attempts",                          0,   ""      },
    {"a number in a word is no code",                "id A550 refused x-550",                               0,   ""      },
    {"a success is none",                            "250 2.0.0 OK",                                        0,   ""      },
    {"a full stop behind",                           "it was 5.1.1.",                                       0,   "5.1.1" },
    {"nothing",                                      "",                                                    0,   ""      },
};

static void test_codes(void **state)
{
    const struct code_row *row = *state;
    struct bounce_reply reply = {.text = slice_of(row->text)};
    char buffer[BOUNCE_STATUS_SIZE];

    bounce_reply_find_codes(&reply);
    assert_int_equal(reply.code, row->code);
    assert_string_equal(bounce_status_print(reply.status, buffer), row->status);
}

static void test_kept(void **state)
{
    struct bounce_reply reply = {
        .text = slice_of("550 5.1.1 gone"), .code = 450, .status = {.class = 4, .subject = 2}
    };

    (void)state;
    bounce_reply_find_codes(&reply);
    assert_int_equal(reply.code, 450);
    assert_int_equal(reply.status.class, 4);
    assert_int_equal(bounce_reply_first_digit(&reply), 4);
    reply.code = 0;
    assert_int_equal(bounce_reply_first_digit(&reply), 4);
    reply.code = 250;
    reply.status.class = 2;
    assert_int_equal(bounce_reply_first_digit(&reply), 0);
}

static const struct fold_row {
    const char *label;
    const char *text, *folded;
} fold_rows[] = {
    {"lower case, single blanks",           "No  SUCH\r\n\tuser",                " no such user "                            },
    {"codes of continued lines go",
     "550-5.1.1 The account\n550-5.1.1 is gone; see\n550 5.1.1 there",           " 550-5.1.1 the account is gone; see there "},
    {"also when the lines were joined",     "550-5.7.1 one 550 5.7.1 two",       " 550-5.7.1 one two "                       },
    {"without an enhanced code",            "550-one\r\n550-two",                " 550-one two "                             },
    {"another number stays",                "550 try 450 times",                 " 550 try 450 times "                       },
    {"an address",                          "<joe.unknown@example.org>... gone", " <@>... gone "                             },
    {"an address at the end of a sentence", "We know no joe@example.org.",       " we know no @. "                           },
    {"a sign alone is no address",          "a @ b",                             " a @ b "                                   },
    {"quotation marks are blanks",          "user \"x\" unknown",                " user x unknown "                          },
    {"a typographic apostrophe",            "doesn\xe2\x80\x99t",                " doesn't "                                 },
    {"nothing",                             "",                                  " "                                         },
};

static void test_fold(void **state)
{
    const struct fold_row *row = *state;
    char buffer[BOUNCE_FOLD_MAX];
    struct slice folded = bounce_reply_fold(slice_of(row->text), buffer);

    assert_true(slice_equals_text(folded, row->folded));
}

static void test_fold_bound(void **state)
{
    static char text[BOUNCE_FOLD_MAX * 2];
    char buffer[BOUNCE_FOLD_MAX];

    (void)state;
    memset(text, 'a', sizeof text);
    assert_true(bounce_reply_fold(slice_new(text, sizeof text), buffer).length <= BOUNCE_FOLD_MAX);
    memset(text, '@', sizeof text);
    assert_true(bounce_reply_fold(slice_new(text, sizeof text), buffer).length <= BOUNCE_FOLD_MAX);
}

static const struct provider_row {
    const char *label;
    const char *host, *recipient, *provider;
} provider_rows[] = {
    {"a hosted domain counts for its host", "ASPMX.L.google.com.",                     "joe@example.org",   "gmail.com"    },
    {"Microsoft",                           "example-org.mail.protection.outlook.com", "joe@example.org",   "outlook.com"  },
    {"Yahoo",                               "mta7.am0.yahoodns.net",                   "joe@aol.com",       "yahoo.com"    },
    {"no relay: by the domain",             "",                                        "joe@Hotmail.fr",    "outlook.com"  },
    {"an unknown relay: by the domain",     "mx.example.org",                          "joe@web.de",        "gmx.net"      },
    {"else the domain itself",              "mx.example.org",                          "joe@example.net",   "example.net"  },
    {"a suffix is whole labels",            "mx.notgoogle.com",                        "joe@example.net",   "example.net"  },
    {"a domain is not its parent",          "",                                        "joe@sub.gmail.com", "sub.gmail.com"},
    {"nothing is known",                    "",                                        "joe",               ""             },
};

static void test_provider(void **state)
{
    const struct provider_row *row = *state;
    struct slice provider = bounce_provider(slice_of(row->host), slice_of(row->recipient));

    assert_true(slice_equals_text(provider, row->provider));
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_codes, code_rows);
    cases_add(&cases, "codes that are known already are kept", test_kept, NULL);
    CASES_TABLE(&cases, test_fold, fold_rows);
    cases_add(&cases, "a long text is cut", test_fold_bound, NULL);
    CASES_TABLE(&cases, test_provider, provider_rows);
    return cases_run(&cases, "bounce_reply");
}
