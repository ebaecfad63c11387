#include "mail/confirmed_name.h"

#include "mail/domain.h"

static bool has_address(struct dns_answers *answers, const char *name,
                        const struct ip_address *address)
{
    const struct dns_answer *answer =
        dns_answers_get(answers, name, address->family == IP_V4 ? DNS_A : DNS_AAAA);

    for (size_t i = 0; i < answer->record_count; i++) {
        if (ip_equal(&answer->records[i].address, address))
            return true;
    }
    return false;
}

bool confirmed_name_is_full(const char *name)
{
    return domain_is_host_name(name) && domain_label_count(name) > 1;
}

const char *confirmed_name(struct dns_answers *answers, const struct ip_address *address)
{
    char name[80];
    const struct dns_answer *ptr = dns_answers_get(answers, ip_ptr_name(address, name), DNS_PTR);

    for (size_t i = 0; i < ptr->record_count && i < CONFIRMED_NAME_MAX; i++) {
        const char *target = ptr->records[i].target;

        if (confirmed_name_is_full(target) && has_address(answers, target, address))
            return target;
    }
    return NULL;
}
