/*
 * The statements of a script that stand for several records: soa, dnsbl, listed; and what they
 * share with the parser of the rest.
 */
#ifndef TESTS_FAKE_DNS_SCRIPT_LIST_H
#define TESTS_FAKE_DNS_SCRIPT_LIST_H

#include "script.h"

/* One line while it is read. */
struct script_line {
    struct script *script;
    const char *file;
    size_t number;
    char *message; /* SCRIPT_MESSAGE_SIZE */
    bool has_address;
    uint64_t listeners;
    struct bracket bracket;
};

/* Writes `file:line: ...` and returns false. */
bool script_fail(struct script_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Takes the first word; what remains has no blanks around it. */
struct slice script_word(struct slice *rest);

/* A statement that begins with a name. A NUL must follow it. */
bool script_parse_question(struct script_line *line, struct slice statement);

/* What follows the keyword. */
bool script_list_soa(struct script_line *line, struct slice rest);
bool script_list_dnsbl(struct script_line *line, struct slice rest);
bool script_list_listed(struct script_line *line, struct slice rest);

#endif
