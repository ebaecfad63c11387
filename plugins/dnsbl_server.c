#include "dnsbl_server.h"

#include <stdio.h>
#include <string.h>

#include "dnsbl_zone.h"

static bool parse_weight(struct slice text, long *weight)
{
    bool is_negative = slice_starts_with(text, "-");
    if (is_negative || slice_starts_with(text, "+"))
        text = slice_sub(text, 1, text.length);
    uint64_t number;
    if (!slice_to_number(text, DNSBL_WEIGHT_MAX, &number))
        return false;
    *weight = is_negative ? -(long)number : (long)number;
    return true;
}

/*
 * server = zone [ "=" filter ] [ "*" weight ]
 * weight = [ "+" / "-" ] 1*DIGIT
 */
bool dnsbl_server_parse(struct arena *arena, struct slice text, struct dnsbl_server *server,
                        char message[static DNSBL_SERVER_MESSAGE_SIZE])
{
    memset(server, 0, sizeof *server);
    server->weight = 1;
    size_t star = slice_find(text, '*');
    struct slice front = slice_sub(text, 0, star);
    if (star < text.length) {
        server->has_weight = true;
        if (!parse_weight(slice_sub(text, star + 1, text.length), &server->weight)) {
            (void)snprintf(message, DNSBL_SERVER_MESSAGE_SIZE,
                           "the weight behind \"*\" is not a whole number from -%d to %d",
                           DNSBL_WEIGHT_MAX, DNSBL_WEIGHT_MAX);
            return false;
        }
    }
    size_t equals = slice_find(front, '=');
    char zone[DOMAIN_TEXT_SIZE];
    const char *reason = dnsbl_zone_normalize(slice_sub(front, 0, equals), zone);
    if (reason != NULL) {
        (void)snprintf(message, DNSBL_SERVER_MESSAGE_SIZE, "not a zone: %s", reason);
        return false;
    }
    server->zone = arena_copy(arena, zone);
    if (equals == front.length)
        return true;
    server->has_filter = true;
    struct slice filter = slice_sub(front, equals + 1, front.length);
    const char *copy = arena_copy_slice(arena, filter);
    struct dnsbl_pattern_error error;
    if (!dnsbl_pattern_parse(arena, slice_new(copy, filter.length), &server->filter, &error)) {
        (void)snprintf(message, DNSBL_SERVER_MESSAGE_SIZE,
                       "the filter behind \"=\" is not d.d.d.d: %s (at character %zu)",
                       error.reason, error.offset + 1);
        return false;
    }
    return true;
}
