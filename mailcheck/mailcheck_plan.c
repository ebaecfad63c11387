/* Which plugins apply to what, as a table. */
#include <string.h>

#include "mailcheck.h"

enum plan_subject {
    PLAN_DOMAIN,            /* a domain */
    PLAN_DOMAIN_EXCHANGERS, /* a domain that has exchangers; the plugin finds them itself */
    PLAN_EXCHANGER,         /* each exchanger */
    PLAN_ADDRESS,           /* an address that was given */
};

struct plan_row {
    const char *service;
    enum plan_subject subject;
    const char *option; /* that takes the subject */
};

static const struct plan_row PLAN[] = {
    {"mx",          PLAN_DOMAIN,            "--domain"},
    {"smtp_banner", PLAN_EXCHANGER,         "--host"  },
    {"starttls",    PLAN_DOMAIN_EXCHANGERS, "--mx"    },
    {"rdns",        PLAN_DOMAIN_EXCHANGERS, "--mx"    },
    {"dnsbl",       PLAN_DOMAIN_EXCHANGERS, "--mx"    },
    {"dnsbl",       PLAN_DOMAIN,            "--domain"},
    {"spf",         PLAN_DOMAIN,            "--domain"},
    {"dkim",        PLAN_DOMAIN,            "--domain"},
    {"dmarc",       PLAN_DOMAIN,            "--domain"},
    {"tlsrpt",      PLAN_DOMAIN,            "--domain"},
    {"open_relay",  PLAN_EXCHANGER,         "--host"  },
    {"smtp_banner", PLAN_ADDRESS,           "--host"  },
    {"starttls",    PLAN_ADDRESS,           "--host"  },
    {"rdns",        PLAN_ADDRESS,           "--host"  },
    {"dnsbl",       PLAN_ADDRESS,           "--host"  },
};

const char *const mailcheck_services[] = {
    "mx",   "smtp_banner", "starttls", "rdns",       "dnsbl", "spf",
    "dkim", "dmarc",       "tlsrpt",   "open_relay", NULL,
};

static bool lists(const struct option_list *list, const char *word)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->values[i], word) == 0)
            return true;
    }
    return false;
}

struct arguments {
    struct arena *arena;
    const char **words;
    size_t count;
};

static void add(struct arguments *arguments, const char *word)
{
    if (arguments->count < MAILCHECK_ARGUMENTS_MAX)
        arguments->words[arguments->count++] = word;
}

/* What every plugin is told. */
static void add_common(struct arguments *arguments, const struct plugin *plugin)
{
    const struct plugin_common *common = &plugin->common;
    double seconds = (double)deadline_left(plugin->deadline) / 1e6 * 0.95;
    add(arguments, arena_format(arguments->arena, "--timeout=%.2f", seconds > 0.1 ? seconds : 0.1));
    if (common->only_v4)
        add(arguments, "-4");
    if (common->only_v6)
        add(arguments, "-6");
    for (size_t i = 0; i < common->resolvers.count; i++) {
        add(arguments, "--resolver");
        add(arguments, common->resolvers.values[i]);
    }
}

/* "SERVICE.OPTION=VALUE" of that service. */
static bool add_settings(struct arguments *arguments, const struct mailcheck_subject *subject,
                         const char *service, const char *option)
{
    size_t length = strlen(service);
    bool has = false;
    for (size_t i = 0; i < subject->settings.count; i++) {
        const char *setting = subject->settings.values[i];
        if (strncmp(setting, service, length) != 0 || setting[length] != '.')
            continue;
        const char *word = setting + length + 1;
        size_t name = strcspn(word, "=");
        has = has || (name == strlen(option) && strncmp(word, option, name) == 0);
        add(arguments, arena_format(arguments->arena, "--%s", word));
    }
    return has;
}

static void add_own(struct arguments *arguments, const struct mailcheck_config *config,
                    const struct mailcheck_subject *subject, const char *service)
{
    bool has_selector = add_settings(arguments, subject, service, "selector");
    if (strcmp(service, "dkim") == 0) {
        for (size_t i = 0; i < config->selectors.count; i++) {
            add(arguments, "--selector");
            add(arguments, config->selectors.values[i]);
        }
        if (config->selectors.count == 0 && !has_selector)
            add(arguments, "--discover");
    }
    if (strcmp(service, "open_relay") == 0) {
        add(arguments, "--domain");
        add(arguments, subject->name);
    }
}

static void add_check(struct plugin *plugin, const struct mailcheck_config *config,
                      struct mailcheck_subject *subject, const struct plan_row *row,
                      const char *target)
{
    struct arena *arena = &plugin->arena;
    struct mailcheck_check *check = &subject->checks[subject->check_count++];
    *check = (struct mailcheck_check){
        .service = row->service,
        .plugin = arena_format(arena, "check_%s", row->service),
        .target = target,
    };
    struct arguments arguments = {
        .arena = arena,
        .words = arena_array(arena, MAILCHECK_ARGUMENTS_MAX + 1, sizeof(const char *)),
    };
    add(&arguments, arena_format(arena, "%s/%s", config->plugin_folder, check->plugin));
    add(&arguments, "--output-format=json");
    add_common(&arguments, plugin);
    add(&arguments, row->option);
    add(&arguments, target);
    add_own(&arguments, config, subject, row->service);
    check->argv = arguments.words;
}

static bool is_wanted(const struct mailcheck_config *config,
                      const struct mailcheck_subject *subject, const struct plan_row *row)
{
    struct option_list only = {0};
    for (size_t i = 0; i < subject->settings.count; i++) {
        const char *setting = subject->settings.values[i];
        if (strncmp(setting, "skip=", 5) == 0 && strcmp(setting + 5, row->service) == 0)
            return false;
        if (strncmp(setting, "only=", 5) == 0) {
            only.count++;
            if (strcmp(setting + 5, row->service) == 0)
                only.values = subject->settings.values;
        }
    }
    if (lists(&config->skip, row->service) || (only.count > 0 && only.values == NULL))
        return false;
    bool is_named = lists(&config->only, row->service);
    if (strcmp(row->service, "open_relay") == 0 && !config->relay && !is_named)
        return false;
    return config->only.count == 0 || is_named;
}

static bool has_exchangers(const struct mailcheck_subject *subject)
{
    return subject->exchangers.status == EXCHANGERS_FOUND ||
           subject->exchangers.status == EXCHANGERS_IMPLICIT;
}

static void add_exchangers(struct plugin *plugin, const struct mailcheck_config *config,
                           struct mailcheck_subject *subject, const struct plan_row *row,
                           size_t most)
{
    for (size_t i = 0; has_exchangers(subject) && i < subject->exchangers.count; i++) {
        const struct exchanger *exchanger = &subject->exchangers.list[i];
        if (!exchanger->is_null && !exchanger->is_duplicate && subject->check_count < most)
            add_check(plugin, config, subject, row, exchanger->host);
    }
}

void mailcheck_plan(struct plugin *plugin, const struct mailcheck_config *config,
                    struct mailcheck_facts *facts, struct mailcheck_subject *subject)
{
    size_t most = sizeof PLAN / sizeof PLAN[0] + 2 * EXCHANGERS_MAX;
    subject->checks = arena_array(facts->arena, most, sizeof *subject->checks);
    for (size_t i = 0; i < sizeof PLAN / sizeof PLAN[0]; i++) {
        const struct plan_row *row = &PLAN[i];
        if (subject->is_address != (row->subject == PLAN_ADDRESS) ||
            !is_wanted(config, subject, row))
            continue;
        if (row->subject == PLAN_EXCHANGER)
            add_exchangers(plugin, config, subject, row, most);
        else if (row->subject != PLAN_DOMAIN_EXCHANGERS || has_exchangers(subject))
            add_check(plugin, config, subject, row, subject->name);
    }
}
