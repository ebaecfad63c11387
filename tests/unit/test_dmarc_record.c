#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cases.h"
#include "mail/dmarc_record.h"

static struct arena arena;

/* ---- is it a record */

static const struct version_row {
    const char *label;
    const char *text;
    enum dmarc_version version;
    bool is_record;
} versions[] = {
    {"RFC 9989 4.8: a plain record",                  "v=DMARC1; p=none",                         DMARC_VERSION_RIGHT,   true },
    {"RFC 9989 4.8: the version alone",               "v=DMARC1",                                 DMARC_VERSION_RIGHT,   true },
    {"RFC 9989 4.8: white space around = and ;",      "v = DMARC1 ; p = reject",                  DMARC_VERSION_RIGHT,
     true                                                                                                                     },
    {"RFC 9989 4.8: tabs are white space",            "v\t=\tDMARC1\t;\tp=none",                  DMARC_VERSION_RIGHT,   true },
    {"RFC 9989 4.8: a final semicolon",               "v=DMARC1;p=none;",                         DMARC_VERSION_RIGHT,   true },
    {"RFC 9989 4.8: faulty tags are dropped",         "v=DMARC1; p=none; reject; 1=2",            DMARC_VERSION_RIGHT,
     true                                                                                                                     },
    {"RFC 6376 3.2: a duplicate tag makes it none",   "v=DMARC1; p=none; p=reject",
     DMARC_VERSION_RIGHT,                                                                                                false},
    {"RFC 6376 3.2: a duplicate v",                   "v=DMARC1; v=DMARC1; p=none",               DMARC_VERSION_RIGHT,   false},
    {"RFC 9989 4.7: the version has capitals",        "v=dmarc1; p=none",                         DMARC_VERSION_CASE,    false},
    {"RFC 6376 3.2: the tag v is in lower case",      "V=DMARC1; p=none",                         DMARC_VERSION_CASE,    false},
    {"RFC 9989 4.7: v must be first",                 "p=none; v=DMARC1",                         DMARC_VERSION_LATE,    false},
    {"RFC 9989 4.8: white space before v",            " v=DMARC1; p=none",                        DMARC_VERSION_SPACE,   false},
    {"RFC 9989 4.8: a byte order mark before v",      "\xEF\xBB\xBFv=DMARC1; p=none",
     DMARC_VERSION_SPACE,                                                                                                false},
    {"RFC 9989 4.8: the semicolon is missing",        "v=DMARC1 p=reject",                        DMARC_VERSION_COLON,   false},
    {"RFC 9989 4.8: a comma for the semicolon",       "v=DMARC1, p=reject",                       DMARC_VERSION_COLON,   false},
    {"RFC 9989 4.8: a colon for the semicolon",       "v=DMARC1: p=reject",                       DMARC_VERSION_COLON,   false},
    {"RFC 9989 4.8: quotes around the record",        "\"v=DMARC1; p=none\"",                     DMARC_VERSION_QUOTED,  false},
    {"RFC 9989 4.8: curly quotes around the record",  "\xE2\x80\x9Cv=DMARC1; p=none\xE2\x80\x9D",
     DMARC_VERSION_QUOTED,                                                                                               false},
    {"RFC 9989 4.8: curly quotes around the version",
     "v=\xE2\x80\x9C"
     "DMARC1\xE2\x80\x9D; p=none",                                                                DMARC_VERSION_QUOTED,  false},
    {"RFC 9989 4.7: another version",                 "v=DMARC2; p=none",                         DMARC_VERSION_OTHER,   false},
    {"RFC 9989 4.7: DMARC1x",                         "v=DMARC1x; p=none",                        DMARC_VERSION_OTHER,   false},
    {"RFC 9989 4.7: DMARC without a number",          "v=DMARC; p=none",                          DMARC_VERSION_OTHER,   false},
    {"RFC 9989 4.7: no v=",                           "DMARC1; p=none",                           DMARC_VERSION_OTHER,   false},
    {"RFC 9989 4.10: SPF at the name",                "v=spf1 -all",                              DMARC_VERSION_FOREIGN, false},
    {"RFC 9989 4.10: some other text",                "google-site-verification=x",               DMARC_VERSION_FOREIGN, false},
    {"RFC 9989 4.10: an empty text",                  "",                                         DMARC_VERSION_FOREIGN, false},
};

static void test_version(void **state)
{
    const struct version_row *row = *state;
    struct dmarc_record record;

    dmarc_record_parse(&arena, slice_of(row->text), &record);
    assert_string_equal(dmarc_version_text(record.version), dmarc_version_text(row->version));
    assert_int_equal(record.is_record, row->is_record);
}

/* ---- what its tags say; a fault is written "!", an absent tag left out */

static const struct tag_row {
    const char *label;
    const char *tags;
    const char *facts;
} tags[] = {
    {"RFC 9989 4.7: p=none",                          "p=none",                                                        "p=none "               },
    {"RFC 9989 4.8: policies ignore case",            "p=ReJect; sp=NONE",                                             "p=reject sp=none "     },
    {"RFC 9989 4.7: p, sp and np",                    "p=reject; sp=quarantine; np=none",
     "p=reject sp=quarantine np=none "                                                                                                         },
    {"RFC 9989 4.7: no p",                            "sp=reject",                                                     "sp=reject "            },
    {"RFC 9989 4.8: a mistyped p",                    "p=rejct",                                                       "p! "                   },
    {"RFC 9989 4.8: an empty p",                      "p=",                                                            "p! "                   },
    {"RFC 9989 4.8: two words in p",                  "p=none reject",                                                 "p! "                   },
    {"RFC 9989 4.8: curly quotes around a policy",    "p=\xE2\x80\x9Creject\xE2\x80\x9D",
     "p! faulty1 "                                                                                                                             },
    {"RFC 9989 4.8: an invalid sp",                   "p=none; sp=reject!",                                            "p=none sp! "           },
    {"RFC 9989 4.8: an invalid np",                   "p=none; np=0",                                                  "p=none np! "           },
    {"RFC 6376 3.2: P is an unknown tag",             "P=reject",                                                      "unknown1 "             },
    {"RFC 9989 4.7: t=y",                             "p=none; t=y",                                                   "p=none t=y "           },
    {"RFC 9989 4.7: t=n",                             "p=none; t=N",                                                   "p=none t=n "           },
    {"RFC 9989 4.8: an invalid t",                    "p=none; t=yes",                                                 "p=none t! "            },
    {"RFC 9989 4.7: psd=y",                           "p=none; psd=y",                                                 "p=none psd=y "         },
    {"RFC 9989 4.7: psd=n",                           "p=none; psd=n",                                                 "p=none psd=n "         },
    {"RFC 9989 4.7: psd=u",                           "p=none; psd=u",                                                 "p=none psd=u "         },
    {"RFC 9989 4.8: an invalid psd",                  "p=none; psd=yes",                                               "p=none psd! "          },
    {"RFC 9989 4.7: alignment",                       "p=none; adkim=s; aspf=R",                                       "p=none adkim=s aspf=r "},
    {"RFC 9989 4.8: an invalid alignment",            "p=none; adkim=strict; aspf=",                                   "p=none adkim! aspf! "  },
    {"RFC 9989 4.8: fo=0",                            "p=none; fo=0",                                                  "p=none fo0 "           },
    {"RFC 9989 4.8: fo=1:d:s",                        "p=none; fo=1:d:s",                                              "p=none fo0 "           },
    {"RFC 9989 4.8: fo=d:1:s",                        "p=none; fo=d : 1 : s",                                          "p=none fo0 "           },
    {"RFC 9989 4.8: fo with 0 and 1",                 "p=none; fo=0:1",                                                "p=none fo2 "           },
    {"RFC 9989 4.8: fo repeats a letter",             "p=none; fo=d:D",                                                "p=none fo3 "           },
    {"RFC 9989 4.8: fo with an unknown letter",       "p=none; fo=x",                                                  "p=none fo1 "           },
    {"RFC 9989 4.8: fo without colons",               "p=none; fo=1ds",                                                "p=none fo1 "           },
    {"RFC 9989 4.8: an empty fo",                     "p=none; fo=",                                                   "p=none fo1 "           },
    {"RFC 7489 6.3: pct",                             "p=none; pct=50",                                                "p=none pct50 "         },
    {"RFC 7489 6.3: pct=100",                         "p=none; pct=100",                                               "p=none pct100 "        },
    {"RFC 7489 6.3: pct=0",                           "p=none; pct=0",                                                 "p=none pct0 "          },
    {"RFC 7489 6.3: pct over 100",                    "p=none; pct=101",                                               "p=none pct! "          },
    {"RFC 7489 6.3: pct with a sign",                 "p=none; pct=-1",                                                "p=none pct! "          },
    {"RFC 7489 6.3: pct with a percent sign",         "p=none; pct=50%",                                               "p=none pct! "          },
    {"RFC 7489 6.3: rf and ri",                       "p=none; rf=afrf; ri=3600",                                      "p=none rf ri "         },
    {"RFC 9989 4.7: unknown tags are ignored",        "p=none; polciy=x; b=1",                                         "p=none unknown2 "      },
    {"RFC 9989 4.8: the tags after a fault are read", "=x; foo; p=reject",                                             "p=reject faulty2 "     },
    {"RFC 9989 4.7: rua and ruf",                     "p=none; rua=mailto:a@b.org; ruf=mailto:c@d.org,mailto:e@f.org",
     "p=none rua1 ruf2 "                                                                                                                       },
    {"RFC 9989 4.7: an empty rua",                    "p=none; rua=",                                                  "p=none rua1 "          },
};

static void note_policy(struct text *out, const char *name, const struct dmarc_policy_tag *policy)
{
    if (policy->is_present && policy->is_valid)
        text_printf(out, "%s=%s ", name, dmarc_policy_name(policy->value));
    else if (policy->is_present)
        text_printf(out, "%s! ", name);
}

static void note_letter(struct text *out, const char *name, const struct dmarc_letter_tag *letter)
{
    if (letter->is_present && letter->is_valid)
        text_printf(out, "%s=%c ", name, letter->value);
    else if (letter->is_present)
        text_printf(out, "%s! ", name);
}

static void test_tag(void **state)
{
    const struct tag_row *row = *state;
    struct dmarc_record record;
    struct text seen;

    text_init(&seen, 500);
    dmarc_record_parse(&arena, slice_of(arena_format(&arena, "v=DMARC1; %s", row->tags)), &record);
    note_policy(&seen, "p", &record.policy);
    note_policy(&seen, "sp", &record.subdomain_policy);
    note_policy(&seen, "np", &record.nonexistent_policy);
    note_letter(&seen, "t", &record.testing);
    note_letter(&seen, "psd", &record.psd);
    note_letter(&seen, "adkim", &record.dkim_alignment);
    note_letter(&seen, "aspf", &record.spf_alignment);
    if (record.has_failure_options)
        text_printf(&seen, "fo%d ", record.failure_fault);
    if (record.has_percent)
        text_printf(&seen, record.percent_valid ? "pct%u " : "pct! ", record.percent);
    text_append(&seen, record.has_format ? "rf " : "");
    text_append(&seen, record.has_interval ? "ri " : "");
    if (record.has_aggregate)
        text_printf(&seen, "rua%zu ", record.aggregate.count);
    if (record.has_failure)
        text_printf(&seen, "ruf%zu ", record.failure.count);
    if (record.unknown_tags > 0)
        text_printf(&seen, "unknown%zu ", record.unknown_tags);
    if (record.faulty_tags > 0)
        text_printf(&seen, "faulty%zu ", record.faulty_tags);
    assert_string_equal(seen.start, row->facts);
    text_release(&seen);
}

static void test_defaults(void **state)
{
    struct dmarc_record record;
    (void)state;

    dmarc_record_parse(&arena, slice_of("v=DMARC1; p=none; adkim=x; psd=x; t=x; pct=x"), &record);
    assert_int_equal(record.testing.value, 'n');
    assert_int_equal(record.psd.value, 'u');
    assert_int_equal(record.dkim_alignment.value, 'r');
    assert_int_equal(record.spf_alignment.value, 'r');
    assert_int_equal(record.percent, 100);
    assert_true(record.policy_second);
}

/* ---- reporting URIs: one fault number each */

static const struct uri_row {
    const char *label;
    const char *value;
    const char *faults; /* digits of enum dmarc_uri_fault */
    const char *domains;
    bool is_valid; /* one of them is */
} uris[] = {
    {"RFC 9989 4.8: mailto",                       "mailto:a@example.org",              "0",  "example.org|", true },
    {"RFC 3986 3.1: the scheme ignores case",      "MAILTO:a@Example.ORG",              "0",  "example.org|", true },
    {"RFC 9989 4.8: white space around the comma", "mailto:a@b.org \t, mailto:c@d.org", "00",
     "b.org|d.org|",                                                                                          true },
    {"RFC 6068 2: header fields",                  "mailto:a@b.org?subject=x",          "0",  "b.org|",       true },
    {"RFC 6068 2: an encoded comma",               "mailto:a%2Cb@c.org",                "0",  "c.org|",       true },
    {"RFC 6068 2: an encoded domain",              "mailto:a@%62.org",                  "0",  "b.org|",       true },
    {"RFC 7489 6.2: a size",                       "mailto:a@b.org!10m",                "0",  "b.org|",       true },
    {"RFC 7489 6.2: a size without unit",          "mailto:a@b.org!10",                 "0",  "b.org|",       true },
    {"RFC 7489 6.4: a size of two letters",        "mailto:a@b.org!10mb",               "6",  "b.org|",       false},
    {"RFC 7489 6.4: a size without digits",        "mailto:a@b.org!m",                  "6",  "b.org|",       false},
    {"RFC 9989 4.8: a raw ! in the address",       "mailto:a!b@c.org",                  "5",  "c.org|",       false},
    {"RFC 9989 4.8: a raw ! and a size",           "mailto:a!b@c.org!10m",              "5",  "c.org|",       false},
    {"RFC 9989 4.8: a raw comma in the address",   "mailto:a,b@c.org",                  "42", "||",           false},
    {"RFC 9989 4.8: mailto: is missing",           "a@b.org",                           "2",  "|",            false},
    {"RFC 9989 4.8: one of two lacks mailto:",     "mailto:a@b.org,c@d.org",            "02", "b.org||",      true },
    {"RFC 9989 4.8: another scheme",               "https://b.org/x",                   "3",  "|",            true },
    {"RFC 9989 4.8: nothing",                      "",                                  "1",  "|",            false},
    {"RFC 9989 4.8: a comma at the end",           "mailto:a@b.org,",                   "01", "b.org||",      true },
    {"RFC 6068 2: no address",                     "mailto:",                           "4",  "|",            false},
    {"RFC 6068 2: no local-part",                  "mailto:@b.org",                     "4",  "|",            false},
    {"RFC 6068 2: no domain",                      "mailto:a@",                         "4",  "|",            false},
    {"RFC 6068 2: two @",                          "mailto:a@b@c.org",                  "4",  "|",            false},
    {"RFC 6068 2: a domain that is none",          "mailto:a@b..org",                   "4",  "|",            false},
    {"RFC 3986 2: a space inside",                 "mailto:a b@c.org",                  "7",  "|",            false},
    {"RFC 3986 2: angle brackets",                 "mailto:<a@b.org>",                  "7",  "|",            false},
    {"RFC 3986 2.1: a bad percent sign",           "mailto:a%2@b.org",                  "7",  "|",            false},
    {"RFC 3986 3.1: mailto without colon",         "mailto=a@b.org",                    "2",  "|",            false},
};

static void test_uri(void **state)
{
    const struct uri_row *row = *state;
    struct dmarc_uris read;
    char faults[50] = "";
    char domains[500] = "";
    bool is_valid = false;

    dmarc_uris_parse(&arena, slice_of(row->value), false, &read);
    for (size_t i = 0; i < read.count; i++) {
        char digit[] = {(char)('0' + (int)read.list[i].fault), '\0'};
        strncat(faults, digit, 2);
        strncat(domains, read.list[i].domain, 254);
        strncat(domains, "|", 2);
        is_valid |= dmarc_uri_is_valid(&read.list[i]);
        assert_true(strlen(dmarc_uri_fault_text(read.list[i].fault)) > 0);
    }
    assert_string_equal(faults, row->faults);
    assert_string_equal(domains, row->domains);
    assert_int_equal(is_valid, row->is_valid);
}

static void test_many_uris(void **state)
{
    struct dmarc_uris read;
    char text[DMARC_URI_MAX + 10];
    (void)state;

    memset(text, ',', sizeof text);
    dmarc_uris_parse(&arena, slice_new(text, sizeof text), false, &read);
    assert_int_equal(read.count, DMARC_URI_MAX);
    assert_int_equal(read.omitted, sizeof text + 1 - DMARC_URI_MAX);
}

/* ---- the corrected record */

static const struct repair_row {
    const char *label;
    const char *text;
    const char *repaired;
} repairs[] = {
    {"a good record stays",                                                        "v=DMARC1; p=reject; rua=mailto:a@b.org",
     "v=DMARC1; p=reject; rua=mailto:a@b.org"                                                                                                                                        },
    {"the missing semicolon comes",                                                "v=DMARC1 p=reject",                                        "v=DMARC1; p=reject"                  },
    {"all missing semicolons come",                                                "v=DMARC1 p=reject sp=none rua=mailto:a@b.org",
     "v=DMARC1; p=reject; sp=none; rua=mailto:a@b.org"                                                                                                                               },
    {"commas become semicolons",                                                   "v=DMARC1, p=reject, rua=mailto:a@b.org,mailto:c@d.org",
     "v=DMARC1; p=reject; rua=mailto:a@b.org,mailto:c@d.org"                                                                                                                         },
    {"curly quotes go",
     "v=\xE2\x80\x9C"
     "DMARC1\xE2\x80\x9D; p=\xE2\x80\x9Creject\xE2\x80\x9D",                                                                                   "v=DMARC1; p=reject"                  },
    {"straight quotes and backslashes go",                                         "\"v=DMARC1\\; p=reject\"",                                 "v=DMARC1; p=reject"                  },
    {"white space before v goes",                                                  "  v=DMARC1; p=none",                                       "v=DMARC1; p=none"                    },
    {"no-break spaces become spaces",                                              "v=DMARC1;\xC2\xA0p=none",                                  "v=DMARC1; p=none"                    },
    {"capitals are mended",                                                        "v=dmarc1; p=Reject",                                       "v=DMARC1; p=reject"                  },
    {"v comes first",                                                              "p=reject; v=DMARC1",                                       "v=DMARC1; p=reject"                  },
    {"a mistyped policy is mended",                                                "v=DMARC1; p=rejct; sp=quarentine",
     "v=DMARC1; p=reject; sp=quarantine"                                                                                                                                             },
    {"p=none where nothing can be read",                                           "v=DMARC1; sp=reject",                                      "v=DMARC1; p=none; sp=reject"         },
    {"pct=0 becomes t=y",                                                          "v=DMARC1; p=reject; pct=0",                                "v=DMARC1; p=reject; t=y"             },
    {"pct between goes",                                                           "v=DMARC1; p=reject; pct=50",                               "v=DMARC1; p=reject"                  },
    {"an sp that cannot be read goes",                                             "v=DMARC1; p=reject; sp=xx; np=",                           "v=DMARC1; p=reject"                  },
    {"a word for a letter is its first",                                           "v=DMARC1; p=reject; adkim=strict; aspf=relaxed",
     "v=DMARC1; p=reject; adkim=s"                                                                                                                                                   },
    {"a mistyped p is meant",                                                      "v=DMARC1; polciy=reject",                                  "v=DMARC1; p=reject"                  },
    {"a raw ! in the address is %21",                                              "v=DMARC1; p=none; rua=mailto:a!b@c.org",
     "v=DMARC1; p=none; rua=mailto:a%21b@c.org"                                                                                                                                      },
    {"a raw comma in the address is %2C",                                          "v=DMARC1; p=none; rua=mailto:a,b@c.org",
     "v=DMARC1; p=none; rua=mailto:a%2Cb@c.org"                                                                                                                                      },
    {"a blank in the address goes",                                                "v=DMARC1; p=none; rua=mailto: a@c.org",
     "v=DMARC1; p=none; rua=mailto:a@c.org"                                                                                                                                          },
    {"an address that cannot be repaired goes",                                    "v=DMARC1; p=none; rua=mailto:a@[192.0.2.1]",
     "v=DMARC1; p=none"                                                                                                                                                              },
    {"rua twice is one list",                                                      "v=DMARC1; p=none; rua=mailto:a@c.org; rua=mailto:b@c.org",
     "v=DMARC1; p=none; rua=mailto:a@c.org,mailto:b@c.org"                                                                                                                           },
    {"pct=100, rf and ri go",                                                      "v=DMARC1; p=reject; pct=100; rf=afrf; ri=86400",
     "v=DMARC1; p=reject"                                                                                                                                                            },
    {"mailto: comes",                                                              "v=DMARC1; p=none; rua=a@b.org",                            "v=DMARC1; p=none; rua=mailto:a@b.org"},
    {"sizes go",                                                                   "v=DMARC1; p=none; rua=mailto:a@b.org!10m",
     "v=DMARC1; p=none; rua=mailto:a@b.org"                                                                                                                                          },
    {"what is no address goes",
     "v=DMARC1; p=none; rua=,mailto:a@b.org,mailto:",                                                                                          "v=DMARC1; p=none; rua=mailto:a@b.org"},
    {"defaults go",                                                                "v=DMARC1; p=none; adkim=r; aspf=r; t=n; psd=u",            "v=DMARC1; p=none"                    },
    {"what differs from the default stays",                                        "v=DMARC1; p=none; adkim=s; aspf=s; t=y; psd=n",
     "v=DMARC1; p=none; t=y; psd=n; adkim=s; aspf=s"                                                                                                                                 },
    {"fo without ruf goes",                                                        "v=DMARC1; p=none; fo=1",                                   "v=DMARC1; p=none"                    },
    {"fo with ruf stays",                                                          "v=DMARC1; p=none; fo=1:d; ruf=mailto:a@b.org",
     "v=DMARC1; p=none; ruf=mailto:a@b.org; fo=1:d"                                                                                                                                  },
    {"a tag behind octets that go is found",                                       "v=DMARC1; p=reject rua\x8E=mailto:a@b.org",
     "v=DMARC1; p=reject; rua=mailto:a@b.org"                                                                                                                                        },
    {"an address behind a comma that cannot be repaired goes, beside a good list",
     "v=DMARC1; p=none; rua=mailto:a@b.org; rua=mailto:a,b@=",                                                                                 "v=DMARC1; p=none; rua=mailto:a@b.org"},
    {"a tag that stands twice before its value",                                   "v=DMARC1; p=none; rua=rua=mailto:a@b.org",
     "v=DMARC1; p=none; rua=mailto:a@b.org"                                                                                                                                          },
    {"a line end goes",                                                            "v=DMARC1; p=reject\r\n",                                   "v=DMARC1; p=reject"                  },
};

static void test_repair(void **state)
{
    const struct repair_row *row = *state;
    const char *repaired = dmarc_record_repair(&arena, slice_of(row->text));
    struct dmarc_record record;

    assert_string_equal(repaired, row->repaired);
    dmarc_record_parse(&arena, slice_of(repaired), &record);
    assert_true(record.is_record && record.policy.is_valid && record.faulty_tags == 0);
    assert_string_equal(dmarc_record_repair(&arena, slice_of(repaired)), repaired);
}

static const struct likely_row {
    const char *label;
    const char *name;
    const char *likely; /* NULL: none */
} likely[] = {
    {"polciy means p",        "polciy",  "p"    },
    {"policy means p",        "policy",  "p"    },
    {"P means p",             "P",       "p"    },
    {"RUA means rua",         "RUA",     "rua"  },
    {"rau means rua",         "rau",     "rua"  },
    {"adkm means adkim",      "adkm",    "adkim"},
    {"pcl may mean pct",      "pcl",     "pct"  },
    {"x means nothing",       "x",       NULL   },
    {"comment means nothing", "comment", NULL   },
};

static void test_likely(void **state)
{
    const struct likely_row *row = *state;
    const char *found = dmarc_record_likely_tag(slice_of(row->name));

    if (row->likely)
        assert_string_equal(found, row->likely);
    else
        assert_null(found);
}

int main(void)
{
    struct cases cases = {0};
    int status;

    arena_init(&arena);
    CASES_TABLE(&cases, test_version, versions);
    CASES_TABLE(&cases, test_tag, tags);
    cases_add(&cases, "RFC 9989 4.8: faulty tags have their defaults", test_defaults, NULL);
    CASES_TABLE(&cases, test_uri, uris);
    cases_add(&cases, "a list has at most DMARC_URI_MAX URIs", test_many_uris, NULL);
    CASES_TABLE(&cases, test_repair, repairs);
    CASES_TABLE(&cases, test_likely, likely);
    status = cases_run(&cases, "dmarc_record");
    arena_release(&arena);
    return status;
}
