#include "bounces_messages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "bounces_rotation.h"
#include "mail/bounce_format.h"
#include "mail/bounce_message.h"
#include "mail/bounce_mime.h"

static enum bounces_kind kind_of(enum bounce_kind kind)
{
    switch (kind) {
    case BOUNCE_KIND_FAILURE:
        return BOUNCES_BOUNCED;
    case BOUNCE_KIND_DELAYED:
        return BOUNCES_DEFERRED;
    case BOUNCE_KIND_DELIVERED:
        return BOUNCES_DELIVERED;
    case BOUNCE_KIND_COMPLAINT:
        return BOUNCES_COMPLAINT;
    case BOUNCE_KIND_AUTO_REPLY:
        return BOUNCES_AUTO_REPLY;
    case BOUNCE_KIND_CHALLENGE:
        return BOUNCES_CHALLENGE;
    case BOUNCE_KIND_BOGUS:
        return BOUNCES_BOGUS;
    case BOUNCE_KIND_NONE:
    default:
        return BOUNCES_NOT_BOUNCE;
    }
}

#define READ_SIZE 65536

/* So much of a line is kept: a field of a megabyte must not hide those behind it. */
#define LINE_KEPT ((size_t)64 * 1024)

void bounces_messages_begin(struct bounces_messages *messages)
{
    messages->length = messages->line = 0;
    messages->is_cut = false;
}

static void add_piece(struct bounces_messages *messages, const char *start, size_t length)
{
    size_t room = BOUNCE_MESSAGE_MAX - messages->length;
    size_t kept = length < room ? length : room;

    messages->is_cut = messages->is_cut || kept < length;
    if (kept > 0)
        memcpy(messages->buffer + messages->length, start, kept);
    messages->length += kept;
}

void bounces_messages_add(struct bounces_messages *messages, struct slice octets)
{
    while (octets.length > 0) {
        size_t newline = slice_find(octets, '\n');
        bool has_end = newline < octets.length;
        size_t left = messages->line < LINE_KEPT ? LINE_KEPT - messages->line : 0;

        add_piece(messages, octets.start, newline < left ? newline : left);
        messages->is_cut = messages->is_cut || newline > left;
        messages->line += newline;
        if (has_end) {
            add_piece(messages, "\n", 1);
            messages->line = 0;
        }
        octets = slice_sub(octets, newline + has_end, octets.length);
    }
}

bool bounces_messages_is_old(const struct bounces_messages *messages, int64_t when)
{
    const struct bounces_facts *facts = messages->facts;

    return facts->window > 0 && when < facts->now - facts->window;
}

void bounces_messages_take(struct bounces_messages *messages, const char *file, int64_t when)
{
    struct bounces_facts *facts = messages->facts;
    struct arena arena; /* of this message alone */
    struct bounce_message bounce;

    arena_init(&arena);
    bounce_message_read(messages->formats, &arena,
                        slice_skip_bom(slice_new(messages->buffer, messages->length)), &bounce);
    struct bounces_event event = {.kind = kind_of(bounce.kind), .when = when};
    /* What is kept of an event is its file alone, and only for --recipients. */
    event.file = facts->keeps_recipients ? arena_copy(facts->arena, file) : file;
    for (size_t i = 0; i < bounce.count; i++) {
        event.recipient = bounce.recipients[i].address;
        event.original_recipient = bounce.recipients[i].original;
        event.reply = bounce.recipients[i].reply;
        bounces_take(facts, &event);
    }
    event.recipient = event.original_recipient = slice_of("");
    event.reply = (struct bounce_reply){.text = slice_of(""), .host = slice_of("")};
    if (bounce.count == 0)
        bounces_take(facts, &event);
    messages->source->cut += messages->is_cut || bounce.has_more;
    messages->source->lines++;
    messages->source->octets += messages->length;
    arena_release(&arena);
}

/* ---- one message */

static void collect_message(struct bounces_messages *messages)
{
    struct bounces_source *source = messages->source;
    struct stat status;
    bool is_input = strcmp(source->name, "-") == 0;
    char message[256];

    if (is_input) {
        struct slice text;

        if (!plugin_read_file(messages->facts->arena, "-", true, BOUNCES_INPUT_MAX, &text,
                              message)) {
            source->status = BOUNCES_SOURCE_BROKEN;
            source->trouble = arena_copy(messages->facts->arena, message);
            return;
        }
        bounces_messages_begin(messages);
        bounces_messages_add(messages, text);
        bounces_messages_take(messages, source->name, messages->facts->now);
        return;
    }
    int descriptor = bounces_open_regular(source->name, &status);
    if (descriptor < 0) {
        bounces_messages_trouble(messages, errno);
        return;
    }
    if (bounces_messages_load(messages, descriptor))
        bounces_messages_take(messages, source->name, messages->facts->now);
    else
        bounces_messages_trouble(messages, errno);
    close(descriptor);
}

void bounces_messages_trouble(struct bounces_messages *messages, int error)
{
    struct bounces_source *source = messages->source;

    source->status = error == ENOENT                                     ? BOUNCES_SOURCE_MISSING
                     : error == EACCES || error == EPERM                 ? BOUNCES_SOURCE_FORBIDDEN
                     : error == 0 || error == ENOTDIR || error == EISDIR ? BOUNCES_SOURCE_NO_FILE
                                                                         : BOUNCES_SOURCE_BROKEN;
    source->trouble = error == 0 ? "it is not a regular file"
                                 : arena_copy(messages->facts->arena, strerror(error));
}

bool bounces_messages_load(struct bounces_messages *messages, int descriptor)
{
    char chunk[READ_SIZE];
    size_t total = 0;

    bounces_messages_begin(messages);
    while (messages->length < BOUNCE_MESSAGE_MAX && total < BOUNCES_INPUT_MAX) {
        ssize_t count = read(descriptor, chunk, sizeof chunk);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        if (count == 0)
            return true;
        bounces_messages_add(messages, slice_new(chunk, (size_t)count));
        total += (size_t)count;
    }
    struct stat status;
    if (fstat(descriptor, &status) == 0 && (uint64_t)status.st_size > total)
        messages->is_cut = true;
    return true;
}

/* ---- all */

void bounces_messages_keep_seen(struct bounces_facts *facts)
{
    const struct bounces_keys *before = &facts->memory.seen_before;
    size_t place = 0;
    uint64_t key;

    while (bounces_keys_next(before, &place, &key))
        (void)bounces_seen(facts, key);
}

static void collect_each(struct bounces_messages *messages, const struct option_list *names,
                         const char *noun, void (*collect)(struct bounces_messages *messages))
{
    struct bounces_facts *facts = messages->facts;

    for (size_t i = 0; i < names->count; i++) {
        messages->source = &facts->sources[facts->source_count++];
        messages->source->name = names->values[i];
        messages->source->is_known = true;
        messages->source->noun = noun;
        collect(messages);
        if (messages->source->left > 0)
            bounces_messages_keep_seen(facts);
    }
}

void bounces_messages_collect(const struct bounces_config *config, struct bounces_facts *facts,
                              struct deadline deadline)
{
    struct bounces_messages messages = {.config = config, .facts = facts, .deadline = deadline};

    if (config->maildirs.count + config->mailboxes.count + config->messages.count == 0)
        return;
    messages.formats = bounce_formats_new(facts->arena);
    messages.buffer = memory_new(BOUNCE_MESSAGE_MAX, 1);
    bounce_mime_open();
    collect_each(&messages, &config->maildirs, "Maildir", bounces_maildir_collect);
    collect_each(&messages, &config->mailboxes, "mbox", bounces_mbox_collect);
    collect_each(&messages, &config->messages, "file", collect_message);
    bounce_mime_close();
    free(messages.buffer);
}
