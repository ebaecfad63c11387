/* Which plugins apply to what, as a table, and with which words each is called. */
#include <stdlib.h>
#include <string.h>

#include "mailcheck.h"

enum plan_subject {
    PLAN_DOMAIN,    /* a domain */
    PLAN_EXCHANGER, /* each exchanger of a domain */
    PLAN_ADDRESSES, /* the addresses of all exchangers of a domain together */
    PLAN_ADDRESS,   /* an address that was given */
};

/* Beside the conversation of check_smtp_banner a server has one other at a time; and one serves
 * where one is enough: who can do without leaves it to check_smtp_banner. */
enum plan_speech {
    PLAN_SILENT, /* asks DNS alone */
    PLAN_GREETS, /* always: the first one */
    PLAN_DEFERS, /* not when smtp_banner is run, too */
    PLAN_SPEAKS, /* always: the other one; it counts for nothing when smtp_banner was not greeted */
};

struct plan_row {
    const char *service;
    enum plan_subject subject;
    enum plan_speech speech;
    const char *option; /* that takes the subject */
};

static const struct plan_row PLAN[] = {
    {"mx",          PLAN_DOMAIN,    PLAN_DEFERS, "--domain"  },
    {"smtp_banner", PLAN_EXCHANGER, PLAN_GREETS, "--host"    },
    {"starttls",    PLAN_EXCHANGER, PLAN_SPEAKS, "--host"    },
    {"open_relay",  PLAN_EXCHANGER, PLAN_SPEAKS, "--host"    },
    {"rdns",        PLAN_EXCHANGER, PLAN_DEFERS, "--host"    },
    {"dnsbl",       PLAN_ADDRESSES, PLAN_SILENT, "--hostname"},
    {"dnsbl",       PLAN_DOMAIN,    PLAN_SILENT, "--domain"  },
    {"spf",         PLAN_DOMAIN,    PLAN_SILENT, "--domain"  },
    {"dkim",        PLAN_DOMAIN,    PLAN_SILENT, "--domain"  },
    {"dmarc",       PLAN_DOMAIN,    PLAN_SILENT, "--domain"  },
    {"tlsrpt",      PLAN_DOMAIN,    PLAN_SILENT, "--domain"  },
    {"smtp_banner", PLAN_ADDRESS,   PLAN_GREETS, "--host"    },
    {"starttls",    PLAN_ADDRESS,   PLAN_SPEAKS, "--host"    },
    {"rdns",        PLAN_ADDRESS,   PLAN_DEFERS, "--host"    },
    {"dnsbl",       PLAN_ADDRESS,   PLAN_SILENT, "--hostname"},
};
#define PLAN_ROWS (sizeof PLAN / sizeof PLAN[0])
/* Rows of PLAN_EXCHANGER. */
#define PLAN_EXCHANGER_ROWS 4

const char *const mailcheck_services[MAILCHECK_SERVICES + 1] = {
    "mx",   "smtp_banner", "starttls", "rdns",       "dnsbl", "spf",
    "dkim", "dmarc",       "tlsrpt",   "open_relay", NULL,
};

/* Options of check_mx that ask the servers. */
static const char *const mx_questions[] = {"rcpt", "unknown", "tls", "dead", NULL};

/* Where two plugins must agree to speak of the same server. */
static const char *const connection_options[] = {
    "port", "implicit-tls", "lmtp", "source", "proxy-protocol", "resolve", NULL,
};

/* What another plugin tells better, where both are run. */
static const struct {
    const char *teller, *severity;
} left_by_banner[] = {
    {"rdns", "smtp.ptr-missing=ignore"    },
    {"rdns", "smtp.ptr-unconfirmed=ignore"},
    {"rdns", "smtp.ptr-generic=ignore"    },
    {"mx",   "smtp.bad-address=ignore"    },
};

/* More addresses than this check_dnsbl finds itself. */
#define DNSBL_ADDRESSES_MAX 128

struct plan {
    struct plugin *plugin;
    const struct mailcheck_config *config;
    struct mailcheck_subject *subject;
    const struct plan_row *row;
    const struct exchanger *exchanger; /* of PLAN_EXCHANGER */
    const char **words;
    size_t count;
};

static bool lists(const struct option_list *list, const char *word)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->values[i], word) == 0)
            return true;
    }
    return false;
}

/* ---- settings */

/* "OPTION=VALUE" of "SERVICE.OPTION=VALUE"; NULL for another service. */
static const char *setting_of(const char *setting, const char *service)
{
    size_t length = strlen(service);
    return strncmp(setting, service, length) == 0 && setting[length] == '.' ? setting + length + 1
                                                                            : NULL;
}

/* What stands behind the name of that option in the last setting of it; NULL: it is not set. */
static const char *value_of(const struct mailcheck_subject *subject, const char *service,
                            const char *option)
{
    const char *value = NULL;
    for (size_t i = 0; i < subject->settings.count; i++) {
        const char *word = setting_of(subject->settings.values[i], service);
        if (word != NULL && strcspn(word, "=") == strlen(option) &&
            strncmp(word, option, strlen(option)) == 0)
            value = word + strlen(option);
    }
    return value;
}

static bool is_same_server(const struct mailcheck_subject *subject, const char *service)
{
    for (size_t i = 0; connection_options[i] != NULL; i++) {
        const char *ours = value_of(subject, service, connection_options[i]);
        const char *theirs = value_of(subject, "smtp_banner", connection_options[i]);
        if (ours == NULL || theirs == NULL ? ours != theirs : strcmp(ours, theirs) != 0)
            return false;
    }
    return true;
}

static bool is_wanted(const struct mailcheck_config *config,
                      const struct mailcheck_subject *subject, const char *service)
{
    bool has_only = false;
    bool is_only = false;
    for (size_t i = 0; i < subject->settings.count; i++) {
        const char *setting = subject->settings.values[i];
        if (strncmp(setting, "skip=", 5) == 0 && strcmp(setting + 5, service) == 0)
            return false;
        if (strncmp(setting, "only=", 5) == 0) {
            has_only = true;
            is_only = is_only || strcmp(setting + 5, service) == 0;
        }
    }
    if (lists(&config->skip, service) || (has_only && !is_only))
        return false;
    bool is_named = lists(&config->only, service);
    if (strcmp(service, "open_relay") == 0 && !config->relay && !is_named)
        return false;
    return config->only.count == 0 || is_named;
}

/* ---- who speaks */

static bool asks_servers(const struct mailcheck_subject *subject)
{
    for (size_t i = 0; mx_questions[i] != NULL; i++) {
        if (value_of(subject, "mx", mx_questions[i]) != NULL)
            return true;
    }
    return false;
}

static bool does_speak(const struct mailcheck_config *config,
                       const struct mailcheck_subject *subject, const struct plan_row *row)
{
    if (row->speech != PLAN_DEFERS)
        return row->speech != PLAN_SILENT;
    return !is_wanted(config, subject, "smtp_banner") ||
           (strcmp(row->service, "mx") == 0 && asks_servers(subject));
}

/* A server has two rooms, one for check_smtp_banner, one for the others: jobs of one room are run
 * one after another. Two servers of one room by chance cost time and nothing else. */
#define ROOMS 4096

static size_t room_of(const void *octets, size_t length)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ ((const unsigned char *)octets)[i]) * 16777619u;
    return hash % ROOMS;
}

static size_t room_of_address(const struct ip_address *address)
{
    char text[IP_TEXT_SIZE];
    ip_print(address, text);
    return room_of(text, strlen(text));
}

static size_t add_rooms(const struct exchanger *exchanger, size_t *rooms, size_t count)
{
    for (size_t i = 0; i < exchanger->address_count; i++)
        rooms[count++] = room_of_address(&exchanger->addresses[i]);
    if (exchanger->address_count == 0)
        rooms[count++] = room_of(exchanger->host, strlen(exchanger->host));
    return count;
}

static void set_rooms(const struct plan *plan, struct mailcheck_check *check)
{
    const struct exchangers *exchangers = &plan->subject->exchangers;
    struct arena *arena = &plan->plugin->arena;
    size_t *rooms =
        arena_array(arena, (exchangers->count + 1) * EXCHANGER_ADDRESSES_MAX, sizeof *rooms);
    if (plan->subject->is_address) {
        rooms[check->room_count++] = room_of(plan->subject->name, strlen(plan->subject->name));
    } else if (plan->exchanger != NULL) {
        check->room_count = add_rooms(plan->exchanger, rooms, 0);
    } else {
        for (size_t i = 0; i < exchangers->count; i++)
            check->room_count = add_rooms(&exchangers->list[i], rooms, check->room_count);
    }
    for (size_t i = 0; plan->row->speech == PLAN_GREETS && i < check->room_count; i++)
        rooms[i] += ROOMS;
    check->rooms = rooms;
}

/* ---- words */

static void add(struct plan *plan, const char *word)
{
    if (plan->count < MAILCHECK_ARGUMENTS_MAX)
        plan->words[plan->count++] = word;
}

/* What every plugin is told. */
static void add_common(struct plan *plan)
{
    const struct plugin_common *common = &plan->plugin->common;
    if (common->only_v4)
        add(plan, "-4");
    if (common->only_v6)
        add(plan, "-6");
    for (size_t i = 0; i < common->resolvers.count; i++) {
        add(plan, "--resolver");
        add(plan, common->resolvers.values[i]);
    }
}

static bool is_known(const struct exchanger *exchanger)
{
    return exchanger->is_resolved && !exchanger->is_literal && exchanger->addresses_omitted == 0 &&
           exchanger->address_count > 0;
}

/* What is known of the server, so that it is not asked for again. */
static void add_addresses(struct plan *plan)
{
    const struct exchanger *exchanger = plan->exchanger;
    char text[IP_TEXT_SIZE];
    for (size_t i = 0; is_known(exchanger) && i < exchanger->address_count; i++)
        add(plan, arena_format(&plan->plugin->arena, "--resolve=%s:%s", exchanger->host,
                               ip_print(&exchanger->addresses[i], text)));
}

/* Each address once; false when not all of them are known, or one is not on the Internet, of which
 * check_dnsbl has more to say when it finds it with --mx. */
static bool add_all_addresses(struct plan *plan)
{
    const struct exchangers *exchangers = &plan->subject->exchangers;
    size_t before = plan->count;
    char text[IP_TEXT_SIZE];
    for (size_t i = 0; i < exchangers->count; i++) {
        const struct exchanger *exchanger = &exchangers->list[i];
        if (exchanger->is_null || exchanger->is_duplicate)
            continue;
        if (!is_known(exchanger) || plan->count - before > DNSBL_ADDRESSES_MAX) {
            plan->count = before;
            return false;
        }
        for (size_t k = 0; k < exchanger->address_count; k++) {
            if (ip_scope(&exchanger->addresses[k]) != IP_PUBLIC) {
                plan->count = before;
                return false;
            }
            const char *word = arena_format(&plan->plugin->arena, "%s=%s", plan->row->option,
                                            ip_print(&exchanger->addresses[k], text));
            size_t same = before;
            while (same < plan->count && strcmp(plan->words[same], word) != 0)
                same++;
            if (same == plan->count)
                add(plan, word);
        }
    }
    return plan->count > before;
}

static void add_target(struct plan *plan, const char *target)
{
    if (plan->row->subject == PLAN_ADDRESSES && add_all_addresses(plan))
        return;
    add(plan, plan->row->subject == PLAN_ADDRESSES ? "--mx" : plan->row->option);
    add(plan, target);
    if (plan->exchanger != NULL)
        add_addresses(plan);
}

static void add_settings(struct plan *plan)
{
    for (size_t i = 0; i < plan->subject->settings.count; i++) {
        const char *word = setting_of(plan->subject->settings.values[i], plan->row->service);
        if (word != NULL)
            add(plan, arena_format(&plan->plugin->arena, "--%s", word));
    }
}

/* What only one plugin is told. */
static void add_own(struct plan *plan)
{
    const char *service = plan->row->service;
    const struct option_list *selectors = &plan->config->selectors;
    if (strcmp(service, "dkim") == 0) {
        for (size_t i = 0; i < selectors->count; i++) {
            add(plan, "--selector");
            add(plan, selectors->values[i]);
        }
        if (selectors->count == 0 && value_of(plan->subject, service, "selector") == NULL)
            add(plan, "--discover");
    }
    if (strcmp(service, "open_relay") == 0) {
        add(plan, "--domain");
        add(plan, plan->subject->name);
    }
    /* A certificate is for a name, not for an address. */
    if (strcmp(service, "starttls") == 0 && plan->subject->host != NULL) {
        add(plan, "--name");
        add(plan, plan->subject->host);
    }
    for (size_t i = 0; i < sizeof left_by_banner / sizeof left_by_banner[0]; i++) {
        bool is_run = !plan->subject->is_address || strcmp(left_by_banner[i].teller, "mx") != 0;
        if (strcmp(service, "smtp_banner") != 0 || !is_run ||
            !is_wanted(plan->config, plan->subject, left_by_banner[i].teller))
            continue;
        add(plan, "--severity");
        add(plan, left_by_banner[i].severity);
    }
}

/* ---- checks */

/* The check whose greeting this one needs. */
static const struct mailcheck_check *greeter_of(const struct plan *plan, const char *target)
{
    const struct mailcheck_subject *subject = plan->subject;
    for (size_t i = 0; i < subject->check_count; i++) {
        const struct mailcheck_check *check = &subject->checks[i];
        if (strcmp(check->service, "smtp_banner") == 0 && strcmp(check->target, target) == 0)
            return is_same_server(subject, plan->row->service) ? check : NULL;
    }
    return NULL;
}

static void add_check(struct plan *plan, const char *target)
{
    struct arena *arena = &plan->plugin->arena;
    const struct plan_row *row = plan->row;
    struct mailcheck_check *check = &plan->subject->checks[plan->subject->check_count];
    const char *words[MAILCHECK_ARGUMENTS_MAX + 1] = {NULL};
    *check = (struct mailcheck_check){
        .service = row->service,
        .plugin = arena_format(arena, "check_%s", row->service),
        .target = target,
        .order = (size_t)(row - PLAN) * MAILCHECK_CHECKS_MAX + plan->subject->check_count,
    };
    plan->words = words;
    plan->count = 0;
    add(plan, arena_format(arena, "%s/%s", plan->config->plugin_folder, check->plugin));
    add(plan, "--output-format=json");
    add(plan, ""); /* MAILCHECK_TIMEOUT_AT */
    add_common(plan);
    add_target(plan, target);
    if (does_speak(plan->config, plan->subject, row))
        set_rooms(plan, check);
    else if (row->speech == PLAN_DEFERS)
        add(plan, "--no-connect");
    add_own(plan);
    add_settings(plan);
    if (row->speech == PLAN_SPEAKS)
        check->greeter = greeter_of(plan, target);
    check->argv = arena_array(arena, plan->count + 1, sizeof *check->argv);
    memcpy(check->argv, words, plan->count * sizeof *words);
    plan->subject->check_count++;
}

static bool has_exchangers(const struct mailcheck_subject *subject)
{
    return subject->exchangers.status == EXCHANGERS_FOUND ||
           subject->exchangers.status == EXCHANGERS_IMPLICIT;
}

/* A name without any address that a server can have is told by check_mx. */
static bool is_nowhere(const struct plan *plan, const struct exchanger *exchanger)
{
    for (size_t i = 0; i < exchanger->address_count; i++) {
        if (exchangers_can_reach(&exchanger->addresses[i]))
            return false;
    }
    return exchanger->is_resolved && !exchanger->is_literal &&
           is_wanted(plan->config, plan->subject, "mx");
}

static void add_exchangers(struct plan *plan)
{
    const struct exchangers *exchangers = &plan->subject->exchangers;
    for (size_t i = 0; i < exchangers->count; i++) {
        plan->exchanger = &exchangers->list[i];
        if (!plan->exchanger->is_null && !plan->exchanger->is_duplicate &&
            !is_nowhere(plan, plan->exchanger))
            add_check(plan, plan->exchanger->host);
    }
    plan->exchanger = NULL;
}

/* It can be run before the exchangers, or the name of the address, are known. Who speaks is not:
 * check_starttls wants that name, and the greeting of check_smtp_banner, which is planned with it.
 */
static bool is_early(const struct mailcheck_config *config, const struct mailcheck_subject *subject,
                     const struct plan_row *row)
{
    return (row->subject == PLAN_ADDRESS || row->subject == PLAN_DOMAIN) &&
           !does_speak(config, subject, row);
}

void mailcheck_plan(struct plugin *plugin, const struct mailcheck_config *config,
                    struct mailcheck_subject *subject, enum mailcheck_stage stage)
{
    struct plan plan = {.plugin = plugin, .config = config, .subject = subject};
    size_t most = PLAN_ROWS + (size_t)PLAN_EXCHANGER_ROWS * EXCHANGERS_MAX;
    if (subject->checks == NULL)
        subject->checks = arena_array(&plugin->arena, most, sizeof *subject->checks);
    for (size_t i = 0; i < PLAN_ROWS; i++) {
        plan.row = &PLAN[i];
        if (subject->is_address != (plan.row->subject == PLAN_ADDRESS) ||
            is_early(config, subject, plan.row) != (stage == MAILCHECK_EARLY) ||
            !is_wanted(config, subject, plan.row->service))
            continue;
        if (plan.row->subject == PLAN_EXCHANGER && has_exchangers(subject))
            add_exchangers(&plan);
        else if (plan.row->subject == PLAN_DOMAIN || plan.row->subject == PLAN_ADDRESS ||
                 (plan.row->subject == PLAN_ADDRESSES && has_exchangers(subject)))
            add_check(&plan, subject->name);
    }
}

static int compare(const void *a, const void *b)
{
    const struct mailcheck_check *left = a;
    const struct mailcheck_check *right = b;
    return (left->order > right->order) - (left->order < right->order);
}

void mailcheck_plan_sort(struct mailcheck_subject *subject)
{
    if (subject->check_count > 1)
        qsort(subject->checks, subject->check_count, sizeof *subject->checks, compare);
}
