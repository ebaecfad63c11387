#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "mail/spf.h"

/* RFC 7208 A: the zone that its examples stand on. */
#define APPENDIX_A                                                                                 \
    "example.com MX 10 mail-a.example.com\n"                                                       \
    "example.com MX 20 mail-b.example.com\n"                                                       \
    "example.com A 192.0.2.10\n"                                                                   \
    "example.com A 192.0.2.11\n"                                                                   \
    "amy.example.com A 192.0.2.65\n"                                                               \
    "bob.example.com A 192.0.2.66\n"                                                               \
    "mail-a.example.com A 192.0.2.129\n"                                                           \
    "mail-b.example.com A 192.0.2.130\n"                                                           \
    "www.example.com CNAME example.com\n"                                                          \
    "example.org MX 10 mail-c.example.org\n"                                                       \
    "mail-c.example.org A 192.0.2.140\n"                                                           \
    "10.2.0.192.in-addr.arpa PTR example.com\n"                                                    \
    "65.2.0.192.in-addr.arpa PTR amy.example.com\n"                                                \
    "140.2.0.192.in-addr.arpa PTR mail-c.example.org\n"                                            \
    "4.0.0.10.in-addr.arpa PTR bob.example.com\n"

#define RECORD(text) "example.com TXT \"" text "\"\n"

static const struct row {
    const char *label;
    const char *zone;
    const char *ip;
    const char *sender;
    enum spf_result result;
    const char *mechanism; /* NULL: not looked at */
} rows[] = {
  /* 2 */
    {"2.4: the null reverse-path is postmaster at the HELO name",
     "helo.example.net TXT \"v=spf1 exists:%{l}.%{o}.x.example -all\"\n"
     "postmaster.helo.example.net.x.example A 127.0.0.2\n",                                                                          "192.0.2.1",        "",                                                                             SPF_PASS,      NULL                            },
    {"2.6.1: no record is none",                                  "example.com A 192.0.2.1\n",                                       "192.0.2.1",        "u@example.com",
     SPF_NONE,                                                                                                                                                                                                                                          NULL                            },
    {"2.6.1: no name is none",                                    "",                                                                "192.0.2.1",        "u@example.com",                                                                SPF_NONE,      NULL                            },
    {"2.6.2: ?all is neutral",                                    RECORD("v=spf1 ?all"),                                             "192.0.2.1",        "u@example.com",                                                                SPF_NEUTRAL,
     "?all"                                                                                                                                                                                                                                                                             },
    {"2.6.3: all is pass",                                        RECORD("v=spf1 all"),                                              "192.0.2.1",        "u@example.com",                                                                SPF_PASS,      "all"                           },
    {"2.6.4: -all is fail",                                       RECORD("v=spf1 -all"),                                             "192.0.2.1",        "u@example.com",                                                                SPF_FAIL,      "-all"                          },
    {"2.6.5: ~all is softfail",                                   RECORD("v=spf1 ~all"),                                             "192.0.2.1",        "u@example.com",                                                                SPF_SOFTFAIL,
     "~all"                                                                                                                                                                                                                                                                             },
 /* 3 */
    {"3.1: the retired type SPF is not read",                     "example.com SPF \"v=spf1 all\"\n",                                "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_NONE,      NULL                            },
    {"3.2: two records are permerror",                            RECORD("v=spf1 -all") RECORD("v=spf1 mx"),                         "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_PERMERROR, NULL                            },
    {"3.3: strings are joined without a space",
     "example.com TXT \"v=spf1 ip4:192.0\" \".2.1 -all\"\n",                                                                         "192.0.2.1",        "u@example.com",                                                                SPF_PASS,
     "ip4:192.0.2.1"                                                                                                                                                                                                                                                                    },
    {"3.3: joined strings may break terms",                       "example.com TXT \"v=spf1 ~all\" \"ip4:192.0.2.1\"\n",
     "192.0.2.1",                                                                                                                                        "u@example.com",                                                                SPF_PERMERROR, NULL                            },
 /* 4 */
    {"4.3: a single label is none",                               "localhost TXT \"v=spf1 all\"\n",                                  "192.0.2.1",        "u@localhost",
     SPF_NONE,                                                                                                                                                                                                                                          NULL                            },
    {"4.3: an empty label is none",                               "",                                                                "192.0.2.1",        "u@a..example.com",                                                             SPF_NONE,      NULL                            },
    {"4.3: a literal is none",                                    "",                                                                "192.0.2.1",        "u@[192.0.2.1]",                                                                SPF_NONE,      NULL                            },
    {"4.3: a label over 63 octets is none",                       "",                                                                "192.0.2.1",
     "u@a123456789012345678901234567890123456789012345678901234567890123.example",                                                                                                                                                       SPF_NONE,      NULL                            },
    {"4.3: a U-label is none, A-labels are asked for",            "",                                                                "192.0.2.1",
     "u@b\xc3\xbc"
     "cher.example",                                                                                                                                                                                                                     SPF_NONE,      NULL                            },
    {"4.3: an A-label is asked for",                              "xn--bcher-kva.example TXT \"v=spf1 all\"\n",                      "192.0.2.1",
     "u@xn--bcher-kva.example",                                                                                                                                                                                                          SPF_PASS,      NULL                            },
    {"4.3: no local-part is postmaster",
     RECORD("v=spf1 exists:%{l}.x.example -all") "postmaster.x.example A 127.0.0.2\n",                                               "192.0.2.1",
     "@example.com",                                                                                                                                                                                                                     SPF_PASS,      NULL                            },
    {"4.4: SERVFAIL is temperror",                                "example.com TXT SERVFAIL\n",                                      "192.0.2.1",        "u@example.com",
     SPF_TEMPERROR,                                                                                                                                                                                                                                     NULL                            },
    {"4.4: REFUSED is temperror",                                 "example.com TXT REFUSED\n",                                       "192.0.2.1",        "u@example.com",
     SPF_TEMPERROR,                                                                                                                                                                                                                                     NULL                            },
    {"4.4: a time-out is temperror",                              "example.com TXT TIMEOUT\n",                                       "192.0.2.1",        "u@example.com",
     SPF_TEMPERROR,                                                                                                                                                                                                                                     NULL                            },
    {"4.4: an answer that cannot be read is temperror",           "example.com TXT MALFORMED\n",                                     "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_TEMPERROR, NULL                            },
    {"4.5: other TXT records do not count",
     RECORD("hello") RECORD("v=spf10 x") RECORD("v=spf1 -all"),                                                                      "192.0.2.1",        "u@example.com",
     SPF_FAIL,                                                                                                                                                                                                                                          NULL                            },
    {"4.6: a syntax error behind a match is permerror",           RECORD("v=spf1 all moo"),                                          "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_PERMERROR, NULL                            },
    {"4.6.2: left to right, the first match decides",
     RECORD("v=spf1 ?ip4:192.0.2.0/24 ip4:192.0.2.1 -all"),                                                                          "192.0.2.1",        "u@example.com",
     SPF_NEUTRAL,                                                                                                                                                                                                                                       "?ip4:192.0.2.0/24"             },
    {"4.6.4: ten terms with look-ups are fine",
     RECORD("v=spf1 a a a a a a a a a a ip4:192.0.2.1 -all") "example.com A 192.0.2.9\n",
     "192.0.2.1",                                                                                                                                        "u@example.com",                                                                SPF_PASS,      NULL                            },
    {"4.6.4: eleven are permerror",
     RECORD("v=spf1 a a a a a a a a a a a ip4:192.0.2.1 -all") "example.com A 192.0.2.9\n",
     "192.0.2.1",                                                                                                                                        "u@example.com",                                                                SPF_PERMERROR, NULL                            },
    {"4.6.4: a match before the eleventh stops the count",
     RECORD("v=spf1 a a a a a a a a a ip4:192.0.2.1 a a -all") "example.com A 192.0.2.9\n",
     "192.0.2.1",                                                                                                                                        "u@example.com",                                                                SPF_PASS,      NULL                            },
    {"4.6.4: the limit is one for the whole tree",
     RECORD("v=spf1 include:i.example a a a a a -all") "i.example TXT \"v=spf1 a a a a a "
                                                       "-all\"\ni.example A 192.0.2.9\nexample.com "
                                                       "A 192.0.2.9\n",                                                              "192.0.2.1",        "u@example.com",                                                                SPF_PERMERROR, NULL                            },
    {"4.6.4: redirect counts",
     RECORD("v=spf1 a a a a a a a a a a redirect=r.example") "r.example TXT \"v=spf1 "
                                                             "all\"\nexample.com A 192.0.2.9\n",                                     "192.0.2.1",        "u@example.com",                                                                SPF_PERMERROR, NULL                            },
    {"4.6.4: %{p} is a look-up besides its term's",
     RECORD("v=spf1 a a a a a a a a a exists:%{p}.x.example -all") "example.com A 192.0.2.9\n",
     "192.0.2.1",                                                                                                                                        "u@example.com",                                                                SPF_PERMERROR, NULL                            },
    {"4.6.4: exp does not count",
     RECORD("v=spf1 a a a a a a a a a a -all exp=e.example") "example.com A 192.0.2.9\ne.example "
                                                             "TXT \"no\"\n",                                                         "192.0.2.1",        "u@example.com",                                                                SPF_FAIL,      NULL                            },
    {"4.6.4: two void look-ups are fine",                         RECORD("v=spf1 a:v1.example a:v2.example -all"),
     "192.0.2.1",                                                                                                                                        "u@example.com",                                                                SPF_FAIL,      NULL                            },
    {"4.6.4: three are permerror",
     RECORD("v=spf1 a:v1.example exists:v2.example mx:v3.example -all"),                                                             "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_PERMERROR, NULL                            },
    {"4.6.4: a name without this family is void",
     RECORD("v=spf1 a:b.example a:b.example a:b.example ~all") "b.example A 192.0.2.9\n",
     "2001:db8::1",                                                                                                                                      "u@example.com",                                                                SPF_PERMERROR, NULL                            },
    {"4.6.4: a void exp does not count",
     RECORD("v=spf1 a:v1.example a:v2.example -all exp=v3.example"),                                                                 "192.0.2.1",        "u@example.com",
     SPF_FAIL,                                                                                                                                                                                                                                          NULL                            },
    {"4.6.4: eleven exchangers are permerror",
     RECORD("v=spf1 mx -all") "example.com MX 1 m.example\nexample.com MX 2 b.example\nexample.com "
                              "MX 3 c.example\n"
                              "example.com MX 4 d.example\nexample.com MX 5 e.example\nexample.com "
                              "MX 6 f.example\n"
                              "example.com MX 7 g.example\nexample.com MX 8 h.example\nexample.com "
                              "MX 9 i.example\n"
                              "example.com MX 10 j.example\nexample.com MX 11 k.example\nm.example "
                              "A 192.0.2.1\n",                                                                                       "192.0.2.1",        "u@example.com",                                                                SPF_PERMERROR, NULL                            },
    {"4.6.4: a record that includes itself ends",                 RECORD("v=spf1 include:example.com -all"),
     "192.0.2.1",                                                                                                                                        "u@example.com",                                                                SPF_PERMERROR, NULL                            },
    {"4.6.4: two records that redirect to each other end",
     RECORD("v=spf1 redirect=b.example") "b.example TXT \"v=spf1 redirect=example.com\"\n",
     "192.0.2.1",                                                                                                                                        "u@example.com",                                                                SPF_PERMERROR, NULL                            },
    {"4.7: nothing matches is neutral",                           RECORD("v=spf1 ip4:192.0.2.2"),                                    "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_NEUTRAL,   "default"                       },
    {"4.7: an empty record is neutral",                           RECORD("v=spf1"),                                                  "192.0.2.1",        "u@example.com",                                                                SPF_NEUTRAL,
     "default"                                                                                                                                                                                                                                                                          },
    {"4.8: a target that is no name matches nothing",             RECORD("v=spf1 a:a..example -all"),
     "192.0.2.1",                                                                                                                                        "u@example.com",                                                                SPF_FAIL,      NULL                            },
 /* 5 */
    {"5: an IPv4-mapped address is IPv4",                         RECORD("v=spf1 ip4:192.0.2.1 -all"),                               "::ffff:192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_PASS,      NULL                            },
    {"5: a mapped address matches no ip6",                        RECORD("v=spf1 ip6:::ffff:192.0.2.1 -all"),
     "::ffff:192.0.2.1",                                                                                                                                 "u@example.com",                                                                SPF_FAIL,      NULL                            },
    {"5: SERVFAIL in a mechanism is temperror",
     RECORD("v=spf1 a:s.example -all") "s.example A SERVFAIL\n",                                                                     "192.0.2.1",        "u@example.com",
     SPF_TEMPERROR,                                                                                                                                                                                                                                     NULL                            },
    {"5: NXDOMAIN in a mechanism is no match",                    RECORD("v=spf1 a:n.example -all"),                                 "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_FAIL,      NULL                            },
    {"5.1: mechanisms behind all are not tested",
     RECORD("v=spf1 -all a:s.example") "s.example A SERVFAIL\n",                                                                     "192.0.2.1",        "u@example.com",
     SPF_FAIL,                                                                                                                                                                                                                                          NULL                            },
    {"5.1: redirect beside all is ignored",                       RECORD("v=spf1 redirect=n.example ?all"),                          "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_NEUTRAL,   NULL                            },
    {"5.2: a pass matches",
     RECORD("v=spf1 ?include:i.example -all") "i.example TXT \"v=spf1 all\"\n",                                                      "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_NEUTRAL,   "?include:i.example"            },
    {"5.2: a fail does not",
     RECORD("v=spf1 include:i.example ?all") "i.example TXT \"v=spf1 -all\"\n",                                                      "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_NEUTRAL,   "?all"                          },
    {"5.2: a softfail does not",
     RECORD("v=spf1 include:i.example ?all") "i.example TXT \"v=spf1 ~all\"\n",                                                      "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_NEUTRAL,   "?all"                          },
    {"5.2: neutral does not",
     RECORD("v=spf1 include:i.example -all") "i.example TXT \"v=spf1 ?all\"\n",                                                      "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_FAIL,      "-all"                          },
    {"5.2: temperror is temperror",
     RECORD("v=spf1 include:i.example -all") "i.example TXT SERVFAIL\n",                                                             "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_TEMPERROR, NULL                            },
    {"5.2: permerror is permerror",
     RECORD("v=spf1 include:i.example -all") "i.example TXT \"v=spf1 moo\"\n",                                                       "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_PERMERROR, NULL                            },
    {"5.2: none is permerror",                                    RECORD("v=spf1 include:i.example -all") "i.example A 192.0.2.1\n",
     "192.0.2.1",                                                                                                                                        "u@example.com",                                                                SPF_PERMERROR, NULL                            },
    {"5.2: a name that is none is permerror",                     RECORD("v=spf1 include:a..example -all"),                          "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_PERMERROR, NULL                            },
    {"5.2: <domain> changes inside and comes back",
     RECORD("v=spf1 include:i.example a -all") "i.example TXT \"v=spf1 a -all\"\n"
                                               "i.example A 192.0.2.2\nexample.com A 192.0.2.1\n",                                   "192.0.2.1",        "u@example.com",                                                                SPF_PASS,      "a"                             },
    {"5.3: any of several addresses",
     RECORD("v=spf1 a -all") "example.com A 192.0.2.2\nexample.com A 192.0.2.1\n",                                                   "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_PASS,      NULL                            },
    {"5.3: an IPv6 client by AAAA",                               RECORD("v=spf1 a -all") "example.com AAAA 2001:db8::1\n",
     "2001:db8::1",                                                                                                                                      "u@example.com",                                                                SPF_PASS,      NULL                            },
    {"5.3: the lengths of both families",
     RECORD("v=spf1 a/24//64 -all") "example.com AAAA 2001:db8::1\n",                                                                "2001:db8::ffff",
     "u@example.com",                                                                                                                                                                                                                    SPF_PASS,      NULL                            },
    {"5.3: /0 needs an address",                                  RECORD("v=spf1 a/0 -all"),                                         "192.0.2.1",        "u@example.com",                                                                SPF_FAIL,
     NULL                                                                                                                                                                                                                                                                               },
    {"5.4: the addresses of the exchangers",
     RECORD("v=spf1 mx -all") "example.com MX 1 m.example\nm.example A 192.0.2.1\n",                                                 "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_PASS,      NULL                            },
    {"5.4: no implicit exchanger",                                RECORD("v=spf1 mx -all") "example.com A 192.0.2.1\n",
     "192.0.2.1",                                                                                                                                        "u@example.com",                                                                SPF_FAIL,      NULL                            },
    {"5.4: the null exchanger matches nothing",                   RECORD("v=spf1 mx -all") "example.com MX 0 .\n",
     "192.0.2.1",                                                                                                                                        "u@example.com",                                                                SPF_FAIL,      NULL                            },
    {"5.5: SERVFAIL of the PTR is no match",
     RECORD("v=spf1 ptr -all") "1.2.0.192.in-addr.arpa PTR SERVFAIL\n",                                                              "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_FAIL,      NULL                            },
    {"5.5: SERVFAIL of one name skips it",
     RECORD("v=spf1 ptr -all") "1.2.0.192.in-addr.arpa PTR a.example.com\n"
                               "1.2.0.192.in-addr.arpa PTR b.example.com\na.example.com A "
                               "SERVFAIL\nb.example.com A 192.0.2.1\n",                                                              "192.0.2.1",        "u@example.com",                                                                SPF_PASS,      NULL                            },
    {"5.5: a name that only ends alike is not below",
     RECORD("v=spf1 ptr -all") "1.2.0.192.in-addr.arpa PTR bad-example.com\nbad-example.com A "
                               "192.0.2.1\n",                                                                                        "192.0.2.1",        "u@example.com",                                                                SPF_FAIL,      NULL                            },
    {"5.5: IPv6",
     RECORD("v=spf1 ptr -all") "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
                               "ip6.arpa PTR m.example.com\n"
                               "m.example.com AAAA 2001:db8::1\n",                                                                   "2001:db8::1",      "u@example.com",                                                                SPF_PASS,      NULL                            },
    {"5.6: ip4 with a prefix",                                    RECORD("v=spf1 ip4:192.0.2.128/25 -all"),                          "192.0.2.200",
     "u@example.com",                                                                                                                                                                                                                    SPF_PASS,      NULL                            },
    {"5.6: ip4 outside",                                          RECORD("v=spf1 ip4:192.0.2.128/25 -all"),                          "192.0.2.1",        "u@example.com",
     SPF_FAIL,                                                                                                                                                                                                                                          NULL                            },
    {"5.6: ip6 with a prefix",                                    RECORD("v=spf1 ip6:2001:db8::/33 -all"),                           "2001:db8:7fff::1",
     "u@example.com",                                                                                                                                                                                                                    SPF_PASS,      NULL                            },
    {"5.6: ip6 /0 does not match IPv4",                           RECORD("v=spf1 ip6:::/0 -all"),                                    "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_FAIL,      NULL                            },
    {"5.7: exists asks for A, also for IPv6",
     RECORD("v=spf1 exists:x.example -all") "x.example A 127.0.0.2\n",                                                               "2001:db8::1",
     "u@example.com",                                                                                                                                                                                                                    SPF_PASS,      NULL                            },
    {"5.7: AAAA does not count",
     RECORD("v=spf1 exists:x.example -all") "x.example AAAA 2001:db8::1\n",                                                          "2001:db8::1",
     "u@example.com",                                                                                                                                                                                                                    SPF_FAIL,      NULL                            },
 /* 6 */
    {"6: unknown modifiers are ignored",                          RECORD("v=spf1 x=y default=- all"),                                "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_PASS,      NULL                            },
    {"6.1: redirect takes over",
     RECORD("v=spf1 redirect=r.example") "r.example TXT \"v=spf1 ~all\"\n",                                                          "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_SOFTFAIL,  "~all"                          },
    {"6.1: redirect comes last wherever it stands",
     RECORD("v=spf1 redirect=r.example ip4:192.0.2.1") "r.example TXT \"v=spf1 -all\"\n",
     "192.0.2.1",                                                                                                                                        "u@example.com",                                                                SPF_PASS,      NULL                            },
    {"6.1: none behind redirect is permerror",                    RECORD("v=spf1 redirect=r.example"),                               "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_PERMERROR, NULL                            },
    {"6.1: <domain> is the redirect's",
     RECORD("v=spf1 redirect=r.example") "example.com A 192.0.2.1\nr.example TXT \"v=spf1 a "
                                         "-all\"\nr.example A 192.0.2.2\n",                                                          "192.0.2.1",        "u@example.com",                                                                SPF_FAIL,      NULL                            },
 /* 7 */
    {"7.2: o stays the sender's inside an include",
     RECORD(
         "v=spf1 include:i.example -all") "i.example TXT \"v=spf1 exists:%{o}.%{d}.x.example "
                                          "-all\"\nexample.com.i.example.x.example A 127.0.0.2\n",                                   "192.0.2.1",        "u@example.com",                                                                SPF_PASS,      NULL                            },
    {"7.3: p prefers <domain> itself",
     RECORD("v=spf1 exists:%{p}.x.example -all") "1.2.0.192.in-addr.arpa PTR a.example.com\n"
                                                 "1.2.0.192.in-addr.arpa PTR "
                                                 "example.com\na.example.com A "
                                                 "192.0.2.1\nexample.com A 192.0.2.1\n"
                                                 "example.com.x.example A 127.0.0.2\n",                                              "192.0.2.1",        "u@example.com",                                                                SPF_PASS,      NULL                            },
    {"7.3: p without a name is unknown",
     RECORD("v=spf1 exists:%{p}.x.example -all") "unknown.x.example A 127.0.0.2\n",                                                  "192.0.2.1",
     "u@example.com",                                                                                                                                                                                                                    SPF_PASS,      NULL                            },
    {"7.3: a local-part over 63 octets makes no name",            RECORD("v=spf1 exists:%{l}.x.example -all"),
     "192.0.2.1",                                                                                                                                        "a123456789012345678901234567890123456789012345678901234567890123@example.com",
     SPF_FAIL,                                                                                                                                                                                                                                          NULL                            },
 /* A */
    {"A.1: +all",                                                 APPENDIX_A RECORD("v=spf1 +all"),                                  "10.0.0.4",         "u@example.com",                                                                SPF_PASS,      NULL                            },
    {"A.1: a",                                                    APPENDIX_A RECORD("v=spf1 a -all"),                                "192.0.2.11",       "u@example.com",                                                                SPF_PASS,      NULL                            },
    {"A.1: a of a name without address",                          APPENDIX_A RECORD("v=spf1 a:example.org -all"),
     "192.0.2.10",                                                                                                                                       "u@example.com",                                                                SPF_FAIL,      NULL                            },
    {"A.1: mx",                                                   APPENDIX_A RECORD("v=spf1 mx -all"),                               "192.0.2.130",      "u@example.com",                                                                SPF_PASS,
     NULL                                                                                                                                                                                                                                                                               },
    {"A.1: mx of another domain",                                 APPENDIX_A RECORD("v=spf1 mx:example.org -all"),                   "192.0.2.140",
     "u@example.com",                                                                                                                                                                                                                    SPF_PASS,      NULL                            },
    {"A.1: mx/30",                                                APPENDIX_A RECORD("v=spf1 mx/30 mx:example.org/30 -all"),          "192.0.2.143",
     "u@example.com",                                                                                                                                                                                                                    SPF_PASS,      NULL                            },
    {"A.1: ptr, inside",                                          APPENDIX_A RECORD("v=spf1 ptr -all"),                              "192.0.2.65",       "u@example.com",
     SPF_PASS,                                                                                                                                                                                                                                          NULL                            },
    {"A.1: ptr, another domain",                                  APPENDIX_A RECORD("v=spf1 ptr -all"),                              "192.0.2.140",
     "u@example.com",                                                                                                                                                                                                                    SPF_FAIL,      NULL                            },
    {"A.1: ptr, a rogue reverse zone",                            APPENDIX_A RECORD("v=spf1 ptr -all"),                              "10.0.0.4",
     "u@example.com",                                                                                                                                                                                                                    SPF_FAIL,      NULL                            },
    {"A.1: ip4, outside",                                         APPENDIX_A RECORD("v=spf1 ip4:192.0.2.128/28 -all"),               "192.0.2.65",
     "u@example.com",                                                                                                                                                                                                                    SPF_FAIL,      NULL                            },
    {"A.1: ip4, inside",                                          APPENDIX_A RECORD("v=spf1 ip4:192.0.2.128/28 -all"),               "192.0.2.129",
     "u@example.com",                                                                                                                                                                                                                    SPF_PASS,      NULL                            },
    {"A.2: include of two domains",
     APPENDIX_A RECORD(
         "v=spf1 mx -all") "example.org TXT \"v=spf1 include:example.com include:example.net "
                           "-all\"\nexample.net TXT \"v=spf1 -all\"\n",                                                              "192.0.2.129",      "u@example.org",                                                                SPF_PASS,      "include:example.com"           },
    {"A.3: users of a blacklist-like zone",
     "example.com TXT \"v=spf1 mx include:mobile-users._spf.%{d} include:remote-users._spf.%{d} "
     "-all\"\n"
     "mobile-users._spf.example.com TXT \"v=spf1 exists:%{l1r+}.%{d}\"\n"
     "remote-users._spf.example.com TXT \"v=spf1 exists:%{ir}.%{l1r+}.%{d}\"\n"
     "15.15.168.192.joel.remote-users._spf.example.com A 127.0.0.2\nexample.com MX 1 "
     "m.example\nm.example A 192.0.2.9\n",                                                                                           "192.168.15.15",    "joel+x@example.com",                                                           SPF_PASS,      "include:remote-users._spf.%{d}"},
    {"A.4: two requirements, both met",
     APPENDIX_A "example.com TXT \"v=spf1 -include:ip4._spf.%{d} -include:ptr._spf.%{d} +all\"\n"
                "ip4._spf.example.com TXT \"v=spf1 -ip4:192.0.2.0/24 +all\"\nptr._spf.example.com "
                "TXT \"v=spf1 -ptr:example.com +all\"\n",                                                                            "192.0.2.65",       "u@example.com",                                                                SPF_PASS,      "+all"                          },
    {"A.4: two requirements, one missed",
     APPENDIX_A "example.com TXT \"v=spf1 -include:ip4._spf.%{d} -include:ptr._spf.%{d} +all\"\n"
                "ip4._spf.example.com TXT \"v=spf1 -ip4:192.0.2.0/24 +all\"\nptr._spf.example.com "
                "TXT \"v=spf1 -ptr:example.com +all\"\n",                                                                            "192.0.2.140",      "u@example.com",                                                                SPF_FAIL,      "-include:ptr._spf.%{d}"        },
    {"D.1: a per-user redirect",
     "example.com TXT \"v=spf1 mx redirect=%{l1r+}._at_.%{o}._spf.%{d}\"\n"
     "joe._at_.example.com._spf.example.com TXT \"v=spf1 ip4:192.0.2.1 -all\"\n",                                                    "192.0.2.1",        "joe+x@example.com",                                                            SPF_PASS,      NULL                            },
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct arena arena;
    struct spf_verdict verdict;
    struct spf_request request = {.sender = row->sender, .helo = "helo.example.net"};
    arena_init(&arena);
    struct dns_answers *answers = dns_answers_new(&arena, 1000);
    assert_int_equal(dns_answers_read(answers, row->zone, true), 0);
    assert_true(ip_parse(slice_of(row->ip), &request.ip));
    spf_evaluate(&request, answers, &arena, &verdict);
    if (verdict.result != row->result)
        print_error("%s\n", verdict.problem == NULL ? "no problem" : verdict.problem);
    assert_string_equal(spf_result_name(verdict.result), spf_result_name(row->result));
    assert_true(verdict.complete);
    if (row->mechanism != NULL)
        assert_string_equal(verdict.mechanism, row->mechanism);
    if (verdict.result == SPF_PERMERROR || verdict.result == SPF_TEMPERROR)
        assert_non_null(verdict.problem);
    arena_release(&arena);
}

static const struct exp_row {
    const char *label;
    const char *zone;
    const char *explanation; /* NULL: none */
} exp_rows[] = {
    {"6.2: the text with its macros",
     RECORD("v=spf1 -all exp=e.%{d}") "e.example.com TXT \"%{i} is not one of %{d}'s servers, says "
                                      "%{r}\"\n",                                                                 "192.0.2.1 is not one of example.com's servers, says unknown"},
    {"6.2: strings are joined",
     RECORD("v=spf1 -all exp=e.example") "e.example TXT \"one\" \"two\"\n",                                       "onetwo"                                                     },
    {"6.2: none without exp",                     RECORD("v=spf1 -all"),                                          NULL                                                         },
    {"6.2: two records are none",
     RECORD("v=spf1 -all exp=e.example") "e.example TXT \"a\"\ne.example TXT \"b\"\n",                            NULL                                                         },
    {"6.2: SERVFAIL is none",                     RECORD("v=spf1 -all exp=e.example") "e.example TXT SERVFAIL\n", NULL                                                         },
    {"6.2: NXDOMAIN is none",                     RECORD("v=spf1 -all exp=e.example"),                            NULL                                                         },
    {"6.2: a syntax error is none",               RECORD("v=spf1 -all exp=e.example") "e.example TXT \"%{x}\"\n",
     NULL                                                                                                                                                                      },
    {"6.2: text that is not ASCII is none",
     RECORD("v=spf1 -all exp=e.example") "e.example TXT \"\\xc3\\xa9\"\n",                                        NULL                                                         },
    {"6.2: the included record's is not used",
     RECORD("v=spf1 -include:i.example -all exp=e.example") "i.example TXT \"v=spf1 all "
                                                            "exp=f.example\"\ne.example TXT "
                                                            "\"mine\"\nf.example TXT \"theirs\"\n",               "mine"                                                       },
    {"6.2: the redirecting record's is not used",
     RECORD("v=spf1 redirect=r.example exp=e.example") "r.example TXT \"v=spf1 -all "
                                                       "exp=f.example\"\ne.example TXT "
                                                       "\"mine\"\nf.example TXT \"theirs\"\n",                    "theirs"                                                     },
    {"6.2: none by default behind a redirect",
     RECORD("v=spf1 redirect=r.example exp=e.example") "r.example TXT \"v=spf1 -all\"\ne.example "
                                                       "TXT \"mine\"\n",                                          NULL                                                         },
    {"7.3: URL escapes",
     RECORD("v=spf1 -all exp=e.example") "e.example TXT \"http://e.example/?s=%{S}\"\n",
     "http://e.example/?s=u%40example.com"                                                                                                                                     },
};

static void test_explanation(void **state)
{
    const struct exp_row *row = *state;
    struct arena arena;
    struct spf_verdict verdict;
    struct spf_request request = {.sender = "u@example.com"};
    arena_init(&arena);
    struct dns_answers *answers = dns_answers_new(&arena, 1000);
    assert_int_equal(dns_answers_read(answers, row->zone, true), 0);
    assert_true(ip_parse(slice_of("192.0.2.1"), &request.ip));
    spf_evaluate(&request, answers, &arena, &verdict);
    assert_int_equal(verdict.result, SPF_FAIL);
    if (row->explanation == NULL)
        assert_null(verdict.explanation);
    else
        assert_string_equal(verdict.explanation, row->explanation);
    arena_release(&arena);
}

/* Answers what `answers` misses from `zone`; how many questions that were. */
static size_t answer_missing(struct dns_answers *answers, struct dns_answers *zone)
{
    struct dns_question question;
    size_t count = 0;
    while (dns_answers_take_missing(answers, &question)) {
        dns_answers_settle(answers, question.index,
                           dns_answers_get(zone, question.name, question.type));
        count++;
    }
    return count;
}

static void test_rounds(void **state)
{
    static const char zone_text[] =
        RECORD("v=spf1 a mx include:i1.example include:i2.example include:i3.example "
               "-all") "example.com A 192.0.2.2\nexample.com MX 1 "
                       "m.example\nm.example A 192.0.2.3\n"
                       "i1.example TXT \"v=spf1 a -all\"\ni1.example A 192.0.2.4\n"
                       "i2.example TXT \"v=spf1 include:i4.example "
                       "-all\"\ni4.example TXT \"v=spf1 a -all\"\n"
                       "i4.example A 192.0.2.5\ni3.example TXT \"v=spf1 "
                       "ip4:192.0.2.1 -all\"\n";
    struct arena arena;
    struct spf_verdict verdict;
    struct spf_request request = {.sender = "u@example.com"};
    size_t rounds = 0;
    (void)state;
    arena_init(&arena);
    assert_true(ip_parse(slice_of("192.0.2.1"), &request.ip));
    struct dns_answers *zone = dns_answers_new(&arena, 1000);
    struct dns_answers *answers = dns_answers_new(&arena, 1000);
    assert_int_equal(dns_answers_read(zone, zone_text, true), 0);
    do {
        spf_evaluate(&request, answers, &arena, &verdict);
        if (!verdict.complete)
            assert_int_equal(verdict.result, SPF_TEMPERROR);
        rounds++;
    } while (answer_missing(answers, zone) > 0);
    /* TXT; a, mx, three includes; exchanger, i1's a, i4; i4's a; and the last look at it all. */
    assert_int_equal(rounds, 5);
    assert_int_equal(verdict.result, SPF_PASS);
    assert_int_equal(verdict.lookups, 8);
    arena_release(&arena);
}

static void test_deadline(void **state)
{
    struct arena arena;
    struct spf_verdict verdict;
    struct spf_request request = {.sender = "u@example.com"};
    (void)state;
    arena_init(&arena);
    assert_true(ip_parse(slice_of("192.0.2.1"), &request.ip));
    struct dns_answers *answers = dns_answers_new(&arena, 1000);
    spf_evaluate(&request, answers, &arena, &verdict);
    assert_int_equal(verdict.result, SPF_TEMPERROR);
    assert_false(verdict.complete);
    assert_string_equal(verdict.problem, "no answer to the question example.com TXT");
    arena_release(&arena);
}

static void test_names(void **state)
{
    enum spf_result result;
    (void)state;
    assert_true(spf_result_parse(slice_of("SoftFail"), &result));
    assert_int_equal(result, SPF_SOFTFAIL);
    assert_false(spf_result_parse(slice_of("passed"), &result));
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_explanation, exp_rows);
    cases_add(&cases, "a round asks all that the tree needs at its depth", test_rounds, NULL);
    cases_add(&cases, "what was never answered is temperror and not complete", test_deadline, NULL);
    cases_add(&cases, "names of results", test_names, NULL);
    return cases_run(&cases, "spf");
}
