/* Any word as `zone=filter*weight`; what was read once is read again the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dnsbl_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void match_all(const struct dnsbl_pattern *pattern)
{
    struct ip_address address = {
        IP_V4, {127, 0, 0, 0}
    };
    size_t matches = 0;

    for (size_t i = 0; i < 3; i++)
        address.bytes[i] = pattern->low[i];
    for (unsigned octet = 0; octet < 256; octet++) {
        address.bytes[3] = (uint8_t)octet;
        bool is_match = dnsbl_pattern_matches(pattern, &address);

        if (is_match && (octet < pattern->low[3] || octet > pattern->high[3]))
            abort();
        matches += is_match;
    }
    /* The bounds of a set are in it. */
    if (matches == 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_new((const char *)data, size);
    struct dnsbl_server server, again;
    char message[DNSBL_SERVER_MESSAGE_SIZE] = "";
    struct arena arena;

    arena_init(&arena);
    if (!dnsbl_server_parse(&arena, text, &server, message)) {
        if (message[0] == '\0')
            abort();
    } else {
        if (server.weight > DNSBL_WEIGHT_MAX || server.weight < -DNSBL_WEIGHT_MAX)
            abort();
        if (!dnsbl_server_parse(&arena, slice_of(server.zone), &again, message) ||
            strcmp(server.zone, again.zone) != 0)
            abort();
        if (server.has_filter)
            match_all(&server.filter);
    }
    arena_release(&arena);
    return 0;
}
