/*
 * A list as a user names it: `zone[=filter][*weight]`, the syntax of an entry of Postfix's
 * postscreen_dnsbl_sites (postconf(5)), so that a line of main.cf works as pasted.
 *
 *     zen.spamhaus.org=127.0.0.[2..11]*3      only these answers count, three points
 *     list.dnswl.org=127.0.[2..20].[1..3]*-2  a negative weight is for allowlists
 *
 * The filter is read by dnsbl_pattern.h. The weight is a whole number with an optional sign,
 * -1000000 to 1000000, 1 when none is given.
 */
#ifndef PLUGINS_DNSBL_SERVER_H
#define PLUGINS_DNSBL_SERVER_H

#include "base/arena.h"
#include "dnsbl_pattern.h"

#define DNSBL_WEIGHT_MAX 1000000

struct dnsbl_server {
    const char *zone; /* normal form, see dnsbl_zone.h */
    bool has_filter;
    struct dnsbl_pattern filter;
    bool has_weight;
    long weight; /* 1 when none was given */
};

#define DNSBL_SERVER_MESSAGE_SIZE 160

/* False with what is wrong in `message`, which never repeats the zone: that may hold a key. Memory
 * for zone and filter comes from `arena`. */
bool dnsbl_server_parse(struct arena *arena, struct slice text, struct dnsbl_server *server,
                        char message[static DNSBL_SERVER_MESSAGE_SIZE]);

#endif
