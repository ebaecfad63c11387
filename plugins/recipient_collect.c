#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "mail/smtp_text.h"
#include "plugin/state_file.h"
#include "recipient.h"

#define MICROSECONDS 1e6
/* Of the time, for waiting for other runs; how often it is looked whether they have done. */
#define CLAIM_SHARE 0.5
#define CLAIM_RETRY_US INT64_C(50000)

/* ---- DNS */

static void find_all(const struct plugin_common *common, struct dns_answers *answers,
                     struct recipient_facts *facts)
{
    for (size_t i = 0; i < facts->domain_count; i++) {
        struct recipient_domain *domain = &facts->domains[i];
        const struct exchangers_request request = {domain->name, common->only_v4, common->only_v6};

        if (!domain->is_literal)
            exchangers_find(&request, answers, facts->arena, &domain->exchangers);
    }
}

static void add_route(struct recipient_domain *domain, const char *host,
                      const struct ip_address *address)
{
    if (exchangers_can_reach(address))
        domain->routes[domain->route_count++] = (struct recipient_route){host, *address};
}

/* RFC 5321 5.1: by preference, each address; a literal is its own route. */
static void list_routes(const struct plugin_common *common, struct recipient_facts *facts,
                        struct recipient_domain *domain)
{
    const struct exchangers *exchangers = &domain->exchangers;
    size_t capacity = 1;
    struct ip_address literal;

    for (size_t i = 0; i < exchangers->count; i++)
        capacity += exchangers->list[i].address_count;
    domain->routes = arena_array(facts->arena, capacity, sizeof *domain->routes);
    domain->is_of_one_family = common->only_v4 || common->only_v6;
    domain->dead = arena_array(facts->arena, capacity, sizeof *domain->dead);
    if (domain->is_literal) {
        if (ip_parse(slice_of(domain->name), &literal) &&
            !(common->only_v4 && literal.family == IP_V6) &&
            !(common->only_v6 && literal.family == IP_V4))
            add_route(domain, domain->name, &literal);
        return;
    }
    for (size_t i = 0; i < exchangers->count; i++) {
        const struct exchanger *exchanger = &exchangers->list[i];

        for (size_t k = 0;
             !exchanger->is_null && !exchanger->is_duplicate && k < exchanger->address_count; k++)
            add_route(domain, exchanger->host, &exchanger->addresses[k]);
    }
}

/* ---- turns: at most one conversation with one address at a time, and a pause between them */

struct turn {
    struct recipient_domain *domain;
    struct recipient *recipient; /* NULL: the control */
    struct recipient_probe probe;
    size_t mail; /* the step */
};

struct game {
    const struct recipient_config *config;
    struct plugin *plugin;
    struct smtp_targets *targets;
    struct smtp_collect *collect;
    struct recipient_facts *facts;
    struct turn *turns;
    size_t count;
    int claims;               /* of the servers that are spoken to, against other runs */
    struct deadline patience; /* with those */
};

/* Who was never asked comes first, then whose answer is oldest; else as they were given. */
static int compare_age(const void *a, const void *b)
{
    const struct recipient *left = *(struct recipient *const *)a;
    const struct recipient *right = *(struct recipient *const *)b;

    if (left->past.at != right->past.at)
        return left->past.at < right->past.at ? -1 : 1;
    return left < right ? -1 : left > right;
}

static void put_in_order(struct recipient_facts *facts)
{
    facts->order = arena_array(facts->arena, facts->count + 1, sizeof(struct recipient *));
    for (size_t i = 0; i < facts->count; i++)
        facts->order[i] = &facts->list[i];
    qsort(facts->order, facts->count, sizeof(struct recipient *), compare_age);
}

static struct recipient *next_recipient(struct recipient_facts *facts,
                                        struct recipient_domain *domain)
{
    for (; domain->next < facts->count; domain->next++) {
        struct recipient *recipient = facts->order[domain->next];

        if (recipient->domain == domain && !recipient->is_asked && !recipient->is_waiting)
            return recipient;
    }
    return NULL;
}

/* The address in use, or the next one that there is a target for. */
static const struct smtp_target *target_of(struct game *game, struct recipient_domain *domain)
{
    for (; domain->route < domain->route_count; domain->route++) {
        const struct recipient_route *route = &domain->routes[domain->route];
        const struct smtp_target *target =
            smtp_targets_add(game->targets, route->host, &route->address);

        if (target != NULL)
            return target;
    }
    return NULL;
}

static bool is_busy(const struct game *game, const struct smtp_target *target)
{
    for (size_t i = 0; i < game->count; i++) {
        if (ip_equal(&game->turns[i].probe.target->stream.endpoint.address,
                     &target->stream.endpoint.address))
            return true;
    }
    return false;
}

/* Behind the first address that was accepted: it tells what the others are worth. */
static bool wants_control(const struct game *game, struct recipient_domain *domain)
{
    return strcmp(game->config->catch_all, "off") != 0 && domain->control_target != NULL &&
           !domain->was_controlled &&
           !recipient_memory_settles_control(game->config, game->facts, domain);
}

/* Whom the domain is to be asked about next; false when it is done, or has to wait. */
static bool choose(struct game *game, struct recipient_domain *domain, struct turn *turn)
{
    *turn = (struct turn){.domain = domain};
    if (domain->is_stopped || domain->is_at_limit)
        return false;
    if (wants_control(game, domain)) {
        turn->probe.target = domain->control_target;
        turn->probe.host = domain->control_target->host;
        return !is_busy(game, turn->probe.target);
    }
    turn->recipient = next_recipient(game->facts, domain);
    if (turn->recipient != NULL) {
        turn->probe.target = target_of(game, domain);
        turn->probe.host = turn->probe.target != NULL ? domain->routes[domain->route].host : NULL;
    }
    return turn->probe.target != NULL && !is_busy(game, turn->probe.target);
}

#define STEPS_MAX 6

static struct smtp_step *add_step(struct smtp_step *steps, size_t *count, enum smtp_verb verb,
                                  const char *argument, unsigned flags)
{
    steps[*count] = (struct smtp_step){.verb = verb, .argument = argument, .flags = flags};
    return &steps[(*count)++];
}

/* An address that nobody has; of a control that was put off, the one that was asked then. */
static const char *nobody_of(struct recipient_domain *domain, struct arena *arena)
{
    const char *earlier = domain->control_past.nobody;
    bool is_v6 =
        domain->is_literal && slice_find(slice_of(domain->name), ':') < strlen(domain->name);

    random_label(domain->nobody, RECIPIENT_PROBE_LENGTH);
    if (earlier != NULL && strlen(earlier) == RECIPIENT_PROBE_LENGTH &&
        domain_is_host_name(earlier))
        memcpy(domain->nobody, earlier, RECIPIENT_PROBE_LENGTH);
    return domain->is_literal ? arena_format(arena, "<%s@[%s%s]>", domain->nobody,
                                             is_v6 ? "IPv6:" : "", domain->name)
                              : arena_format(arena, "<%s@%s>", domain->nobody, domain->name);
}

static void play(struct game *game, struct turn *turn)
{
    struct arena *arena = game->facts->arena;
    struct deadline deadline = game->plugin->deadline;
    struct smtp_step *steps = arena_array(arena, STEPS_MAX, sizeof *steps);
    bool is_utf8 = turn->recipient != NULL && turn->recipient->address.is_utf8;
    size_t count = 0;
    const char *ehlo = smtp_collect_ehlo(game->collect, turn->probe.target, deadline);
    const char *sender = recipient_list_sender(game->config, arena, ehlo);
    const char *path =
        turn->recipient != NULL ? turn->recipient->path : nobody_of(turn->domain, arena);

    add_step(steps, &count, SMTP_VERB_EHLO, NULL, SMTP_STEP_REQUIRED);
    if (game->config->starttls) {
        add_step(steps, &count, SMTP_VERB_STARTTLS, NULL, SMTP_STEP_IF_OFFERED)->keyword =
            "STARTTLS";
        add_step(steps, &count, SMTP_VERB_EHLO, NULL, SMTP_STEP_IF_TLS);
    }
    turn->mail = count;
    if (is_utf8)
        add_step(steps, &count, SMTP_VERB_MAIL, arena_format(arena, "%s SMTPUTF8", sender),
                 SMTP_STEP_IF_OFFERED)
            ->keyword = "SMTPUTF8";
    else
        add_step(steps, &count, SMTP_VERB_MAIL, sender, 0);
    add_step(steps, &count, SMTP_VERB_RCPT, path, SMTP_STEP_IF_MAIL);
    if (game->config->data_abort && turn->recipient != NULL)
        add_step(steps, &count, SMTP_VERB_DATA, NULL, SMTP_STEP_IF_RCPT);
    turn->probe.session =
        smtp_collect_add(game->collect, turn->probe.target, steps, count, NULL, deadline);
}

/* The server wants no more of us: whoever goes on is blocked. A refusal at RCPT may be about one
 * recipient alone, unless it speaks of the host that asks. */
static bool is_unwelcome(const struct recipient_reply *reply)
{
    return reply->answer == RECIPIENT_CLOSING || reply->answer == RECIPIENT_SENDER_REFUSED ||
           reply->answer == RECIPIENT_DISK_FULL ||
           (reply->answer == RECIPIENT_REFUSED_US &&
            (reply->entry->verb != SMTP_VERB_RCPT ||
             smtp_text_is_about_client(reply->entry->text)));
}

static void settle(const struct game *game, struct turn *turn)
{
    struct recipient_domain *domain = turn->domain;
    struct recipient_reply *reply = &turn->probe.reply;
    bool has_route = smtp_collect_source(turn->probe.target).family != IP_NONE;

    *reply = recipient_reply_of(turn->probe.session, turn->mail, has_route, game->facts->patience);
    domain->is_stopped = domain->is_stopped || is_unwelcome(reply);
    if (turn->recipient == NULL) {
        domain->control = turn->probe;
        domain->was_controlled = true;
        return;
    }
    /* Who spoke with us and now hangs up wants no more of us. */
    if (reply->answer == RECIPIENT_UNREACHABLE && domain->has_spoken) {
        domain->is_stopped = true;
        return;
    }
    if (reply->answer == RECIPIENT_UNREACHABLE || reply->answer == RECIPIENT_OURS ||
        reply->answer == RECIPIENT_UNASKED) {
        domain->dead[domain->dead_count++] = turn->probe;
        domain->route++;
        return;
    }
    turn->recipient->probe = turn->probe;
    turn->recipient->is_asked = true;
    domain->has_spoken = true;
    if (recipient_reply_is_positive(reply->answer) && domain->control_target == NULL)
        domain->control_target = turn->probe.target;
}

/* Chooses whom to ask side by side. */
static bool choose_all(struct game *game)
{
    game->count = 0;
    for (size_t i = 0; i < game->facts->domain_count; i++) {
        struct turn turn;

        if (choose(game, &game->facts->domains[i], &turn))
            game->turns[game->count++] = turn;
    }
    return game->count > 0;
}

/* Leaves out the servers that another run talks to; false when none is left. */
static bool claim(struct game *game)
{
    size_t count = 0;

    for (size_t i = 0; i < game->count; i++) {
        struct turn *turn = &game->turns[i];

        turn->domain->is_taken = !state_file_claim(game->claims, turn->probe.target->text);
        if (!turn->domain->is_taken)
            game->turns[count++] = *turn;
    }
    game->count = count;
    return count > 0;
}

/* The servers that were connected to as often as may be are left alone. */
static void reserve(struct game *game)
{
    struct arena *arena = game->facts->arena;
    const char **servers = arena_array(arena, game->count + 1, sizeof *servers);
    bool *granted = arena_array(arena, game->count + 1, sizeof *granted);
    size_t count = 0;

    for (size_t i = 0; i < game->count; i++)
        servers[i] = game->turns[i].probe.target->text;
    recipient_memory_reserve(game->config, game->facts, servers, granted, game->count,
                             clock_wall());
    for (size_t i = 0; i < game->count; i++) {
        if (granted[i]) {
            game->turns[count++] = game->turns[i];
        } else {
            game->turns[i].domain->is_at_limit = true;
            state_file_disclaim(game->claims, servers[i]);
        }
    }
    game->count = count;
}

static void wait_until(struct loop *loop, struct deadline until)
{
    while (deadline_left(until) > 0 && loop_once(loop, until))
        continue;
}

/* False when there is no time for a pause and what comes behind it. */
static bool pause_between(const struct game *game, struct loop *loop)
{
    int64_t pause = (int64_t)(game->config->interval * MICROSECONDS);
    struct deadline until = deadline_in(game->config->interval);

    if (pause > 0 && pause >= deadline_left(game->plugin->deadline))
        return false;
    wait_until(loop, until);
    return deadline_left(game->plugin->deadline) > 0;
}

static void play_round(struct game *game)
{
    reserve(game);
    for (size_t i = 0; i < game->count; i++)
        play(game, &game->turns[i]);
    smtp_collect_run(game->collect, game->plugin->deadline);
    for (size_t i = 0; i < game->count; i++) {
        settle(game, &game->turns[i]);
        state_file_disclaim(game->claims, game->turns[i].probe.target->text);
    }
}

/* Round by round. Who is kept waiting by another run takes up no more than its share of the time.
 */
static void play_rounds(struct game *game, struct loop *loop)
{
    bool has_spoken = false;

    while (choose_all(game)) {
        if (has_spoken && !pause_between(game, loop))
            return;
        has_spoken = claim(game);
        if (has_spoken)
            play_round(game);
        else if (deadline_left(game->patience) > 0)
            wait_until(loop, deadline_cut(game->patience, CLAIM_RETRY_US));
        else
            return;
    }
}

void recipient_collect(const struct recipient_config *config, struct plugin *plugin,
                       struct resolver *resolver, struct smtp_targets *targets,
                       struct smtp_collect *collect, struct dns_answers *answers,
                       struct recipient_facts *facts)
{
    struct game game = {
        .config = config, .plugin = plugin, .targets = targets, .collect = collect, .facts = facts};

    do
        find_all(&plugin->common, answers, facts);
    while (dns_fetch_missing(resolver->dns, answers, plugin->deadline));
    for (size_t i = 0; i < facts->domain_count; i++)
        list_routes(&plugin->common, facts, &facts->domains[i]);
    game.turns = arena_array(facts->arena, facts->domain_count + 1, sizeof *game.turns);
    put_in_order(facts);
    game.claims = facts->memory_path != NULL && facts->is_memory_writable
                      ? state_file_open_claims(facts->memory_path)
                      : -1;
    game.patience = deadline_cut(plugin->deadline,
                                 (int64_t)(plugin->common.timeout * CLAIM_SHARE * MICROSECONDS));
    play_rounds(&game, resolver->loop);
    state_file_close_claims(game.claims);
    recipient_memory_fill(config, facts);
}
