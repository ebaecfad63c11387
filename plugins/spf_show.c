#include <string.h>

#include "spf.h"

/* Most domains whose tree stands in the JSON; the report shortens further to its 64 KB. */
#define JSON_DOMAINS_MAX 1000
/* Most lines of one tree. */
#define LINES_MAX 400
/* Columns of indentation for one floor of the tree. */
#define INDENT 2

/* ---- JSON */

static json_t *text_or_null(struct report *report, const char *text)
{
    return report_json_string(report, text);
}

/* A text without a domain has none to show. */
static const char *name_of(const struct spf_facts *facts, const char *domain)
{
    return facts->is_offline && strcmp(domain, SPF_RECORD_DOMAIN) == 0 ? NULL : domain;
}

static json_t *record_json(struct spf_facts *facts, struct report *report,
                           const struct spf_node *node)
{
    if (node->state != SPF_NODE_RECORD && node->state != SPF_NODE_MULTIPLE)
        return json_null();
    return text_or_null(report, spf_lint_visible(node->record.text, facts->arena));
}

/* The tree that led here ends at SPF_TREE_DEPTH_MAX floors, and so does this. */
static json_t *node_json(struct spf_facts *facts, struct report *report,
                         const struct spf_node *node)
{
    json_t *object = json_object();
    json_t *children = json_array();
    const struct spf_term *via =
        node->parent == NULL ? NULL : &node->parent->record.terms[node->parent_term];
    char qualifier[2] = {via == NULL ? '+' : via->qualifier, '\0'};
    json_object_set_new(object, "record", record_json(facts, report, node));
    json_object_set_new(object, "domain", text_or_null(report, name_of(facts, node->domain)));
    json_object_set_new(object, "qualifier", json_string(qualifier));
    json_object_set_new(
        object, "term",
        text_or_null(report, via == NULL ? NULL : arena_copy_slice(facts->arena, via->text)));
    json_object_set_new(object, "status", json_string(spf_node_state_name(node->state)));
    json_object_set_new(object, "lookups", json_integer(node->lookups));
    json_object_set_new(object, "void_lookups", json_integer(node->void_lookups));
    json_object_set_new(object, "addresses", json_integer((json_int_t)node->addresses));
    for (size_t i = 0; node->terms != NULL && i < node->record.count; i++) {
        if (node->terms[i].child != NULL)
            json_array_append_new(children, node_json(facts, report, node->terms[i].child));
    }
    json_object_set_new(object, "children", children);
    return object;
}

static json_t *check_json(struct report *report, const struct spf_domain *domain,
                          const struct spf_check *check)
{
    const struct spf_verdict *verdict = &check->verdict;
    json_t *object = json_object();
    char buffer[IP_TEXT_SIZE];
    json_object_set_new(object, "ip", json_string(ip_print(&check->request.ip, buffer)));
    json_object_set_new(object, "domain", text_or_null(report, domain->domain));
    json_object_set_new(object, "identity",
                        json_string(check->identity == SPF_HELO ? "helo" : "mailfrom"));
    json_object_set_new(object, "sender", text_or_null(report, check->request.sender));
    json_object_set_new(object, "helo", text_or_null(report, check->request.helo));
    json_object_set_new(object, "result", json_string(spf_result_name(verdict->result)));
    json_object_set_new(object, "explanation", text_or_null(report, verdict->explanation));
    json_object_set_new(object, "mechanism", text_or_null(report, verdict->mechanism));
    json_object_set_new(object, "problem", text_or_null(report, verdict->problem));
    json_object_set_new(object, "lookups", json_integer(verdict->lookups));
    json_object_set_new(object, "void_lookups", json_integer(verdict->void_lookups));
    return object;
}

static json_t *domain_json(struct spf_facts *facts, struct report *report,
                           const struct spf_domain *domain)
{
    const struct spf_tree *tree = &domain->tree;
    json_t *object = json_object();
    json_object_set_new(object, "domain", text_or_null(report, name_of(facts, domain->domain)));
    json_object_set_new(object, "record", record_json(facts, report, tree->root));
    json_object_set_new(object, "record_bytes",
                        json_integer((json_int_t)tree->root->record.text.length));
    json_object_set_new(object, "lookups", json_integer(tree->lookups));
    json_object_set_new(object, "void_lookups", json_integer(tree->void_lookups));
    json_object_set_new(object, "includes", json_integer((json_int_t)tree->includes));
    json_object_set_new(object, "addresses", json_integer((json_int_t)tree->addresses));
    json_object_set_new(object, "tree", node_json(facts, report, tree->root));
    return object;
}

static json_t *server_json(struct spf_facts *facts, struct report *report,
                           const struct spf_domain *domain, const struct name_server *server)
{
    json_t *object = json_object();
    char buffer[IP_TEXT_SIZE];
    json_object_set_new(object, "domain", text_or_null(report, domain->domain));
    json_object_set_new(object, "name", text_or_null(report, server->name));
    json_object_set_new(object, "address",
                        json_string(ip_print(&server->endpoint.address, buffer)));
    json_object_set_new(object, "status", json_string(dns_status_name(server->status)));
    json_object_set_new(object, "records",
                        text_or_null(report, name_servers_print(facts->arena, server->set)));
    return object;
}

static void show_json(struct spf_facts *facts, struct report *report)
{
    json_t *results = json_array();
    json_t *servers = json_array();
    json_t *domains = json_array();
    const struct spf_domain *first = &facts->domains[0];
    if (facts->domain_count > JSON_DOMAINS_MAX)
        report->facts_omitted = facts->domain_count - JSON_DOMAINS_MAX;
    for (size_t i = 0; i < facts->domain_count && i < JSON_DOMAINS_MAX; i++) {
        const struct spf_domain *domain = &facts->domains[i];
        json_array_append_new(domains, domain_json(facts, report, domain));
        for (size_t k = 0; k < domain->check_count; k++)
            json_array_append_new(results, check_json(report, domain, &domain->checks[k]));
        for (size_t k = 0; k < domain->servers.count; k++)
            json_array_append_new(servers,
                                  server_json(facts, report, domain, &domain->servers.servers[k]));
    }
    report_fact(report, "record", record_json(facts, report, first->tree.root));
    report_fact(report, "results", results);
    report_fact(report, "tree", node_json(facts, report, first->tree.root));
    report_fact(report, "servers", servers);
    report_fact(report, "domains", domains);
}

/* ---- the tree of -v */

struct printer {
    struct report *report;
    struct arena *arena;
    size_t lines;
};

static void print_line(struct printer *printer, unsigned depth, const char *text)
{
    if (printer->lines++ < LINES_MAX)
        report_detail(printer->report, 1, "%*s%s", (int)depth * INDENT, "", text);
}

static size_t exchanger_addresses(const struct spf_node_term *fact)
{
    size_t count = 0;
    for (size_t i = 0; i < fact->exchanger_count; i++) {
        count += fact->exchanger_a[i] == NULL ? 0 : fact->exchanger_a[i]->record_count;
        count += fact->exchanger_aaaa[i] == NULL ? 0 : fact->exchanger_aaaa[i]->record_count;
    }
    return count;
}

/* What a term without a record of its own stands for. */
static void print_term(struct printer *printer, const struct spf_node_term *fact, unsigned depth)
{
    const struct spf_term *term = fact->term;
    struct text text;
    text_init(&text, 400);
    text_append_slice(&text, term->text);
    if (term->error != SPF_FINE)
        text_printf(&text, ": %s", spf_error_text(term->error));
    else if (!fact->is_used)
        text_append(&text, ": never reached");
    else if (fact->depends)
        text_printf(&text, ": lookups %u, depends on the message", fact->lookups);
    else if (term->kind == SPF_TERM_A)
        text_printf(&text, ": lookups 1, addresses %zu",
                    (fact->a == NULL ? 0 : fact->a->record_count) +
                        (fact->aaaa == NULL ? 0 : fact->aaaa->record_count));
    else if (term->kind == SPF_TERM_MX)
        text_printf(&text, ": lookups 1, exchangers %zu, addresses %zu", fact->exchanger_count,
                    exchanger_addresses(fact));
    else if (fact->lookups > 0)
        text_printf(&text, ": lookups %u", fact->lookups);
    if (fact->void_lookups > 0)
        text_append(&text, ", void");
    print_line(printer, depth, text.start);
    text_release(&text);
}

static void print_node(struct printer *printer, const struct spf_node *node, unsigned depth)
{
    const struct spf_term *via =
        node->parent == NULL ? NULL : &node->parent->record.terms[node->parent_term];
    const char *lead = via == NULL ? node->domain
                                   : arena_format(printer->arena, "%.*s (%s)",
                                                  SLICE_PRINTF(via->text), node->domain);
    if (strcmp(node->domain, SPF_RECORD_DOMAIN) == 0)
        lead = "record";
    if (via != NULL && slice_equals_text_ignoring_case(via->domain, node->domain))
        lead = arena_copy_slice(printer->arena, via->text);
    if (node->state == SPF_NODE_RECORD || node->state == SPF_NODE_MULTIPLE)
        print_line(printer, depth,
                   arena_format(printer->arena, "%s: %s [lookups %u, void %u, addresses %llu]",
                                lead, spf_lint_visible(node->record.text, printer->arena),
                                node->lookups, node->void_lookups,
                                (unsigned long long)node->addresses));
    else
        print_line(printer, depth,
                   arena_format(printer->arena, "%s: %s", lead, spf_node_state_name(node->state)));
    for (size_t i = 0; node->terms != NULL && i < node->record.count; i++) {
        const struct spf_node_term *fact = &node->terms[i];
        bool is_plain = fact->term->kind == SPF_TERM_IP4 || fact->term->kind == SPF_TERM_IP6 ||
                        fact->term->kind == SPF_TERM_ALL;
        if (fact->child != NULL)
            print_node(printer, fact->child, depth + 1);
        else if (!is_plain || fact->term->error != SPF_FINE || !fact->is_used)
            print_term(printer, fact, depth + 1);
    }
}

static void print_checks(struct printer *printer, const struct spf_domain *domain)
{
    for (size_t i = 0; i < domain->check_count; i++) {
        const struct spf_check *check = &domain->checks[i];
        const struct spf_verdict *verdict = &check->verdict;
        char buffer[IP_TEXT_SIZE];
        print_line(printer, 0,
                   arena_format(printer->arena, "%s for %s of %s: %s (%s)",
                                ip_print(&check->request.ip, buffer),
                                check->identity == SPF_HELO ? "HELO" : "MAIL FROM", verdict->domain,
                                spf_result_name(verdict->result),
                                verdict->problem != NULL     ? verdict->problem
                                : verdict->mechanism != NULL ? verdict->mechanism
                                                             : "no record"));
    }
}

static void print_servers(struct printer *printer, const struct spf_domain *domain)
{
    for (size_t i = 0; i < domain->servers.count; i++) {
        const struct name_server *server = &domain->servers.servers[i];
        char buffer[IP_TEXT_SIZE];
        print_line(printer, 0,
                   arena_format(printer->arena, "name server %s (%s): %s", server->name,
                                ip_print(&server->endpoint.address, buffer),
                                server->set == NULL ? dns_status_name(server->status)
                                : server->set[0] == '\0'
                                    ? "no SPF record"
                                    : name_servers_print(printer->arena, server->set)));
    }
}

/* ---- samples */

static void show_samples(const struct spf_facts *facts, struct report *report,
                         const struct spf_domain *domain)
{
    const char *name = name_of(facts, domain->domain);
    const char *const labels[] = {"domain", name == NULL ? "" : name, NULL};
    const struct spf_tree *tree = &domain->tree;
    report_sample(report, "postmaster_spf_domain_lookups", "Terms with DNS lookups of a domain",
                  tree->lookups, labels);
    report_sample(report, "postmaster_spf_domain_void_lookups",
                  "Terms of a domain that look up nothing", tree->void_lookups, labels);
    report_sample(report, "postmaster_spf_domain_addresses",
                  "IPv4 addresses that may send for a domain", (double)tree->addresses, labels);
}

void spf_show(const struct spf_config *config, struct spf_facts *facts, struct report *report)
{
    struct printer printer = {.report = report, .arena = facts->arena};
    show_json(facts, report);
    for (size_t i = 0; i < facts->domain_count; i++) {
        const struct spf_domain *domain = &facts->domains[i];
        print_node(&printer, domain->tree.root, 0);
        print_checks(&printer, domain);
        if (config->authoritative)
            print_servers(&printer, domain);
        show_samples(facts, report, domain);
    }
    if (printer.lines > LINES_MAX)
        report_detail(report, 1, "... %zu more lines", printer.lines - LINES_MAX);
}
