#include "name_servers.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static int compare_slices(const void *a, const void *b)
{
    const struct slice *x = a;
    const struct slice *y = b;
    size_t common = x->length < y->length ? x->length : y->length;
    int order = common == 0 ? 0 : memcmp(x->start, y->start, common);
    if (order != 0)
        return order;
    return x->length < y->length ? -1 : x->length > y->length;
}

static struct slice text_of(struct arena *arena, const struct dns_record *record)
{
    if (record->target == NULL)
        return record->text;
    const char *target = record->target[0] == '\0' ? "." : record->target;
    if (record->type == DNS_MX)
        target = arena_format(arena, "%u %s", record->preference, target);
    return slice_of(target);
}

static const char *set_of(struct arena *arena, const struct dns_answer *answer,
                          const struct name_servers *names)
{
    size_t count = 0;
    struct slice *texts = arena_array(arena, answer->record_count + 1, sizeof *texts);
    struct text set;
    text_init(&set, 65535);
    for (size_t i = 0; i < answer->record_count; i++) {
        struct slice text = text_of(arena, &answer->records[i]);
        if (names->is_wanted == NULL || names->is_wanted(text))
            texts[count++] = text;
    }
    qsort(texts, count, sizeof *texts, compare_slices);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            text_append_char(&set, '\n');
        text_append_slice(&set, texts[i]);
    }
    const char *result = arena_copy(arena, set.start);
    text_release(&set);
    return result;
}

const char *name_servers_print(struct arena *arena, const char *set)
{
    struct slice part;
    struct slice rest = slice_of(set == NULL ? "" : set);
    const char *line = NULL;
    while (slice_split(&rest, '\n', &part))
        line = line == NULL ? arena_copy_slice(arena, part)
                            : arena_format(arena, "%s and %.*s", line, SLICE_PRINTF(part));
    return line == NULL ? set : line;
}

static size_t count_of(const struct name_servers *servers, const char *set)
{
    size_t count = 0;
    for (size_t i = 0; i < servers->count; i++)
        count += servers->servers[i].set != NULL && strcmp(set, servers->servers[i].set) == 0;
    return count;
}

/* Of two halves the one with a record is right. */
static const char *common_set(const struct name_servers *servers)
{
    const char *best = NULL;
    size_t most = 0;
    for (size_t i = 0; i < servers->count; i++) {
        const char *set = servers->servers[i].set;
        if (set == NULL)
            continue;
        size_t count = count_of(servers, set);
        if (best == NULL || count > most || (count == most && best[0] == '\0')) {
            best = set;
            most = count;
        }
    }
    return best;
}

/* The zone that holds the name: where its SOA is (RFC 1034 4.2.1, RFC 2308 3). */
static const char *zone_of(const struct name_servers *servers)
{
    const struct dns_answer *soa = servers->soa;
    if (soa->status == DNS_OK && soa->chain_length == 0)
        return soa->records[0].name == NULL ? servers->name : soa->records[0].name;
    return soa->status == DNS_NODATA || soa->status == DNS_NXDOMAIN ? soa->zone : NULL;
}

static void add_addresses(struct name_servers *servers, const struct dns_answer *addresses,
                          const char *name, unsigned port)
{
    for (size_t i = 0; i < addresses->record_count && servers->count < NAME_SERVERS_MAX; i++)
        servers->servers[servers->count++] = (struct name_server){
            .name = name,
            .endpoint = {.address = addresses->records[i].address, .port = port},
        };
}

bool name_servers_find(struct arena *arena, struct dns_answers *answers,
                       const struct plugin_common *common, const char *name, unsigned port,
                       struct name_servers *servers)
{
    bool complete = true;
    *servers =
        (struct name_servers){.name = name, .type = servers->type, .is_wanted = servers->is_wanted};
    servers->soa = dns_answers_get(answers, name, DNS_SOA);
    servers->zone = zone_of(servers);
    if (servers->zone == NULL)
        return dns_answer_is_settled(servers->soa);
    servers->ns = dns_answers_get(answers, servers->zone, DNS_NS);
    servers->servers = arena_array(arena, NAME_SERVERS_MAX, sizeof *servers->servers);
    for (size_t i = 0; i < servers->ns->record_count; i++) {
        const char *target = servers->ns->records[i].target;
        const struct dns_answer *a = dns_answers_get(answers, target, DNS_A);
        const struct dns_answer *aaaa = dns_answers_get(answers, target, DNS_AAAA);
        complete = complete && dns_answer_is_settled(a) && dns_answer_is_settled(aaaa);
        if (!common->only_v6)
            add_addresses(servers, a, target, port);
        if (!common->only_v4)
            add_addresses(servers, aaaa, target, port);
    }
    return complete && dns_answer_is_settled(servers->ns);
}

/* A tag is the number of a server, counted over all names. */
static struct name_server *server_of(struct name_servers *const *names, size_t count, uint64_t tag,
                                     const struct name_servers **of)
{
    for (size_t i = 0; i < count; i++) {
        if (tag < names[i]->count) {
            *of = names[i];
            return &names[i]->servers[tag];
        }
        tag -= names[i]->count;
    }
    return NULL;
}

static void take_answers(struct arena *arena, struct dns *dns, struct name_servers *const *names,
                         size_t count)
{
    struct dns_taken taken;
    const struct name_servers *of = NULL;
    while (dns_take(dns, &taken)) {
        struct name_server *server = server_of(names, count, taken.tag, &of);
        if (server == NULL)
            continue;
        server->status = taken.answer->status;
        server->ttl = taken.answer->ttl;
        if (dns_status_is_answer(taken.answer->status))
            server->set = set_of(arena, taken.answer, of);
    }
}

void name_servers_ask(struct arena *arena, struct dns *dns, struct deadline deadline,
                      struct name_servers *const *names, size_t count)
{
    uint64_t next = 0;
    const struct name_servers *of = NULL;
    do {
        const struct name_server *server;
        take_answers(arena, dns, names, count);
        while (dns_has_room(dns) && (server = server_of(names, count, next, &of)) != NULL)
            dns_ask(dns, of->name, of->type == 0 ? DNS_TXT : of->type, DNS_PLAIN, &server->endpoint,
                    next++);
    } while (dns_wait(dns, deadline));
    take_answers(arena, dns, names, count);
    dns_abandon(dns);
    for (size_t i = 0; i < count; i++)
        names[i]->common = common_set(names[i]);
}

/* Of a server that is silent on one address only, another may do. */
static bool is_silent(const struct name_servers *servers, size_t index)
{
    for (size_t i = 0; i < servers->count; i++) {
        bool is_same = strcmp(servers->servers[i].name, servers->servers[index].name) == 0;
        if (is_same && (servers->servers[i].set != NULL || i < index))
            return false;
    }
    return true;
}

void name_servers_judge(const struct name_servers *servers,
                        const struct name_servers_findings *findings, struct report *report)
{
    if (servers->zone == NULL || servers->ns == NULL || servers->ns->record_count == 0) {
        report_add(report, findings->unknown, servers->name,
                   "the name servers of the zone could not be found (%s)",
                   dns_status_name((servers->ns != NULL ? servers->ns : servers->soa)->status));
        return;
    }
    for (size_t i = 0; i < servers->count; i++) {
        const struct name_server *server = &servers->servers[i];
        char buffer[IP_TEXT_SIZE];
        const char *address = ip_print(&server->endpoint.address, buffer);
        if (server->set == NULL) {
            if (is_silent(servers, i))
                report_add(report, findings->silent, servers->name, "the name server %s: %s",
                           server->name, dns_status_name(server->status));
            continue;
        }
        if (servers->common == NULL || strcmp(server->set, servers->common) == 0)
            continue;
        bool is_missing = server->set[0] == '\0';
        struct finding *finding =
            report_add(report, is_missing ? findings->missing : findings->differs, servers->name,
                       "the name server %s (%s) has %s", server->name, address,
                       is_missing ? "no such record" : "another record than the others");
        report_seen(report, finding, "there: %s; elsewhere: %s",
                    is_missing ? "nothing" : name_servers_print(report->arena, server->set),
                    servers->common[0] == '\0'
                        ? "nothing"
                        : name_servers_print(report->arena, servers->common));
    }
}
