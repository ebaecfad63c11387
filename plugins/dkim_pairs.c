#include <sys/stat.h>

#include "dkim.h"

#define KEY_FILE_MAX ((size_t)64 * 1024)

static const char *trouble_of(enum dkim_private_error error)
{
    switch (error) {
    case DKIM_PRIVATE_FINE:
        return "";
    case DKIM_PRIVATE_ENCRYPTED:
        return "the key has a pass phrase";
    case DKIM_PRIVATE_UNREADABLE:
        return "the file holds no private key in PEM";
    case DKIM_PRIVATE_OTHER:
        return "the key is neither RSA nor Ed25519";
    }
    return "";
}

static void read_pair(struct arena *arena, struct dkim_target *target)
{
    struct slice text;
    struct stat status;
    char message[256];
    target->pair = DKIM_PAIR_UNREADABLE;
    if (!plugin_read_file(arena, target->key_file, false, KEY_FILE_MAX, &text, message)) {
        target->pair_trouble = arena_copy(arena, message);
        return;
    }
    target->is_open_to_others =
        stat(target->key_file, &status) == 0 && (status.st_mode & S_IROTH) != 0;
    enum dkim_private_error error = dkim_private_key_read(arena, text, &target->private_key);
    if (error == DKIM_PRIVATE_FINE)
        target->pair = DKIM_PAIR_READ;
    else
        target->pair_trouble = trouble_of(error);
}

void dkim_pairs_read(struct dkim_facts *facts)
{
    for (size_t i = 0; i < facts->target_count; i++) {
        if (facts->targets[i].key_file != NULL)
            read_pair(facts->arena, &facts->targets[i]);
    }
}
