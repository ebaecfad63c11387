#include <string.h>

#include "smtp_collect.h"
#include "starttls.h"

#define PORT_SUBMISSION 587

static struct starttls_demand demand_of(const struct starttls_config *config, unsigned port)
{
    bool is_strict = config->is_submission || config->smtp.implicit_tls || port == PORT_SUBMISSION;
    const char *reason = !is_strict                  ? ""
                         : port == PORT_SUBMISSION   ? "port 587"
                         : config->smtp.implicit_tls ? "implicit TLS"
                                                     : "--submission";
    return (struct starttls_demand){.is_strict = is_strict, .reason = reason};
}

static const char *name_of(const struct starttls_config *config, struct starttls_facts *facts,
                           const struct smtp_target *target)
{
    char text[IP_TEXT_SIZE];
    if (config->name != NULL)
        return config->name;
    if (target->host != NULL)
        return target->host;
    if (target->stream.path != NULL)
        return NULL;
    return arena_copy(facts->arena, ip_print(&target->stream.endpoint.address, text));
}

static void make_places(const struct starttls_config *config, struct starttls_facts *facts)
{
    const struct smtp_targets *targets = &facts->targets;
    facts->place_count = targets->count;
    facts->places = arena_array(facts->arena, targets->count + 1, sizeof *facts->places);
    for (size_t i = 0; i < targets->count; i++) {
        const struct smtp_target *target = &targets->list[i];
        facts->places[i] = (struct starttls_place){
            .target = target,
            .subject = target->host == NULL
                           ? target->text
                           : arena_format(facts->arena, "%s (%s)", target->host, target->text),
            .name = name_of(config, facts, target),
            .is_address = config->name == NULL && target->host == NULL,
            .demand = demand_of(config, target->stream.endpoint.port),
        };
    }
}

static void add_exchangers(struct starttls_facts *facts)
{
    const struct exchangers *exchangers = &facts->exchangers;
    for (size_t i = 0; i < exchangers->count; i++) {
        const struct exchanger *exchanger = &exchangers->list[i];
        for (size_t k = 0; k < exchanger->address_count; k++)
            smtp_targets_add(&facts->targets, exchanger->host, &exchanger->addresses[k]);
    }
}

void starttls_targets_find(const struct starttls_config *config, struct plugin *plugin,
                           struct dns *dns, struct dns_answers *answers,
                           struct starttls_facts *facts)
{
    if (config->domain == NULL) {
        smtp_collect_targets(&facts->targets, plugin, dns, answers, plugin->deadline);
    } else {
        const struct exchangers_request request = {
            .domain = config->domain,
            .only_v4 = plugin->common.only_v4,
            .only_v6 = plugin->common.only_v6,
        };
        smtp_targets_resolve(&config->smtp, answers);
        while (!exchangers_find(&request, answers, facts->arena, &facts->exchangers) &&
               dns_fetch_missing(dns, answers, plugin->deadline))
            continue;
        add_exchangers(facts);
    }
    make_places(config, facts);
}
