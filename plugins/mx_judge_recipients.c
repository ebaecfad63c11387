#include <math.h>

#include "mx.h"
#include "smtp_show.h"

/* ---- --rcpt */

static const char *words_of(const struct mx_judge *judge, const struct mx_address *address,
                            const struct smtp_entry *entry)
{
    if (entry != NULL && entry->outcome == SMTP_ANSWERED)
        return smtp_show_reply(judge->report, entry);
    const char *failure = smtp_show_failure(judge->report, address->session);

    return failure[0] != '\0' ? failure : "no reply";
}

static void judge_postmaster(const struct mx_judge *judge, const struct mx_host *host,
                             const struct mx_address *address)
{
    static const enum mx_finding findings[] = {
        [MX_NOT_TOLD] = MX_F_RCPT_UNTOLD,       [MX_REFUSED] = MX_F_RCPT_REFUSED,
        [MX_DEFERRED] = MX_F_RCPT_DEFERRED,     [MX_REFUSED_US] = MX_F_RCPT_UNTOLD,
        [MX_REFUSED_SENDER] = MX_F_RCPT_UNTOLD,
    };
    static const char *const texts[] = {
        [MX_NOT_TOLD] = "gave no reply about",
        [MX_REFUSED] = "refuses mail to",
        [MX_DEFERRED] = "puts off mail to",
        [MX_REFUSED_US] = "refuses us, and does not say whether it takes mail to",
        [MX_REFUSED_SENDER] = "refuses the sender, and does not say whether it takes mail to",
    };
    char text[IP_TEXT_SIZE];

    if (address->answer != MX_WORKS || address->postmaster == MX_ACCEPTED)
        return;
    report_add(judge->report, findings[address->postmaster], host->exchanger->host,
               "%s %s postmaster@%s: %s", ip_print(&address->address, text),
               texts[address->postmaster], judge->facts->domain,
               words_of(judge, address, address->postmaster_entry));
}

/* ---- --unknown */

/* What the exchanger does with mail to nobody: one address that takes it is enough, else one that
 * refuses it. */
static enum mx_verdict unknown_of(const struct mx_host *host, const struct mx_address **where)
{
    enum mx_verdict verdict = MX_NOT_TOLD;

    *where = NULL;
    for (size_t i = 0; i < host->count; i++) {
        const struct mx_address *address = &host->addresses[i];
        bool decides = address->unknown == MX_ACCEPTED ||
                       (address->unknown == MX_REFUSED && verdict != MX_ACCEPTED);

        if (address->answer != MX_WORKS || (*where != NULL && !decides))
            continue;
        verdict = address->unknown;
        *where = address;
    }
    return verdict;
}

/* RFC 5321 6.2: some exchanger that is more preferred refuses what this one takes. */
static bool is_refused_before(const struct mx_facts *facts, const struct mx_host *backup)
{
    const struct mx_address *where = NULL;

    for (size_t i = 0; i < facts->host_count; i++) {
        const struct mx_host *host = &facts->hosts[i];

        if (!host->is_dead && host->exchanger->preference < backup->exchanger->preference &&
            unknown_of(host, &where) == MX_REFUSED)
            return true;
    }
    return false;
}

static void judge_unknown(const struct mx_judge *judge)
{
    const struct mx_facts *facts = judge->facts;
    size_t accepting = 0;
    char text[IP_TEXT_SIZE];

    for (size_t i = 0; i < facts->host_count; i++) {
        const struct mx_host *host = &facts->hosts[i];
        const struct mx_address *where = NULL;
        enum mx_verdict verdict = unknown_of(host, &where);

        if (host->is_dead || where == NULL)
            continue;
        accepting += verdict == MX_ACCEPTED;
        if (verdict == MX_ACCEPTED && is_refused_before(facts, host))
            report_add(judge->report, MX_F_BACKSCATTER, host->exchanger->host,
                       "the backup takes mail to an address that nobody has, and the primary "
                       "refuses it");
        else if (verdict != MX_ACCEPTED && verdict != MX_REFUSED)
            report_add(judge->report, MX_F_UNKNOWN_UNTOLD, host->exchanger->host,
                       "%s does not say whether it takes mail to an address that nobody has: %s",
                       ip_print(&where->address, text),
                       words_of(judge, where, where->unknown_entry));
    }
    report_metric(judge->report, MX_M_CATCHALL, (double)accepting);
}

void mx_judge_recipients(const struct mx_judge *judge)
{
    const struct mx_facts *facts = judge->facts;

    for (size_t i = 0; i < facts->host_count && judge->config->rcpt; i++) {
        for (size_t k = 0; k < facts->hosts[i].count && !facts->hosts[i].is_dead; k++)
            judge_postmaster(judge, &facts->hosts[i], &facts->hosts[i].addresses[k]);
    }
    if (judge->config->unknown)
        judge_unknown(judge);
}

/* ---- --tls */

static const char *trust_fault(const struct mx_judge *judge, const struct tls_facts *tls,
                               const char *host)
{
    if (tls->error_count > 0)
        return tls->errors[0].text;
    if (tls->is_anonymous)
        return "no certificate is shown";
    if (tls->chain.count > 0 &&
        certificate_match(&tls->chain.list[0], host, false) == CERTIFICATE_MISMATCH)
        return arena_format(judge->facts->arena, "it is not for the name %s", host);
    return NULL;
}

static void judge_address_tls(const struct mx_judge *judge, const struct mx_host *host,
                              const struct mx_address *address)
{
    const struct smtp_session *session = address->session;
    const struct smtp_entry *starttls = smtp_session_find(session, SMTP_VERB_STARTTLS);
    const struct tls_facts *tls = session->tls;
    const char *name = host->exchanger->host;
    char text[IP_TEXT_SIZE];

    ip_print(&address->address, text);
    if (starttls == NULL && !judge->config->smtp.implicit_tls) {
        report_add(judge->report, MX_F_STARTTLS_MISSING, name, "%s does not offer STARTTLS", text);
        return;
    }
    if (tls == NULL || tls->outcome != TLS_ESTABLISHED) {
        report_add(judge->report, MX_F_TLS_FAILED, name, "%s: STARTTLS fails: %s", text,
                   tls == NULL && starttls != NULL && starttls->outcome == SMTP_ANSWERED
                       ? smtp_show_reply(judge->report, starttls)
                       : smtp_show_failure(judge->report, session));
        return;
    }
    /* RFC 3207 6: who puts words there can put others. */
    if (session->clear_after_starttls.length > 0)
        report_add(judge->report, MX_F_TLS_FAILED, name,
                   "%s: text in the clear behind the reply to STARTTLS: %s", text,
                   smtp_show_text(judge->report, session->clear_after_starttls));
    const char *fault = trust_fault(judge, tls, name);

    if (fault != NULL)
        report_add(judge->report, MX_F_CERTIFICATE, name,
                   "the certificate of %s is not in order: %s", text, fault);
}

void mx_judge_tls(const struct mx_judge *judge)
{
    const struct mx_facts *facts = judge->facts;

    for (size_t i = 0; i < facts->host_count && judge->config->tls; i++) {
        const struct mx_host *host = &facts->hosts[i];

        for (size_t k = 0; k < host->count; k++) {
            if (host->addresses[k].answer == MX_WORKS && !host->is_dead)
                judge_address_tls(judge, host, &host->addresses[k]);
        }
    }
}
