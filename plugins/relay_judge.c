#include <string.h>

#include "relay.h"
#include "smtp_show.h"

#define IDS_SHOWN 12

const char *relay_judge_reply(const struct relay_judge *judge, const struct relay_answer *answer)
{
    const char *text = smtp_show_text(judge->report, slice_of(answer->text));
    return answer->code == 0 ? text
                             : arena_format(judge->report->arena, "%03u %s", answer->code, text);
}

static const char *sender_of(const struct relay_ask *ask)
{
    return ask->sender != NULL ? ask->sender : ask->sender_form;
}

static const char *recipient_of(const struct relay_ask *ask)
{
    return ask->recipient != NULL ? ask->recipient : ask->probe->recipient;
}

const char *relay_judge_quote(const struct relay_judge *judge, const struct relay_ask *ask)
{
    struct arena *arena = judge->report->arena;
    const char *reply = relay_judge_reply(judge, &ask->answer);
    if (ask->probe->kind != RELAY_KIND_MAIL) {
        return arena_format(arena, "%s %s: %s", ask->id, ask->recipient, reply);
    }
    /* Of an answer that is remembered, a name may not be known now. */
    return arena_format(arena, "%s MAIL FROM:%s RCPT TO:%s: %s", ask->id, sender_of(ask),
                        recipient_of(ask), reply);
}

/* ---- which probes */

typedef bool relay_wanted(const struct relay_plan *plan, const struct relay_ask *ask);

static bool is_relaying(const struct relay_plan *plan, const struct relay_ask *ask)
{
    (void)plan;
    return ask->probe->group == RELAY_GROUP_RELAY && ask->probe->kind == RELAY_KIND_MAIL &&
           relay_ask_meaning(ask) == RELAY_ACCEPTED;
}

static bool is_command(const struct relay_plan *plan, const struct relay_ask *ask)
{
    (void)plan;
    return ask->probe->kind != RELAY_KIND_MAIL && relay_ask_meaning(ask) == RELAY_ACCEPTED;
}

static bool is_routing(const struct relay_plan *plan, const struct relay_ask *ask)
{
    (void)plan;
    return ask->probe->group == RELAY_GROUP_ROUTED && relay_ask_meaning(ask) == RELAY_ACCEPTED;
}

/* Unknown names of the same place are refused, and this was taken. */
static bool is_routing_on(const struct relay_plan *plan, const struct relay_ask *ask)
{
    const struct relay_answer *control = relay_plan_control_of(plan, ask);
    return is_routing(plan, ask) && control != NULL &&
           relay_meaning_is_about_recipient(control->meaning);
}

static bool is_unclear(const struct relay_plan *plan, const struct relay_ask *ask)
{
    return is_routing(plan, ask) && !is_routing_on(plan, ask);
}

static bool is_accepted(const struct relay_plan *plan, const struct relay_ask *ask)
{
    return is_relaying(plan, ask) || is_command(plan, ask) || is_routing(plan, ask);
}

static bool is_late(const struct relay_plan *plan, const struct relay_ask *ask)
{
    (void)plan;
    return relay_ask_meaning(ask) == RELAY_REFUSED_LATE;
}

/* For DATA. */
static bool is_waiting(const struct relay_plan *plan, const struct relay_ask *ask)
{
    return ask->probe->kind == RELAY_KIND_MAIL && is_accepted(plan, ask) && ask->data.code == 0;
}

/* --data-abort found refusals at DATA and nothing else. */
static bool is_all_late(const struct relay_judge *judge)
{
    const struct relay_plan *plan = &judge->address->plan;
    bool is_any = false;
    for (size_t i = 0; i < plan->count; i++) {
        const struct relay_ask *ask = &plan->asks[i];
        if (ask->tls == judge->tls && !relay_group_is_control(ask->probe->group)) {
            is_any = is_any || is_late(plan, ask);
            if (is_accepted(plan, ask) && ask->data.code != 0) {
                return false;
            }
        }
    }
    return is_any && judge->config->data_abort;
}

struct found {
    const struct relay_ask *first;
    size_t count;
    const char *ids; /* "A1, A3 and 4 more" */
};

static struct found find(const struct relay_judge *judge, relay_wanted *is_wanted)
{
    const struct relay_plan *plan = &judge->address->plan;
    struct found found = {.first = NULL};
    struct text ids;
    text_init(&ids, 400);
    for (size_t i = 0; i < plan->count; i++) {
        const struct relay_ask *ask = &plan->asks[i];
        if (ask->tls != judge->tls || !is_wanted(plan, ask) ||
            (judge->is_late && is_accepted(plan, ask) && ask->data.code == 0 &&
             is_wanted != is_waiting)) {
            continue;
        }
        found.first = found.first == NULL ? ask : found.first;
        if (found.count < IDS_SHOWN) {
            text_printf(&ids, "%s%s", found.count > 0 ? ", " : "", ask->id);
        }
        found.count++;
    }
    if (found.count > IDS_SHOWN) {
        text_printf(&ids, " and %zu more", found.count - IDS_SHOWN);
    }
    found.ids = arena_copy(judge->report->arena, ids.start);
    text_release(&ids);
    return found;
}

/* ---- what was accepted */

static const char *remembered(const struct relay_judge *judge, const struct relay_ask *ask)
{
    const struct relay_answer *answer = &ask->answer;
    return answer->is_remembered ? arena_format(judge->report->arena, ", %lld s ago",
                                                (long long)(judge->facts->now - answer->at))
                                 : "";
}

static const char *hidden(const struct relay_judge *judge)
{
    char seen[IP_TEXT_SIZE], source[IP_TEXT_SIZE];
    return !judge->address->is_hidden
               ? ""
               : arena_format(
                     judge->report->arena,
                     "; it sees us as %s, not as %s: a NAT or a proxy in front of it hides "
                     "its clients, and it trusts them all",
                     ip_print(&judge->address->seen, seen),
                     ip_print(&judge->address->source, source));
}

/* The repair by what the accepted probes have in common. */
static void fix_open(const struct relay_judge *judge, struct finding *finding)
{
    const struct relay_plan *plan = &judge->address->plan;
    bool strangers = false, routes = true, local = false;
    for (size_t i = 0; i < plan->count; i++) {
        const struct relay_ask *ask = &plan->asks[i];
        if (ask->tls == judge->tls && is_relaying(plan, ask)) {
            bool is_stranger =
                strcmp(ask->sender_form, "<{F}>") == 0 || strcmp(ask->sender_form, "<>") == 0;
            strangers = strangers || is_stranger;
            local = local || !is_stranger;
            routes = routes && strncmp(ask->probe->recipient, "<@", 2) == 0;
        }
    }
    if (judge->address->is_hidden) {
        report_fix(judge->report, finding,
                   "Let the server see the addresses of its clients: no masquerading towards it "
                   "(Docker: userland-proxy off, or network_mode: host), or the PROXY protocol; "
                   "until then take the inner network out of its trusted ones (Postfix: "
                   "mynetworks)");
    } else if (routes) {
        report_fix(judge->report, finding,
                   "Refuse source routes, or judge their last hop (Postfix: "
                   "allow_untrusted_routing = no)");
    } else if (local && !strangers) {
        report_fix(judge->report, finding,
                   "A rule trusts whoever claims to send from %s: let nothing permit by sender "
                   "before reject_unauth_destination (Postfix: check_sender_access in "
                   "smtpd_relay_restrictions or smtpd_recipient_restrictions)",
                   judge->facts->subject.domain);
    }
}

static void judge_trusted(const struct relay_judge *judge, const struct found *found)
{
    const char *why = relay_trust_text(judge->address, judge->report->arena);
    enum state state =
        judge->config->trusted_source ? STATE_OK : relay_findings[RELAY_F_TRUSTED].state;
    struct finding *finding = report_add_as(
        judge->report, RELAY_F_TRUSTED, state, judge->subject,
        judge->address->trust == RELAY_STRANGER
            ? "lets us do what strangers must not (%s), as it is meant to (--trusted-source)"
            : "lets us do what strangers must not (%s), but %s: not an outside view",
        found->ids, why);
    report_seen(judge->report, finding, "%s", relay_judge_quote(judge, found->first));
}

static void judge_relaying(const struct relay_judge *judge, const struct found *found)
{
    const struct relay_answer *sink =
        relay_plan_control(&judge->address->plan, RELAY_CONTROL_SINK, judge->tls);
    bool accepts_all = sink != NULL && sink->meaning == RELAY_ACCEPTED;
    const struct relay_ask *first = found->first;
    const char *at_data = first->data.code / 100 == 3 ? ", and says go on to DATA" : "";
    struct finding *finding =
        report_add(judge->report, accepts_all ? RELAY_F_ACCEPTS_ALL : RELAY_F_OPEN, judge->subject,
                   "%s: takes mail from %s to %s%s%s (%s)%s%s",
                   accepts_all ? "open relay, or a sink" : "open relay", sender_of(first),
                   recipient_of(first), accepts_all ? " and to an address that cannot exist" : "",
                   at_data, found->ids, hidden(judge), remembered(judge, first));
    report_seen(judge->report, finding, "%s", relay_judge_quote(judge, found->first));
    fix_open(judge, finding);
}

/* Whose names the control was about: "example.test". */
static const char *place_of(const struct relay_judge *judge, const struct relay_ask *ask)
{
    struct slice right = relay_probe_right(recipient_of(ask));
    return right.length == 0 ? "names without a domain"
                             : arena_copy_slice(judge->report->arena, right);
}

static void judge_routing_on(const struct relay_judge *judge, const struct found *found)
{
    struct finding *finding = report_add(
        judge->report, RELAY_F_ROUTES_ON, judge->subject,
        "open relay in other clothes: refuses unknown names of %s and takes %s, which it "
        "routes on (%s)%s",
        place_of(judge, found->first), recipient_of(found->first), found->ids,
        remembered(judge, found->first));
    report_seen(judge->report, finding, "%s", relay_judge_quote(judge, found->first));
}

static void judge_unclear(const struct relay_judge *judge, const struct found *found)
{
    const struct relay_answer *control = relay_plan_control_of(&judge->address->plan, found->first);
    bool takes_all = control != NULL && control->meaning == RELAY_ACCEPTED;
    struct finding *finding =
        report_add(judge->report, RELAY_F_AMBIGUOUS, judge->subject,
                   takes_all ? "accepts everything for %s, also what could be routed on (%s): its "
                               "replies cannot tell whether it is"
                             : "accepts names of %s that could be routed on (%s), and did not say "
                               "what it does with unknown ones",
                   place_of(judge, found->first), found->ids);
    report_seen(judge->report, finding, "%s", relay_judge_quote(judge, found->first));
}

static void judge_waiting(const struct relay_judge *judge)
{
    struct found waiting = find(judge, is_waiting);
    if (judge->is_late && waiting.count > 0) {
        report_add(judge->report, RELAY_F_INCOMPLETE, judge->subject,
                   "accepted at RCPT and not asked at DATA, where others were refused: %s",
                   waiting.ids);
    }
}

static bool judge_accepted(const struct relay_judge *judge)
{
    struct found relaying = find(judge, is_relaying);
    struct found commands = find(judge, is_command);
    struct found routing = find(judge, is_routing_on);
    struct found unclear = find(judge, is_unclear);
    struct found late = find(judge, is_late);
    struct found any = find(judge, is_accepted);
    bool is_stranger = judge->address->trust == RELAY_STRANGER && !judge->config->trusted_source;
    if (!is_stranger && any.count > 0) {
        judge_trusted(judge, &any);
    }
    if (is_stranger && relaying.count > 0) {
        judge_relaying(judge, &relaying);
    }
    if (is_stranger && commands.count > 0) {
        struct finding *finding =
            report_add(judge->report, RELAY_F_XCLIENT, judge->subject,
                       "accepts %s from us: a stranger may pretend to be any client",
                       recipient_of(commands.first));
        report_seen(judge->report, finding, "%s", relay_judge_quote(judge, commands.first));
    }
    if (is_stranger && routing.count > 0) {
        judge_routing_on(judge, &routing);
    }
    if (is_stranger && unclear.count > 0) {
        judge_unclear(judge, &unclear);
    }
    if (late.count > 0) {
        struct finding *finding = report_add(judge->report, RELAY_F_REFUSED_LATE, judge->subject,
                                             "accepted at RCPT and refused at DATA: %s", late.ids);
        if (late.first->data.code != 0) {
            report_seen(judge->report, finding, "%s DATA: %s", late.first->id,
                        relay_judge_reply(judge, &late.first->data));
        }
    }
    judge_waiting(judge);
    return any.count > 0;
}

/* ---- the rest */

static void judge_seen_as(const struct relay_judge *judge)
{
    const struct relay_address *address = judge->address;
    char seen[IP_TEXT_SIZE], source[IP_TEXT_SIZE];
    if (address->seen.family == IP_NONE || address->source.family == IP_NONE ||
        ip_equal(&address->seen, &address->source)) {
        return;
    }
    report_add(judge->report, RELAY_F_SEEN_AS, judge->subject,
               "it sees us come from %s, and we come from %s", ip_print(&address->seen, seen),
               ip_print(&address->source, source));
}

static const struct relay_ask *counterpart(const struct relay_plan *plan,
                                           const struct relay_ask *ask)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->asks[i].tls && strcmp(plan->asks[i].id, ask->id) == 0) {
            return &plan->asks[i];
        }
    }
    return NULL;
}

static void judge_difference(const struct relay_judge *judge)
{
    const struct relay_plan *plan = &judge->address->plan;
    for (size_t i = 0; i < plan->count; i++) {
        const struct relay_ask *ask = &plan->asks[i];
        const struct relay_ask *other = counterpart(plan, ask);
        if (ask->tls || other == NULL || relay_group_is_control(ask->probe->group) ||
            !relay_meaning_is_conclusive(ask->answer.meaning) ||
            !relay_meaning_is_conclusive(other->answer.meaning) ||
            (ask->answer.meaning == RELAY_ACCEPTED) == (other->answer.meaning == RELAY_ACCEPTED)) {
            continue;
        }
        struct finding *finding =
            report_add(judge->report, RELAY_F_TLS_DIFFERS, judge->address->subject,
                       "%s is %s in the clear and %s under TLS", ask->id,
                       relay_meaning_verdict(ask->answer.meaning),
                       relay_meaning_verdict(other->answer.meaning));
        report_seen(judge->report, finding, "under TLS: %s", relay_judge_quote(judge, other));
        return;
    }
}

static void judge_failed_tls(const struct relay_judge *judge)
{
    const char *failure = smtp_show_failure(judge->report, judge->address->failed_tls);
    report_add(judge->report, RELAY_F_TLS_FAILED, judge->address->subject,
               "asked in the clear only, for STARTTLS fails%s%s", failure[0] != '\0' ? ": " : "",
               failure);
}

static void judge_address(struct relay_judge *judge)
{
    const struct relay_address *address = judge->address;
    if (address->target->is_nobodys) {
        const struct smtp_targets *targets = judge->facts->targets;
        report_add_as(judge->report, RELAY_F_BAD_ADDRESS,
                      smtp_targets_has_server(targets) ? STATE_WARNING
                                                       : relay_findings[RELAY_F_BAD_ADDRESS].state,
                      address->subject, "it was not asked: no server can have %s",
                      smtp_targets_kind(targets, address->target));
        return;
    }
    if (address->has_no_route) {
        report_add(judge->report, RELAY_F_NO_ROUTE, address->subject, "no route to it: not asked");
        return;
    }
    for (int tls = 0; tls <= (int)judge->config->starttls; tls++) {
        judge->tls = tls != 0;
        judge->subject = judge->tls
                             ? arena_format(judge->report->arena, "%s under TLS", address->subject)
                             : address->subject;
        if (judge->tls && address->lacks_starttls) {
            report_add(judge->report, RELAY_F_NO_STARTTLS, address->subject,
                       "STARTTLS is not offered: asked in the clear only");
            continue;
        }
        if (judge->tls && address->failed_tls != NULL) {
            judge_failed_tls(judge);
            continue;
        }
        judge->is_late = is_all_late(judge);
        relay_judge_unanswered(judge, judge_accepted(judge));
    }
    judge->tls = false;
    judge->subject = address->subject;
    judge_seen_as(judge);
    judge_difference(judge);
}

static void judge_dns(const struct relay_judge *judge)
{
    const struct smtp_targets *targets = judge->facts->targets;
    const struct dns_answer *answers[] = {targets->aaaa, targets->a};
    bool is_known = true;
    for (size_t i = 0; i < 2; i++) {
        const struct dns_answer *answer = answers[i];
        if (answer != NULL && !dns_status_is_answer(answer->status)) {
            is_known = false;
            enum state state = dns_answer_is_settled(answer)
                                   ? relay_findings[RELAY_F_DNS_ERROR].state
                                   : judge->common->timeout_result;
            report_add_as(judge->report, RELAY_F_DNS_ERROR, state, targets->host,
                          "%s for the question %s %s",
                          dns_answer_is_settled(answer) ? dns_status_name(answer->status)
                                                        : "no answer in time",
                          targets->host, i == 0 ? "AAAA" : "A");
        }
    }
    if (is_known && targets->count == 0) {
        report_add(judge->report, RELAY_F_NO_ADDRESS, targets->host, "the name has no %s",
                   smtp_targets_lacking(judge->common));
    }
}

void relay_judge(const struct relay_config *config, const struct plugin_common *common,
                 const struct relay_facts *facts, struct report *report)
{
    struct relay_judge judge = {
        .config = config,
        .common = common,
        .facts = facts,
        .report = report,
    };
    judge_dns(&judge);
    for (size_t i = 0; i < facts->count; i++) {
        judge.address = &facts->addresses[i];
        judge_address(&judge);
    }
    if (facts->memory_trouble != NULL) {
        report_add(report, RELAY_F_STATE_FILE, facts->memory_path, "%s", facts->memory_trouble);
    }
}
