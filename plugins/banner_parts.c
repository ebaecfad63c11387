#include "banner.h"
#include "smtp_show.h"

static const struct smtp_step EHLO = {.verb = SMTP_VERB_EHLO};
static const struct smtp_step NULL_SENDER = {.verb = SMTP_VERB_MAIL, .argument = "<>"};

struct smtp_request *banner_parts_begin(const struct banner_plan *plan,
                                        struct smtp_collect *collect,
                                        const struct smtp_target *target, struct deadline deadline)
{
    struct smtp_request *request =
        smtp_collect_request(collect, target, plan->steps, plan->step_count, NULL, deadline);
    request->refusals_max = BANNER_REFUSALS_MAX;
    return request;
}

/* The step of the plan that the session left, or stopped at. */
static size_t plan_step(const struct banner_part *part, size_t step)
{
    return step < part->lead ? part->first : part->first + step - part->lead;
}

bool banner_parts_continue(const struct banner_plan *plan, struct smtp_collect *collect,
                           struct banner_address *address, struct deadline deadline)
{
    const struct banner_part *last = &address->parts[address->part_count - 1];
    if (!last->session->has_more || !last->session->is_complete ||
        address->part_count == BANNER_PARTS_MAX || deadline_left(deadline) == 0) {
        return false;
    }
    struct banner_part *part = &address->parts[address->part_count++];
    part->first = plan_step(last, last->session->next_step);
    /* A recipient needs its sender again. */
    part->lead = plan->steps[part->first].verb == SMTP_VERB_RCPT ? 2 : 1;
    size_t rest = plan->step_count - part->first;
    struct smtp_step *steps =
        arena_array(&collect->plugin->arena, part->lead + rest, sizeof *steps);
    steps[0] = EHLO;
    steps[part->lead - 1] = part->lead > 1 ? NULL_SENDER : EHLO;
    for (size_t i = 0; i < rest; i++) {
        steps[part->lead + i] = plan->steps[part->first + i];
    }
    struct smtp_request *request =
        smtp_collect_request(collect, address->target, steps, part->lead + rest, NULL, deadline);
    request->refusals_max = BANNER_REFUSALS_MAX;
    part->session = smtp_collect_play(collect, request);
    return true;
}

const struct smtp_entry *banner_parts_step(const struct banner_address *address, size_t step,
                                           const struct banner_part **part)
{
    for (size_t i = 0; i < address->part_count; i++) {
        *part = &address->parts[i];
        const struct smtp_entry *entry =
            step < (*part)->first
                ? NULL
                : smtp_session_step((*part)->session, step - (*part)->first + (*part)->lead);
        if (entry != NULL) {
            return entry;
        }
    }
    return NULL;
}

size_t banner_parts_stopped(const struct banner_plan *plan, const struct banner_address *address)
{
    if (address->part_count == 0) {
        return SMTP_NO_STEP;
    }
    const struct banner_part *last = &address->parts[address->part_count - 1];
    const struct smtp_session *session = last->session;
    const struct smtp_entry *culprit = smtp_show_culprit(session);
    const struct smtp_entry *sender =
        last->lead > 1 ? smtp_session_step(session, last->lead - 1) : NULL;
    bool is_stopped = session->has_more || session->entry_count == 0 || culprit != NULL;
    if (sender != NULL && sender->code / 100 != 2) {
        return last->first;
    }
    size_t at =
        culprit != NULL && culprit->step != SMTP_NO_STEP ? culprit->step : session->next_step;
    size_t step = plan_step(last, at);
    return is_stopped && step < plan->step_count ? step : SMTP_NO_STEP;
}
