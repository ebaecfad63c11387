#include "recipient.h"
#include "smtp_show.h"

static json_t *text_or_null(struct report *report, const char *text)
{
    return text == NULL || text[0] == '\0' ? json_null() : report_json_string(report, text);
}

static json_t *recipient_json(struct report *report, const struct recipient *recipient)
{
    const struct smtp_entry *entry = recipient->probe.reply.entry;
    bool is_answered = entry != NULL && entry->outcome == SMTP_ANSWERED;
    char status[SMTP_STATUS_TEXT_SIZE];
    json_t *object = json_object();

    json_object_set_new(object, "address", report_json_string(report, recipient->text));
    json_object_set_new(object, "verdict",
                        json_string(recipient_verdict_name(recipient_verdict_of(recipient))));
    json_object_set_new(object, "exchanger", text_or_null(report, recipient->probe.host));
    json_object_set_new(object, "code", is_answered ? json_integer(entry->code) : json_null());
    json_object_set_new(
        object, "enhanced",
        text_or_null(report, is_answered ? smtp_status_print(&entry->status, status) : NULL));
    json_object_set_new(
        object, "text",
        text_or_null(report, is_answered ? smtp_show_text(report, entry->text) : NULL));
    json_object_set_new(object, "age", json_integer(recipient->probe.age));
    return object;
}

static const char *age_of(struct report *report, const struct recipient_probe *probe)
{
    return probe->is_remembered
               ? arena_format(report->arena, " (%lld s ago)", (long long)probe->age)
               : "";
}

static void show_recipient(struct report *report, const struct recipient *recipient, int verbosity)
{
    const struct recipient_probe *probe = &recipient->probe;
    const char *verdict = recipient_verdict_name(recipient_verdict_of(recipient));

    if (!recipient->is_asked) {
        report_detail(report, 1, "%s: %s", recipient->text, verdict);
        return;
    }
    report_detail(report, 1, "%s: %s at %s (%s): %s%s", recipient->text, verdict, probe->host,
                  probe->target->text,
                  probe->reply.entry != NULL ? smtp_show_reply(report, probe->reply.entry)
                                             : "not asked",
                  age_of(report, probe));
    if (verbosity > 1 && probe->session != NULL)
        smtp_show_transcript(report, probe->session, probe->target->text, verbosity);
}

static void show_domain(struct report *report, const struct recipient_domain *domain, int verbosity)
{
    for (size_t i = 0; i < domain->dead_count; i++)
        report_detail(report, 1, "%s (%s): %s", domain->dead[i].host, domain->dead[i].target->text,
                      smtp_show_failure(report, domain->dead[i].session));
    if (!domain->was_controlled)
        return;
    const struct recipient_probe *control = &domain->control;
    const char *nobody = control->is_remembered ? domain->control_past.nobody : domain->nobody;

    report_detail(report, 1, "%s@%s (control) at %s: %s%s", nobody, domain->name, control->host,
                  control->reply.entry != NULL ? smtp_show_reply(report, control->reply.entry)
                                               : smtp_show_failure(report, control->session),
                  age_of(report, control));
    if (verbosity > 1 && control->session != NULL)
        smtp_show_transcript(report, control->session, control->target->text, verbosity);
}

void recipient_show(const struct recipient_facts *facts, int verbosity, struct report *report)
{
    json_t *recipients = json_array();

    for (size_t i = 0; i < facts->count; i++) {
        json_array_append_new(recipients, recipient_json(report, &facts->list[i]));
        show_recipient(report, &facts->list[i], verbosity);
    }
    for (size_t i = 0; i < facts->domain_count; i++)
        show_domain(report, &facts->domains[i], verbosity);
    report_fact(report, "recipients", recipients);
}
