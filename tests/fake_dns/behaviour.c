#include "behaviour.h"

#include <stdio.h>

#define DELAY_MAX 3600000
#define COUNT_MAX 1000000000
#define OCTETS_MAX 65535

struct behaviour_word {
    const char *name;
    enum behaviour_flag flag;
};

static const struct behaviour_word flag_words[] = {
    {"silent",         BEHAVIOUR_SILENT        },
    {"truncate",       BEHAVIOUR_TRUNCATE      },
    {"garbage",        BEHAVIOUR_GARBAGE       },
    {"header-only",    BEHAVIOUR_HEADER_ONLY   },
    {"wrong-id",       BEHAVIOUR_WRONG_ID      },
    {"wrong-question", BEHAVIOUR_WRONG_QUESTION},
    {"wrong-source",   BEHAVIOUR_WRONG_SOURCE  },
    {"ad",             BEHAVIOUR_AD            },
    {"aa",             BEHAVIOUR_AA            },
    {"no-ra",          BEHAVIOUR_NO_RA         },
    {"duplicate",      BEHAVIOUR_DUPLICATE     },
    {"no-opt",         BEHAVIOUR_NO_OPT        },
    {"no-soa",         BEHAVIOUR_NO_SOA        },
};

struct condition_word {
    const char *name;
    enum condition_flag flag;
    bool set;
};

static const struct condition_word condition_words[] = {
    {"cd",   CONDITION_CD,   true },
    {"rd",   CONDITION_RD,   true },
    {"do",   CONDITION_DO,   true },
    {"edns", CONDITION_EDNS, true },
    {"tcp",  CONDITION_TCP,  true },
    {"udp",  CONDITION_TCP,  false},
};

static const char *const tcp_words[] = {
    [BEHAVIOUR_TCP_ANSWER] = "answer", [BEHAVIOUR_TCP_REFUSED] = "refused",
    [BEHAVIOUR_TCP_CLOSED] = "closed", [BEHAVIOUR_TCP_RESET] = "reset",
    [BEHAVIOUR_TCP_SILENT] = "silent", [BEHAVIOUR_TCP_CUT] = "cut",
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void decide(struct behaviour *behaviour, enum behaviour_flag flag, bool set)
{
    behaviour->known |= (unsigned)flag;
    if (set)
        behaviour->set |= (unsigned)flag;
    else
        behaviour->set &= ~(unsigned)flag;
}

static bool parse_flag(struct bracket *bracket, struct slice word, bool set)
{
    for (size_t i = 0; i < COUNT_OF(flag_words); i++) {
        if (slice_equals_text(word, flag_words[i].name)) {
            decide(&bracket->behaviour, flag_words[i].flag, set);
            return true;
        }
    }
    for (size_t i = 0; i < COUNT_OF(condition_words); i++) {
        if (slice_equals_text(word, condition_words[i].name)) {
            bracket->condition.known |= (unsigned)condition_words[i].flag;
            if (condition_words[i].set == set)
                bracket->condition.set |= (unsigned)condition_words[i].flag;
            else
                bracket->condition.set &= ~(unsigned)condition_words[i].flag;
            return true;
        }
    }
    if (set && slice_equals_text(word, "also")) {
        bracket->also = true;
        return true;
    }
    if (set && slice_equals_text(word, "each")) {
        bracket->condition.each = true;
        return true;
    }
    return false;
}

static bool parse_number(struct slice value, uint64_t least, uint64_t most, uint32_t *number)
{
    uint64_t read = 0;

    if (!slice_to_number(value, most, &read) || read < least)
        return false;
    *number = (uint32_t)read;
    return true;
}

static bool parse_tcp(struct behaviour *behaviour, struct slice value)
{
    for (size_t i = 0; i < COUNT_OF(tcp_words); i++) {
        if (slice_equals_text(value, tcp_words[i])) {
            behaviour->tcp = (enum behaviour_tcp)i;
            decide(behaviour, BEHAVIOUR_TCP, true);
            return true;
        }
    }
    return false;
}

/* False for an unknown key as for a bad value: the message shows the word. */
static bool parse_value(struct bracket *bracket, struct slice key, struct slice value)
{
    struct behaviour *behaviour = &bracket->behaviour;
    struct condition *condition = &bracket->condition;

    if (slice_equals_text(key, "delay")) {
        decide(behaviour, BEHAVIOUR_DELAY, true);
        return parse_number(value, 0, DELAY_MAX, &behaviour->delay);
    }
    if (slice_equals_text(key, "lose")) {
        decide(behaviour, BEHAVIOUR_LOSE, true);
        return parse_number(value, 0, COUNT_MAX, &behaviour->lose);
    }
    if (slice_equals_text(key, "cut")) {
        decide(behaviour, BEHAVIOUR_CUT, true);
        return parse_number(value, 0, OCTETS_MAX, &behaviour->cut);
    }
    if (slice_equals_text(key, "tcp"))
        return parse_tcp(behaviour, value);
    if (slice_equals_text(key, "first"))
        return parse_number(value, 1, COUNT_MAX, &condition->first);
    if (slice_equals_text(key, "after"))
        return parse_number(value, 1, COUNT_MAX, &condition->after);
    return false;
}

static bool parse_word(struct bracket *bracket, struct slice word)
{
    size_t equals = slice_find(word, '=');
    bool set = !slice_starts_with(word, "!");

    if (equals < word.length)
        return parse_value(bracket, slice_sub(word, 0, equals),
                           slice_sub(word, equals + 1, word.length));
    return parse_flag(bracket, set ? word : slice_sub(word, 1, word.length), set);
}

bool bracket_parse(struct bracket *bracket, struct slice words, char message[static 128])
{
    struct slice word;

    *bracket = (struct bracket){0};
    while (slice_split(&words, ' ', &word)) {
        word = slice_trim(word, "\t");
        if (word.length > 0 && !parse_word(bracket, word)) {
            snprintf(message, 128, "unknown or bad option \"%.*s\"",
                     (int)(word.length < 64 ? word.length : 64), word.start);
            return false;
        }
    }
    if (bracket->condition.each && bracket->condition.first == 0 && bracket->condition.after == 0) {
        snprintf(message, 128, "\"each\" goes with first=N or after=N");
        return false;
    }
    return true;
}

void behaviour_complete(struct behaviour *behaviour, const struct behaviour *weaker)
{
    unsigned open = weaker->known & ~behaviour->known;

    behaviour->known |= open;
    behaviour->set |= weaker->set & open;
    if ((open & BEHAVIOUR_DELAY) != 0)
        behaviour->delay = weaker->delay;
    if ((open & BEHAVIOUR_LOSE) != 0)
        behaviour->lose = weaker->lose;
    if ((open & BEHAVIOUR_CUT) != 0)
        behaviour->cut = weaker->cut;
    if ((open & BEHAVIOUR_TCP) != 0)
        behaviour->tcp = weaker->tcp;
}

bool condition_is_set(const struct condition *condition)
{
    return condition->known != 0 || condition->first > 0 || condition->after > 0;
}

bool condition_equals(const struct condition *a, const struct condition *b)
{
    return a->known == b->known && a->set == b->set && a->first == b->first &&
           a->after == b->after && a->each == b->each;
}

bool condition_fits(const struct condition *condition, const struct query *query, bool tcp)
{
    unsigned actual = 0;

    if ((query->flags & DNS_FLAG_CD) != 0)
        actual |= CONDITION_CD;
    if ((query->flags & DNS_FLAG_RD) != 0)
        actual |= CONDITION_RD;
    if (query->dnssec_ok)
        actual |= CONDITION_DO;
    if (query->has_edns)
        actual |= CONDITION_EDNS;
    if (tcp)
        actual |= CONDITION_TCP;
    return ((actual ^ condition->set) & condition->known) == 0;
}

bool condition_counts(const struct condition *condition, uint32_t count)
{
    return (condition->first == 0 || count <= condition->first) && count > condition->after;
}
