/* Findings of the authoritative servers. */
#include <string.h>

#include "base/text.h"
#include "spf.h"

static size_t records_in(const char *set)
{
    size_t count = set[0] == '\0' ? 0 : 1;
    for (const char *at = strchr(set, '\n'); at != NULL; at = strchr(at + 1, '\n'))
        count++;
    return count;
}

/* Each server is asked on all of its addresses; one without any was not asked at all. */
static void judge_unreachable(struct spf_judge *judge, const struct spf_domain *domain)
{
    const struct name_servers *servers = &domain->servers;
    if (servers->zone == NULL || servers->ns == NULL || servers->count == NAME_SERVERS_MAX)
        return;
    for (size_t i = 0; i < servers->ns->record_count; i++) {
        const char *name = servers->ns->records[i].target;
        size_t k = 0;
        while (k < servers->count && strcmp(servers->servers[k].name, name) != 0)
            k++;
        if (k == servers->count)
            report_add(judge->report, SPF_F_NS_SILENT, servers->name,
                       "no %saddress of the name server %s is known",
                       judge->common->only_v4   ? "IPv4 "
                       : judge->common->only_v6 ? "IPv6 "
                                                : "",
                       name);
    }
}

static void judge_several(struct spf_judge *judge, const struct spf_domain *domain)
{
    for (size_t i = 0; i < domain->servers.count; i++) {
        const struct name_server *server = &domain->servers.servers[i];
        char buffer[IP_TEXT_SIZE];
        if (server->set == NULL || records_in(server->set) < 2)
            continue;
        report_add(judge->report, SPF_ISSUE_MULTIPLE, domain->domain,
                   "the name server %s (%s) has %zu SPF records: receivers that ask it answer "
                   "permerror",
                   server->name, ip_print(&server->endpoint.address, buffer),
                   records_in(server->set));
    }
}

/* What the resolver says is at none of the servers. */
static void judge_resolver(struct spf_judge *judge, const struct spf_domain *domain)
{
    const struct name_servers *servers = &domain->servers;
    const struct spf_node *root = domain->tree.root;
    if (servers->common == NULL || (root->state != SPF_NODE_RECORD && root->state != SPF_NODE_NONE))
        return;
    struct slice record = root->state == SPF_NODE_RECORD ? root->record.text : SLICE_LITERAL("");
    for (size_t i = 0; i < servers->count; i++) {
        if (servers->servers[i].set != NULL && slice_equals_text(record, servers->servers[i].set))
            return;
    }
    const char *text = spf_record_text(domain, judge->facts->arena);
    struct finding *finding =
        report_add(judge->report, SPF_F_NS_DIFFER, domain->domain,
                   "the resolver has another record than all name servers of the zone");
    report_seen(judge->report, finding, "resolver: %s; name servers: %s",
                text == NULL ? "no SPF record" : text,
                servers->common[0] == '\0'
                    ? "no SPF record"
                    : name_servers_print(judge->report->arena, servers->common));
    report_fix(judge->report, finding,
               "Wait until the old record has left the resolver's cache, then look whether it asks "
               "the servers of the delegation");
}

void spf_judge_servers(struct spf_judge *judge, const struct spf_domain *domain)
{
    static const struct name_servers_findings findings = {
        .differs = SPF_F_NS_DIFFER,
        .missing = SPF_F_NS_MISSING,
        .silent = SPF_F_NS_SILENT,
        .unknown = SPF_F_NS_UNKNOWN,
    };
    if (!judge->config->authoritative || judge->facts->is_offline)
        return;
    name_servers_judge(&domain->servers, &findings, judge->report);
    judge_unreachable(judge, domain);
    if (domain->tree.root->state != SPF_NODE_MULTIPLE)
        judge_several(judge, domain);
    judge_resolver(judge, domain);
}
