/*
 * Facts of check_dnsbl from text, without a network:
 *
 *     list ZONE[=FILTER][*WEIGHT]          a choice, as -s gives it; its catalogue entry holds
 *     target ADDRESS|NAME [ORIGIN]         a subject; a name is a domain
 *     key NAME VALUE                       a line of the key file
 *     reply ZONE TARGET ANSWER             ANSWER is codes, or NXDOMAIN, NODATA, TIMEOUT, SERVFAIL,
 *                                          REFUSED, FORMERR, NOTIMP, MALFORMED, TRUNCATED,
 *                                          NO-RESOLVER, BAD-NAME
 *     test ZONE listed|unlisted|random ANSWER    of all kinds of targets; or "none": not asked
 *     apex ZONE soa|ns ANSWER
 *     skip ZONE rate|no-server|blocked|over-quota
 *     unasked ZONE                         the deadline came first
 *     required ZONE
 *     new ZONE TARGET, unconfirmed ZONE TARGET, reason ZONE TARGET TEXT
 *     resolver ADDRESS
 *     unresolved NAME WHAT ANSWER
 *     memory                               a state file was read
 *
 * What is not said is fine: nobody is listed and every list is healthy.
 */
#ifndef TESTS_JUDGE_DNSBL_FIXTURE_H
#define TESTS_JUDGE_DNSBL_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "dnsbl.h"
#include "tests/unit/cases.h"

#define FIXTURE_MAX 16

struct dnsbl_fixture {
    struct arena arena;
    struct dnsbl_catalogue catalogue;
    struct dnsbl_keys keys;
    struct dnsbl_choice choices[FIXTURE_MAX];
    struct dnsbl_subject subjects[FIXTURE_MAX];
    struct dnsbl_hit hits[FIXTURE_MAX * FIXTURE_MAX];
    struct dnsbl_unresolved unresolved[FIXTURE_MAX];
    struct endpoint resolvers[FIXTURE_MAX];
    uint8_t statuses[FIXTURE_MAX * FIXTURE_MAX], rcodes[FIXTURE_MAX * FIXTURE_MAX];
    uint16_t times[FIXTURE_MAX * FIXTURE_MAX];
    struct dnsbl_facts facts;
};

static inline struct slice fixture_word(struct slice *line)
{
    *line = slice_trim(*line, " ");
    size_t length = slice_find(*line, ' ');
    struct slice word = slice_sub(*line, 0, length);
    *line = slice_trim(slice_sub(*line, length, line->length), " ");
    return word;
}

static inline void fixture_reply(struct arena *arena, struct slice text, struct dnsbl_reply *reply)
{
    static const struct {
        const char *word;
        enum dns_status status;
        unsigned rcode;
    } words[] = {
        {"NXDOMAIN",    DNS_NXDOMAIN,    3},
        {"NODATA",      DNS_NODATA,      0},
        {"TIMEOUT",     DNS_PENDING,     0},
        {"SERVFAIL",    DNS_SERVFAIL,    2},
        {"REFUSED",     DNS_REFUSED,     5},
        {"FORMERR",     DNS_RCODE,       1},
        {"NOTIMP",      DNS_RCODE,       4},
        {"MALFORMED",   DNS_MALFORMED,   0},
        {"TRUNCATED",   DNS_TRUNCATED,   0},
        {"NO-RESOLVER", DNS_NO_RESOLVER, 0},
        {"BAD-NAME",    DNS_BAD_NAME,    0},
    };
    *reply = (struct dnsbl_reply){.is_asked = !slice_equals_text(text, "none"), .ttl = 300};
    if (!reply->is_asked)
        return;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (slice_equals_text(text, words[i].word)) {
            reply->status = words[i].status;
            reply->rcode = words[i].rcode;
            return;
        }
    }
    reply->status = DNS_OK;
    reply->codes = arena_array(arena, FIXTURE_MAX, sizeof *reply->codes);
    while (text.length > 0)
        assert_true(ip_parse(fixture_word(&text), &reply->codes[reply->code_count++]));
}

static inline size_t fixture_choice(const struct dnsbl_fixture *f, struct slice zone)
{
    size_t i = 0;
    while (i < f->facts.choice_count && !slice_equals_text(zone, f->choices[i].list->zone))
        i++;
    assert_true(i < f->facts.choice_count);
    return i;
}

static inline size_t fixture_subject(const struct dnsbl_fixture *f, struct slice target)
{
    size_t i = 0;
    char text[DNSBL_SUBJECT_TEXT_SIZE];
    while (i < f->facts.subject_count &&
           !slice_equals_text(target, dnsbl_subject_print(&f->subjects[i], text)))
        i++;
    assert_true(i < f->facts.subject_count);
    return i;
}

static inline struct dnsbl_hit *fixture_hit(struct dnsbl_fixture *f, struct slice *line)
{
    size_t choice = fixture_choice(f, fixture_word(line));
    size_t subject = fixture_subject(f, fixture_word(line));
    for (size_t i = 0; i < f->facts.hit_count; i++) {
        if (f->hits[i].subject == subject && f->hits[i].choice == choice)
            return &f->hits[i];
    }
    struct dnsbl_hit *hit = &f->hits[f->facts.hit_count++];
    *hit = (struct dnsbl_hit){.subject = (uint32_t)subject, .choice = (uint32_t)choice};
    return hit;
}

/* What the catalogue does not know is a plain blocklist without test entries. */
static inline const struct dnsbl_list *fixture_find(struct dnsbl_fixture *f, const char *zone)
{
    const struct dnsbl_list *known = dnsbl_catalogue_find(&f->catalogue, zone);
    struct dnsbl_list *list = arena_alloc(&f->arena, sizeof *list);
    *list = (struct dnsbl_list){
        .zone = zone,
        .operator= zone,
        .class = DNSBL_BLOCKLIST,
        .targets = DNSBL_IP4 | DNSBL_IP6 | DNSBL_DOMAIN,
        .severity = DNSBL_CRITICAL,
        .scope = DNSBL_SCOPE_IP,
        .weight = 1,
    };
    return known != NULL ? known : list;
}

/* As dnsbl_choose does it. */
static inline void fixture_list(struct dnsbl_fixture *f, struct slice text)
{
    char message[DNSBL_SERVER_MESSAGE_SIZE];
    struct dnsbl_server *server = arena_alloc(&f->arena, sizeof *server);
    struct dnsbl_choice *choice = &f->choices[f->facts.choice_count];
    assert_true(dnsbl_server_parse(&f->arena, text, server, message));
    const struct dnsbl_list *list = fixture_find(f, server->zone);
    *choice = (struct dnsbl_choice){
        .list = list,
        .retired = dnsbl_catalogue_find_retired(&f->catalogue, server->zone),
        .server = server,
        .weight = server->has_weight ? server->weight : list->weight,
        .is_required = list->is_required,
        .source = f->facts.choice_count,
        .cursor = SIZE_MAX,
        .asked = 3,
    };
    for (size_t i = f->facts.choice_count; i-- > 0;)
        choice->source = f->choices[i].list == list ? i : choice->source;
    for (size_t k = 0; k < DNSBL_TEST_KINDS; k++) {
        struct dnsbl_health *health = &choice->health[k];
        if (list->tests[k].listed_count > 0)
            fixture_reply(&f->arena, SLICE_LITERAL("127.0.0.2"), &health->listed);
        if (list->tests[k].unlisted != NULL)
            fixture_reply(&f->arena, SLICE_LITERAL("NXDOMAIN"), &health->unlisted);
    }
    f->facts.choice_count++;
}

static inline void fixture_target(struct dnsbl_fixture *f, struct slice text)
{
    struct dnsbl_subject *subject = &f->subjects[f->facts.subject_count++];
    struct slice target = fixture_word(&text);
    if (ip_parse(target, &subject->address))
        subject->kind = subject->address.family == IP_V4 ? DNSBL_IP4 : DNSBL_IP6;
    else
        *subject = (struct dnsbl_subject){.kind = DNSBL_DOMAIN,
                                          .name = arena_copy_slice(&f->arena, target)};
    subject->origin = text.length > 0 ? arena_copy_slice(&f->arena, text) : NULL;
}

static inline void fixture_test(struct dnsbl_fixture *f, struct slice line)
{
    struct dnsbl_choice *choice = &f->choices[fixture_choice(f, fixture_word(&line))];
    struct slice which = fixture_word(&line);
    for (size_t k = 0; k < DNSBL_TEST_KINDS; k++) {
        struct dnsbl_health *health = &choice->health[k];
        fixture_reply(&f->arena, line,
                      slice_equals_text(which, "listed")     ? &health->listed
                      : slice_equals_text(which, "unlisted") ? &health->unlisted
                                                             : &health->random);
    }
}

static inline void fixture_skip(struct dnsbl_fixture *f, struct slice line)
{
    struct dnsbl_choice *choice = &f->choices[fixture_choice(f, fixture_word(&line))];
    choice->skip = slice_equals_text(line, "rate")        ? DNSBL_SKIP_RATE
                   : slice_equals_text(line, "no-server") ? DNSBL_SKIP_NO_SERVER
                                                          : DNSBL_SKIP_BACK_OFF;
    choice->back_off_outcome =
        slice_equals_text(line, "blocked") ? DNSBL_BLOCKED : DNSBL_OVER_QUOTA;
}

static inline void fixture_unresolved(struct dnsbl_fixture *f, struct slice line)
{
    struct dnsbl_reply reply;
    struct dnsbl_unresolved *target = &f->unresolved[f->facts.unresolved_count++];
    target->name = arena_copy_slice(&f->arena, fixture_word(&line));
    target->what = arena_copy_slice(&f->arena, fixture_word(&line));
    fixture_reply(&f->arena, line, &reply);
    target->status = reply.status;
}

static inline void fixture_line(struct dnsbl_fixture *f, struct slice line)
{
    struct slice word = fixture_word(&line);
    if (slice_equals_text(word, "reply")) {
        struct slice zone_and_target = line;
        struct dnsbl_reply reply;
        size_t choice = fixture_choice(f, fixture_word(&line));
        size_t cell = fixture_subject(f, fixture_word(&line)) * f->facts.choice_count + choice;
        fixture_reply(&f->arena, line, &reply);
        f->statuses[cell] = (uint8_t)reply.status;
        f->rcodes[cell] = (uint8_t)reply.rcode;
        if (reply.status == DNS_OK)
            fixture_hit(f, &zone_and_target)->reply = reply;
    } else if (slice_equals_text(word, "test")) {
        fixture_test(f, line);
    } else if (slice_equals_text(word, "apex")) {
        struct dnsbl_choice *choice = &f->choices[fixture_choice(f, fixture_word(&line))];
        struct slice which = fixture_word(&line);
        fixture_reply(&f->arena, line,
                      slice_equals_text(which, "soa") ? &choice->soa : &choice->ns);
    } else if (slice_equals_text(word, "skip")) {
        fixture_skip(f, line);
    } else if (slice_equals_text(word, "unasked")) {
        f->choices[fixture_choice(f, line)].cursor = 0;
    } else if (slice_equals_text(word, "required")) {
        f->choices[fixture_choice(f, line)].is_required = true;
    } else if (slice_equals_text(word, "new")) {
        fixture_hit(f, &line)->is_new = true;
    } else if (slice_equals_text(word, "unconfirmed")) {
        fixture_hit(f, &line)->was_unconfirmed = true;
    } else if (slice_equals_text(word, "reason")) {
        struct dnsbl_hit *hit = fixture_hit(f, &line);
        hit->reason = arena_copy_slice(&f->arena, line);
        hit->reason_length = line.length;
    } else if (slice_equals_text(word, "resolver")) {
        assert_true(endpoint_parse(line, &f->resolvers[f->facts.resolver_count++]));
    } else if (slice_equals_text(word, "unresolved")) {
        fixture_unresolved(f, line);
    } else if (slice_equals_text(word, "memory")) {
        f->facts.has_memory = true;
    } else if (!slice_equals_text(word, "list") && !slice_equals_text(word, "target") &&
               !slice_equals_text(word, "key")) {
        fail_msg("no such line: %.*s", SLICE_PRINTF(word));
    }
}

/* Keys of the lists are known only when all lines were read. */
static inline void fixture_keys(struct dnsbl_fixture *f)
{
    for (size_t i = 0; i < f->facts.choice_count; i++) {
        struct dnsbl_choice *choice = &f->choices[i];
        choice->key = dnsbl_keys_find(&f->keys, choice->list->key_name);
        if (choice->retired != NULL)
            choice->skip = DNSBL_SKIP_RETIRED;
        else if (choice->list->is_private)
            choice->skip = DNSBL_SKIP_PRIVATE;
        else if (choice->list->key_name != NULL && choice->key == NULL)
            choice->skip = DNSBL_SKIP_NO_KEY;
    }
}

static inline void fixture_open(struct dnsbl_fixture *f, const char *catalogue, const char *facts)
{
    struct dnsbl_catalogue_error error;
    struct slice rest = slice_of(facts);
    struct slice line;
    memset(f, 0, sizeof *f);
    arena_init(&f->arena);
    f->facts = (struct dnsbl_facts){
        .arena = &f->arena,
        .catalogue = &f->catalogue,
        .keys = &f->keys,
        .choices = f->choices,
        .subjects = f->subjects,
        .hits = f->hits,
        .unresolved = f->unresolved,
        .resolvers = f->resolvers,
        .statuses = f->statuses,
        .rcodes = f->rcodes,
        .times = f->times,
    };
    if (!dnsbl_catalogue_read(&f->catalogue, &f->arena, slice_of(catalogue), "test", &error))
        fail_msg("%s", error.message);
    memset(f->statuses, DNS_NXDOMAIN, sizeof f->statuses);
    memset(f->rcodes, 3, sizeof f->rcodes);
    while (slice_split(&rest, '\n', &line)) {
        struct slice word = fixture_word(&line);
        struct slice name;
        if (slice_equals_text(word, "list"))
            fixture_list(f, line);
        if (slice_equals_text(word, "target"))
            fixture_target(f, line);
        if (slice_equals_text(word, "key")) {
            name = fixture_word(&line);
            assert_true(dnsbl_keys_add(&f->keys, &f->arena, name, line));
        }
    }
    fixture_keys(f);
    rest = slice_of(facts);
    while (slice_split(&rest, '\n', &line)) {
        if (slice_trim(line, " ").length > 0)
            fixture_line(f, line);
    }
    dnsbl_sort_hits(&f->facts);
}

static inline void fixture_close(struct dnsbl_fixture *f)
{
    arena_release(&f->arena);
}

#endif
