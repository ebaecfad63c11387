/*
 * The DNS engine of a plugin, opened with the common options.
 */
#ifndef PLUGINS_RESOLVER_H
#define PLUGINS_RESOLVER_H

#include "net/dns.h"
#include "plugin/plugin.h"

struct resolver {
    struct loop *loop;
    struct dns *dns;
};

/* With --resolver or the system's servers. Gives up (UNKNOWN) when there is none. One question
 * lasts 5 seconds, or two fifths of -t when that is less: what is silent is known to be so while
 * there is time to ask on. */
void resolver_open(struct plugin *plugin, struct resolver *resolver);
/* The same for a plugin with a plan of its own: at most `in_flight` questions under way (0: the
 * default), and one question at most `share` of -t. */
void resolver_open_with(struct plugin *plugin, struct resolver *resolver, unsigned in_flight,
                        double share);
void resolver_close(struct resolver *resolver);

#endif
