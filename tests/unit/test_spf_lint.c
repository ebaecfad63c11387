#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "mail/public_suffix.h"
#include "spf_fixture.h"

#define RECORD(text) "example.com TXT \"" text "\"\n"
#define TEN_A "a a a a a a a a a a "

/* One issue that a zone must raise, or (with `absent`) must not. */
static const struct row {
    const char *label;
    const char *zone;
    enum spf_issue_kind kind;
    const char *holder; /* these three: NULL is not looked at */
    const char *term;
    const char *repair;
    bool absent;
} rows[] = {
    {"dns-error: SERVFAIL of an include",
     RECORD("v=spf1 include:i.example -all") "i.example TXT TIMEOUT\n",                                                                            SPF_ISSUE_DNS_ERROR,
     "example.com",                                                                                                                                                                           NULL,                 NULL,                                      false},
    {"dns-error: the exchanger's address",
     RECORD("v=spf1 mx -all") "example.com MX 1 m.example\nm.example A REFUSED\n",
     SPF_ISSUE_DNS_ERROR,                                                                                                                                                      "example.com", NULL,                 NULL,                                      false},
    {"dns-bogus: SERVFAIL, and an answer with CD",
     RECORD("v=spf1 a:s.example -all") "s.example A SERVFAIL\n",                                                                                   SPF_ISSUE_DNS_BOGUS,        "example.com",
     NULL,                                                                                                                                                                                                          NULL,                                      false},
    {"none: no TXT at all",                                              "example.com A 192.0.2.1\n",                                              SPF_ISSUE_NONE,             "example.com", NULL,                 NULL,
     false                                                                                                                                                                                                                                                          },
    {"none: not when there is a near one",                               RECORD("v=spf1; -all"),                                                   SPF_ISSUE_NONE,             NULL,          NULL,                 NULL,
     true                                                                                                                                                                                                                                                           },
    {"multiple",                                                         RECORD("v=spf1 -all") RECORD("v=spf1 mx -all"),                           SPF_ISSUE_MULTIPLE,         "example.com",
     NULL,                                                                                                                                                                                                          NULL,                                      false},
    {"multiple: in an include",
     RECORD("v=spf1 include:i.example -all") "i.example TXT \"v=spf1 -all\"\ni.example TXT "
                                             "\"v=spf1 mx -all\"\n",                                                                               SPF_ISSUE_MULTIPLE,         "i.example",   NULL,                 NULL,                                      false},
    {"version: v=spf10",                                                 RECORD("v=spf10 mx -all"),                                                SPF_ISSUE_VERSION,          "example.com", NULL,
     "v=spf1 mx -all",                                                                                                                                                                                                                                         false},
    {"version: a semicolon",                                             RECORD("v=spf1; mx; -all"),                                               SPF_ISSUE_VERSION,          NULL,          NULL,
     "v=spf1 mx -all",                                                                                                                                                                                                                                         false},
    {"version: a space first",                                           RECORD(" v=spf1 -all"),                                                   SPF_ISSUE_VERSION,          NULL,          NULL,                 "v=spf1 -all",
     false                                                                                                                                                                                                                                                          },
    {"version: a byte order mark",                                       RECORD("\\xef\\xbb\\xbfv=spf1 -all"),                                     SPF_ISSUE_VERSION,          NULL,
     NULL,                                                                                                                                                                                                          "v=spf1 -all",                             false},
    {"version: quotes",                                                  RECORD("\\\"v=spf1 -all\\\""),                                            SPF_ISSUE_VERSION,          NULL,          NULL,                 "v=spf1 -all",
     false                                                                                                                                                                                                                                                          },
    {"version: spaces around the sign",                                  RECORD("v = spf1 -all"),                                                  SPF_ISSUE_VERSION,          NULL,          NULL,
     "v=spf1 -all",                                                                                                                                                                                                                                            false},
    {"version: no space behind",                                         "example.com TXT \"v=spf1\" \"mx -all\"\n",                               SPF_ISSUE_VERSION,
     NULL,                                                                                                                                                                                    NULL,                 "v=spf1 mx -all",                          false},
    {"version: beside a good one",                                       RECORD("v=spf1 -all") RECORD("v=spf10 -all"),
     SPF_ISSUE_VERSION_BESIDE,                                                                                                                                                 NULL,          NULL,                 NULL,                                      false},
    {"type99",                                                           RECORD("v=spf1 -all") "example.com SPF \"v=spf1 -all\"\n",                SPF_ISSUE_TYPE99,
     "example.com",                                                                                                                                                                           NULL,                 NULL,                                      false},
    {"senderid",                                                         RECORD("v=spf1 -all") RECORD("spf2.0/pra -all"),                          SPF_ISSUE_SENDERID,         NULL,          NULL,
     NULL,                                                                                                                                                                                                                                                     false},
    {"rdata: an empty TXT",                                              RECORD("v=spf1 -all") RECORD(""),                                         SPF_ISSUE_EMPTY_TXT,        NULL,          NULL,                 NULL,
     false                                                                                                                                                                                                                                                          },
    {"rdata: two terms glued",                                           "example.com TXT \"v=spf1 ip4:8.8.8.8 ~all\" \"ip4:192.0.2.1\"\n",
     SPF_ISSUE_RDATA,                                                                                                                                                          NULL,          "~allip4:192.0.2.1",  "v=spf1 ip4:8.8.8.8 ~all ip4:192.0.2.1",   false},
    {"rdata: one term in two strings is fine",
     "example.com TXT \"v=spf1 ip4:192.0\" \".2.1 -all\"\n",                                                                                       SPF_ISSUE_RDATA,            NULL,          NULL,                 NULL,
     true                                                                                                                                                                                                                                                           },
    {"size: truncated, and TCP fails",                                   "example.com TXT TRUNCATED\n",                                            SPF_ISSUE_SIZE_LOST,
     "example.com",                                                                                                                                                                           NULL,                 NULL,                                      false},
    {"syntax: an address as a domain",                                   RECORD("v=spf1 a:192.0.2.1 -all"),                                        SPF_ISSUE_SYNTAX,
     "example.com",                                                                                                                                                                           "a:192.0.2.1",        "v=spf1 ip4:192.0.2.1 -all",               false},
    {"syntax: an address with a length as a domain",                     RECORD("v=spf1 mx:192.0.2.0/24 -all"),
     SPF_ISSUE_SYNTAX,                                                                                                                                                         NULL,          "mx:192.0.2.0/24",    "v=spf1 ip4:192.0.2.0/24 -all",            false},
    {"syntax: an address included",                                      RECORD("v=spf1 include:192.0.2.1 -all"),                                  SPF_ISSUE_SYNTAX,           NULL,
     NULL,                                                                                                                                                                                                          "v=spf1 ip4:192.0.2.1 -all",               false},
    {"syntax: IPv6 in ip4",                                              RECORD("v=spf1 ip4:2001:db8::1 -all"),                                    SPF_ISSUE_SYNTAX,           NULL,          NULL,
     "v=spf1 ip6:2001:db8::1 -all",                                                                                                                                                                                                                            false},
    {"syntax: IPv4 in ip6",                                              RECORD("v=spf1 ip6:192.0.2.1 -all"),                                      SPF_ISSUE_SYNTAX,           NULL,          NULL,
     "v=spf1 ip4:192.0.2.1 -all",                                                                                                                                                                                                                              false},
    {"syntax: a leading zero",                                           RECORD("v=spf1 ip4:192.0.2.0/024 -all"),                                  SPF_ISSUE_SYNTAX,           NULL,
     NULL,                                                                                                                                                                                                          "v=spf1 ip4:192.0.2.0/24 -all",            false},
    {"syntax: two slashes in ip4",                                       RECORD("v=spf1 ip4:192.0.2.0//24 -all"),                                  SPF_ISSUE_SYNTAX,           NULL,
     NULL,                                                                                                                                                                                                          "v=spf1 ip4:192.0.2.0/24 -all",            false},
    {"syntax: a length over 32 has no repair",                           RECORD("v=spf1 ip4:192.0.2.0/33 -all"),
     SPF_ISSUE_SYNTAX,                                                                                                                                                         NULL,          "ip4:192.0.2.0/33",   NULL,                                      false},
    {"syntax: a port",                                                   RECORD("v=spf1 ip4:192.0.2.1:25 -all"),                                   SPF_ISSUE_SYNTAX,           NULL,          NULL,
     "v=spf1 ip4:192.0.2.1 -all",                                                                                                                                                                                                                              false},
    {"syntax: an en dash",
     RECORD("v=spf1 ip4:8.8.8.8 \\xe2\\x80\\x93"
            "all"),
     SPF_ISSUE_SYNTAX,                                                                                                                                                         NULL,          NULL,                 "v=spf1 ip4:8.8.8.8 -all",                 false},
    {"syntax: a tab",                                                    RECORD("v=spf1 mx\\x09-all"),                                             SPF_ISSUE_SYNTAX,           NULL,          NULL,                 "v=spf1 mx -all",
     false                                                                                                                                                                                                                                                          },
    {"syntax: a comma",                                                  RECORD("v=spf1 ip4:192.0.2.1, ip4:192.0.2.2 -all"),                       SPF_ISSUE_SYNTAX,           NULL,
     NULL,                                                                                                                                                                                                          "v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all", false},
    {"syntax: an empty include",                                         RECORD("v=spf1 mx include: -all"),                                        SPF_ISSUE_SYNTAX,           NULL,
     "include:",                                                                                                                                                                                                    NO_REPAIR,                                 false},
    {"syntax: behind all",                                               RECORD("v=spf1 -all mx:"),                                                SPF_ISSUE_SYNTAX,           NULL,          "mx:",                "v=spf1 -all",
     false                                                                                                                                                                                                                                                          },
    {"syntax: in an include, by the record that holds it",
     RECORD("v=spf1 include:i.example -all") "i.example TXT \"v=spf1 a/33 -all\"\n",
     SPF_ISSUE_SYNTAX,                                                                                                                                                         "i.example",   "a/33",               NULL,                                      false},
    {"syntax: NUL in a term",                                            RECORD("v=spf1 a:b.example\\x00 -all"),                                   SPF_ISSUE_SYNTAX,           NULL,          NULL,
     NULL,                                                                                                                                                                                                                                                     false},
    {"syntax: a target with an empty label",                             RECORD("v=spf1 a:b..example -all"),                                       SPF_ISSUE_SYNTAX,
     NULL,                                                                                                                                                                                    "a:b..example",       NULL,                                      false},
    {"typo: ip:",                                                        RECORD("v=spf1 ip:192.0.2.1 -all"),                                       SPF_ISSUE_TYPO,             NULL,          "ip:192.0.2.1",
     "v=spf1 ip4:192.0.2.1 -all",                                                                                                                                                                                                                              false},
    {"typo: ipv4: with an IPv6 address",                                 RECORD("v=spf1 ipv4:2001:db8::1 -all"),                                   SPF_ISSUE_TYPO,
     NULL,                                                                                                                                                                                    NULL,                 "v=spf1 ip6:2001:db8::1 -all",             false},
    {"typo: include=",                                                   RECORD("v=spf1 include=i.example -all"),                                  SPF_ISSUE_TYPO,             NULL,
     "include=i.example",                                                                                                                                                                                           "v=spf1 include:i.example -all",           false},
    {"typo: mx=",                                                        RECORD("v=spf1 mx=i.example -all"),                                       SPF_ISSUE_TYPO,             NULL,          NULL,
     "v=spf1 mx:i.example -all",                                                                                                                                                                                                                               false},
    {"typo: redirect:",                                                  RECORD("v=spf1 redirect:i.example"),                                      SPF_ISSUE_TYPO,             NULL,          NULL,
     "v=spf1 redirect=i.example",                                                                                                                                                                                                                              false},
    {"typo: inlcude:",                                                   RECORD("v=spf1 inlcude:i.example -all"),                                  SPF_ISSUE_TYPO,             NULL,          NULL,
     "v=spf1 include:i.example -all",                                                                                                                                                                                                                          false},
    {"typo: a bare address",                                             RECORD("v=spf1 192.0.2.1 -all"),                                          SPF_ISSUE_TYPO,             NULL,          "192.0.2.1",
     "v=spf1 ip4:192.0.2.1 -all",                                                                                                                                                                                                                              false},
    {"typo: -all.",                                                      RECORD("v=spf1 ip4:8.8.8.8 -all."),                                       SPF_ISSUE_TYPO,             NULL,          "-all.",
     "v=spf1 ip4:8.8.8.8 -all",                                                                                                                                                                                                                                false},
    {"unknown-mod",                                                      RECORD("v=spf1 foo=bar -all"),                                            SPF_ISSUE_UNKNOWN_MODIFIER, NULL,          "foo=bar",
     NULL,                                                                                                                                                                                                                                                     false},
    {"unknown-mod: RFC 6652 has three",                                  RECORD("v=spf1 ra=abuse rp=10 rr=all -all"),
     SPF_ISSUE_UNKNOWN_MODIFIER,                                                                                                                                               NULL,          NULL,                 NULL,                                      true },
    {"macro: no such letter",                                            RECORD("v=spf1 exists:%{z}.x.example -all"),                              SPF_ISSUE_MACRO,            NULL,
     NULL,                                                                                                                                                                                                          NULL,                                      false},
    {"macro: %a",                                                        RECORD("v=spf1 exists:%a.x.example -all"),                                SPF_ISSUE_MACRO,            NULL,          NULL,                 NULL,
     false                                                                                                                                                                                                                                                          },
    {"macro: %{d0}",                                                     RECORD("v=spf1 exists:%{d0}.x.example -all"),                             SPF_ISSUE_MACRO,            NULL,          NULL,
     NULL,                                                                                                                                                                                                                                                     false},
    {"macro: c outside an explanation",                                  RECORD("v=spf1 exists:%{c}.x.example -all"),
     SPF_ISSUE_MACRO,                                                                                                                                                          NULL,          NULL,                 NULL,                                      false},
    {"macro: upper case is fine",                                        RECORD("v=spf1 exists:%{L}.x.example -all"),                              SPF_ISSUE_MACRO,
     NULL,                                                                                                                                                                                    NULL,                 NULL,                                      true },
    {"macro-p",                                                          RECORD("v=spf1 exists:%{p}.x.example -all"),                              SPF_ISSUE_MACRO_P,          NULL,          NULL,                 NULL,
     false                                                                                                                                                                                                                                                          },
    {"ptr",                                                              RECORD("v=spf1 ptr -all"),                                                SPF_ISSUE_PTR,              NULL,          "ptr",                NULL,                                      false},
    {"mod-twice: redirect",                                              RECORD("v=spf1 redirect=r.example redirect=s.example"),
     SPF_ISSUE_MOD_TWICE,                                                                                                                                                      NULL,          "redirect=s.example", NULL,                                      false},
    {"mod-twice: the same exp",                                          RECORD("v=spf1 -all exp=e.example exp=e.example"),
     SPF_ISSUE_MOD_TWICE,                                                                                                                                                      NULL,          NULL,                 "v=spf1 -all exp=e.example",               false},
    {"lookups: eight",                                                   RECORD("v=spf1 a a a a a a a a -all") "example.com A 192.0.2.1\n",
     SPF_ISSUE_LOOKUPS_NEAR,                                                                                                                                                   NULL,          NULL,                 NULL,                                      false},
    {"lookups: ten are near, not over",                                  RECORD("v=spf1 " TEN_A "-all") "example.com A 192.0.2.1\n",
     SPF_ISSUE_LOOKUPS_OVER,                                                                                                                                                   NULL,          NULL,                 NULL,                                      true },
    {"lookups: eleven, the repair has each term once",
     RECORD(
         "v=spf1 " TEN_A
         "mx -all") "example.com A 192.0.2.1\nexample.com MX 1 m.example\nm.example A 192.0.2.2\n",
     SPF_ISSUE_LOOKUPS_OVER,                                                                                                                                                   "example.com", NULL,                 "v=spf1 a mx -all",                        false},
    {"void: one",
     RECORD("v=spf1 a:v.example mx -all") "example.com MX 1 m.example\nm.example A 192.0.2.1\n",
     SPF_ISSUE_VOID_SOME,                                                                                                                                                      NULL,          NULL,                 "v=spf1 mx -all",                          false},
    {"void: three",                                                      RECORD("v=spf1 a:v.example a:w.example exists:x.example -all"),
     SPF_ISSUE_VOID_OVER,                                                                                                                                                      NULL,          NULL,                 "v=spf1 -all",                             false},
    {"void: a name with one family is not void",
     RECORD("v=spf1 a -all") "example.com A 192.0.2.1\n",                                                                                          SPF_ISSUE_VOID_SOME,        NULL,          NULL,                 NULL,
     true                                                                                                                                                                                                                                                           },
    {"void: three names without AAAA beside an ip6",
     RECORD(
         "v=spf1 a:x.example a:y.example a:z.example ip6:2001:db9::1 -all") "x.example A "
                                                                            "192.0.2.1\ny.example "
                                                                            "A "
                                                                            "192.0.2.2\nz.example "
                                                                            "A 192.0.2.3\n",                                                       SPF_ISSUE_VOID_FAMILY,      NULL,          NULL,                 NULL,                                      false},
    {"void: three names without AAAA and no IPv6 sender",
     RECORD("v=spf1 a:x.example a:y.example a:z.example -all") "x.example A 192.0.2.1\ny.example A "
                                                               "192.0.2.2\nz.example A 192.0.2.3\n",                                               SPF_ISSUE_VOID_FAMILY,      NULL,          NULL,                 NULL,                                      true },
    {"mx-names",
     RECORD("v=spf1 mx -all") "example.com MX 1 a.example\nexample.com MX 2 b.example\nexample.com "
                              "MX 3 c.example\nexample.com MX 4 d.example\n"
                              "example.com MX 5 e.example\nexample.com MX 6 f.example\nexample.com "
                              "MX 7 g.example\nexample.com MX 8 h.example\n"
                              "example.com MX 9 i.example\nexample.com MX 10 "
                              "j.example\nexample.com MX 11 k.example\n",                                                                          SPF_ISSUE_MX_NAMES,         NULL,          "mx",                 NULL,                                      false},
    {"include-none: NXDOMAIN",
     RECORD(
         "v=spf1 include:i.example mx -all") "example.com MX 1 m.example\nm.example A 192.0.2.1\n",
     SPF_ISSUE_INCLUDE_NONE,                                                                                                                                                   "example.com", "include:i.example",  "v=spf1 mx -all",                          false},
    {"include-none: a target that depends on the message is not judged",
     RECORD("v=spf1 include:%{i}.example -all"),                                                                                                   SPF_ISSUE_INCLUDE_NONE,     NULL,          NULL,                 NULL,                                      true },
    {"redirect-none",                                                    RECORD("v=spf1 redirect=r.example"),                                      SPF_ISSUE_REDIRECT_NONE,    NULL,
     "redirect=r.example",                                                                                                                                                                                          NULL,                                      false},
    {"child-error: the parent is in error too",
     RECORD("v=spf1 include:i.example -all") "i.example TXT \"v=spf1 moo\"\n",
     SPF_ISSUE_CHILD_ERROR,                                                                                                                                                    "example.com", "include:i.example",  NULL,                                      false},
    {"child-error: two floors up",
     RECORD("v=spf1 include:i.example -all") "i.example TXT \"v=spf1 include:k.example "
                                             "-all\"\nk.example TXT \"v=spf1 moo\"\n",                                                             SPF_ISSUE_CHILD_ERROR,      "example.com", NULL,                 NULL,                                      false},
    {"loop: itself",                                                     RECORD("v=spf1 include:example.com -all"),                                SPF_ISSUE_LOOP,             "example.com",
     "include:example.com",                                                                                                                                                                                         NULL,                                      false},
    {"loop: over two records",
     RECORD("v=spf1 redirect=r.example") "r.example TXT \"v=spf1 redirect=example.com\"\n",
     SPF_ISSUE_LOOP,                                                                                                                                                           "r.example",   NULL,                 NULL,                                      false},
    {"dup-include: in one record",
     RECORD("v=spf1 include:i.example include:I.example. -all") "i.example TXT \"v=spf1 -all\"\n",
     SPF_ISSUE_DUP_INCLUDE,                                                                                                                                                    "example.com", "include:I.example.", NULL,                                      false},
    {"dup-include: the repair",
     RECORD("v=spf1 include:i.example include:i.example -all") "i.example TXT \"v=spf1 -all\"\n",
     SPF_ISSUE_DUP_INCLUDE,                                                                                                                                                    NULL,          NULL,                 "v=spf1 include:i.example -all",           false},
    {"dup-include: through another",
     RECORD("v=spf1 include:i.example include:k.example -all") "i.example TXT \"v=spf1 "
                                                               "-all\"\nk.example TXT \"v=spf1 "
                                                               "include:i.example -all\"\n",                                                       SPF_ISSUE_DUP_INCLUDE,      "k.example",   NULL,                 NULL,                                      false},
    {"a-mx-void: a",
     RECORD("v=spf1 a:n.example mx -all") "example.com MX 1 m.example\nm.example A 192.0.2.1\n",
     SPF_ISSUE_A_MX_VOID,                                                                                                                                                      NULL,          "a:n.example",        "v=spf1 mx -all",                          false},
    {"a-mx-void: no MX",                                                 RECORD("v=spf1 mx -all"),                                                 SPF_ISSUE_A_MX_VOID,        NULL,          "mx",                 "v=spf1 -all",
     false                                                                                                                                                                                                                                                          },
    {"a-mx-void: an exchanger without address",
     RECORD("v=spf1 mx -all") "example.com MX 1 m.example\n",                                                                                      SPF_ISSUE_A_MX_VOID,        NULL,          "mx",                 NULL,
     false                                                                                                                                                                                                                                                          },
    {"all-plus: +all",                                                   RECORD("v=spf1 +all"),                                                    SPF_ISSUE_ALL_PLUS,         NULL,          "+all",               NULL,                                      false},
    {"all-plus: all",                                                    RECORD("v=spf1 mx all"),                                                  SPF_ISSUE_ALL_PLUS,         NULL,          "all",                NULL,                                      false},
    {"all-plus: /0",                                                     RECORD("v=spf1 ip4:0.0.0.0/0 -all"),                                      SPF_ISSUE_ALL_PLUS,         NULL,          "ip4:0.0.0.0/0",
     NULL,                                                                                                                                                                                                                                                     false},
    {"all-plus: inside an include",
     RECORD("v=spf1 include:i.example -all") "i.example TXT \"v=spf1 +all\"\n",                                                                    SPF_ISSUE_ALL_PLUS,
     "i.example",                                                                                                                                                                             "+all",               NULL,                                      false},
    {"all-plus: not behind ?include",
     RECORD("v=spf1 ?include:i.example -all") "i.example TXT \"v=spf1 +all\"\n",                                                                   SPF_ISSUE_ALL_PLUS,
     NULL,                                                                                                                                                                                    NULL,                 NULL,                                      true },
    {"all-plus: not in the form of RFC 7208 A.4",
     RECORD("v=spf1 -include:i.example +all") "i.example TXT \"v=spf1 -ip4:192.0.2.0/24 +all\"\n",
     SPF_ISSUE_ALL_PLUS,                                                                                                                                                       NULL,          NULL,                 NULL,                                      true },
    {"all-neutral",                                                      RECORD("v=spf1 mx ?all"),                                                 SPF_ISSUE_ALL_NEUTRAL,      NULL,          "?all",               NULL,                                      false},
    {"all-neutral: not in an include",
     RECORD("v=spf1 include:i.example -all") "i.example TXT \"v=spf1 ?all\"\n",
     SPF_ISSUE_ALL_NEUTRAL,                                                                                                                                                    NULL,          NULL,                 NULL,                                      true },
    {"no-all",                                                           RECORD("v=spf1 ip4:8.8.8.8"),                                             SPF_ISSUE_NO_ALL,           "example.com", NULL,
     "v=spf1 ip4:8.8.8.8 ~all",                                                                                                                                                                                                                                false},
    {"no-all: behind a redirect",
     RECORD("v=spf1 redirect=r.example") "r.example TXT \"v=spf1 mx\"\n",                                                                          SPF_ISSUE_NO_ALL,
     "r.example",                                                                                                                                                                             NULL,                 NULL,                                      false},
    {"no-all: not in an include",
     RECORD("v=spf1 include:i.example -all") "i.example TXT \"v=spf1 mx\"\n",                                                                      SPF_ISSUE_NO_ALL,
     NULL,                                                                                                                                                                                    NULL,                 NULL,                                      true },
    {"all-soft",                                                         RECORD("v=spf1 mx ~all"),                                                 SPF_ISSUE_ALL_SOFT,         NULL,          "~all",               NULL,                                      false},
    {"all-fail",                                                         RECORD("v=spf1 mx -all"),                                                 SPF_ISSUE_ALL_FAIL,         NULL,          "-all",               NULL,                                      false},
    {"after-all: a mechanism",                                           RECORD("v=spf1 -all mx"),                                                 SPF_ISSUE_AFTER_ALL,        NULL,          "mx",
     "v=spf1 -all",                                                                                                                                                                                                                                            false},
    {"after-all: redirect",                                              RECORD("v=spf1 -all redirect=r.example"),                                 SPF_ISSUE_REDIRECT_IGNORED,
     NULL,                                                                                                                                                                                    "redirect=r.example", "v=spf1 -all",                             false},
    {"order: exp first",                                                 RECORD("v=spf1 exp=e.example ip4:8.8.8.8 -all") "e.example TXT \"no\"\n",
     SPF_ISSUE_ORDER,                                                                                                                                                          NULL,          "exp=e.example",      "v=spf1 ip4:8.8.8.8 -all exp=e.example",   false},
    {"exp: no text",                                                     RECORD("v=spf1 -all exp=e.example"),                                      SPF_ISSUE_EXP,              NULL,          "exp=e.example",
     NULL,                                                                                                                                                                                                                                                     false},
    {"exp: two texts",
     RECORD("v=spf1 -all exp=e.example") "e.example TXT \"a\"\ne.example TXT \"b\"\n",
     SPF_ISSUE_EXP,                                                                                                                                                            NULL,          NULL,                 NULL,                                      false},
    {"exp: not ASCII",                                                   RECORD("v=spf1 -all exp=e.example") "e.example TXT \"\\xc3\\xa9\"\n",
     SPF_ISSUE_EXP,                                                                                                                                                            NULL,          NULL,                 NULL,                                      false},
    {"exp: a good one",                                                  RECORD("v=spf1 -all exp=e.example") "e.example TXT \"see %{r}\"\n",
     SPF_ISSUE_EXP,                                                                                                                                                            NULL,          NULL,                 NULL,                                      true },
    {"overlap: one network in another",                                  RECORD("v=spf1 ip4:198.51.100.0/24 ip4:198.51.100.7 -all"),
     SPF_ISSUE_OVERLAP,                                                                                                                                                        NULL,          "ip4:198.51.100.7",   NULL,                                      false},
    {"overlap: an a-record in a network",
     RECORD("v=spf1 a ip4:198.51.100.0/24 -all") "example.com A 198.51.100.7\n",                                                                   SPF_ISSUE_OVERLAP,
     NULL,                                                                                                                                                                                    "a",                  NULL,                                      false},
    {"overlap: of terms with the same address the later one is named",
     RECORD("v=spf1 a:b.example mx a -all") "example.com A 198.51.100.7\nb.example A 198.51.100.7\n"
                                            "example.com MX 1 example.com.\n",                                                                     SPF_ISSUE_OVERLAP,          NULL,          "mx",                 NULL,                                      false},
    {"overlap: neighbours do not",                                       RECORD("v=spf1 ip4:198.51.100.0/25 ip4:198.51.100.128/25 -all"),
     SPF_ISSUE_OVERLAP,                                                                                                                                                        NULL,          NULL,                 NULL,                                      true },
    {"host-bits",                                                        RECORD("v=spf1 ip4:198.51.100.1/24 -all"),                                SPF_ISSUE_HOST_BITS,        NULL,
     "ip4:198.51.100.1/24",                                                                                                                                                                                         NULL,                                      false},
    {"wide",                                                             RECORD("v=spf1 ip4:20.0.0.0/15 -all"),                                    SPF_ISSUE_WIDE,             NULL,          "ip4:20.0.0.0/15",    NULL,
     false                                                                                                                                                                                                                                                          },
    {"wide: 65536 are not too many",                                     RECORD("v=spf1 ip4:20.0.0.0/16 ip4:20.0.1.0/24 -all"),
     SPF_ISSUE_WIDE,                                                                                                                                                           NULL,          NULL,                 NULL,                                      true },
    {"wide: IPv6",                                                       RECORD("v=spf1 ip6:2a00::/16 -all"),                                      SPF_ISSUE_WIDE_V6,          NULL,          "ip6:2a00::/16",
     NULL,                                                                                                                                                                                                                                                     false},
    {"private",                                                          RECORD("v=spf1 ip4:10.0.0.0/8 -all"),                                     SPF_ISSUE_PRIVATE,          NULL,          "ip4:10.0.0.0/8",
     NULL,                                                                                                                                                                                                                                                     false},
    {"wildcard: it has a record",
     RECORD("v=spf1 -all") "spf-wildcard-probe.example.com TXT \"v=spf1 -all\"\n",
     SPF_ISSUE_WILDCARD,                                                                                                                                                       NULL,          NULL,                 NULL,                                      false},
    {"wildcard: an address and no record",
     RECORD("v=spf1 -all") "spf-wildcard-probe.example.com A 192.0.2.1\n",
     SPF_ISSUE_WILDCARD_MISSING,                                                                                                                                               NULL,          NULL,                 NULL,                                      false},
    {"wildcard: none",                                                   RECORD("v=spf1 -all"),                                                    SPF_ISSUE_WILDCARD_MISSING, NULL,          NULL,                 NULL,                                      true },
};

/* Like the one of the plugins, with the answers of a store that knows everything. */
static void test_row(void **state)
{
    const struct row *row = *state;
    struct fixture fixture;
    lint_zone(&fixture, row->zone, &defaults);
    const struct spf_issue *issue = find(&fixture, row->kind);
    for (size_t i = 0; i < fixture.issues.count; i++) {
        const struct spf_issue *other = &fixture.issues.issues[i];
        if (row->holder != NULL && other->kind == row->kind &&
            strcmp(other->holder, row->holder) == 0) {
            issue = other;
            break;
        }
    }
    if (row->absent) {
        assert_null(issue);
    } else {
        assert_non_null(issue);
        assert_true(issue->text[0] != '\0');
        if (row->holder != NULL)
            assert_string_equal(issue->holder, row->holder);
        if (row->term != NULL)
            assert_string_equal(issue->term, row->term);
        if (row->repair != NULL && row->repair[0] == '\0') {
            assert_null(issue->repair);
        } else if (row->repair != NULL) {
            assert_non_null(issue->repair);
            assert_string_equal(issue->repair, row->repair);
        }
    }
    arena_release(&fixture.arena);
}

/* The one mechanism's name is denied by `zone`. */
static bool says_dead(const char *record, const struct dns_answer *gone,
                      const struct spf_lint_options *options, const char *domain)
{
    struct arena arena;
    struct spf_tree tree;
    struct spf_issues issues;
    struct spf_tree_request request = {.domain = "example.com"};
    struct dns_question question;
    bool found = false;
    arena_init(&arena);
    struct dns_answers *answers = dns_answers_new(&arena, 100);
    assert_int_equal(dns_answers_read(answers, record, false), 0);
    spf_tree_build(&request, answers, &arena, &tree);
    assert_false(tree.complete);
    while (dns_answers_take_missing(answers, &question)) {
        struct dns_answer none = {.status = DNS_NODATA};
        dns_answers_settle(answers, question.index,
                           strcmp(question.name, gone->name) == 0 ? gone : &none);
    }
    spf_tree_build(&request, answers, &arena, &tree);
    assert_true(tree.complete);
    spf_lint(&tree, options, &arena, &issues);
    for (size_t i = 0; i < issues.count; i++)
        found = found || (issues.issues[i].kind == SPF_ISSUE_DEAD_DOMAIN &&
                          strstr(issues.issues[i].text, domain) != NULL);
    arena_release(&arena);
    return found;
}

static void test_dead_domain(void **state)
{
    struct dns_answer gone = {
        .name = "mail.gone.example", .type = DNS_A, .status = DNS_NXDOMAIN, .zone = "example"};
    struct spf_lint_options options = defaults;
    (void)state;
    assert_true(says_dead(RECORD("v=spf1 a:mail.gone.example -all"), &gone, &defaults,
                          "the domain gone.example does"));
    gone.zone = "gone.example";
    assert_false(says_dead(RECORD("v=spf1 a:mail.gone.example -all"), &gone, &defaults, ""));
    options.suffixes = public_suffix_builtin();
    gone.name = "mail.gone.co.uk";
    gone.zone = "co.uk";
    assert_false(says_dead(RECORD("v=spf1 a:mail.gone.co.uk -all"), &gone, &defaults, ""));
    if (options.suffixes != NULL)
        assert_true(says_dead(RECORD("v=spf1 a:mail.gone.co.uk -all"), &gone, &options,
                              "the domain gone.co.uk does"));
}

static void test_txt_beside_cname(void **state)
{
    struct fixture fixture;
    struct dns_record alias = {.target = "other.example"};
    struct dns_answer cname = {.status = DNS_OK, .records = &alias, .record_count = 1};
    (void)state;
    lint_zone(&fixture, RECORD("v=spf1 -all"), &defaults);
    assert_null(find(&fixture, SPF_ISSUE_TXT_CNAME));
    fixture.tree.cname = &cname;
    spf_lint(&fixture.tree, &defaults, &fixture.arena, &fixture.issues);
    assert_non_null(find(&fixture, SPF_ISSUE_TXT_CNAME));
    arena_release(&fixture.arena);
}

static void test_options(void **state)
{
    struct spf_lint_options options = {
        .lookup_warning = 1, .addresses_warning = 1, .required_all = '-', .parked = true};
    struct fixture fixture;
    (void)state;
    lint_zone(&fixture, RECORD("v=spf1 a ip4:198.51.100.0/30 ~all") "example.com A 198.51.100.9\n",
              &options);
    assert_non_null(find(&fixture, SPF_ISSUE_LOOKUPS_NEAR));
    assert_non_null(find(&fixture, SPF_ISSUE_WIDE));
    assert_non_null(find(&fixture, SPF_ISSUE_ALL_REQUIRED));
    const struct spf_issue *parked = find(&fixture, SPF_ISSUE_PARKED);
    assert_true(parked != NULL && strcmp(parked->repair, "v=spf1 -all") == 0);
    arena_release(&fixture.arena);
    options.required_all = '~';
    lint_zone(&fixture, RECORD("v=spf1 -all"), &options);
    assert_null(find(&fixture, SPF_ISSUE_ALL_REQUIRED));
    assert_null(find(&fixture, SPF_ISSUE_PARKED));
    arena_release(&fixture.arena);
}

static void test_size(void **state)
{
    struct fixture fixture;
    struct text zone;
    (void)state;
    text_init(&zone, 2000);
    text_append(&zone, RECORD("v=spf1 -all") "example.com TXT \"");
    text_append_repeat(&zone, 'x', 250);
    text_append(&zone, "\" \"");
    text_append_repeat(&zone, 'x', 250);
    text_append(&zone, "\"\n");
    lint_zone(&fixture, zone.start, &defaults);
    assert_non_null(find(&fixture, SPF_ISSUE_SIZE));
    assert_int_equal(spf_lint_size(fixture.tree.root->answer), 11 + 11 + 500);
    arena_release(&fixture.arena);
    text_release(&zone);
}

static void test_numbers(void **state)
{
    struct fixture fixture;
    (void)state;
    lint_zone(
        &fixture,
        RECORD(
            "v=spf1 a mx include:i.example ip4:198.51.100.0/24 ip4:198.51.100.128/25 -all") "exampl"
                                                                                            "e.com "
                                                                                            "A "
                                                                                            "192.0."
                                                                                            "2."
                                                                                            "1\nexa"
                                                                                            "mple."
                                                                                            "com "
                                                                                            "MX 1 "
                                                                                            "m."
                                                                                            "exampl"
                                                                                            "e\nm."
                                                                                            "exampl"
                                                                                            "e A "
                                                                                            "192.0."
                                                                                            "2.1\n"
                                                                                            "i."
                                                                                            "exampl"
                                                                                            "e TXT "
                                                                                            "\"v="
                                                                                            "spf1 "
                                                                                            "a:n."
                                                                                            "exampl"
                                                                                            "e "
                                                                                            "ip4:"
                                                                                            "203.0."
                                                                                            "113.0/"
                                                                                            "30 "
                                                                                            "?ip4:"
                                                                                            "20.0."
                                                                                            "0.0/8 "
                                                                                            "-all\""
                                                                                            "\n",
        &defaults);
    const struct spf_tree *tree = &fixture.tree;
    assert_int_equal(tree->lookups, 4);
    assert_int_equal(tree->void_lookups, 1);
    assert_int_equal(tree->includes, 1);
    assert_int_equal(tree->addresses, 256 + 1 + 4);
    assert_int_equal(tree->root->terms[2].lookups, 2);
    assert_int_equal(tree->root->terms[2].child->addresses, 4);
    arena_release(&fixture.arena);
}

static void test_fan_out(void **state)
{
    struct fixture fixture;
    struct text zone;
    (void)state;
    text_init(&zone, 1000000);
    for (int i = 0; i < 40; i++) {
        if (i == 0)
            text_append(&zone, "example.com TXT \"v=spf1");
        else
            text_printf(&zone, "i%d.example TXT \"v=spf1", i);
        for (int k = 1; k < 40; k++)
            text_printf(&zone, "%s include:i%d.example", k % 8 == 0 ? "\" \"" : "", k);
        text_append(&zone, " -all\"\n");
    }
    lint_zone(&fixture, zone.start, &defaults);
    assert_true(fixture.tree.is_cut);
    assert_true(fixture.tree.node_count <= SPF_TREE_NODES_MAX);
    assert_non_null(find(&fixture, SPF_ISSUE_CUT));
    assert_non_null(find(&fixture, SPF_ISSUE_LOOKUPS_OVER));
    arena_release(&fixture.arena);
    text_release(&zone);
}

static void test_long_redirects(void **state)
{
    struct fixture fixture;
    struct text zone;
    (void)state;
    text_init(&zone, 10000);
    text_append(&zone, "example.com TXT \"v=spf1 redirect=r0.example\"\n");
    for (int i = 0; i < 25; i++)
        text_printf(&zone, "r%d.example TXT \"v=spf1 redirect=r%d.example\"\n", i, i + 1);
    lint_zone(&fixture, zone.start, &defaults);
    assert_non_null(find(&fixture, SPF_ISSUE_CUT));
    assert_non_null(find(&fixture, SPF_ISSUE_LOOKUPS_OVER));
    arena_release(&fixture.arena);
    text_release(&zone);
}

static const struct cover_row {
    const char *label;
    const char *zone;
    enum spf_issue_kind kind;
    bool absent;
} cover_rows[] = {
    {"all-plus: two halves of IPv4",               RECORD("v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"),
     SPF_ISSUE_ALL_PLUS,                                                                                                    false},
    {"all-plus: a quarter is missing",             RECORD("v=spf1 ip4:0.0.0.0/1 ip4:192.0.0.0/2 -all"),
     SPF_ISSUE_ALL_PLUS,                                                                                                    true },
    {"all-plus: two halves of IPv6",               RECORD("v=spf1 ip6:8000::/1 ip6:::/1 -all"),
     SPF_ISSUE_ALL_PLUS,                                                                                                    false},
    {"all-plus: exists of a fixed name",
     RECORD("v=spf1 exists:w.example -all") "w.example A "
                                            "8.8.8.8\n",                                                SPF_ISSUE_ALL_PLUS, false},
    {"all-plus: exists of a name without address", RECORD("v=spf1 exists:w.example -all"),
     SPF_ISSUE_ALL_PLUS,                                                                                                    true },
    {"all-plus: both families are denied before",  RECORD("v=spf1 -ip4:0.0.0.0/0 -ip6:::/0 all"),
     SPF_ISSUE_ALL_PLUS,                                                                                                    true },
    {"overlap: a pass behind a denial",            RECORD("v=spf1 -ip4:8.8.8.0/24 ip4:8.8.8.8 -all"),
     SPF_ISSUE_OVERLAP,                                                                                                     false},
    {"rdata: a name that ends in mx is one name",
     "example.com TXT \"v=spf1 a:f.example.\" \"mx -all\"\nf.example.mx A 8.8.8.8\n",                   SPF_ISSUE_RDATA,    true },
};

static void test_cover(void **state)
{
    const struct cover_row *row = *state;
    struct fixture fixture;
    lint_zone(&fixture, row->zone, &defaults);
    assert_int_equal(find(&fixture, row->kind) == NULL, row->absent);
    arena_release(&fixture.arena);
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_cover, cover_rows);
    cases_add(&cases, "redirects without end are bounded work", test_long_redirects, NULL);
    cases_add(&cases, "dead-domain: a name below a public suffix that does not exist",
              test_dead_domain, NULL);
    cases_add(&cases, "txt-cname: both at one name, RFC 1034 3.6.2", test_txt_beside_cname, NULL);
    cases_add(&cases, "what the options ask for", test_options, NULL);
    cases_add(&cases, "size: all TXT records at the name count, RFC 7208 3.4", test_size, NULL);
    cases_add(&cases, "costs and addresses of a tree", test_numbers, NULL);
    cases_add(&cases, "includes that fan out are bounded work", test_fan_out, NULL);
    return cases_run(&cases, "spf_lint");
}
