#include "record_memory.h"
#include "spf.h"

/* A failed question changes nothing: only an answer, be it none, is remembered. */
void spf_remember(const struct spf_config *config, struct spf_facts *facts)
{
    if (config->state_file == NULL || facts->is_offline)
        return;
    struct record_memory *records = arena_array(facts->arena, facts->domain_count, sizeof *records);
    for (size_t i = 0; i < facts->domain_count; i++) {
        const struct spf_domain *domain = &facts->domains[i];
        const char *record = spf_record_text(domain, facts->arena);
        records[i].key = domain->domain;
        if (spf_record_is_known(domain))
            records[i].record = record == NULL ? "" : record;
    }
    facts->memory_trouble = record_memory_update(facts->arena, config->state_file, "spf 1",
                                                 facts->now, records, facts->domain_count);
    for (size_t i = 0; i < facts->domain_count; i++) {
        const struct record_memory *record = &records[i];
        bool is_fresh = record->has_changed && facts->now >= record->since &&
                        facts->now - record->since <= config->changed_for;
        if (is_fresh) {
            facts->domains[i].changed_at = record->since;
            facts->domains[i].previous = record->previous;
        }
    }
}
