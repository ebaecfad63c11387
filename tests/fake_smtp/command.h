/*
 * What a client said: one line, read as a command. RFC 5321 4.1.1.
 */
#ifndef TESTS_FAKE_SMTP_COMMAND_H
#define TESTS_FAKE_SMTP_COMMAND_H

#include "step.h"

/* The slices point into the line. */
struct command {
    enum step step;
    struct slice verb;
    struct slice argument; /* all that follows, without the blanks around it */
    struct slice path;     /* of MAIL and RCPT, without its angle brackets; "<>" when it is empty */
    struct slice parameters; /* behind the path */
    bool has_path;           /* it stands where it must, in angle brackets or without */
    bool bare_path;          /* without angle brackets */
};

/* `line` without its end. Any octets. */
void command_parse(struct command *command, struct slice line);

#endif
