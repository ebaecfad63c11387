/* What is to be told of each subject: what its plugins found, and what they could not say. */
#include <stdlib.h>
#include <string.h>

#include "mailcheck.h"

/* Octets of a command that is told. */
#define COMMAND_MAX 2000
#define DNS_PORT 53

static const char *member(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

/* The address of an exchanger with the name of that. */
static const char *about_of(const struct mailcheck_facts *facts,
                            const struct mailcheck_subject *subject,
                            const struct mailcheck_check *check, const json_t *finding)
{
    const char *about = member(finding, "subject");
    for (size_t i = 0; !subject->is_address && i < subject->exchangers.count; i++) {
        const struct exchanger *exchanger = &subject->exchangers.list[i];
        for (size_t k = 0; k < exchanger->address_count; k++) {
            char text[IP_TEXT_SIZE];
            if (strcmp(ip_print(&exchanger->addresses[k], text), about) == 0)
                return arena_format(facts->arena, "%s (%s)", about, exchanger->host);
        }
    }
    return about[0] != '\0' ? about : check->target;
}

static struct mailcheck_item *add(struct mailcheck_subject *subject, size_t finding)
{
    struct mailcheck_item *item = &subject->items[subject->item_count++];
    const struct finding_definition *definition = &mailcheck_findings[finding];
    *item = (struct mailcheck_item){
        .finding = finding,
        .state = definition->state,
        .about = subject->name,
        .id = definition->id,
        .text = "",
        .why = definition->why,
        .seen = "",
        .fix = definition->fix,
        .reference = definition->reference,
        .order = subject->item_count,
    };
    return item;
}

/* As what a plugin's state is reported. */
static size_t finding_of(enum state state)
{
    static const size_t findings[] = {[STATE_WARNING] = MAILCHECK_F_WARNING,
                                      [STATE_CRITICAL] = MAILCHECK_F_CRITICAL,
                                      [STATE_UNKNOWN] = MAILCHECK_F_UNKNOWN};
    return findings[state];
}

static bool is_told(json_int_t state)
{
    return state > STATE_OK && state <= STATE_UNKNOWN;
}

static enum processes_outcome outcome_of(const struct mailcheck_check *check)
{
    return check->job == NULL ? PROCESSES_NOT_STARTED : check->job->outcome;
}

enum mailcheck_finding mailcheck_missing_finding(const struct mailcheck_check *check)
{
    switch (outcome_of(check)) {
    case PROCESSES_NOT_FOUND:
        return MAILCHECK_F_NOT_INSTALLED;
    case PROCESSES_NOT_STARTED:
    case PROCESSES_KILLED:
        return MAILCHECK_F_OUT_OF_TIME;
    default:
        return MAILCHECK_F_NO_RESULT;
    }
}

static const char *quoted(struct arena *arena, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "%+,-./:=@_";
    struct text text;
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0')
        return word;
    text_init(&text, COMMAND_MAX);
    text_append_char(&text, '\'');
    for (; *word != '\0'; word++)
        text_append(&text, *word == '\'' ? "'\\''" : (char[2]){*word, '\0'});
    text_append_char(&text, '\'');
    const char *copy = arena_copy(arena, text.start);
    text_release(&text);
    return copy;
}

/* The call of a check for a shell: for people, and with the time that a plugin takes itself. */
static const char *command_of(struct arena *arena, const struct mailcheck_check *check)
{
    struct text text;
    text_init(&text, COMMAND_MAX);
    text_printf(&text, "%s -v", quoted(arena, check->argv[0]));
    for (size_t i = MAILCHECK_TIMEOUT_AT + 1; check->argv[i] != NULL; i++)
        text_printf(&text, " %s", quoted(arena, check->argv[i]));
    const char *copy = arena_copy(arena, text.start);
    text_release(&text);
    return copy;
}

static void add_missing(const struct mailcheck_facts *facts, struct mailcheck_subject *subject,
                        const struct mailcheck_check *check)
{
    struct arena *arena = facts->arena;
    const struct processes_job *job = check->job;
    enum processes_outcome outcome = outcome_of(check);
    struct mailcheck_item *item = add(subject, mailcheck_missing_finding(check));
    item->about = check->target;
    item->is_of_time = item->finding == MAILCHECK_F_OUT_OF_TIME;
    switch (outcome) {
    case PROCESSES_NOT_FOUND:
        item->text = arena_format(arena, "%s is not there", check->argv[0]);
        break;
    case PROCESSES_NOT_STARTED:
        item->text = arena_format(arena, "%s had no turn before the time was up", check->plugin);
        break;
    case PROCESSES_KILLED:
        item->text = arena_format(arena, "%s was not finished in time", check->plugin);
        break;
    case PROCESSES_SIGNALLED:
        item->text = arena_format(arena, "%s was ended by signal %d", check->plugin, job->status);
        break;
    case PROCESSES_FLOODED:
        item->text = arena_format(arena, "%s printed more than a result can be, and was ended",
                                  check->plugin);
        break;
    case PROCESSES_FAILED:
        item->text = arena_format(arena, "%s could not be started: %s", check->argv[0],
                                  strerror(job->status));
        item->fix = "Let this user read and run it and enter its folder, or name another folder "
                    "with --plugin-dir";
        break;
    case PROCESSES_LEFT_OUT:
    case PROCESSES_EXITED:
        item->text = arena_format(arena, "%s ended with status %d and without a result",
                                  check->plugin, job->status);
        item->seen = arena_format(arena, "%.*s", 200, job->output.start);
        break;
    }
    if (item->finding == MAILCHECK_F_NO_RESULT && outcome != PROCESSES_FAILED)
        item->fix = arena_format(arena, "See what it says by hand: %s", command_of(arena, check));
}

/* A usage error, or a plugin that gave up, has a state and a summary and no finding. */
static void add_summary(const struct mailcheck_facts *facts, struct mailcheck_subject *subject,
                        const struct mailcheck_check *check)
{
    struct mailcheck_item *item = add(subject, finding_of(check->state));
    item->about = check->target;
    item->text =
        arena_format(facts->arena, "%s: %s", check->plugin, member(check->object, "summary"));
}

static void add_findings(const struct mailcheck_facts *facts, struct mailcheck_subject *subject,
                         const struct mailcheck_check *check)
{
    const json_t *finding;
    size_t i;
    size_t before = subject->item_count;
    json_array_foreach(json_object_get(check->object, "findings"), i, finding)
    {
        json_int_t state = json_integer_value(json_object_get(finding, "state"));
        if (!is_told(state))
            continue;
        struct mailcheck_item *item = add(subject, finding_of((enum state)state));
        item->state = (enum state)state;
        item->plugin = check->plugin;
        item->program = check->argv[0];
        item->about = about_of(facts, subject, check, finding);
        item->id = member(finding, "id");
        item->text = member(finding, "text");
        item->why = member(finding, "why");
        item->seen = member(finding, "seen");
        item->fix = member(finding, "fix");
        item->reference = member(finding, "reference");
    }
    if (subject->item_count == before && check->state != STATE_OK)
        add_summary(facts, subject, check);
}

/* The question that was not answered, for a shell. */
static const char *question_of(const struct mailcheck_facts *facts, const char *name)
{
    char text[IP_TEXT_SIZE];
    const struct endpoint *resolver = facts->resolvers;
    if (facts->resolver_count == 0)
        return arena_format(facts->arena, "dig MX %s", name);
    ip_print(&resolver->address, text);
    if (resolver->port == 0 || resolver->port == DNS_PORT)
        return arena_format(facts->arena, "dig MX %s @%s", name, text);
    return arena_format(facts->arena, "dig MX %s @%s -p %u", name, text, resolver->port);
}

static const char *resolvers_of(const struct mailcheck_facts *facts)
{
    const char *list = "";
    for (size_t i = 0; i < facts->resolver_count; i++) {
        char text[ENDPOINT_TEXT_SIZE];
        list = arena_format(facts->arena, "%s%s%s", list, i > 0 ? ", " : "asked ",
                            endpoint_print(&facts->resolvers[i], text));
    }
    return list;
}

static void add_dns(const struct mailcheck_facts *facts, struct mailcheck_subject *subject)
{
    const struct dns_answer *mx = subject->exchangers.mx;
    enum dns_status status = mx == NULL ? DNS_PENDING : mx->status;
    struct mailcheck_item *item = add(subject, MAILCHECK_F_DNS);
    item->is_of_time = status == DNS_PENDING;
    item->text =
        arena_format(facts->arena, "the exchangers are not known: %s", dns_status_name(status));
    item->seen = resolvers_of(facts);
    item->fix = arena_format(facts->arena, "See whether the resolver answers: %s",
                             question_of(facts, subject->name));
}

static void add_nothing(const struct mailcheck_facts *facts, struct mailcheck_subject *subject)
{
    static const char *const reasons[] = {
        [EXCHANGERS_PENDING] = NULL,
        [EXCHANGERS_NULL] = "the domain takes no mail (null MX)",
        [EXCHANGERS_NO_DOMAIN] = "the domain does not exist",
        [EXCHANGERS_NO_ADDRESS] = "the domain has no exchanger",
    };
    size_t status = subject->exchangers.status;
    const char *reason = status < sizeof reasons / sizeof reasons[0] && !subject->is_address
                             ? reasons[status]
                             : NULL;
    add(subject, MAILCHECK_F_NOTHING)->text = arena_format(
        facts->arena, "no check was run: %s", reason != NULL ? reason : "all are left out");
}

static bool has_item(const struct mailcheck_subject *subject, const char *id)
{
    for (size_t i = 0; i < subject->item_count; i++) {
        if (strcmp(subject->items[i].id, id) == 0)
            return true;
    }
    return false;
}

/* What check_mx tells of a domain when it speaks to the servers itself: none works. One that says
 * no may say it to us alone. */
static void add_all_down(const struct mailcheck_facts *facts, struct mailcheck_subject *subject)
{
    const char *names = "";
    if (subject->is_address || has_item(subject, "mx.all-down"))
        return;
    for (size_t i = 0; i < subject->check_count; i++) {
        const struct mailcheck_check *check = &subject->checks[i];
        if (strcmp(check->service, "smtp_banner") != 0)
            continue;
        if (check->state != STATE_CRITICAL || mailcheck_greets(check->object) != MAILCHECK_IS_DOWN)
            return;
        names = arena_format(facts->arena, "%s%s%s", names, names[0] != '\0' ? ", " : "",
                             check->target);
    }
    if (names[0] == '\0')
        return;
    struct mailcheck_item *item = add(subject, MAILCHECK_F_ALL_DOWN);
    item->text = arena_format(facts->arena, "no exchanger takes mail: %s", names);
    item->order = 0;
}

/* Worst first, else as they came. */
static int compare(const void *a, const void *b)
{
    const struct mailcheck_item *left = a;
    const struct mailcheck_item *right = b;
    if (left->state != right->state)
        return state_worse(left->state, right->state) == left->state ? -1 : 1;
    return (left->order > right->order) - (left->order < right->order);
}

static void find(const struct mailcheck_facts *facts, struct mailcheck_subject *subject)
{
    size_t most = 2 + subject->check_count;
    for (size_t i = 0; i < subject->check_count; i++)
        most += json_array_size(json_object_get(subject->checks[i].object, "findings"));
    subject->items = arena_array(facts->arena, most, sizeof *subject->items);
    subject->item_count = 0;
    if (mailcheck_is_dns_trouble(subject))
        add_dns(facts, subject);
    else if (subject->check_count == 0)
        add_nothing(facts, subject);
    for (size_t i = 0; i < subject->check_count; i++) {
        const struct mailcheck_check *check = &subject->checks[i];
        if (check->object != NULL)
            add_findings(facts, subject, check);
        else if (!mailcheck_is_left_out(check))
            add_missing(facts, subject, check);
    }
    add_all_down(facts, subject);
    if (subject->item_count > 1)
        qsort(subject->items, subject->item_count, sizeof *subject->items, compare);
}

void mailcheck_items(struct mailcheck_facts *facts)
{
    for (size_t i = 0; i < facts->subject_count; i++)
        find(facts, &facts->subjects[i]);
}
