#include "bounces.h"

#define ROW(index, name, state_word, title_text, why_text, fix_text, reference_text)               \
    [index] = {                                                                                    \
        .id = "bounces." name,                                                                     \
        .state = STATE_##state_word,                                                               \
        .title = title_text,                                                                       \
        .why = why_text,                                                                           \
        .fix = fix_text,                                                                           \
        .reference = reference_text,                                                               \
    }

const struct finding_definition bounces_findings[BOUNCES_FINDINGS] = {
    ROW(BOUNCES_F_RATE, "rate", WARNING, "too much of the mail that was sent came back",
        "Providers judge a sender by its bounces: a high rate leads to blocks of good mail, too.",
        "Look at the causes with -v: clean the address list for recipient, ask for removal from "
        "the list that is named for blocked, send slower for rate",
        "-w, -c"),
    ROW(BOUNCES_F_LIMIT, "limit", WARNING, "a figure has reached its limit",
        "The limit was set because this cause matters here.",
        "Look at the replies with -v; --limit sets the figure", "--limit"),
    ROW(BOUNCES_F_BLOCKLISTED, "blocklisted", OK, "a refusal names a blocklist",
        "Mail to everybody who asks that list is refused.",
        "Look the address up with check_dnsbl, find what was sent, then ask the list for removal",
        "RFC 5782 2"),
    ROW(BOUNCES_F_FEW_MAILS, "few-mails", OK, "too few mails for a verdict on the rate",
        "One bounce of five is no alarm.", "Nothing; --min-mails and --window set the sample",
        "--min-mails"),
    ROW(BOUNCES_F_NO_MAILS, "no-mails", OK, "no mail was sent in the window",
        "Where mail is sent all day, silence is a sign that the server stands still.",
        "Where silence is not normal: --severity bounces.no-mails=warning", "--window"),
    ROW(BOUNCES_F_OLD_LINES, "old-lines", OK, "lines are older than the window",
        "They were read and not counted.", "Nothing, or a longer --window", "--window"),
    ROW(BOUNCES_F_UNKNOWN_FORMAT, "unknown-format", UNKNOWN,
        "the log is not that of a mail server that is known",
        "Nothing in it can be counted: the figures say nothing about mail.",
        "Give the log in which the server writes its deliveries (mail.log, maillog, mainlog)",
        "--log"),
    ROW(BOUNCES_F_LOG_MISSING, "log-missing", UNKNOWN, "there is no such log",
        "What was sent cannot be counted.",
        "Give the log that the server writes; on a system without log files use --journal",
        "--log"),
    ROW(BOUNCES_F_PERMISSION, "permission", UNKNOWN, "the log may not be read",
        "What was sent cannot be counted.",
        "Add the user of the monitoring to the group adm, for the journal to systemd-journal",
        "--log"),
    ROW(BOUNCES_F_LOG_UNREADABLE, "log-unreadable", UNKNOWN, "the log cannot be read",
        "What was sent cannot be counted.",
        "Give a regular file; look at its disk when reading fails", "--log"),
    ROW(BOUNCES_F_MAILBOX_MISSING, "mailbox-missing", UNKNOWN, "there is no such mailbox",
        "What came back cannot be counted.",
        "Give a Maildir (a folder with new and cur), an mbox, or a file with one message",
        "--maildir"),
    ROW(BOUNCES_F_MAILBOX_UNREADABLE, "mailbox-unreadable", UNKNOWN, "the mailbox cannot be read",
        "What came back cannot be counted.",
        "Let the user of the monitoring read it (group mail, or setfacl -R -m u:nagios:rX); give a "
        "Maildir to --maildir, an mbox to --mbox",
        "--maildir"),
    ROW(BOUNCES_F_MESSAGE_UNREADABLE, "message-unreadable", WARNING,
        "messages of a mailbox could not be read", "What they say is missing in the figures.",
        "Let the user of the monitoring read all its files (setfacl -R -m u:nagios:rX, and a "
        "default ACL for new ones)",
        "--maildir"),
    ROW(BOUNCES_F_MESSAGE_CUT, "message-cut", OK, "a message was read in part",
        "What a mail server says stands at the start of a bounce; the rest is the mail that came "
        "back. Of a message 1 MB is read, of a line 64 KB, and 1000 recipients.",
        "Nothing, unless figures are missing: then let the mail server return headers only "
        "(RET=HDRS, or Postfix: bounce_size_limit)",
        "RFC 3461 4.3"),
    ROW(BOUNCES_F_JOURNAL_MISSING, "journal-missing", UNKNOWN,
        "the journal cannot be read by this program", "What was sent cannot be counted.",
        "Install a build with libsystemd, or let rsyslog write a file and use --log", "--journal"),
    ROW(BOUNCES_F_COPIED, "copied", OK, "the log was copied and emptied",
        "What the server writes between copy and emptying is lost by this way of rotating.",
        "Rotate by renaming (logrotate without copytruncate)", "logrotate(8) copytruncate"),
    ROW(BOUNCES_F_TRUNCATED, "truncated", WARNING, "the log was emptied or replaced",
        "What was written since the last run and before that was not counted.",
        "Rotate the log in place of emptying it, and keep one rotated file", "--log"),
    ROW(BOUNCES_F_ROTATED_LOST, "rotated-lost", WARNING,
        "the log was rotated and the old file is gone",
        "What was written to it since the last run was not counted.",
        "Keep the rotated file beside the log until the next run (logrotate: rotate 2, no olddir)",
        "--log"),
    ROW(BOUNCES_F_LONG_LINE, "long-line", OK, "a line of the log is longer than 64 KB",
        "No mail server writes such lines.", "Look what writes into this log", "--log"),
    ROW(BOUNCES_F_BACKLOG, "backlog", UNKNOWN, "the log could not be read to its end in time",
        "The figures lack the newest lines.", "Run the check more often, or give it more time (-t)",
        "-t"),
    ROW(BOUNCES_F_FIRST_RUN, "first-run", OK, "there was no state file",
        "Nothing is known of the time before this run.",
        "Nothing at the first run; later: look what removes the file", "--state-file"),
    ROW(BOUNCES_F_STATE_CORRUPT, "state-corrupt", WARNING,
        "the state file could not be understood and was set aside",
        "The counts of the window and the place in the log are lost: counting begins anew.",
        "Look at the file that was set aside, and at the disk", "--state-file"),
    ROW(BOUNCES_F_STATE_FILE, "state-file", UNKNOWN, "the state file cannot be used",
        "Where the last run ended is not known, or this run cannot be remembered.",
        "Let the user of the monitoring write the file and its folder", "--state-file"),
    ROW(BOUNCES_F_LOCKED, "locked", UNKNOWN, "another run holds the state file",
        "Two runs at a time would count twice.",
        "Give each check a state file of its own; look for a run that hangs", "--state-file"),
};

#define GROUP(index, label_text)                                                                   \
    [index] = {label_text, "", 0, "refusals of the group " label_text ", bounces and deferrals"}

const struct metric_definition bounces_metrics[BOUNCES_METRICS] = {
    [BOUNCES_M_DELIVERED] = {"delivered",    "",  0, "recipients that were delivered to"                },
    [BOUNCES_M_BOUNCED] = {"bounced",      "",  0, "recipients that failed for good"                  },
    [BOUNCES_M_EXPIRED] = {"expired",      "",  0, "recipients whose mail was returned after its time"},
    [BOUNCES_M_DEFERRED] = {"deferred",     "",  0,
                             "recipients that were deferred, each message counted once"                 },
    [BOUNCES_M_RATE] = {"rate",         "%", 2, "share of mail that bounced or expired"            },
    [BOUNCES_M_COMPLAINTS] = {"complaints",   "",  0, "complaints of recipients (feedback reports)"      },
    GROUP(BOUNCES_M_RECIPIENT, "recipient"),
    GROUP(BOUNCES_M_FULL, "full"),
    [BOUNCES_M_LIMITED] = {"rate_limited", "",  0,
                             "refusals of the group rate, bounces and deferrals"                        },
    GROUP(BOUNCES_M_GREY, "grey"),
    GROUP(BOUNCES_M_BLOCKED, "blocked"),
    GROUP(BOUNCES_M_SIZE, "size"),
    GROUP(BOUNCES_M_TRANSIENT, "transient"),
    GROUP(BOUNCES_M_CONFIG, "config"),
    GROUP(BOUNCES_M_UNKNOWN, "unknown"),
    [BOUNCES_M_TIME] = {"time",         "s", 3, "duration of the check"                            },
};
