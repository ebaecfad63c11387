#include <stdio.h>
#include <string.h>

#include "mailcheck.h"

enum state mailcheck_check_state(const struct mailcheck_check *check)
{
    return check->object != NULL ? check->state : STATE_UNKNOWN;
}

/* The exchangers were asked for and not found out: servers stay unchecked. */
static bool is_dns_trouble(const struct mailcheck_subject *subject)
{
    return !subject->is_address && (subject->exchangers.status == EXCHANGERS_PENDING ||
                                    subject->exchangers.status == EXCHANGERS_FAILED);
}

enum state mailcheck_subject_state(const struct mailcheck_subject *subject)
{
    enum state state = is_dns_trouble(subject) ? STATE_UNKNOWN : STATE_OK;
    for (size_t i = 0; i < subject->check_count; i++)
        state = state_worse(state, mailcheck_check_state(&subject->checks[i]));
    return state;
}

static void judge_missing(const struct mailcheck_check *check, struct report *report)
{
    const struct processes_job *job = check->job;
    switch (job == NULL ? PROCESSES_NOT_STARTED : job->outcome) {
    case PROCESSES_NOT_FOUND:
        report_add(report, MAILCHECK_F_NOT_INSTALLED, check->target, "%s is not there",
                   check->argv[0]);
        return;
    case PROCESSES_NOT_STARTED:
    case PROCESSES_KILLED:
        report_add(report, MAILCHECK_F_OUT_OF_TIME, check->target, "%s was not finished in time",
                   check->plugin);
        return;
    case PROCESSES_SIGNALLED:
        report_add(report, MAILCHECK_F_NO_RESULT, check->target, "%s was ended by signal %d",
                   check->plugin, job->status);
        return;
    case PROCESSES_FAILED:
        report_add(report, MAILCHECK_F_NO_RESULT, check->target, "%s could not be started: %s",
                   check->plugin, strerror(job->status));
        return;
    case PROCESSES_EXITED:
        break;
    }
    struct finding *finding =
        report_add(report, MAILCHECK_F_NO_RESULT, check->target,
                   "%s ended with status %d and without a result", check->plugin, job->status);
    report_seen(report, finding, "%.*s", 200, job->output.start);
}

static const char *member(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

static void judge_finding(const struct mailcheck_check *check, const json_t *object,
                          struct report *report)
{
    static const size_t ids[] = {[STATE_WARNING] = MAILCHECK_F_WARNING,
                                 [STATE_CRITICAL] = MAILCHECK_F_CRITICAL,
                                 [STATE_UNKNOWN] = MAILCHECK_F_UNKNOWN};
    json_int_t state = json_integer_value(json_object_get(object, "state"));
    if (state <= STATE_OK || state > STATE_UNKNOWN)
        return;
    const char *subject = member(object, "subject");
    struct finding *finding =
        report_add(report, ids[state], subject[0] != '\0' ? subject : check->target, "%s [%s]",
                   member(object, "text"), member(object, "id"));
    if (member(object, "seen")[0] != '\0')
        report_seen(report, finding, "%s", member(object, "seen"));
    if (member(object, "fix")[0] != '\0')
        report_fix(report, finding, "%s", member(object, "fix"));
}

/* A usage error, or a plugin that gave up, has a state and a summary and no finding. */
static void judge_summary(const struct mailcheck_check *check, struct report *report)
{
    static const size_t ids[] = {[STATE_WARNING] = MAILCHECK_F_WARNING,
                                 [STATE_CRITICAL] = MAILCHECK_F_CRITICAL,
                                 [STATE_UNKNOWN] = MAILCHECK_F_UNKNOWN};
    report_add(report, ids[check->state], check->target, "%s: %s", check->plugin,
               member(check->object, "summary"));
}

static void judge_check(const struct mailcheck_check *check, struct report *report)
{
    const json_t *finding;
    size_t i;
    bool has = false;
    if (check->object == NULL) {
        judge_missing(check, report);
        return;
    }
    json_array_foreach(json_object_get(check->object, "findings"), i, finding)
    {
        has = has || json_integer_value(json_object_get(finding, "state")) != STATE_OK;
        judge_finding(check, finding, report);
    }
    if (!has && check->state != STATE_OK)
        judge_summary(check, report);
}

static json_t *check_json(const struct mailcheck_check *check)
{
    json_t *object = json_object();
    json_object_set_new(object, "plugin", json_string(check->plugin));
    json_object_set_new(object, "target", json_string(check->target));
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

static void judge_dns(const struct mailcheck_subject *subject, struct report *report)
{
    const struct dns_answer *mx = subject->exchangers.mx;
    enum dns_status status = mx == NULL ? DNS_PENDING : mx->status;
    report_add(report, MAILCHECK_F_DNS, subject->name, "the exchangers are not known: %s",
               dns_status_name(status));
}

static void name_target(const struct mailcheck_facts *facts, struct report *report)
{
    const char *names = facts->subjects[0].name;
    for (size_t i = 1; i < facts->subject_count; i++)
        names = arena_format(facts->arena, "%s %s", names, facts->subjects[i].name);
    report_target(report, "%s", names);
}

void mailcheck_judge(const struct mailcheck_facts *facts, struct report *report)
{
    size_t counts[STATE_IGNORE] = {0};
    json_t *domains = json_array();
    name_target(facts, report);
    for (size_t i = 0; i < facts->subject_count; i++) {
        const struct mailcheck_subject *subject = &facts->subjects[i];
        if (is_dns_trouble(subject))
            judge_dns(subject, report);
        for (size_t j = 0; j < subject->check_count; j++) {
            judge_check(&subject->checks[j], report);
            counts[mailcheck_check_state(&subject->checks[j])]++;
        }
        json_array_append_new(domains, subject_json(subject));
    }
    report_fact(report, "domains", domains);
    report_metric(report, MAILCHECK_M_CRITICAL, (double)counts[STATE_CRITICAL]);
    report_metric(report, MAILCHECK_M_WARNING, (double)counts[STATE_WARNING]);
    report_metric(report, MAILCHECK_M_UNKNOWN, (double)counts[STATE_UNKNOWN]);
    report_metric(report, MAILCHECK_M_OK, (double)counts[STATE_OK]);
    report_metric(report, MAILCHECK_M_CHECKS, (double)facts->job_count);
    report_metric(report, MAILCHECK_M_DOMAINS, (double)facts->subject_count);
    report_summary(report, "%zu checks, all is fine", facts->job_count);
}
