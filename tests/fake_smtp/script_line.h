/*
 * One line of a script while it is read, and what its statements and actions are.
 */
#ifndef TESTS_FAKE_SMTP_SCRIPT_LINE_H
#define TESTS_FAKE_SMTP_SCRIPT_LINE_H

#include "script.h"

struct script_place {
    uint64_t listeners;
    bool has_address;
    struct bracket bracket;
};

struct script_line {
    struct script *script;
    size_t number;
    char *message;
    struct script_place section; /* of the lines below */
    struct script_place place;   /* of this line */
    bool rule_is_open;           /* the last rule takes actions of indented lines */
    bool greeting_is_open;       /* and a line that begins with a digit: "220-" was the last */
};

/* Writes the message with its place; false, always. */
bool script_fail(struct script_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a rule of this line's place. */
struct rule *script_add_rule(struct script_line *line, enum step step, struct slice verb);

/* Reads an action and adds it to the rule. */
bool script_add_action(struct script_line *line, struct rule *rule, struct slice text);

/* Reads a setting; `text` begins with its word. */
bool script_add_setting(struct script_line *line, struct slice text);

#endif
