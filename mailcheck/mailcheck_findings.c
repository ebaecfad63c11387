#include "mailcheck.h"

#define ROW(name, short_id, default_state, text, reason, repair, source)                           \
    [MAILCHECK_F_##name] = {                                                                       \
        .id = "mailcheck." short_id,                                                               \
        .state = STATE_##default_state,                                                            \
        .title = text,                                                                             \
        .why = reason,                                                                             \
        .fix = repair,                                                                             \
        .reference = source,                                                                       \
    }

const struct finding_definition mailcheck_findings[MAILCHECK_FINDINGS] = {
    ROW(CRITICAL, "critical", CRITICAL, "a check found something critical",
        "Mail is lost, refused or exposed now, or will be soon. What it is stands in the finding "
        "of the plugin, whose id is named.",
        "Repair what the plugin names; its --explain tells more", "the finding of the plugin"),
    ROW(WARNING, "warning", WARNING, "a check found something to warn of",
        "Mail still flows, but some receivers may treat it worse, or a reserve is gone. What it is "
        "stands in the finding of the plugin, whose id is named.",
        "Repair what the plugin names; its --explain tells more", "the finding of the plugin"),
    ROW(UNKNOWN, "unknown", UNKNOWN, "a check could not find out",
        "Nothing is known about what it checks.",
        "See what the plugin says: an option of --set or --config is wrong, or it lacked a "
        "resolver, a route, a permission",
        "the finding of the plugin"),
    ROW(NOT_INSTALLED, "not-installed", UNKNOWN, "a plugin is not there",
        "What it checks is not known.",
        "Install the plugins, or name their folder with --plugin-dir, or leave the check out with "
        "--skip",
        "postmaster-plugins(7)"),
    ROW(NO_RESULT, "no-result", UNKNOWN, "a plugin ended without a result",
        "What it checks is not known.",
        "Run the plugin by hand with the same options and see what it says",
        "postmaster-plugins(7)"),
    ROW(OUT_OF_TIME, "out-of-time", UNKNOWN, "a check was not finished in time",
        "What it checks is not known.", "Give more time with -t, or fewer domains",
        "postmaster-plugins(7)"),
    ROW(DNS, "dns", UNKNOWN, "the exchangers of a domain could not be found out",
        "The servers of the domain are not known, so none of them was checked.",
        "See whether the resolver answers: dig MX DOMAIN", "RFC 5321 5.1"),
    ROW(NOTHING, "nothing-run", UNKNOWN, "no check was run",
        "Nothing is known about this domain or address.",
        "See the name for a slip, and what --only, --skip and the file of --config leave",
        "postmaster-plugins(7)"),
    ROW(ALL_DOWN, "all-down", CRITICAL, "no exchanger of a domain takes mail",
        "Mail waits at the senders, and is returned after some days.",
        "Repair the first exchanger: does the server run, and does the firewall let port 25 "
        "through?",
        "RFC 5321 5.1"),
    ROW(PAGE, "page", UNKNOWN, "the page of --html is missing or not whole",
        "Who looks at the page sees an old one, a part of it, or none.",
        "Name a file in a folder where this user may write, with room on its disk, no link, pipe "
        "or device; a page that was cut wants fewer domains in one run",
        "postmaster-plugins(7)"),
};

const struct metric_definition mailcheck_metrics[MAILCHECK_METRICS] = {
    [MAILCHECK_M_CRITICAL] = {"critical", "",  0, "Checks that are critical"      },
    [MAILCHECK_M_WARNING] = {"warning",  "",  0, "Checks that warn"              },
    [MAILCHECK_M_UNKNOWN] = {"unknown",  "",  0, "Checks that could not find out"},
    [MAILCHECK_M_OK] = {"ok",       "",  0, "Checks that are fine"          },
    [MAILCHECK_M_CHECKS] = {"checks",   "",  0, "Checks in all"                 },
    [MAILCHECK_M_DOMAINS] = {"domains",  "",  0, "Domains and addresses checked" },
    [MAILCHECK_M_TIME] = {"time",     "s", 3, "Time of the whole run"         },
};
