#include <math.h>

#include "base/plural.h"
#include "base/text.h"
#include "mx.h"

/* How many exchangers are what; those of --dead left out. */
struct count {
    size_t all, up, refusing, down, unknown;
    unsigned best; /* preference */
};

static struct count count_hosts(const struct mx_facts *facts)
{
    struct count count = {.best = UINT32_MAX};

    for (size_t i = 0; i < facts->host_count; i++) {
        const struct mx_host *host = &facts->hosts[i];

        if (host->is_dead)
            continue;
        count.all++;
        count.up += host->answer == MX_WORKS;
        count.refusing += host->answer == MX_REFUSES || host->answer == MX_BLOCKS;
        count.down += host->answer == MX_DOWN;
        if (host->exchanger->preference < count.best)
            count.best = host->exchanger->preference;
    }
    count.unknown = count.all - count.up - count.refusing - count.down;
    return count;
}

/* Every exchanger of the best preference is down. */
static bool best_is_down(const struct mx_facts *facts, unsigned best)
{
    for (size_t i = 0; i < facts->host_count; i++) {
        const struct mx_host *host = &facts->hosts[i];

        if (!host->is_dead && host->exchanger->preference == best && host->answer != MX_DOWN)
            return false;
    }
    return true;
}

/* "192.0.2.1: connection refused; 2001:db8::1: no greeting within 10 s" */
#define ADDRESSES_SHOWN 4
static const char *failures_of(const struct mx_judge *judge, const struct mx_host *host)
{
    struct text text;
    char address[IP_TEXT_SIZE];

    text_init(&text, 1000);
    for (size_t i = 0; i < host->count && i < ADDRESSES_SHOWN; i++)
        text_printf(&text, "%s%s: %s", i == 0 ? "" : "; ",
                    ip_print(&host->addresses[i].address, address), host->addresses[i].failure);
    if (host->count > ADDRESSES_SHOWN)
        text_printf(&text, "; and %zu more", host->count - ADDRESSES_SHOWN);
    if (host->count == 0)
        text_printf(&text, "has no %s", smtp_targets_lacking(judge->common));

    const char *copy = arena_copy(judge->facts->arena, text.start);

    text_release(&text);
    return copy;
}

/* "mx1.example.org 192.0.2.1: connection refused; mx2.example.org ..." */
#define HOSTS_SHOWN 4
static const char *all_failures(const struct mx_judge *judge)
{
    const struct mx_facts *facts = judge->facts;
    size_t shown = 0;
    size_t more = 0;
    struct text text;

    text_init(&text, 1000);
    for (size_t i = 0; i < facts->host_count; i++) {
        const struct mx_host *host = &facts->hosts[i];

        if (host->is_dead)
            continue;
        if (shown == HOSTS_SHOWN)
            more++;
        else
            text_printf(&text, "%s%s %s", shown++ == 0 ? "" : "; ", host->exchanger->host,
                        failures_of(judge, host));
    }
    if (more > 0)
        text_printf(&text, "; and %zu more", more);

    const char *copy = arena_copy(facts->arena, text.start);

    text_release(&text);
    return copy;
}

/* ---- exchangers */

static void judge_down(const struct mx_judge *judge, const struct mx_host *host,
                       const struct count *count, bool is_best_down)
{
    bool is_best = host->exchanger->preference == count->best;
    enum mx_finding finding = MX_F_DOWN;

    if (host->count == 0)
        return;
    if (!is_best)
        finding = MX_F_BACKUP_DOWN;
    else if (is_best_down && count->down < count->all)
        finding = MX_F_PRIMARY_DOWN;
    report_add(judge->report, finding, host->exchanger->host, "%s does not work: %s",
               is_best ? "the exchanger" : "the backup exchanger", failures_of(judge, host));
}

/* One address that is not as the exchanger's others. */
static void judge_address(const struct mx_judge *judge, const struct mx_host *host,
                          const struct mx_address *address)
{
    char text[IP_TEXT_SIZE];
    const char *name = host->exchanger->host;

    ip_print(&address->address, text);
    switch (address->answer) {
    case MX_DOWN:
        if (host->answer == MX_WORKS || host->answer == MX_REFUSES || host->answer == MX_BLOCKS)
            report_add(judge->report, MX_F_ADDRESS_DOWN, name,
                       "%s does not work, another address does%s: %s", text,
                       address->address.family == IP_V6 ? " (who has IPv6 alone cannot deliver)"
                                                        : "",
                       address->failure);
        break;
    case MX_REFUSES:
        report_add(judge->report, MX_F_REFUSES_US, name, "%s answers, and refuses us for now: %s",
                   text, address->failure);
        break;
    case MX_BLOCKS:
        report_add(judge->report, MX_F_BLOCKS_US, name, "%s answers, and refuses us: %s", text,
                   address->failure);
        break;
    case MX_OURS:
        report_add(judge->report, MX_F_OWN_TROUBLE, name, "%s could not be asked from here: %s",
                   text, address->has_route ? address->failure : "this host has no route to it");
        break;
    case MX_UNASKED:
        if (!address->is_left_out)
            report_add_as(judge->report, MX_F_UNASKED, judge->common->timeout_result, name,
                          "%s was not asked: the time was up", text);
        break;
    case MX_WORKS:
        if (smtp_session_find(address->session, SMTP_VERB_HELO) != NULL &&
            address->session->ehlo == NULL)
            report_add(judge->report, MX_F_NO_EHLO, name, "%s refuses EHLO and takes HELO", text);
        break;
    case MX_UNFIT:
        break;
    }
}

static void judge_dead(const struct mx_judge *judge, const struct mx_host *host)
{
    if (host->answer == MX_WORKS || host->answer == MX_REFUSES || host->answer == MX_BLOCKS)
        report_add(judge->report, MX_F_DEAD_ALIVE, host->exchanger->host,
                   "the exchanger answers, and should be dead (--dead)");
    else if (host->answer == MX_DOWN)
        report_add(judge->report, MX_F_DEAD_AS_MEANT, host->exchanger->host,
                   "the exchanger is dead, as it should be: %s", failures_of(judge, host));
    for (size_t i = 0; i < host->count; i++) {
        if (host->addresses[i].answer == MX_OURS || host->addresses[i].answer == MX_UNASKED)
            judge_address(judge, host, &host->addresses[i]);
    }
}

static void judge_absent(const struct mx_judge *judge)
{
    const struct option_list *dead = &judge->config->dead;

    for (size_t i = 0; i < dead->count; i++) {
        bool is_there = false;

        for (size_t k = 0; k < judge->facts->host_count; k++)
            is_there =
                is_there || domain_equal(judge->facts->hosts[k].exchanger->host, dead->values[i]);
        if (!is_there)
            report_add(judge->report, MX_F_DEAD_ABSENT, dead->values[i],
                       "the host of --dead is no exchanger of %s", judge->facts->domain);
    }
}

/* ---- -w and -c */

static enum state state_of(const struct mx_judge *judge, size_t working)
{
    if (range_alerts(&judge->common->critical, (double)working))
        return STATE_CRITICAL;
    return range_alerts(&judge->common->warning, (double)working) ? STATE_WARNING : STATE_OK;
}

/* "2 or more", "1 to 3"; else the range as it was given. */
static const char *wish_text(struct arena *arena, const struct range *range)
{
    if (range->inside || range->start_infinite)
        return range_text(arena, range);
    if (range->end_infinite)
        return arena_format(arena, "%g or more", range->start);
    return arena_format(arena, "%g to %g", range->start, range->end);
}

/* The figure is the number that works. What refuses us, or is not known, may work for others: the
 * state is no worse than it would be then, but it is no OK either. Only who gives -c himself counts
 * what refuses us as what does not work. Where none is known, that is told by itself. */
static void judge_working(const struct mx_judge *judge, const struct count *count)
{
    size_t excused = judge->facts->is_critical_given ? 0 : count->refusing;
    enum state state = state_of(judge, count->up);
    enum state at_best = state_of(judge, count->up + excused + count->unknown);
    bool is_lowered = state_rank(at_best) < state_rank(state);
    struct arena *arena = judge->facts->arena;

    if (state == STATE_OK || (count->unknown == count->all && count->all > 0))
        return;
    if (is_lowered)
        state = state_worse(at_best, excused > 0 ? STATE_WARNING : STATE_UNKNOWN);
    const struct range *range = range_alerts(&judge->common->critical, (double)count->up)
                                    ? &judge->common->critical
                                    : &judge->common->warning;
    struct finding *finding = report_add_as(
        judge->report, MX_F_WORKING, state, judge->facts->domain,
        "%zu of %zu exchanger%s work%s%s%s, %s wants %s", count->up, count->all,
        plural(count->all, "", "s"), plural(count->all, "s", ""),
        count->unknown > 0 ? arena_format(arena, ", %zu not known", count->unknown) : "",
        is_lowered && excused > 0
            ? arena_format(arena, ", %zu may serve others and not us", count->refusing)
            : "",
        range == &judge->common->critical ? "-c" : "-w", wish_text(arena, range));

    if (count->up == count->all && count->all == 1)
        report_fix(judge->report, finding,
                   "Add a second exchanger, or give -w 1: when one is meant");
}

/* ---- the whole */

static bool stands_before(const struct mx_facts *facts, size_t host, size_t address)
{
    const struct ip_address *wanted = &facts->hosts[host].addresses[address].address;

    for (size_t i = 0; i <= host; i++) {
        for (size_t k = 0; k < (i == host ? address : facts->hosts[i].count); k++) {
            if (ip_equal(&facts->hosts[i].addresses[k].address, wanted))
                return true;
        }
    }
    return false;
}

static void measure(const struct mx_judge *judge, const struct count *count)
{
    const struct mx_facts *facts = judge->facts;
    double slowest = (double)NAN;
    size_t up = 0;
    size_t down = 0;
    size_t untold = 0;
    size_t all = 0;

    for (size_t i = 0; i < facts->host_count; i++) {
        const struct mx_host *host = &facts->hosts[i];

        for (size_t k = 0; k < host->count && !host->is_dead; k++) {
            const struct mx_address *address = &host->addresses[k];

            if (!(address->seconds <= slowest) && !isnan(address->seconds))
                slowest = address->seconds;
            if (stands_before(facts, i, k))
                continue;
            all++;
            untold += address->answer == MX_UNASKED || address->answer == MX_OURS;
            up += address->answer == MX_WORKS;
            down += address->answer == MX_DOWN || address->answer == MX_UNFIT;
        }
    }
    bool is_known = count->unknown < count->all || count->all == 0;

    report_metric(judge->report, MX_M_UP, is_known ? (double)count->up : (double)NAN);
    report_metric(judge->report, MX_M_DOWN, is_known ? (double)count->down : (double)NAN);
    report_metric(judge->report, MX_M_REFUSING, is_known ? (double)count->refusing : (double)NAN);
    bool are_told = all > 0 ? untold < all : is_known;

    report_metric(judge->report, MX_M_ADDR_UP, are_told ? (double)up : (double)NAN);
    report_metric(judge->report, MX_M_ADDR_DOWN, are_told ? (double)down : (double)NAN);
    report_metric(judge->report, MX_M_TIME_SLOWEST, slowest);
    report_metric_limits(judge->report, MX_M_UP, 0, (double)count->all);
}

void mx_judge_servers(const struct mx_judge *judge)
{
    const struct mx_facts *facts = judge->facts;
    struct count count = count_hosts(facts);
    bool is_best_down = best_is_down(facts, count.best);

    if (facts->exchangers.status != EXCHANGERS_FOUND &&
        facts->exchangers.status != EXCHANGERS_IMPLICIT)
        return;
    if (count.all > 0 && count.down == count.all)
        report_add(judge->report, MX_F_ALL_DOWN, facts->domain, "no exchanger works: %s",
                   all_failures(judge));
    for (size_t i = 0; i < facts->host_count; i++) {
        const struct mx_host *host = &facts->hosts[i];

        if (host->is_dead) {
            judge_dead(judge, host);
            continue;
        }
        if (host->answer == MX_DOWN)
            judge_down(judge, host, &count, is_best_down);
        for (size_t k = 0; k < host->count; k++)
            judge_address(judge, host, &host->addresses[k]);
    }
    judge_absent(judge);
    judge_working(judge, &count);
    measure(judge, &count);
}
