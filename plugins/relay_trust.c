#include "relay.h"

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" */
static bool read_literal(struct slice literal, struct ip_address *address)
{
    if (slice_starts_with_ignoring_case(literal, "IPv6:")) {
        literal = slice_sub(literal, sizeof "IPv6:" - 1, literal.length);
    }
    if (!ip_parse(literal, address)) {
        return false;
    }
    *address = ip_unmap(*address);
    return true;
}

struct ip_address relay_seen_address(struct slice ehlo, const struct ip_address *source)
{
    struct slice line = slice_sub(ehlo, 0, slice_find(ehlo, '\n'));
    struct ip_address seen = {.family = IP_NONE};
    size_t at = slice_find(line, ' ');
    while (at < line.length) {
        struct slice rest = slice_sub(line, at, line.length);
        size_t open = slice_find(rest, '[');
        struct slice literal = slice_sub(rest, open + 1, rest.length);
        size_t length = slice_find(literal, ']');
        struct ip_address address;
        if (length < literal.length && read_literal(slice_sub(literal, 0, length), &address)) {
            seen = address;
        }
        if (ip_equal(&seen, source)) {
            break;
        }
        at += open + 1;
    }
    return seen;
}

static bool is_inner(const struct ip_address *address)
{
    enum ip_scope scope = ip_scope(address);
    return scope == IP_LOOPBACK || scope == IP_PRIVATE || scope == IP_LINK_LOCAL ||
           scope == IP_SHARED;
}

static bool is_among(const struct ip_address *address, const struct ip_address *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ip_equal(address, &list[i])) {
            return true;
        }
    }
    return false;
}

void relay_trust_judge(struct relay_address *address, const struct ip_address *own, size_t count)
{
    const struct ip_address *source = &address->source;
    const struct ip_address *peer = &address->peer;
    const struct ip_address *seen = &address->seen;
    bool is_seen = seen->family != IP_NONE && !ip_equal(seen, source);
    bool is_seen_inside = seen->family != IP_NONE && (is_inner(seen) || ip_equal(seen, peer));
    bool is_public = source->family != IP_NONE && !is_inner(source);
    address->trust = RELAY_STRANGER;
    address->is_hidden = false;
    if (peer->family == IP_NONE || (source->family != IP_NONE && ip_scope(source) == IP_LOOPBACK)) {
        address->trust = RELAY_TRUST_LOOPBACK;
    } else if (ip_equal(source, peer) || is_among(peer, own, count)) {
        address->trust = RELAY_TRUST_OWN_HOST;
    } else if (is_inner(peer)) {
        address->trust = RELAY_TRUST_PRIVATE;
    } else if (is_seen_inside && is_seen && is_public && !ip_equal(seen, peer)) {
        /* Who comes from outside looks like one of its own: so does everybody. */
        address->is_hidden = true;
    } else if (is_seen_inside) {
        address->trust = RELAY_TRUST_SEEN;
    }
}

const char *relay_trust_text(const struct relay_address *address, struct arena *arena)
{
    char text[IP_TEXT_SIZE];
    switch (address->trust) {
    case RELAY_TRUST_LOOPBACK:
        return "we come from its own host";
    case RELAY_TRUST_OWN_HOST:
        return arena_format(arena, "%s is an address of this machine",
                            ip_print(&address->peer, text));
    case RELAY_TRUST_PRIVATE:
        return arena_format(arena, "%s is a %s address: we are in its network",
                            ip_print(&address->peer, text),
                            ip_scope_name(ip_scope(&address->peer)));
    case RELAY_TRUST_SEEN:
        return arena_format(arena, "it sees us come from %s, an address of its own network",
                            ip_print(&address->seen, text));
    case RELAY_STRANGER:
        break;
    }
    return "we are strangers to it";
}
