#include "recipient.h"

static bool is_domain_bad(const struct recipient_domain *domain)
{
    switch (domain->exchangers.status) {
    case EXCHANGERS_NULL:
    case EXCHANGERS_NO_DOMAIN:
        return !domain->is_literal;
    case EXCHANGERS_NO_ADDRESS:
        return !domain->is_literal && !domain->is_of_one_family;
    default:
        return false;
    }
}

bool recipient_verdict_is_unresolved(const struct recipient_domain *domain)
{
    const struct exchangers *exchangers = &domain->exchangers;

    if (domain->is_literal)
        return false;
    for (size_t i = 0; i < exchangers->count; i++) {
        if (!exchangers->list[i].is_null && !exchangers->list[i].is_resolved)
            return true;
    }
    return exchangers->status == EXCHANGERS_PENDING || exchangers->status == EXCHANGERS_FAILED;
}

bool recipient_verdict_has_no_route(const struct recipient_domain *domain)
{
    return domain->route_count == 0 && !recipient_verdict_is_unresolved(domain) &&
           !domain->is_literal && !domain->is_of_one_family;
}

bool recipient_verdict_is_nobodys(const struct recipient *recipient)
{
    const struct ip_address *literal = &recipient->address.literal;

    return literal->family != IP_NONE && !exchangers_can_reach(literal);
}

static enum recipient_verdict verdict_of_reply(const struct recipient *recipient)
{
    const struct recipient_domain *domain = recipient->domain;

    switch (recipient->probe.reply.answer) {
    case RECIPIENT_ACCEPTED:
    case RECIPIENT_FORWARDED:
    case RECIPIENT_UNVERIFIED:
        return domain->was_controlled && recipient_reply_is_positive(domain->control.reply.answer)
                   ? RECIPIENT_V_CATCH_ALL
                   : RECIPIENT_V_DELIVERABLE;
    case RECIPIENT_NO_SUCH_USER:
    case RECIPIENT_MOVED:
    case RECIPIENT_REJECTED:
    case RECIPIENT_NO_UTF8:
    case RECIPIENT_REFUSED_LATE:
        return RECIPIENT_V_UNDELIVERABLE;
    case RECIPIENT_NO_MAIL:
        return RECIPIENT_V_NO_DOMAIN;
    case RECIPIENT_DISABLED:
        return RECIPIENT_V_DISABLED;
    case RECIPIENT_FULL:
    case RECIPIENT_FULL_NOW:
        return RECIPIENT_V_FULL;
    case RECIPIENT_GREYLISTED:
        return RECIPIENT_V_GREYLISTED;
    case RECIPIENT_REFUSED_US:
    case RECIPIENT_SENDER_REFUSED:
        return RECIPIENT_V_REFUSED_US;
    default:
        return RECIPIENT_V_UNKNOWN;
    }
}

enum recipient_verdict recipient_verdict_of(const struct recipient *recipient)
{
    if (recipient->domain == NULL)
        return RECIPIENT_V_SYNTAX;
    if (is_domain_bad(recipient->domain) || recipient_verdict_has_no_route(recipient->domain) ||
        recipient_verdict_is_nobodys(recipient))
        return RECIPIENT_V_NO_DOMAIN;
    if (recipient->is_waiting)
        return RECIPIENT_V_GREYLISTED;
    return recipient->is_asked ? verdict_of_reply(recipient) : RECIPIENT_V_UNKNOWN;
}

const char *recipient_verdict_name(enum recipient_verdict verdict)
{
    static const char *const names[] = {
        [RECIPIENT_V_UNKNOWN] = "unknown",
        [RECIPIENT_V_DELIVERABLE] = "deliverable",
        [RECIPIENT_V_CATCH_ALL] = "catch-all",
        [RECIPIENT_V_UNDELIVERABLE] = "undeliverable",
        [RECIPIENT_V_FULL] = "full",
        [RECIPIENT_V_DISABLED] = "disabled",
        [RECIPIENT_V_GREYLISTED] = "greylisted",
        [RECIPIENT_V_REFUSED_US] = "refused-us",
        [RECIPIENT_V_SYNTAX] = "syntax",
        [RECIPIENT_V_NO_DOMAIN] = "no-domain",
    };

    return names[verdict];
}
