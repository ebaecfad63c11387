/*
 * The probes of an open relay check: the file form, and how their addresses are filled in.
 *
 * Pure: the caller reads the files. share/relay-probes.conf is the shipped one and says what its
 * columns are. A `#` begins a comment line. A file of the user's is read after it into the same
 * table: a probe with a known id takes the place of the earlier one.
 *
 * In a form, words in braces stand for what the options and the server's greeting give; see struct
 * relay_names. A form with a domain written out is refused, but for names of RFC 2606 and RFC 6761
 * (test, example, invalid, localhost): a probe must not be for a third party.
 */
#ifndef PLUGINS_RELAY_PROBE_H
#define PLUGINS_RELAY_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

enum relay_group {
    RELAY_GROUP_RELAY,   /* the rightmost domain is foreign */
    RELAY_GROUP_ROUTED,  /* looks local, would be routed on */
    RELAY_CONTROL_SINK,  /* C-A: does it accept what cannot exist? */
    RELAY_CONTROL_LOCAL, /* C-B: does it accept unknown names of its own domain? */
    RELAY_CONTROL_US,    /* C-C: are we welcome at all? */
};
bool relay_group_is_control(enum relay_group group);

enum relay_set {
    RELAY_SET_DECIDING, /* a server is not called closed before these are answered */
    RELAY_SET_DEFAULT,
    RELAY_SET_EXTENDED,
};

enum relay_kind {
    RELAY_KIND_MAIL, /* MAIL and RCPT */
    RELAY_KIND_XCLIENT,
    RELAY_KIND_XFORWARD,
};

struct relay_probe {
    const char *id;
    enum relay_group group;
    enum relay_set set;
    enum relay_kind kind;
    const char *ehlo;               /* form; NULL: our own name */
    const char *sender, *recipient; /* forms; "-" and the command for the other kinds */
};

/* Bounds of one file and of a table. */
#define RELAY_PROBE_TEXT_MAX (256 * 1024)
#define RELAY_PROBES_MAX 500
#define RELAY_ID_MAX 24
#define RELAY_FORM_MAX 256

/* The zero value is empty. */
struct relay_table {
    struct relay_probe *list;
    size_t count, capacity;
};

/* Reads a file into the table; what it holds lives in `arena`. False with "FILE:LINE: what is
 * wrong", not escaped. */
bool relay_probe_read(struct relay_table *table, struct arena *arena, struct slice text,
                      const char *file, char message[static 256]);

/* The place of an id, ignoring case; SIZE_MAX when there is none. */
size_t relay_probe_find(const struct relay_table *table, const char *id);

/* What forms are filled in with; NULL: not known. */
struct relay_names {
    const char *from;    /* {F}: an address */
    const char *to;      /* {T} */
    const char *local;   /* {L}: local part of `to` */
    const char *foreign; /* {X}: domain of `to` */
    const char *host;    /* {H}: the server's name */
    const char *domain;  /* {D}: a domain that it serves */
    const char *literal; /* {I}: "192.0.2.25", "IPv6:2001:db8::25" */
    const char *random;  /* {R} */
};

/* What stands behind the last "@" of a form, up to ">": "{D}". Empty: nothing does. */
struct slice relay_probe_right(const char *form);

/* NULL when a name of the form is not known. */
const char *relay_probe_fill(struct arena *arena, const char *form,
                             const struct relay_names *names);

#endif
