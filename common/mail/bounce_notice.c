#include "mail/bounce_notice.h"

#include <jansson.h>
#include <string.h>

#include "mail/bounce_text.h"

#define NOTICE_MAX ((size_t)256 * 1024)

/* Without line ends, which SNS's mail puts anywhere, also within strings. What stands behind the
 * object is the mail's. */
static json_t *read_object(struct arena *arena, struct slice text)
{
    json_error_t error;
    char *copy = arena_array(arena, text.length + 1, 1);
    size_t length = 0;

    for (size_t i = 0; i < text.length && i < NOTICE_MAX; i++)
        if (text.start[i] != '\n')
            copy[length++] = text.start[i];
    return json_loadb(copy, length, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
}

static const char *string_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

/* The notice, which SNS wraps into a "Message" of its own. */
static json_t *read_notice(struct arena *arena, struct slice text)
{
    json_t *notice = read_object(arena, text);
    const char *message = string_of(notice, "Message");

    if (message[0] == '{') {
        json_t *inner = read_object(arena, slice_of(arena_copy(arena, message)));

        json_decref(notice);
        notice = inner;
    }
    return notice;
}

static void read_recipient(struct bounce_builder *builder, const json_t *entry, bool is_suppressed)
{
    const char *value =
        json_is_string(entry) ? json_string_value(entry) : string_of(entry, "emailAddress");
    struct slice text = slice_of(arena_copy(builder->arena, value));
    struct slice address;
    size_t offset = 0;

    if (!bounce_address_find(text, &offset, &address))
        return;
    struct bounce_recipient *recipient = bounce_builder_add(builder, address);
    if (recipient == NULL)
        return;
    bounce_builder_add_words(
        builder, recipient,
        slice_of(arena_copy(builder->arena, string_of(entry, "diagnosticCode"))));
    (void)bounce_status_parse(slice_of(string_of(entry, "status")), &recipient->reply.status);
    /* There is no reply to quote then. */
    if (is_suppressed)
        bounce_builder_add_words(builder, recipient, slice_of("on the suppression list"));
}

static bool read_event(struct bounce_builder *builder, const json_t *notice)
{
    static const struct {
        const char *type, *object, *list;
        enum bounce_kind kind;
    } types[] = {
        {"Bounce",        "bounce",        "bouncedRecipients",    BOUNCE_KIND_FAILURE  },
        {"DeliveryDelay", "deliveryDelay", "delayedRecipients",    BOUNCE_KIND_DELAYED  },
        {"Complaint",     "complaint",     "complainedRecipients", BOUNCE_KIND_COMPLAINT},
        {"Delivery",      "delivery",      "recipients",           BOUNCE_KIND_DELIVERED},
    };
    const char *type = string_of(notice, "notificationType");

    if (type[0] == '\0')
        type = string_of(notice, "eventType");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(type, types[i].type) != 0)
            continue;
        const json_t *event = json_object_get(notice, types[i].object);
        struct slice subtype = slice_of(string_of(event, "bounceSubType"));
        const json_t *list = json_object_get(event, types[i].list);

        builder->bounce->kind = types[i].kind;
        builder->bounce->format = "amazonses";
        for (size_t k = 0; k < json_array_size(list); k++)
            read_recipient(builder, json_array_get(list, k), bounce_text_has(subtype, "suppress"));
        return true;
    }
    return false;
}

bool bounce_notice_read(struct bounce_builder *builder)
{
    struct slice text = slice_sub(builder->source->text, 0, NOTICE_MAX);

    if (!slice_starts_with(slice_trim(slice_sub(text, 0, 4096), " \t\n"), "{") ||
        !(bounce_text_has(text, "notificationType") || bounce_text_has(text, "eventType")))
        return false;
    json_t *notice = read_notice(builder->arena, text);
    bool is_read = read_event(builder, notice);
    json_decref(notice);
    return is_read;
}
