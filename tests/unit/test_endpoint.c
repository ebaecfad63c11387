#include <string.h>

#include "cases.h"
#include "mail/endpoint.h"

static const struct good {
    const char *label;
    const char *text;
    enum ip_family family;
    unsigned port;
    const char *printed;
} goods[] = {
    {"IPv4 alone",                            "192.0.2.1",             IP_V4, 0,     "192.0.2.1"            },
    {"IPv4 and port",                         "192.0.2.1:53",          IP_V4, 53,    "192.0.2.1:53"         },
    {"the least port",                        "192.0.2.1:1",           IP_V4, 1,     "192.0.2.1:1"          },
    {"the largest port",                      "192.0.2.1:65535",       IP_V4, 65535, "192.0.2.1:65535"      },
    {"a port with leading zeros",             "192.0.2.1:00053",       IP_V4, 53,    "192.0.2.1:53"         },
    {"a bare IPv6 address has no port",       "2001:db8::1",           IP_V6, 0,     "2001:db8::1"          },
    {"its last group is no port",             "2001:db8::53",          IP_V6, 0,     "2001:db8::53"         },
    {"the unspecified address",               "::",                    IP_V6, 0,     "::"                   },
    {"IPv6 in brackets",                      "[2001:db8::1]",         IP_V6, 0,     "2001:db8::1"          },
    {"IPv6 in brackets and port, RFC 5952 6", "[2001:DB8::1]:5353",    IP_V6, 5353,
     "[2001:db8::1]:5353"                                                                                   },
    {"a mapped address",                      "[::ffff:192.0.2.1]:53", IP_V6, 53,    "[::ffff:192.0.2.1]:53"},
};

static void test_good(void **state)
{
    const struct good *row = *state;
    struct endpoint endpoint;
    char buffer[ENDPOINT_TEXT_SIZE];

    assert_true(endpoint_parse(slice_of(row->text), &endpoint));
    assert_int_equal(endpoint.address.family, row->family);
    assert_int_equal(endpoint.port, row->port);
    assert_ptr_equal(endpoint_print(&endpoint, buffer), buffer);
    assert_string_equal(buffer, row->printed);
}

static const struct bad {
    const char *label;
    struct slice text;
} bads[] = {
    {"nothing",                          CASES_SLICE("")                 },
    {"a name",                           CASES_SLICE("ns.example.org")   },
    {"a name and port",                  CASES_SLICE("localhost:53")     },
    {"port 0",                           CASES_SLICE("192.0.2.1:0")      },
    {"port 0 in five digits",            CASES_SLICE("192.0.2.1:00000")  },
    {"a port that is too large",         CASES_SLICE("192.0.2.1:65536")  },
    {"a port of six digits",             CASES_SLICE("192.0.2.1:000053") },
    {"an empty port",                    CASES_SLICE("192.0.2.1:")       },
    {"a port with a sign",               CASES_SLICE("192.0.2.1:+53")    },
    {"a negative port",                  CASES_SLICE("192.0.2.1:-1")     },
    {"a port with a letter",             CASES_SLICE("192.0.2.1:53x")    },
    {"a blank before",                   CASES_SLICE(" 192.0.2.1")       },
    {"a blank behind",                   CASES_SLICE("192.0.2.1 ")       },
    {"two ports",                        CASES_SLICE("192.0.2.1:53:53")  },
    {"a NUL inside",                     CASES_SLICE("192.0.2.1\0:53")   },
    {"IPv4 in brackets",                 CASES_SLICE("[192.0.2.1]:53")   },
    {"brackets around nothing",          CASES_SLICE("[]:53")            },
    {"an open bracket",                  CASES_SLICE("[2001:db8::1")     },
    {"only an open bracket",             CASES_SLICE("[")                },
    {"text behind the bracket",          CASES_SLICE("[2001:db8::1]53")  },
    {"an empty port behind the bracket", CASES_SLICE("[2001:db8::1]:")   },
    {"IPv6 with a port but no brackets", CASES_SLICE("2001:db8::1:65536")},
    {"a zone",                           CASES_SLICE("[fe80::1%eth0]:53")},
    {"IPv6 before a slash",              CASES_SLICE("2001:db8::/32")    },
};

static void test_bad(void **state)
{
    const struct bad *row = *state;
    struct endpoint endpoint;

    assert_false(endpoint_parse(row->text, &endpoint));
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_good, goods);
    CASES_TABLE(&cases, test_bad, bads);
    return cases_run(&cases, "endpoint");
}
