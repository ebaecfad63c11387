#include "mailcheck.h"

const struct finding_definition mailcheck_findings[MAILCHECK_FINDINGS] = {
    [MAILCHECK_F_CRITICAL] =
        {
                                .id = "mailcheck.critical",
                                .state = STATE_CRITICAL,
                                .title = "a check found something critical",
                                .why =
                "Mail is lost, refused or exposed now, or will be soon. What it is stands in the "
                "finding of the plugin, whose id is named.",                                                    .fix = "Repair what the plugin names; its --explain tells more",
                                .reference = "the finding of the plugin",
                                },
    [MAILCHECK_F_WARNING] =
        {
                                .id = "mailcheck.warning",
                                .state = STATE_WARNING,
                                .title = "a check found something to warn of",
                                .why = "Mail still flows, but some receivers may treat it worse, or a reserve is gone. "
                   "What it is stands in the finding of the plugin, whose id is named.",                                                         .fix = "Repair what the plugin names; its --explain tells more",
                                .reference = "the finding of the plugin",
                                },
    [MAILCHECK_F_UNKNOWN] =
        {
                                .id = "mailcheck.unknown",
                                .state = STATE_UNKNOWN,
                                .title = "a check could not find out",
                                .why = "Nothing is known about what it checks.",
                                .fix =
                "See what the plugin says: an option of --set or --config is wrong, or it lacked a "
                "resolver, a route, a permission",                                                                                                                       .reference = "the finding of the plugin",
                                },
    [MAILCHECK_F_NOT_INSTALLED] =
        {
                                .id = "mailcheck.not-installed",
                                .state = STATE_UNKNOWN,
                                .title = "a plugin is not there",
                                .why = "What it checks is not known.",
                                .fix =
                "Install the plugins, or name their folder with --plugin-dir, or leave the check "
                "out with --skip",                                                                                                                                               .reference = "postmaster-plugins(7)",
                                },
    [MAILCHECK_F_NO_RESULT] =
        {
                                .id = "mailcheck.no-result",
                                .state = STATE_UNKNOWN,
                                .title = "a plugin ended without a result",
                                .why = "What it checks is not known.",
                                .fix = "Run the plugin by hand with the same options and see what it says",
                                .reference = "postmaster-plugins(7)",
                                },
    [MAILCHECK_F_OUT_OF_TIME] =
        {
                                .id = "mailcheck.out-of-time",
                                .state = STATE_UNKNOWN,
                                .title = "a check was not finished in time",
                                .why = "What it checks is not known.",
                                .fix = "Give more time with -t, or fewer domains",
                                .reference = "postmaster-plugins(7)",
                                },
    [MAILCHECK_F_DNS] =
        {
                                .id = "mailcheck.dns",
                                .state = STATE_UNKNOWN,
                                .title = "the exchangers of a domain could not be found out",
                                .why = "The servers of the domain are not known, so none of them was checked.",
                                .fix = "See whether the resolver answers: dig MX DOMAIN",
                                .reference = "RFC 5321 5.1",
                                },
    [MAILCHECK_F_NOTHING] =
        {
                                .id = "mailcheck.nothing-run",
                                .state = STATE_UNKNOWN,
                                .title = "no check was run",
                                .why = "Nothing is known about this domain or address.",
                                .fix =
                "See the name for a slip, and what --only, --skip and the file of --config leave",                                                                                                                                               .reference = "postmaster-plugins(7)",
                                },
    [MAILCHECK_F_ALL_DOWN] =
        {
                                .id = "mailcheck.all-down",
                                .state = STATE_CRITICAL,
                                .title = "no exchanger of a domain takes mail",
                                .why = "Mail waits at the senders, and is returned after some days.",
                                .fix =
                "Repair the first exchanger: does the server run, and does the firewall let port "
                "25 through?",                                                                                        .reference = "RFC 5321 5.1",
                                },
    [MAILCHECK_F_PAGE] =
        {
                                .id = "mailcheck.page",
                                .state = STATE_UNKNOWN,
                                .title = "the page of --html could not be written",
                                .why = "Who looks at the page sees an old one, or none.",
                                .fix =
                "Name a file in a folder where this user may write, with room on its disk; it is "
                "no link, pipe or device",                                                                                                                     .reference = "postmaster-plugins(7)",
                                },
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
