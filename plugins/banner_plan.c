#include <stdio.h>
#include <string.h>

#include "banner.h"
#include "mail/given_name.h"

#define PORT_SUBMISSION 587
#define PORT_SUBMISSIONS 465
#define NAME_PREFIX "name="
/* An address with its brackets in RFC 5321 4.5.3.1.3. */
#define PATH_MAX_OCTETS 254
/* EHLO, two for each MAIL with its RSET, the rest one each; recipients come on top. */
#define STEPS_MAX 20

static bool fail(char message[static 256], const char *text)
{
    snprintf(message, 256, "%s", text);
    return false;
}

/* ---- --banner-match */

static bool read_match(struct arena *arena, const char *text, struct banner_plan *plan,
                       char message[static 256])
{
    static const char *const words[] = {
        [BANNER_MATCH_EXACT] = "exact",
        [BANNER_MATCH_DOMAIN] = "domain",
        [BANNER_MATCH_ANY] = "any",
    };
    struct given_name given = {.fault = GIVEN_NAME_FINE};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text, words[i]) == 0) {
            plan->match = (enum banner_match)i;
            return true;
        }
    }
    if (!slice_starts_with(slice_of(text), NAME_PREFIX) ||
        !given_name_read(slice_of(text + strlen(NAME_PREFIX)), &given) ||
        !domain_is_host_name(given.name)) {
        snprintf(message, 256,
                 "option --banner-match: expected exact, domain, any or name=NAME%s, got \"%.60s\"",
                 given_name_fault_text(given.fault), text);
        return false;
    }
    plan->match = BANNER_MATCH_NAME;
    plan->match_name = arena_copy(arena, given.name);
    return true;
}

/* ---- --time STAGE=WARN,CRIT */

const char *banner_stage_name(enum banner_stage stage)
{
    static const char *const names[BANNER_STAGES] = {
        [BANNER_STAGE_TOTAL] = "total",
        [BANNER_STAGE_CONNECT] = "connect",
        [BANNER_STAGE_EHLO] = "ehlo",
        [BANNER_STAGE_QUIT] = "quit",
    };
    return names[stage];
}

static bool read_range(struct slice text, struct range *range)
{
    return text.length == 0 || range_parse(text, range);
}

/* stage "=" [range] [ "," [range] ] */
static bool read_time(const char *text, struct banner_plan *plan)
{
    struct slice rest = slice_of(text);
    size_t equals = slice_find(rest, '=');
    struct slice stage = slice_sub(rest, 0, equals);
    struct slice part;
    rest = slice_sub(rest, equals + 1, rest.length);
    for (size_t i = 0; i < BANNER_STAGES; i++) {
        const char *name = banner_stage_name((enum banner_stage)i);
        struct banner_limit *limit = &plan->limits[i];
        if (name == NULL || !slice_equals_text(stage, name)) {
            continue;
        }
        return rest.length > 0 && slice_split(&rest, ',', &part) &&
               read_range(part, &limit->warning) &&
               (rest.start == NULL || read_range(rest, &limit->critical)) &&
               (limit->warning.is_set || limit->critical.is_set);
    }
    return false;
}

/* ---- --probe */

static unsigned probe_of(const char *word)
{
    static const struct {
        const char *word;
        enum banner_probe probe;
    } words[] = {
        {"vrfy",       BANNER_PROBE_VRFY      },
        {"expn",       BANNER_PROBE_EXPN      },
        {"help",       BANNER_PROBE_HELP      },
        {"mail-first", BANNER_PROBE_MAIL_FIRST},
        {"early-talk", BANNER_PROBE_EARLY_TALK},
        {"size",       BANNER_PROBE_SIZE      },
        {"8bitmime",   BANNER_PROBE_8BITMIME  },
        {"smtputf8",   BANNER_PROBE_SMTPUTF8  },
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(word, words[i].word) == 0) {
            return words[i].probe;
        }
    }
    return 0;
}

/* ---- steps */

static size_t add_step(struct banner_plan *plan, struct smtp_step step)
{
    plan->steps[plan->step_count] = step;
    return plan->step_count++;
}

static void add_reset(struct banner_plan *plan)
{
    add_step(plan, (struct smtp_step){.verb = SMTP_VERB_RSET, .flags = SMTP_STEP_IF_MAIL});
}

static void add_mail(struct banner_plan *plan, enum banner_ask ask, const char *path,
                     const char *keyword)
{
    plan->asks[ask] = add_step(plan, (struct smtp_step){
                                         .verb = SMTP_VERB_MAIL,
                                         .argument = path,
                                         .keyword = keyword,
                                         .flags = keyword != NULL ? SMTP_STEP_IF_OFFERED : 0,
                                     });
}

static size_t add_recipient(struct banner_plan *plan, const char *path)
{
    return add_step(plan, (struct smtp_step){
                              .verb = SMTP_VERB_RCPT,
                              .argument = path,
                              .flags = SMTP_STEP_IF_MAIL,
                          });
}

/* With the empty sender: itself, postmaster, and the extensions that MAIL has parameters for. */
static void add_null_sender(struct arena *arena, const struct banner_config *config,
                            struct banner_plan *plan)
{
    static const struct {
        enum banner_probe probe;
        enum banner_ask ask;
        const char *parameter, *keyword;
    } extensions[] = {
        {BANNER_PROBE_8BITMIME, BANNER_ASK_8BITMIME, "<> BODY=8BITMIME", "8BITMIME"},
        {BANNER_PROBE_SMTPUTF8, BANNER_ASK_SMTPUTF8, "<> SMTPUTF8",      "SMTPUTF8"},
    };
    const unsigned needing = BANNER_PROBE_SIZE | BANNER_PROBE_8BITMIME | BANNER_PROBE_SMTPUTF8;
    if (!config->mail_null && config->postmasters.count == 0 && (plan->probes & needing) == 0) {
        return;
    }
    add_mail(plan, BANNER_ASK_MAIL_NULL, "<>", NULL);
    if (config->postmasters.count > 0) {
        plan->asks[BANNER_ASK_POSTMASTER] = add_recipient(plan, "<postmaster>");
    }
    for (size_t i = 0; i < config->postmasters.count; i++) {
        add_recipient(plan, arena_format(arena, "<postmaster@%s>", config->postmasters.values[i]));
    }
    add_reset(plan);
    if ((plan->probes & BANNER_PROBE_SIZE) != 0) {
        const char *path =
            arena_format(arena, "<> SIZE=%llu", (unsigned long long)BANNER_PROBE_OCTETS);
        add_mail(plan, BANNER_ASK_SIZE, path, "SIZE");
        add_reset(plan);
    }
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        if ((plan->probes & extensions[i].probe) != 0) {
            add_mail(plan, extensions[i].ask, extensions[i].parameter, extensions[i].keyword);
            add_reset(plan);
        }
    }
}

static void add_questions(const char *nobody, struct banner_plan *plan)
{
    static const char postmaster[] = "postmaster";
    const struct {
        enum banner_probe probe;
        enum banner_ask ask;
        enum smtp_verb verb;
        const char *argument;
    } questions[] = {
        {BANNER_PROBE_VRFY, BANNER_ASK_VRFY,        SMTP_VERB_VRFY, postmaster},
        {BANNER_PROBE_VRFY, BANNER_ASK_VRFY_NOBODY, SMTP_VERB_VRFY, nobody    },
        {BANNER_PROBE_EXPN, BANNER_ASK_EXPN,        SMTP_VERB_EXPN, postmaster},
        {BANNER_PROBE_HELP, BANNER_ASK_HELP,        SMTP_VERB_HELP, NULL      },
    };
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        if ((plan->probes & questions[i].probe) != 0) {
            plan->asks[questions[i].ask] =
                add_step(plan, (struct smtp_step){.verb = questions[i].verb,
                                                  .argument = questions[i].argument});
        }
    }
}

static void make_steps(struct arena *arena, const struct banner_config *config, const char *nobody,
                       struct banner_plan *plan)
{
    plan->steps = arena_array(arena, STEPS_MAX + config->postmasters.count, sizeof *plan->steps);
    for (size_t i = 0; i < BANNER_ASKS; i++) {
        plan->asks[i] = SMTP_NO_STEP;
    }
    add_step(plan, (struct smtp_step){.verb = SMTP_VERB_EHLO});
    add_null_sender(arena, config, plan);
    if (config->mail != NULL) {
        add_mail(plan, BANNER_ASK_MAIL, arena_format(arena, "<%s>", config->mail), NULL);
        add_reset(plan);
    }
    add_questions(nobody, plan);
}

/* An address that may stand between brackets. RFC 5321 4.1.2, as far as no blank, bracket or octet
 * beyond ASCII goes to the wire. */
static bool is_address(const char *address)
{
    size_t length = strlen(address);
    const char *at = strrchr(address, '@');
    for (size_t i = 0; i < length; i++) {
        if (address[i] <= ' ' || address[i] == '<' || address[i] == '>' || address[i] == '\x7f') {
            return false;
        }
    }
    return length <= PATH_MAX_OCTETS && at != NULL && at > address && at[1] != '\0';
}

static bool is_keyword(const char *text)
{
    struct slice name = slice_sub(slice_of(text), 0, slice_find(slice_of(text), '='));
    for (size_t i = 0; i < name.length; i++) {
        char c = name.start[i];
        if (c <= ' ' || c == ',' || c == '\x7f') {
            return false;
        }
    }
    return name.length > 0;
}

static bool read_keywords(const struct option_list *keywords, const char *option,
                          char message[static 256])
{
    for (size_t i = 0; i < keywords->count; i++) {
        if (!is_keyword(keywords->values[i])) {
            snprintf(message, 256, "--%s: expected KEYWORD or KEYWORD=PARAMETER", option);
            return false;
        }
    }
    return true;
}

bool banner_plan_make(struct arena *arena, const struct banner_config *config,
                      const struct plugin_common *common, unsigned port, const char *nobody,
                      struct banner_plan *plan, char message[static 256])
{
    *plan = (struct banner_plan){.is_strict = strcmp(config->policy, "strict") == 0};
    plan->is_submission = config->service != NULL
                              ? strcmp(config->service, "submission") == 0
                              : port == PORT_SUBMISSION || port == PORT_SUBMISSIONS;
    plan->limits[BANNER_STAGE_BANNER] =
        (struct banner_limit){.warning = common->warning, .critical = common->critical};
    if (!read_match(arena, config->banner_match, plan, message) ||
        !read_keywords(&config->required, "require", message) ||
        !read_keywords(&config->forbidden, "forbid", message)) {
        return false;
    }
    for (size_t i = 0; i < config->times.count; i++) {
        if (!read_time(config->times.values[i], plan)) {
            return fail(message, "--time: expected STAGE=WARNING,CRITICAL with a STAGE of total, "
                                 "connect, ehlo or quit (the greeting has -w and -c)");
        }
    }
    if (config->mail != NULL && !is_address(config->mail)) {
        return fail(message, "--mail: expected an address, local@domain");
    }
    for (size_t i = 0; i < config->probes.count; i++) {
        plan->probes |= probe_of(config->probes.values[i]);
    }
    if (plan->is_strict) {
        plan->probes |=
            BANNER_PROBE_VRFY | BANNER_PROBE_EXPN | BANNER_PROBE_HELP | BANNER_PROBE_MAIL_FIRST;
    }
    make_steps(arena, config, nobody, plan);
    return true;
}
