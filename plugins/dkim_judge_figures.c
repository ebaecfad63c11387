#include "base/plural.h"
#include "dkim.h"
#include "mail/dkim_weak.h"

static bool is_missing(const struct dns_answer *answer)
{
    return answer->status == DNS_NXDOMAIN || answer->status == DNS_NODATA ||
           answer->status == DNS_BAD_NAME;
}

bool dkim_judge_is_of_wildcard(const struct dkim_target *target)
{
    return target->answer->status == DNS_OK && target->probe->status == DNS_OK &&
           slice_equals(target->answer->records[0].text, target->probe->records[0].text);
}

struct range dkim_judge_limit(const struct range *wanted, double least)
{
    return wanted->is_set ? *wanted
                          : (struct range){.is_set = true, .start = least, .end_infinite = true};
}

static bool is_good(const struct dkim_target *target)
{
    const struct dkim_key *key = target->keys;
    if (target->key_count != 1 || key->fault != DKIM_KEY_FINE || dkim_judge_is_of_wildcard(target))
        return false;
    return (target->weaknesses[0] & ~(unsigned)DKIM_WEAK_EXPONENT_SMALL) == 0 &&
           (key->type != DKIM_KEY_RSA || key->bits >= DKIM_KEY_BITS_LEAST) && key->allows_sha256 &&
           key->for_email &&
           (target->pair != DKIM_PAIR_READ || dkim_key_matches(key, &target->private_key));
}

bool dkim_judge_has_record(const struct dkim_target *target)
{
    return target->key_count > 0 && !(target->is_discovered && dkim_judge_is_of_wildcard(target));
}

static bool has_live_key(const struct dkim_target *target)
{
    return dkim_judge_has_record(target) && target->keys[0].fault != DKIM_KEY_REVOKED;
}

bool dkim_judge_is_known(const struct dkim_target *target)
{
    return target->answer->status == DNS_OK || is_missing(target->answer);
}

void dkim_judge_metrics(const struct dkim_judge *judge)
{
    const struct dkim_facts *facts = judge->facts;
    struct report *report = judge->report;
    struct range warning = dkim_judge_limit(&judge->common->warning, DKIM_KEY_BITS_GOOD);
    struct range critical = dkim_judge_limit(&judge->common->critical, DKIM_KEY_BITS_LEAST);
    size_t keys = 0;
    size_t good = 0;
    size_t passed = 0;
    unsigned bits = 0;
    int64_t age = -1;
    bool all_known = true;
    for (size_t i = 0; i < facts->target_count; i++) {
        const struct dkim_target *target = &facts->targets[i];
        keys += dkim_judge_has_record(target);
        good += is_good(target);
        all_known = all_known && dkim_judge_is_known(target);
        for (size_t k = 0; k < target->key_count && dkim_judge_has_record(target); k++) {
            const struct dkim_key *key = &target->keys[k];
            if (key->type == DKIM_KEY_RSA && key->bits > 0 && (bits == 0 || key->bits < bits))
                bits = key->bits;
        }
        if (target->memory.is_remembered && facts->now - target->memory.since > age)
            age = facts->now - target->memory.since;
    }
    for (size_t i = 0; i < facts->letter.count; i++)
        passed += facts->letter.verdicts[i].result == DKIM_PASS;
    if (all_known) {
        report_metric(report, DKIM_M_KEYS, (double)keys);
        report_metric(report, DKIM_M_GOOD_KEYS, (double)good);
    }
    if (bits > 0)
        report_metric(report, DKIM_M_BITS, bits);
    report_metric_bounds(report, DKIM_M_BITS, &warning, &critical);
    if (age >= 0)
        report_metric(report, DKIM_M_AGE, (double)age);
    if (facts->letter.is_given && facts->letter.message->is_cut)
        return;
    report_metric(report, DKIM_M_SIGNATURES, (double)facts->letter.signature_count);
    report_metric(report, DKIM_M_PASSED, (double)passed);
}

static const char *key_text(const struct dkim_facts *facts, const struct dkim_target *target)
{
    const struct dkim_key *key = &target->keys[0];
    if (!dkim_judge_is_known(target))
        return "no answer";
    if (target->key_count == 0)
        return "no key";
    if (key->fault == DKIM_KEY_REVOKED)
        return "revoked";
    return arena_format(facts->arena, "%s, %u bits", dkim_key_type_name(key->type), key->bits);
}

static void summarize_letter(const struct dkim_letter *letter, struct report *report)
{
    size_t passed = 0;
    const char *ending = plural(letter->signature_count, "", "s");
    for (size_t i = 0; i < letter->count; i++)
        passed += letter->verdicts[i].result == DKIM_PASS;
    report_target(report, "message");
    if (letter->message->is_cut)
        report_summary(report, "message: the header is too large for this check");
    else if (letter->signature_count == 0)
        report_summary(report, "message: no signature");
    else if (passed == letter->signature_count)
        report_summary(report, "message: %zu signature%s, all verify", passed, ending);
    else
        report_summary(report, "message: %zu of %zu signature%s verify", passed,
                       letter->signature_count, ending);
}

void dkim_judge_summarize(const struct dkim_facts *facts, struct report *report)
{
    size_t keys = 0;
    for (size_t i = 0; i < facts->target_count; i++)
        keys += has_live_key(&facts->targets[i]);
    if (facts->letter.is_given) {
        summarize_letter(&facts->letter, report);
        return;
    }
    if (facts->target_count == 0) {
        report_target(report, "%s", facts->gaps[0].domain);
        report_summary(report, "no selector");
        return;
    }
    report_target(report, "%s",
                  facts->target_count == 1 ? facts->targets[0].name : facts->targets[0].domain);
    if (facts->target_count == 1)
        report_summary(report, "%s: %s", facts->targets[0].name,
                       key_text(facts, &facts->targets[0]));
    else
        report_summary(report, "%zu of %zu selectors have a key", keys, facts->target_count);
}
