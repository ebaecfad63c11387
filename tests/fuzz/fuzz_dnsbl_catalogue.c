/* Any file as a catalogue, and as one that is read after another; then every list is asked about
 * itself. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dnsbl_catalogue.h"
#include "dnsbl_zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct dnsbl_catalogue *catalogue, const struct dnsbl_list *list,
                struct arena *arena)
{
    static const uint8_t octets[] = {0, 1, 2, 127, 255};
    char name[DOMAIN_TEXT_SIZE];
    struct slice key;

    if (dnsbl_catalogue_find(catalogue, list->zone) != list ||
        dnsbl_catalogue_find_keyed(catalogue, list->zone, &key) != list ||
        dnsbl_catalogue_find_retired(catalogue, list->zone) != NULL)
        abort();
    for (size_t i = 0; i < sizeof octets; i++) {
        struct ip_address address = {
            IP_V4, {127, 0, octets[i], octets[sizeof octets - 1 - i]}
        };
        struct dnsbl_meaning meaning;

        (void)dnsbl_list_error(list, &address, true);
        dnsbl_list_meaning(list, &address, arena, &meaning);
        if (meaning.text == NULL || meaning.scope == DNSBL_SCOPE_UNSET)
            abort();
    }
    (void)dnsbl_list_url(list, "a b\xff", arena);
    if (dnsbl_zone_question(list->zone, "abcd", "2.0.0.127", name) && strlen(name) > 253)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char first[] = "[a.example]\ncode = 127.0.0.2: two\nurl = http://a/{target}\n"
                                "[retired]\nb.example = 2001 | B\n";
    struct slice text = slice_new((const char *)data, size);
    struct dnsbl_catalogue catalogue = {0};
    struct dnsbl_catalogue_error error;
    struct arena arena;

    arena_init(&arena);
    if (!dnsbl_catalogue_read(&catalogue, &arena, SLICE_LITERAL(first), "first", &error))
        abort();
    if (dnsbl_catalogue_read(&catalogue, &arena, text, "second", &error)) {
        for (size_t i = 0; i < catalogue.count; i++)
            ask(&catalogue, catalogue.lists[i], &arena);
        for (size_t i = 0; i < catalogue.retired_count; i++)
            if (dnsbl_catalogue_find_retired(&catalogue, catalogue.retired[i]->zone) == NULL)
                abort();
        if (!dnsbl_catalogue_read(&catalogue, &arena, text, "third", &error))
            abort();
    } else if (strncmp(error.message, "second:", 7) != 0) {
        abort();
    }
    arena_release(&arena);
    return 0;
}
