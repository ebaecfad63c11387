#include "base/text.h"
#include "dkim.h"

static json_t *slice_json(struct report *report, struct arena *arena, struct slice text)
{
    return report_json_string(report, arena_copy_slice(arena, text));
}

static json_t *chain_json(struct report *report, const struct dns_answer *answer)
{
    json_t *chain = json_array();
    for (size_t i = 0; i < answer->chain_length; i++)
        json_array_append_new(chain, report_json_string(report, answer->chain[i]));
    return chain;
}

static json_t *flags_json(const struct dkim_key *key)
{
    json_t *flags = json_array();
    if (key->testing)
        json_array_append_new(flags, json_string("y"));
    if (key->strict)
        json_array_append_new(flags, json_string("s"));
    return flags;
}

/* One entry a record; one without a key where there is none. */
static void put_keys(struct report *report, struct arena *arena, json_t *keys,
                     const struct dkim_target *target)
{
    for (size_t i = 0; i < target->key_count || i == 0; i++) {
        const struct dkim_key *key = target->key_count > 0 ? &target->keys[i] : NULL;
        json_t *object = json_object();
        json_object_set_new(object, "domain", report_json_string(report, target->domain));
        json_object_set_new(object, "selector", report_json_string(report, target->selector));
        json_object_set_new(object, "status", json_string(dns_answer_word(target->answer)));
        json_object_set_new(object, "chain", chain_json(report, target->answer));
        json_object_set_new(object, "record",
                            key == NULL ? json_null() : slice_json(report, arena, key->text));
        json_object_set_new(object, "key_type",
                            key == NULL ? json_null() : json_string(dkim_key_type_name(key->type)));
        json_object_set_new(object, "bits",
                            key == NULL ? json_null() : json_integer((json_int_t)key->bits));
        json_object_set_new(object, "revoked",
                            json_boolean(key != NULL && key->fault == DKIM_KEY_REVOKED));
        json_object_set_new(object, "flags", key == NULL ? json_array() : flags_json(key));
        json_object_set_new(object, "testing", json_boolean(key != NULL && key->testing));
        json_array_append_new(keys, object);
    }
}

static const char *canonicalization(struct arena *arena, const struct dkim_signature *signature)
{
    static const char *const forms[] = {"simple", "relaxed"};
    return arena_format(arena, "%s/%s", forms[signature->header_form], forms[signature->body_form]);
}

static json_t *headers_json(struct report *report, struct arena *arena,
                            const struct dkim_signature *signature)
{
    json_t *headers = json_array();
    for (size_t i = 0; i < signature->header_count; i++)
        json_array_append_new(headers, slice_json(report, arena, signature->headers[i]));
    return headers;
}

static json_t *signature_json(struct report *report, const struct dkim_facts *facts, size_t index)
{
    const struct dkim_letter *letter = &facts->letter;
    const struct dkim_verdict *verdict = &letter->verdicts[index];
    const struct dkim_signature *signature = verdict->signature;
    json_t *object = json_object();
    json_object_set_new(object, "domain", report_json_string(report, signature->domain));
    json_object_set_new(object, "selector", report_json_string(report, signature->selector));
    json_object_set_new(object, "algorithm",
                        slice_json(report, facts->arena, signature->algorithm));
    json_object_set_new(object, "canonicalization",
                        json_string(canonicalization(facts->arena, signature)));
    json_object_set_new(object, "result", json_string(dkim_result_name(verdict->result)));
    json_object_set_new(object, "reason",
                        report_json_string(report, dkim_verdict_text(facts->arena, verdict)));
    json_object_set_new(object, "headers", headers_json(report, facts->arena, signature));
    json_object_set_new(object, "body_length",
                        signature->has_length && signature->length <= INT64_MAX
                            ? json_integer((json_int_t)signature->length)
                            : json_null());
    json_object_set_new(object, "expires",
                        signature->has_expiry ? json_integer((json_int_t)signature->expiry)
                                              : json_null());
    json_object_set_new(object, "aligned",
                        letter->alignment_known ? json_boolean(letter->is_aligned[index])
                                                : json_null());
    return object;
}

static void show_key(const struct dkim_target *target, struct report *report)
{
    struct text chain;
    text_init(&chain, 2000);
    for (size_t i = 0; i < target->answer->chain_length; i++)
        text_printf(&chain, ", CNAME %s", target->answer->chain[i]);
    if (target->key_count == 0)
        report_detail(report, 1, "%s%s: %s", target->name, chain.start,
                      dns_answer_word(target->answer));
    for (size_t i = 0; i < target->key_count; i++) {
        const struct dkim_key *key = &target->keys[i];
        if (key->fault == DKIM_KEY_FINE)
            report_detail(report, 1, "%s%s: %s, %u bits%s%s", target->name, chain.start,
                          dkim_key_type_name(key->type), key->bits, key->testing ? ", testing" : "",
                          key->strict ? ", strict" : "");
        else
            report_detail(report, 1, "%s%s: %s", target->name, chain.start,
                          dkim_key_fault_text(key->fault));
        report_detail(report, 2, "    %.*s", SLICE_PRINTF(key->text));
    }
    text_release(&chain);
}

static void show_signatures(const struct dkim_facts *facts, struct report *report)
{
    for (size_t i = 0; i < facts->letter.count; i++) {
        const struct dkim_verdict *verdict = &facts->letter.verdicts[i];
        const struct dkim_signature *signature = verdict->signature;
        report_detail(report, 1, "signature %zu: d=%s s=%s a=%.*s c=%s: %s, %s", i + 1,
                      signature->domain, signature->selector, SLICE_PRINTF(signature->algorithm),
                      canonicalization(facts->arena, signature), dkim_result_name(verdict->result),
                      dkim_verdict_text(facts->arena, verdict));
    }
}

void dkim_show(const struct dkim_facts *facts, struct report *report)
{
    json_t *keys = json_array();
    json_t *signatures = json_array();
    for (size_t i = 0; i < facts->target_count; i++) {
        const struct dkim_target *target = &facts->targets[i];
        if (target->is_discovered && target->key_count == 0)
            continue;
        put_keys(report, facts->arena, keys, target);
        show_key(target, report);
    }
    report->facts_omitted = facts->letter.signature_count - facts->letter.count;
    for (size_t i = 0; i < facts->letter.count; i++)
        json_array_append_new(signatures, signature_json(report, facts, i));
    show_signatures(facts, report);
    report_fact(report, "keys", keys);
    report_fact(report, "signatures", signatures);
}
