#include "mail/bounce_builder.h"

#include <string.h>

#include "mail/bounce_text.h"

/* Words that are kept of one recipient. */
#define WORDS_MAX 2000

struct bounce_recipient *bounce_builder_add(struct bounce_builder *builder, struct slice address)
{
    struct bounce_message *bounce = builder->bounce;

    if (!bounce_address_is(address) || bounce_address_is_pseudo(address))
        return NULL;
    for (size_t i = 0; i < bounce->count; i++)
        if (slice_equals_ignoring_case(bounce->recipients[i].address, address))
            return &bounce->recipients[i];
    if (bounce->count == BOUNCE_RECIPIENTS_MAX) {
        bounce->has_more = true;
        return NULL;
    }
    if (bounce->count == builder->capacity) {
        size_t capacity = builder->capacity == 0 ? 4 : builder->capacity * 4;
        struct bounce_recipient *grown = arena_array(builder->arena, capacity, sizeof *grown);

        if (bounce->count > 0)
            memcpy(grown, bounce->recipients, bounce->count * sizeof *grown);
        bounce->recipients = grown;
        builder->capacity = capacity;
    }
    struct bounce_recipient *recipient = &bounce->recipients[bounce->count++];
    *recipient = (struct bounce_recipient){.address = address};
    recipient->reply.text = slice_of("");
    recipient->reply.host = slice_of("");
    recipient->original = recipient->final = slice_of("");
    return recipient;
}

void bounce_builder_add_words(struct bounce_builder *builder, struct bounce_recipient *recipient,
                              struct slice words)
{
    struct slice known = recipient->reply.text;

    words = slice_sub(slice_trim(words, " \t\n"), 0, WORDS_MAX);
    if (words.length == 0)
        return;
    if (known.length == 0)
        recipient->reply.text = words;
    else if (known.start + known.length <= words.start && words.start - known.start < WORDS_MAX)
        /* Side by side in one text: the words between them do no harm. */
        recipient->reply.text =
            slice_new(known.start, (size_t)(words.start + words.length - known.start));
    else if (known.length < WORDS_MAX)
        recipient->reply.text = slice_of(
            arena_format(builder->arena, "%.*s %.*s", SLICE_PRINTF(known), SLICE_PRINTF(words)));
}

void bounce_builder_clear(struct bounce_builder *builder)
{
    builder->bounce->count = 0;
}
