#include <string.h>

#include "cases.h"
#include "mail/ip.h"

#define S CASES_SLICE

static const struct good {
    const char *label;
    struct slice text;
    enum ip_family family;
    const char *printed; /* the form of RFC 5952 */
} goods[] = {
    {"all zero, IPv4",                          S("0.0.0.0"),                                 IP_V4, "0.0.0.0"               },
    {"the largest numbers",                     S("255.255.255.255"),                         IP_V4, "255.255.255.255"       },
    {"any IPv4",                                S("192.0.2.1"),                               IP_V4, "192.0.2.1"             },
    {"all zero, RFC 4291 2.2",                  S("::"),                                      IP_V6, "::"                    },
    {"all zero in full",                        S("0:0:0:0:0:0:0:0"),                         IP_V6, "::"                    },
    {"loopback, RFC 4291 2.2",                  S("::1"),                                     IP_V6, "::1"                   },
    {"gap at the end",                          S("2001:db8::"),                              IP_V6, "2001:db8::"            },
    {"gap in the middle",                       S("2001:db8::1"),                             IP_V6, "2001:db8::1"           },
    {"eight groups",                            S("1:2:3:4:5:6:7:8"),                         IP_V6, "1:2:3:4:5:6:7:8"       },
    {"the longest",                             S("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), IP_V6,
     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"                                                                               },
    {"gap for one group at the start",          S("::2:3:4:5:6:7:8"),                         IP_V6, "0:2:3:4:5:6:7:8"       },
    {"gap for one group at the end",            S("1:2:3:4:5:6:7::"),                         IP_V6, "1:2:3:4:5:6:7:0"       },
    {"leading zeros go, RFC 5952 4.1",          S("2001:0db8:0000:0000:0000:0000:0000:0001"), IP_V6,
     "2001:db8::1"                                                                                                           },
    {"as short as can be, RFC 5952 4.2.1",      S("2001:db8:0:0:0:0:2:1"),                    IP_V6, "2001:db8::2:1"         },
    {"one zero group stays, RFC 5952 4.2.2",    S("2001:db8::1:1:1:1:1"),                     IP_V6,
     "2001:db8:0:1:1:1:1:1"                                                                                                  },
    {"the longer run of zeros, RFC 5952 4.2.3", S("2001:0:0:1:0:0:0:1"),                      IP_V6, "2001:0:0:1::1"         },
    {"the first of equal runs, RFC 5952 4.2.3", S("2001:db8:0:0:1:0:0:1"),                    IP_V6,
     "2001:db8::1:0:0:1"                                                                                                     },
    {"the longer run comes first",              S("1:0:0:0:2:0:0:3"),                         IP_V6, "1::2:0:0:3"            },
    {"lower case, RFC 5952 4.3",                S("2001:DB8::ABCD:EF"),                       IP_V6, "2001:db8::abcd:ef"     },
    {"mapped, RFC 5952 5",                      S("::ffff:192.0.2.1"),                        IP_V6, "::ffff:192.0.2.1"      },
    {"mapped in groups",                        S("::ffff:c000:201"),                         IP_V6, "::ffff:192.0.2.1"      },
    {"mapped in full",                          S("0:0:0:0:0:FFFF:255.255.255.255"),          IP_V6, "::ffff:255.255.255.255"},
    {"nearly mapped",                           S("::fffe:c000:201"),                         IP_V6, "::fffe:c000:201"       },
    {"IPv4 at the end, RFC 4291 2.2",           S("::13.1.68.3"),                             IP_V6, "::d01:4403"            },
    {"IPv4 after six groups",                   S("1:2:3:4:5:6:1.2.3.4"),                     IP_V6, "1:2:3:4:5:6:102:304"   },
    {"IPv4 after a gap for one group",          S("1:2:3:4:5::1.2.3.4"),                      IP_V6, "1:2:3:4:5:0:102:304"   },
    {"IPv4 after a gap and a group",            S("64:ff9b::192.0.2.33"),                     IP_V6, "64:ff9b::c000:221"     },
};

static void test_good(void **state)
{
    const struct good *row = *state;
    struct ip_address address;
    struct ip_address again;
    char buffer[IP_TEXT_SIZE];

    assert_true(ip_parse(row->text, &address));
    assert_int_equal(address.family, row->family);
    assert_ptr_equal(ip_print(&address, buffer), buffer);
    assert_string_equal(buffer, row->printed);
    assert_true(ip_parse(slice_of(buffer), &again));
    assert_true(ip_equal(&address, &again));
}

static const struct bad {
    const char *label;
    struct slice text;
} bads[] = {
    {"nothing",                                  S("")                                                           },
    {"no memory",                                {NULL, 0}                                                       },
    {"a blank",                                  S(" ")                                                          },
    {"three numbers",                            S("1.2.3")                                                      },
    {"five numbers",                             S("1.2.3.4.5")                                                  },
    {"more numbers than any address has octets",
     S("1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23")                                            },
    {"more numbers at the end",                  S("1:2:3:4:5:6:1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19")},
    {"one number",                               S("16909060")                                                   },
    {"a final dot",                              S("1.2.3.4.")                                                   },
    {"a first dot",                              S(".1.2.3.4")                                                   },
    {"an empty number",                          S("1..3.4")                                                     },
    {"256",                                      S("1.2.3.256")                                                  },
    {"a number of many digits",                  S("1.2.3.99999999999999999999")                                 },
    {"a leading zero",                           S("1.2.3.04")                                                   },
    {"two zeros",                                S("00.2.3.4")                                                   },
    {"octal",                                    S("0177.0.0.1")                                                 },
    {"hexadecimal",                              S("0x7f.0.0.1")                                                 },
    {"a sign",                                   S("1.2.3.+4")                                                   },
    {"a blank before",                           S(" 1.2.3.4")                                                   },
    {"a blank after",                            S("1.2.3.4 ")                                                   },
    {"a line end after",                         S("1.2.3.4\n")                                                  },
    {"NUL after",                                S("1.2.3.4\0")                                                  },
    {"NUL inside",                               S("1.2\0.3.4")                                                  },
    {"letters",                                  S("a.b.c.d")                                                    },
    {"one colon",                                S(":")                                                          },
    {"three colons",                             S(":::")                                                        },
    {"three colons inside",                      S("1:::2")                                                      },
    {"two gaps, RFC 4291 2.2",                   S("1::2::3")                                                    },
    {"two gaps side by side",                    S("::::")                                                       },
    {"seven groups",                             S("1:2:3:4:5:6:7")                                              },
    {"nine groups",                              S("1:2:3:4:5:6:7:8:9")                                          },
    {"a gap for nothing",                        S("1:2:3:4::5:6:7:8")                                           },
    {"a gap for nothing at the end",             S("1:2:3:4:5:6:7:8::")                                          },
    {"a gap for nothing at the start",           S("::1:2:3:4:5:6:7:8")                                          },
    {"a first colon",                            S(":1:2:3:4:5:6:7")                                             },
    {"a final colon",                            S("1:2:3:4:5:6:7:")                                             },
    {"a final colon after eight groups",         S("1:2:3:4:5:6:7:8:")                                           },
    {"a final colon after a gap",                S("1::2:")                                                      },
    {"five digits",                              S("12345::")                                                    },
    {"five digits with a zero",                  S("01234::")                                                    },
    {"no hexadecimal digit",                     S("g::")                                                        },
    {"a zone, RFC 4007 11",                      S("fe80::1%eth0")                                               },
    {"brackets",                                 S("[::1]")                                                      },
    {"a prefix length",                          S("2001:db8::/32")                                              },
    {"IPv4 after seven groups",                  S("1:2:3:4:5:6:7:1.2.3.4")                                      },
    {"IPv4 after five groups",                   S("1:2:3:4:5:1.2.3.4")                                          },
    {"IPv4 with a gap for nothing",              S("1:2:3:4:5:6::1.2.3.4")                                       },
    {"IPv4 before a group",                      S("::1.2.3.4:1")                                                },
    {"IPv4 first",                               S("1.2.3.4::")                                                  },
    {"IPv4 too short",                           S("::1.2.3")                                                    },
    {"IPv4 with a leading zero",                 S("::ffff:192.0.2.01")                                          },
    {"NUL after IPv6",                           S("::1\0")                                                      },
    {"the literal of RFC 5321 4.1.3",            S("IPv6:::1")                                                   },
    {"a name",                                   S("mx.example.org")                                             },
};

static void test_bad(void **state)
{
    const struct bad *row = *state;
    struct ip_address address = {
        .family = IP_V4, .bytes = {1, 2, 3, 4}
    };
    const struct ip_address before = address;

    assert_false(ip_parse(row->text, &address));
    assert_true(ip_equal(&address, &before));
}

/* Parses what a table is known to hold. */
static struct ip_address address_of(const char *text)
{
    struct ip_address address;

    if (!ip_parse(slice_of(text), &address))
        fail_msg("%s is no address", text);
    return address;
}

static struct ip_network network_of(const char *text)
{
    struct ip_network network;

    if (!ip_network_parse(slice_of(text), &network))
        fail_msg("%s is no network", text);
    return network;
}

static const struct network {
    const char *label;
    struct slice text;
    const char *printed; /* NULL: refused */
    bool host_bits;
    uint64_t size;
} networks[] = {
    {"an address is a network of one",      S("192.0.2.1"),                                   "192.0.2.1/32",    false, 1                },
    {"an IPv6 address is a network of one", S("::1"),                                         "::1/128",         false, 1                },
    {"a class C",                           S("192.0.2.0/24"),                                "192.0.2.0/24",    false, 256              },
    {"the address of an interface",         S("192.0.2.1/24"),                                "192.0.2.1/24",    true,  256              },
    {"host bits inside an octet",           S("192.0.2.8/28"),                                "192.0.2.8/28",    true,  16               },
    {"no host bits inside an octet",        S("192.0.2.16/28"),                               "192.0.2.16/28",   false, 16               },
    {"everything in IPv4",                  S("0.0.0.0/0"),                                   "0.0.0.0/0",       false, UINT64_C(1) << 32},
    {"everything with host bits",           S("0.0.0.1/0"),                                   "0.0.0.1/0",       true,  UINT64_C(1) << 32},
    {"prefix 32",                           S("192.0.2.1/32"),                                "192.0.2.1/32",    false, 1                },
    {"prefix 33 in IPv4",                   S("192.0.2.1/33"),                                NULL,              false, 0                },
    {"a /64",                               S("2001:DB8::/64"),                               "2001:db8::/64",   false, UINT64_MAX       },
    {"a /65",                               S("2001:db8::/65"),                               "2001:db8::/65",   false, UINT64_C(1) << 63},
    {"a /127",                              S("2001:db8::/127"),                              "2001:db8::/127",  false, 2                },
    {"host bits in IPv6",                   S("2001:db8::1/127"),                             "2001:db8::1/127", true,  2                },
    {"everything in IPv6",                  S("::/0"),                                        "::/0",            false, UINT64_MAX       },
    {"the longest text",                    S("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"),
     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",                                                              false, 1                },
    {"prefix 129",                          S("::/129"),                                      NULL,              false, 0                },
    {"prefix of many digits",               S("::/18446744073709551616"),                     NULL,              false, 0                },
    {"prefix with a leading zero",          S("192.0.2.0/08"),                                NULL,              false, 0                },
    {"prefix 00",                           S("192.0.2.0/00"),                                NULL,              false, 0                },
    {"prefix with a sign",                  S("192.0.2.0/+8"),                                NULL,              false, 0                },
    {"prefix under zero",                   S("192.0.2.0/-1"),                                NULL,              false, 0                },
    {"no prefix",                           S("192.0.2.0/"),                                  NULL,              false, 0                },
    {"no address",                          S("/24"),                                         NULL,              false, 0                },
    {"two prefixes",                        S("192.0.2.0/24/24"),                             NULL,              false, 0                },
    {"a netmask",                           S("192.0.2.0/255.255.255.0"),                     NULL,              false, 0                },
    {"a short address",                     S("10/8"),                                        NULL,              false, 0                },
    {"a blank in it",                       S("192.0.2.0 /24"),                               NULL,              false, 0                },
    {"NUL in it",                           S("192.0.2.0/24\0"),                              NULL,              false, 0                },
    {"an empty text",                       S(""),                                            NULL,              false, 0                },
};

static void test_network(void **state)
{
    const struct network *row = *state;
    struct ip_network network = {0};
    char buffer[IP_NETWORK_TEXT_SIZE];

    assert_int_equal(ip_network_parse(row->text, &network), row->printed != NULL);
    if (row->printed == NULL) {
        assert_int_equal(network.address.family, IP_NONE);
        return;
    }
    assert_ptr_equal(ip_network_print(&network, buffer), buffer);
    assert_string_equal(buffer, row->printed);
    assert_int_equal(ip_network_has_host_bits(&network), row->host_bits);
    assert_true(ip_network_size(&network) == row->size);
    assert_true(ip_network_contains(&network, &network.address));
}

static const struct member {
    const char *label;
    const char *network;
    const char *address;
    bool contains;
} members[] = {
    {"the first of a /24",            "192.0.2.0/24",    "192.0.2.0",          true },
    {"the last of a /24",             "192.0.2.0/24",    "192.0.2.255",        true },
    {"one past a /24",                "192.0.2.0/24",    "192.0.3.0",          false},
    {"one before a /24",              "192.0.2.0/24",    "192.0.1.255",        false},
    {"host bits don't count",         "192.0.2.77/24",   "192.0.2.1",          true },
    {"in a /9",                       "10.128.0.0/9",    "10.255.1.1",         true },
    {"beside a /9",                   "10.128.0.0/9",    "10.127.1.1",         false},
    {"in a /31",                      "192.0.2.2/31",    "192.0.2.3",          true },
    {"beside a /31",                  "192.0.2.2/31",    "192.0.2.4",          false},
    {"itself",                        "192.0.2.1",       "192.0.2.1",          true },
    {"its neighbour",                 "192.0.2.1",       "192.0.2.0",          false},
    {"any IPv4",                      "0.0.0.0/0",       "255.255.255.255",    true },
    {"IPv6 is not in all of IPv4",    "0.0.0.0/0",       "::",                 false},
    {"IPv4 is not in all of IPv6",    "::/0",            "0.0.0.0",            false},
    {"a mapped address is IPv6 here", "192.0.2.0/24",    "::ffff:192.0.2.1",   false},
    {"in a /48",                      "2001:db8:1::/48", "2001:db8:1:ffff::1", true },
    {"beside a /48",                  "2001:db8:1::/48", "2001:db8:2::1",      false},
    {"in a /20",                      "3fff::/20",       "3fff:fff:ffff::",    true },
    {"beside a /20",                  "3fff::/20",       "3fff:1000::",        false},
    {"in a /127",                     "2001:db8::/127",  "2001:db8::1",        true },
    {"beside a /127",                 "2001:db8::/127",  "2001:db8::2",        false},
};

static void test_member(void **state)
{
    const struct member *row = *state;
    struct ip_network network = network_of(row->network);
    struct ip_address address = address_of(row->address);

    assert_int_equal(ip_network_contains(&network, &address), row->contains);
}

static void test_nothing_is_in_no_network(void **state)
{
    (void)state;
    struct ip_address none = {0};
    struct ip_network all = network_of("0.0.0.0/0");
    struct ip_network nowhere = {0};

    assert_false(ip_network_contains(&all, &none));
    assert_false(ip_network_contains(&nowhere, &none));
    assert_false(ip_network_contains(&nowhere, &all.address));
}

static const struct at {
    const char *label;
    const char *network;
    uint64_t index;
    const char *address;
} ats[] = {
    {"the first address",                                "192.0.2.0/24",   0,                            "192.0.2.0"                    },
    {"counted from the first, not from the one written", "192.0.2.77/24",  1,                            "192.0.2.1"                    },
    {"the last address",                                 "192.0.2.0/24",   255,                          "192.0.2.255"                  },
    {"inside an octet",                                  "192.0.2.16/28",  15,                           "192.0.2.31"                   },
    {"over octets",                                      "10.0.0.0/8",     0x010203,                     "10.1.2.3"                     },
    {"a network of one",                                 "192.0.2.1",      0,                            "192.0.2.1"                    },
    {"the last of IPv4",                                 "0.0.0.0/0",      UINT32_MAX,                   "255.255.255.255"              },
    {"over groups",                                      "2001:db8::/64",  UINT64_C(0x123456789abcdef0), "2001:db8::1234:5678:9abc:def0"},
    {"the largest index",                                "2001:db8::/32",  UINT64_MAX,                   "2001:db8::ffff:ffff:ffff:ffff"},
    {"a /127",                                           "2001:db8::/127", 1,                            "2001:db8::1"                  },
    {"an index past the end stays inside",               "192.0.2.0/24",   256,                          "192.0.2.0"                    },
};

static void test_at(void **state)
{
    const struct at *row = *state;
    struct ip_network network = network_of(row->network);
    struct ip_address address = ip_network_at(&network, row->index);
    struct ip_address expected = address_of(row->address);

    assert_true(ip_equal(&address, &expected));
    assert_true(ip_network_contains(&network, &address));
}

static const char *const sorted[] = {
    "0.0.0.0", "0.0.0.1", "1.0.0.0", "127.255.255.255", "128.0.0.0", "255.255.255.255",
    "::",      "::1",     "1::",     "7fff::",          "8000::",    "ffff::",
};

static void test_order(void **state)
{
    (void)state;
    const size_t count = sizeof(sorted) / sizeof(sorted[0]);
    struct ip_address none = {0};

    for (size_t i = 0; i < count; i++) {
        struct ip_address a = address_of(sorted[i]);

        assert_true(ip_compare(&none, &a) < 0);
        for (size_t j = 0; j < count; j++) {
            struct ip_address b = address_of(sorted[j]);
            int order = ip_compare(&a, &b);

            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
            assert_int_equal(ip_equal(&a, &b), i == j);
        }
    }
}

static const struct reverse {
    const char *label;
    const char *address;
    const char *reverse;
    const char *ptr_name;
} reverses[] = {
    {"IPv4 in reverse, RFC 5782 2.1",             "192.0.2.99",                "99.2.0.192",      "99.2.0.192.in-addr.arpa"                                                 },
    {"the longest IPv4 in reverse, RFC 1035 3.5", "255.254.253.252",           "252.253.254.255",
     "252.253.254.255.in-addr.arpa"                                                                                                                                         },
    {"IPv6 in reverse, RFC 3596 2.5",             "4321:0:1:2:3:4:567:89ab",
     "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4",                           "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa"},
    {"IPv6 with letters, RFC 5782 2.4",           "2001:db8:1:2:3:4:567:89ab",
     "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2",                           "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"},
};

static void test_reverse(void **state)
{
    const struct reverse *row = *state;
    struct ip_address address = address_of(row->address);
    char reverse[IP_REVERSE_SIZE];
    char ptr_name[80];

    assert_ptr_equal(ip_reverse(&address, reverse), reverse);
    assert_string_equal(reverse, row->reverse);
    assert_ptr_equal(ip_ptr_name(&address, ptr_name), ptr_name);
    assert_string_equal(ptr_name, row->ptr_name);
}

static const struct unmapped {
    const char *label;
    const char *address;
    const char *unmapped;
} unmappeds[] = {
    {"mapped becomes IPv4, RFC 4291 2.5.5.2", "::ffff:192.0.2.1",   "192.0.2.1"         },
    {"IPv4 stays",                            "192.0.2.1",          "192.0.2.1"         },
    {"compatible stays, RFC 4291 2.5.5.1",    "::192.0.2.1",        "::192.0.2.1"       },
    {"translated stays, RFC 6052 2.1",        "64:ff9b::192.0.2.1", "64:ff9b::192.0.2.1"},
    {"ffff elsewhere stays",                  "::ffff:0:192.0.2.1", "::ffff:0:192.0.2.1"},
};

static void test_unmap(void **state)
{
    const struct unmapped *row = *state;
    struct ip_address address = ip_unmap(address_of(row->address));
    struct ip_address expected = address_of(row->unmapped);

    assert_true(ip_equal(&address, &expected));
}

static void test_no_address(void **state)
{
    (void)state;
    struct ip_address none = {0};
    struct ip_address same = ip_unmap(none);
    char buffer[IP_REVERSE_SIZE];

    assert_string_equal(ip_print(&none, buffer), "");
    assert_string_equal(ip_reverse(&none, buffer), "");
    assert_int_equal(ip_scope(&none), IP_UNSPECIFIED);
    assert_true(ip_equal(&none, &same));
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_good, goods);
    CASES_TABLE(&cases, test_bad, bads);
    CASES_TABLE(&cases, test_network, networks);
    CASES_TABLE(&cases, test_member, members);
    CASES_TABLE(&cases, test_at, ats);
    CASES_TABLE(&cases, test_reverse, reverses);
    CASES_TABLE(&cases, test_unmap, unmappeds);
    cases_add(&cases, "no address is in no network", test_nothing_is_in_no_network, NULL);
    cases_add(&cases, "IPv4 before IPv6, then by octets", test_order, NULL);
    cases_add(&cases, "the zero value is no address", test_no_address, NULL);
    return cases_run(&cases, "ip");
}
