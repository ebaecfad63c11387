#include "mail/exchangers.h"

#include <string.h>

struct search {
    const struct exchangers_request *request;
    struct dns_answers *answers;
    struct arena *arena;
    bool is_complete; /* every question so far is settled */
};

static const struct dns_answer *ask(struct search *search, const char *name, unsigned type)
{
    const struct dns_answer *answer = dns_answers_get(search->answers, name, type);

    if (!dns_answer_is_settled(answer))
        search->is_complete = false;
    return answer;
}

static bool is_known(const struct dns_answer *answer)
{
    return answer == NULL || answer->status == DNS_BAD_NAME || dns_status_is_answer(answer->status);
}

/* Puts the address where ip_compare wants it, from `first` on; one that is there stays alone. */
static void put_address(struct exchanger *exchanger, struct ip_address *list, size_t first,
                        const struct ip_address *address)
{
    size_t place = exchanger->address_count;

    for (size_t i = first; i < exchanger->address_count; i++) {
        if (ip_equal(&list[i], address))
            return;
    }
    if (exchanger->address_count == EXCHANGER_ADDRESSES_MAX) {
        exchanger->addresses_omitted++;
        return;
    }
    while (place > first && ip_compare(&list[place - 1], address) > 0) {
        list[place] = list[place - 1];
        place--;
    }
    list[place] = *address;
    exchanger->address_count++;
}

static void put_addresses(struct exchanger *exchanger, struct ip_address *list,
                          const struct dns_answer *answer)
{
    size_t first = exchanger->address_count;

    if (answer == NULL || answer->status != DNS_OK)
        return;
    for (size_t i = 0; i < answer->record_count; i++)
        put_address(exchanger, list, first, &answer->records[i].address);
}

static void resolve(struct search *search, struct exchanger *exchanger)
{
    struct ip_address literal;

    exchanger->is_literal = ip_parse(slice_of(exchanger->host), &literal);
    exchanger->is_resolved = true;
    if (exchanger->is_null || exchanger->is_literal)
        return;
    if (!search->request->only_v4)
        exchanger->aaaa = ask(search, exchanger->host, DNS_AAAA);
    if (!search->request->only_v6)
        exchanger->a = ask(search, exchanger->host, DNS_A);
    exchanger->is_resolved = is_known(exchanger->a) && is_known(exchanger->aaaa);

    struct ip_address *list = arena_array(search->arena, EXCHANGER_ADDRESSES_MAX, sizeof *list);

    put_addresses(exchanger, list, exchanger->aaaa);
    put_addresses(exchanger, list, exchanger->a);
    exchanger->addresses = list;
}

/* Keeps the list in order of preference; of equal ones the first to come stays first. */
static void put_record(struct exchangers *exchangers, const struct dns_record *record)
{
    size_t place = exchangers->count;

    if (exchangers->count == EXCHANGERS_MAX) {
        exchangers->omitted++;
        if (exchangers->list[EXCHANGERS_MAX - 1].preference <= record->preference)
            return;
        place--;
    } else {
        exchangers->count++;
    }
    while (place > 0 && exchangers->list[place - 1].preference > record->preference) {
        exchangers->list[place] = exchangers->list[place - 1];
        place--;
    }
    exchangers->list[place] = (struct exchanger){
        .host = record->target[0] == '\0' ? "." : record->target,
        .preference = record->preference,
        .ttl = record->ttl,
        .is_null = record->target[0] == '\0',
    };
}

static void mark_duplicates(struct exchangers *exchangers)
{
    for (size_t i = 1; i < exchangers->count; i++) {
        for (size_t j = 0; j < i && !exchangers->list[i].is_duplicate; j++)
            exchangers->list[i].is_duplicate =
                strcmp(exchangers->list[i].host, exchangers->list[j].host) == 0;
    }
}

static void find_listed(struct search *search, struct exchangers *exchangers)
{
    exchangers->status = EXCHANGERS_NULL;
    for (size_t i = 0; i < exchangers->mx->record_count; i++)
        put_record(exchangers, &exchangers->mx->records[i]);
    mark_duplicates(exchangers);
    for (size_t i = 0; i < exchangers->count; i++) {
        if (!exchangers->list[i].is_null)
            exchangers->status = EXCHANGERS_FOUND;
        resolve(search, &exchangers->list[i]);
    }
}

static void find_implicit(struct search *search, struct exchangers *exchangers)
{
    struct exchanger *self = &exchangers->list[0];

    self->host = search->request->domain;
    resolve(search, self);
    if (self->is_resolved && self->address_count == 0) {
        exchangers->status = EXCHANGERS_NO_ADDRESS;
        return;
    }
    exchangers->status = EXCHANGERS_IMPLICIT;
    exchangers->count = 1;
}

bool exchangers_find(const struct exchangers_request *request, struct dns_answers *answers,
                     struct arena *arena, struct exchangers *exchangers)
{
    struct search search = {request, answers, arena, true};

    *exchangers = (struct exchangers){
        .mx = ask(&search, request->domain, DNS_MX),
        .list = arena_array(arena, EXCHANGERS_MAX, sizeof(struct exchanger)),
    };
    switch (exchangers->mx->status) {
    case DNS_OK:
        find_listed(&search, exchangers);
        break;
    case DNS_NODATA:
        find_implicit(&search, exchangers);
        break;
    case DNS_NXDOMAIN:
        exchangers->status = EXCHANGERS_NO_DOMAIN;
        break;
    case DNS_PENDING:
        exchangers->status = EXCHANGERS_PENDING;
        break;
    default:
        exchangers->status = EXCHANGERS_FAILED;
        break;
    }
    return search.is_complete;
}

bool exchangers_can_reach(const struct ip_address *address)
{
    struct ip_address plain = ip_unmap(*address);

    if (plain.family != address->family)
        return false;
    switch (ip_scope(address)) {
    case IP_UNSPECIFIED:
    case IP_MULTICAST:
    case IP_DOCUMENTATION:
        return false;
    case IP_RESERVED:
        return address->family != IP_V4 || address->bytes[0] < 240;
    case IP_LINK_LOCAL:
        return address->family == IP_V4;
    default:
        return true;
    }
}
