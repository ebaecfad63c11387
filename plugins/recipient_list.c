#include <stdio.h>
#include <string.h>

#include "mail/idn.h"
#include "recipient.h"

/* Most octets of a file of addresses or domains. */
#define FILE_OCTETS_MAX (1024 * 1024)
#define LINES_MAX 100000

/* ---- files: a word on a line, "#" begins a comment line */

static bool read_lines(struct arena *arena, const char *path, struct option_list *list,
                       char message[static 256])
{
    struct slice rest, line;
    size_t capacity = 1;

    if (!plugin_read_file(arena, path, false, FILE_OCTETS_MAX, &rest, message))
        return false;
    for (size_t i = 0; i < rest.length; i++)
        capacity += rest.start[i] == '\n';
    list->values = arena_array(arena, capacity, sizeof *list->values);
    while (list->count < LINES_MAX && slice_split(&rest, '\n', &line)) {
        line = slice_trim(line, " \t\r");
        if (line.length == 0 || line.start[0] == '#')
            continue;
        /* What a string cannot hold is no address either; the cut shows where. */
        if (slice_find(line, '\0') < line.length) {
            snprintf(message, 256, "%s: a NUL in a line", path);
            return false;
        }
        list->values[list->count++] = arena_copy_slice(arena, line);
    }
    return true;
}

static bool read_optional(struct arena *arena, const char *path, struct option_list *list,
                          char message[static 256])
{
    return path == NULL || read_lines(arena, path, list, message);
}

/* ---- addresses */

static struct recipient_domain *find_domain(struct recipient_facts *facts,
                                            const struct address *address)
{
    bool is_literal = address->literal.family != IP_NONE;
    char text[IP_TEXT_SIZE];
    const char *name = is_literal ? ip_print(&address->literal, text) : address->host;

    for (size_t i = 0; i < facts->domain_count; i++) {
        if (facts->domains[i].is_literal == is_literal && strcmp(facts->domains[i].name, name) == 0)
            return &facts->domains[i];
    }
    struct recipient_domain *domain = &facts->domains[facts->domain_count++];

    domain->name = arena_copy(facts->arena, name);
    domain->is_literal = is_literal;
    return domain;
}

/* The local part is the host's business (RFC 5321 2.4); the domain is in normal form. */
static const char *key_of(struct arena *arena, const struct address *address)
{
    return arena_format(arena, "%.*s@%.*s", SLICE_PRINTF(address->local),
                        SLICE_PRINTF(address->literal.family != IP_NONE ? address->domain
                                                                        : slice_of(address->host)));
}

static void add(const struct recipient_config *config, struct recipient_facts *facts,
                const char *text)
{
    struct recipient recipient = {.text = text, .key = text};

    if (address_parse(slice_of(text), config->smtputf8, &recipient.address))
        recipient.key = key_of(facts->arena, &recipient.address);
    for (size_t i = 0; i < facts->count; i++) {
        if (strcmp(facts->list[i].key, recipient.key) == 0)
            return; /* one probe per address and run */
    }
    if (facts->count == RECIPIENT_ADDRESSES_MAX) {
        facts->omitted++;
        return;
    }
    if (recipient.address.error == ADDRESS_FINE) {
        recipient.path = arena_format(facts->arena, "<%s>", recipient.key);
        recipient.domain = find_domain(facts, &recipient.address);
    }
    facts->list[facts->count++] = recipient;
}

static bool check_warn(const struct recipient_config *config, char message[static 256])
{
    for (size_t i = 0; i < config->warn.count; i++) {
        struct slice rest = slice_of(config->warn.values[i]);
        struct slice word;

        while (slice_split(&rest, ',', &word)) {
            if (recipient_notes_parse(slice_trim(word, " ")) == RECIPIENT_NOTES) {
                snprintf(message, 256,
                         "--warn: expected role, disposable, free, plus-tag or typo, got \"%.*s\"",
                         (int)(word.length < 100 ? word.length : 100), word.start);
                return false;
            }
        }
    }
    return true;
}

bool recipient_list_read(const struct recipient_config *config, struct recipient_facts *facts,
                         char message[static 256])
{
    struct option_list lines = {0};
    struct arena *arena = facts->arena;

    if (!check_warn(config, message) ||
        !read_optional(arena, config->addresses_file, &lines, message) ||
        !read_optional(arena, config->roles_file, &facts->roles, message) ||
        !read_optional(arena, config->disposable_file, &facts->disposables, message) ||
        !read_optional(arena, config->free_file, &facts->frees, message))
        return false;
    facts->list = arena_array(arena, RECIPIENT_ADDRESSES_MAX, sizeof *facts->list);
    facts->domains = arena_array(arena, RECIPIENT_ADDRESSES_MAX, sizeof *facts->domains);
    for (size_t i = 0; i < config->addresses.count; i++)
        add(config, facts, config->addresses.values[i]);
    for (size_t i = 0; i < lines.count; i++)
        add(config, facts, lines.values[i]);
    if (facts->count == 0)
        snprintf(message, 256, "give --address, or --addresses-file with one address or more");
    else if (facts->omitted > 0)
        snprintf(message, 256, "--address, --addresses-file: more than %d addresses",
                 RECIPIENT_ADDRESSES_MAX);
    else if (recipient_list_sender(config, arena, "") == NULL)
        snprintf(message, 256, "--from: expected an address, or the null sender, got \"%.100s\"",
                 config->sender);
    else
        return true;
    return false;
}

const char *recipient_list_sender(const struct recipient_config *config, struct arena *arena,
                                  const char *ehlo)
{
    struct slice sender = slice_of(config->sender == NULL ? "" : config->sender);
    struct address address;

    if (config->sender == NULL)
        return domain_is_host_name(ehlo) && domain_label_count(ehlo) > 1
                   ? arena_format(arena, "<postmaster@%s>", ehlo)
                   : "<>";
    if (slice_starts_with(sender, "<") && sender.start[sender.length - 1] == '>')
        sender = slice_sub(sender, 1, sender.length - 2);
    if (sender.length == 0)
        return "<>";
    if (!address_parse(sender, false, &address))
        return NULL;
    return arena_format(arena, "<%s>", key_of(arena, &address));
}
