#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cases.h"
#include "plugin/extra_opts.h"

static const struct good {
    const char *label;
    struct slice content;
    const char *words; /* separated by newlines */
} goods[] = {
    {"key and value",                          CASES_SLICE("[check_x]\nport=25\n"),                        "--port=25"          },
    {"blanks around",                          CASES_SLICE("[check_x]\n \tport \t= \t25 \t\n"),            "--port=25"          },
    {"no newline at the end",                  CASES_SLICE("[check_x]\nport=25"),                          "--port=25"          },
    {"lines that end in CR LF",                CASES_SLICE("[check_x]\r\nport=25\r\n"),                    "--port=25"          },
    {"a key alone",                            CASES_SLICE("[check_x]\nexit-ok\n"),                        "--exit-ok"          },
    {"a key and = alone",                      CASES_SLICE("[check_x]\nexit-ok =\n"),                      "--exit-ok"          },
    {"a letter",                               CASES_SLICE("[check_x]\nw = 5\n"),                          "-w\n5"              },
    {"a letter alone",                         CASES_SLICE("[check_x]\nv\n"),                              "-v"                 },
    {"repeated keys",                          CASES_SLICE("[check_x]\nlist=a\nlist=b\n"),                 "--list=a\n--list=b" },
    {"an empty section",                       CASES_SLICE("[check_x]\n"),                                 ""                   },
    {"comments",                               CASES_SLICE("# one\n[check_x]\n;two\n  # three\na=1\n"),    "-a\n1"              },
    {"a comment is a whole line",              CASES_SLICE("[check_x]\nkey=a # b ; c\n"),                  "--key=a # b ; c"    },
    {"a comment may come before all sections", CASES_SLICE("\n ; x\n\n[check_x]\na=1\n"),                  "-a\n1"              },
    {"other sections",                         CASES_SLICE("[other]\nb=2\n[check_x]\na=1\n[more]\nc=3\n"), "-a\n1"              },
    {"other sections may hold anything",       CASES_SLICE("[o]\n= \"\n[check_x]\na=1\n"),                 "-a\n1"              },
    {"a section in two parts",                 CASES_SLICE("[check_x]\na=1\n[o]\nb=2\n[check_x]\nc=3\n"),
     "-a\n1\n-c\n3"                                                                                                             },
    {"blanks in the heading",                  CASES_SLICE(" [ check_x ] \na=1\n"),                        "-a\n1"              },
    {"= in the value",                         CASES_SLICE("[check_x]\nkey=a=b\n"),                        "--key=a=b"          },
    {"double quotes",                          CASES_SLICE("[check_x]\nkey=\" a \"\n"),                    "--key= a "          },
    {"single quotes",                          CASES_SLICE("[check_x]\nkey=' a \" '\n"),                   "--key= a \" "       },
    {"quotes around nothing",                  CASES_SLICE("[check_x]\nsender=\"\"\n"),                    "--sender="          },
    {"quotes around nothing for a letter",     CASES_SLICE("[check_x]\nf=\"\"\n"),                         "-f\n"               },
    {"quotes inside stay",                     CASES_SLICE("[check_x]\nkey=a\"b\"c\n"),                    "--key=a\"b\"c"      },
    {"a backslash is no escape",               CASES_SLICE("[check_x]\nkey=\"a\\\"\n"),                    "--key=a\\"          },
    {"a value in brackets",                    CASES_SLICE("[check_x]\nresolver=[::1]:53\n"),              "--resolver=[::1]:53"},
    {"one pair of quotes goes",                CASES_SLICE("[check_x]\nkey=\"'a'\"\n"),                    "--key='a'"          },
};

static void test_good(void **state)
{
    const struct good *row = *state;
    struct arena arena;
    struct option_words words;
    char message[EXTRA_OPTS_MESSAGE_SIZE];
    char joined[256] = "";
    size_t used = 0;

    arena_init(&arena);
    assert_true(extra_opts_parse(&arena, row->content, "x.ini", "check_x", &words, message));
    for (size_t i = 0; i < words.count; i++)
        used += (size_t)snprintf(joined + used, sizeof(joined) - used, "%s%s", i > 0 ? "\n" : "",
                                 words.words[i]);
    assert_string_equal(joined, row->words);
    arena_release(&arena);
}

static const struct bad {
    const char *label;
    struct slice content;
    const char *message;
} bads[] = {
    {"nothing",                       CASES_SLICE(""),                            "x!.ini: there is no section [check_x]"},
    {"another section only",          CASES_SLICE("[check_y]\na=1\n"),
     "x!.ini: there is no section [check_x]"                                                                             },
    {"names keep their case",         CASES_SLICE("[CHECK_X]\na=1\n"),
     "x!.ini: there is no section [check_x]"                                                                             },
    {"a longer name",                 CASES_SLICE("[check_xy]\na=1\n"),           "x!.ini: there is no section [check_x]"},
    {"an option before all sections", CASES_SLICE("\na=1\n[check_x]\n"),
     "x!.ini:2: expected a [section] before the first option"                                                            },
    {"a heading without its end",     CASES_SLICE("[check_x\na=1\n"),
     "x!.ini:1: expected ] at the end of a section's name"                                                               },
    {"an opening bracket alone",      CASES_SLICE("["),
     "x!.ini:1: expected ] at the end of a section's name"                                                               },
    {"a heading with a comment",      CASES_SLICE("[check_x] # hm\n"),
     "x!.ini:1: expected ] at the end of a section's name"                                                               },
    {"no key",                        CASES_SLICE("[check_x]\n=secret\n"),
     "x!.ini:2: expected NAME=VALUE or NAME, where NAME is an option without dashes"                                     },
    {"a key with a blank",            CASES_SLICE("[check_x]\n\nport 25\n"),
     "x!.ini:3: expected NAME=VALUE or NAME, where NAME is an option without dashes"                                     },
    {"a key with dashes",             CASES_SLICE("[check_x]\n--port=25\n"),
     "x!.ini:2: expected NAME=VALUE or NAME, where NAME is an option without dashes"                                     },
    {"a key that is no ASCII",        CASES_SLICE("[check_x]\np\xc3\xb6rt=25\n"),
     "x!.ini:2: expected NAME=VALUE or NAME, where NAME is an option without dashes"                                     },
    {"a quote that does not end",     CASES_SLICE("[check_x]\nkey=\"secret\n"),
     "x!.ini:2: expected a quote at the end of the value too"                                                            },
    {"a quote alone",                 CASES_SLICE("[check_x]\nkey='\n"),
     "x!.ini:2: expected a quote at the end of the value too"                                                            },
    {"text behind the quote",         CASES_SLICE("[check_x]\nkey='a' b\n"),
     "x!.ini:2: expected a quote at the end of the value too"                                                            },
    {"a NUL in the section",          CASES_SLICE("[check_x]\nkey=a\0b\n"),
     "x!.ini:2: expected text, got a NUL character"                                                                      },
    {"a NUL elsewhere",               CASES_SLICE("\0[check_x]\nkey=a\n"),
     "x!.ini:1: expected text, got a NUL character"                                                                      },
};

static void test_bad(void **state)
{
    const struct bad *row = *state;
    struct arena arena;
    struct option_words words;
    char message[EXTRA_OPTS_MESSAGE_SIZE];

    arena_init(&arena);
    assert_false(extra_opts_parse(&arena, row->content, "x|.ini", "check_x", &words, message));
    assert_string_equal(message, row->message);
    arena_release(&arena);
}

static void test_origins(void **state)
{
    struct arena arena;
    struct option_words words;
    char message[EXTRA_OPTS_MESSAGE_SIZE];

    (void)state;
    arena_init(&arena);
    assert_true(extra_opts_parse(&arena, slice_of("# c\n[s]\n\nw = 5\nport=1\n"), "/etc/x.ini", "s",
                                 &words, message));
    assert_int_equal(words.count, 3);
    assert_string_equal(words.origins[0], "/etc/x.ini:4");
    assert_string_equal(words.origins[1], "/etc/x.ini:4");
    assert_string_equal(words.origins[2], "/etc/x.ini:5");
    arena_release(&arena);
}

static void test_bound(void **state)
{
    struct arena arena;
    struct option_words words;
    struct text content;
    char message[EXTRA_OPTS_MESSAGE_SIZE];

    (void)state;
    arena_init(&arena);
    text_init(&content, EXTRA_OPTS_FILE_MAX);
    text_append(&content, "[s]\n");
    for (size_t i = 0; i < EXTRA_OPTS_WORDS_MAX; i++)
        text_append(&content, "v\n");
    assert_true(extra_opts_parse(&arena, text_slice(&content), "x", "s", &words, message));
    assert_int_equal(words.count, EXTRA_OPTS_WORDS_MAX);
    text_append(&content, "v\n");
    assert_false(extra_opts_parse(&arena, text_slice(&content), "x", "s", &words, message));
    assert_string_equal(message, "x:2002: expected fewer options in one section");
    text_release(&content);
    arena_release(&arena);
}

/* A folder of its own for the search of files. */
static char folder[] = "/tmp/test_extra_opts.XXXXXX";

static const char *path_of(struct arena *arena, const char *name)
{
    return arena_format(arena, "%s/%s", folder, name);
}

static void write_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_search(void **state)
{
    static const char *const names[] = {"nagios-plugins.ini", "plugins.ini",
                                        "monitoring-plugins.ini"};
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(unsetenv("MP_CONFIG_FILE"), 0);
    assert_int_equal(
        setenv("NAGIOS_CONFIG_PATH", arena_format(&arena, ":/nonexistent::%s", folder), 1), 0);
    /* Each is found before the one made before it. */
    for (size_t i = 0; i < 3; i++) {
        write_file(path_of(&arena, names[i]), "[check_x]\na=1\n");
        assert_string_equal(extra_opts_default_file(&arena), path_of(&arena, names[i]));
    }
    assert_int_equal(setenv("MP_CONFIG_FILE", "/nonexistent/x.ini", 1), 0);
    assert_string_equal(extra_opts_default_file(&arena), "/nonexistent/x.ini");
    assert_int_equal(setenv("MP_CONFIG_FILE", "", 1), 0);
    assert_string_equal(extra_opts_default_file(&arena), path_of(&arena, names[2]));
    arena_release(&arena);
}

static const struct locator {
    const char *label;
    const char *locator; /* the folder's file in place of FILE */
    const char *words;   /* or the end of the message */
    bool good;
} locators[] = {
    {"nothing: the program's section of the system's file", NULL,                  "--port=1",                                                        true },
    {"an empty one is the same",                            "",                    "--port=1",                                                        true },
    {"a section",                                           "other",               "--port=2",                                                        true },
    {"a file",                                              "@FILE",               "--port=3",                                                        true },
    {"a section and a file",                                "other@FILE",          "--port=4",                                                        true },
    {"a file whose name has an @",                          "other@FILE@2",        "--port=5",                                                        true },
    {"a section that is not there",                         "none@FILE",           "there is no section [none]",                                      false},
    {"a file that is not there",                            "@/nonexistent/x.ini",
     "option --extra-opts: cannot read /nonexistent/x.ini: No such file or directory",                                                                false},
    {"no file behind the @",                                "other@",
     "option --extra-opts: there is no monitoring-plugins.ini in any of its places; expected "
     "SECTION@FILE",                                                                                                                                  false},
    {"a folder",                                            "@/tmp",               "option --extra-opts: cannot read /tmp: it is not a regular file", false},
    {"a device",                                            "@/dev/zero",
     "option --extra-opts: cannot read /dev/zero: it is not a regular file",                                                                          false},
};

static const char *with_file(struct arena *arena, const char *locator)
{
    size_t at = locator != NULL ? slice_find_text(slice_of(locator), "FILE") : 0;

    if (locator == NULL || at == strlen(locator))
        return locator;
    return arena_format(arena, "%.*s%s%s", (int)at, locator, path_of(arena, "own.ini"),
                        locator + at + 4);
}

static void test_locator(void **state)
{
    const struct locator *row = *state;
    struct arena arena;
    struct option_words words;
    char message[EXTRA_OPTS_MESSAGE_SIZE] = "";

    arena_init(&arena);
    write_file(path_of(&arena, "monitoring-plugins.ini"), "[check_x]\nport=1\n[other]\nport=2\n");
    write_file(path_of(&arena, "own.ini"), "[check_x]\nport=3\n[other]\nport=4\n");
    write_file(path_of(&arena, "own.ini@2"), "[other]\nport=5\n");
    assert_int_equal(
        extra_opts_read(&arena, with_file(&arena, row->locator), "check_x", &words, message),
        row->good);
    if (row->good) {
        assert_int_equal(words.count, 1);
        assert_string_equal(words.words[0], row->words);
    } else {
        assert_true(strlen(message) >= strlen(row->words));
        assert_string_equal(message + strlen(message) - strlen(row->words), row->words);
    }
    arena_release(&arena);
}

static void test_too_large(void **state)
{
    struct arena arena;
    struct text content;
    struct option_words words;
    char message[EXTRA_OPTS_MESSAGE_SIZE];
    const char *path;

    (void)state;
    arena_init(&arena);
    path = path_of(&arena, "large.ini");
    text_init(&content, EXTRA_OPTS_FILE_MAX + 1);
    text_append(&content, "[check_x]\n#");
    text_append_repeat(&content, '#', EXTRA_OPTS_FILE_MAX - content.length);
    write_file(path, content.start);
    assert_true(
        extra_opts_read(&arena, arena_format(&arena, "@%s", path), "check_x", &words, message));
    text_append_char(&content, '#');
    write_file(path, content.start);
    assert_false(
        extra_opts_read(&arena, arena_format(&arena, "@%s", path), "check_x", &words, message));
    assert_string_equal(message, arena_format(&arena,
                                              "option --extra-opts: cannot read %s: it is "
                                              "too large",
                                              path));
    text_release(&content);
    arena_release(&arena);
}

static void test_clean_up(void **state)
{
    static const char *const names[] = {
        "nagios-plugins.ini", "plugins.ini", "monitoring-plugins.ini", "own.ini",
        "own.ini@2",          "large.ini"};
    struct arena arena;

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(unlink(path_of(&arena, names[i])), 0);
    assert_int_equal(rmdir(folder), 0);
    arena_release(&arena);
}

int main(void)
{
    struct cases cases = {0};

    CASES_TABLE(&cases, test_good, goods);
    CASES_TABLE(&cases, test_bad, bads);
    cases_add(&cases, "each word knows its file and line", test_origins, NULL);
    cases_add(&cases, "a section is bounded", test_bound, NULL);
    cases_add(&cases, "the system's file is searched in the order of the monitoring-plugins",
              test_search, NULL);
    CASES_TABLE(&cases, test_locator, locators);
    cases_add(&cases, "a file that is too large is refused", test_too_large, NULL);
    cases_add(&cases, "the files of the test can be removed", test_clean_up, NULL);
    return cases_run(&cases, "extra_opts");
}
