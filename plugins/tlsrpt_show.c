#include "tlsrpt.h"

static json_t *slice_json(struct report *report, struct arena *arena, struct slice text)
{
    return report_json_string(report, arena_copy_slice(arena, text));
}

static json_t *tls_json(struct report *report, const struct tlsrpt_facts *facts,
                        const struct tlsrpt_https *https)
{
    struct tlsrpt_https_result result = tlsrpt_https_result(facts->arena, https, facts->now);
    if (result.verdict == TLSRPT_HTTPS_NOT_WANTED)
        return json_null();
    return report_json_string(report, result.verdict == TLSRPT_HTTPS_FINE ? "ok" : result.reason);
}

static json_t *reports_json(struct report *report, const struct tlsrpt_facts *facts,
                            const struct tlsrpt_domain *domain)
{
    struct arena *arena = facts->arena;
    const struct tlsrpt_record *record = domain->discovery.record;
    json_t *array = json_array();
    for (size_t i = 0; record != NULL && i < record->reports.count; i++) {
        const struct dmarc_uri *uri = &record->reports.list[i];
        json_t *object = json_object();
        json_object_set_new(object, "uri", slice_json(report, arena, uri->text));
        json_object_set_new(object, "scheme", slice_json(report, arena, uri->scheme));
        json_object_set_new(
            object, "tls",
            tls_json(report, facts, domain->https != NULL ? domain->https[i] : NULL));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *record_json(struct report *report, struct arena *arena,
                           const struct tlsrpt_domain *domain)
{
    const struct tlsrpt_record *record = domain->discovery.record;
    return record == NULL ? json_null() : slice_json(report, arena, record->text);
}

void tlsrpt_show(const struct tlsrpt_facts *facts, struct report *report)
{
    json_t *domains = json_array();
    for (size_t i = 0; i < facts->domain_count; i++) {
        const struct tlsrpt_domain *domain = &facts->domains[i];
        json_t *object = json_object();
        json_object_set_new(object, "domain", report_json_string(report, domain->domain));
        json_object_set_new(object, "record", record_json(report, facts->arena, domain));
        json_object_set_new(object, "reports", reports_json(report, facts, domain));
        json_array_append_new(domains, object);
        for (size_t k = 0; k < domain->discovery.text_count; k++)
            report_detail(report, 1, "%s: %.*s", domain->discovery.name,
                          SLICE_PRINTF(domain->discovery.texts[k].text));
    }
    report_fact(report, "record", record_json(report, facts->arena, &facts->domains[0]));
    report_fact(report, "reports", reports_json(report, facts, &facts->domains[0]));
    report_fact(report, "domains", domains);
}
