#include <string.h>

#include "base/text.h"
#include "cases.h"
#include "smtp_targets.h"

static const char ZONE[] = "mail.test A 192.0.2.25\n"
                           "mail.test A 192.0.2.26\n"
                           "mail.test AAAA 2001:db8::25\n"
                           "4.test A 192.0.2.25\n"
                           "25.2.0.192.in-addr.arpa PTR other.test\n"
                           "25.2.0.192.in-addr.arpa PTR mail.test\n"
                           "26.2.0.192.in-addr.arpa PTR liar.test\n"
                           "1.0.0.127.in-addr.arpa PTR localhost\n"
                           "localhost A 127.0.0.1\n";

static const struct row {
    const char *label;
    struct smtp_options options;
    const char *resolve, *source;
    bool only_v4, only_v6;
    const char *targets; /* each with "<SOURCE" where there is one, and a blank; NULL: refused */
    const char *server_name;
} rows[] = {
    {"every address of a name, IPv6 first",
     {.host = "mail.test"},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     "[2001:db8::25]:25 192.0.2.25:25 192.0.2.26:25 ",                                                                                             "mail.test" },
    {"RFC 5890 2.3.1: a name in capital letters, with its dot",
     {.host = "MAIL.test."},
     NULL,                                                                                      NULL,
     true,                                                                                                            false,
     "192.0.2.25:25 192.0.2.26:25 ",                                                                                                               "mail.test" },
    {"-6",                                                      {.host = "mail.test"},    NULL, NULL,          false, true,  "[2001:db8::25]:25 ", "mail.test" },
    {"-4 of a name with one address",
     {.host = "4.test"},
     NULL,                                                                                      NULL,
     true,                                                                                                            false,
     "192.0.2.25:25 ",                                                                                                                             "4.test"    },
    {"--first-address",
     {.host = "mail.test", .first_address = true},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     "[2001:db8::25]:25 ",                                                                                                                         "mail.test" },
    {"a name that does not exist",
     {.host = "gone.test"},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     "",                                                                                                                                           "gone.test" },
    {"an address",                                              {.host = "192.0.2.1"},    NULL, NULL,          false, false, "192.0.2.1:25 ",      NULL        },
    {"an IPv6 address in brackets",
     {.host = "[2001:db8::1]"},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     "[2001:db8::1]:25 ",                                                                                                                          NULL        },
    {"a Unix socket",
     {.host = "unix:/run/lmtp", .lmtp = true},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     "unix:/run/lmtp ",                                                                                                                            NULL        },
    {"RFC 8314 7.3: the port of implicit TLS",
     {.host = "192.0.2.1", .implicit_tls = true},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     "192.0.2.1:465 ",                                                                                                                             NULL        },
    {"the port of LMTP",
     {.host = "192.0.2.1", .lmtp = true},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     "192.0.2.1:24 ",                                                                                                                              NULL        },
    {"RFC 2033 5: LMTP never on port 25",
     {.host = "192.0.2.1", .lmtp = true, .port = 25},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     NULL,                                                                                                                                         NULL        },
    {"a port of one's own",
     {.host = "192.0.2.1", .port = 2525},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     "192.0.2.1:2525 ",                                                                                                                            NULL        },
    {"--resolve of the host",
     {.host = "mail.test"},
     "mail.test:192.0.2.99",                                                                    NULL,
     false,                                                                                                           false,
     "192.0.2.99:25 ",                                                                                                                             "mail.test" },
    {"--resolve of another host",
     {.host = "4.test"},
     "mail.test:192.0.2.99",                                                                    NULL,
     false,                                                                                                           false,
     "192.0.2.25:25 ",                                                                                                                             "4.test"    },
    {"--resolve with an IPv6 address",
     {.host = "mail.test"},
     "mail.test:[2001:db8::99]",                                                                NULL,
     false,                                                                                                           false,
     "[2001:db8::99]:25 ",                                                                                                                         "mail.test" },
    {"--resolve without an address",
     {.host = "mail.test"},
     "mail.test",                                                                               NULL,
     false,                                                                                                           false,
     NULL,                                                                                                                                         NULL        },
    {"--source is for its family",
     {.host = "mail.test"},
     NULL,                                                                                      "2001:db8::1",
     false,                                                                                                           false,
     "[2001:db8::25]:25<2001:db8::1 192.0.2.25:25 192.0.2.26:25 ",                                                                                 "mail.test" },
    {"--sni of another name",
     {.host = "4.test", .sni = "Other.test"},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     "192.0.2.25:25 ",                                                                                                                             "other.test"},
    {"--sni none",
     {.host = "4.test", .sni = "none"},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     "192.0.2.25:25 ",                                                                                                                             NULL        },
    {"--sni that is no name",
     {.host = "4.test", .sni = "a..b"},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     NULL,                                                                                                                                         NULL        },
    {"a host that is no name",                                  {.host = "a b"},          NULL, NULL,          false, false, NULL,                 NULL        },
    {"a host with an underscore",                               {.host = "a_b.test"},     NULL, NULL,          false, false, NULL,                 NULL        },
    {"an address with a port",                                  {.host = "192.0.2.1:25"}, NULL, NULL,          false, false, NULL,                 NULL        },
    {"a PROXY version that is none",
     {.host = "192.0.2.1", .proxy = "v3"},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     NULL,                                                                                                                                         NULL        },
    {"PROXY addresses of two families",
     {.host = "192.0.2.1", .proxy = "v1,192.0.2.1:1,[2001:db8::1]:2"},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     NULL,                                                                                                                                         NULL        },
    {"a PROXY source without destination",
     {.host = "192.0.2.1", .proxy = "v1,192.0.2.1:1"},
     NULL,                                                                                      NULL,
     false,                                                                                                           false,
     NULL,                                                                                                                                         NULL        },
};

static void print(const struct smtp_targets *targets, struct text *text)
{
    char source[IP_TEXT_SIZE];
    for (size_t i = 0; i < targets->count; i++) {
        const struct stream_target *stream = &targets->list[i].stream;
        text_append(text, targets->list[i].text);
        if (stream->source.family != IP_NONE) {
            text_printf(text, "<%s", ip_print(&stream->source, source));
        }
        text_append(text, " ");
    }
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct arena arena = {0};
    struct smtp_options options = row->options;
    struct smtp_targets targets;
    struct text printed;
    const char *resolve[] = {row->resolve};
    const char *source[] = {row->source};
    options.resolve = (struct option_list){resolve, row->resolve != NULL};
    options.sources = (struct option_list){source, row->source != NULL};
    struct dns_answers *answers = dns_answers_new(&arena, 100);
    assert_int_equal(dns_answers_read(answers, ZONE, true), 0);
    bool is_good = smtp_targets_read(&arena, &options, &targets) == NULL;
    assert_int_equal(is_good, row->targets != NULL);
    if (is_good) {
        assert_true(smtp_targets_find(&targets, row->only_v4, row->only_v6, answers));
        text_init(&printed, 500);
        print(&targets, &printed);
        assert_string_equal(printed.start, row->targets);
        text_release(&printed);
        for (size_t i = 0; i < targets.count; i++) {
            const char *name = targets.list[i].server_name;
            assert_string_equal(name == NULL ? "-" : name,
                                row->server_name == NULL ? "-" : row->server_name);
        }
    }
    arena_release(&arena);
}

static const struct add_row {
    const char *label;
    struct smtp_options options;
    const char *added;   /* HOST/ADDRESS and a blank */
    const char *targets; /* HOST/ADDRESS/SERVER-NAME and a blank */
} add_rows[] = {
    {"the addresses of two exchangers",
     {.port = 25},
     "mx1.test/192.0.2.1 mx2.test/192.0.2.2 ",                    "mx1.test/192.0.2.1/mx1.test mx2.test/192.0.2.2/mx2.test "},
    {"an address of an exchanger once",
     {.port = 25},
     "mx1.test/192.0.2.1 mx1.test/192.0.2.1 ",                    "mx1.test/192.0.2.1/mx1.test "                            },
    {"RFC 6066 3: two names of one address are two targets",
     {.port = 25},
     "mx1.test/192.0.2.1 mx2.test/192.0.2.1 ",                    "mx1.test/192.0.2.1/mx1.test mx2.test/192.0.2.1/mx2.test "},
    {"--first-address of each exchanger",
     {.first_address = true},
     "mx1.test/192.0.2.1 mx1.test/192.0.2.3 mx2.test/192.0.2.2 ", "mx1.test/192.0.2.1/mx1.test mx2.test/192.0.2.2/mx2.test "},
    {"--sni for all exchangers",
     {.sni = "mail.test"},
     "mx1.test/192.0.2.1 ",                                       "mx1.test/192.0.2.1/mail.test "                           },
    {"--sni none for all exchangers",
     {.sni = "none"},
     "mx1.test/192.0.2.1 ",                                       "mx1.test/192.0.2.1/- "                                   },
};

static void test_add(void **state)
{
    const struct add_row *row = *state;
    struct arena arena = {0};
    struct smtp_targets targets;
    struct slice rest = slice_of(row->added);
    struct slice word;
    struct text printed;
    char text[IP_TEXT_SIZE];
    assert_null(smtp_targets_read(&arena, &row->options, &targets));
    while (slice_split(&rest, ' ', &word) && word.length > 0) {
        struct ip_address address;
        size_t slash = slice_find(word, '/');
        assert_true(ip_parse(slice_sub(word, slash + 1, word.length), &address));
        smtp_targets_add(&targets, arena_copy_slice(&arena, slice_sub(word, 0, slash)), &address);
    }
    text_init(&printed, 500);
    for (size_t i = 0; i < targets.count; i++) {
        const struct smtp_target *target = &targets.list[i];
        text_printf(&printed, "%s/%s/%s ", target->host,
                    ip_print(&target->stream.endpoint.address, text),
                    target->server_name == NULL ? "-" : target->server_name);
    }
    assert_string_equal(printed.start, row->targets);
    text_release(&printed);
    arena_release(&arena);
}

static void test_too_many(void **state)
{
    struct arena arena = {0};
    const struct smtp_options options = {.port = 25};
    struct smtp_targets targets;
    (void)state;
    assert_null(smtp_targets_read(&arena, &options, &targets));
    for (unsigned i = 0; i < SMTP_TARGETS_MAX + 2; i++) {
        const struct ip_address address = {
            IP_V4, {192, 0, (uint8_t)(i >> 8), (uint8_t)i}
        };
        assert_int_equal(smtp_targets_add(&targets, "mx.test", &address) != NULL,
                         i < SMTP_TARGETS_MAX);
    }
    assert_int_equal(targets.count, SMTP_TARGETS_MAX);
    assert_int_equal(targets.omitted, 2);
    arena_release(&arena);
}

struct smtp_wrapper {
    struct smtp_options smtp;
};

static const struct flag_row {
    const char *label;
    const char *words[2];
    size_t count;
    bool first_address;
} flag_rows[] = {
    {"all addresses are the default",          {NULL},                                 0, false},
    {"--first-address alone",                  {"--first-address"},                    1, true },
    {"--all-addresses behind --first-address", {"--first-address", "--all-addresses"}, 2, false},
    {"--first-address behind --all-addresses", {"--all-addresses", "--first-address"}, 2, true },
};

static void test_flag(void **state)
{
    static const struct option_definition table[] = {
        SMTP_OPTIONS_OPTIONAL_HOST(struct smtp_wrapper, smtp)};
    const struct flag_row *row = *state;
    struct arena arena = {0};
    struct smtp_wrapper wrapper = {.smtp = {.port = 0}};
    bool given[sizeof table / sizeof table[0]] = {false};
    struct option_run run = {
        .table = table,
        .count = sizeof table / sizeof table[0],
        .arena = &arena,
        .configuration = &wrapper,
        .given = given,
    };
    const struct option_words words = {.count = row->count, .words = row->words};
    assert_true(option_parse(&run, &words));
    assert_true(option_require(&run));
    assert_int_equal(wrapper.smtp.first_address, row->first_address);
    arena_release(&arena);
}

static const struct name_row {
    const char *label;
    const char *ehlo, *source, *host_name; /* source NULL: none */
    const char *name;
} name_rows[] = {
    {"--ehlo",                                            "monitor.test", "192.0.2.25",  "host.test", "monitor.test"      },
    {"the name of our address that has it, too",          NULL,           "192.0.2.25",  "host.test", "mail.test"         },
    {"a name that does not have the address is not ours", NULL,           "192.0.2.26",  "host.test",
     "host.test"                                                                                                          },
    {"no name for our address",                           NULL,           "192.0.2.27",  "host.test", "host.test"         },
    {"the name localhost says nothing",                   NULL,           "127.0.0.1",   "host.test", "host.test"         },
    {"RFC 5321 4.1.4: no name at all",                    NULL,           "192.0.2.27",  "host",      "[192.0.2.27]"      },
    {"RFC 5321 4.1.3: no name at all, IPv6",              NULL,           "2001:db8::1", "host",      "[IPv6:2001:db8::1]"},
    {"a Unix socket: the host's name as it is",           NULL,           NULL,          "host",      "host"              },
};

static void test_name(void **state)
{
    const struct name_row *row = *state;
    struct arena arena = {0};
    struct smtp_options options = {.host = "mail.test", .ehlo = row->ehlo};
    struct smtp_targets targets;
    struct ip_address source = {.family = IP_NONE};
    struct dns_answers *answers = dns_answers_new(&arena, 100);
    assert_int_equal(dns_answers_read(answers, ZONE, true), 0);
    assert_null(smtp_targets_read(&arena, &options, &targets));
    if (row->source != NULL) {
        assert_true(ip_parse(slice_of(row->source), &source));
    }
    assert_string_equal(smtp_targets_ehlo(&targets, &source, row->host_name, answers), row->name);
    arena_release(&arena);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_add, add_rows);
    cases_add(&cases, "what is beyond the limit is counted", test_too_many, NULL);
    CASES_TABLE(&cases, test_flag, flag_rows);
    CASES_TABLE(&cases, test_name, name_rows);
    return cases_run(&cases, "smtp_targets");
}
