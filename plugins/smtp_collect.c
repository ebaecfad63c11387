#include "smtp_collect.h"

#include <limits.h>
#include <unistd.h>

#include "net/interfaces.h"

#define MICROSECONDS INT64_C(1000000)

void smtp_collect_targets(struct smtp_targets *targets, struct plugin *plugin, struct dns *dns,
                          struct dns_answers *answers, struct deadline deadline)
{
    const struct plugin_common *common = &plugin->common;
    bool more = true;
    while (!smtp_targets_find(targets, common->only_v4, common->only_v6, answers) && more) {
        more = dns != NULL && dns_fetch_missing(dns, answers, deadline);
    }
}

void smtp_collect_init(struct smtp_collect *collect, struct plugin *plugin,
                       const struct smtp_targets *targets, struct loop *loop, struct dns *dns,
                       struct dns_answers *answers, const struct smtp_settings *settings)
{
    static const struct smtp_settings defaults;
    *collect = (struct smtp_collect){
        .plugin = plugin,
        .targets = targets,
        .dns = dns,
        .answers = answers,
        .smtp = smtp_open(loop, settings != NULL ? settings : &defaults),
    };
}

void smtp_collect_release(struct smtp_collect *collect)
{
    smtp_close(collect->smtp);
    collect->smtp = NULL;
}

struct ip_address smtp_collect_source(const struct smtp_target *target)
{
    const struct stream_target *stream = &target->stream;
    if (stream->proxy_source.address.family != IP_NONE) {
        return stream->proxy_source.address;
    }
    return stream->source.family != IP_NONE ? stream->source : interfaces_source(&stream->endpoint);
}

static const char *own_name(struct arena *arena)
{
    char name[HOST_NAME_MAX + 1] = "";
    if (gethostname(name, sizeof name) != 0) {
        return "localhost";
    }
    name[HOST_NAME_MAX] = '\0';
    return arena_copy(arena, name);
}

const char *smtp_collect_ehlo(struct smtp_collect *collect, const struct smtp_target *target,
                              struct deadline deadline)
{
    struct deadline until = deadline_cut(deadline, SMTP_COLLECT_NAME_SECONDS * MICROSECONDS);
    struct ip_address source = smtp_collect_source(target);
    const char *host_name = own_name(&collect->plugin->arena);
    const char *name;
    do {
        name = smtp_targets_ehlo(collect->targets, &source, host_name, collect->answers);
    } while (collect->dns != NULL && dns_fetch_missing(collect->dns, collect->answers, until));
    return name;
}

struct smtp_request *smtp_collect_request(struct smtp_collect *collect,
                                          const struct smtp_target *target,
                                          const struct smtp_step *steps, size_t step_count,
                                          const struct tls_request *tls, struct deadline deadline)
{
    const struct smtp_options *options = collect->targets->options;
    struct arena *arena = &collect->plugin->arena;
    struct smtp_request *request = arena_alloc(arena, sizeof *request);
    *request = (struct smtp_request){
        .target = target->stream,
        .name = smtp_collect_ehlo(collect, target, deadline),
        .lmtp = options->lmtp,
        .implicit_tls = options->implicit_tls,
        .steps = steps,
        .step_count = step_count,
    };
    if (tls != NULL) {
        request->tls = *tls;
    }
    request->tls.server_name = target->server_name;
    return request;
}

struct smtp_session *smtp_collect_play(struct smtp_collect *collect,
                                       const struct smtp_request *request)
{
    return smtp_add(collect->smtp, &collect->plugin->arena, request);
}

struct smtp_session *smtp_collect_add(struct smtp_collect *collect,
                                      const struct smtp_target *target,
                                      const struct smtp_step *steps, size_t step_count,
                                      const struct tls_request *tls, struct deadline deadline)
{
    return smtp_collect_play(
        collect, smtp_collect_request(collect, target, steps, step_count, tls, deadline));
}

bool smtp_collect_run(struct smtp_collect *collect, struct deadline deadline)
{
    return smtp_run(collect->smtp, deadline);
}
