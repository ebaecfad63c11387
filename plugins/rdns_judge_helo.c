#include <string.h>

#include "rdns.h"
#include "smtp_show.h"

static const char *kind_text(const struct rdns_said *said)
{
    switch (said->kind) {
    case SMTP_NAME_NONE:
        return "nothing";
    case SMTP_NAME_LOCALHOST:
        return "this is everybody's own name";
    case SMTP_NAME_SINGLE_LABEL:
        return "it is a single label";
    case SMTP_NAME_MASKED:
        return "a firewall hides it";
    default:
        break;
    }
    return strchr(said->text, '_') != NULL ? "a host name has no underscore" : "it is no host name";
}

static bool is_good_kind(const struct rdns_said *said)
{
    return said->kind == SMTP_NAME_FQDN || said->kind == SMTP_NAME_LITERAL;
}

/* The name is one of those that lead back to the address, or it is not known whether it is. */
static bool is_its_name(const struct rdns_address *address, const char *name)
{
    if (!dns_status_is_answer(address->ptr->status))
        return true;
    for (size_t i = 0; i < address->name_count; i++) {
        if (address->names[i].confirmed != RDNS_DENIED &&
            domain_equal(address->names[i].name, name))
            return true;
    }
    return false;
}

static enum state strictly(const struct rdns_judge *judge)
{
    return judge->config->strict ? STATE_WARNING : STATE_OK;
}

static const char *own_name(const struct rdns_judge *judge)
{
    const struct rdns_address *address = judge->address;

    return address->name_count > 0 ? address->names[0].name : "without a name";
}

static const char *forward_text(const struct rdns_said *said)
{
    if (said->forward == NULL)
        return "it is another address";
    return said->forward->status == DNS_OK ? "it leads to another address"
                                           : "it has no address of this family";
}

static void judge_helo(const struct rdns_judge *judge)
{
    const struct rdns_said *said = &judge->address->helo;
    bool is_given = judge->config->helo != NULL;
    const char *source = is_given ? "the name in HELO" : "the name in the reply to EHLO";

    if (said->text == NULL)
        return;
    if (!is_good_kind(said)) {
        report_add_as(judge->report, RDNS_F_HELO_SYNTAX, is_given ? STATE_CRITICAL : STATE_WARNING,
                      judge->subject, "%s is \"%s\": %s", source, said->text, kind_text(said));
        return;
    }
    rdns_judge_dns_error(judge, said->forward, NULL);
    if (said->confirmed == RDNS_DENIED)
        report_add(judge->report, RDNS_F_HELO_RESOLVE, judge->subject, "%s is %s: %s", source,
                   said->text, forward_text(said));
    else if (said->confirmed == RDNS_CONFIRMED && rdns_judge_is_confirmed(judge->address) &&
             !is_its_name(judge->address, said->text))
        report_add_as(judge->report, RDNS_F_HELO_PTR, strictly(judge), judge->subject,
                      "%s is %s, the address is %s", source, said->text, own_name(judge));
}

static void judge_banner(const struct rdns_judge *judge)
{
    const struct rdns_said *said = &judge->address->banner;

    if (said->text == NULL)
        return;
    if (!is_good_kind(said)) {
        report_add_as(judge->report, RDNS_F_BANNER_NAME, strictly(judge), judge->subject,
                      "the banner says \"%s\": %s", said->text, kind_text(said));
        return;
    }
    /* HELO has said it of the same name. */
    bool is_said = judge->address->helo.text != NULL &&
                   domain_equal(judge->address->helo.text, said->text) &&
                   said->confirmed == RDNS_DENIED;

    if (is_said || said->confirmed == RDNS_NOT_KNOWN || is_its_name(judge->address, said->text))
        return;
    report_add_as(judge->report, RDNS_F_BANNER, strictly(judge), judge->subject,
                  "the banner says %s, the address is %s%s%s", said->text, own_name(judge),
                  said->confirmed == RDNS_DENIED ? "; " : "",
                  said->confirmed == RDNS_DENIED ? forward_text(said) : "");
}

/* The connection failed for a reason of ours. */
static bool is_own_trouble(const struct rdns_address *address)
{
    const struct smtp_entry *culprit =
        address->session == NULL ? NULL : smtp_show_culprit(address->session);

    return culprit != NULL && culprit->verb == SMTP_VERB_CONNECT &&
           (stream_failure_is_ours(culprit->failure) ||
            (culprit->failure == STREAM_UNREACHABLE && !address->has_route));
}

void rdns_judge_helo(const struct rdns_judge *judge)
{
    const struct rdns_address *address = judge->address;
    const char *failure = smtp_show_failure(judge->report, address->session);

    if (is_own_trouble(address))
        report_add(judge->report, RDNS_F_OWN_TROUBLE, judge->subject,
                   "the server could not be asked from here: %s",
                   address->has_route ? failure : "this host has no route to it");
    else if (judge->facts->was_connected && address->banner.text == NULL)
        report_add(judge->report, RDNS_F_NO_BANNER, judge->subject,
                   "the banner could not be read: %s",
                   address->session == NULL ? "it was not asked, no server can have such an address"
                   : failure[0] == '\0'     ? "no greeting"
                                            : failure);
    else if (judge->facts->was_connected && address->helo.text == NULL && failure[0] != '\0')
        report_add(judge->report, RDNS_F_NO_HELO, judge->subject,
                   "the reply to EHLO could not be read: %s", failure);
    judge_helo(judge);
    judge_banner(judge);
}
