/*
 * The option table: one row is the command line, the help, the man page, the shell completion and
 * the engine definitions of one option.
 *
 * A plugin keeps a struct of its configuration, initialised with the defaults and const after
 * parsing. A row says where in that struct the value goes and what values are good; parsing checks
 * it there and then.
 */
#ifndef COMMON_PLUGIN_OPTION_H
#define COMMON_PLUGIN_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

enum option_kind {
    OPTION_FLAG,    /* bool */
    OPTION_COUNTER, /* int, one more for each mention (-vvv) */
    OPTION_TEXT, /* const char *: any printable text; CR, LF, NUL and other controls are refused */
    OPTION_WORD, /* const char *: one of `words` */
    OPTION_NUMBER,   /* long, minimum to maximum, decimal digits only */
    OPTION_SECONDS,  /* double, minimum to maximum, fractions allowed */
    OPTION_RANGE,    /* struct range (report/threshold.h) */
    OPTION_DOMAIN,   /* const char *: normalised, IDN as A-labels, see mail/given_name.h */
    OPTION_ADDRESS,  /* struct ip_address; ::ffff:192.0.2.1 is 192.0.2.1 */
    OPTION_FILE,     /* const char *: a path, "-" where the help says so */
    OPTION_STATE,    /* enum state */
    OPTION_SPECIAL,  /* no value of its own: handled by the plugin floor (--help, --severity,
                        --explain); with `words` only these are good */
    OPTION_ENDPOINT, /* const char *: "ADDR", "ADDR:PORT" or "[v6]:PORT", see mail/endpoint.h */
};

/* A repeated option collects into this; the zero value is empty. */
struct option_list {
    const char **values;
    size_t count;
};

enum option_traits {
    OPTION_ONCE = 0,
    /* The member is a struct option_list (TEXT, WORD, DOMAIN, ADDRESS, ENDPOINT, FILE). */
    OPTION_REPEAT = 1 << 0,
    /* --name, --name=VALUE, or --name VALUE where VALUE has no leading dash. A TEXT that is left
     * out is "", which its row must allow (OPTION_EMPTY). */
    OPTION_OPTIONAL_VALUE = 1 << 1,
    /* Never shown, not even in errors; in no engine's definition. */
    OPTION_SECRET = 1 << 2,
    /* Belongs to every plugin: in the common section of help and man. Its `offset` counts from the
     * plugin floor's own configuration. */
    OPTION_COMMON = 1 << 3,
    /* The monitored host's address is its natural value ($address$, $HOSTADDRESS$). */
    OPTION_HOST = 1 << 4,
    /* A usage error when it stands neither on the command line nor in an ini section. */
    OPTION_REQUIRED = 1 << 5,
    /* TEXT: "" is a good value. Else it is refused: an engine gives it for an unset macro. */
    OPTION_EMPTY = 1 << 6,
    /* RANGE: a bare whole number N means "N or more", where the grammar's N means "above N". */
    OPTION_AT_LEAST = 1 << 7,
    /* Another spelling of an option: taken, shown nowhere, never cut short. */
    OPTION_HIDDEN = 1 << 8,
    /* Not in an ini section (--help, --extra-opts). */
    OPTION_COMMAND_LINE = 1 << 9,
    /* For people and scripts; in no engine's definition (--help, --output-file). */
    OPTION_TERMINAL = 1 << 10,
    /* TEXT: control characters and what is no UTF-8 are good values, too: the plugin judges them.
     */
    OPTION_RAW = 1 << 11,
    /* FLAG: makes the member false. It takes back another flag of the same member: the later word
     * wins, and the command line over an ini section. */
    OPTION_CLEARS = 1 << 12,
    /* With OPTION_REPEAT: a word that is no option is a value of this row, too ("mailcheck
     * example.org"). At most one row of a table. */
    OPTION_OPERANDS = 1 << 13,
    /* Says what is checked in place of the OPTION_HOST: an engine that sets it must not give the
     * monitored host's address, too. */
    OPTION_SUBJECT = 1 << 14,
    /* Says what is checked where there is no host: a template of Zabbix asks for its value, as for
     * that of OPTION_HOST and OPTION_REQUIRED. */
    OPTION_TEMPLATE = 1 << 15,
    /* DOMAIN: an address literal, as a server may greet with ("[192.0.2.1]"), is taken, too. */
    OPTION_LITERAL = 1 << 16,
};

struct option_definition {
    const char *name; /* long name without dashes: every option has one */
    char letter;      /* or 0 */
    enum option_kind kind;
    unsigned traits;
    const char *argument;     /* placeholder in the help: "DOMAIN"; NULL for flags */
    const char *help;         /* sentences; the default is added from `default_text` */
    const char *default_text; /* "10", "the system's resolvers"; NULL when there is none */
    const char *unit;         /* "seconds", "listings"; NULL */
    size_t offset;            /* into the configuration */
    double minimum, maximum;  /* NUMBER, SECONDS */
    const char *const *words; /* WORD: NULL-terminated; also the completions */
    const char *group; /* heading in help and man page; NULL continues the group of the row above */
};

/* A usage error in the words of the contract: the option, the value and what was expected. */
struct option_error {
    bool is_set;
    char message[512]; /* already escaped for output */
};

/* One option with its value; OPTION_SPECIAL ones are kept so, in the order of appearance. */
struct option_use {
    const struct option_definition *definition;
    const char *value;  /* NULL when none was given */
    const char *origin; /* "FILE:LINE" of an ini section; NULL for the command line */
};

struct option_specials {
    struct option_use *uses; /* in the arena */
    size_t count;
};

/* argv without the program's name, or the lines of an ini section turned into words. */
struct option_words {
    size_t count;
    const char *const *words;
    const char *const *origins; /* "FILE:LINE" of each word; NULL for the command line */
};

/* What option_parse works on: init the first five members, the rest is zero. */
struct option_run {
    const struct option_definition *table;
    size_t count;
    struct arena *arena;
    void *configuration; /* NULL: nothing is stored and no value is checked; `specials` are still
                            collected */
    void *common;        /* for rows with OPTION_COMMON */
    bool *given;         /* per row, set by option_parse over all its calls */
    struct option_specials specials;
    struct option_error error;
};

#define OPTION_TEXT_MAX 4096 /* octets of one value */

/*
 * Parses words into the configuration.
 *
 *     --name value    --name=value    --na value (an unambiguous start)    -w 5    -w5    -4v    --
 *
 * A value in a word of its own is neither "--" nor an option with two dashes, which would be
 * swallowed: such a value is written --name=--value. Any word that is no option is an error, unless
 * a row has OPTION_OPERANDS. An option given twice that is not OPTION_REPEAT: the last one holds
 * (so the command line wins over an ini section parsed before it); OPTION_REPEAT and OPTION_COUNTER
 * add up. False with run->error at the first thing that is wrong.
 */
bool option_parse(struct option_run *run, const struct option_words *words);

/* After the last option_parse: false with run->error when an OPTION_REQUIRED row was not given. */
bool option_require(struct option_run *run);

/* Sets run->error to "option --name: expected WHAT, got VALUE" for a value that the parser could
 * not judge. */
bool option_refuse(struct option_run *run, const struct option_use *use, const char *expected);

/* The value of a long option in words that need not be good, wherever it stands; NULL when it is
 * not seen, "" for a flag that is. For the output format of a usage error. */
const char *option_peek(const struct option_run *run, const struct option_words *words,
                        const char *name);

#endif
