#include <string.h>

#include "base/plural.h"
#include "starttls.h"

struct finding *starttls_judge_distrust(const struct starttls_judge *judge, size_t definition,
                                        const char *format, ...)
{
    const char *pkix = judge->config->pkix;
    enum state state = judge->place->demand.is_strict ? STATE_CRITICAL : STATE_WARNING;
    if (pkix != NULL && strcmp(pkix, "off") == 0)
        return NULL;
    if (pkix != NULL)
        state = strcmp(pkix, "crit") == 0 ? STATE_CRITICAL : STATE_WARNING;
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_format_list(judge->report->arena, format, arguments);
    va_end(arguments);
    return report_add_as(judge->report, definition, state, judge->place->subject, "%s", text);
}

static const struct certificate *last_of_path(const struct certificate_chain *chain)
{
    return &chain->list[chain->path_count > 0 ? chain->path[chain->path_count - 1] : 0];
}

/* A missing issuer: of the leaf itself, or of what was sent with it. */
static enum starttls_finding missing_issuer(const struct certificate_chain *chain)
{
    return chain->path_count > 1 ? STARTTLS_F_UNKNOWN_AUTHORITY : STARTTLS_F_INCOMPLETE_CHAIN;
}

static enum starttls_finding definition_of(const struct certificate_chain *chain,
                                           const struct tls_error *error)
{
    switch (error->trust) {
    case TLS_TRUST_SELF_SIGNED:
        return STARTTLS_F_SELF_SIGNED;
    case TLS_TRUST_UNKNOWN_ROOT:
        return STARTTLS_F_UNKNOWN_AUTHORITY;
    case TLS_TRUST_NO_ISSUER:
        return missing_issuer(chain);
    case TLS_TRUST_EXPIRED:
    case TLS_TRUST_NOT_YET_VALID:
        /* The leaf's own dates are judged from the certificate. */
        return error->depth > 0 ? STARTTLS_F_EXPIRED_INTERMEDIATE : STARTTLS_FINDINGS;
    case TLS_TRUST_PURPOSE:
        return error->depth > 0 ? STARTTLS_F_BAD_CHAIN : STARTTLS_FINDINGS;
    case TLS_TRUST_OTHER:
    case TLS_TRUST_BAD_SIGNATURE:
    case TLS_TRUST_BAD_CA:
    case TLS_TRUST_REVOKED:
        break;
    }
    return STARTTLS_F_BAD_CHAIN;
}

/* The certificate of a chain that has that subject, for its dates. */
static const struct certificate *find_subject(const struct certificate_chain *chain,
                                              const char *subject)
{
    for (size_t i = 1; i < chain->count; i++) {
        if (strcmp(chain->list[i].subject, subject) == 0)
            return &chain->list[i];
    }
    return NULL;
}

static void judge_dates(const struct starttls_judge *judge, const struct certificate_chain *chain,
                        const struct tls_error *error)
{
    char date[STARTTLS_DATE_SIZE];
    const struct certificate *certificate = find_subject(chain, error->subject);
    bool is_early = error->trust == TLS_TRUST_NOT_YET_VALID;
    const char *when = "";
    if (certificate != NULL)
        when = arena_format(
            judge->report->arena, " %s",
            starttls_date(is_early ? certificate->not_before : certificate->not_after, date));
    starttls_judge_distrust(judge, STARTTLS_F_EXPIRED_INTERMEDIATE, "%s of the chain %s%s",
                            error->subject, is_early ? "is not valid before" : "expired on",
                            when[0] != '\0' ? when : " a date that is not known");
}

static void judge_error(const struct starttls_judge *judge, const struct tls_facts *tls,
                        const struct tls_error *error, enum starttls_finding definition)
{
    const struct certificate_chain *chain = &tls->chain;
    const char *label = starttls_judge_label(judge, &chain->list[0]);
    struct finding *finding = NULL;
    switch (definition) {
    case STARTTLS_F_SELF_SIGNED:
        finding = starttls_judge_distrust(judge, definition, "%s is self-signed", label);
        break;
    case STARTTLS_F_UNKNOWN_AUTHORITY:
        finding = starttls_judge_distrust(
            judge, definition, "%s: the chain ends at %s, which is not trusted", label,
            error->trust == TLS_TRUST_UNKNOWN_ROOT ? error->subject : last_of_path(chain)->issuer);
        break;
    case STARTTLS_F_INCOMPLETE_CHAIN:
        finding = starttls_judge_distrust(judge, definition,
                                          "%s: its issuer %s is neither sent nor trusted", label,
                                          chain->list[0].issuer);
        break;
    case STARTTLS_F_EXPIRED_INTERMEDIATE:
        judge_dates(judge, chain, error);
        break;
    default:
        finding = starttls_judge_distrust(judge, definition, "%s: %s (%s)", label, error->text,
                                          error->subject);
        break;
    }
    if (finding != NULL)
        report_seen(judge->report, finding, "%s (%zu certificate%s sent)", error->text,
                    chain->count, plural(chain->count, "", "s"));
}

/* OpenSSL says the same of one missing issuer twice. */
static void judge_errors(const struct starttls_judge *judge, const struct tls_facts *tls)
{
    bool is_told[STARTTLS_FINDINGS] = {false};
    for (size_t i = 0; i < tls->error_count; i++) {
        enum starttls_finding definition = definition_of(&tls->chain, &tls->errors[i]);
        if (definition == STARTTLS_FINDINGS || is_told[definition])
            continue;
        is_told[definition] = true;
        judge_error(judge, tls, &tls->errors[i], definition);
    }
}

/* A certificate of the path that is out of its dates though another path is trusted here. */
static void judge_bypassed(const struct starttls_judge *judge, const struct tls_facts *tls)
{
    const struct certificate_chain *chain = &tls->chain;
    char date[STARTTLS_DATE_SIZE];
    for (size_t i = 0; i < tls->error_count; i++) {
        if (definition_of(chain, &tls->errors[i]) == STARTTLS_F_EXPIRED_INTERMEDIATE)
            return;
    }
    for (size_t i = 1; i < chain->path_count; i++) {
        const struct certificate *certificate = &chain->list[chain->path[i]];
        if (certificate->not_after != 0 && certificate->not_after < judge->facts->now) {
            starttls_judge_distrust(judge, STARTTLS_F_EXPIRED_INTERMEDIATE,
                                    "%s of the chain expired on %s; older clients know no other "
                                    "way",
                                    certificate->subject,
                                    starttls_date(certificate->not_after, date));
            return;
        }
    }
}

static const char *sent(const struct starttls_judge *judge, const struct certificate_chain *chain)
{
    const char *list = "";
    for (size_t i = 0; i < chain->count; i++)
        list = arena_format(judge->report->arena, "%s%s%s", list, i > 0 ? "; " : "",
                            chain->list[i].subject);
    return list;
}

static void judge_faults(const struct starttls_judge *judge, const struct certificate_chain *chain)
{
    const char *label = starttls_judge_label(judge, &chain->list[0]);
    const char *subject = judge->place->subject;
    bool is_off = judge->config->pkix != NULL && strcmp(judge->config->pkix, "off") == 0;
    struct finding *finding = NULL;
    if ((chain->faults & CERTIFICATE_CHAIN_WRONG_ORDER) != 0) {
        finding = starttls_judge_distrust(judge, STARTTLS_F_WRONG_ORDER,
                                          "%s: the chain is sent in the wrong order", label);
        if (finding != NULL)
            report_seen(judge->report, finding, "%s", sent(judge, chain));
    }
    if (is_off)
        return;
    if ((chain->faults & (CERTIFICATE_CHAIN_BROKEN | CERTIFICATE_CHAIN_TOO_LONG)) != 0)
        starttls_judge_distrust(judge, STARTTLS_F_BAD_CHAIN,
                                "%s: a certificate of the chain cannot be read, or it has more "
                                "than %d",
                                label, CERTIFICATE_CHAIN_MAX);
    if ((chain->faults & (CERTIFICATE_CHAIN_EXTRA | CERTIFICATE_CHAIN_DUPLICATE)) != 0) {
        finding =
            report_add(judge->report, STARTTLS_F_EXTRA_CERTIFICATE, subject,
                       "%s: a certificate is sent that is not of its chain, or one twice", label);
        report_seen(judge->report, finding, "%s", sent(judge, chain));
    }
    if ((chain->faults & CERTIFICATE_CHAIN_ROOT) != 0) {
        finding = report_add(judge->report, STARTTLS_F_EXTRA_ROOT, subject,
                             "%s: the root is sent, too", label);
        report_seen(judge->report, finding, "%s", sent(judge, chain));
    }
}

void starttls_judge_chain(const struct starttls_judge *judge, const struct tls_facts *tls)
{
    judge_errors(judge, tls);
    judge_bypassed(judge, tls);
    judge_faults(judge, &tls->chain);
}
