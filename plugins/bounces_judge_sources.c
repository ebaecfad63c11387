#include "base/plural.h"
#include "bounces.h"

/* So many lines without one of a mail server are no accident. */
#define LINES_TO_KNOW 100

static void judge_forbidden(const struct bounces_judge *judge, const struct bounces_source *source)
{
    struct report *report = judge->report;
    struct finding *finding = report_add(
        report, BOUNCES_F_PERMISSION, source->name, "it may not be read (the group %s may): %s",
        source->is_journal ? "systemd-journal" : "adm", source->trouble);
    report_fix(report, finding,
               "Add the user of the monitoring to the group %s (usermod -aG %s nagios) and start "
               "the agent anew",
               source->is_journal ? "systemd-journal" : "adm",
               source->is_journal ? "systemd-journal" : "adm");
}

/* The same for messages. */
static void judge_mailbox(const struct bounces_judge *judge, const struct bounces_source *source)
{
    struct report *report = judge->report;

    if (source->status == BOUNCES_SOURCE_MISSING)
        report_add(report, BOUNCES_F_MAILBOX_MISSING, source->name, "there is no such %s: %s",
                   source->noun, source->trouble);
    else if (source->status != BOUNCES_SOURCE_READ)
        report_add(report, BOUNCES_F_MAILBOX_UNREADABLE, source->name, "it cannot be read: %s",
                   source->trouble);
    if (source->unread > 0)
        report_add(report, BOUNCES_F_MESSAGE_UNREADABLE, source->name,
                   "%llu of its messages could not be read", (unsigned long long)source->unread);
    if (source->cut > 0)
        report_add(report, BOUNCES_F_MESSAGE_CUT, source->name,
                   "%llu message%s read in part: larger than 1 MB, a line over 64 KB, or more than "
                   "1000 recipients",
                   (unsigned long long)source->cut, plural(source->cut, " was", "s were"));
}

static void judge_status(const struct bounces_judge *judge, const struct bounces_source *source)
{
    struct report *report = judge->report;
    switch (source->status) {
    case BOUNCES_SOURCE_READ:
        break;
    case BOUNCES_SOURCE_MISSING:
        report_add(report, BOUNCES_F_LOG_MISSING, source->name, "%s",
                   source->is_journal ? "it has no entry of mail" : "there is no such log");
        break;
    case BOUNCES_SOURCE_FORBIDDEN:
        judge_forbidden(judge, source);
        break;
    case BOUNCES_SOURCE_NO_FILE:
    case BOUNCES_SOURCE_BROKEN:
        report_add(report, BOUNCES_F_LOG_UNREADABLE, source->name, "it cannot be read: %s",
                   source->trouble);
        break;
    case BOUNCES_SOURCE_NOT_BUILT:
        report_add(report, BOUNCES_F_JOURNAL_MISSING, source->name,
                   "this program was built without libsystemd and cannot read the journal");
        break;
    }
}

/* journald deletes by size and age; there is no file beside it. */
static void judge_vacuumed(const struct bounces_judge *judge, const struct bounces_source *source)
{
    struct finding *finding =
        report_add(judge->report, BOUNCES_F_ROTATED_LOST, source->name,
                   "the entry that was read last is deleted; entries behind it may be, too");
    report_fix(judge->report, finding,
               "Let journald keep more (SystemMaxUse= and MaxRetentionSec= of journald.conf), or "
               "run the check more often");
}

static void judge_rotation(const struct bounces_judge *judge, const struct bounces_source *source)
{
    struct report *report = judge->report;
    if (source->is_copied)
        report_add(report, BOUNCES_F_COPIED, source->name,
                   "it was copied and emptied; the copy was read to its end");
    if (source->is_truncated)
        report_add(report, BOUNCES_F_TRUNCATED, source->name,
                   "it was emptied or replaced, and no copy of what it held was found; it is read "
                   "from its start");
    if (source->is_lost && source->is_journal)
        judge_vacuumed(judge, source);
    else if (source->is_lost)
        report_add(report, BOUNCES_F_ROTATED_LOST, source->name,
                   "it was rotated, and the file that was read before is not to be found; lines "
                   "may be missing");
}

/* Of a log its octets are known; how many messages or entries are left nobody has counted. */
static const char *rest_of(const struct bounces_judge *judge, const struct bounces_source *source)
{
    if (source->is_journal || source->noun != NULL)
        return "a part";
    return arena_format(judge->facts->arena, "%lld octet%s", (long long)source->left,
                        plural((uint64_t)source->left, "", "s"));
}

static void judge_reading(const struct bounces_judge *judge, const struct bounces_source *source)
{
    struct report *report = judge->report;
    bool is_whole = judge->config->state_file == NULL && source->lines > 0;
    if (source->left > 0)
        report_add_as(report, BOUNCES_F_BACKLOG, judge->common->timeout_result, source->name,
                      "the time was up with %s of it unread%s", rest_of(judge, source),
                      judge->config->state_file == NULL ? "" : "; the next run goes on there");
    if (source->long_lines > 0)
        report_add(report, BOUNCES_F_LONG_LINE, source->name,
                   "%llu line%s longer than 64 KB and cut", (unsigned long long)source->long_lines,
                   plural(source->long_lines, " is", "s are"));
    if (!source->is_known && source->status == BOUNCES_SOURCE_READ &&
        (is_whole || source->lines >= LINES_TO_KNOW))
        report_add(report, BOUNCES_F_UNKNOWN_FORMAT, source->name,
                   "none of its lines is of a mail server that is known (%llu read)",
                   (unsigned long long)source->lines);
}

static void judge_state(const struct bounces_judge *judge)
{
    const struct bounces_facts *facts = judge->facts;
    const char *path = judge->config->state_file;
    struct report *report = judge->report;
    switch (facts->state_trouble) {
    case BOUNCES_STATE_GOOD:
        break;
    case BOUNCES_STATE_FIRST:
        if (facts->has_logs)
            report_add(report, BOUNCES_F_FIRST_RUN, path, "%s: logs are read from their %s on",
                       facts->state_message, judge->config->from_start ? "start" : "end");
        else
            report_add(report, BOUNCES_F_FIRST_RUN, path, "%s: all messages are new",
                       facts->state_message);
        break;
    case BOUNCES_STATE_CORRUPT:
        report_add(report, BOUNCES_F_STATE_CORRUPT, NULL, "%s", facts->state_message);
        break;
    case BOUNCES_STATE_UNUSABLE:
        report_add(report, BOUNCES_F_STATE_FILE, path, "%s", facts->state_message);
        break;
    case BOUNCES_STATE_LOCKED:
        report_add_as(report, BOUNCES_F_LOCKED, judge->common->timeout_result, path, "%s",
                      facts->state_message);
        break;
    }
}

void bounces_judge_sources(const struct bounces_judge *judge)
{
    judge_state(judge);
    for (size_t i = 0; i < judge->facts->source_count; i++) {
        const struct bounces_source *source = &judge->facts->sources[i];
        if (source->noun != NULL)
            judge_mailbox(judge, source);
        else
            judge_status(judge, source);
        judge_rotation(judge, source);
        judge_reading(judge, source);
    }
}
