#include <string.h>

#include "dmarc.h"

/* A finding about the record that holds, with the record as evidence. */
static struct finding *add(const struct dmarc_judge *judge, enum dmarc_finding definition,
                           const char *text)
{
    const struct dmarc_verdict *verdict = judge->domain->verdict;
    struct finding *finding =
        report_add(judge->report, definition,
                   arena_format(judge->arena, "_dmarc.%s", verdict->record_domain), "%s", text);
    report_seen(judge->report, finding, "%.*s", SLICE_PRINTF(verdict->record->text));
    return finding;
}

static void add_with_fix(const struct dmarc_judge *judge, enum dmarc_finding definition,
                         const char *text)
{
    const struct dmarc_verdict *verdict = judge->domain->verdict;
    dmarc_judge_fix(judge, add(judge, definition, text), verdict->record_domain,
                    verdict->record->text);
}

/* Tags that are dropped because they are written wrongly. */
static void judge_faulty_tags(const struct dmarc_judge *judge)
{
    const struct dmarc_record *record = judge->domain->verdict->record;
    for (size_t i = 0; i < record->tags.count; i++) {
        const struct tag *tag = &record->tags.tags[i];
        if (tag->error == TAG_LIST_FINE)
            continue;
        add_with_fix(judge, DMARC_F_SYNTAX,
                     arena_format(judge->arena, "%s at octet %zu: the tag is dropped",
                                  tag_list_error_text(tag->error), tag->error_offset));
        break;
    }
}

static const char *consequence(const struct dmarc_judge *judge)
{
    return judge->domain->verdict->policy == DMARC_NONE
               ? "receivers take the whole record as p=none"
               : "without a report address receivers drop the whole record";
}

static bool is_bad(const struct dmarc_policy_tag *policy)
{
    return policy->is_present && !policy->is_valid;
}

static void judge_policies(const struct dmarc_judge *judge)
{
    const struct dmarc_record *record = judge->domain->verdict->record;
    if (!record->policy.is_present)
        add_with_fix(judge, DMARC_F_P_MISSING,
                     arena_format(judge->arena, "there is no p=: %s", consequence(judge)));
    if (is_bad(&record->policy))
        add_with_fix(judge, DMARC_F_P_BAD,
                     arena_format(judge->arena, "p=%.*s is no policy: %s",
                                  SLICE_PRINTF(record->policy.text), consequence(judge)));
    if (is_bad(&record->subdomain_policy))
        add_with_fix(judge, DMARC_F_SP_BAD,
                     arena_format(judge->arena, "sp=%.*s is no policy: %s",
                                  SLICE_PRINTF(record->subdomain_policy.text), consequence(judge)));
    if (is_bad(&record->nonexistent_policy))
        add_with_fix(judge, DMARC_F_NP_BAD,
                     arena_format(judge->arena, "np=%.*s is no policy: %s",
                                  SLICE_PRINTF(record->nonexistent_policy.text),
                                  judge->config->old_rule ? "receivers of RFC 9989 take the whole "
                                                            "record as p=none, or drop it"
                                                          : consequence(judge)));
}

/* sp and np against p, where they have an effect. */
static void judge_weak(const struct dmarc_judge *judge)
{
    const struct dmarc_verdict *verdict = judge->domain->verdict;
    const struct dmarc_record *record = verdict->record;
    const struct dmarc_policy_tag *sp = &record->subdomain_policy;
    const struct dmarc_policy_tag *np = &record->nonexistent_policy;
    bool is_organization = strcmp(verdict->record_domain, verdict->organizational_domain) == 0 ||
                           record->psd.value == 'y';
    if (!is_organization && (sp->is_present || np->is_present)) {
        add(judge, DMARC_F_SP_IGNORED,
            arena_format(judge->arena,
                         "%s has no effect: the organizational domain is %s, and names below this "
                         "one get its policy",
                         sp->is_present ? "sp=" : "np=", verdict->organizational_domain));
        return;
    }
    if (!record->policy.is_valid)
        return;
    if (sp->is_valid && sp->value < record->policy.value)
        add(judge, DMARC_F_SP_WEAK,
            arena_format(judge->arena, "sp=%s is weaker than p=%s", dmarc_policy_name(sp->value),
                         dmarc_policy_name(record->policy.value)));
    if (np->is_valid && np->value < record->policy.value)
        add(judge, DMARC_F_NP_WEAK,
            arena_format(judge->arena, "np=%s is weaker than p=%s", dmarc_policy_name(np->value),
                         dmarc_policy_name(record->policy.value)));
}

static void judge_old_tags(const struct dmarc_judge *judge)
{
    const struct dmarc_record *record = judge->domain->verdict->record;
    if (record->has_percent && !record->percent_valid)
        add_with_fix(judge, DMARC_F_PCT, "pct is no number from 0 to 100");
    else if (record->has_percent && record->percent < 100)
        add_with_fix(judge, DMARC_F_PCT,
                     arena_format(judge->arena,
                                  "pct=%u: receivers of RFC 7489 apply the policy to that share "
                                  "only, those of RFC 9989 to all",
                                  record->percent));
    else if (record->has_percent)
        add_with_fix(judge, DMARC_F_PCT_REMOVED, "pct=100 says nothing, and RFC 9989 removed it");
    if (record->has_format || record->has_interval)
        add_with_fix(judge, DMARC_F_RF_RI,
                     arena_format(judge->arena, "%s%s%s: RFC 9989 removed it",
                                  record->has_format ? "rf=" : "",
                                  record->has_format && record->has_interval ? " and " : "",
                                  record->has_interval ? "ri=" : ""));
}

static bool is_known(struct slice name)
{
    static const char *const known[] = {"v",   "p",   "sp",  "np", "adkim", "aspf", "t",
                                        "psd", "rua", "ruf", "fo", "pct",   "rf",   "ri"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (slice_equals_text(name, known[i]))
            return true;
    }
    return false;
}

static void judge_unknown_tags(const struct dmarc_judge *judge)
{
    const struct dmarc_record *record = judge->domain->verdict->record;
    for (size_t i = 0; i < record->tags.count && record->unknown_tags > 0; i++) {
        const struct tag *tag = &record->tags.tags[i];
        if (tag->error != TAG_LIST_FINE || is_known(tag->name))
            continue;
        const char *likely = dmarc_record_likely_tag(tag->name);
        add(judge, DMARC_F_UNKNOWN_TAG,
            arena_format(judge->arena, "%.*s= is no DMARC tag and is ignored%s%s%s",
                         SLICE_PRINTF(tag->name), likely == NULL ? "" : "; \"",
                         likely == NULL ? "" : likely, likely == NULL ? "" : "\" may be meant"));
    }
}

static void judge_psd(const struct dmarc_judge *judge)
{
    const struct dmarc_verdict *verdict = judge->domain->verdict;
    const struct dmarc_letter_tag *psd = &verdict->record->psd;
    if (!psd->is_present)
        return;
    if (!psd->is_valid) {
        add_with_fix(judge, DMARC_F_PSD,
                     arena_format(judge->arena, "psd=%.*s is none of y, n and u: it is ignored",
                                  SLICE_PRINTF(psd->text)));
        return;
    }
    const struct public_suffix *suffixes = judge->facts->suffixes;
    bool is_suffix =
        suffixes != NULL && public_suffix_organization(suffixes, verdict->record_domain) == NULL;
    if (psd->value == 'y' && suffixes != NULL && !is_suffix)
        add(judge, DMARC_F_PSD,
            "psd=y says that others register names below the domain, and it is no public suffix: "
            "every name below becomes an organization of its own");
    else
        add(judge, DMARC_F_PSD_SET, arena_format(judge->arena, "psd=%c is set", psd->value));
}

static void judge_letters(const struct dmarc_judge *judge)
{
    const struct dmarc_record *record = judge->domain->verdict->record;
    const struct dmarc_letter_tag *alignments[] = {&record->dkim_alignment, &record->spf_alignment};
    for (size_t i = 0; i < 2; i++) {
        if (alignments[i]->is_present && !alignments[i]->is_valid)
            add_with_fix(
                judge, DMARC_F_ADKIM_ASPF,
                arena_format(judge->arena, "%s=%.*s is neither r nor s: relaxed alignment holds",
                             i == 0 ? "adkim" : "aspf", SLICE_PRINTF(alignments[i]->text)));
    }
    if (record->testing.is_present && !record->testing.is_valid)
        add_with_fix(judge, DMARC_F_T_BAD,
                     arena_format(judge->arena, "t=%.*s is neither y nor n: it is ignored",
                                  SLICE_PRINTF(record->testing.text)));
}

static void judge_failure_options(const struct dmarc_judge *judge)
{
    static const char *const texts[] = {
        [DMARC_FAILURE_FINE] = "",
        [DMARC_FAILURE_UNKNOWN] = "has something else than 0, 1, d and s",
        [DMARC_FAILURE_BOTH] = "has 0 and 1, which exclude each other",
        [DMARC_FAILURE_REPEAT] = "has a value twice",
    };
    const struct dmarc_record *record = judge->domain->verdict->record;
    if (!record->has_failure_options)
        return;
    if (record->failure_fault != DMARC_FAILURE_FINE)
        add_with_fix(judge, DMARC_F_FO,
                     arena_format(judge->arena, "fo=%.*s %s: it is ignored",
                                  SLICE_PRINTF(record->failure_options),
                                  texts[record->failure_fault]));
    else if (!record->has_failure)
        add(judge, DMARC_F_FO_UNUSED, "fo= without ruf= has no effect");
}

static void judge_parked(const struct dmarc_judge *judge)
{
    const struct dmarc_record *record = judge->domain->verdict->record;
    if (!judge->config->parked)
        return;
    bool is_closed = record->policy.is_valid && record->policy.value == DMARC_REJECT &&
                     dmarc_record_subdomain_policy(record, true) == DMARC_REJECT &&
                     dmarc_record_subdomain_policy(record, false) == DMARC_REJECT &&
                     record->testing.value != 'y';
    if (is_closed)
        return;
    struct finding *finding =
        add(judge, DMARC_F_PARKED, "the domain sends no mail: p, sp and np should be reject");
    const struct tag *reports = tag_list_find(&record->tags, "rua");
    report_fix(judge->report, finding,
               "Publish at %s: v=DMARC1; p=reject; sp=reject; np=reject%s%.*s",
               dmarc_judge_home(judge, judge->domain->verdict->record_domain),
               reports == NULL ? "" : "; rua=",
               SLICE_PRINTF(reports == NULL ? SLICE_LITERAL("") : reports->value));
}

void dmarc_judge_record(const struct dmarc_judge *judge)
{
    if (judge->domain->verdict->record == NULL)
        return;
    judge_faulty_tags(judge);
    judge_policies(judge);
    judge_weak(judge);
    judge_old_tags(judge);
    judge_unknown_tags(judge);
    judge_psd(judge);
    judge_letters(judge);
    judge_failure_options(judge);
    judge_parked(judge);
}
