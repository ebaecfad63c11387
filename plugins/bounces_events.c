#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bounces.h"
#include "mail/bounce_provider.h"

void bounces_events_init(struct bounces_facts *facts)
{
    bounces_tally_init(&facts->tally, facts->arena, facts->window, facts->now);
    memset(facts->cached_providers, 0, sizeof facts->cached_providers);
    bounces_memory_init(&facts->memory, facts->arena);
}

void bounces_events_release(struct bounces_facts *facts)
{
    bounces_tally_release(&facts->tally);
    bounces_memory_release(&facts->memory);
    free(facts->recipients);
}

bool bounces_is_seen(const struct bounces_facts *facts, uint64_t key)
{
    return bounces_keys_has(&facts->memory.seen_before, key) ||
           bounces_keys_has(&facts->memory.seen, key);
}

bool bounces_seen(struct bounces_facts *facts, uint64_t key)
{
    bool is_old = bounces_keys_has(&facts->memory.seen_before, key);
    return !bounces_keys_add(&facts->memory.seen, key) || is_old;
}

/* Only host and domain tell the provider. */
static size_t find_provider(struct bounces_facts *facts, struct slice host, struct slice recipient)
{
    size_t at = recipient.length;
    while (at > 0 && recipient.start[at - 1] != '@')
        at--;
    uint64_t key = bounces_key(host, slice_sub(recipient, at, recipient.length));
    struct bounces_cached_provider *cached = &facts->cached_providers[key % BOUNCES_PROVIDER_CACHE];
    if (cached->key != key) {
        cached->provider = bounces_tally_provider(&facts->tally, bounce_provider(host, recipient));
        cached->key = key;
    }
    return cached->provider;
}

static bool is_failure(enum bounces_kind kind)
{
    return kind == BOUNCES_BOUNCED || kind == BOUNCES_EXPIRED || kind == BOUNCES_DEFERRED;
}

static const char *copy_or_null(struct arena *arena, struct slice text)
{
    return text.length == 0 ? NULL : arena_copy_slice(arena, slice_sub(text, 0, 320));
}

static void keep_recipient(struct bounces_facts *facts, const struct bounces_event *event,
                           const struct bounce_reply *reply, const struct bounce_verdict *verdict)
{
    char status[BOUNCE_STATUS_SIZE];
    struct slice code = slice_of(bounce_status_print(reply->status, status));
    if (facts->recipient_count == BOUNCES_RECIPIENTS_MAX) {
        facts->recipients_left_out++;
        return;
    }
    facts->recipients = memory_grow(facts->recipients, &facts->recipient_capacity,
                                    facts->recipient_count + 1, sizeof *facts->recipients);
    facts->recipients[facts->recipient_count++] = (struct bounces_recipient){
        .file = event->file,
        .kind = event->kind,
        .recipient = copy_or_null(facts->arena, event->recipient),
        .original_recipient = copy_or_null(facts->arena, event->original_recipient),
        .status = copy_or_null(facts->arena, code),
        .reply_code = reply->code,
        .class = verdict->class,
        .is_failure = is_failure(event->kind),
        .is_hard = verdict->is_hard && event->kind != BOUNCES_DEFERRED,
        .blocklist = copy_or_null(facts->arena, slice_of(verdict->blocklist)),
        .rule = verdict->rule == NULL ? NULL : verdict->rule->id,
    };
}

static void classify(struct bounces_facts *facts, const struct bounces_event *event,
                     struct bounce_reply *reply, struct bounce_verdict *verdict)
{
    memset(verdict, 0, sizeof *verdict);
    if (event->kind == BOUNCES_EXPIRED) {
        verdict->class = BOUNCE_EXPIRED;
    } else if (is_failure(event->kind)) {
        bounce_reply_find_codes(reply);
        bounce_rules_classify(&facts->rules, reply, verdict);
    }
}

static void count_refusal(struct bounces_facts *facts, struct bounces_bucket *bucket,
                          const struct bounces_event *event, const struct bounce_reply *reply,
                          const struct bounce_verdict *verdict)
{
    char words[BOUNCES_REPLY_MAX + 1];
    size_t length = reply->text.length < BOUNCES_REPLY_MAX ? reply->text.length : BOUNCES_REPLY_MAX;
    for (size_t i = 0; i < length; i++)
        words[i] = reply->text.start[i] == '\0' ? ' ' : reply->text.start[i];
    words[length] = '\0';
    struct bounces_cause cause = {
        .class = verdict->class,
        .provider = find_provider(facts, reply->host, event->recipient),
        .blocklist = verdict->blocklist,
        .rule = verdict->rule == NULL ? "" : verdict->rule->id,
        .reply = words,
    };
    bool is_deferral = event->kind == BOUNCES_DEFERRED;
    bounces_tally_refused(bucket, bounces_tally_cause(&facts->tally, &cause), is_deferral ? 0 : 1,
                          is_deferral ? 1 : 0);
}

void bounces_take(struct bounces_facts *facts, const struct bounces_event *event)
{
    struct bounces_tally *tally = &facts->tally;
    struct bounces_bucket *bucket = bounces_tally_bucket(tally, event->when);
    struct bounce_reply reply = event->reply;
    struct bounce_verdict verdict;
    if (bucket == NULL)
        return;
    if (tally->since == 0 || event->when < tally->since)
        tally->since = event->when;
    bucket->kinds[event->kind]++;
    if (event->kind == BOUNCES_DELIVERED) {
        size_t provider = find_provider(facts, reply.host, event->recipient);
        bounces_tally_delivered(bucket, provider, 1);
        if (!facts->keeps_recipients)
            return;
    }
    classify(facts, event, &reply, &verdict);
    if (is_failure(event->kind))
        count_refusal(facts, bucket, event, &reply, &verdict);
    if (facts->keeps_recipients)
        keep_recipient(facts, event, &reply, &verdict);
}
