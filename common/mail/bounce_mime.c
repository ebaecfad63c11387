#include "mail/bounce_mime.h"

#include <gmime/gmime.h>
#include <string.h>

#include "mail/bounce_text.h"

void bounce_mime_open(void)
{
    g_mime_init();
}

void bounce_mime_close(void)
{
    g_mime_shutdown();
}

struct walk {
    struct arena *arena;
    struct bounce_source *source;
    size_t count;
};

static struct slice copy_text(struct walk *walk, const char *text, size_t length)
{
    if (length > BOUNCE_PART_TEXT_MAX)
        length = BOUNCE_PART_TEXT_MAX;
    return bounce_text_normalize(walk->arena,
                                 slice_new(arena_copy_bytes(walk->arena, text, length), length));
}

/* What a part holds, decoded; for text also converted. */
static struct slice content_of(struct walk *walk, GMimePart *part)
{
    struct slice text = slice_of("");

    if (GMIME_IS_TEXT_PART(part)) {
        char *decoded = g_mime_text_part_get_text(GMIME_TEXT_PART(part));

        if (decoded != NULL)
            text = copy_text(walk, decoded, strlen(decoded));
        g_free(decoded);
        return text;
    }
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    if (content == NULL)
        return text;
    GMimeStream *stream = g_mime_stream_mem_new();
    if (g_mime_data_wrapper_write_to_stream(content, stream) >= 0) {
        const GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));

        text = copy_text(walk, (const char *)bytes->data, bytes->len);
    }
    g_object_unref(stream);
    return text;
}

static void add_part(struct walk *walk, enum bounce_part_kind kind, bool is_inside,
                     struct slice text)
{
    if (walk->count < BOUNCE_PARTS_MAX)
        walk->source->parts[walk->count++] =
            (struct bounce_part){.kind = kind, .is_inside = is_inside, .text = text};
}

static struct slice type_of(struct walk *walk, GMimeObject *object)
{
    GMimeContentType *type = g_mime_object_get_content_type(object);
    char *text = type != NULL ? g_mime_content_type_get_mime_type(type) : NULL;
    struct slice copy = slice_of(arena_copy(walk->arena, text != NULL ? text : "text/plain"));

    g_free(text);
    return copy;
}

static void add_leaf(struct walk *walk, GMimePart *part, bool is_inside)
{
    struct slice type = type_of(walk, GMIME_OBJECT(part));
    enum bounce_part_kind kind = bounce_part_kind_of(type);
    const char *name = g_mime_part_get_filename(part);
    bool is_untyped = slice_equals_text_ignoring_case(type, "application/octet-stream");
    bool is_program =
        kind == BOUNCE_PART_OTHER && name != NULL &&
        bounce_part_is_program(slice_of(arena_format(walk->arena, "; name=%s", name)));
    bool is_read = kind != BOUNCE_PART_OTHER || (is_untyped && !is_program);

    if (walk->count == BOUNCE_PARTS_MAX)
        return;
    add_part(walk, kind, is_inside, is_read ? content_of(walk, part) : slice_of(""));
    walk->source->parts[walk->count - 1].is_untyped = is_untyped;
    walk->source->parts[walk->count - 1].is_program = is_program;
}

/* The header of a message within, and the beginning of its body. */
static struct slice returned_text(struct walk *walk, GMimeMessage *message)
{
    char *headers = g_mime_object_get_headers(GMIME_OBJECT(message), NULL);
    struct slice text = headers != NULL ? copy_text(walk, headers, strlen(headers)) : slice_of("");

    g_free(headers);
    return text;
}

/* Depth-first, with a stack of its own: the depth is the message's, so it is bounded here. */
static void walk_object(struct walk *walk, GMimeObject *top)
{
    struct {
        GMimeObject *object;
        unsigned depth;
        bool is_inside;
    } stack[BOUNCE_PARTS_MAX];
    size_t height = 0;

    stack[height].object = top;
    stack[height].depth = 0;
    stack[height++].is_inside = false;
    while (height > 0) {
        GMimeObject *object = stack[--height].object;
        unsigned depth = stack[height].depth + 1;
        bool is_inside = stack[height].is_inside;

        if (object == NULL || depth > BOUNCE_DEPTH_MAX)
            continue;
        if (GMIME_IS_MULTIPART(object)) {
            int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));

            for (int i = count; i-- > 0;) {
                if (height == BOUNCE_PARTS_MAX)
                    break;
                stack[height].object = g_mime_multipart_get_part(GMIME_MULTIPART(object), i);
                stack[height].depth = depth;
                stack[height++].is_inside = is_inside;
            }
        } else if (GMIME_IS_MESSAGE_PART(object)) {
            GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));

            if (message == NULL)
                continue;
            add_part(walk, BOUNCE_PART_RETURNED, is_inside, returned_text(walk, message));
            if (height < BOUNCE_PARTS_MAX) {
                stack[height].object = g_mime_message_get_mime_part(message);
                stack[height].depth = depth;
                stack[height++].is_inside = true;
            }
        } else if (GMIME_IS_PART(object)) {
            add_leaf(walk, GMIME_PART(object), is_inside);
        }
    }
}

bool bounce_mime_read(struct arena *arena, struct slice text, struct bounce_source *source)
{
    struct walk walk = {.arena = arena, .source = source};
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text.start, text.length);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);

    g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    if (message != NULL) {
        walk_object(&walk, g_mime_message_get_mime_part(message));
        g_object_unref(message);
    }
    g_object_unref(parser);
    g_object_unref(stream);
    if (walk.count == 0)
        return false;
    source->part_count = walk.count;
    return true;
}

struct slice bounce_mime_decode_field(struct arena *arena, struct slice value)
{
    if (!bounce_text_has(value, "=?"))
        return value;
    char *text = arena_copy_slice(arena, value);
    char *decoded = g_mime_utils_header_decode_text(NULL, text);
    struct slice copy = slice_of(arena_copy(arena, decoded != NULL ? decoded : text));

    g_free(decoded);
    return copy;
}
