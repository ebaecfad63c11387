#include <math.h>
#include <stdio.h>

#include "banner.h"
#include "base/text.h"
#include "mail/smtp_text.h"
#include "smtp_show.h"

#define NOT_AVAILABLE 421
#define READY 220
#define DONE 250
#define CLOSING 221
#define RANGE_TEXT 100

/* ---- findings about an address */

static struct finding *add(const struct banner_judge *judge, size_t definition, enum state state,
                           const char *format, va_list arguments)
    __attribute__((format(printf, 4, 0)));

static struct finding *add(const struct banner_judge *judge, size_t definition, enum state state,
                           const char *format, va_list arguments)
{
    const char *text = arena_format_list(judge->report->arena, format, arguments);
    return report_add_as(judge->report, definition, state, judge->address->subject, "%s", text);
}

struct finding *banner_judge_add(const struct banner_judge *judge, size_t definition,
                                 const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct finding *finding =
        add(judge, definition, banner_findings[definition].state, format, arguments);
    va_end(arguments);
    return finding;
}

struct finding *banner_judge_add_as(const struct banner_judge *judge, size_t definition,
                                    enum state state, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct finding *finding = add(judge, definition, state, format, arguments);
    va_end(arguments);
    return finding;
}

/* The finding that an address has in the first line gets the server's own words: which server it
 * is, they tell best. */
static void add_words(struct report *report, size_t from, const struct smtp_entry *greeting)
{
    struct finding *worst = NULL;
    for (size_t i = from; i < report->finding_count; i++) {
        struct finding *finding = &report->findings[i];
        if (worst == NULL || state_rank(finding->state) > state_rank(worst->state)) {
            worst = finding;
        }
    }
    if (worst != NULL && worst->state != STATE_OK && greeting != NULL) {
        worst->text = arena_format(report->arena, "%s; it greets: %s", worst->text,
                                   smtp_show_reply(report, greeting));
    }
}

/* ---- connection and greeting: one cause, one finding. Each returns true when it ends the matter.
 */

static struct finding *add_failure(const struct banner_judge *judge, size_t definition)
{
    return report_add(judge->report, definition, judge->address->subject, "%s",
                      smtp_show_failure(judge->report, judge->address->session));
}

static bool judge_connect(const struct banner_judge *judge)
{
    const struct banner_address *address = judge->address;
    const struct smtp_session *session = address->session;
    const struct smtp_entry *connect = smtp_session_find(session, SMTP_VERB_CONNECT);
    if (connect == NULL && address->target->is_nobodys) {
        report_add_as(judge->report, BANNER_F_BAD_ADDRESS,
                      smtp_targets_has_server(judge->facts->targets) ? STATE_WARNING
                                                                     : STATE_CRITICAL,
                      address->subject, "it was not asked: no server can have %s",
                      smtp_targets_kind(judge->facts->targets, address->target));
        return true;
    }
    if (connect == NULL) {
        report_add_as(judge->report, BANNER_F_NOT_ASKED, judge->common->timeout_result,
                      address->subject, "the time was up before the server could be asked");
        return true;
    }
    if (connect->outcome == SMTP_ANSWERED) {
        return false;
    }
    if (connect->failure == STREAM_UNREACHABLE && address->has_no_route) {
        report_add(judge->report, BANNER_F_LOCAL, address->subject,
                   "this host has no route to the address");
    } else {
        add_failure(judge,
                    stream_failure_is_ours(connect->failure) ? BANNER_F_LOCAL : BANNER_F_CONNECT);
    }
    return true;
}

static bool judge_handshake(const struct banner_judge *judge)
{
    const struct smtp_session *session = judge->address->session;
    const struct smtp_entry *handshake = smtp_session_find(session, SMTP_VERB_HANDSHAKE);
    if (session->tls_error != NULL) {
        add_failure(judge, BANNER_F_LOCAL);
        return true;
    }
    if (handshake != NULL && handshake->outcome != SMTP_ANSWERED) {
        add_failure(judge, BANNER_F_TLS);
        return true;
    }
    return false;
}

bool banner_judge_is_busy(const struct smtp_entry *entry)
{
    return entry->code / 100 == 4 && smtp_text_is_rate_limit(entry->text);
}

static bool judge_greeting(const struct banner_judge *judge)
{
    const struct smtp_session *session = judge->address->session;
    const struct smtp_entry *greeting = smtp_session_find(session, SMTP_VERB_GREETING);
    if (greeting == NULL || greeting->outcome == SMTP_SILENT || greeting->outcome == SMTP_ENDED) {
        add_failure(judge, BANNER_F_NO_GREETING);
        return true;
    }
    if (greeting->outcome == SMTP_MALFORMED) {
        add_failure(judge, BANNER_F_NOT_SMTP);
        return true;
    }
    if (greeting->code / 100 != 2) {
        bool is_busy = banner_judge_is_busy(greeting);
        report_add(judge->report, is_busy ? BANNER_F_BUSY : BANNER_F_REFUSED,
                   judge->address->subject, "the server greets with a refusal: %s",
                   smtp_show_reply(judge->report, greeting));
        return true;
    }
    if (greeting->code != READY) {
        banner_judge_add(judge, BANNER_F_GREETING_CODE,
                         "the greeting has the code %u where 220 is due", greeting->code);
    }
    return false;
}

/* ---- EHLO */

bool banner_judge_is_probe(const struct smtp_entry *entry)
{
    return entry->verb == SMTP_VERB_VRFY || entry->verb == SMTP_VERB_EXPN ||
           entry->verb == SMTP_VERB_HELP;
}

/* What stopped the dialogue behind the greeting: a refusal, silence, the end. */
static void judge_stop(const struct banner_judge *judge, const struct smtp_entry *culprit)
{
    if (culprit->outcome == SMTP_MALFORMED) {
        add_failure(judge, BANNER_F_NOT_SMTP);
    } else if (culprit->outcome != SMTP_ANSWERED) {
        const struct smtp_session *session = judge->address->session;
        double waited = smtp_show_seconds(session, SMTP_VERB_GREETING);
        const char *before = waited < 1 ? ""
                                        : arena_format(judge->report->arena,
                                                       " (the greeting had taken %.1f s)", waited);
        banner_judge_add(judge, BANNER_F_NO_REPLY, "%s%s",
                         smtp_show_failure(judge->report, session), before);
    } else if (smtp_show_is_own_name(&judge->config->smtp, culprit)) {
        banner_judge_add(judge, BANNER_F_LOCAL, "the server does not take the name of --ehlo: %s",
                         smtp_show_reply(judge->report, culprit));
    } else if (banner_judge_is_busy(culprit)) {
        add_failure(judge, BANNER_F_BUSY);
    } else if (culprit->code == NOT_AVAILABLE) {
        add_failure(judge, BANNER_F_CLOSING);
    } else {
        add_failure(judge, BANNER_F_EHLO_FAILED);
    }
}

static void judge_dialogue(const struct banner_judge *judge)
{
    const struct smtp_session *session = judge->address->session;
    const struct smtp_entry *culprit = smtp_show_culprit(session);
    const struct smtp_entry *ehlo = smtp_session_find(session, SMTP_VERB_EHLO);
    const struct smtp_entry *helo = smtp_session_find(session, SMTP_VERB_HELO);
    if (culprit != NULL && !banner_judge_is_probe(culprit)) {
        judge_stop(judge, culprit);
    }
    if (ehlo != NULL && helo != NULL && helo->outcome == SMTP_ANSWERED && helo->code / 100 == 2) {
        banner_judge_add(judge, BANNER_F_EHLO_REFUSED, "EHLO is refused, HELO is taken: %s",
                         smtp_show_reply(judge->report, ehlo));
    }
    const struct smtp_ehlo *offer = session->ehlo_tls != NULL ? session->ehlo_tls : session->ehlo;
    if (smtp_session_is_greeted(session)) {
        banner_judge_ehlo(judge, offer);
    }
}

/* ---- all replies */

static const char *entry_name(const struct smtp_entry *entry)
{
    return entry->verb == SMTP_VERB_GREETING ? "greeting" : smtp_verb_name(entry->verb);
}

/* RFC 5321 4.3.2: the one code of success that these have, and the one reply to RSET. 3xx asks for
 * more, which none of our commands has. NULL: the code may be. */
static const char *code_fault(const struct smtp_entry *entry)
{
    bool is_plain = entry->verb == SMTP_VERB_EHLO || entry->verb == SMTP_VERB_HELO ||
                    entry->verb == SMTP_VERB_MAIL;
    if (entry->outcome != SMTP_ANSWERED || entry->verb < SMTP_VERB_EHLO ||
        entry->verb == SMTP_VERB_QUIT || entry->code == DONE || entry->code == NOT_AVAILABLE) {
        return NULL;
    }
    if ((is_plain && entry->code / 100 == 2) || entry->verb == SMTP_VERB_RSET) {
        return " where 250 is due";
    }
    return entry->code / 100 == 3 ? ", which is no reply to it" : NULL;
}

static void judge_forms_of(const struct banner_judge *judge, const struct banner_part *part,
                           unsigned *seen)
{
    const struct smtp_session *session = part->session;
    for (size_t i = 0; i < session->entry_count; i++) {
        const struct smtp_entry *entry = &session->entries[i];
        unsigned fresh = entry->outcome == SMTP_ANSWERED ? entry->deviations & ~*seen : 0;
        *seen |= fresh;
        bool is_again = part->lead > 0 && (entry->step == SMTP_NO_STEP || entry->step < part->lead);
        const char *fault = is_again ? NULL : code_fault(entry);
        if (fault != NULL) {
            banner_judge_add(judge, BANNER_F_REPLY_FORM, "reply to %s: the code %u%s",
                             entry_name(entry), entry->code, fault);
        }
        for (; fresh != 0; fresh &= fresh - 1) {
            banner_judge_add(judge, BANNER_F_REPLY_FORM, "reply to %s: %s", entry_name(entry),
                             smtp_deviation_text(fresh));
        }
        if (entry->verb == SMTP_VERB_UNSOLICITED && entry->code != NOT_AVAILABLE) {
            banner_judge_add(judge, BANNER_F_UNSOLICITED, "the server speaks out of turn: %s",
                             smtp_show_reply(judge->report, entry));
        }
    }
}

static void judge_forms(const struct banner_judge *judge)
{
    unsigned seen = 0;
    for (size_t i = 0; i < judge->address->part_count; i++) {
        judge_forms_of(judge, &judge->address->parts[i], &seen);
    }
}

/* ---- time */

static bool state_of(const struct banner_limit *limit, double seconds, enum state *state,
                     const struct range **range)
{
    if (isnan(seconds)) {
        return false;
    }
    *state = range_alerts(&limit->critical, seconds) ? STATE_CRITICAL : STATE_WARNING;
    *range = *state == STATE_CRITICAL ? &limit->critical : &limit->warning;
    return *state == STATE_CRITICAL || range_alerts(&limit->warning, seconds);
}

static void judge_stage(const struct banner_judge *judge, enum banner_stage stage, double seconds)
{
    enum state state;
    const struct range *range;
    struct text text;
    if (!state_of(&judge->plan->limits[stage], seconds, &state, &range)) {
        return;
    }
    text_init(&text, RANGE_TEXT);
    range_print(range, &text);
    const char *word = state == STATE_CRITICAL ? "critical" : "warning";
    if (stage == BANNER_STAGE_BANNER) {
        banner_judge_add_as(judge, BANNER_F_SLOW, state,
                            "the greeting took %.3f s (%s threshold: %s)", seconds, word,
                            text.start);
    } else if (stage == BANNER_STAGE_TOTAL) {
        report_add_as(judge->report, BANNER_F_STAGE_SLOW, state, judge->report->target,
                      "the whole check took %.3f s (%s threshold: %s)", seconds, word, text.start);
    } else {
        banner_judge_add_as(judge, BANNER_F_STAGE_SLOW, state, "%s took %.3f s (%s threshold: %s)",
                            banner_stage_name(stage), seconds, word, text.start);
    }
    text_release(&text);
}

static double ehlo_seconds(const struct smtp_session *session)
{
    double seconds = smtp_show_seconds(session, SMTP_VERB_HELO);
    return isnan(seconds) ? smtp_show_seconds(session, SMTP_VERB_EHLO) : seconds;
}

static void judge_times(const struct banner_judge *judge)
{
    const struct smtp_session *session = judge->address->session;
    judge_stage(judge, BANNER_STAGE_CONNECT, smtp_show_seconds(session, SMTP_VERB_CONNECT));
    if (banner_greeting(session) != NULL) {
        judge_stage(judge, BANNER_STAGE_BANNER, smtp_show_seconds(session, SMTP_VERB_GREETING));
    }
    judge_stage(judge, BANNER_STAGE_EHLO, ehlo_seconds(session));
    judge_stage(judge, BANNER_STAGE_QUIT, smtp_show_seconds(session, SMTP_VERB_QUIT));
}

/* Never more than a note. */
static void judge_quit(const struct banner_judge *judge)
{
    const struct smtp_entry *quit = smtp_session_find(judge->address->session, SMTP_VERB_QUIT);
    if (quit == NULL || (quit->outcome == SMTP_ANSWERED && quit->code == CLOSING)) {
        return;
    }
    const char *how = quit->outcome == SMTP_SILENT  ? "QUIT is not answered"
                      : quit->outcome == SMTP_ENDED ? "the connection ends without a reply to QUIT"
                                                    : "QUIT is not answered with 221";
    const char *reply = smtp_show_reply(judge->report, quit);
    report_add(judge->report, BANNER_F_QUIT, judge->address->subject, "%s%s%s", how,
               reply[0] != '\0' ? ": " : "", reply);
}

static void judge_conversation(const struct banner_judge *judge)
{
    if (judge_connect(judge) || judge_handshake(judge)) {
        return;
    }
    const char *header = smtp_show_own_header(judge->report, judge->address->session);
    judge_times(judge);
    if (header != NULL) {
        report_add(judge->report, BANNER_F_LOCAL, judge->address->subject, "%s", header);
        return;
    }
    judge_forms(judge);
    if (judge_greeting(judge)) {
        return;
    }
    judge_dialogue(judge);
    banner_judge_names(judge);
    banner_judge_asks(judge);
    judge_quit(judge);
}

static void judge_address(const struct banner_judge *judge)
{
    size_t from = judge->report->finding_count;
    judge_conversation(judge);
    add_words(judge->report, from, banner_greeting(judge->address->session));
}

/* ---- the addresses of the host */

static void judge_question(const struct banner_facts *facts, const struct plugin_common *common,
                           const struct dns_answer *answer, struct report *report)
{
    char type[12];
    if (answer == NULL || dns_status_is_answer(answer->status)) {
        return;
    }
    if (dns_answer_is_settled(answer)) {
        report_add(report, BANNER_F_DNS_ERROR, facts->targets->host, "%s for the question %s %s",
                   dns_status_name(answer->status), answer->name,
                   dns_type_name(answer->type, type));
    } else {
        report_add_as(report, BANNER_F_DNS_ERROR, common->timeout_result, facts->targets->host,
                      "no answer in time to the question %s %s", answer->name,
                      dns_type_name(answer->type, type));
    }
}

static void judge_host(const struct banner_facts *facts, const struct plugin_common *common,
                       struct report *report)
{
    const struct smtp_targets *targets = facts->targets;
    const struct dns_answer *answers[] = {targets->a, targets->aaaa};
    bool is_known = true;
    for (size_t i = 0; i < 2; i++) {
        judge_question(facts, common, answers[i], report);
        is_known = is_known && (answers[i] == NULL || dns_status_is_answer(answers[i]->status));
    }
    if (targets->count == 0 && is_known) {
        const struct dns_answer *one = targets->a != NULL ? targets->a : targets->aaaa;
        bool is_gone = one != NULL && one->status == DNS_NXDOMAIN;
        report_add(report, BANNER_F_NO_ADDRESS, targets->host, "the name %s%s",
                   is_gone ? "does not exist (NXDOMAIN)" : "has no ",
                   is_gone ? "" : smtp_targets_lacking(common));
    }
    if (targets->omitted > 0) {
        report_add(report, BANNER_F_MANY_ADDRESSES, targets->host,
                   "%zu of %zu addresses were not asked", targets->omitted,
                   targets->omitted + targets->count);
    }
}

/* ---- figures */

static double worse(double a, double b, bool more_is_worse)
{
    if (isnan(a) || isnan(b)) {
        return isnan(a) ? b : a;
    }
    return (a > b) == more_is_worse ? a : b;
}

static double ptr_ok(const struct banner_names *names)
{
    double value = 0;
    if (names->ptr == NULL || !dns_status_is_answer(names->ptr->status)) {
        return (double)NAN;
    }
    for (size_t i = 0; i < names->count; i++) {
        if (names->list[i].confirmation == BANNER_CONFIRMED) {
            return 1;
        }
        value = names->list[i].confirmation == BANNER_UNKNOWN ? (double)NAN : value;
    }
    return value;
}

static void figures_of(const struct banner_address *address, double values[BANNER_METRICS])
{
    const struct smtp_session *session = address->session;
    const struct smtp_ehlo *ehlo = session->ehlo_tls != NULL ? session->ehlo_tls : session->ehlo;
    uint64_t octets;
    bool has_size = false;
    values[BANNER_M_TIME] = (double)NAN;
    values[BANNER_M_CONNECT] = smtp_show_seconds(session, SMTP_VERB_CONNECT);
    values[BANNER_M_BANNER] = smtp_show_seconds(session, SMTP_VERB_GREETING);
    values[BANNER_M_EHLO] = ehlo_seconds(session);
    values[BANNER_M_QUIT] = smtp_show_seconds(session, SMTP_VERB_QUIT);
    values[BANNER_M_EXTENSIONS] = (double)NAN;
    values[BANNER_M_SIZE] = (double)NAN;
    if (ehlo != NULL) {
        enum smtp_size kind = smtp_ehlo_size(ehlo, &octets);
        has_size = kind == SMTP_SIZE_LIMITED || kind == SMTP_SIZE_UNLIMITED;
        values[BANNER_M_EXTENSIONS] = (double)(ehlo->count + ehlo->omitted);
        values[BANNER_M_SIZE] = has_size ? (double)octets : (double)NAN;
    }
    values[BANNER_M_PTR_OK] = ptr_ok(&address->names);
}

static void judge_figures(const struct banner_config *config, const struct banner_plan *plan,
                          const struct banner_facts *facts, struct report *report)
{
    static const enum banner_stage stages[BANNER_M_QUIT + 1] = {
        [BANNER_M_TIME] = BANNER_STAGE_TOTAL,    [BANNER_M_CONNECT] = BANNER_STAGE_CONNECT,
        [BANNER_M_BANNER] = BANNER_STAGE_BANNER, [BANNER_M_EHLO] = BANNER_STAGE_EHLO,
        [BANNER_M_QUIT] = BANNER_STAGE_QUIT,
    };
    double worst[BANNER_METRICS];
    double values[BANNER_METRICS];
    for (size_t metric = 0; metric < BANNER_METRICS; metric++) {
        worst[metric] = (double)NAN;
    }
    for (size_t i = 0; i < facts->count; i++) {
        figures_of(&facts->addresses[i], values);
        for (size_t metric = 0; metric < BANNER_METRICS; metric++) {
            worst[metric] = worse(worst[metric], values[metric], metric <= BANNER_M_QUIT);
        }
    }
    worst[BANNER_M_TIME] = facts->seconds;
    for (size_t metric = 0; metric < BANNER_METRICS; metric++) {
        report_metric(report, metric, worst[metric]);
        if (metric <= BANNER_M_QUIT) {
            const struct banner_limit *limit = &plan->limits[stages[metric]];
            report_metric_bounds(report, metric, &limit->warning, &limit->critical);
        }
    }
    report_metric_bounds(report, BANNER_M_SIZE, &config->size_warning, &config->size_critical);
    report_metric_limits(report, BANNER_M_PTR_OK, 0, 1);
}

/* ---- the whole */

static void summarize(const struct banner_config *config, const struct banner_facts *facts,
                      struct report *report)
{
    const struct smtp_targets *targets = facts->targets;
    size_t greeting_count = 0;
    const struct banner_address *first = NULL;
    report_target(report, "%s", targets->host[0] != '\0' ? targets->host : config->smtp.host);
    for (size_t i = 0; i < facts->count; i++) {
        if (banner_greeting(facts->addresses[i].session) != NULL) {
            first = first == NULL ? &facts->addresses[i] : first;
            greeting_count++;
        }
    }
    if (first == NULL) {
        report_summary(report, "%s: no server greets", report->target);
        return;
    }
    const struct smtp_entry *greeting = banner_greeting(first->session);
    const char *others = facts->count > 1 ? arena_format(report->arena, " (%zu of %zu addresses)",
                                                         greeting_count, facts->count)
                                          : "";
    report_summary(report, "%s: %s%s", first->subject, smtp_show_reply(report, greeting), others);
}

void banner_judge(const struct banner_config *config, const struct banner_plan *plan,
                  const struct plugin_common *common, const struct banner_facts *facts,
                  struct report *report)
{
    struct banner_judge judge = {
        .config = config,
        .plan = plan,
        .common = common,
        .facts = facts,
        .report = report,
    };
    summarize(config, facts, report);
    judge_host(facts, common, report);
    for (size_t i = 0; i < facts->count; i++) {
        judge.address = &facts->addresses[i];
        judge_address(&judge);
    }
    judge_stage(&judge, BANNER_STAGE_TOTAL, facts->seconds);
    judge_figures(config, plan, facts, report);
}
