#include "cases.h"
#include "mail/ip.h"

/* The first and the last address of each block and their neighbours outside it. */
static const struct scope {
    const char *address;
    enum ip_scope scope;
} scopes[] = {
    {"0.0.0.0",                                 IP_UNSPECIFIED  },
    {"0.255.255.255",                           IP_UNSPECIFIED  },
    {"1.0.0.0",                                 IP_PUBLIC       },
    {"9.255.255.255",                           IP_PUBLIC       },
    {"10.0.0.0",                                IP_PRIVATE      },
    {"10.255.255.255",                          IP_PRIVATE      },
    {"11.0.0.0",                                IP_PUBLIC       },
    {"44.128.0.1",                              IP_PUBLIC       },
    {"100.63.255.255",                          IP_PUBLIC       },
    {"100.64.0.0",                              IP_SHARED       },
    {"100.127.255.255",                         IP_SHARED       },
    {"100.128.0.0",                             IP_PUBLIC       },
    {"126.255.255.255",                         IP_PUBLIC       },
    {"127.0.0.0",                               IP_LOOPBACK     },
    {"127.255.255.255",                         IP_LOOPBACK     },
    {"128.0.0.0",                               IP_PUBLIC       },
    {"169.253.255.255",                         IP_PUBLIC       },
    {"169.254.0.0",                             IP_LINK_LOCAL   },
    {"169.254.255.255",                         IP_LINK_LOCAL   },
    {"169.255.0.0",                             IP_PUBLIC       },
    {"172.15.255.255",                          IP_PUBLIC       },
    {"172.16.0.0",                              IP_PRIVATE      },
    {"172.31.255.255",                          IP_PRIVATE      },
    {"172.32.0.0",                              IP_PUBLIC       },
    {"191.255.255.255",                         IP_PUBLIC       },
    {"192.0.0.0",                               IP_RESERVED     },
    {"192.0.0.255",                             IP_RESERVED     },
    {"192.0.1.0",                               IP_PUBLIC       },
    {"192.0.2.0",                               IP_DOCUMENTATION},
    {"192.0.2.255",                             IP_DOCUMENTATION},
    {"192.0.3.0",                               IP_PUBLIC       },
    {"192.88.98.255",                           IP_PUBLIC       },
    {"192.88.99.0",                             IP_RESERVED     },
    {"192.88.99.255",                           IP_RESERVED     },
    {"192.88.100.0",                            IP_PUBLIC       },
    {"192.167.255.255",                         IP_PUBLIC       },
    {"192.168.0.0",                             IP_PRIVATE      },
    {"192.168.255.255",                         IP_PRIVATE      },
    {"192.169.0.0",                             IP_PUBLIC       },
    {"198.17.255.255",                          IP_PUBLIC       },
    {"198.18.0.0",                              IP_RESERVED     },
    {"198.19.255.255",                          IP_RESERVED     },
    {"198.20.0.0",                              IP_PUBLIC       },
    {"198.51.99.255",                           IP_PUBLIC       },
    {"198.51.100.0",                            IP_DOCUMENTATION},
    {"198.51.100.255",                          IP_DOCUMENTATION},
    {"198.51.101.0",                            IP_PUBLIC       },
    {"203.0.112.255",                           IP_PUBLIC       },
    {"203.0.113.0",                             IP_DOCUMENTATION},
    {"203.0.113.255",                           IP_DOCUMENTATION},
    {"203.0.114.0",                             IP_PUBLIC       },
    {"223.255.255.255",                         IP_PUBLIC       },
    {"224.0.0.0",                               IP_MULTICAST    },
    {"239.255.255.255",                         IP_MULTICAST    },
    {"240.0.0.0",                               IP_RESERVED     },
    {"255.255.255.255",                         IP_RESERVED     },
    {"::",                                      IP_UNSPECIFIED  },
    {"::1",                                     IP_LOOPBACK     },
    {"::2",                                     IP_RESERVED     },
    {"::192.0.2.1",                             IP_RESERVED     },
    {"::ffff:8.8.8.8",                          IP_PUBLIC       },
    {"::ffff:0.0.0.0",                          IP_UNSPECIFIED  },
    {"::ffff:10.0.0.1",                         IP_PRIVATE      },
    {"::ffff:127.0.0.1",                        IP_LOOPBACK     },
    {"::ffff:192.0.2.1",                        IP_DOCUMENTATION},
    {"::ffff:255.255.255.255",                  IP_RESERVED     },
    {"64:ff9b::8.8.8.8",                        IP_PUBLIC       },
    {"64:ff9b:1::8.8.8.8",                      IP_RESERVED     },
    {"100::1",                                  IP_RESERVED     },
    {"1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IP_RESERVED     },
    {"2000::",                                  IP_PUBLIC       },
    {"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IP_PUBLIC       },
    {"2001::",                                  IP_RESERVED     },
    {"2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",  IP_RESERVED     },
    {"2001:200::",                              IP_PUBLIC       },
    {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",  IP_PUBLIC       },
    {"2001:db8::",                              IP_DOCUMENTATION},
    {"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",  IP_DOCUMENTATION},
    {"2001:db9::",                              IP_PUBLIC       },
    {"2606:4700:4700::1111",                    IP_PUBLIC       },
    {"3ffe:501::1",                             IP_PUBLIC       },
    {"3fff::",                                  IP_DOCUMENTATION},
    {"3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",  IP_DOCUMENTATION},
    {"3fff:1000::",                             IP_PUBLIC       },
    {"4000::",                                  IP_RESERVED     },
    {"5f00::1",                                 IP_RESERVED     },
    {"fbff::1",                                 IP_RESERVED     },
    {"fc00::",                                  IP_PRIVATE      },
    {"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IP_PRIVATE      },
    {"fe00::1",                                 IP_RESERVED     },
    {"fe80::",                                  IP_LINK_LOCAL   },
    {"febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IP_LINK_LOCAL   },
    {"fec0::1",                                 IP_RESERVED     },
    {"ff00::",                                  IP_MULTICAST    },
    {"ff02::1",                                 IP_MULTICAST    },
};

static void test_scope(void **state)
{
    const struct scope *row = *state;
    struct ip_address address;

    assert_true(ip_parse(slice_of(row->address), &address));
    assert_string_equal(ip_scope_name(ip_scope(&address)), ip_scope_name(row->scope));
}

static const struct name {
    const char *name;
    enum ip_scope scope;
} names[] = {
    {"public",        IP_PUBLIC       },
    {"unspecified",   IP_UNSPECIFIED  },
    {"loopback",      IP_LOOPBACK     },
    {"private",       IP_PRIVATE      },
    {"shared",        IP_SHARED       },
    {"link-local",    IP_LINK_LOCAL   },
    {"documentation", IP_DOCUMENTATION},
    {"multicast",     IP_MULTICAST    },
    {"reserved",      IP_RESERVED     },
};

static void test_name(void **state)
{
    const struct name *row = *state;

    assert_string_equal(ip_scope_name(row->scope), row->name);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_scope, scopes);
    CASES_TABLE(&cases, test_name, names);
    return cases_run(&cases, "ip_scope");
}
