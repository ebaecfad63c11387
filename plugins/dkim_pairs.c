#include <sys/stat.h>
#include <unistd.h>

#include "dkim.h"
#include "mail/key_table.h"

#define KEY_FILE_MAX ((size_t)64 * 1024)

static const char *trouble_of(enum dkim_private_error error)
{
    switch (error) {
    case DKIM_PRIVATE_FINE:
        return "";
    case DKIM_PRIVATE_ENCRYPTED:
        return "the key has a pass phrase";
    case DKIM_PRIVATE_UNREADABLE:
        return "it holds no private key in PEM or base64";
    case DKIM_PRIVATE_OTHER:
        return "the key is neither RSA nor Ed25519";
    }
    return "";
}

static void take_key(struct arena *arena, struct dkim_target *target, struct slice text)
{
    enum dkim_private_error error = dkim_private_key_read(arena, text, &target->private_key);
    if (error == DKIM_PRIVATE_FINE)
        target->pair = DKIM_PAIR_READ;
    else
        target->pair_trouble = trouble_of(error);
}

/* opendkim.conf(5), KeyTable: what does not begin as a path may be the key itself. */
static void read_pair(struct arena *arena, struct dkim_target *target)
{
    struct slice text;
    struct stat status;
    char message[256];
    bool is_secret =
        key_table_may_be_secret(slice_of(target->key_file)) && access(target->key_file, F_OK) != 0;
    target->pair = DKIM_PAIR_UNREADABLE;
    target->pair_name = is_secret ? "the signer's table" : target->key_file;
    if (is_secret) {
        take_key(arena, target, slice_of(target->key_file));
        return;
    }
    if (!plugin_read_file(arena, target->key_file, false, KEY_FILE_MAX, &text, message)) {
        target->pair_trouble = arena_copy(arena, message);
        return;
    }
    target->is_open_to_others =
        stat(target->key_file, &status) == 0 && (status.st_mode & S_IROTH) != 0;
    take_key(arena, target, text);
}

void dkim_pairs_read(struct dkim_facts *facts)
{
    for (size_t i = 0; i < facts->target_count; i++) {
        if (facts->targets[i].key_file != NULL)
            read_pair(facts->arena, &facts->targets[i]);
    }
}
