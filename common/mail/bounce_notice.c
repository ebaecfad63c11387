#include "mail/bounce_notice.h"

#include "mail/bounce_text.h"

/* The text without the backslashes before quotation marks and without line ends, which SNS's mail
 * puts anywhere: so an object within a string reads as the object. */
static struct slice flatten(struct arena *arena, struct slice text)
{
    char *copy = arena_array(arena, text.length + 1, 1);
    size_t length = 0;

    for (size_t i = 0; i < text.length; i++)
        if (text.start[i] != '\\' && text.start[i] != '\n')
            copy[length++] = text.start[i];
    return slice_new(copy, length);
}

/* The string value of a key, "key" : "value"; empty when there is none. */
static struct slice string_of(struct slice text, const char *key)
{
    size_t place = bounce_text_find(text, 0, key);
    struct slice rest = slice_sub(text, place, text.length);

    rest = slice_sub(rest, slice_find(rest, ':') + 1, rest.length);
    rest = slice_trim(slice_sub(rest, 0, 4096), " \t");
    if (rest.length == 0 || rest.start[0] != '"')
        return slice_of("");
    rest = slice_sub(rest, 1, rest.length);
    return slice_sub(rest, 0, slice_find(rest, '"'));
}

static void read_recipients(struct bounce_builder *builder, struct slice list)
{
    struct slice object;

    while (list.start != NULL && slice_split(&list, '}', &object)) {
        struct bounce_recipient *recipient =
            bounce_builder_add(builder, slice_trim(string_of(object, "\"emailAddress\""), " <>"));

        if (recipient == NULL)
            continue;
        bounce_builder_add_words(builder, recipient, string_of(object, "\"diagnosticCode\""));
        (void)bounce_status_parse(string_of(object, "\"status\""), &recipient->reply.status);
    }
}

/* The list of a key: what stands up to the bracket. */
static struct slice list_of(struct slice text, const char *key)
{
    size_t place = bounce_text_find(text, 0, key);
    struct slice rest = slice_sub(text, place, text.length);

    return slice_sub(rest, 0, slice_find(rest, ']'));
}

bool bounce_notice_read(struct bounce_builder *builder)
{
    static const struct {
        const char *type, *list;
        enum bounce_kind kind;
    } types[] = {
        {"Bounce",    "\"bouncedRecipients\"",    BOUNCE_KIND_FAILURE  },
        {"Complaint", "\"complainedRecipients\"", BOUNCE_KIND_COMPLAINT},
        {"Delivery",  "\"recipients\"",           BOUNCE_KIND_DELIVERED},
    };
    struct slice text = builder->source->text;

    if (!slice_starts_with(slice_trim(slice_sub(text, 0, 4096), " \t\n"), "{") ||
        !(bounce_text_has(text, "notificationType") || bounce_text_has(text, "eventType")))
        return false;
    text = flatten(builder->arena, text);
    struct slice type = string_of(text, "\"notificationType\"");
    if (type.length == 0)
        type = string_of(text, "\"eventType\"");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (!slice_equals_text(type, types[i].type))
            continue;
        builder->bounce->kind = types[i].kind;
        builder->bounce->format = "amazonses";
        read_recipients(builder, list_of(text, types[i].list));
        /* "OnAccountSuppressionList": there is no reply to quote then. */
        for (size_t k = 0; k < builder->bounce->count; k++)
            if (bounce_text_has(string_of(text, "\"bounceSubType\""), "suppress"))
                bounce_builder_add_words(builder, &builder->bounce->recipients[k],
                                         slice_of("on the suppression list"));
        return true;
    }
    return false;
}
