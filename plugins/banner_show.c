#include <math.h>

#include "banner.h"
#include "smtp_show.h"

/* null while it is not known. */
static json_t *ptr_json(struct report *report, const struct banner_names *names)
{
    if (names->ptr == NULL || !dns_status_is_answer(names->ptr->status)) {
        return json_null();
    }
    json_t *array = json_array();
    for (size_t i = 0; i < names->count; i++) {
        const struct banner_ptr *one = &names->list[i];
        json_t *object = json_object();
        json_object_set_new(object, "name", report_json_string(report, one->name));
        json_object_set_new(object, "confirmed",
                            one->confirmation == BANNER_UNKNOWN
                                ? json_null()
                                : json_boolean(one->confirmation == BANNER_CONFIRMED));
        json_array_append_new(array, object);
    }
    return array;
}

static void show(const struct banner_address *address, const struct smtp_session *session,
                 const char *purpose, const struct plugin_common *common, struct report *report,
                 json_t *array)
{
    if (session == NULL) {
        return;
    }
    json_t *object = smtp_show_json(report, session, address->target->text);
    json_object_set_new(object, "ptr", ptr_json(report, &address->names));
    json_object_set_new(object, "purpose", json_string(purpose));
    json_array_append_new(array, object);
    smtp_show_transcript(report, session, address->target->text, common->verbosity);
}

static void show_samples(const struct banner_address *address, struct report *report)
{
    static const struct {
        enum smtp_verb verb;
        const char *stage;
    } stages[] = {
        {SMTP_VERB_CONNECT,  "connect"},
        {SMTP_VERB_GREETING, "banner" },
        {SMTP_VERB_EHLO,     "ehlo"   },
        {SMTP_VERB_QUIT,     "quit"   },
    };
    const char *const up[] = {"address", address->target->text, NULL};
    report_sample(report, "postmaster_smtp_address_up",
                  "1 when the address greets with 2xx and takes EHLO or HELO",
                  smtp_session_is_greeted(address->session) ? 1 : 0, up);
    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
        const char *const labels[] = {"address", address->target->text, "stage", stages[i].stage,
                                      NULL};
        double seconds = smtp_show_seconds(address->session, stages[i].verb);
        if (!isnan(seconds)) {
            report_sample(report, "postmaster_smtp_address_stage_seconds",
                          "Response time of a stage of the conversation with an address", seconds,
                          labels);
        }
    }
}

void banner_show(const struct banner_facts *facts, const struct plugin_common *common,
                 struct report *report)
{
    json_t *conversations = json_array();
    for (size_t i = 0; i < facts->count; i++) {
        const struct banner_address *address = &facts->addresses[i];
        show(address, address->session, "check", common, report, conversations);
        for (size_t k = 1; k < address->part_count; k++) {
            show(address, address->parts[k].session, "continued", common, report, conversations);
        }
        show(address, address->mail_first, "mail-first", common, report, conversations);
        show(address, address->early, "early-talk", common, report, conversations);
        show_samples(address, report);
    }
    report_fact(report, "conversations", conversations);
}
