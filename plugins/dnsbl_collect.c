#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/random.h"
#include "dnsbl.h"

/* Reasons (TXT) are asked for so many listings; further ones are listings without reason. */
#define REASONS_MAX 500
#define REASON_MAX 500
#define CODES_MAX 64
/* Codes of all answers together: of further answers only the first one is kept. */
#define ALL_CODES_MAX 2000000
#define RANDOM_LABEL 16
/* Name servers of a list that are tried one after another. */
#define NAME_SERVERS_MAX 3
/* What a list may be asked at once before its rate counts: the self-tests and one target. */
#define BURST 4.0
/* Of the time that is left, for a list with a rate. */
#define RATE_SHARE 0.9
#define PROGRESS_AFTER_US INT64_C(2000000)
#define PROGRESS_US INT64_C(200000)

/* What a question is about; the top of its tag. */
enum topic {
    TOPIC_CELL,
    TOPIC_LISTED, /* self-tests: the kind of test stands in the place of the subject */
    TOPIC_UNLISTED,
    TOPIC_RANDOM,
    TOPIC_SOA,
    TOPIC_NS,
    TOPIC_REASON,
};

struct pace {
    double tokens;
    int64_t at;
};

struct collector {
    const struct dnsbl_config *config;
    struct dnsbl_facts *facts;
    struct dns *dns;
    struct deadline deadline;
    struct pace *paces; /* of each choice */
    unsigned kinds;     /* enum dnsbl_target of the subjects */
    size_t next_test;   /* index into choices x tests of the next self-test to ask */
    size_t turn;        /* the choice that is asked next */
    size_t reasons;
    size_t codes; /* kept, of all hits */
    size_t answered;
    int64_t next_progress;
    bool has_progress;
};

/* ---- tags */

#define SUBJECT_BITS 24
#define CHOICE_BITS 24

static uint64_t make_tag(enum topic topic, size_t choice, size_t subject, unsigned attempt)
{
    return (uint64_t)topic << 60 | (uint64_t)attempt << 56 | (uint64_t)choice << SUBJECT_BITS |
           (uint64_t)subject;
}

static enum topic tag_topic(uint64_t tag)
{
    return (enum topic)(tag >> 60);
}

static unsigned tag_attempt(uint64_t tag)
{
    return (unsigned)(tag >> 56) & 15U;
}

static size_t tag_choice(uint64_t tag)
{
    return (size_t)(tag >> SUBJECT_BITS) & (((size_t)1 << CHOICE_BITS) - 1);
}

static size_t tag_subject(uint64_t tag)
{
    return (size_t)tag & (((size_t)1 << SUBJECT_BITS) - 1);
}

/* ---- names */

static bool question_name(struct collector *collector, enum topic topic, size_t index,
                          size_t subject, char name[static DOMAIN_TEXT_SIZE])
{
    const struct dnsbl_choice *choice = &collector->facts->choices[index];
    enum dnsbl_test_kind kind = (enum dnsbl_test_kind)subject; /* of the self-tests */
    char label[RANDOM_LABEL + 1];
    switch (topic) {
    case TOPIC_CELL:
    case TOPIC_REASON:
        return dnsbl_question_cell(choice, &collector->facts->subjects[subject], name);
    case TOPIC_LISTED:
        return dnsbl_question_test(choice, kind, choice->list->tests[kind].listed[0], name);
    case TOPIC_UNLISTED:
        return dnsbl_question_test(choice, kind, choice->list->tests[kind].unlisted, name);
    case TOPIC_RANDOM:
        random_label(label, RANDOM_LABEL);
        return dnsbl_question_test(choice, DNSBL_TEST_DOMAIN, label, name);
    case TOPIC_SOA:
    case TOPIC_NS:
        break;
    }
    return dnsbl_question_apex(choice, name);
}

/* ---- asking */

static struct dnsbl_reply *test_reply(struct dnsbl_health *health, enum topic topic)
{
    return topic == TOPIC_LISTED     ? &health->listed
           : topic == TOPIC_UNLISTED ? &health->unlisted
                                     : &health->random;
}

/* What cannot be put on the wire has its answer at once. */
static void refuse(struct collector *collector, enum topic topic, size_t index, size_t subject)
{
    struct dnsbl_facts *facts = collector->facts;
    if (topic == TOPIC_CELL) {
        facts->statuses[subject * facts->choice_count + index] = DNS_BAD_NAME;
    } else if (topic == TOPIC_LISTED || topic == TOPIC_UNLISTED || topic == TOPIC_RANDOM) {
        test_reply(&facts->choices[index].health[subject], topic)->status = DNS_BAD_NAME;
    }
}

static void ask(struct collector *collector, enum topic topic, size_t index, size_t subject,
                unsigned attempt)
{
    struct dnsbl_choice *choice = &collector->facts->choices[index];
    char name[DOMAIN_TEXT_SIZE];
    if (!question_name(collector, topic, index, subject, name)) {
        refuse(collector, topic, index, subject);
        return;
    }
    unsigned type = topic == TOPIC_SOA      ? DNS_SOA
                    : topic == TOPIC_NS     ? DNS_NS
                    : topic == TOPIC_REASON ? DNS_TXT
                                            : DNS_A;
    const struct endpoint *server = choice->name_server_count > 0
                                        ? &choice->name_servers[attempt % choice->name_server_count]
                                        : NULL;
    dns_ask(collector->dns, name, type, choice->server_flags, server,
            make_tag(topic, index, subject, attempt));
    choice->asked++;
    collector->facts->asked++;
}

/* Token bucket. True when one more question may be asked now; else *wake is when it may. */
static bool may_ask(struct collector *collector, size_t index, int64_t *wake)
{
    unsigned rate = collector->facts->choices[index].list->rate;
    if (rate == 0) {
        return true;
    }
    struct pace *pace = &collector->paces[index];
    int64_t now = clock_now();
    double most = rate > BURST ? rate : BURST;
    pace->tokens += (double)(now - pace->at) * rate / 1e6;
    pace->tokens = pace->tokens > most ? most : pace->tokens;
    pace->at = now;
    if (pace->tokens >= 1) {
        pace->tokens -= 1;
        return true;
    }
    int64_t then = now + (int64_t)((1 - pace->tokens) * 1e6 / rate) + 1;
    *wake = then < *wake ? then : *wake;
    return false;
}

static bool is_asked(const struct dnsbl_facts *facts, size_t index)
{
    return facts->choices[index].skip == DNSBL_ASKED && facts->choices[index].source == index;
}

static bool wants_test(const struct collector *collector, size_t index, enum dnsbl_test_kind kind,
                       enum topic topic)
{
    const struct dnsbl_list *list = collector->facts->choices[index].list;
    unsigned targets = kind == DNSBL_TEST_IP4   ? (unsigned)DNSBL_IP4
                       : kind == DNSBL_TEST_IP6 ? (unsigned)DNSBL_IP6
                                                : (unsigned)(DNSBL_DOMAIN | DNSBL_NAME_SERVER);
    if (list->hash != DNSBL_PLAIN) {
        /* Nobody tells the hash of a test entry; a random name is as good as a hash that nobody
         * has. */
        return topic == TOPIC_RANDOM && kind == DNSBL_TEST_DOMAIN &&
               (list->targets & collector->kinds) != 0;
    }
    if ((list->targets & collector->kinds & targets) == 0) {
        return false;
    }
    /* A random name is in no cache: it is asked where no other test can tell, or when it is wished
     * for. */
    return topic == TOPIC_LISTED     ? list->tests[kind].listed_count > 0
           : topic == TOPIC_UNLISTED ? list->tests[kind].unlisted != NULL
                                     : list->tests[kind].unlisted == NULL ||
                                           strcmp(collector->config->selftest, "always") == 0;
}

/* Self-tests first, list by list. False while there is no room for more. */
static bool ask_tests(struct collector *collector)
{
    static const enum topic TOPICS[] = {TOPIC_LISTED, TOPIC_UNLISTED, TOPIC_RANDOM};
    struct dnsbl_facts *facts = collector->facts;
    size_t per_choice = DNSBL_TEST_KINDS * 3;
    if (strcmp(collector->config->selftest, "never") == 0) {
        return true;
    }
    for (; collector->next_test < facts->choice_count * per_choice; collector->next_test++) {
        size_t index = collector->next_test / per_choice;
        enum dnsbl_test_kind kind = (enum dnsbl_test_kind)(collector->next_test % per_choice / 3);
        enum topic topic = TOPICS[collector->next_test % 3];
        if (!is_asked(facts, index) || !wants_test(collector, index, kind, topic)) {
            continue;
        }
        if (!dns_has_room(collector->dns)) {
            return false;
        }
        int64_t wake = INT64_MAX;
        (void)may_ask(collector, index, &wake);
        test_reply(&facts->choices[index].health[kind], topic)->is_asked = true;
        ask(collector, topic, index, kind, 0);
    }
    return true;
}

/* Moves the list's cursor to the next subject that it can be asked about. */
static bool has_cell(struct collector *collector, size_t index)
{
    const struct dnsbl_facts *facts = collector->facts;
    size_t *cursor = &collector->facts->choices[index].cursor;
    while (*cursor < facts->subject_count &&
           !dnsbl_applies(&facts->choices[index], &facts->subjects[*cursor])) {
        (*cursor)++;
    }
    return is_asked(facts, index) && *cursor < facts->subject_count;
}

/* Target by target, every list in its turn, as far as there is room; a list with a rate falls
 * behind on its own, and *wake is when it may be asked again. */
static void ask_cells(struct collector *collector, int64_t *wake)
{
    size_t count = collector->facts->choice_count;
    for (size_t idle = 0; idle < count; collector->turn = (collector->turn + 1) % count) {
        size_t index = collector->turn;
        idle++;
        if (!has_cell(collector, index)) {
            continue;
        }
        if (!dns_has_room(collector->dns)) {
            return;
        }
        if (may_ask(collector, index, wake)) {
            ask(collector, TOPIC_CELL, index, collector->facts->choices[index].cursor++, 0);
            idle = 0;
        }
    }
}

/* ---- replies */

static void keep_reply(struct collector *collector, const struct dns_answer *answer,
                       struct dnsbl_reply *reply)
{
    size_t most = collector->codes < ALL_CODES_MAX ? CODES_MAX : 1;
    size_t count = answer->type == DNS_A ? answer->record_count : 0;
    count = count < most ? count : most;
    collector->codes += count;
    *reply = (struct dnsbl_reply){
        .status = answer->status,
        .rcode = answer->rcode,
        .ttl = answer->ttl,
        .ms = answer->ms,
        .is_asked = true,
    };
    if (count > 0) {
        reply->codes = arena_array(collector->facts->arena, count, sizeof *reply->codes);
        for (size_t i = 0; i < count; i++) {
            reply->codes[i] = answer->records[i].address;
        }
        reply->code_count = count;
    }
}

/* In 127/8 and not an error answer that every list may give: worth a reason. */
static bool may_be_listing(const struct dnsbl_reply *reply)
{
    const uint8_t *octets = reply->code_count > 0 ? reply->codes[0].bytes : NULL;
    return octets != NULL && octets[0] == 127 && !(octets[1] == 255 && octets[2] == 255);
}

static void take_cell(struct collector *collector, size_t index, size_t subject,
                      const struct dns_answer *answer)
{
    struct dnsbl_facts *facts = collector->facts;
    size_t cell = subject * facts->choice_count + index;
    facts->statuses[cell] = (uint8_t)answer->status;
    facts->rcodes[cell] = (uint8_t)(answer->rcode < 255 ? answer->rcode : 255);
    facts->times[cell] = (uint16_t)(answer->ms < UINT16_MAX ? answer->ms : UINT16_MAX);
    if (answer->status != DNS_OK) {
        return;
    }
    facts->hits =
        memory_grow(facts->hits, &facts->hit_capacity, facts->hit_count + 1, sizeof *facts->hits);
    struct dnsbl_hit *hit = &facts->hits[facts->hit_count++];
    *hit = (struct dnsbl_hit){.subject = (uint32_t)subject, .choice = (uint32_t)index};
    keep_reply(collector, answer, &hit->reply);
    if (may_be_listing(&hit->reply) && collector->reasons < REASONS_MAX) {
        collector->reasons++;
        ask(collector, TOPIC_REASON, index, subject, 0);
    }
}

/* Several TXT records are several reasons. Keys that a list echoes are masked. */
static void take_reason(struct collector *collector, size_t index, size_t subject,
                        const struct dns_answer *answer)
{
    struct dnsbl_facts *facts = collector->facts;
    struct text reason;
    text_init(&reason, REASON_MAX);
    for (size_t i = 0; i < answer->record_count; i++) {
        struct slice text = answer->records[i].text;
        text_append(&reason, i > 0 ? "; " : "");
        for (size_t c = 0; c < text.length; c++) {
            /* The reason is a C string from here on. */
            if (text.start[c] == '\0') {
                text_append(&reason, "\\x00");
            } else {
                text_append_char(&reason, text.start[c]);
            }
        }
    }
    struct slice masked = dnsbl_keys_mask(facts->keys, facts->arena, text_slice(&reason));
    for (size_t i = facts->hit_count; masked.length > 0 && i-- > 0;) {
        struct dnsbl_hit *hit = &facts->hits[i];
        if (hit->subject == subject && hit->choice == index) {
            hit->reason = arena_copy_slice(facts->arena, masked);
            hit->reason_length = masked.length;
            break;
        }
    }
    text_release(&reason);
}

static void take_test(struct collector *collector, enum topic topic, size_t index, size_t kind,
                      const struct dns_answer *answer)
{
    struct dnsbl_choice *choice = &collector->facts->choices[index];
    keep_reply(collector, answer, test_reply(&choice->health[kind], topic));
    if (!choice->soa.is_asked && dnsbl_wants_apex(choice)) {
        choice->soa.is_asked = choice->ns.is_asked = true;
        ask(collector, TOPIC_SOA, index, 0, 0);
        ask(collector, TOPIC_NS, index, 0, 0);
    }
}

static void take(struct collector *collector, const struct dns_taken *taken)
{
    enum topic topic = tag_topic(taken->tag);
    size_t index = tag_choice(taken->tag);
    size_t subject = tag_subject(taken->tag);
    struct dnsbl_choice *choice = &collector->facts->choices[index];
    unsigned next = tag_attempt(taken->tag) + 1;
    if (!dns_status_is_answer(taken->answer->status) && next < choice->name_server_count) {
        ask(collector, topic, index, subject, next);
        return;
    }
    switch (topic) {
    case TOPIC_CELL:
        take_cell(collector, index, subject, taken->answer);
        break;
    case TOPIC_LISTED:
    case TOPIC_UNLISTED:
    case TOPIC_RANDOM:
        take_test(collector, topic, index, subject, taken->answer);
        break;
    case TOPIC_SOA:
        keep_reply(collector, taken->answer, &choice->soa);
        break;
    case TOPIC_NS:
        keep_reply(collector, taken->answer, &choice->ns);
        break;
    case TOPIC_REASON:
        take_reason(collector, index, subject, taken->answer);
        break;
    }
}

/* Only for somebody who sits and waits: a terminal, and a run of seconds. */
static void show_progress(struct collector *collector, bool is_over)
{
    int64_t now = clock_now();
    if (now < collector->next_progress && !is_over) {
        return;
    }
    char line[80];
    size_t length = 0;
    if (!is_over) {
        length = (size_t)snprintf(line, sizeof line, "\r%zu answers to %zu questions",
                                  collector->answered, collector->facts->asked);
    } else if (collector->has_progress) {
        length = (size_t)snprintf(line, sizeof line, "\r%*s\r", 60, "");
    }
    if (length > 0 && isatty(STDERR_FILENO)) {
        (void)!write(STDERR_FILENO, line, length);
        collector->has_progress = true;
    }
    collector->next_progress = now + PROGRESS_US;
}

/* A list without a test entry for these targets: its zone must at least be there. */
static void ask_untested(struct collector *collector)
{
    struct dnsbl_facts *facts = collector->facts;
    for (size_t i = 0; i < facts->choice_count; i++) {
        struct dnsbl_choice *choice = &facts->choices[i];
        bool is_tested = false;
        for (size_t k = 0; k < DNSBL_TEST_KINDS; k++) {
            is_tested =
                is_tested || wants_test(collector, i, (enum dnsbl_test_kind)k, TOPIC_LISTED);
        }
        if (is_asked(facts, i) && !is_tested && (choice->list->targets & collector->kinds) != 0) {
            choice->soa.is_asked = choice->ns.is_asked = true;
            ask(collector, TOPIC_SOA, i, 0, 0);
            ask(collector, TOPIC_NS, i, 0, 0);
        }
    }
}

/* Operators that allow so many questions a second are not asked about a large network at all: a
 * part of it would tell nothing of the rest. */
static void skip_slow(struct collector *collector)
{
    struct dnsbl_facts *facts = collector->facts;
    double seconds = (double)deadline_left(collector->deadline) / 1e6;
    for (size_t i = 0; i < facts->choice_count; i++) {
        struct dnsbl_choice *choice = &facts->choices[i];
        size_t wanted = 0;
        for (size_t s = 0; choice->list->rate > 0 && s < facts->subject_count; s++) {
            wanted += dnsbl_applies(choice, &facts->subjects[s]);
        }
        if (is_asked(facts, i) &&
            (double)wanted > (double)choice->list->rate * seconds * RATE_SHARE) {
            choice->skip = DNSBL_SKIP_RATE;
        }
    }
}

static void run(struct collector *collector)
{
    collector->next_progress = clock_now() + PROGRESS_AFTER_US;
    for (;;) {
        int64_t wake = INT64_MAX;
        if (ask_tests(collector)) {
            ask_cells(collector, &wake);
        }
        if (!dns_wait_until(collector->dns, collector->deadline, (struct deadline){wake})) {
            break;
        }
        struct dns_taken taken;
        while (dns_take(collector->dns, &taken)) {
            collector->answered++;
            take(collector, &taken);
        }
        show_progress(collector, false);
    }
    show_progress(collector, true);
    dns_abandon(collector->dns);
}

/* ---- --authoritative */

/* The zone that holds the list's names may begin further up: the SOA of the negative answer says
 * where. */
static const struct dns_answer *name_servers_of(struct dns_answers *answers, const char *name)
{
    const struct dns_answer *ns = dns_answers_get(answers, name, DNS_NS);
    if (ns->status == DNS_NODATA && ns->zone != NULL && strcmp(ns->zone, name) != 0) {
        ns = dns_answers_get(answers, ns->zone, DNS_NS);
    }
    return ns;
}

static void set_name_servers(struct collector *collector, struct dns_answers *answers,
                             struct dnsbl_choice *choice)
{
    char apex[DOMAIN_TEXT_SIZE];
    if (!dnsbl_question_apex(choice, apex)) {
        return;
    }
    struct endpoint *servers =
        arena_array(collector->facts->arena, NAME_SERVERS_MAX, sizeof *servers);
    const struct dns_answer *ns = name_servers_of(answers, apex);
    choice->name_servers = servers;
    choice->name_server_count = 0;
    for (size_t i = 0; i < ns->record_count; i++) {
        const struct dns_answer *a = dns_answers_get(answers, ns->records[i].target, DNS_A);
        const struct dns_answer *aaaa = dns_answers_get(answers, ns->records[i].target, DNS_AAAA);
        const struct dns_answer *use = a->record_count > 0 ? a : aaaa;
        if (use->record_count > 0 && choice->name_server_count < NAME_SERVERS_MAX) {
            servers[choice->name_server_count++] = (struct endpoint){
                .address = use->records[0].address,
                .port = (unsigned)collector->config->authoritative_port,
            };
        }
    }
}

/* Half of the time that is left, so that the servers found can still be asked. */
static void find_name_servers(struct collector *collector)
{
    struct dnsbl_facts *facts = collector->facts;
    struct deadline half =
        deadline_cut(collector->deadline, deadline_left(collector->deadline) / 2);
    struct dns_answers *answers = dns_answers_new(facts->arena, 20000);
    do {
        for (size_t i = 0; i < facts->choice_count; i++) {
            if (is_asked(facts, i) && facts->choices[i].server_flags == DNS_PLAIN) {
                set_name_servers(collector, answers, &facts->choices[i]);
            }
        }
    } while (dns_fetch_missing(collector->dns, answers, half));
    for (size_t i = 0; i < facts->choice_count; i++) {
        if (is_asked(facts, i) && facts->choices[i].name_server_count == 0) {
            facts->choices[i].skip = DNSBL_SKIP_NO_SERVER;
        }
    }
}

void dnsbl_collect(const struct dnsbl_config *config, struct dns *dns, struct deadline deadline,
                   struct dnsbl_facts *facts)
{
    size_t cells = facts->subject_count * facts->choice_count;
    struct collector collector = {
        .config = config,
        .facts = facts,
        .dns = dns,
        .deadline = deadline,
        .paces = memory_new(facts->choice_count, sizeof(struct pace)),
    };
    facts->statuses = memory_new(cells + 1, sizeof *facts->statuses);
    facts->rcodes = memory_new(cells + 1, sizeof *facts->rcodes);
    facts->times = memory_new(cells + 1, sizeof *facts->times);
    for (size_t i = 0; i < facts->subject_count; i++) {
        collector.kinds |= facts->subjects[i].kind;
    }
    for (size_t i = 0; i < facts->choice_count; i++) {
        collector.paces[i] = (struct pace){.tokens = BURST, .at = clock_now()};
    }
    if (config->authoritative) {
        find_name_servers(&collector);
    }
    skip_slow(&collector);
    if (strcmp(config->selftest, "never") != 0) {
        ask_untested(&collector);
    }
    run(&collector);
    dnsbl_sort_hits(facts);
    dnsbl_compare(facts);
    free(collector.paces);
}
