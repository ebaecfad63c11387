/* Repairs of broken records: each is linted again and must not raise what it repairs. */
#include <string.h>

#include "spf_fixture.h"

#define EIGHT_EXISTS                                                                               \
    "exists:%{i}.a.example exists:%{i}.b.example exists:%{i}.c.example exists:%{i}.d.example "     \
    "exists:%{i}.e.example exists:%{i}.f.example exists:%{i}.g.example exists:%{i}.h.example "

/* A broken record with its zone, and the repaired record that all its findings show. */
static const struct repair_row {
    const char *label;
    const char *record; /* in quotes, with the seams of its strings */
    const char *zone;
    enum spf_issue_kind kind;
    const char *repair; /* NO_REPAIR: none */
    char required_all;
} repair_rows[] = {
    {"+-all is -all",                                      "v=spf1 ip4:1.2.3.4 +-all",                             "",                                                               SPF_ISSUE_TYPO,         "v=spf1 ip4:1.2.3.4 -all",               0  },
    {"+~all is ~all",                                      "v=spf1 ip4:1.2.3.4 +~all",                             "",                                                               SPF_ISSUE_TYPO,         "v=spf1 ip4:1.2.3.4 ~all",               0  },
    {"-~all is anything",                                  "v=spf1 ip4:1.2.3.4 -~all",                             "",                                                               SPF_ISSUE_TYPO,         NO_REPAIR,                               0  },
    {"!all has no visible qualifier",                      "v=spf1 ip4:1.2.3.4 !all",                              "",                                                               SPF_ISSUE_TYPO,         NO_REPAIR,                               0  },
    {"_all has no visible qualifier",                      "v=spf1 ip4:1.2.3.4 _all",                              "",                                                               SPF_ISSUE_TYPO,         NO_REPAIR,                               0  },
    {"al has no visible qualifier",                        "v=spf1 ip4:1.2.3.4 al",                                "",                                                               SPF_ISSUE_TYPO,         NO_REPAIR,                               0  },
    {"all: has no visible qualifier",                      "v=spf1 ip4:1.2.3.4 all:",                              "",                                                               SPF_ISSUE_SYNTAX,       NO_REPAIR,
     0                                                                                                                                                                                                                                                   },
    {"nobody is told to publish +all",                     "v=spf1 ip:1.2.3.4 +all",                               "",                                                               SPF_ISSUE_TYPO,         NO_REPAIR,                               0  },
    {"all=fail is -all",                                   "v=spf1 ip4:1.2.3.4 all=fail",                          "",                                                               SPF_ISSUE_TYPO,
     "v=spf1 ip4:1.2.3.4 -all",                                                                                                                                                                                                                       0  },
    {"redirct=",                                           "v=spf1 redirct=r.example",                             "r.example TXT \"v=spf1 -all\"\n",                                SPF_ISSUE_TYPO,
     "v=spf1 redirect=r.example",                                                                                                                                                                                                                     0  },
    {"redirect: beside all has no repair",                 "v=spf1 Redirect:r.example -all",                       "",                                                               SPF_ISSUE_TYPO,
     NO_REPAIR,                                                                                                                                                                                                                                       0  },
    {"a: is a",                                            "v=spf1 a: -all",                                       "example.com A 8.8.8.8\n",                                        SPF_ISSUE_SYNTAX,       "v=spf1 a -all",                         0  },
    {"a:/24 is a/24",                                      "v=spf1 a:/24 -all",                                    "example.com A 8.8.8.8\n",                                        SPF_ISSUE_SYNTAX,
     "v=spf1 a/24 -all",                                                                                                                                                                                                                              0  },
    {"mx:/24 is mx/24",                                    "v=spf1 mx:/24 -all",                                   "example.com MX 1 m.example\nm.example A 8.8.8.8\n",
     SPF_ISSUE_SYNTAX,                                                                                                                                                                                       "v=spf1 mx/24 -all",                     0  },
    {"ip4 is not lost in silence",                         "v=spf1 ip4 -all",                                      "",                                                               SPF_ISSUE_SYNTAX,       NO_REPAIR,                               0  },
    {"an empty label",                                     "v=spf1 include:i..example -all",                       "i.example TXT \"v=spf1 -all\"\n",
     SPF_ISSUE_INCLUDE_NONE,                                                                                                                                                                                 "v=spf1 include:i.example -all",         0  },
    {"includes that differ in case and final dot",
     "v=spf1 include:i.example include:I.example. INCLUDE:i.EXAMPLE -all",                                         "i.example TXT \"v=spf1 -all\"\n",                                SPF_ISSUE_DUP_INCLUDE,  "v=spf1 include:i.example -all",         0  },
    {"no all, and -all is required",                       "v=spf1 ip4:8.8.8.8",                                   "",                                                               SPF_ISSUE_NO_ALL,
     "v=spf1 ip4:8.8.8.8 -all",                                                                                                                                                                                                                       '-'},
    {"?all, and -all is required",                         "v=spf1 ip4:8.8.8.8 ?all",                              "",                                                               SPF_ISSUE_ALL_REQUIRED,
     "v=spf1 ip4:8.8.8.8 -all",                                                                                                                                                                                                                       '-'},
    {"an unknown modifier keeps its place",                "v=spf1 foo=bar ip4:8.8.8.8 exp=e.example ip4:8.8.4.4",
     "e.example TXT \"no\"\n",                                                                                                                                                       SPF_ISSUE_ORDER,
     "v=spf1 foo=bar ip4:8.8.8.8 ip4:8.8.4.4 ~all exp=e.example",                                                                                                                                                                                     0  },
    {"all that is wrong in one record",                    "v=spf1 ip:8.8.8.8 a:gone.example exp=e.example",
     "e.example TXT \"no\"\n",                                                                                                                                                       SPF_ISSUE_TYPO,         "v=spf1 ip4:8.8.8.8 ~all exp=e.example", 0  },
    {"strings glued into an include that parses",
     "v=spf1 include:i.example\" \"include:k.example -all",                                                        "i.example TXT \"v=spf1 -all\"\nk.example TXT \"v=spf1 -all\"\n", SPF_ISSUE_RDATA,
     "v=spf1 include:i.example include:k.example -all",                                                                                                                                                                                               0  },
    {"strings glued into a host that parses",              "v=spf1 a:f.example\" \"mx -all",
     "f.example A 8.8.8.8\nexample.com MX 1 f.example\n",                                                                                                                            SPF_ISSUE_RDATA,
     "v=spf1 a:f.example mx -all",                                                                                                                                                                                                                    0  },
    {"a macro letter in capitals is another term",
     "v=spf1 exists:%{l}.x.example exists:%{L}.x.example exp=e.example -all",                                      "e.example TXT \"no\"\n",                                         SPF_ISSUE_ORDER,
     "v=spf1 exists:%{l}.x.example exists:%{L}.x.example -all exp=e.example",                                                                                                                                                                         0  },
    {"a failed look-up is no void one",                    "v=spf1 a:s.example a:gone.example -all",
     "s.example A REFUSED\n",                                                                                                                                                        SPF_ISSUE_A_MX_VOID,    "v=spf1 a:s.example -all",               0  },
    {"half an answer is none",                             "v=spf1 a:s.example a:gone.example -all",
     "s.example A NODATA\ns.example AAAA REFUSED\n",                                                                                                                                 SPF_ISSUE_A_MX_VOID,    "v=spf1 a:s.example -all",
     0                                                                                                                                                                                                                                                   },
    {"a denial is never dropped",                          "v=spf1 -a:gone.example ip4:8.8.8.8 -all",              "",
     SPF_ISSUE_A_MX_VOID,                                                                                                                                                                                    NO_REPAIR,                               0  },
    {"flattened: only what was answered in both families",
     "v=spf1 a:a1.example ~a:a2.example a:a3.example mx -a:gone.example " EIGHT_EXISTS "-all",
     "a1.example A 8.8.8.1\na1.example AAAA 2a01::1\na2.example A 8.8.8.2\na3.example A 8.8.8.3\n"
     "a3.example AAAA REFUSED\nexample.com MX 1 a1.example\n",                                                                                                                       SPF_ISSUE_LOOKUPS_OVER,
     "v=spf1 ip4:8.8.8.1 ip6:2a01::1 ~ip4:8.8.8.2 a:a3.example -a:gone.example " EIGHT_EXISTS
     "-all",                                                                                                                                                                                                                                          0  },
};

static void test_repair(void **state)
{
    const struct repair_row *row = *state;
    struct spf_lint_options options = defaults;
    struct fixture fixture;
    options.required_all = row->required_all;
    const char *repair = NULL;
    struct text zone;
    text_init(&zone, 100000);
    text_printf(&zone, "example.com TXT \"%s\"\n%s", row->record, row->zone);
    lint_zone(&fixture, zone.start, &options);
    const struct spf_issue *found = find(&fixture, row->kind);
    assert_non_null(found);
    for (size_t i = 0; i < fixture.issues.count; i++) {
        const struct spf_issue *issue = &fixture.issues.issues[i];
        if (issue->repair != NULL && repair != NULL)
            assert_string_equal(issue->repair, repair);
        else if (issue->repair != NULL)
            repair = issue->repair;
    }
    if (row->repair[0] == '\0') {
        assert_true(found != NULL && found->repair == NULL);
    } else {
        struct fixture again;
        assert_non_null(repair);
        assert_string_equal(repair, row->repair);
        text_clear(&zone);
        text_printf(&zone, "example.com TXT \"%s\"\n%s", repair, row->zone);
        lint_zone(&again, zone.start, &options);
        for (size_t i = 0; i < fixture.issues.count; i++) {
            if (fixture.issues.issues[i].repair != NULL)
                assert_null(find(&again, fixture.issues.issues[i].kind));
        }
        arena_release(&again.arena);
    }
    text_release(&zone);
    arena_release(&fixture.arena);
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, test_repair, repair_rows);
    return cases_run(&cases, "spf_repair");
}
