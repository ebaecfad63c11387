#include <math.h>
#include <string.h>
#include <time.h>

#include "base/plural.h"
#include "recipient.h"
#include "smtp_show.h"

struct judge {
    const struct recipient_config *config;
    const struct recipient_facts *facts;
    struct report *report;
    bool is_counted; /* -w or -c: single addresses are notes */
    bool expects_reject;
    size_t bad, deliverable, deferred, unknown;
};

/* What -w and -c count. */
static void add_bad(struct judge *judge, enum recipient_finding finding, const char *subject,
                    const char *text)
{
    judge->bad++;
    if (judge->is_counted)
        report_add_as(judge->report, finding, STATE_OK, subject, "%s", text);
    else
        report_add(judge->report, finding, subject, "%s", text);
}

/* A lasting refusal, by whomever: as it must be with --expect reject. */
static void add_negative(struct judge *judge, enum recipient_finding finding, const char *subject,
                         const char *text)
{
    if (!judge->expects_reject)
        add_bad(judge, finding, subject, text);
}

static const char *words_of(const struct judge *judge, const struct recipient_probe *probe)
{
    const struct smtp_entry *entry = probe->reply.entry;
    const char *words = "";

    if (entry != NULL && entry->outcome == SMTP_ANSWERED) {
        words = arena_format(judge->facts->arena, "%s (%s) says%s: %s", probe->host,
                             probe->target->text, entry->verb == SMTP_VERB_DATA ? " to DATA" : "",
                             smtp_show_reply(judge->report, entry));
        return probe->is_remembered ? arena_format(judge->facts->arena, "%s, %lld s ago", words,
                                                   (long long)probe->age)
                                    : words;
    }
    if (probe->session != NULL)
        words = smtp_show_failure(judge->report, probe->session);
    return arena_format(judge->facts->arena, "%s (%s): %s", probe->host, probe->target->text,
                        words[0] != '\0' ? words : "no reply");
}

/* ---- the domain */

static const char *dns_words(const struct judge *judge, const struct recipient_domain *domain)
{
    const struct exchangers *exchangers = &domain->exchangers;

    if (exchangers->status == EXCHANGERS_PENDING || exchangers->status == EXCHANGERS_FAILED)
        return arena_format(judge->facts->arena, "MX of %s: %s", domain->name,
                            dns_status_name(exchangers->mx->status));
    for (size_t i = 0; i < exchangers->count; i++) {
        const struct exchanger *exchanger = &exchangers->list[i];
        const struct dns_answer *answer =
            exchanger->a == NULL || dns_status_is_answer(exchanger->a->status) ? exchanger->aaaa
                                                                               : exchanger->a;

        if (!exchanger->is_null && !exchanger->is_resolved && answer != NULL)
            return arena_format(judge->facts->arena, "addresses of %s: %s", exchanger->host,
                                dns_status_name(answer->status));
    }
    return "no answer";
}

/* True when the domain decides alone. */
static bool judge_domain(struct judge *judge, const struct recipient *recipient)
{
    const struct recipient_domain *domain = recipient->domain;
    struct arena *arena = judge->facts->arena;

    if (recipient_verdict_is_nobodys(recipient))
        add_negative(judge, RECIPIENT_F_NO_ADDRESS, recipient->text,
                     arena_format(arena, "no mail can go to %s", domain->name));
    if (domain->is_literal)
        return recipient_verdict_is_nobodys(recipient);
    switch (domain->exchangers.status) {
    case EXCHANGERS_NO_DOMAIN:
        add_negative(judge, RECIPIENT_F_NO_DOMAIN, recipient->text,
                     arena_format(arena, "the domain %s does not exist", domain->name));
        return true;
    case EXCHANGERS_NULL:
        add_negative(judge, RECIPIENT_F_NULL_MX, recipient->text,
                     arena_format(arena, "%s takes no mail: its MX is null", domain->name));
        return true;
    case EXCHANGERS_NO_ADDRESS:
        if (domain->is_of_one_family)
            break;
        add_negative(
            judge, RECIPIENT_F_NO_ADDRESS, recipient->text,
            arena_format(arena, "%s has neither an MX record nor an address", domain->name));
        return true;
    default:
        break;
    }
    if (recipient_verdict_has_no_route(domain)) {
        add_negative(judge, RECIPIENT_F_NO_ADDRESS, recipient->text,
                     arena_format(arena, "no exchanger of %s has an address that mail can go to",
                                  domain->name));
        return true;
    }
    if (domain->route_count > 0)
        return false;
    if (!recipient_verdict_is_unresolved(domain)) {
        judge->unknown++;
        report_add(judge->report, RECIPIENT_F_UNASKED, recipient->text,
                   "not asked: no exchanger of %s has an address that -4 or -6 leave",
                   domain->name);
        return true;
    }
    judge->unknown++;
    report_add(judge->report, RECIPIENT_F_DNS_ERROR, recipient->text, "%s",
               dns_words(judge, domain));
    return true;
}

/* ---- who was not asked, or in vain */

/* Another address of the host was asked, and is dead. */
static bool is_dead_elsewhere(const struct recipient_domain *domain,
                              const struct recipient_probe *probe)
{
    for (size_t i = 0; i < domain->dead_count; i++) {
        if (domain->dead[i].reply.answer == RECIPIENT_UNREACHABLE &&
            strcmp(domain->dead[i].host, probe->host) == 0)
            return true;
    }
    return false;
}

/* What is not known of one server may be better than what is bad of another. Of a server with two
 * addresses, of which we can reach one, that one tells. */
static const struct recipient_probe *decisive(const struct recipient_domain *domain,
                                              enum recipient_answer *answer)
{
    static const enum recipient_answer order[] = {RECIPIENT_UNASKED, RECIPIENT_OURS,
                                                  RECIPIENT_UNREACHABLE};

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        for (size_t k = 0; k < domain->dead_count; k++) {
            *answer = order[i];
            if (domain->dead[k].reply.answer == order[i] &&
                !(order[i] == RECIPIENT_OURS && is_dead_elsewhere(domain, &domain->dead[k])))
                return &domain->dead[k];
        }
    }
    *answer = RECIPIENT_UNASKED;
    return NULL;
}

static void judge_unasked(struct judge *judge, const struct recipient *recipient)
{
    const struct recipient_domain *domain = recipient->domain;
    enum recipient_answer answer;
    const struct recipient_probe *probe = decisive(domain, &answer);
    bool is_over = domain->route < domain->route_count;

    judge->unknown++;
    if (domain->is_stopped)
        report_add(judge->report, RECIPIENT_F_UNASKED, recipient->text,
                   "not asked: the server refused us before");
    else if (domain->is_at_limit)
        report_add(judge->report, RECIPIENT_F_UNASKED, recipient->text,
                   "not asked: its server had %ld connections in ten minutes, the most that "
                   "--max-connections allows; a later run asks",
                   judge->config->most_connections);
    else if (domain->is_taken)
        report_add(judge->report, RECIPIENT_F_UNASKED, recipient->text,
                   "not asked: another run of the check talks to its server; a later run asks");
    else if (probe == NULL && domain->route_count == 0)
        report_add(judge->report, RECIPIENT_F_UNASKED, recipient->text,
                   "not asked: there is no address to connect to that -4, -6 leave");
    else if (is_over || probe == NULL || answer == RECIPIENT_UNASKED)
        report_add(judge->report, RECIPIENT_F_UNASKED, recipient->text, "not asked in time%s%s",
                   domain->dead_count > 0 ? "; " : "",
                   domain->dead_count > 0 ? words_of(judge, &domain->dead[0]) : "");
    else if (answer == RECIPIENT_UNREACHABLE && recipient_verdict_is_unresolved(domain))
        report_add(judge->report, RECIPIENT_F_DNS_ERROR, recipient->text, "%s; %s",
                   dns_words(judge, domain), words_of(judge, probe));
    else
        report_add(judge->report,
                   answer == RECIPIENT_OURS ? RECIPIENT_F_OWN_TROUBLE : RECIPIENT_F_UNREACHABLE,
                   recipient->text, "%s%s", words_of(judge, probe),
                   domain->dead_count > 1
                       ? arena_format(judge->facts->arena, ", and %zu more addresses",
                                      domain->dead_count - 1)
                       : "");
}

/* ---- who was */

static const char *clock_text(struct arena *arena, int64_t wall)
{
    time_t seconds = (time_t)wall;
    struct tm utc;
    char text[32] = "?";

    if (gmtime_r(&seconds, &utc) != NULL)
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc);
    return arena_copy(arena, text);
}

static void judge_greylisted(struct judge *judge, const struct recipient *recipient)
{
    const struct recipient_wait *wait = &recipient->wait;
    struct arena *arena = judge->facts->arena;

    judge->deferred++;
    if (recipient->is_waiting)
        report_add_as(judge->report, RECIPIENT_F_GREYLISTED, judge->config->greylist,
                      recipient->text, "greylisted since %s: it is asked again from %s on",
                      clock_text(arena, wait->since), clock_text(arena, wait->due));
    else if (wait->key != NULL)
        report_add_as(judge->report, RECIPIENT_F_GREYLISTED, judge->config->greylist,
                      recipient->text, "greylisted since %s, asked %u times: %s",
                      clock_text(arena, wait->since), wait->count + 1,
                      words_of(judge, &recipient->probe));
    else
        report_add_as(judge->report, RECIPIENT_F_GREYLISTED, judge->config->greylist,
                      recipient->text, "greylisted: %s", words_of(judge, &recipient->probe));
}

static void judge_positive(struct judge *judge, const struct recipient *recipient)
{
    const char *words = words_of(judge, &recipient->probe);
    enum recipient_answer answer = recipient->probe.reply.answer;

    judge->deliverable++;
    if (judge->expects_reject)
        add_bad(judge, RECIPIENT_F_ACCEPTED, recipient->text,
                arena_format(judge->facts->arena, "accepted, and must be refused: %s", words));
    else if (answer == RECIPIENT_FORWARDED)
        report_add(judge->report, RECIPIENT_F_FORWARDED, recipient->text, "%s", words);
    else if (answer == RECIPIENT_UNVERIFIED)
        report_add(judge->report, RECIPIENT_F_UNVERIFIED, recipient->text, "%s", words);
}

/* A mailbox that is full is one. */
static void judge_full(struct judge *judge, const struct recipient *recipient)
{
    const char *words = words_of(judge, &recipient->probe);

    if (judge->expects_reject) {
        add_bad(judge, RECIPIENT_F_ACCEPTED, recipient->text,
                arena_format(judge->facts->arena, "it exists, its mailbox is full: %s", words));
    } else if (recipient->probe.reply.answer == RECIPIENT_FULL) {
        add_bad(judge, RECIPIENT_F_FULL, recipient->text, words);
    } else {
        judge->deferred++;
        report_add(judge->report, RECIPIENT_F_FULL_NOW, recipient->text, "%s", words);
    }
}

static const enum recipient_finding FINDINGS[RECIPIENT_ANSWERS] = {
    [RECIPIENT_NO_SUCH_USER] = RECIPIENT_F_NO_SUCH_USER,
    [RECIPIENT_MOVED] = RECIPIENT_F_MOVED,
    [RECIPIENT_DISABLED] = RECIPIENT_F_DISABLED,
    [RECIPIENT_NO_MAIL] = RECIPIENT_F_NULL_MX,
    [RECIPIENT_REJECTED] = RECIPIENT_F_REJECTED,
    [RECIPIENT_NO_UTF8] = RECIPIENT_F_NO_SMTPUTF8,
    [RECIPIENT_REFUSED_LATE] = RECIPIENT_F_REFUSED_LATE,
    [RECIPIENT_DISK_FULL] = RECIPIENT_F_DISK_FULL,
    [RECIPIENT_TOO_MANY] = RECIPIENT_F_TOO_MANY,
    [RECIPIENT_BEING_VERIFIED] = RECIPIENT_F_BEING_VERIFIED,
    [RECIPIENT_DEFERRED] = RECIPIENT_F_DEFERRED,
    [RECIPIENT_REFUSED_US] = RECIPIENT_F_REFUSED_US,
    [RECIPIENT_SENDER_REFUSED] = RECIPIENT_F_SENDER_REFUSED,
    [RECIPIENT_CLOSING] = RECIPIENT_F_CLOSING,
    [RECIPIENT_UNTOLD] = RECIPIENT_F_UNTOLD,
};

static void judge_asked(struct judge *judge, const struct recipient *recipient)
{
    enum recipient_answer answer = recipient->probe.reply.answer;
    const char *words = words_of(judge, &recipient->probe);

    if (recipient_reply_is_positive(answer)) {
        judge_positive(judge, recipient);
    } else if (answer == RECIPIENT_FULL || answer == RECIPIENT_FULL_NOW) {
        judge_full(judge, recipient);
    } else if (answer == RECIPIENT_NO_UTF8 && recipient->probe.reply.entry == NULL) {
        add_negative(judge, RECIPIENT_F_NO_SMTPUTF8, recipient->text,
                     arena_format(judge->facts->arena, "%s (%s) does not offer SMTPUTF8",
                                  recipient->probe.host, recipient->probe.target->text));
    } else if (recipient_reply_is_negative(answer)) {
        add_negative(judge, FINDINGS[answer], recipient->text, words);
    } else if (answer == RECIPIENT_GREYLISTED) {
        judge_greylisted(judge, recipient);
    } else {
        bool is_deferred = answer == RECIPIENT_TOO_MANY || answer == RECIPIENT_BEING_VERIFIED ||
                           answer == RECIPIENT_DEFERRED || answer == RECIPIENT_DISK_FULL;

        judge->deferred += is_deferred;
        judge->unknown += !is_deferred;
        report_add(judge->report, FINDINGS[answer], recipient->text, "%s", words);
    }
}

static void judge_recipient(struct judge *judge, const struct recipient *recipient)
{
    const struct address *address = &recipient->address;

    if (recipient->domain == NULL)
        add_negative(judge, RECIPIENT_F_SYNTAX, recipient->text,
                     arena_format(judge->facts->arena, "column %zu: %s (%s)", address->column,
                                  address_error_text(address->error),
                                  address_error_section(address->error)));
    else if (judge_domain(judge, recipient))
        return;
    else if (recipient->is_waiting)
        judge_greylisted(judge, recipient);
    else if (!recipient->is_asked)
        judge_unasked(judge, recipient);
    else
        judge_asked(judge, recipient);
}

/* ---- catch-all */

static void judge_control(struct judge *judge, const struct recipient_domain *domain)
{
    const char *nobody =
        domain->control.is_remembered ? domain->control_past.nobody : domain->nobody;
    const struct recipient_reply *reply = &domain->control.reply;
    bool is_known = domain->was_controlled && reply->answer != RECIPIENT_UNASKED;
    bool is_warned = strcmp(judge->config->catch_all, "warn") == 0;

    if (domain->control_target == NULL || strcmp(judge->config->catch_all, "off") == 0)
        return;
    if (is_known && recipient_reply_is_positive(reply->answer))
        report_add_as(judge->report, RECIPIENT_F_CATCH_ALL, is_warned ? STATE_WARNING : STATE_OK,
                      domain->name,
                      "catch-all, unproved: %s@%s, which nobody has, is accepted, too", nobody,
                      domain->name);
    else if (!is_known || !recipient_reply_is_negative(reply->answer))
        report_add(judge->report, RECIPIENT_F_CATCH_ALL_UNKNOWN, domain->name,
                   "whether everything is accepted is not known: %s",
                   is_known              ? words_of(judge, &domain->control)
                   : domain->is_stopped  ? "not asked, for the server refused us before"
                   : domain->is_at_limit ? "--max-connections was reached"
                   : domain->is_taken    ? "another run of the check talks to the server"
                                         : "not asked in time");
}

/* ---- notes */

static bool is_warned_of(const struct recipient_config *config, enum recipient_note note)
{
    for (size_t i = 0; i < config->warn.count; i++) {
        struct slice rest = slice_of(config->warn.values[i]);
        struct slice word;

        while (slice_split(&rest, ',', &word)) {
            if (recipient_notes_parse(slice_trim(word, " ")) == note)
                return true;
        }
    }
    return false;
}

static void judge_notes(const struct judge *judge, const struct recipient *recipient)
{
    static const struct {
        enum recipient_finding finding;
        const char *text;
    } notes[RECIPIENT_NOTES] = {
        [RECIPIENT_NOTE_ROLE] = {RECIPIENT_F_ROLE,       "the address of a role, not of a person"},
        [RECIPIENT_NOTE_DISPOSABLE] = {RECIPIENT_F_DISPOSABLE, "a disposable address"                  },
        [RECIPIENT_NOTE_FREE] = {RECIPIENT_F_FREE,       "an address at a free provider"         },
        [RECIPIENT_NOTE_PLUS_TAG] = {RECIPIENT_F_PLUS_TAG,   "it has a tag behind a plus sign"       },
        [RECIPIENT_NOTE_TYPO] = {RECIPIENT_F_TYPO,       "is this meant: "                       },
    };

    for (size_t i = 0; i < RECIPIENT_NOTES && recipient->domain != NULL; i++) {
        const char *detail;

        if (recipient_notes_hold(judge->facts, recipient, (enum recipient_note)i, &detail))
            report_add_as(judge->report, notes[i].finding,
                          is_warned_of(judge->config, (enum recipient_note)i) ? STATE_WARNING
                                                                              : STATE_OK,
                          recipient->text, "%s%s%s", notes[i].text, detail != NULL ? detail : "",
                          detail != NULL ? "?" : "");
    }
}

/* ---- figures */

static void judge_count(const struct judge *judge, const struct plugin_common *common)
{
    bool is_critical = range_alerts(&common->critical, (double)judge->bad);

    if (!is_critical && !range_alerts(&common->warning, (double)judge->bad))
        return;
    report_add_as(judge->report, RECIPIENT_F_COUNT, is_critical ? STATE_CRITICAL : STATE_WARNING,
                  judge->report->target, "%zu of %zu address%s %s %s", judge->bad,
                  judge->facts->count, plural(judge->facts->count, "", "es"),
                  plural(judge->bad, "is", "are"),
                  judge->expects_reject ? "accepted and must be refused" : "undeliverable");
}

static const struct smtp_entry *rcpt_of(const struct recipient *recipient)
{
    const struct smtp_session *session = recipient->probe.session;
    const struct smtp_entry *entry =
        session != NULL ? smtp_session_find(session, SMTP_VERB_RCPT) : recipient->probe.reply.entry;

    return recipient->is_asked && entry != NULL && entry->verb == SMTP_VERB_RCPT &&
                   entry->outcome == SMTP_ANSWERED
               ? entry
               : NULL;
}

static void give_figures(const struct judge *judge)
{
    const struct recipient_facts *facts = judge->facts;
    struct report *report = judge->report;
    const struct recipient *shown = facts->list;
    double slowest = (double)NAN;

    for (size_t i = facts->count; i-- > 0;) {
        const struct recipient *recipient = &facts->list[i];
        const struct smtp_entry *entry = rcpt_of(recipient);
        enum recipient_verdict verdict = recipient_verdict_of(recipient);

        if (verdict != RECIPIENT_V_DELIVERABLE && verdict != RECIPIENT_V_CATCH_ALL)
            shown = recipient;
        if (entry != NULL && !recipient->probe.is_remembered &&
            !((double)entry->us / 1e6 <= slowest))
            slowest = (double)entry->us / 1e6;
    }
    if (rcpt_of(shown) != NULL)
        report_metric(report, RECIPIENT_M_CODE, rcpt_of(shown)->code);
    report_metric(report, RECIPIENT_M_TIME_RCPT, slowest);
    report_metric(report, RECIPIENT_M_UNDELIVERABLE, (double)judge->bad);
    report_metric(report, RECIPIENT_M_DELIVERABLE, (double)judge->deliverable);
    report_metric(report, RECIPIENT_M_DEFERRED, (double)judge->deferred);
    report_metric(report, RECIPIENT_M_UNKNOWN, (double)judge->unknown);
    report_metric(report, RECIPIENT_M_ADDRESSES, (double)facts->count);
}

static const char *remembered_words(const struct recipient_facts *facts)
{
    size_t count = 0;
    int64_t oldest = 0;

    for (size_t i = 0; i < facts->count; i++) {
        const struct recipient_probe *probe = &facts->list[i].probe;

        count += probe->is_remembered;
        oldest = probe->age > oldest ? probe->age : oldest;
    }
    return count == 0
               ? ""
               : arena_format(facts->arena, ", %zu of them remembered, the oldest %lld s ago",
                              count, (long long)oldest);
}

static void summarize(const struct judge *judge)
{
    const struct recipient_facts *facts = judge->facts;
    const struct recipient *first = facts->list;

    if (facts->count > 1)
        report_summary(judge->report, "%zu addresses: %zu accepted, %zu refused, %zu put off%s",
                       facts->count, judge->deliverable,
                       facts->count - judge->deliverable - judge->deferred - judge->unknown,
                       judge->deferred, remembered_words(facts));
    else if (first->is_asked && first->probe.reply.answer == RECIPIENT_REFUSED_LATE)
        report_summary(judge->report, "%s: accepted at RCPT, refused at DATA: %s", first->text,
                       words_of(judge, &first->probe));
    else if (first->is_asked)
        report_summary(judge->report, "%s: %s: %s", first->text,
                       recipient_verdict_name(recipient_verdict_of(first)),
                       words_of(judge, &first->probe));
    else
        report_summary(judge->report, "%s: %s", first->text,
                       recipient_verdict_name(recipient_verdict_of(first)));
}

void recipient_judge(const struct recipient_config *config, const struct plugin_common *common,
                     const struct recipient_facts *facts, struct report *report)
{
    struct judge judge = {
        .config = config,
        .facts = facts,
        .report = report,
        .is_counted = common->warning.is_set || common->critical.is_set,
        .expects_reject = strcmp(config->expect, "reject") == 0,
    };

    if (facts->count == 1)
        report_target(report, "%s", facts->list[0].text);
    else
        report_target(report, "%zu addresses", facts->count);
    for (size_t i = 0; i < facts->count; i++)
        judge_recipient(&judge, &facts->list[i]);
    for (size_t i = 0; i < facts->count; i++)
        judge_notes(&judge, &facts->list[i]);
    for (size_t i = 0; i < facts->domain_count; i++)
        judge_control(&judge, &facts->domains[i]);
    judge_count(&judge, common);
    if (facts->memory_trouble != NULL)
        report_add(report, RECIPIENT_F_STATE_FILE, "state file", "%s", facts->memory_trouble);
    report_metric_bounds(report, RECIPIENT_M_UNDELIVERABLE, &common->warning, &common->critical);
    give_figures(&judge);
    summarize(&judge);
}
