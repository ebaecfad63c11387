#include "banner.h"
#include "smtp_collect.h"

#define MICROSECONDS 1e6
/* What is kept back of the time to ask for names: a tenth, at most two seconds. */
#define NAMES_SHARE 0.1
#define NAMES_SECONDS 2.0
/* Of the time, what it may take to talk early: the server is judged by what comes then. */
#define EARLY_TALK_SHARE 3

static void make_addresses(struct banner_facts *facts)
{
    facts->count = facts->targets->count;
    facts->addresses = arena_array(facts->arena, facts->count + 1, sizeof *facts->addresses);
    for (size_t i = 0; i < facts->count; i++) {
        const struct smtp_target *target = &facts->targets->list[i];
        facts->addresses[i].target = target;
        facts->addresses[i].subject =
            target->host == NULL ? target->text
                                 : arena_format(facts->arena, "%s %s", target->host, target->text);
        facts->addresses[i].has_no_route = target->stream.path == NULL && !target->is_nobodys &&
                                           smtp_collect_source(target).family == IP_NONE;
    }
}

/* The session with nobody. */
static const struct smtp_session *unspoken(struct arena *arena, const struct smtp_target *target)
{
    struct smtp_request *request = arena_alloc(arena, sizeof *request);
    struct smtp_session *session = arena_alloc(arena, sizeof *session);
    request->target = target->stream;
    session->request = request;
    return session;
}

/* The first of all: a server that minds (postscreen) remembers for days who came without talking
 * early, and lets him. */
static void talk_early(const struct banner_plan *plan, struct smtp_collect *collect,
                       struct deadline deadline, struct banner_facts *facts)
{
    static const struct smtp_step listen[] = {{.verb = SMTP_VERB_LISTEN}};
    struct deadline until = deadline_cut(deadline, deadline_left(deadline) / EARLY_TALK_SHARE);
    if ((plan->probes & BANNER_PROBE_EARLY_TALK) == 0) {
        return;
    }
    for (size_t i = 0; i < facts->count; i++) {
        struct banner_address *address = &facts->addresses[i];
        if (!address->target->is_nobodys) {
            struct smtp_request *request =
                smtp_collect_request(collect, address->target, listen, 1, NULL, until);
            request->talks_early = true;
            address->early = smtp_collect_play(collect, request);
        }
    }
    smtp_collect_run(collect, until);
}

/* Probes that need a connection of their own go to servers that greet. */
static void add_probes(const struct banner_plan *plan, struct smtp_collect *collect,
                       struct banner_address *address, struct deadline deadline)
{
    static const struct smtp_step mail[] = {
        {.verb = SMTP_VERB_MAIL, .argument = "<>"}
    };
    if (!smtp_session_is_greeted(address->session)) {
        return;
    }
    if ((plan->probes & BANNER_PROBE_MAIL_FIRST) != 0) {
        address->mail_first = smtp_collect_add(collect, address->target, mail, 1, NULL, deadline);
    }
}

/* What is left where a server had refused enough, session by session. */
static void continue_plans(const struct banner_plan *plan, struct smtp_collect *collect,
                           struct deadline deadline, struct banner_facts *facts)
{
    bool is_any = true;
    while (is_any) {
        is_any = false;
        for (size_t i = 0; i < facts->count; i++) {
            is_any = banner_parts_continue(plan, collect, &facts->addresses[i], deadline) || is_any;
        }
        smtp_collect_run(collect, deadline);
    }
}

static void collect_names(struct plugin *plugin, struct dns *dns, struct dns_answers *answers,
                          struct banner_facts *facts)
{
    do {
        for (size_t i = 0; i < facts->count; i++) {
            struct banner_address *address = &facts->addresses[i];
            banner_names_find(facts->arena, answers, &address->target->stream.endpoint.address,
                              address->session, &address->names);
        }
    } while (dns_fetch_missing(dns, answers, plugin->deadline));
}

void banner_collect(const struct banner_config *config, const struct banner_plan *plan,
                    struct plugin *plugin, struct loop *loop, struct dns *dns,
                    struct dns_answers *answers, struct smtp_targets *targets,
                    struct banner_facts *facts)
{
    struct smtp_collect collect;
    double kept = plugin->common.timeout * NAMES_SHARE;
    kept = config->no_names ? 0 : kept < NAMES_SECONDS ? kept : NAMES_SECONDS;
    smtp_collect_targets(targets, plugin, dns, answers, plugin->deadline);
    facts->targets = targets;
    make_addresses(facts);
    struct deadline deadline = plugin->deadline;
    deadline.at -= (int64_t)(kept * MICROSECONDS);
    smtp_collect_init(&collect, plugin, targets, loop, dns, answers, NULL);
    talk_early(plan, &collect, deadline, facts);
    for (size_t i = 0; i < facts->count; i++) {
        struct banner_address *address = &facts->addresses[i];
        address->session =
            address->target->is_nobodys
                ? unspoken(facts->arena, address->target)
                : smtp_collect_play(&collect,
                                    banner_parts_begin(plan, &collect, address->target, deadline));
        address->parts[address->part_count++].session = address->session;
    }
    smtp_collect_run(&collect, deadline);
    continue_plans(plan, &collect, deadline, facts);
    for (size_t i = 0; i < facts->count; i++) {
        add_probes(plan, &collect, &facts->addresses[i], deadline);
    }
    smtp_collect_run(&collect, deadline);
    smtp_collect_release(&collect);
    if (!config->no_names) {
        collect_names(plugin, dns, answers, facts);
    }
    facts->seconds = plugin_elapsed(plugin);
}
