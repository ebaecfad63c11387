#include "base/text.h"
#include "tlsrpt.h"

#define DAY 86400

/* What one address says. */
struct answer {
    enum tlsrpt_https_verdict verdict; /* FINE, BAD, UNKNOWN or LATE */
    bool is_connection;                /* bad because nobody is there: others take its place */
    const char *reason, *repair;
};

static struct answer bad(struct arena *arena, const struct tlsrpt_https *https, const char *reason,
                         const char *repair)
{
    return (struct answer){
        .verdict = TLSRPT_HTTPS_BAD,
        .reason = reason,
        .repair = arena_format(arena,
                               "%s at %s, or tell those who run it; or publish another "
                               "address",
                               repair, https->host),
    };
}

/* ---- the certificate */

static const char *names_of(struct arena *arena, const struct certificate *leaf)
{
    const struct certificate_name *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < leaf->name_count; i++) {
        if (leaf->names[i].kind != CERTIFICATE_NAME_DNS)
            continue;
        first = first != NULL ? first : &leaf->names[i];
        count++;
    }
    if (first == NULL)
        return "no host at all";
    return count == 1
               ? arena_copy_slice(arena, first->text)
               : arena_format(arena, "%.*s and %zu more", SLICE_PRINTF(first->text), count - 1);
}

static struct answer judge_trust(struct arena *arena, const struct tlsrpt_https *https,
                                 const struct tls_facts *tls, int64_t now)
{
    const struct tls_error *error = &tls->errors[0];
    const struct certificate *leaf = &tls->chain.list[0];
    /* A leaf's own date or signer is the clearest word of all that are wrong. */
    for (size_t i = 1; i < tls->error_count; i++) {
        if (tls->errors[i].trust == TLS_TRUST_EXPIRED && tls->errors[i].depth == 0)
            error = &tls->errors[i];
    }
    switch (error->trust) {
    case TLS_TRUST_EXPIRED:
        if (error->depth > 0)
            return bad(arena, https,
                       arena_format(arena, "%s of its chain has expired", error->subject),
                       "Send the current intermediate certificates");
        return bad(arena, https,
                   arena_format(arena, "its certificate expired %lld days ago",
                                (long long)((now - leaf->not_after) / DAY)),
                   "Renew the certificate");
    case TLS_TRUST_NOT_YET_VALID:
        return bad(arena, https, "its certificate is not valid yet",
                   "Install a certificate that holds now, or put the clock right");
    case TLS_TRUST_SELF_SIGNED:
        return bad(arena, https, "its certificate is self-signed",
                   "Install a certificate of an authority that senders trust");
    case TLS_TRUST_UNKNOWN_ROOT:
    case TLS_TRUST_NO_ISSUER:
        return bad(arena, https,
                   "its certificate is not trusted: the chain is not complete, or its authority "
                   "is unknown here",
                   "Send the chain with the certificate, of an authority that senders trust");
    case TLS_TRUST_OTHER:
    case TLS_TRUST_BAD_SIGNATURE:
    case TLS_TRUST_BAD_CA:
    case TLS_TRUST_PURPOSE:
    case TLS_TRUST_REVOKED:
        break;
    }
    return bad(arena, https, arena_format(arena, "its certificate is not trusted: %s", error->text),
               "Install a certificate that senders trust");
}

static struct answer judge_certificate(struct arena *arena, const struct tlsrpt_https *https,
                                       const struct tls_facts *tls, int64_t now)
{
    if (tls->chain.count == 0)
        return bad(arena, https, "it shows no certificate", "Install a certificate");
    if (tls->error_count > 0)
        return judge_trust(arena, https, tls, now);
    if (certificate_match(&tls->chain.list[0], https->host, false) == CERTIFICATE_MISMATCH)
        return bad(arena, https,
                   arena_format(arena, "its certificate is for %s, not for %s",
                                names_of(arena, &tls->chain.list[0]), https->host),
                   "Install a certificate that has the name");
    return (struct answer){.verdict = TLSRPT_HTTPS_FINE, .reason = "", .repair = ""};
}

/* ---- the connection */

static const char *handshake_reason(struct arena *arena, const struct tls_probe *probe)
{
    const struct tls_facts *tls = probe->tls;
    switch (tls->outcome) {
    case TLS_NOT_TLS:
        return "it does not answer in TLS";
    case TLS_ALERTED:
        return arena_format(arena, "it refused the TLS handshake: %s",
                            tls->alert_name != NULL ? tls->alert_name : "an alert");
    case TLS_FAILED:
    case TLS_UNUSABLE_REQUEST:
        return arena_format(arena, "the TLS handshake failed: %s", tls->reason);
    case TLS_CUT:
    case TLS_PENDING:
    case TLS_ESTABLISHED:
    case TLS_AGREED:
        break;
    }
    return "the connection ended in the TLS handshake";
}

static struct answer judge_probe(struct arena *arena, const struct tlsrpt_https *https,
                                 const struct tls_probe *probe, int64_t now)
{
    struct answer answer = {.repair = ""};
    switch (probe->outcome) {
    case TLS_PROBE_NOT_ASKED:
    case TLS_PROBE_CUT_SHORT:
        answer.verdict = TLSRPT_HTTPS_LATE;
        answer.reason = "the time was up before it had answered";
        return answer;
    case TLS_PROBE_ESTABLISHED:
        return judge_certificate(arena, https, probe->tls, now);
    case TLS_PROBE_NOT_CONNECTED:
        answer.reason = probe->has_no_route ? "this host has no route to it"
                                            : stream_failure_text(probe->failure);
        break;
    case TLS_PROBE_NO_HANDSHAKE:
        answer.reason = handshake_reason(arena, probe);
        break;
    case TLS_PROBE_SILENT:
        answer.reason = probe->tls == NULL ? "nobody answers there: the connection is not made"
                                           : "it is silent in the TLS handshake";
        break;
    }
    if (tls_probe_is_ours(probe)) {
        answer.verdict = TLSRPT_HTTPS_UNKNOWN;
        return answer;
    }
    answer = bad(arena, https, answer.reason,
                 arena_format(arena, "Let a server answer by TLS on port %u", https->port));
    answer.is_connection = probe->tls == NULL;
    return answer;
}

/* ---- all addresses of a host */

static const char *at_address(struct arena *arena, const struct tls_probe *probe,
                              const char *reason)
{
    char text[ENDPOINT_TEXT_SIZE];
    return arena_format(arena, "%s, %s: %s", probe->host,
                        endpoint_print(&probe->target.endpoint, text), reason);
}

static struct tlsrpt_https_result result_of(enum tlsrpt_https_verdict verdict, const char *reason,
                                            const char *repair)
{
    return (struct tlsrpt_https_result){.verdict = verdict, .reason = reason, .repair = repair};
}

/* What stands in the way before anybody is asked. FINE: nothing. */
static struct tlsrpt_https_result judge_host(struct arena *arena, const struct tlsrpt_https *https)
{
    char text[IP_TEXT_SIZE];
    if (https->trouble != NULL)
        return result_of(TLSRPT_HTTPS_UNKNOWN, https->trouble, "");
    if (https->port == 0)
        return result_of(TLSRPT_HTTPS_BAD, "its port is not one of 1 to 65535",
                         "Write the address with a port of 1 to 65535, or without one");
    if (https->nobodys.family != IP_NONE)
        return result_of(
            https->count > 0       ? TLSRPT_HTTPS_BAD_BESIDE_FINE
            : https->is_incomplete ? TLSRPT_HTTPS_BAD_BESIDE_UNKNOWN
                                   : TLSRPT_HTTPS_BAD,
            arena_format(arena,
                         "%s, %s: it was not asked: no server can have an address of the kind %s",
                         https->host, ip_print(&https->nobodys, text),
                         ip_scope_name(ip_scope(&https->nobodys))),
            arena_format(arena,
                         "Give %s an address that others can reach, or publish another "
                         "address for reports",
                         https->host));
    if (https->count == 0)
        return result_of(TLSRPT_HTTPS_UNKNOWN,
                         arena_format(arena, "%s has no address of the family that -4 or -6 leaves",
                                      https->host),
                         "");
    return result_of(TLSRPT_HTTPS_FINE, "", "");
}

/* Clients try the next address when nobody is there, but not when the handshake fails: one that is
 * gone does no harm beside one that works. */
struct tlsrpt_https_result tlsrpt_https_result(struct arena *arena,
                                               const struct tlsrpt_https *https, int64_t now)
{
    if (https == NULL)
        return result_of(TLSRPT_HTTPS_NOT_WANTED, "", "");
    struct tlsrpt_https_result worst = judge_host(arena, https);
    bool is_fine = false;
    bool is_unknown = https->is_incomplete;
    bool has_bad_handshake = worst.verdict != TLSRPT_HTTPS_FINE;
    if (worst.verdict == TLSRPT_HTTPS_BAD || worst.verdict >= TLSRPT_HTTPS_UNKNOWN)
        return worst;
    for (size_t i = 0; i < https->count; i++) {
        struct answer answer = judge_probe(arena, https, &https->probes[i], now);
        bool is_bad = answer.verdict == TLSRPT_HTTPS_BAD;
        bool is_worse = is_bad ? !has_bad_handshake : worst.verdict == TLSRPT_HTTPS_FINE;
        is_fine = is_fine || answer.verdict == TLSRPT_HTTPS_FINE;
        is_unknown = is_unknown || answer.verdict >= TLSRPT_HTTPS_UNKNOWN;
        has_bad_handshake = has_bad_handshake || (is_bad && !answer.is_connection);
        if (is_worse && answer.verdict != TLSRPT_HTTPS_FINE)
            worst = result_of(answer.verdict, at_address(arena, &https->probes[i], answer.reason),
                              answer.repair);
    }
    if (is_fine && !has_bad_handshake)
        return result_of(TLSRPT_HTTPS_FINE, "", "");
    if (worst.verdict < TLSRPT_HTTPS_UNKNOWN)
        worst.verdict = is_fine      ? TLSRPT_HTTPS_BAD_BESIDE_FINE
                        : is_unknown ? TLSRPT_HTTPS_BAD_BESIDE_UNKNOWN
                                     : TLSRPT_HTTPS_BAD;
    return worst;
}
