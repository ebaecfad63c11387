/*
 * What check_open_relay remembers from one run to the next: when it connected, so that many runs
 * together stay below the limits of the server, and what was answered, so that a run need not ask
 * all of it again. Pure, but for relay_memory_path.
 *
 * Lines of the state file, fields separated by one tab:
 *
 *     connected  TARGET  TIME
 *     asked      DOMAIN  FROM  TO  VIEW            what the lines below are about
 *     named      TARGET  NAME                      the server's name in its greeting
 *     answer     TARGET  clear|tls  ID  FORM  TIME  MEANING  VERB  CODE  STATUS  TEXT
 *
 * VIEW is who we are to the server, by the options; FORM tells the words of a probe from others of
 * the same ID. An answer counts for the same question, by the same client, alone.
 */
#ifndef PLUGINS_RELAY_MEMORY_H
#define PLUGINS_RELAY_MEMORY_H

#include "base/text.h"
#include "relay_plan.h"

#define RELAY_MEMORY_KIND "relay 1"
#define RELAY_MEMORY_TEXT_MAX 200

/* What the answers are about. `view` is printable ASCII without a tab, at most
 * RELAY_MEMORY_TEXT_MAX octets. */
struct relay_memory_subject {
    const char *domain, *from, *to, *view;
};

/* Reads what is about `target` into its plan. Returns 0, or the number of the first line that
 * cannot be read; then nothing is believed. */
size_t relay_memory_read(struct slice lines, struct arena *arena,
                         const struct relay_memory_subject *subject, const char *target,
                         int64_t now, struct relay_plan *plan);

/* Appends the lines of other subjects, and about other targets than these: what may still count.
 */
void relay_memory_keep_others(struct slice lines, const struct relay_memory_subject *subject,
                              const char *const *targets, size_t count, int64_t now,
                              struct text *text);

/* The head, and for each target its lines. */
void relay_memory_print_subject(const struct relay_memory_subject *subject, struct text *text);
void relay_memory_print(const struct relay_plan *plan, const char *target, int64_t now,
                        struct text *text);

/* The file that is used when none is named, see plugin/state_file.h: its name is made of `host`,
 * the port and `domain`. NULL with a message. */
const char *relay_memory_path(struct arena *arena, const char *host, unsigned port,
                              const char *domain, char message[static 256]);

#endif
