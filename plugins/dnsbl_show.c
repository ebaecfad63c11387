#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "dnsbl.h"
#include "dnsbl_judge.h"
#include "report/escape.h"

/* Entries of `lists` in the JSON; the report shortens further to its 64 KB. */
#define JSON_LISTS_MAX 1000
/* Samples of single lists in the Prometheus form. */
#define SAMPLES_MAX 5000

struct row {
    const struct dnsbl_facts *facts;
    const struct dnsbl_choice *choice;
    const struct dnsbl_hit *hit;
    struct dnsbl_verdict verdict;
    size_t cell;
    const char *target;
};

static bool read_row(const struct dnsbl_facts *facts, size_t subject, size_t choice,
                     const char *target, struct row *row)
{
    if (!dnsbl_applies(&facts->choices[choice], &facts->subjects[subject])) {
        return false;
    }
    *row = (struct row){
        .facts = facts,
        .choice = &facts->choices[choice],
        .hit = dnsbl_find_hit(facts, subject, facts->choices[choice].source),
        .cell = subject * facts->choice_count + facts->choices[choice].source,
        .target = target,
    };
    dnsbl_classify(facts, subject, choice, facts->arena, &row->verdict);
    return true;
}

/* ---- JSON */

static bool is_listed(const struct row *row)
{
    return row->verdict.outcome == DNSBL_LISTED ||
           row->verdict.outcome == DNSBL_LISTED_UNKNOWN_CODE;
}

static json_t *codes_json(struct report *report, const struct dnsbl_reply *reply)
{
    json_t *codes = json_array();
    for (size_t i = 0; reply != NULL && i < reply->code_count; i++) {
        char text[IP_TEXT_SIZE];
        json_array_append_new(codes, report_json_string(report, ip_print(&reply->codes[i], text)));
    }
    return codes;
}

/* One for each code of a listing; else why there is none. */
static json_t *meanings_json(struct report *report, const struct row *row)
{
    json_t *meanings = json_array();
    if (!is_listed(row)) {
        json_array_append_new(meanings, report_json_string(report, row->verdict.meaning));
        return meanings;
    }
    for (size_t i = 0; i < row->hit->reply.code_count; i++) {
        struct dnsbl_meaning meaning;
        dnsbl_list_meaning(row->choice->list, &row->hit->reply.codes[i], row->facts->arena,
                           &meaning);
        json_array_append_new(
            meanings, report_json_string(report, meaning.is_known ? meaning.text
                                                                  : "code not in the catalogue"));
    }
    return meanings;
}

static json_t *row_json(struct report *report, const struct row *row)
{
    const struct dnsbl_list *list = row->choice->list;
    const char *severity = is_listed(row) ? dnsbl_severity_name(row->verdict.severity) : NULL;
    const char *url = is_listed(row) ? dnsbl_list_url(list, row->target, row->facts->arena) : NULL;
    bool has_scope = is_listed(row) && row->verdict.scope != DNSBL_SCOPE_UNSET;
    const char *scope = has_scope ? dnsbl_scope_name(row->verdict.scope) : NULL;
    json_t *entry = json_object();
    json_object_set_new(entry, "target", report_json_string(report, row->target));
    json_object_set_new(entry, "zone", report_json_string(report, list->zone));
    json_object_set_new(entry, "operator", report_json_string(report, list->operator));
    json_object_set_new(entry, "outcome", json_string(dnsbl_outcome_name(row->verdict.outcome)));
    json_object_set_new(entry, "severity", report_json_string(report, severity));
    json_object_set_new(entry, "codes", codes_json(report, row->verdict.evidence));
    json_object_set_new(entry, "meanings", meanings_json(report, row));
    json_object_set_new(entry, "scope", report_json_string(report, scope));
    json_object_set_new(entry, "reason",
                        report_json_string(report, row->hit != NULL ? row->hit->reason : NULL));
    json_object_set_new(entry, "delist_url", report_json_string(report, url));
    json_object_set_new(entry, "ttl",
                        row->hit != NULL ? json_integer(row->hit->reply.ttl) : json_null());
    json_object_set_new(entry, "ms", json_integer(row->facts->times[row->cell]));
    return entry;
}

/* What matters comes first: an array that must be cut is cut at its end. */
static int rank(const struct dnsbl_verdict *verdict)
{
    switch (verdict->outcome) {
    case DNSBL_LISTED:
    case DNSBL_LISTED_UNKNOWN_CODE:
        return 0;
    case DNSBL_NOT_LISTED:
        return 2;
    default:
        return 1;
    }
}

static void add_json(const struct dnsbl_facts *facts, struct report *report)
{
    json_t *lists = json_array();
    size_t rows = 0;
    for (int wanted = 0; wanted < 3; wanted++) {
        for (size_t s = 0; s < facts->subject_count; s++) {
            char target[DNSBL_SUBJECT_TEXT_SIZE];
            dnsbl_subject_print(&facts->subjects[s], target);
            for (size_t c = 0; c < facts->choice_count; c++) {
                struct row row;
                if (!read_row(facts, s, c, target, &row) || rank(&row.verdict) != wanted) {
                    continue;
                }
                if (rows++ < JSON_LISTS_MAX) {
                    json_array_append_new(lists, row_json(report, &row));
                }
            }
        }
    }
    report->facts_omitted = rows - json_array_size(lists);
    report_fact(report, "lists", lists);
}

/* ---- Prometheus */

static void add_samples(const struct dnsbl_facts *facts, struct report *report)
{
    size_t count = 0;
    for (size_t s = 0; s < facts->subject_count; s++) {
        char target[DNSBL_SUBJECT_TEXT_SIZE];
        dnsbl_subject_print(&facts->subjects[s], target);
        for (size_t c = 0; c < facts->choice_count && count < SAMPLES_MAX; c++) {
            struct row row;
            if (!read_row(facts, s, c, target, &row)) {
                continue;
            }
            const char *labels[] = {"target", row.target, "zone", row.choice->list->zone, NULL};
            bool is_answered = row.verdict.outcome <= DNSBL_NOT_LISTED;
            report_sample(report, "postmaster_dnsbl_list_answered",
                          "1 when the list said whether the target is on it, else 0",
                          is_answered ? 1 : 0, labels);
            if (is_answered) {
                report_sample(report, "postmaster_dnsbl_list_listed",
                              "1 when the target is on the list, 0 when it is not", is_listed(&row),
                              labels);
            }
            count++;
        }
    }
}

/* ---- --per-list */

#define LABEL_MAX 19

static bool is_taken(const struct metric_definition *metrics, size_t count, const char *label)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(metrics[i].label, label) == 0) {
            return true;
        }
    }
    return false;
}

/* "zen.spamhaus.org" becomes "zen_spamhaus_org"; of two that are the same when cut the second gets
 * a number. */
static const char *list_label(const struct report *report, const struct metric_definition *own,
                              size_t count, const char *zone)
{
    char label[LABEL_MAX + 1];
    size_t length = 0;
    for (; length < LABEL_MAX && zone[length] != '\0'; length++) {
        bool is_plain = (zone[length] >= 'a' && zone[length] <= 'z') ||
                        (zone[length] >= '0' && zone[length] <= '9');
        label[length] = zone[length];
        if (!is_plain) {
            label[length] = '_';
        }
    }
    label[length] = '\0';
    for (unsigned number = 2;
         is_taken(report->tables->metrics, report->tables->metric_count, label) ||
         is_taken(own, count, label);
         number++) {
        char suffix[12];
        size_t size = (size_t)snprintf(suffix, sizeof suffix, "_%u", number);
        size_t at = length + size > LABEL_MAX ? LABEL_MAX - size : length;
        memcpy(label + at, suffix, size + 1);
    }
    return arena_copy(report->arena, label);
}

static void add_list_metrics(const struct dnsbl_facts *facts, struct report *report)
{
    struct metric_definition *own = arena_array(report->arena, facts->choice_count, sizeof *own);
    size_t *choices = arena_array(report->arena, facts->choice_count, sizeof *choices);
    size_t count = 0;
    for (size_t c = 0; c < facts->choice_count; c++) {
        const char *zone = facts->choices[c].list->zone;
        if (facts->choices[c].source == c) {
            choices[count] = c;
            own[count] = (struct metric_definition){
                .label = list_label(report, own, count, zone),
                .uom = "",
                .help = arena_format(report->arena, "targets listed by %s", zone),
            };
            count++;
        }
    }
    size_t first = report_extend_metrics(report, own, count);
    for (size_t i = 0; i < count; i++) {
        size_t listed = 0;
        size_t answered = 0;
        for (size_t s = 0; s < facts->subject_count; s++) {
            struct dnsbl_verdict verdict;
            if (dnsbl_applies(&facts->choices[choices[i]], &facts->subjects[s])) {
                dnsbl_classify(facts, s, choices[i], report->arena, &verdict);
                answered += verdict.outcome <= DNSBL_NOT_LISTED;
                listed += verdict.outcome < DNSBL_NOT_LISTED;
            }
        }
        if (answered > 0) {
            report_metric(report, first + i, (double)listed);
        }
    }
}

/* ---- details */

static void add_details(const struct dnsbl_facts *facts, struct report *report)
{
    for (size_t i = 0; i < facts->resolver_count; i++) {
        char server[ENDPOINT_TEXT_SIZE];
        report_detail(report, 1, "resolver %s", endpoint_print(&facts->resolvers[i], server));
    }
    for (size_t c = 0; c < facts->choice_count; c++) {
        const struct dnsbl_choice *choice = &facts->choices[c];
        if (choice->asked > 0) {
            report_detail(report, 1, "%s (%s): %zu question%s%s%s", choice->list->zone,
                          choice->list->operator, choice->asked, plural(choice->asked, "", "s"),
                          choice->list->limit != NULL ? "; allowed: " : "",
                          choice->list->limit != NULL ? choice->list->limit : "");
        }
    }
    for (size_t s = 0; s < facts->subject_count && s < 1000; s++) {
        char target[DNSBL_SUBJECT_TEXT_SIZE];
        dnsbl_subject_print(&facts->subjects[s], target);
        for (size_t c = 0; c < facts->choice_count; c++) {
            struct row row;
            if (read_row(facts, s, c, target, &row)) {
                report_detail(report, 3, "%s %s: %s, %s (%u ms)", row.target,
                              row.choice->list->zone, dnsbl_outcome_name(row.verdict.outcome),
                              row.verdict.meaning, (unsigned)facts->times[row.cell]);
            }
        }
    }
}

void dnsbl_show(const struct dnsbl_config *config, const struct dnsbl_facts *facts,
                const struct plugin_common *common, struct report *report)
{
    if (config->per_list) {
        add_list_metrics(facts, report);
    }
    if (common->style.format == REPORT_JSON) {
        add_json(facts, report);
    } else if (common->style.format == REPORT_PROMETHEUS) {
        add_samples(facts, report);
    } else if (common->verbosity > 0) {
        add_details(facts, report);
    }
}

/* ---- --list-catalogue */

static void print_words(struct text *out, const struct dnsbl_word *table, unsigned bits)
{
    bool is_first = true;
    for (; table->word != NULL; table++) {
        if ((bits & table->value) != 0) {
            text_printf(out, "%s%s", is_first ? "" : ",", table->word);
            is_first = false;
        }
    }
    text_append(out, is_first ? "-" : "");
}

void dnsbl_print_catalogue(const struct dnsbl_facts *facts, bool with_retired, struct text *out)
{
    text_append(out, "# zone\tlist\tclass\tseverity\ttargets\tprofiles\trequired\tstatus\tterms\n");
    for (size_t i = 0; i < facts->choice_count; i++) {
        const struct dnsbl_list *list = facts->choices[i].list;
        text_printf(out, "%s\t%s\t%s\t%s\t", list->zone, list->operator,
                    dnsbl_class_name(list->class), dnsbl_severity_name(list->severity));
        print_words(out, dnsbl_targets, list->targets);
        text_append(out, "\t");
        print_words(out, dnsbl_profiles, list->profiles);
        text_printf(out, "\t%s\t%s\t%s\n", facts->choices[i].is_required ? "yes" : "no",
                    list->is_verified ? "live" : "unverified",
                    list->limit != NULL ? list->limit : "-");
    }
    for (size_t i = 0; with_retired && i < facts->catalogue->retired_count; i++) {
        const struct dnsbl_retired *retired = facts->catalogue->retired[i];
        text_printf(out, "%s\t%s\tretired\t-\t-\t-\tno\tgone %s\t%s\n", retired->zone,
                    retired->operator != NULL ? retired->operator : "-",
                    retired->since != NULL ? retired->since : "",
                    retired->replacement != NULL ? retired->replacement : "-");
    }
}
