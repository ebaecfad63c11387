/*
 * Recipients and reasons in the lines of a bounce that is written for people.
 */
#ifndef COMMON_MAIL_BOUNCE_LINES_H
#define COMMON_MAIL_BOUNCE_LINES_H

#include "mail/bounce_builder.h"

/* The part of a text behind the phrase of a format. */
struct bounce_section {
    struct slice text;   /* from behind the phrase to the returned message */
    struct slice before; /* the text before the phrase */
    struct slice whole;
    size_t line_start; /* of the phrase in `whole` */
    unsigned flags;    /* enum bounce_format_flag */
    bool is_likely;    /* something else tells of a bounce, too */
};

/* Adds the recipients that the section names, with the words about each. */
void bounce_lines_read(struct bounce_builder *builder, const struct bounce_section *section);

/* The last resort, for a text of no known wording that something else marks as a bounce: addresses
 * that stand as recipients do, with a refusal in their own or the next three lines; else the only
 * address of the text, with such a refusal. */
void bounce_lines_read_near_codes(struct bounce_builder *builder, struct slice text);

/* The only address of the text, whatever stands beside it. */
void bounce_lines_read_only_address(struct bounce_builder *builder, struct slice text);

#endif
