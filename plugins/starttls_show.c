#include <math.h>
#include <string.h>

#include "smtp_show.h"
#include "starttls.h"

#define KEYS_MAX 2
#define UNSET ((double)NAN)

const char *starttls_probe_name(enum starttls_probe probe)
{
    static const char *const names[STARTTLS_PROBES] = {
        [STARTTLS_MAIN] = "first",          [STARTTLS_OTHER_KEY] = "other-key",
        [STARTTLS_TLS_1_2] = "tls-1.2",     [STARTTLS_OLD] = "old-tls",
        [STARTTLS_WEAK] = "weak-ciphers",   [STARTTLS_RAW_KEY] = "raw-key",
        [STARTTLS_CIPHERS] = "ciphers",     [STARTTLS_FORBIDDEN] = "forbidden",
        [STARTTLS_INJECTION] = "injection", [STARTTLS_COMPRESSION] = "compression",
    };
    return names[probe];
}

/* ---- JSON */

static json_t *names_json(struct report *report, const struct certificate *certificate)
{
    json_t *array = json_array();
    for (size_t i = 0; i < certificate->name_count; i++) {
        const struct slice text = certificate->names[i].text;
        if (text.length > 0)
            json_array_append_new(array, report_json_string(report, smtp_show_text(report, text)));
    }
    return array;
}

static json_t *certificate_json(struct report *report, const struct certificate *certificate)
{
    json_t *object = json_object();
    json_object_set_new(object, "subject", report_json_string(report, certificate->subject));
    json_object_set_new(object, "issuer", report_json_string(report, certificate->issuer));
    json_object_set_new(object, "names", names_json(report, certificate));
    json_object_set_new(object, "not_before", json_integer(certificate->not_before));
    json_object_set_new(object, "not_after", json_integer(certificate->not_after));
    json_object_set_new(object, "key_type", json_string(certificate_key_name(certificate->key)));
    json_object_set_new(object, "bits", json_integer(certificate->bits));
    json_object_set_new(object, "signature", report_json_string(report, certificate->signature));
    json_object_set_new(object, "serial", report_json_string(report, certificate->serial));
    json_object_set_new(object, "fingerprint_sha256",
                        json_string(starttls_hex(report->arena, certificate->sha256)));
    return object;
}

/* Of an unreadable one there is the digest. */
static json_t *raw_key_json(struct report *report, const struct certificate *key)
{
    json_t *object = json_object();
    json_object_set_new(object, "key_type", json_string(certificate_key_name(key->key)));
    json_object_set_new(object, "bits", json_integer(key->bits));
    json_object_set_new(object, "spki_sha256",
                        json_string(starttls_hex(report->arena, key->spki_sha256)));
    return object;
}

static const char *staple_name(enum tls_staple staple)
{
    static const char *const names[] = {
        [TLS_STAPLE_NONE] = "none",       [TLS_STAPLE_GOOD] = "good",
        [TLS_STAPLE_REVOKED] = "revoked", [TLS_STAPLE_UNKNOWN] = "unknown",
        [TLS_STAPLE_STALE] = "stale",     [TLS_STAPLE_INVALID] = "invalid",
    };
    return names[staple];
}

static void put_tls(struct report *report, json_t *object, const struct tls_facts *tls)
{
    json_t *certificates = json_array();
    json_t *errors = json_array();
    for (size_t i = 0; tls != NULL && i < tls->chain.count; i++)
        json_array_append_new(certificates, certificate_json(report, &tls->chain.list[i]));
    for (size_t i = 0; tls != NULL && i < tls->error_count; i++) {
        json_t *error = json_object();
        json_object_set_new(error, "text", json_string(tls->errors[i].text));
        json_object_set_new(error, "depth", json_integer(tls->errors[i].depth));
        json_object_set_new(error, "subject", report_json_string(report, tls->errors[i].subject));
        json_array_append_new(errors, error);
    }
    json_object_set_new(object, "protocol",
                        tls == NULL ? json_null() : json_string(tls_version_name(tls->version)));
    json_object_set_new(object, "cipher", tls == NULL ? json_null() : json_string(tls->cipher));
    json_object_set_new(object, "group",
                        tls == NULL ? json_null() : report_json_string(report, tls->group));
    json_object_set_new(object, "staple",
                        tls == NULL ? json_null() : json_string(staple_name(tls->staple)));
    json_object_set_new(object, "raw_key",
                        tls == NULL || tls->raw_key == NULL ? json_null()
                                                            : raw_key_json(report, tls->raw_key));
    json_object_set_new(object, "certificates", certificates);
    json_object_set_new(object, "verify_errors", errors);
}

static json_t *conversation_json(struct report *report, const struct starttls_place *place,
                                 enum starttls_probe probe)
{
    const struct smtp_session *session = starttls_session(place, probe);
    json_t *object = smtp_show_json(report, session, place->target->text);
    json_object_set_new(object, "host", report_json_string(report, place->target->host));
    json_object_set_new(object, "name", report_json_string(report, place->name));
    json_object_set_new(object, "probe", json_string(starttls_probe_name(probe)));
    put_tls(report, object, starttls_tls(place, probe));
    return object;
}

/* What matters most comes first: long lists are cut at their end. */
static void show_json(const struct starttls_facts *facts, struct report *report)
{
    json_t *conversations = json_array();
    for (int probe = 0; probe < STARTTLS_PROBES; probe++) {
        for (size_t i = 0; i < facts->place_count; i++) {
            const struct starttls_place *place = &facts->places[i];
            if (starttls_session(place, (enum starttls_probe)probe) != NULL)
                json_array_append_new(conversations,
                                      conversation_json(report, place, (enum starttls_probe)probe));
        }
    }
    report_fact(report, "conversations", conversations);
}

/* ---- figures */

/* The leaves that a place has shown, each kind of key once. */
static size_t leaves(const struct starttls_place *place, const struct certificate *found[KEYS_MAX],
                     const struct certificate_chain *chains[KEYS_MAX])
{
    static const enum starttls_probe probes[KEYS_MAX] = {STARTTLS_MAIN, STARTTLS_OTHER_KEY};
    size_t count = 0;
    for (size_t i = 0; i < KEYS_MAX; i++) {
        const struct tls_facts *tls = starttls_tls(place, probes[i]);
        if (tls == NULL || tls->chain.count == 0)
            continue;
        found[count] = &tls->chain.list[0];
        chains[count++] = &tls->chain;
    }
    return count;
}

static double least(double a, double b)
{
    return isnan(a) || b < a ? b : a;
}

static double most(double a, double b)
{
    return isnan(a) || b > a ? b : a;
}

struct figures {
    double days, chain_days, bits, version;
    const struct certificate **certificates; /* different ones */
    size_t certificate_count;
};

static void count_leaf(const struct starttls_facts *facts, const struct certificate *leaf,
                       const struct certificate_chain *chain, struct figures *figures)
{
    int64_t until = chain->path_count > 0 ? chain->not_after : leaf->not_after;
    figures->days = least(figures->days, starttls_days(facts, leaf->not_after));
    figures->chain_days = least(figures->chain_days, starttls_days(facts, until));
    if (leaf->bits > 0)
        figures->bits = least(figures->bits, leaf->bits);
    for (size_t i = 0; i < figures->certificate_count; i++) {
        if (memcmp(figures->certificates[i]->sha256, leaf->sha256, CERTIFICATE_SHA256_SIZE) == 0)
            return;
    }
    figures->certificates[figures->certificate_count++] = leaf;
}

static double version_number(unsigned version)
{
    return 1.0 + (version - TLS_1_0) / 10.0;
}

static struct figures count(const struct starttls_facts *facts)
{
    struct figures figures = {.days = UNSET, .chain_days = UNSET, .bits = UNSET, .version = UNSET};
    figures.certificates =
        arena_array(facts->arena, facts->place_count * KEYS_MAX + 1, sizeof(struct certificate *));
    for (size_t i = 0; i < facts->place_count; i++) {
        const struct starttls_place *place = &facts->places[i];
        const struct tls_facts *tls = starttls_tls(place, STARTTLS_MAIN);
        const struct certificate *found[KEYS_MAX];
        const struct certificate_chain *chains[KEYS_MAX];
        size_t leaf_count = leaves(place, found, chains);
        for (size_t k = 0; k < leaf_count; k++)
            count_leaf(facts, found[k], chains[k], &figures);
        if (tls != NULL)
            figures.version = least(figures.version, version_number(tls->version));
    }
    return figures;
}

/* The slowest of all places. */
static double slowest(const struct starttls_facts *facts, enum smtp_verb verb)
{
    double seconds = UNSET;
    for (size_t i = 0; i < facts->place_count; i++) {
        const struct smtp_session *session = starttls_session(&facts->places[i], STARTTLS_MAIN);
        double own = session == NULL ? UNSET : smtp_show_seconds(session, verb);
        if (!isnan(own))
            seconds = most(seconds, own);
    }
    return seconds;
}

/* "fewer than N days", for perfdata. */
static struct range at_least(long days)
{
    return (struct range){
        .is_set = days >= 0,
        .start = (double)days,
        .end_infinite = true,
    };
}

static void show_figures(const struct starttls_config *config, const struct plugin_common *common,
                         const struct starttls_facts *facts, const struct figures *figures,
                         struct report *report)
{
    static const struct {
        enum starttls_metric metric;
        enum smtp_verb verb;
    } times[] = {
        {STARTTLS_M_TIME_CONNECT, SMTP_VERB_CONNECT  },
        {STARTTLS_M_TIME_BANNER,  SMTP_VERB_GREETING },
        {STARTTLS_M_TIME_EHLO,    SMTP_VERB_EHLO     },
        {STARTTLS_M_TIME_TLS,     SMTP_VERB_HANDSHAKE},
    };
    const struct range warning = at_least(config->days_warning);
    const struct range critical = at_least(config->days_critical);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        report_metric(report, times[i].metric, slowest(facts, times[i].verb));
    report_metric_bounds(report, STARTTLS_M_TIME_TLS, &common->warning, &common->critical);
    report_metric(report, STARTTLS_M_CERT_DAYS, figures->days);
    report_metric_bounds(report, STARTTLS_M_CERT_DAYS, &warning, &critical);
    report_metric(report, STARTTLS_M_CHAIN_DAYS, figures->chain_days);
    report_metric_bounds(report, STARTTLS_M_CHAIN_DAYS, &warning, &critical);
    report_metric(report, STARTTLS_M_CERT_BITS, figures->bits);
    report_metric(report, STARTTLS_M_TLS_VERSION, figures->version);
    report_metric(report, STARTTLS_M_CERTIFICATES,
                  isnan(figures->version) ? UNSET : (double)figures->certificate_count);
    report_metric(report, STARTTLS_M_ADDRESSES, (double)facts->place_count);
}

/* ---- words */

static void show_place(const struct starttls_facts *facts, const struct starttls_place *place,
                       int verbosity, struct report *report)
{
    const struct tls_facts *tls = starttls_tls(place, STARTTLS_MAIN);
    const struct certificate *found[KEYS_MAX];
    const struct certificate_chain *chains[KEYS_MAX];
    char date[STARTTLS_DATE_SIZE];
    size_t leaf_count = leaves(place, found, chains);
    if (tls != NULL)
        report_detail(report, 1, "%s: TLS %s, %s%s%s", place->subject,
                      tls_version_name(tls->version), tls->cipher,
                      tls->group[0] != '\0' ? ", key exchange " : "", tls->group);
    for (size_t i = 0; i < leaf_count; i++) {
        const struct certificate *leaf = found[i];
        report_detail(report, 1, "%s: %s %u bits, %s, by %s, until %s (%.0f days)", place->subject,
                      certificate_key_name(leaf->key), leaf->bits, leaf->subject, leaf->issuer,
                      starttls_date(leaf->not_after, date), starttls_days(facts, leaf->not_after));
    }
    for (int probe = 0; probe < STARTTLS_PROBES; probe++) {
        const struct smtp_session *session = starttls_session(place, (enum starttls_probe)probe);
        if (session != NULL && (probe == STARTTLS_MAIN || verbosity > 1))
            smtp_show_transcript(report, session,
                                 arena_format(report->arena, "%s, %s", place->target->text,
                                              starttls_probe_name((enum starttls_probe)probe)),
                                 verbosity);
    }
}

static void show_samples(const struct starttls_facts *facts, const struct starttls_place *place,
                         struct report *report)
{
    const struct certificate *found[KEYS_MAX];
    const struct certificate_chain *chains[KEYS_MAX];
    size_t leaf_count = leaves(place, found, chains);
    for (size_t i = 0; i < leaf_count; i++) {
        const char *const labels[] = {
            "address", place->target->text,
            "host",    place->target->host != NULL ? place->target->host : "",
            "key",     certificate_key_name(found[i]->key),
            NULL,
        };
        report_sample(report, "postmaster_starttls_certificate_days",
                      "Days until a certificate of an address expires",
                      starttls_days(facts, found[i]->not_after), labels);
    }
}

static void summarize(const struct starttls_config *config, const struct starttls_facts *facts,
                      const struct figures *figures, struct report *report)
{
    report_target(report, "%s", config->domain != NULL ? config->domain : config->smtp.host);
    if (isnan(figures->version) || isnan(figures->days))
        return;
    const char *who = facts->place_count == 1 ? facts->places[0].subject : report->target;
    const char *count_text =
        facts->place_count == 1
            ? ""
            : arena_format(report->arena, "%zu addresses, ", facts->place_count);
    report_summary(report, "%s: %sTLS %.1f, %zu certificate%s in %.0f days", who, count_text,
                   figures->version, figures->certificate_count,
                   figures->certificate_count == 1 ? ", expires" : "s, the first expires",
                   figures->days);
}

void starttls_show(const struct starttls_config *config, const struct plugin_common *common,
                   const struct starttls_facts *facts, struct report *report)
{
    const struct figures figures = count(facts);
    summarize(config, facts, &figures, report);
    show_json(facts, report);
    show_figures(config, common, facts, &figures, report);
    for (size_t i = 0; i < facts->place_count; i++) {
        show_place(facts, &facts->places[i], common->verbosity, report);
        show_samples(facts, &facts->places[i], report);
    }
}
