/* A message, fed at once and octet by octet: both ways must give the same canonical forms. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/canonical.h"
#include "mail/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void collect(void *context, const char *octets, size_t length)
{
    text_append_slice(context, slice_new(octets, length));
}

static void print_header(const struct message *message, enum canonical_form form, size_t step,
                         struct text *out)
{
    for (size_t i = 0; i < message->count; i++) {
        struct slice raw = message->fields[i].raw;
        struct canonical_header header;
        canonical_header_init(&header, form, (struct canonical_sink){collect, out});
        for (size_t at = 0; at < raw.length; at += step)
            canonical_header_feed(&header, slice_sub(raw, at, step));
        canonical_header_end(&header);
        text_append(out, "\r\n");
    }
}

static void print(struct slice input, size_t step, struct text *out)
{
    static struct canonical_body bodies[2];
    struct message message;
    message_init(&message, 1 << 16);
    for (int form = 0; form < 2; form++)
        canonical_body_init(&bodies[form], (enum canonical_form)form,
                            (struct canonical_sink){collect, out});
    for (size_t at = 0; at < input.length; at += step) {
        struct slice piece = slice_sub(input, at, step);
        size_t taken = message_feed(&message, piece.start, piece.length);
        for (int form = 0; form < 2; form++)
            canonical_body_feed(&bodies[form], piece.start + taken, piece.length - taken);
    }
    message_end(&message);
    for (int form = 0; form < 2; form++) {
        canonical_body_end(&bodies[form]);
        print_header(&message, (enum canonical_form)form, step, out);
    }
    message_release(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = slice_new((const char *)data, size);
    struct text whole, pieces;
    if (size > 4000)
        return 0;
    text_init(&whole, 1 << 18);
    text_init(&pieces, 1 << 18);
    print(input, size + 1, &whole);
    print(input, 1, &pieces);
    if (!slice_equals(text_slice(&whole), text_slice(&pieces)))
        abort();
    text_release(&whole);
    text_release(&pieces);
    return 0;
}
