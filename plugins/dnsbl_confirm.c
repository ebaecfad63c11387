#include <stdlib.h>

#include "base/memory.h"
#include "dnsbl.h"

/*
 * The second look asks another server than the first one where there is another: the last of the
 * resolvers, or with --authoritative the next name server of the list. A list may hide from that
 * one: its "not there" counts only when it shows the list's test entry.
 */

/* What the other server says of a list's test entry. */
struct sight {
    bool is_asked;
    enum dns_status status;
};

struct confirmer {
    struct dns *dns;
    struct deadline deadline;
    struct dnsbl_facts *facts;
    struct sight *sights; /* choice x kind of test */
    uint8_t *statuses;    /* enum dns_status of each hit's second look */
    size_t next;          /* hits before this one were seen to */
};

/* Tag of a question about a test entry; else it is the index of a hit. */
#define SIGHT_TAG (UINT64_C(1) << 63)

static bool is_doubted(const struct dnsbl_facts *facts, const struct dnsbl_hit *hit)
{
    return hit->is_new && dnsbl_is_listed(facts, hit->subject, hit->choice);
}

static const struct endpoint *other_server(const struct dnsbl_facts *facts,
                                           const struct dnsbl_choice *choice, unsigned *flags)
{
    if (choice->name_server_count > 0) {
        *flags = choice->server_flags;
        return &choice->name_servers[1 % choice->name_server_count];
    }
    *flags = DNS_RECURSE;
    return facts->resolver_count > 1 ? &facts->resolvers[facts->resolver_count - 1] : NULL;
}

static void ask(struct confirmer *confirmer, const char *name, size_t index, uint64_t tag)
{
    struct dnsbl_choice *choice = &confirmer->facts->choices[index];
    unsigned flags;
    const struct endpoint *server = other_server(confirmer->facts, choice, &flags);
    dns_ask(confirmer->dns, name, DNS_A, flags, server, tag);
    choice->asked++;
    confirmer->facts->asked++;
}

/* Where the answer came from the same resolver the self-test of the run holds. */
static void ask_sight(struct confirmer *confirmer, size_t index, enum dnsbl_test_kind kind)
{
    struct dnsbl_facts *facts = confirmer->facts;
    const struct dnsbl_choice *choice = &facts->choices[index];
    size_t place = index * DNSBL_TEST_KINDS + (size_t)kind;
    bool is_same = choice->name_server_count == 0 && facts->resolver_count < 2;
    char name[DOMAIN_TEXT_SIZE];
    if (is_same || confirmer->sights[place].is_asked || !choice->health[kind].listed.is_asked ||
        !dnsbl_question_test(choice, kind, choice->list->tests[kind].listed[0], name)) {
        return;
    }
    confirmer->sights[place].is_asked = true;
    ask(confirmer, name, index, SIGHT_TAG | place);
}

static void ask_more(struct confirmer *confirmer)
{
    const struct dnsbl_facts *facts = confirmer->facts;
    for (; confirmer->next < facts->hit_count && dns_has_room(confirmer->dns); confirmer->next++) {
        const struct dnsbl_hit *hit = &facts->hits[confirmer->next];
        const struct dnsbl_subject *subject = &facts->subjects[hit->subject];
        char name[DOMAIN_TEXT_SIZE];
        if (is_doubted(facts, hit) &&
            dnsbl_question_cell(&facts->choices[hit->choice], subject, name)) {
            ask_sight(confirmer, hit->choice, dnsbl_test_kind(subject->kind));
            ask(confirmer, name, hit->choice, confirmer->next);
        }
    }
}

static void take_answers(struct confirmer *confirmer)
{
    struct dns_taken taken;
    while (dns_take(confirmer->dns, &taken)) {
        if ((taken.tag & SIGHT_TAG) != 0) {
            confirmer->sights[taken.tag & ~SIGHT_TAG].status = taken.answer->status;
        } else {
            confirmer->statuses[taken.tag] = (uint8_t)taken.answer->status;
        }
    }
}

/* Only a clear "not there" undoes a listing. */
static bool is_undone(const struct confirmer *confirmer, size_t index)
{
    const struct dnsbl_hit *hit = &confirmer->facts->hits[index];
    enum dnsbl_test_kind kind = dnsbl_test_kind(confirmer->facts->subjects[hit->subject].kind);
    const struct sight *sight = &confirmer->sights[hit->choice * DNSBL_TEST_KINDS + (size_t)kind];
    enum dns_status status = (enum dns_status)confirmer->statuses[index];
    return (status == DNS_NXDOMAIN || status == DNS_NODATA) &&
           (!sight->is_asked || sight->status == DNS_OK);
}

void dnsbl_confirm(const struct dnsbl_config *config, struct dns *dns, struct deadline deadline,
                   struct dnsbl_facts *facts)
{
    struct confirmer confirmer = {.dns = dns, .deadline = deadline, .facts = facts};
    size_t doubted = 0;
    for (size_t i = 0; i < facts->hit_count; i++) {
        doubted += is_doubted(facts, &facts->hits[i]);
    }
    if (doubted == 0) {
        return;
    }
    confirmer.sights = memory_new(facts->choice_count * DNSBL_TEST_KINDS, sizeof *confirmer.sights);
    confirmer.statuses = memory_new(facts->hit_count, sizeof *confirmer.statuses);
    dns_wait_until(dns, deadline, deadline_cut(deadline, (int64_t)(config->confirm * 1e6)));
    do {
        take_answers(&confirmer);
        ask_more(&confirmer);
    } while (dns_wait(dns, deadline));
    take_answers(&confirmer);
    dns_abandon(dns);
    for (size_t i = 0; i < facts->hit_count; i++) {
        facts->hits[i].was_unconfirmed = is_undone(&confirmer, i);
    }
    free(confirmer.sights);
    free(confirmer.statuses);
}
