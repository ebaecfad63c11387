#include <string.h>

#include "dkim.h"
#include "mail/dkim_weak.h"

static void read_keys(struct arena *arena, struct dkim_target *target)
{
    const struct dns_answer *answer = target->answer;
    if (target->keys != NULL || answer->status != DNS_OK)
        return;
    target->key_count = answer->record_count < DKIM_KEYS_MAX ? answer->record_count : DKIM_KEYS_MAX;
    target->keys = arena_array(arena, target->key_count, sizeof *target->keys);
    target->weaknesses = arena_array(arena, target->key_count, sizeof *target->weaknesses);
    for (size_t i = 0; i < target->key_count; i++) {
        dkim_key_parse(arena, answer->records[i].text, &target->keys[i]);
        target->weaknesses[i] = dkim_weak(&target->keys[i]) | dkim_weak_prime(&target->keys[i]);
    }
}

static void look_at(const struct dkim_config *config, const struct plugin_common *common,
                    struct dns_answers *answers, struct dkim_facts *facts,
                    struct dkim_target *target)
{
    struct arena *arena = facts->arena;
    size_t before = dns_answers_missing_count(answers);
    bool complete = true;
    target->answer = dns_answers_get(answers, target->name, DNS_TXT);
    target->probe = dns_answers_get(
        answers, arena_format(arena, "%s._domainkey.%s", facts->probe, target->domain), DNS_TXT);
    target->parent =
        dns_answers_get(answers, arena_format(arena, "_domainkey.%s", target->domain), DNS_TXT);
    if (target->answer->status == DNS_OK && target->answer->chain_length == 0)
        target->cname = dns_answers_get(answers, target->name, DNS_CNAME);
    if (target->answer->status == DNS_SERVFAIL)
        target->unchecked =
            dns_answers_get_with(answers, target->name, DNS_TXT, DNS_CHECKING_DISABLED);
    if (config->authoritative && !target->is_discovered)
        complete = name_servers_find(arena, answers, common, target->name,
                                     (unsigned)config->authoritative_port, &target->servers);
    read_keys(arena, target);
    target->is_settled = complete && dns_answer_is_settled(target->answer) &&
                         dns_answers_missing_count(answers) == before;
}

/* ---- the message */

/* RFC 9989 4.4.1: the organizational domains are the same, or with adkim=s the domains. */
static void align(struct dns_answers *answers, struct dkim_facts *facts)
{
    struct dkim_letter *letter = &facts->letter;
    letter->author = letter->authors.count > 0 ? letter->authors.list[0].domain : "";
    letter->alignment_known = false;
    if (letter->author[0] == '\0')
        return;
    dmarc_discover(facts->arena, answers, letter->author, NULL, letter->policy);
    const struct dmarc_verdict *policy = &letter->policy->current;
    letter->is_strict = policy->record != NULL && policy->record->dkim_alignment.value == 's';
    letter->alignment_known = letter->policy->walk.is_certain;
    for (size_t i = 0; i < letter->count; i++) {
        const char *domain = letter->verdicts[i].signature->domain;
        letter->is_aligned[i] = strcmp(domain, letter->author) == 0;
        if (letter->is_aligned[i] || domain[0] == '\0' || letter->is_strict)
            continue;
        dmarc_walk(facts->arena, answers, domain, &letter->walks[i]);
        letter->alignment_known = letter->alignment_known && letter->walks[i].is_certain;
        letter->is_aligned[i] =
            strcmp(letter->walks[i].organizational_domain, policy->organizational_domain) == 0;
    }
}

static void look_at_letter(const struct dkim_config *config, struct dns_answers *answers,
                           struct dkim_facts *facts)
{
    struct dkim_letter *letter = &facts->letter;
    if (facts->verifier == NULL)
        return;
    letter->verdicts = dkim_verifier_judge(facts->verifier, answers, &letter->count);
    if (config->align)
        align(answers, facts);
}

static void open_letter(struct dkim_facts *facts)
{
    struct dkim_letter *letter = &facts->letter;
    if (facts->verifier == NULL)
        return;
    letter->is_given = true;
    letter->message = dkim_verifier_message(facts->verifier);
    letter->signature_count = dkim_verifier_signature_count(facts->verifier);
    letter->policy = arena_alloc(facts->arena, sizeof *letter->policy);
    letter->walks = arena_array(facts->arena, DKIM_SIGNATURES_MAX, sizeof *letter->walks);
    const struct message_field *from = message_find(letter->message, "From");
    if (from != NULL)
        mailboxes_parse(from->value, &letter->authors);
}

static void ask_servers(struct dkim_facts *facts, struct dns *dns, struct deadline deadline)
{
    struct name_servers **names = arena_array(facts->arena, facts->target_count, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < facts->target_count; i++) {
        if (!facts->targets[i].is_discovered)
            names[count++] = &facts->targets[i].servers;
    }
    name_servers_ask(facts->arena, dns, deadline, names, count);
}

void dkim_collect(const struct dkim_config *config, const struct plugin_common *common,
                  struct dns *dns, struct dns_answers *answers, struct deadline deadline,
                  struct dkim_facts *facts)
{
    bool more;
    open_letter(facts);
    do {
        for (size_t i = 0; i < facts->target_count; i++) {
            if (!facts->targets[i].is_settled)
                look_at(config, common, answers, facts, &facts->targets[i]);
        }
        look_at_letter(config, answers, facts);
        more = dns != NULL && dns_fetch_missing(dns, answers, deadline);
    } while (more);
    if (config->authoritative && dns != NULL)
        ask_servers(facts, dns, deadline);
}
