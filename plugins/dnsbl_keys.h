/*
 * The user's keys for lists that want one, held apart from everything that is printed.
 *
 * The key file has one `name = value` a line; `#` begins a comment line. The names are those of
 * `key-name` in the catalogue (spamhaus-dqs, abusix ...); several zones share one key.
 *
 *     # /etc/nagios/dnsbl-keys, mode 0640
 *     spamhaus-dqs = abcdefghijklmnopqrstuvwxyz
 *     validity = registered
 *
 * A value is a key that fits into one label (dnsbl_zone_is_key), or the word `registered` for lists
 * that know their users by the resolver's address: it lets them be asked and is no secret. No
 * message and no result but dnsbl_keys_find() ever holds a key.
 */
#ifndef PLUGINS_DNSBL_KEYS_H
#define PLUGINS_DNSBL_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

#define DNSBL_KEYS_MAX 100

struct dnsbl_key {
    const char *name;
    const char *value;
    bool is_secret; /* false for `registered` */
};

/* The zero value is empty. */
struct dnsbl_keys {
    struct dnsbl_key keys[DNSBL_KEYS_MAX];
    size_t count;
};

#define DNSBL_KEYS_MESSAGE_SIZE 512

/* Reads a key file into *keys; a name that is there already gets the new value. False with
 * "file:line: what is wrong". */
bool dnsbl_keys_read(struct dnsbl_keys *keys, struct arena *arena, struct slice text,
                     const char *file, char message[static DNSBL_KEYS_MESSAGE_SIZE]);

/* Adds or replaces one key. False when it is no key or there is no room. */
bool dnsbl_keys_add(struct dnsbl_keys *keys, struct arena *arena, struct slice name,
                    struct slice value);

/* The key of that name, or NULL. A NULL name has none. */
const char *dnsbl_keys_find(const struct dnsbl_keys *keys, const char *name);

/* The text with every key in it, in any case, replaced by "<KEY>": for reasons, names and errors
 * that came back from the network. Returns `text` itself when it holds none. */
struct slice dnsbl_keys_mask(const struct dnsbl_keys *keys, struct arena *arena, struct slice text);

#endif
