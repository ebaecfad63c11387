#include "mail/mailbox.h"

#include <string.h>

#include "mail/idn.h"

/* Comments may nest; deeper ones than this are taken as they are. */
enum {
    DEPTH_MAX = 32,
};

/* One entry of the list, under way. */
struct entry {
    size_t start, end; /* of the words outside of comments, or of what stands in angle brackets */
    bool has_words;
    bool has_angle;
};

/* ctext, ccontent: the offset behind the comment that starts at `at`. */
static size_t skip_comment(struct slice text, size_t at)
{
    size_t depth = 0;
    for (; at < text.length; at++) {
        if (text.start[at] == '\\')
            at++;
        else if (text.start[at] == '(' && depth < DEPTH_MAX)
            depth++;
        else if (text.start[at] == ')' && --depth == 0)
            return at + 1;
    }
    return text.length;
}

static size_t skip_quoted(struct slice text, size_t at)
{
    for (at++; at < text.length; at++) {
        if (text.start[at] == '\\')
            at++;
        else if (text.start[at] == '"')
            return at + 1;
    }
    return text.length;
}

/* The last "@" outside of a quoted string. */
static size_t find_at(struct slice address)
{
    size_t found = address.length;
    for (size_t i = 0; i < address.length; i++) {
        if (address.start[i] == '"')
            i = skip_quoted(address, i) - 1;
        else if (address.start[i] == '@')
            found = i;
    }
    return found;
}

static void add_entry(struct mailboxes *mailboxes, struct slice text, const struct entry *entry)
{
    if (!entry->has_words && !entry->has_angle)
        return;
    struct slice address =
        slice_trim(slice_sub(text, entry->start, entry->end - entry->start), " \t\r\n");
    /* obs-route = "@" domain *("," "@" domain) ":" */
    size_t colon = slice_find(address, ':');
    if (slice_starts_with(address, "@") && colon < address.length)
        address = slice_sub(address, colon + 1, address.length);
    size_t at = find_at(address);
    if (at == address.length) {
        mailboxes->bad_count++;
        return;
    }
    if (mailboxes->count == MAILBOX_MAX) {
        mailboxes->omitted++;
        return;
    }
    struct mailbox *mailbox = &mailboxes->list[mailboxes->count++];
    struct slice domain = slice_trim(slice_sub(address, at + 1, address.length), " \t\r\n");
    domain = slice_trim(slice_sub(domain, 0, slice_find(domain, '(')), " \t\r\n");
    mailbox->address = address;
    if (domain_to_ascii(domain, mailbox->domain) != DOMAIN_FINE ||
        !domain_is_host_name(mailbox->domain))
        mailbox->domain[0] = '\0';
}

static void extend(struct entry *entry, size_t from, size_t to)
{
    if (entry->has_angle)
        return;
    if (!entry->has_words)
        entry->start = from;
    entry->has_words = true;
    entry->end = to;
}

/* What "<" opens: everything up to its ">". */
static size_t read_angle(struct slice text, size_t at, struct entry *entry)
{
    entry->has_angle = true;
    entry->start = ++at;
    while (at < text.length && text.start[at] != '>')
        at = text.start[at] == '"' ? skip_quoted(text, at) : at + 1;
    entry->end = at;
    return at < text.length ? at + 1 : at;
}

void mailboxes_parse(struct slice value, struct mailboxes *mailboxes)
{
    struct entry entry = {0};
    size_t at = 0;
    *mailboxes = (struct mailboxes){.count = 0};
    while (at < value.length) {
        char c = value.start[at];
        size_t from = at++;
        if (c == '(') {
            at = skip_comment(value, from);
        } else if (c == '"') {
            at = skip_quoted(value, from);
            extend(&entry, from, at);
        } else if (c == '<') {
            at = read_angle(value, from, &entry);
        } else if (c == ',' || c == ';') {
            add_entry(mailboxes, value, &entry);
            entry = (struct entry){0};
        } else if (c == ':' && !entry.has_angle) {
            /* group = display-name ":" [group-list] ";": the name is no mailbox */
            entry = (struct entry){0};
        } else if (!strchr(" \t\r\n", c) || c == '\0') {
            extend(&entry, from, at);
        }
    }
    add_entry(mailboxes, value, &entry);
}
