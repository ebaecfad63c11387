#include "bounces_recent.h"

#include <string.h>

static void copy_name(struct slice name, char *copy, size_t most)
{
    bool fits = name.length <= most;
    for (size_t i = 0; i < name.length && fits; i++)
        fits = (unsigned char)name.start[i] >= ' ';
    if (fits && name.length > 0)
        memcpy(copy, name.start, name.length);
    copy[fits ? name.length : 0] = '\0';
}

void bounces_recent_note(struct bounces_recent *recent, uint64_t message, uint64_t recipient,
                         struct slice host, struct slice name)
{
    struct bounces_recent_entry *entry = &recent->entries[recent->count++ % BOUNCES_RECENT_MAX];
    entry->message = message;
    entry->recipient = recipient;
    copy_name(host, entry->host, BOUNCES_RECENT_HOST_MAX);
    copy_name(name, entry->name, BOUNCES_RECENT_NAME_MAX);
}

void bounces_recent_end(struct bounces_recent *recent, uint64_t recipient)
{
    for (size_t i = 0; recent != NULL && i < BOUNCES_RECENT_MAX; i++)
        if (recent->entries[i].recipient == recipient)
            recent->entries[i].message = 0;
}

const struct bounces_recent_entry *bounces_recent_take(struct bounces_recent *recent,
                                                       uint64_t message, size_t *back)
{
    while (recent != NULL && *back < BOUNCES_RECENT_MAX && *back < recent->count) {
        const struct bounces_recent_entry *entry =
            &recent->entries[(recent->count - ++*back) % BOUNCES_RECENT_MAX];
        if (entry->message != message)
            continue;
        bounces_recent_end(recent, entry->recipient);
        return entry;
    }
    return NULL;
}

const struct bounces_recent_entry *bounces_recent_next(const struct bounces_recent *recent,
                                                       size_t *place)
{
    size_t first = recent != NULL && recent->count > BOUNCES_RECENT_MAX
                       ? recent->count - BOUNCES_RECENT_MAX
                       : 0;
    while (recent != NULL && first + *place < recent->count) {
        const struct bounces_recent_entry *entry =
            &recent->entries[(first + (*place)++) % BOUNCES_RECENT_MAX];
        if (entry->message != 0)
            return entry;
    }
    return NULL;
}
