/*
 * The wordings of mail systems that send no report, or none that can be read.
 *
 * A row is a phrase that opens the part of the text where the recipients stand. All phrases of all
 * rows are found in one pass; the rows are then asked in their order, and the first that finds
 * recipients tells the format. So a particular wording stands before a general one. A phrase is
 * written in lower case with single blanks; in the text any white space, a line end too, is one.
 *
 * Recipients behind a phrase are written in a few ways, which are the same everywhere: an address
 * alone in its line, or at its start with a colon or with words behind; an address behind a label;
 * an address in the sentence of the phrase. The rows of a table with several sources are in
 * bounce_format_servers.c (MTAs), _providers.c (mailbox providers and sending services),
 * _gateways.c (filters and groupware) and _general.c (what many say).
 */
#ifndef COMMON_MAIL_BOUNCE_FORMAT_H
#define COMMON_MAIL_BOUNCE_FORMAT_H

#include "mail/bounce_automaton.h"
#include "mail/bounce_builder.h"

enum bounce_format_flag {
    BOUNCE_FORMAT_HINT = 1,      /* too general: something else has to look like a bounce, too */
    BOUNCE_FORMAT_SENTENCE = 2,  /* the address stands in the sentence that the phrase begins */
    BOUNCE_FORMAT_BEFORE = 4,    /* the address stands before the phrase, in its line */
    BOUNCE_FORMAT_ADDRESSEE = 8, /* where no address is given, it is the one that was written to */
    BOUNCE_FORMAT_PEOPLE = 32, /* names of people, whose addresses stand in the words about them */
    BOUNCE_FORMAT_LOCAL = 16, /* names without a domain, which is the one that the bounce is from */
};

struct bounce_format {
    const char *name;
    const char *phrase;
    enum bounce_kind kind; /* FAILURE, DELAYED or DELIVERED */
    unsigned flags;
};

struct bounce_format_table {
    const struct bounce_format *rows;
    size_t count;
};

struct bounce_format_table bounce_format_servers(void);
struct bounce_format_table bounce_format_providers(void);
struct bounce_format_table bounce_format_gateways(void);
struct bounce_format_table bounce_format_general(void);

struct bounce_formats;

struct bounce_formats *bounce_formats_new(struct arena *arena);

/* Reads the text (and where it holds none, the HTML) of a message. True: the kind is told, and the
 * recipients that are named are added. False: it is none of the formats. */
bool bounce_formats_read(const struct bounce_formats *formats, struct bounce_builder *builder);

/* Whether it looks like a bounce before its text is read: who sent it, and under what subject. */
bool bounce_format_has_hint(const struct bounce_source *source);
/* The same, and also where the subject is one that shops and people write, too. */
bool bounce_format_is_alike(const struct bounce_source *source);
/* The subject alone. */
bool bounce_format_has_subject(const struct bounce_source *source);

/* Adds the recipients that a report left out; kind and format stay. */
void bounce_formats_add(const struct bounce_formats *formats, struct bounce_builder *builder);

#endif
