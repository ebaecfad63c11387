#include "banner.h"

const struct smtp_entry *banner_greeting(const struct smtp_session *session)
{
    const struct smtp_entry *greeting =
        session == NULL ? NULL : smtp_session_find(session, SMTP_VERB_GREETING);
    bool is_good =
        greeting != NULL && greeting->outcome == SMTP_ANSWERED && greeting->code / 100 == 2;
    return is_good ? greeting : NULL;
}

static enum banner_confirmation confirm(const struct dns_answer *answer,
                                        const struct ip_address *address)
{
    for (size_t i = 0; i < answer->record_count; i++) {
        if (ip_equal(&answer->records[i].address, address)) {
            return BANNER_CONFIRMED;
        }
    }
    return dns_status_is_answer(answer->status) || answer->status == DNS_BAD_NAME
               ? BANNER_UNCONFIRMED
               : BANNER_UNKNOWN;
}

static void find_ptr(struct arena *arena, struct dns_answers *answers,
                     const struct ip_address *address, struct banner_names *names)
{
    char reverse[80];
    unsigned type = address->family == IP_V4 ? DNS_A : DNS_AAAA;
    names->ptr = dns_answers_get(answers, ip_ptr_name(address, reverse), DNS_PTR);
    size_t count = names->ptr->record_count;
    names->omitted = count > BANNER_NAMES_MAX ? count - BANNER_NAMES_MAX : 0;
    names->count = count - names->omitted;
    names->list = arena_array(arena, names->count + 1, sizeof *names->list);
    for (size_t i = 0; i < names->count; i++) {
        struct banner_ptr *one = &names->list[i];
        one->name = names->ptr->records[i].target;
        one->answer = dns_answers_get(answers, one->name, type);
        one->confirmation = confirm(one->answer, address);
    }
}

void banner_names_find(struct arena *arena, struct dns_answers *answers,
                       const struct ip_address *address, const struct smtp_session *session,
                       struct banner_names *names)
{
    const struct smtp_entry *greeting = banner_greeting(session);
    char text[DOMAIN_TEXT_SIZE];
    struct smtp_name name;
    *names = (struct banner_names){.ptr = NULL};
    if (address->family == IP_NONE || greeting == NULL) {
        return;
    }
    find_ptr(arena, answers, address, names);
    smtp_name_parse(greeting->text, &name);
    if (name.kind == SMTP_NAME_FQDN && domain_normalize(name.name, text) == DOMAIN_FINE) {
        names->banner = arena_copy(arena, text);
        names->a = dns_answers_get(answers, text, DNS_A);
        names->aaaa = dns_answers_get(answers, text, DNS_AAAA);
    }
}
