#include "resolver.h"

#include "mail/endpoint.h"

#define QUESTION_SECONDS 5.0
#define QUESTION_SHARE 0.4

void resolver_open_with(struct plugin *plugin, struct resolver *resolver, unsigned in_flight,
                        double share)
{
    const struct option_list *names = &plugin->common.resolvers;
    struct endpoint *servers = arena_array(&plugin->arena, names->count + 1, sizeof *servers);
    char error[128];
    for (size_t i = 0; i < names->count; i++)
        endpoint_parse(slice_of(names->values[i]), &servers[i]);
    double seconds = plugin->common.timeout * share;
    struct dns_options options = {
        .servers = servers,
        .server_count = names->count,
        .in_flight = in_flight,
        .question_us = (int64_t)((seconds < QUESTION_SECONDS ? seconds : QUESTION_SECONDS) * 1e6),
    };
    resolver->loop = loop_new();
    resolver->dns = dns_open(&options, resolver->loop, error);
    if (resolver->dns == NULL)
        plugin_give_up(plugin, "%s", error);
}

void resolver_open(struct plugin *plugin, struct resolver *resolver)
{
    resolver_open_with(plugin, resolver, 0, QUESTION_SHARE);
}

void resolver_close(struct resolver *resolver)
{
    dns_close(resolver->dns);
    loop_free(resolver->loop);
}
