#include "relay.h"
#include "smtp_show.h"

struct counts {
    size_t accepted, refused, deferred, skipped, ambiguous, all;
    size_t remembered;
    int64_t oldest; /* age of a remembered answer in seconds */
};

static bool is_ambiguous(const struct relay_plan *plan, const struct relay_ask *ask)
{
    const struct relay_answer *local = relay_plan_control_of(plan, ask);
    return ask->probe->group == RELAY_GROUP_ROUTED &&
           (local == NULL || !relay_meaning_is_about_recipient(local->meaning));
}

static void count(const struct relay_facts *facts, const struct relay_plan *plan,
                  const struct relay_ask *ask, struct counts *counts)
{
    enum relay_meaning meaning = relay_ask_meaning(ask);
    int64_t age = facts->now - ask->answer.at;
    counts->all++;
    if (meaning == RELAY_ACCEPTED && is_ambiguous(plan, ask)) {
        counts->ambiguous++;
    } else if (meaning == RELAY_ACCEPTED) {
        counts->accepted++;
    } else if (relay_meaning_is_refusal(meaning)) {
        counts->refused++;
    } else if (meaning == RELAY_DEFERRED) {
        counts->deferred++;
    } else {
        counts->skipped++;
    }
    if (ask->answer.is_remembered) {
        counts->remembered++;
        counts->oldest = age > counts->oldest ? age : counts->oldest;
    }
}

/* ---- JSON */

static json_t *ask_json(const struct relay_facts *facts, const struct relay_address *address,
                        const struct relay_ask *ask, struct report *report)
{
    const struct relay_answer *answer = &ask->answer;
    char status[SMTP_STATUS_TEXT_SIZE];
    json_t *object = json_object();
    json_object_set_new(object, "address", report_json_string(report, address->target->text));
    json_object_set_new(object, "tls", json_boolean(ask->tls));
    json_object_set_new(object, "id", report_json_string(report, ask->id));
    json_object_set_new(object, "sender", report_json_string(report, ask->sender));
    json_object_set_new(object, "recipient", report_json_string(report, ask->recipient));
    json_object_set_new(object, "code", json_integer(answer->code));
    json_object_set_new(object, "enhanced",
                        json_string(smtp_status_print(&answer->status, status)));
    json_object_set_new(
        object, "text",
        report_json_string(report, answer->text == NULL
                                       ? ask->obstacle
                                       : smtp_show_text(report, slice_of(answer->text))));
    json_object_set_new(object, "verdict",
                        json_string(relay_meaning_verdict(relay_ask_meaning(ask))));
    json_object_set_new(object, "reason", json_string(relay_meaning_name(relay_ask_meaning(ask))));
    json_object_set_new(object, "age",
                        answer->is_remembered ? json_integer(facts->now - answer->at)
                                              : json_integer(0));
    return object;
}

static void show_json(const struct relay_facts *facts, struct report *report)
{
    json_t *probes = json_array();
    json_t *controls = json_array();
    for (size_t i = 0; i < facts->count; i++) {
        const struct relay_plan *plan = &facts->addresses[i].plan;
        for (size_t k = 0; k < plan->count; k++) {
            const struct relay_ask *ask = &plan->asks[k];
            json_array_append_new(relay_group_is_control(ask->probe->group) ? controls : probes,
                                  ask_json(facts, &facts->addresses[i], ask, report));
        }
    }
    report_fact(report, "probes", probes);
    report_fact(report, "controls", controls);
}

/* ---- lines under -v */

static void show_details(const struct relay_facts *facts, const struct relay_address *address,
                         int verbosity, struct report *report)
{
    const struct relay_judge judge = {.report = report};
    for (size_t i = 0; i < address->plan.count; i++) {
        const struct relay_ask *ask = &address->plan.asks[i];
        if (ask->answer.meaning == RELAY_UNASKED) {
            continue;
        }
        const char *age = ask->answer.is_remembered
                              ? arena_format(facts->arena, " (%lld s ago)",
                                             (long long)(facts->now - ask->answer.at))
                              : "";
        report_detail(report, 1, "%s%s %s %s%s", address->target->text, ask->tls ? " TLS" : "",
                      relay_meaning_verdict(relay_ask_meaning(ask)), relay_judge_quote(&judge, ask),
                      age);
    }
    for (size_t i = 0; verbosity >= 2 && i < address->session_count; i++) {
        smtp_show_transcript(report, address->sessions[i], address->target->text, verbosity - 1);
    }
}

void relay_show(const struct relay_facts *facts, const struct plugin_common *common,
                struct report *report)
{
    struct counts counts = {.all = 0};
    unsigned sessions = 0;
    for (size_t i = 0; i < facts->count; i++) {
        const struct relay_address *address = &facts->addresses[i];
        for (size_t k = 0; k < address->plan.count; k++) {
            const struct relay_ask *ask = &address->plan.asks[k];
            if (!relay_group_is_control(ask->probe->group) && ask->obstacle == NULL) {
                count(facts, &address->plan, ask, &counts);
            }
        }
        sessions += address->plan.sessions;
        show_details(facts, address, common->verbosity, report);
    }
    const char *memory =
        counts.remembered == 0
            ? ""
            : arena_format(facts->arena, ", %zu of them remembered, the oldest %lld s ago",
                           counts.remembered, (long long)counts.oldest);
    report_summary(report, "%zu of %zu probes refused%s", counts.refused, counts.all, memory);
    report_metric(report, RELAY_M_ACCEPTED, (double)counts.accepted);
    report_metric(report, RELAY_M_REFUSED, (double)counts.refused);
    report_metric(report, RELAY_M_DEFERRED, (double)counts.deferred);
    report_metric(report, RELAY_M_SKIPPED, (double)counts.skipped);
    report_metric(report, RELAY_M_AMBIGUOUS, (double)counts.ambiguous);
    report_metric(report, RELAY_M_SESSIONS, sessions);
    show_json(facts, report);
}
