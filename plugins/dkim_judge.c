#include <string.h>

#include "base/plural.h"
#include "dkim.h"
#include "mail/dkim_weak.h"
#include "record_judge.h"

#define DAY ((int64_t)86400)

/* ---- the answer */

static void judge_failure(const struct dkim_judge *judge, const struct dkim_target *target)
{
    const struct dns_answer *answer = target->answer;
    const struct record_judge failures = {
        .report = judge->report,
        .timeout_result = judge->common->timeout_result,
        .error = DKIM_F_DNS_ERROR,
        .bogus = DKIM_F_DNS_BOGUS,
    };
    if (answer->status == DNS_TRUNCATED)
        report_add(judge->report, DKIM_F_SIZE, target->name,
                   "the answer is truncated and TCP fails: the key cannot be read");
    else
        record_judge_failure(&failures, target->name, answer, target->unchecked);
}

static void judge_missing(const struct dkim_judge *judge, const struct dkim_target *target)
{
    const struct dns_answer *answer = target->answer;
    if (answer->chain_length > 0) {
        report_add(judge->report, DKIM_F_CNAME_DANGLING, target->name,
                   "the CNAME leads to %s, where there is no TXT record (%s)",
                   answer->chain[answer->chain_length - 1], dns_answer_word(answer));
        return;
    }
    if (target->is_retired || judge->config->expect_revoked)
        return;
    struct finding *finding = report_add(judge->report, DKIM_F_NO_KEY, target->name,
                                         "there is no key record (%s)", dns_answer_word(answer));
    if (target->pair == DKIM_PAIR_READ)
        report_fix(judge->report, finding, "Publish the public half of %s at %s", target->pair_name,
                   target->name);
}

/* "v=DKIM1; p=" for all that has no key of its own is what parked domains publish. */
static bool is_wildcard_harmful(const struct dkim_judge *judge, const struct dkim_target *target)
{
    const struct dns_answer *probe = target->probe;
    for (size_t i = 0; probe->status == DNS_OK && i < probe->record_count; i++) {
        struct dkim_key key;
        dkim_key_parse(judge->facts->arena, probe->records[i].text, &key);
        if (key.fault != DKIM_KEY_REVOKED)
            return true;
    }
    return false;
}

static void judge_names(const struct dkim_judge *judge, const struct dkim_target *target)
{
    if (is_wildcard_harmful(judge, target))
        report_add(judge->report, DKIM_F_WILDCARD, target->name,
                   "any selector of %s has a TXT record: a wildcard answers", target->domain);
    if (target->answer->chain_length == 0 && target->parent->status == DNS_NXDOMAIN)
        report_add(judge->report, DKIM_F_ENT, target->name,
                   "_domainkey.%s is NXDOMAIN although this name below it exists", target->domain);
    if (target->cname != NULL && target->cname->status == DNS_OK)
        report_add(judge->report, DKIM_F_TXT_CNAME, target->name,
                   "the name has a CNAME (to %s) and TXT records: which one is seen is chance",
                   target->cname->records[0].target);
}

/* ---- the key */

/* One key of one target. */
struct subject {
    const struct dkim_judge *judge;
    const struct dkim_target *target;
    const struct dkim_key *key;
    unsigned weaknesses;
};

static struct finding *add(const struct subject *subject, enum dkim_finding definition,
                           const char *text)
{
    struct report *report = subject->judge->report;
    struct finding *finding = report_add(report, definition, subject->target->name, "%s", text);
    report_seen(report, finding, "%.*s", SLICE_PRINTF(subject->key->text));
    return finding;
}

/* Where the record stands: beside a CNAME there may be nothing. */
static const char *home_of(const struct dkim_target *target)
{
    const struct dns_answer *answer = target->answer;
    return answer->chain_length == 0 ? target->name : answer->chain[answer->chain_length - 1];
}

/* With the record as it should be, where it can be made from what stands there. */
static void add_with_fix(const struct subject *subject, enum dkim_finding definition,
                         const char *text)
{
    struct finding *finding = add(subject, definition, text);
    const char *record = dkim_key_print(subject->judge->facts->arena, subject->key);
    if (record != NULL)
        report_fix(subject->judge->report, finding, "Publish at %s: %s", home_of(subject->target),
                   record);
}

static const char *tag_list_text(const struct subject *subject)
{
    const struct dkim_key *key = subject->key;
    const char *hint = "";
    if (key->has_two_records)
        hint = "; two records were pasted into one";
    else if (key->has_quotes)
        hint = "; the quotes of a zone file became part of the text";
    else if (slice_starts_with(key->text, "\xEF\xBB\xBF"))
        hint = ": a byte order mark (U+FEFF) stands before the record";
    return arena_format(subject->judge->facts->arena, "%s at octet %zu%s",
                        tag_list_error_text(key->tags.error), key->tags.error_offset, hint);
}

static void judge_no_data(const struct subject *subject)
{
    if (tag_list_find(&subject->key->tags, "P") != NULL)
        add(subject, DKIM_F_TAG_LIST, "the tag P is in upper case: tags are in lower case");
    else
        add(subject, DKIM_F_P_MISSING, dkim_key_fault_text(DKIM_KEY_NO_DATA));
}

static void judge_fault(const struct subject *subject)
{
    const struct dkim_key *key = subject->key;
    struct arena *arena = subject->judge->facts->arena;
    const char *text = dkim_key_fault_text(key->fault);
    const char *form = arena_format(arena, "%s: it is %s", text, dkim_key_form_text(key->form));
    switch (key->fault) {
    case DKIM_KEY_FINE:
    case DKIM_KEY_REVOKED:
        return;
    case DKIM_KEY_TAG_LIST:
        if (key->tags.error == TAG_LIST_TOO_MANY)
            report_add(subject->judge->report, DKIM_F_TAG_LIMIT, subject->target->name,
                       "the record has more than %d tags: what comes after them is not known",
                       TAG_LIST_MAX);
        else
            add(subject, DKIM_F_TAG_LIST, tag_list_text(subject));
        return;
    case DKIM_KEY_VERSION:
    case DKIM_KEY_VERSION_LATE:
        if (key->has_backslashes)
            add_with_fix(subject, DKIM_F_TAG_LIST,
                         "the backslashes of a zone file became part of the text");
        else
            add_with_fix(subject, DKIM_F_VERSION, text);
        return;
    case DKIM_KEY_NO_DATA:
        judge_no_data(subject);
        return;
    case DKIM_KEY_TYPE:
        add_with_fix(subject, DKIM_F_K, text);
        return;
    case DKIM_KEY_BASE64:
        add(subject, DKIM_F_P_BASE64,
            arena_format(arena, "%s: %s at octet %zu", text, base64_error_text(key->base64_error),
                         key->base64_offset));
        return;
    case DKIM_KEY_PRIVATE:
        add(subject, DKIM_F_P_PRIVATE, text);
        return;
    case DKIM_KEY_MISMATCH:
        add_with_fix(subject, DKIM_F_K, form);
        return;
    case DKIM_KEY_DER:
        add(subject, DKIM_F_P_DER, form);
        return;
    case DKIM_KEY_LENGTH:
    case DKIM_KEY_POINT:
        add_with_fix(subject, DKIM_F_ED_LEN, text);
        return;
    }
}

static void judge_bits(const struct subject *subject)
{
    const struct dkim_key *key = subject->key;
    const struct plugin_common *common = subject->judge->common;
    struct arena *arena = subject->judge->facts->arena;
    struct report *report = subject->judge->report;
    const char *text = arena_format(arena, "the RSA key has %u bits", key->bits);
    struct range critical = dkim_judge_limit(&common->critical, DKIM_KEY_BITS_LEAST);
    struct range warning = dkim_judge_limit(&common->warning, DKIM_KEY_BITS_GOOD);
    bool is_critical = range_alerts(&critical, key->bits);
    bool is_own = is_critical ? common->critical.is_set : common->warning.is_set;
    if (!is_critical && !range_alerts(&warning, key->bits)) {
        if (key->bits > DKIM_KEY_BITS_MOST)
            add(subject, DKIM_F_BITS_MANY, text);
    } else if (is_own) {
        struct finding *finding = report_add_as(
            report, DKIM_F_BITS_LIMIT, is_critical ? STATE_CRITICAL : STATE_WARNING,
            subject->target->name, "%s, wanted is %s (%s)", text,
            range_text(arena, is_critical ? &critical : &warning), is_critical ? "-c" : "-w");
        report_seen(report, finding, "%.*s", SLICE_PRINTF(key->text));
    } else {
        add(subject, is_critical ? DKIM_F_BITS_SHORT : DKIM_F_BITS_FEW, text);
    }
}

static void judge_strength(const struct subject *subject)
{
    const struct dkim_key *key = subject->key;
    if (key->type == DKIM_KEY_RSA && key->modulus != NULL)
        judge_bits(subject);
    for (unsigned bit = 1; bit <= DKIM_WEAK_LAST; bit <<= 1) {
        if (subject->weaknesses & bit)
            add(subject, bit == DKIM_WEAK_EXPONENT_SMALL ? DKIM_F_EXPONENT : DKIM_F_WEAK,
                dkim_weak_text((enum dkim_weakness)bit));
    }
}

static void judge_tags(const struct subject *subject)
{
    const struct dkim_key *key = subject->key;
    if (!key->has_version)
        add(subject, DKIM_F_VERSION_ABSENT, "there is no v=");
    if (!key->allows_sha256)
        add(subject, DKIM_F_H,
            key->hash_names_algorithm ? "h= names an algorithm, a hash is wanted: sha256"
                                      : "h= does not allow sha256");
    if (!key->for_email)
        add(subject, DKIM_F_S,
            key->for_tlsrpt ? "s= allows the key for TLS reports only, not for mail"
                            : "s= has neither * nor email");
    if (key->testing)
        add_with_fix(subject, DKIM_F_T_Y, "the key says that DKIM is being tested (t=y)");
    if (key->strict)
        add(subject, DKIM_F_T_S, "i= must be exactly the domain (t=s)");
    if (key->has_granularity)
        add(subject, key->granularity_empty ? DKIM_F_G_EMPTY : DKIM_F_G,
            key->granularity_empty ? "g= is empty: for old verifiers it matches no address"
                                   : "g= is a tag of RFC 4871 that is ignored now");
    if (key->unknown_tags > 0)
        add(subject, DKIM_F_UNKNOWN_TAG,
            arena_format(subject->judge->facts->arena, "%zu tag%s unknown and ignored",
                         key->unknown_tags, plural(key->unknown_tags, " is", "s are")));
}

static void judge_revoked(const struct subject *subject)
{
    const struct dkim_config *config = subject->judge->config;
    bool is_revoked = subject->key->fault == DKIM_KEY_REVOKED;
    if (subject->target->is_retired) {
        if (!is_revoked)
            add(subject, DKIM_F_RETIRED, "the retired selector still has a key");
    } else if (config->expect_revoked) {
        if (!is_revoked)
            add(subject, DKIM_F_NOT_REVOKED, "the key is not revoked");
    } else if (is_revoked && !subject->target->is_discovered) {
        add(subject, DKIM_F_P_EMPTY, dkim_key_fault_text(DKIM_KEY_REVOKED));
    }
}

static void judge_key(const struct subject *subject)
{
    const struct dkim_key *key = subject->key;
    if (dkim_key_is_foreign(key)) {
        add(subject, DKIM_F_NOT_DKIM, "the TXT record at the selector is no key");
        return;
    }
    judge_revoked(subject);
    judge_fault(subject);
    judge_strength(subject);
    if (key->fault != DKIM_KEY_FINE)
        return;
    judge_tags(subject);
    if (key->form == DKIM_KEY_PKCS1)
        add_with_fix(subject, DKIM_F_P_PKCS1, "the key is a plain RSAPublicKey");
}

/* ---- what the signer holds, and since when */

static void judge_pair(const struct dkim_judge *judge, const struct dkim_target *target)
{
    bool matches = false;
    if (target->pair == DKIM_PAIR_UNREADABLE)
        report_add(judge->report, DKIM_F_PAIR_UNREADABLE, target->name, "%s: %s", target->pair_name,
                   target->pair_trouble);
    if (target->is_open_to_others)
        report_add(judge->report, DKIM_F_PAIR_MODE, target->name, "%s: everybody may read it",
                   target->pair_name);
    if (target->pair != DKIM_PAIR_READ || target->key_count == 0)
        return;
    /* What is revoked fits nothing, and is told as that. */
    for (size_t i = 0; i < target->key_count; i++)
        matches = matches || target->keys[i].fault == DKIM_KEY_REVOKED ||
                  dkim_key_matches(&target->keys[i], &target->private_key);
    if (!matches)
        report_add(judge->report, DKIM_F_PAIR, target->name,
                   "the private key in %s is not the one of the published key", target->pair_name);
}

static void judge_age(const struct dkim_judge *judge, const struct dkim_target *target)
{
    int64_t age = judge->facts->now - target->memory.since;
    if (judge->config->max_age == 0 || !target->memory.is_remembered ||
        age <= judge->config->max_age * DAY)
        return;
    report_add(judge->report, DKIM_F_AGE, target->name,
               "the same key is published for %lld day%s, wanted are at most %ld",
               (long long)(age / DAY), plural((uint64_t)(age / DAY), "", "s"),
               judge->config->max_age);
}

static void judge_target(const struct dkim_judge *judge, const struct dkim_target *target)
{
    static const struct name_servers_findings servers = {
        .differs = DKIM_F_NS_DIFFER,
        .missing = DKIM_F_NS_MISSING,
        .silent = DKIM_F_NS_SILENT,
        .unknown = DKIM_F_NS_UNKNOWN,
    };
    const struct dns_answer *answer = target->answer;
    if (target->is_discovered && (answer->status != DNS_OK || dkim_judge_is_of_wildcard(target)))
        return;
    judge_pair(judge, target);
    if (answer->status != DNS_OK && dkim_judge_is_known(target)) {
        judge_missing(judge, target);
    } else if (answer->status != DNS_OK) {
        judge_failure(judge, target);
    } else {
        judge_names(judge, target);
        if (answer->record_count > 1)
            report_add(judge->report, DKIM_F_MULTIPLE, target->name,
                       "%zu TXT records: which one a verifier takes is chance",
                       answer->record_count);
        for (size_t i = 0; i < target->key_count; i++)
            judge_key(&(struct subject){judge, target, &target->keys[i], target->weaknesses[i]});
        judge_age(judge, target);
    }
    if (judge->config->authoritative && !target->is_discovered)
        name_servers_judge(&target->servers, &servers, judge->report);
}

static void judge_gaps(const struct dkim_judge *judge)
{
    for (size_t i = 0; i < judge->facts->gap_count; i++) {
        const struct dkim_gap *gap = &judge->facts->gaps[i];
        if (gap->key_name == NULL)
            report_add(judge->report, DKIM_F_SIGNING_TABLE, gap->domain,
                       "no row of the signing table is for %s", gap->domain);
        else
            report_add(
                judge->report, DKIM_F_SIGNING_TABLE, gap->domain,
                "the signing table names the key \"%s\" for %s, which the key table does not "
                "have",
                gap->key_name, gap->domain);
    }
}

/* ---- the usual selectors: one finding for all of a domain */

struct discovery {
    const struct dkim_target *first; /* of the domain */
    size_t count, found, failed;
    const struct dkim_target *failure, *bogus, *wildcard;
};

static void count_discovered(const struct dkim_facts *facts, struct discovery *discovery)
{
    for (size_t i = 0; i < facts->target_count; i++) {
        const struct dkim_target *target = &facts->targets[i];
        if (strcmp(target->domain, discovery->first->domain) != 0)
            continue;
        discovery->found += dkim_judge_has_record(target);
        if (!target->is_discovered)
            continue;
        discovery->count++;
        if (dkim_judge_is_of_wildcard(target))
            discovery->wildcard = target;
        if (dkim_judge_is_known(target))
            continue;
        discovery->failed++;
        if (discovery->failure == NULL)
            discovery->failure = target;
        if (target->unchecked != NULL && dns_status_is_answer(target->unchecked->status))
            discovery->bogus = target;
    }
}

static void judge_domain_discovery(const struct dkim_judge *judge, const struct dkim_target *first)
{
    struct discovery discovery = {.first = first};
    count_discovered(judge->facts, &discovery);
    const struct dkim_target *failure = discovery.failure;
    if (discovery.bogus != NULL)
        judge_failure(judge, discovery.bogus);
    else if (failure != NULL)
        report_add_as(
            judge->report, DKIM_F_DNS_ERROR,
            dns_answer_is_settled(failure->answer) ? STATE_UNKNOWN : judge->common->timeout_result,
            first->domain,
            "%zu of %zu usual selectors got no usable answer: %s for the question %s TXT",
            discovery.failed, discovery.count, dns_answer_word(failure->answer), failure->name);
    if (discovery.wildcard != NULL && is_wildcard_harmful(judge, discovery.wildcard))
        report_add(judge->report, DKIM_F_WILDCARD, first->domain,
                   "any selector of %s has a TXT record: a wildcard answers, and which are in use "
                   "is not known",
                   first->domain);
    if (discovery.found == 0 && discovery.failed == 0)
        report_add(judge->report, DKIM_F_DISCOVERED_NONE, first->domain,
                   "none of %zu usual selectors has a key, which proves nothing: selectors can be "
                   "any name",
                   discovery.count);
}

static void judge_discovery(const struct dkim_judge *judge)
{
    const struct dkim_target *last = NULL;
    for (size_t i = 0; i < judge->facts->target_count; i++) {
        const struct dkim_target *target = &judge->facts->targets[i];
        if (!target->is_discovered || (last != NULL && strcmp(last->domain, target->domain) == 0))
            continue;
        judge_domain_discovery(judge, target);
        last = target;
    }
}

void dkim_judge(const struct dkim_config *config, const struct plugin_common *common,
                const struct dkim_facts *facts, struct report *report)
{
    const struct dkim_judge judge = {config, common, facts, report};
    dkim_judge_summarize(facts, report);
    for (size_t i = 0; i < facts->target_count; i++)
        judge_target(&judge, &facts->targets[i]);
    judge_gaps(&judge);
    judge_discovery(&judge);
    if (facts->letter.is_given)
        dkim_judge_message(&judge);
    if (facts->memory_trouble != NULL)
        report_add(report, DKIM_F_STATE_FILE, "state file", "%s", facts->memory_trouble);
    dkim_judge_metrics(&judge);
}
