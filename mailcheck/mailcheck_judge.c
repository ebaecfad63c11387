#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "mailcheck.h"

/* Octets of the names of all subjects. */
#define TARGET_MAX 2000

bool mailcheck_is_left_out(const struct mailcheck_check *check)
{
    return check->job != NULL && check->job->outcome == PROCESSES_LEFT_OUT;
}

enum state mailcheck_check_state(const struct mailcheck_check *check)
{
    if (mailcheck_is_left_out(check))
        return STATE_OK;
    return check->object != NULL ? check->state : STATE_UNKNOWN;
}

size_t mailcheck_count(const struct mailcheck_subject *subject, enum state state)
{
    size_t count = 0;
    for (size_t i = 0; i < subject->check_count; i++)
        count += !mailcheck_is_left_out(&subject->checks[i]) &&
                 mailcheck_check_state(&subject->checks[i]) == state;
    return count;
}

size_t mailcheck_count_left_out(const struct mailcheck_subject *subject)
{
    size_t count = 0;
    for (size_t i = 0; i < subject->check_count; i++)
        count += mailcheck_is_left_out(&subject->checks[i]);
    return count;
}

bool mailcheck_is_dns_trouble(const struct mailcheck_subject *subject)
{
    return !subject->is_address && (subject->exchangers.status == EXCHANGERS_PENDING ||
                                    subject->exchangers.status == EXCHANGERS_FAILED);
}

enum state mailcheck_subject_state(const struct mailcheck_subject *subject)
{
    bool is_unknown = mailcheck_is_dns_trouble(subject) || subject->check_count == 0;
    enum state state = is_unknown ? STATE_UNKNOWN : STATE_OK;
    for (size_t i = 0; i < subject->check_count; i++)
        state = state_worse(state, mailcheck_check_state(&subject->checks[i]));
    return state;
}

/* Why there is no result: the words of the findings that tell it. */
static const char *outcome_word(const struct mailcheck_check *check)
{
    if (mailcheck_is_left_out(check))
        return "left-out";
    if (check->object != NULL)
        return "finished";
    switch (mailcheck_missing_finding(check)) {
    case MAILCHECK_F_NOT_INSTALLED:
        return "not-installed";
    case MAILCHECK_F_OUT_OF_TIME:
        return "out-of-time";
    default:
        return "no-result";
    }
}

static json_t *check_json(const struct mailcheck_check *check)
{
    json_t *object = json_object();
    json_object_set_new(object, "plugin", json_string(check->plugin));
    json_object_set_new(object, "target", json_string(check->target));
    json_object_set_new(object, "outcome", json_string(outcome_word(check)));
    json_object_set_new(object, "result",
                        check->object != NULL ? json_deep_copy(check->object) : json_null());
    return object;
}

static json_t *exchanger_json(const struct exchanger *exchanger)
{
    char text[IP_TEXT_SIZE];
    json_t *addresses = json_array();
    for (size_t i = 0; i < exchanger->address_count; i++)
        json_array_append_new(addresses, json_string(ip_print(&exchanger->addresses[i], text)));
    json_t *object = json_object();
    json_object_set_new(object, "host", json_string(exchanger->host));
    json_object_set_new(object, "preference", json_integer(exchanger->preference));
    json_object_set_new(object, "addresses", addresses);
    return object;
}

static json_t *subject_json(const struct mailcheck_subject *subject)
{
    json_t *checks = json_array();
    json_t *exchangers = json_array();
    for (size_t i = 0; i < subject->check_count; i++)
        json_array_append_new(checks, check_json(&subject->checks[i]));
    for (size_t i = 0; !subject->is_address && i < subject->exchangers.count; i++)
        json_array_append_new(exchangers, exchanger_json(&subject->exchangers.list[i]));
    json_t *object = json_object();
    json_object_set_new(object, "domain", json_string(subject->name));
    json_object_set_new(object, "state", json_integer(mailcheck_subject_state(subject)));
    json_object_set_new(object, "exchangers", exchangers);
    json_object_set_new(object, "checks", checks);
    return object;
}

static void name_target(const struct mailcheck_facts *facts, struct report *report)
{
    struct text names;
    text_init(&names, TARGET_MAX);
    for (size_t i = 0; i < facts->subject_count; i++)
        text_printf(&names, "%s%s", i > 0 ? " " : "", facts->subjects[i].name);
    report_target(report, "%s", names.start);
    text_release(&names);
}

static void judge_item(const struct mailcheck_item *item, enum state timeout_result,
                       struct report *report)
{
    enum state state = item->is_of_time ? timeout_result : mailcheck_findings[item->finding].state;
    struct finding *finding =
        report_add_as(report, item->finding, state, item->about, "%s", item->text);
    if (item->plugin != NULL && item->id[0] != '\0')
        report_origin(report, finding, item->id, item->why, item->reference);
    if (item->seen[0] != '\0')
        report_seen(report, finding, "%s", item->seen);
    if (item->fix[0] != '\0')
        report_fix(report, finding, "%s", item->fix);
}

void mailcheck_judge(const struct mailcheck_facts *facts, enum state timeout_result,
                     struct report *report)
{
    static const struct {
        enum state state;
        size_t metric;
    } counted[] = {
        {STATE_CRITICAL, MAILCHECK_M_CRITICAL},
        {STATE_WARNING,  MAILCHECK_M_WARNING },
        {STATE_UNKNOWN,  MAILCHECK_M_UNKNOWN },
        {STATE_OK,       MAILCHECK_M_OK      },
    };
    size_t all = 0;
    json_t *domains = json_array();
    name_target(facts, report);
    for (size_t i = 0; i < facts->subject_count; i++) {
        const struct mailcheck_subject *subject = &facts->subjects[i];
        for (size_t k = 0; k < subject->item_count; k++)
            judge_item(&subject->items[k], timeout_result, report);
        json_array_append_new(domains, subject_json(subject));
    }
    report_fact(report, "domains", domains);
    for (size_t k = 0; k < sizeof counted / sizeof counted[0]; k++) {
        size_t count = 0;
        for (size_t i = 0; i < facts->subject_count; i++)
            count += mailcheck_count(&facts->subjects[i], counted[k].state);
        report_metric(report, counted[k].metric, (double)count);
        all += count;
    }
    report_metric(report, MAILCHECK_M_CHECKS, (double)all);
    report_metric(report, MAILCHECK_M_DOMAINS, (double)facts->subject_count);
    report_summary(report, "%zu check%s, all is fine", all, plural(all, "", "s"));
}
