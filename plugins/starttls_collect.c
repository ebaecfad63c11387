#include <string.h>

#include "net/loop.h"
#include "smtp_collect.h"
#include "starttls.h"

#define MICROSECONDS 1e6
#define OFFERED SMTP_STEP_REQUIRED | SMTP_STEP_IF_OFFERED
#define TRY_STARTTLS                                                                               \
    {                                                                                              \
        .verb = SMTP_VERB_STARTTLS, .keyword = "STARTTLS", .flags = OFFERED                        \
    }

/* RFC 3207 4.2: EHLO is said anew under TLS. */
static const struct smtp_step MAIN_STEPS[] = {
    {.verb = SMTP_VERB_EHLO    },
    TRY_STARTTLS,
    [STARTTLS_STEP_EHLO_TLS] = { .verb = SMTP_VERB_EHLO, .flags = SMTP_STEP_IF_TLS},
};
static const struct smtp_step HANDSHAKE_STEPS[] = {
    {.verb = SMTP_VERB_EHLO},
    TRY_STARTTLS,
};
/* The sender that any server must know (RFC 5321 4.5.5). */
static const struct smtp_step OLD_STEPS[] = {
    {.verb = SMTP_VERB_EHLO     },
    [STARTTLS_STEP_MAIL] = { .verb = SMTP_VERB_MAIL,           .argument = "<>"},
    { .verb = SMTP_VERB_RSET, .flags = SMTP_STEP_IF_MAIL},
    TRY_STARTTLS,
};
#define OLD_STEPS_CLEAR 3 /* of these, without a handshake */
static const struct smtp_step INJECTION_STEPS[] = {
    {.verb = SMTP_VERB_EHLO  },
    {                                    .verb = SMTP_VERB_STARTTLS,   .keyword = "STARTTLS", .flags = OFFERED | SMTP_STEP_INJECT},
    [STARTTLS_STEP_LISTEN] = { .verb = SMTP_VERB_LISTEN, .flags = SMTP_STEP_IF_TLS},
};
static const struct smtp_step IMPLICIT_STEPS[] = {
    {.verb = SMTP_VERB_EHLO},
};

struct script {
    const struct smtp_step *steps;
    size_t count;
};

#define SCRIPT(steps)                                                                              \
    {                                                                                              \
        steps, sizeof(steps) / sizeof((steps)[0])                                                  \
    }

const struct smtp_session *starttls_session(const struct starttls_place *place,
                                            enum starttls_probe probe)
{
    return place->probes[probe].session;
}

const struct tls_facts *starttls_tls(const struct starttls_place *place, enum starttls_probe probe)
{
    const struct smtp_session *session = starttls_session(place, probe);
    bool is_agreed =
        session != NULL && session->tls != NULL &&
        (session->tls->outcome == TLS_ESTABLISHED || session->tls->outcome == TLS_AGREED);
    return is_agreed ? session->tls : NULL;
}

/* ---- the plan */

/* The kind that the first handshake did not show; TLS_KEY_ANY for none. */
static enum tls_key other_key(const struct tls_facts *tls)
{
    if (tls->chain.count == 0)
        return TLS_KEY_ANY;
    switch (tls->chain.list[0].key) {
    case CERTIFICATE_KEY_RSA:
        return TLS_KEY_ECDSA;
    case CERTIFICATE_KEY_EC:
    case CERTIFICATE_KEY_ED25519:
    case CERTIFICATE_KEY_ED448:
        return TLS_KEY_RSA;
    case CERTIFICATE_KEY_OTHER:
    case CERTIFICATE_KEY_DSA:
        break;
    }
    return TLS_KEY_ANY;
}

static bool plan_versions(enum tls_version minimum, enum tls_version maximum,
                          struct tls_request *request)
{
    request->minimum = minimum;
    request->maximum = maximum;
    return true;
}

static bool plan_ciphers(const char *ciphers, struct tls_request *request)
{
    request->ciphers = ciphers;
    request->maximum = TLS_1_2;
    return ciphers != NULL;
}

bool starttls_collect_plan(const struct starttls_config *config, const struct starttls_place *place,
                           enum starttls_probe probe, struct tls_request *request)
{
    const struct tls_facts *tls = starttls_tls(place, STARTTLS_MAIN);
    enum tls_version minimum = starttls_minimum(config);
    if (probe == STARTTLS_MAIN)
        return true;
    if (tls == NULL)
        return false;
    switch (probe) {
    case STARTTLS_OTHER_KEY:
        request->key = other_key(tls);
        return !config->is_quick && request->key != TLS_KEY_ANY;
    case STARTTLS_TLS_1_2:
        return !config->is_quick && tls->version == TLS_1_3 && minimum <= TLS_1_2 &&
               plan_versions(TLS_1_2, TLS_1_2, request);
    case STARTTLS_OLD:
        return !config->is_quick && (minimum > TLS_1_0 || !config->smtp.implicit_tls) &&
               plan_versions(TLS_1_0, minimum > TLS_1_0 ? minimum - 1 : TLS_1_0, request);
    case STARTTLS_WEAK:
        request->hello = place->demand.is_strict ? TLS_HELLO_ANONYMOUS : TLS_HELLO_WEAK;
        return !config->is_quick;
    case STARTTLS_COMPRESSION:
        request->hello = TLS_HELLO_COMPRESSED;
        return !config->is_quick && tls->version < TLS_1_3;
    case STARTTLS_RAW_KEY:
        request->hello = TLS_HELLO_RAW_KEY;
        return config->wants_raw_key;
    case STARTTLS_CIPHERS:
        return plan_ciphers(config->ciphers, request);
    case STARTTLS_FORBIDDEN:
        return plan_ciphers(config->forbidden_ciphers, request);
    case STARTTLS_INJECTION:
        return config->injection && !config->smtp.implicit_tls;
    default:
        return false;
    }
}

static struct script script_of(const struct starttls_config *config, enum starttls_probe probe)
{
    static const struct script scripts[STARTTLS_PROBES] = {
        [STARTTLS_MAIN] = SCRIPT(MAIN_STEPS),
        [STARTTLS_OTHER_KEY] = SCRIPT(HANDSHAKE_STEPS),
        [STARTTLS_TLS_1_2] = SCRIPT(HANDSHAKE_STEPS),
        [STARTTLS_OLD] = SCRIPT(OLD_STEPS),
        [STARTTLS_WEAK] = SCRIPT(HANDSHAKE_STEPS),
        [STARTTLS_COMPRESSION] = SCRIPT(HANDSHAKE_STEPS),
        [STARTTLS_RAW_KEY] = SCRIPT(HANDSHAKE_STEPS),
        [STARTTLS_CIPHERS] = SCRIPT(HANDSHAKE_STEPS),
        [STARTTLS_FORBIDDEN] = SCRIPT(HANDSHAKE_STEPS),
        [STARTTLS_INJECTION] = SCRIPT(INJECTION_STEPS),
    };
    struct script script = scripts[probe];
    if (config->smtp.implicit_tls)
        script = (struct script){IMPLICIT_STEPS, probe == STARTTLS_MAIN};
    else if (probe == STARTTLS_OLD && starttls_minimum(config) == TLS_1_0)
        script.count = OLD_STEPS_CLEAR;
    return script;
}

/* ---- the conversations */

/* Each stage ends so early that a server that is silent there is known to be so before the wall. */
static void set_budgets(const struct plugin *plugin, struct smtp_settings *settings)
{
    for (int verb = 0; verb < SMTP_VERBS; verb++) {
        double share = verb == SMTP_VERB_GREETING                           ? 0.5
                       : verb == SMTP_VERB_QUIT || verb == SMTP_VERB_LISTEN ? 0.1
                                                                            : 0.35;
        int64_t most = (int64_t)(plugin->common.timeout * share * MICROSECONDS);
        int64_t usual = smtp_verb_budget((enum smtp_verb)verb);
        settings->budgets_us[verb] = most < usual ? most : usual;
    }
}

/* A further connection that was not served: the server has had enough of us. */
static bool is_refusal(const struct smtp_session *session)
{
    const struct smtp_entry *greeting = smtp_session_find(session, SMTP_VERB_GREETING);
    const struct smtp_entry *failed = smtp_session_failed(session);
    return session->is_complete && ((greeting != NULL && greeting->code / 100 >= 4) ||
                                    (failed != NULL && failed->verb <= SMTP_VERB_GREETING));
}

struct round {
    const struct starttls_config *config;
    const struct resolver *resolver;
    struct plugin *plugin;
    struct smtp_collect *collect;
    struct starttls_facts *facts;
};

/* All that is silent on the wire for that long. */
static void rest(const struct round *round)
{
    struct deadline until =
        deadline_cut(round->plugin->deadline, (int64_t)(round->config->pause * MICROSECONDS));
    while (deadline_left(until) > 0)
        loop_once(round->resolver->loop, until);
}

/* A server that is slow, with its greeting as a rule, gets its verdict from the first connection:
 * no further one is begun that would not end, if it took as long as the first and a quarter. What
 * an option asks for is begun all the same. */
static bool is_too_slow(const struct round *round, const struct starttls_place *place,
                        enum starttls_probe probe)
{
    const struct smtp_session *first = starttls_session(place, STARTTLS_MAIN);
    int64_t left = deadline_left(round->plugin->deadline);
    return probe > STARTTLS_MAIN && probe <= STARTTLS_COMPRESSION && left > 0 && first != NULL &&
           first->us + first->us / 4 > left;
}

static void add(const struct round *round, struct starttls_place *place, enum starttls_probe probe)
{
    struct tls_request request = {0};
    struct script script = script_of(round->config, probe);
    struct starttls_conversation *conversation = &place->probes[probe];
    conversation->is_planned = starttls_collect_plan(round->config, place, probe, &request);
    if (!conversation->is_planned || place->has_refused || place->target->is_nobodys ||
        deadline_left(round->plugin->deadline) == 0)
        return;
    conversation->is_left_out = is_too_slow(round, place, probe);
    if (conversation->is_left_out)
        return;
    request.verify_at = round->config->days_ahead > 0 ? round->facts->now : 0;
    conversation->session = smtp_collect_add(round->collect, place->target, script.steps,
                                             script.count, &request, round->plugin->deadline);
}

/* One conversation of that kind with each place, side by side. */
static void play(const struct round *round, enum starttls_probe probe)
{
    struct starttls_facts *facts = round->facts;
    bool is_any = false;
    for (size_t i = 0; i < facts->place_count; i++) {
        struct tls_request ignored = {0};
        is_any = is_any || starttls_collect_plan(round->config, &facts->places[i], probe, &ignored);
    }
    if (is_any && probe != STARTTLS_MAIN)
        rest(round);
    for (size_t i = 0; i < facts->place_count; i++)
        add(round, &facts->places[i], probe);
    smtp_collect_run(round->collect, round->plugin->deadline);
    for (size_t i = 0; i < facts->place_count; i++) {
        struct starttls_place *place = &facts->places[i];
        const struct smtp_session *session = starttls_session(place, probe);
        if (probe != STARTTLS_MAIN && session != NULL)
            place->has_refused = place->has_refused || is_refusal(session);
    }
}

void starttls_collect(const struct starttls_config *config, struct plugin *plugin,
                      const struct resolver *resolver, struct dns_answers *answers,
                      struct starttls_facts *facts)
{
    struct smtp_settings settings = {
        .authorities = {.file = config->authorities_file, .path = config->authorities_path},
    };
    struct smtp_collect collect;
    set_budgets(plugin, &settings);
    for (size_t i = 0; i < facts->place_count; i++) {
        struct starttls_place *place = &facts->places[i];
        place->has_route =
            place->target->stream.path != NULL ||
            (!place->target->is_nobodys && smtp_collect_source(place->target).family != IP_NONE);
    }
    smtp_collect_init(&collect, plugin, &facts->targets, resolver->loop, resolver->dns, answers,
                      &settings);
    const struct round round = {config, resolver, plugin, &collect, facts};
    for (int probe = 0; probe < STARTTLS_PROBES; probe++)
        play(&round, (enum starttls_probe)probe);
    smtp_collect_release(&collect);
}
