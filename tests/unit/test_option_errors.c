#include "cases.h"
#include "option_fixture.h"

static const struct bad {
    const char *label;
    const char *words[OPTION_WORDS_MAX];
    const char *message;
} bads[] = {
    {"a mistyped name",                                    {"--domian", "x"}, "unknown option --domian; did you mean --domain?"          },
    {"a mistyped name and its value",
     {"--domian=x"},
     "unknown option --domian; did you mean --domain?"                                                                                   },
    {"a name that is like none",                           {"--zzzzzzzz"},    "unknown option --zzzzzzzz; see --help"                    },
    {"a long nonsense name",
     {"--" LABEL_63 LABEL_63},
     "unknown option --" LABEL_63 LABEL_63 "; see --help"                                                                                },
    {"three dashes",                                       {"---flag"},       "unknown option ---flag; did you mean --flag?"             },
    {"no name",                                            {"--=x"},          "unknown option --; see --help"                            },
    {"an unknown letter",                                  {"-Z"},            "unknown option -Z; see --help"                            },
    {"an unknown letter in a bundle",                      {"-fZ"},           "unknown option -Z; see --help"                            },
    {"a dash in a bundle",                                 {"-f-"},           "unknown option --; see --help"                            },
    {"an octet that is no ASCII",                          {"-\xff"},         "unknown option -\\xFF; see --help"                        },
    {"an ambiguous start",                                 {"--tex", "x"},    "option --tex is ambiguous: --text or --text-list"         },
    {"a hidden name is not cut short",                     {"--always"},      "unknown option --always; see --help"                      },
    {"a word without an option",
     {"example.org"},
     "unexpected argument \"example.org\": expected an option, see --help"                                                               },
    {"a dash alone",                                       {"-"},             "unexpected argument \"-\": expected an option, see --help"},
    {"nothing as a word",                                  {""},              "unexpected argument \"\": expected an option, see --help" },
    {"a word behind --",
     {"--", "-f"},
     "unexpected argument \"-f\": expected an option, see --help"                                                                        },
    {"a missing value",                                    {"--port"},        "option --port: expected a value, PORT"                    },
    {"a missing value of a letter",                        {"-fp"},           "option --port: expected a value, PORT"                    },
    {"an option where a value is expected",
     {"--port", "--flag"},
     "option --port: expected a value, PORT, got the option --flag; a value like that is written "
     "--port=PORT"                                                                                                                       },
    {"an option with its value where a value is expected",
     {"--text", "--port=25"},
     "option --text: expected a value, TEXT, got the option --port; a value like that is "
     "written --text=TEXT"                                                                                                               },
    {"the start of an option where a value is expected",
     {"-p", "--dom"},
     "option --port: expected a value, PORT, got the option --dom; a value like that is written "
     "--port=PORT"                                                                                                                       },
    {"the end of the options where a value is expected",
     {"--port", "--", "25"},
     "option --port: expected a value, PORT, got the option --; a value like that is written "
     "--port=PORT"                                                                                                                       },
    {"a value for a flag",                                 {"--flag=1"},      "option --flag: expected no value, got \"1\""              },
    {"an empty value for a flag",                          {"--flag="},       "option --flag: expected no value, got \"\""               },
    {"a number and a letter",
     {"--port=10x"},
     "option --port: expected a whole number from 1 to 65535, got \"10x\""                                                               },
    {"an empty number",
     {"--port="},
     "option --port: expected a whole number from 1 to 65535, got \"\""                                                                  },
    {"a negative number",
     {"-p", "-1"},
     "option --port: expected a whole number from 1 to 65535, got \"-1\""                                                                },
    {"a number with a sign",
     {"-p", "+1"},
     "option --port: expected a whole number from 1 to 65535, got \"+1\""                                                                },
    {"a number with = behind its letter",
     {"-p=25"},
     "option --port: expected a whole number from 1 to 65535, got \"=25\""                                                               },
    {"a number with a blank",
     {"-p", " 25"},
     "option --port: expected a whole number from 1 to 65535, got \" 25\""                                                               },
    {"a number below the least",
     {"-p0"},
     "option --port: expected a whole number from 1 to 65535, got \"0\""                                                                 },
    {"a number above the largest",
     {"-p65536"},
     "option --port: expected a whole number from 1 to 65535, got \"65536\""                                                             },
    {"a number past 64 bits",
     {"-p", "18446744073709551617"},
     "option --port: expected a whole number from 1 to 65535, got \"18446744073709551617\""                                              },
    {"seconds with a letter",
     {"-t10s"},
     "option --timeout: expected seconds from 0.5 to 3600, got \"10s\""                                                                  },
    {"empty seconds",
     {"--timeout="},
     "option --timeout: expected seconds from 0.5 to 3600, got \"\""                                                                     },
    {"seconds below the least",
     {"-t0.4"},
     "option --timeout: expected seconds from 0.5 to 3600, got \"0.4\""                                                                  },
    {"seconds above the most",
     {"-t3600.1"},
     "option --timeout: expected seconds from 0.5 to 3600, got \"3600.1\""                                                               },
    {"negative seconds",
     {"-t-1"},
     "option --timeout: expected seconds from 0.5 to 3600, got \"-1\""                                                                   },
    {"seconds without a fraction",
     {"-t1."},
     "option --timeout: expected seconds from 0.5 to 3600, got \"1.\""                                                                   },
    {"seconds without a whole",
     {"-t.9"},
     "option --timeout: expected seconds from 0.5 to 3600, got \".9\""                                                                   },
    {"seconds with two points",
     {"-t1.2.3"},
     "option --timeout: expected seconds from 0.5 to 3600, got \"1.2.3\""                                                                },
    {"seconds with a comma",
     {"-t1,5"},
     "option --timeout: expected seconds from 0.5 to 3600, got \"1,5\""                                                                  },
    {"seconds with an exponent",
     {"-t1e1"},
     "option --timeout: expected seconds from 0.5 to 3600, got \"1e1\""                                                                  },
    {"seconds without end",
     {"-tinf"},
     "option --timeout: expected seconds from 0.5 to 3600, got \"inf\""                                                                  },
    {"seven digits of a fraction",
     {"-t1.0000001"},
     "option --timeout: expected seconds from 0.5 to 3600, got \"1.0000001\""                                                            },
    {"seconds past all bounds",
     {"-t99999999999"},
     "option --timeout: expected seconds from 0.5 to 3600, got \"99999999999\""                                                          },
    {"text with CR",
     {"--text=a\rb"},
     "option --text: expected printable text in UTF-8 without control characters, got \"a\\x0Db\""                                       },
    {"text with LF",
     {"--text=a\nb"},
     "option --text: expected printable text in UTF-8 without control characters, got \"a\\x0Ab\""                                       },
    {"text with a tab",
     {"--text=a\tb"},
     "option --text: expected printable text in UTF-8 without control characters, got \"a\\x09"
     "b\""                                                                                                                               },
    {"text with DEL",
     {"--text=\x7f"},
     "option --text: expected printable text in UTF-8 without control characters, got \"\\x7F\""                                         },
    {"text with an escape",
     {"--text=\x1b[1m"},
     "option --text: expected printable text in UTF-8 without control characters, got "
     "\"\\x1B[1m\""                                                                                                                      },
    {"text with a C1 control",
     {"--text=\xc2\x85"},
     "option --text: expected printable text in UTF-8 without control characters, got "
     "\"\\xC2\\x85\""                                                                                                                    },
    {"text in Latin-1",
     {"--text=\xe4"},
     "option --text: expected printable text in UTF-8 without control characters, got \"\\xE4\""                                         },
    {"empty text",                                         {"--text="},       "option --text: expected text that is not empty, got \"\"" },
    {"an empty text of a list",
     {"--text-list", ""},
     "option --text-list: expected text that is not empty, got \"\""                                                                     },
    {"a control character in text that may be empty",
     {"--sender=a\rb"},
     "option --sender: expected printable text in UTF-8 without control characters, got "
     "\"a\\x0Db\""                                                                                                                       },
    {"a secret is not shown",
     {"--password=a\rb"},
     "option --password: expected printable text in UTF-8 without control characters"                                                    },
    {"an empty secret",                                    {"-P", ""},        "option --password: expected text that is not empty"       },
    {"the value of an unknown option is not shown",
     {"--pasword=hush"},
     "unknown option --pasword; did you mean --password?"                                                                                },
    {"another word",
     {"--colour=pink"},
     "option --colour: expected red, green or blue, got \"pink\""                                                                        },
    {"a word cut short",
     {"--colour=gre"},
     "option --colour: expected red, green or blue, got \"gre\""                                                                         },
    {"an empty word",                                      {"--colour="},     "option --colour: expected red, green or blue, got \"\""   },
    {"a word of a special option",
     {"--export=pink"},
     "option --export: expected red, green or blue, got \"pink\""                                                                        },
    {"a range without start",
     {"-w:18"},
     "option --warning: expected a range [@]start:end such as 10, 10:, ~:10, 10:20 or @10:20, got "
     "\":18\""                                                                                                                           },
    {"an empty range",
     {"-c", ""},
     "option --critical: expected a range [@]start:end such as 10, 10:, ~:10, 10:20 or @10:20, got "
     "\"\""                                                                                                                              },
    {"a range that ends before it starts",
     {"-c20:10"},
     "option --critical: expected a range [@]start:end such as 10, 10:, ~:10, 10:20 or @10:20, got "
     "\"20:10\""                                                                                                                         },
    {"an empty domain",
     {"--domain="},
     "option --domain: expected a domain name (the name is empty), got \"\""                                                             },
    {"an IP address as a domain",
     {"--domain", "192.0.2.1"},
     "option --domain: expected a domain name, no IP address, got \"192.0.2.1\""                                                         },
    {"an IPv6 address as a domain",
     {"--domain=2001:db8::1"},
     "option --domain: expected a domain name, no IP address, got \"2001:db8::1\""                                                       },
    {"a mail address as a domain",
     {"--domain", "a@example.org"},
     "option --domain: expected a domain name, no mail address (\"example.org\" is meant?), got "
     "\"a@example.org\""                                                                                                                 },
    {"a URL as a domain",
     {"--domain", "https://example.org/"},
     "option --domain: expected a domain name, no URL (\"example.org\" is meant?), got "
     "\"https://example.org/\""                                                                                                          },
    {"a domain with a port",
     {"--domain", "example.org:25"},
     "option --domain: expected a domain name, without a port (\"example.org\" is meant?), got "
     "\"example.org:25\""                                                                                                                },
    {"a network as a domain",
     {"--domain", "192.0.2.0/24"},
     "option --domain: expected a domain name, no network, got \"192.0.2.0/24\""                                                         },
    {"an address with a zone as a domain",
     {"--domain", "fe80::1%eth0"},
     "option --domain: expected a domain name, no address with a zone, got \"fe80::1%eth0\""                                             },
    {"an address out of range as a domain",
     {"--domain", "256.1.1.1"},
     "option --domain: expected a domain name (no name ends in a label of digits alone, and an "
     "IPv4 address has four numbers from 0 to 255), got \"256.1.1.1\""                                                                   },
    {"an address literal as a domain",
     {"--domain", "[192.0.2.1]"},
     "option --domain: expected a domain name, without brackets, got \"[192.0.2.1]\""                                                    },
    {"two domains in one word",
     {"--domain", "example.org,example.net"},
     "option --domain: expected a domain name, one alone and without blanks, got "
     "\"example.org,example.net\""                                                                                                       },
    {"an address with a port",
     {"-H", "192.0.2.1:25"},
     "option --address: expected an IPv4 or IPv6 address, got \"192.0.2.1:25\""                                                          },
    {"a name as an address",
     {"-H", "mail.example.org"},
     "option --address: expected an IPv4 or IPv6 address, got \"mail.example.org\""                                                      },
    {"a name as a resolver",
     {"--resolver=localhost:53"},
     "option --resolver: expected ADDR, ADDR:PORT or [IPv6]:PORT, got \"localhost:53\""                                                  },
    {"an empty path",                                      {"--input="},      "option --input: expected the path of a file, got \"\""    },
    {"another state",
     {"--worst=bad"},
     "option --worst: expected ok, warning, critical or unknown, got \"bad\""                                                            },
    {"ignore is no state of the check",
     {"--worst=ignore"},
     "option --worst: expected ok, warning, critical or unknown, got \"ignore\""                                                         },
    {"what an output would read wrongly",
     {"--port=1|2<3>"},
     "option --port: expected a whole number from 1 to 65535, got \"1!2(3)\""                                                            },
};

static void test_bad(void **state)
{
    const struct bad *row = *state;
    struct fixture fixture;

    setup(&fixture);
    assert_false(parse(&fixture, row->words));
    assert_true(fixture.run.error.is_set);
    assert_string_equal(fixture.run.error.message, row->message);
    arena_release(&fixture.arena);
}

static const struct origin {
    const char *label;
    const char *word;
    const char *message;
} origins[] = {
    {"a bad value names its line",                    "--port=x",
     "a|b.ini:7: option --port: expected a whole number from 1 to 65535, got \"x\""             },
    {"an unknown name names its line",                "--prt=x",
     "a|b.ini:7: unknown option --prt; did you mean --port?"                                    },
    {"an option for the command line names its line", "--help",
     "a|b.ini:7: option --help: expected on the command line only"                              },
    {"a secret names its line only",                  "--password=a\rb",
     "a|b.ini:7: option --password: expected printable text in UTF-8 without control characters"},
};

static void test_origin(void **state)
{
    const struct origin *row = *state;
    static const char *const place[] = {"a|b.ini:7"};
    struct option_words words = {1, &row->word, place};
    struct fixture fixture;
    char expected[512];

    setup(&fixture);
    assert_false(option_parse(&fixture.run, &words));
    snprintf(expected, sizeof(expected), "%s", row->message);
    expected[1] = '!';
    assert_string_equal(fixture.run.error.message, expected);
    arena_release(&fixture.arena);
}

static void test_a_required_option_is_missed(void **state)
{
    static const struct option_definition needed[] = {
        {.name = "domain",
         .letter = 'd',
         .kind = OPTION_DOMAIN,
         .traits = OPTION_REQUIRED,
         .argument = "DOMAIN",
         .offset = OPTION_VALUE(domain)},
    };
    static const char *const words[OPTION_WORDS_MAX] = {"-d", "x"};
    struct fixture fixture;

    (void)state;
    setup(&fixture);
    fixture.run.table = needed;
    fixture.run.count = 1;
    assert_false(option_require(&fixture.run));
    assert_string_equal(fixture.run.error.message,
                        "option --domain is missing: expected --domain DOMAIN");
    assert_true(parse(&fixture, words));
    assert_true(option_require(&fixture.run));
    arena_release(&fixture.arena);
}

static void test_text_is_bounded(void **state)
{
    char word[OPTION_TEXT_MAX + 32];
    const char *words[OPTION_WORDS_MAX] = {word};
    struct fixture fixture;

    (void)state;
    memset(word, 'x', sizeof(word));
    memcpy(word, "--text=", 7);
    setup(&fixture);
    word[7 + OPTION_TEXT_MAX] = '\0';
    assert_true(parse(&fixture, words));
    word[7 + OPTION_TEXT_MAX] = 'x';
    word[8 + OPTION_TEXT_MAX] = '\0';
    assert_false(parse(&fixture, words));
    assert_int_equal(strncmp(fixture.run.error.message,
                             "option --text: expected text of at most 4096 octets, got \"xxx", 61),
                     0);
    arena_release(&fixture.arena);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_bad, bads);
    CASES_TABLE(&cases, test_origin, origins);
    cases_add(&cases, "a required option is missed", test_a_required_option_is_missed, NULL);
    cases_add(&cases, "text is bounded", test_text_is_bounded, NULL);
    return cases_run(&cases, "option_errors");
}
