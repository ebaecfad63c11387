#include "base/text.h"
#include "cases.h"
#include "option_fixture.h"

/* The value of the one option that a row is about, as text. */
static void print_value(const struct config *config, const char *name, char *out, size_t size)
{
    struct text text;
    char address[IP_TEXT_SIZE];

    text_init(&text, size);
    if (strcmp(name, "flag") == 0)
        snprintf(out, size, "%d", config->flag);
    else if (strcmp(name, "verbose") == 0)
        snprintf(out, size, "%d", config->counter);
    else if (strcmp(name, "port") == 0)
        snprintf(out, size, "%ld", config->number);
    else if (strcmp(name, "timeout") == 0)
        snprintf(out, size, "%.6f", config->seconds);
    else if (strcmp(name, "worst") == 0)
        snprintf(out, size, "%s", state_name(config->state));
    else if (strcmp(name, "address") == 0)
        snprintf(out, size, "%s", ip_print(&config->address, address));
    else if (strcmp(name, "warning") == 0 || strcmp(name, "critical") == 0) {
        range_print(name[0] == 'w' ? &config->range : &config->count, &text);
        snprintf(out, size, "%s", text.start);
    }
    text_release(&text);
}

static const char *string_of(const struct config *config, const char *name)
{
    const struct {
        const char *name, *value;
    } strings[] = {
        {"text",     config->text    },
        {"sender",   config->empty   },
        {"colour",   config->word    },
        {"domain",   config->domain  },
        {"input",    config->file    },
        {"password", config->secret  },
        {"resolver", config->endpoint},
    };

    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        if (strcmp(strings[i].name, name) == 0)
            return strings[i].value;
    }
    return NULL;
}

static const struct option_list *list_of(const struct config *config, const char *name)
{
    if (strcmp(name, "text-list") == 0)
        return &config->texts;
    if (strcmp(name, "colours") == 0)
        return &config->words;
    if (strcmp(name, "domains") == 0)
        return &config->domains;
    if (strcmp(name, "addresses") == 0)
        return &config->addresses;
    return strcmp(name, "inputs") == 0 ? &config->files : NULL;
}

static const struct good {
    const char *label;
    const char *words[OPTION_WORDS_MAX];
    const char *option;
    const char *value;
} goods[] = {
    {"a flag",                                            {"--flag"},                                             "flag",      "1"                    },
    {"a flag by its letter",                              {"-f"},                                                 "flag",      "1"                    },
    {"a flag that is not given",                          {"-v"},                                                 "flag",      "0"                    },
    {"a counter",                                         {"-v"},                                                 "verbose",   "1"                    },
    {"a counter counts letters",                          {"-vvv"},                                               "verbose",   "3"                    },
    {"a counter counts words",                            {"-v", "--verbose", "-v"},                              "verbose",   "3"                    },
    {"bundled flags",                                     {"-fv"},                                                "verbose",   "1"                    },
    {"bundled flags, the first",                          {"-fv"},                                                "flag",      "1"                    },
    {"a bundle that ends in a value",                     {"-fvp25"},                                             "port",      "25"                   },
    {"a bundle whose value is the next word",             {"-fvp", "25"},                                         "port",      "25"                   },
    {"a value behind its letter",                         {"-p25"},                                               "port",      "25"                   },
    {"a value in the next word",                          {"-p", "25"},                                           "port",      "25"                   },
    {"a value behind =",                                  {"--port=25"},                                          "port",      "25"                   },
    {"a value behind the long name",                      {"--port", "25"},                                       "port",      "25"                   },
    {"a name cut short",                                  {"--po", "25"},                                         "port",      "25"                   },
    {"a name cut short, with =",                          {"--po=25"},                                            "port",      "25"                   },
    {"a whole name is never ambiguous",                   {"--text=x"},                                           "text",      "x"                    },
    {"the last one holds",                                {"-p", "25", "-p", "26"},                               "port",      "26"                   },
    {"-- ends the options",                               {"-p25", "--"},                                         "port",      "25"                   },
    {"no words at all",                                   {NULL},                                                 "port",      "0"                    },
    {"the least number",                                  {"--port=1"},                                           "port",      "1"                    },
    {"the largest number",                                {"--port=65535"},                                       "port",      "65535"                },
    {"leading zeros",                                     {"--port=00025"},                                       "port",      "25"                   },
    {"whole seconds",                                     {"-t5"},                                                "timeout",   "5.000000"             },
    {"a fraction of seconds",                             {"-t0.5"},                                              "timeout",   "0.500000"             },
    {"microseconds",                                      {"-t", "1.000001"},                                     "timeout",   "1.000001"             },
    {"the most seconds",                                  {"-t", "3600.000000"},                                  "timeout",   "3600.000000"          },
    {"text",                                              {"--text=a b"},                                         "text",      "a b"                  },
    {"text with =",                                       {"--text=a=b"},                                         "text",      "a=b"                  },
    {"text that begins with a dash",                      {"--text", "-x"},                                       "text",      "-x"                   },
    {"text that looks like an option",                    {"--text=--flag"},                                      "text",      "--flag"               },
    {"text that looks like an option, behind its letter", {"-s--flag"},                                           "text",      "--flag"               },
    {"text that looks like no option of ours",            {"-s", "--dash"},                                       "text",      "--dash"               },
    {"text that is two dashes",                           {"--text=--"},                                          "text",      "--"                   },
    {"text in UTF-8",                                     {"--text=\xc3\xa4\xe2\x82\xac"},                        "text",      "\xc3\xa4\xe2\x82\xac" },
    {"text with what output replaces",                    {"--text=<a|b>\\"},                                     "text",      "<a|b>\\"              },
    {"empty text where it is good",                       {"--sender="},                                          "sender",    ""                     },
    {"empty text in the next word",                       {"--sender", ""},                                       "sender",    ""                     },
    {"repeated text",                                     {"--text-list=a", "--text-list=b", "--text-list", "c"}, "text-list", "a,b,c"                },
    {"a word",                                            {"--colour=green"},                                     "colour",    "green"                },
    {"a word in capitals",                                {"--colour=GREEN"},                                     "colour",    "green"                },
    {"repeated words",                                    {"--colours=blue", "--colours=RED"},                    "colours",   "blue,red"             },
    {"a range, the grammar's plain N",                    {"-w5"},                                                "warning",   "5"                    },
    {"a range with an end",                               {"-w", "2:5"},                                          "warning",   "2:5"                  },
    {"a range inside",                                    {"-w", "@2:5"},                                         "warning",   "@2:5"                 },
    {"a range below",                                     {"-w10:"},                                              "warning",   "10:"                  },
    {"a negative range",                                  {"-w", "-5:-1"},                                        "warning",   "-5:-1"                },
    {"N or more: above N-1",                              {"-c5"},                                                "critical",  "4"                    },
    {"1 or more: above 0",                                {"-c1"},                                                "critical",  "0"                    },
    {"0 or more: always",                                 {"-c0"},                                                "critical",  "@0:"                  },
    {"only a bare number is N or more",                   {"-c0:5"},                                              "critical",  "5"                    },
    {"a fraction is a plain range",                       {"-c1.5"},                                              "critical",  "1.5"                  },
    {"a domain in its normal form",                       {"-d", "Example.ORG."},                                 "domain",    "example.org"          },
    {"a domain as A-labels, RFC 5890 2.3.2.1",
     {"-d", "b\xc3\xbc"
            "cher.example"},
     "domain",                                                                                                                 "xn--bcher-kva.example"},
    {"a domain with an underscore",                       {"-d", "_dmarc.example.org"},                           "domain",    "_dmarc.example.org"   },
    {"a label of 63 octets, RFC 1035 2.3.4",              {"-d", LABEL_63},                                       "domain",    LABEL_63               },
    {"repeated domains",                                  {"--domains=A", "--domains=b."},                        "domains",   "a,b"                  },
    {"an address",                                        {"-H", "2001:DB8::1"},                                  "address",   "2001:db8::1"          },
    {"repeated addresses",
     {"--addresses=1.2.3.4", "--addresses", "::A"},
     "addresses",                                                                                                              "1.2.3.4,::a"          },
    {"an endpoint",                                       {"--resolver=[::1]:5353"},                              "resolver",  "[::1]:5353"           },
    {"a file",                                            {"--input=/etc/hosts"},                                 "input",     "/etc/hosts"           },
    {"standard input",                                    {"--input", "-"},                                       "input",     "-"                    },
    {"repeated files",                                    {"--inputs=a", "--inputs=b"},                           "inputs",    "a,b"                  },
    {"a state",                                           {"--worst=Warning"},                                    "worst",     "WARNING"              },
    {"a state by its number",                             {"--worst=2"},                                          "worst",     "CRITICAL"             },
    {"a secret",                                          {"-Phush"},                                             "password",  "hush"                 },
};

static void test_good(void **state)
{
    const struct good *row = *state;
    struct fixture fixture;
    char value[256] = "";

    setup(&fixture);
    assert_true(parse(&fixture, row->words));
    assert_false(fixture.run.error.is_set);
    if (list_of(&fixture.config, row->option) != NULL)
        print_list(value, sizeof(value), list_of(&fixture.config, row->option));
    else if (string_of(&fixture.config, row->option) != NULL)
        snprintf(value, sizeof(value), "%s", string_of(&fixture.config, row->option));
    else
        print_value(&fixture.config, row->option, value, sizeof(value));
    assert_string_equal(value, row->value);
    arena_release(&fixture.arena);
}

static const struct special {
    const char *label;
    const char *words[OPTION_WORDS_MAX];
    const char *uses; /* "name=value name ..." */
} specials[] = {
    {"none",                                {"-f"},               ""           },
    {"one",                                 {"--help"},           "help"       },
    {"one by its letter",                   {"-h"},               "help"       },
    {"one by its other letter",             {"-?"},               "help"       },
    {"an optional value that is not there", {"--explain"},        "explain"    },
    {"an optional value behind =",          {"--explain=a.b"},    "explain=a.b"},
    {"an optional value that is empty",     {"--explain="},       "explain="   },
    {"an optional value in the next word",  {"--explain", "a.b"}, "explain=a.b"},
    {"an optional value before an option",  {"--explain", "-f"},  "explain"    },
    {"in the order of appearance",
     {"--export=red", "-h", "--explain", "--export", "BLUE"},
     "export=red help explain export=BLUE"                                     },
};

static void test_special(void **state)
{
    const struct special *row = *state;
    struct fixture fixture;
    char uses[256] = "";
    size_t used = 0;

    setup(&fixture);
    assert_true(parse(&fixture, row->words));
    for (size_t i = 0; i < fixture.run.specials.count; i++) {
        const struct option_use *use = &fixture.run.specials.uses[i];

        used += (size_t)snprintf(uses + used, sizeof(uses) - used, "%s%s%s%s", i > 0 ? " " : "",
                                 use->definition->name, use->value != NULL ? "=" : "",
                                 use->value != NULL ? use->value : "");
    }
    assert_string_equal(uses, row->uses);
    arena_release(&fixture.arena);
}

static const struct peek {
    const char *label;
    const char *words[OPTION_WORDS_MAX];
    const char *value;
    const char *name;
} peeks[] = {
    {"it is not there",                              {"-f"},                                    NULL,   "colour"},
    {"behind =",                                     {"-f", "--colour=red"},                    "red",  "colour"},
    {"in the next word",                             {"--colour", "red"},                       "red",  "colour"},
    {"cut short is not enough when it is ambiguous", {"--colo=red"},                            NULL,   "colour"},
    {"behind what is wrong",                         {"--nonsense", "x", "-Z", "--colour=red"}, "red",  "colour"},
    {"the last one holds",                           {"--colour=red", "--colour=blue"},         "blue", "colour"},
    {"without a value",                              {"-f", "--colour"},                        NULL,   "colour"},
    {"not behind --",                                {"--", "--colour=red"},                    NULL,   "colour"},
    {"a flag",                                       {"-f", "--flag"},                          "",     "flag"  },
    {"a flag before a word",                         {"--flag", "x"},                           "",     "flag"  },
    {"a flag by its letter is not seen",             {"-f"},                                    NULL,   "flag"  },
};

static void test_peek(void **state)
{
    const struct peek *row = *state;
    struct option_words words = {.words = row->words};
    struct fixture fixture;

    setup(&fixture);
    while (row->words[words.count] != NULL)
        words.count++;

    const char *value = option_peek(&fixture.run, &words, row->name);

    if (row->value == NULL)
        assert_null(value);
    else
        assert_string_equal(value, row->value);
    arena_release(&fixture.arena);
}

static void test_common_rows_have_a_base_of_their_own(void **state)
{
    static const char *const words[OPTION_WORDS_MAX] = {"--always-ok"};
    struct fixture fixture;

    (void)state;
    setup(&fixture);
    assert_true(parse(&fixture, words));
    assert_true(fixture.common.exit_ok);
    assert_false(fixture.config.flag);
    arena_release(&fixture.arena);
}

static void test_without_configuration_nothing_is_judged(void **state)
{
    static const char *const words[OPTION_WORDS_MAX] = {"--port=bad", "-fh", "--exit-ok"};
    struct fixture fixture;

    (void)state;
    setup(&fixture);
    fixture.run.configuration = NULL;
    fixture.run.common = NULL;
    assert_true(parse(&fixture, words));
    assert_int_equal(fixture.run.specials.count, 1);
    assert_int_equal(fixture.config.number, 0);
    arena_release(&fixture.arena);
}

static void test_later_words_win_over_an_ini_section(void **state)
{
    static const char *const ini_words[] = {"--port=25", "-v", "--text-list=a"};
    static const char *const origins[] = {"x.ini:2", "x.ini:3", "x.ini:4"};
    static const char *const words[OPTION_WORDS_MAX] = {"-p26", "-v", "--text-list=b"};
    struct option_words ini = {3, ini_words, origins};
    struct fixture fixture;
    char list[32];

    (void)state;
    setup(&fixture);
    assert_true(option_parse(&fixture.run, &ini));
    assert_true(parse(&fixture, words));
    assert_int_equal(fixture.config.number, 26);
    assert_int_equal(fixture.config.counter, 2);
    print_list(list, sizeof(list), &fixture.config.texts);
    assert_string_equal(list, "a,b");
    arena_release(&fixture.arena);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_good, goods);
    CASES_TABLE(&cases, test_special, specials);
    CASES_TABLE(&cases, test_peek, peeks);
    cases_add(&cases, "common rows have a base of their own",
              test_common_rows_have_a_base_of_their_own, NULL);
    cases_add(&cases, "without a configuration no value is judged",
              test_without_configuration_nothing_is_judged, NULL);
    cases_add(&cases, "later words win over an ini section",
              test_later_words_win_over_an_ini_section, NULL);
    return cases_run(&cases, "option");
}
