/*
 * State files: what a check remembers from one run to the next.
 *
 * A small text file that the user named. Its first line says whose it is ("postmaster-plugins dnsbl
 * 1"); the rest is the plugin's. It is replaced in one step (output_replace()), so a killed run
 * leaves the old one. A damaged file of the check (its first line begins as ours does, or it
 * holds NUL alone, as a power failure leaves it) is set aside as NAME.corrupt and named in the
 * output. A file that never was the check's, of another check or of somebody else, is left as it
 * is. Neither is fatal, and neither is overwritten.
 */
#ifndef COMMON_PLUGIN_STATE_FILE_H
#define COMMON_PLUGIN_STATE_FILE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"

/* Most octets of a state file. */
#define STATE_FILE_MAX (16 * 1024 * 1024)

enum state_file_result {
    STATE_FILE_READ,
    STATE_FILE_ABSENT,     /* the first run: no file, or an empty one made for us */
    STATE_FILE_CORRUPT,    /* and set aside */
    STATE_FILE_UNREADABLE, /* no permission, a directory, a FIFO, not of this check, corrupt and
                              cannot be set aside: not to be written, either */
};

/* Reads the lines below the first one into *content. `kind` is "dnsbl 1". For other results than
 * READ and ABSENT `message` says what to know, escaped for output. */
enum state_file_result state_file_read(struct arena *arena, const char *path, const char *kind,
                                       struct slice *content, char message[static 256]);

/* The plugin could not understand the content of line `line`; 0: the file is empty, and the plugin
 * knows that it was not. Sets the file aside. False when that fails: then the file must not be
 * written. */
bool state_file_set_aside(const char *path, size_t line, char message[static 256]);

/* Replaces the file. False with a message. */
bool state_file_write(const char *path, const char *kind, struct slice content,
                      char message[static 256]);

/* The file of that name that is used when the user names none: in the folder
 * postmaster-plugins-UID below $MP_STATE_PATH, or below STATE_FILE_TOP, which is made when it isn't
 * there. NULL with a message when that folder is somebody else's or cannot be made. */
#define STATE_FILE_TOP "/var/tmp"
const char *state_file_default(struct arena *arena, const char *name, char message[static 256]);

/* Several runs that share a file read, change and write it one after the other: holds PATH.lock
 * until it is given back or the program ends. Waits for it until the deadline. The descriptor, or a
 * value of enum state_file_lock_failure, with a message. */
enum state_file_lock_failure {
    STATE_FILE_LOCK_BUSY = -1, /* another run holds it */
    STATE_FILE_LOCK_FAILED = -2,
};
int state_file_lock(const char *path, struct deadline deadline, char message[static 256]);
void state_file_unlock(int descriptor);

/* Runs that share a file, and do something with somebody (`name`) one after the other: a claim is
 * held until it is given back or the program ends, however it ends. Claims are locks in
 * PATH.claims: opens it; -1 when that cannot be, with which every claim is granted. */
int state_file_open_claims(const char *path);
/* False: another run has it. Does not wait. */
bool state_file_claim(int descriptor, const char *name);
void state_file_disclaim(int descriptor, const char *name);
/* Gives all back. */
void state_file_close_claims(int descriptor);

/* Appends the value as a field: octets that are no printable ASCII stand as \xHH, and are read so.
 * At most `most` characters, so that it comes out the same when it is read and written again. */
void state_file_print_text(struct text *text, struct slice value, size_t most);

#endif
