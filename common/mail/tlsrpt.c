#include "mail/tlsrpt.h"

/*
 * tlsrpt-record = tlsrpt-version 1*(field-delim tlsrpt-field) [field-delim]
 * tlsrpt-version = %s"v=TLSRPTv1"
 * field-delim = *WSP ";" *WSP
 */
static bool has_version(const struct tlsrpt_record *record)
{
    const struct tag *first = &record->tags.tags[0];
    return first->error == TAG_LIST_FINE && first->offset == 0 &&
           slice_equals_text(first->name, "v") && slice_equals_text(first->value, "TLSRPTv1") &&
           slice_find(record->text, ';') < record->text.length;
}

static bool is_meant(struct slice text)
{
    for (size_t i = 0; i < text.length; i++)
        if (slice_starts_with_ignoring_case(slice_sub(text, i, text.length), "tlsrpt"))
            return true;
    return false;
}

void tlsrpt_record_parse(struct arena *arena, struct slice text, struct tlsrpt_record *record)
{
    *record = (struct tlsrpt_record){.text = text};
    tag_list_parse(&record->tags, text, TAG_LIST_STS);
    record->version_right = has_version(record);
    record->is_near_miss = !record->version_right && is_meant(text);
    const struct tag *reports = tag_list_find(&record->tags, "rua");
    if (reports) {
        record->has_reports = true;
        dmarc_uris_parse(arena, reports->value, true, &record->reports);
    }
    for (size_t i = 1; i < record->tags.count; i++)
        if (record->tags.tags[i].name.length > 0 &&
            !slice_equals_text(record->tags.tags[i].name, "rua"))
            record->unknown_tags++;
}

bool tlsrpt_record_is_usable(const struct tlsrpt_record *record)
{
    if (!record->version_right || record->tags.error != TAG_LIST_FINE)
        return false;
    for (size_t i = 0; i < record->reports.count; i++)
        if (record->reports.list[i].fault == DMARC_URI_FINE)
            return true;
    return false;
}

void tlsrpt_discover(struct arena *arena, struct dns_answers *answers, const char *domain,
                     struct tlsrpt_discovery *discovery)
{
    *discovery = (struct tlsrpt_discovery){.name = arena_format(arena, "_smtp._tls.%s", domain)};
    discovery->answer = dns_answers_get(answers, discovery->name, DNS_TXT);
    if (discovery->answer->status != DNS_OK)
        return;
    discovery->text_count = discovery->answer->record_count < TLSRPT_RECORDS_MAX
                                ? discovery->answer->record_count
                                : TLSRPT_RECORDS_MAX;
    discovery->texts = arena_array(arena, discovery->text_count, sizeof *discovery->texts);
    for (size_t i = 0; i < discovery->text_count; i++) {
        tlsrpt_record_parse(arena, discovery->answer->records[i].text, &discovery->texts[i]);
        if (!discovery->texts[i].version_right)
            continue;
        discovery->record_count++;
        discovery->record = &discovery->texts[i];
    }
    if (discovery->record_count != 1)
        discovery->record = NULL;
}

const char *tlsrpt_record_repair(struct arena *arena, const struct tlsrpt_record *record,
                                 const char *domain)
{
    const char *list = dmarc_uris_repair(arena, &record->reports, true);
    if (list)
        return arena_format(arena, "v=TLSRPTv1; rua=%s", list);
    return arena_format(arena, "v=TLSRPTv1; rua=mailto:tls-reports@%s", domain);
}
