#include "dnsbl.h"

#define RFC5782 "RFC 5782"

const struct finding_definition dnsbl_findings[DNSBL_FINDINGS] = {
    [DNSBL_F_LISTED_CRITICAL] =
        {
                                   .id = "dnsbl.listed-critical",
                                   .state = STATE_CRITICAL,
                                   .title = "the target is on a blocklist that many receivers reject by",
                                   .why = "Mail from it is refused or goes to junk at every receiver that uses the list.",
                                   .fix = "Find and stop what the list saw (a broken-into account or web form, an "
                   "infected machine), "
                   "then ask for removal at the URL of the list; without the first the listing "
                   "comes back",                                                                                                                                                                                                                                                                                                  .reference = RFC5782 " 2.1",
                                   },
    [DNSBL_F_LISTED_WARNING] =
        {
                                   .id = "dnsbl.listed-warning",
                                   .state = STATE_WARNING,
                                   .title = "the target is on a blocklist that some receivers score by",
                                   .why = "Mail from it may go to junk, or be refused by some receivers.",
                                   .fix = "Find and stop what the list saw, then ask for removal at the URL of the list",
                                   .reference = RFC5782 " 2.1",
                                   },
    [DNSBL_F_LISTED_INFO] =
        {
                                   .id = "dnsbl.listed-info",
                                   .state = STATE_OK,
                                   .title = "the target is on a list of little weight, or one about its network and not "
                     "about itself",                                                                                                                           .why = "Few receivers act on it, or only the owner of the range can do something about "
                   "it.",                                                                                                                                                                                                         .fix =
                "Nothing need be done; when mail bounces with the name of this list, see its URL",                                                                                                                                                                                                                                                                     .reference = RFC5782 " 2.1",
                                   },
    [DNSBL_F_UNKNOWN_CODE] =
        {
                                   .id = "dnsbl.unknown-code",
                                   .state = STATE_WARNING,
                                   .title = "the list answers with a code that its operator has not documented",
                                   .why = "The target is on the list, but nobody knows for what.",
                                   .fix = "See the list's own site for the meaning, and add a \"code =\" line for the "
                   "zone in a file "
                   "given by --catalogue",                                                                                                                                                                                                                                                                                             .reference = RFC5782 " 2.3",
                                   },
    [DNSBL_F_UNCONFIRMED] =
        {
                                   .id = "dnsbl.unconfirmed",
                                   .state = STATE_OK,
                                   .title = "the listing was gone at the second look",
                                   .why = "Lists come and go by the minute, and caches tell of the past.",
                                   .fix = "Nothing need be done unless it comes back",
                                   .reference = "--confirm",
                                   },
    [DNSBL_F_SCORE_CRITICAL] =
        {
                                   .id = "dnsbl.score-critical",
                                   .state = STATE_CRITICAL,
                                   .title = "the lists that the target is on weigh more than the critical threshold",
                                   .why = "A receiver that adds up lists, as Postfix's postscreen does, refuses its mail.",
                                   .fix = "Ask for removal at each of the lists that -v shows, the heaviest first",
                                   .reference = "postconf(5), postscreen_dnsbl_threshold",
                                   },
    [DNSBL_F_SCORE_WARNING] =
        {
                                   .id = "dnsbl.score-warning",
                                   .state = STATE_WARNING,
                                   .title = "the lists that the target is on weigh more than the warning threshold",
                                   .why = "A receiver that adds up lists, as Postfix's postscreen does, is close to "
                   "refusing its mail.",                                                                                                                                                                                                         .fix = "Ask for removal at each of the lists that -v shows, the heaviest first",
                                   .reference = "postconf(5), postscreen_dnsbl_threshold",
                                   },
    [DNSBL_F_COUNT_WARNING] =
        {
                                   .id = "dnsbl.below-threshold",
                                   .state = STATE_OK,
                                   .title = "there are listings, but fewer than the thresholds ask for",
                                   .why = "The thresholds given by -w and -c say that so many are no reason for an alarm.",
                                   .fix = "See the listings with -v",
                                   .reference = "-w, -c",
                                   },
    [DNSBL_F_NO_ANSWERS] =
        {
                                   .id = "dnsbl.no-answers",
                                   .state = STATE_UNKNOWN,
                                   .title = "not one list answered",
                                   .why = "Nothing is known about the target: it may be listed everywhere.",
                                   .fix = "Test the resolver by hand: dig 2.0.0.127.zen.spamhaus.org; run a caching "
                   "resolver of your "
                   "own (unbound) on this machine and name it with --resolver", .reference = RFC5782 " 5",
                                   },
    [DNSBL_F_RESOLVER_PROBLEM] =
        {
                                   .id = "dnsbl.resolver-problem",
                                   .state = STATE_UNKNOWN,
                                   .title = "more than half of the lists did not answer: the resolver is at fault, not "
                     "the lists",                                                                                               .why = "What the few others say is not enough to call the target clean.",
                                   .fix = "Run a caching resolver of your own (unbound) on this machine, without "
                   "forwarding to a public "
                   "one, and name it with --resolver",                                                                                                                                                                                                                          .reference = RFC5782 " 5",
                                   },
    [DNSBL_F_NO_RESOLVER] =
        {
                                   .id = "dnsbl.no-resolver",
                                   .state = STATE_UNKNOWN,
                                   .title = "no resolver can be reached",
                                   .why = "Nothing can be asked; mail delivery from this machine fails as well.",
                                   .fix = "Start the resolver that /etc/resolv.conf names, or name a working one with "
                   "--resolver",                                                                                                                                                                                                                                                                      .reference = "resolv.conf(5)",
                                   },
    [DNSBL_F_RESOLVER_REWRITES] =
        {
                                   .id = "dnsbl.resolver-rewrites",
                                   .state = STATE_UNKNOWN,
                                   .title = "the resolver answers with addresses of its own where a name does not exist",
                                   .why = "Every list then seems to list everything; a mail server behind it rejects all "
                   "mail.",                                                                                               .fix = "Use a resolver that doesn't rewrite NXDOMAIN: run unbound on this machine and "
                   "name it with "
                   "--resolver",                                                                                                                                                                                                                                                                                             .reference = RFC5782 " 2.1",
                                   },
    [DNSBL_F_REQUIRED_UNANSWERED] =
        {
                                   .id = "dnsbl.required-unanswered",
                                   .state = STATE_WARNING,
                                   .title = "a list that matters most did not answer",
                                   .why = "The lists that receivers use most decide whether mail is accepted.",
                                   .fix = "See why with -v; for a list that refuses your resolver, run a resolver of your "
                   "own or get a "
                   "free key and put it into --key-file",                                                                                                                                                                                                                                                                            .reference = "--required",
                                   },
    [DNSBL_F_FEW_ANSWERS] =
        {
                                   .id = "dnsbl.few-answers",
                                   .state = STATE_WARNING,
                                   .title = "fewer lists answered than --min-answered asks for",
                                   .why = "The check covers less than it seems to.",
                                   .fix = "See with -v which lists do not answer and why; --exclude those that never do",
                                   .reference = "--min-answered",
                                   },
    [DNSBL_F_DEADLINE] =
        {
                                   .id = "dnsbl.deadline",
                                   .state = STATE_UNKNOWN,
                                   .title = "the deadline came before everything was asked",
                                   .why = "Targets that were not asked about may be listed.",
                                   .fix = "Raise -t (and the engine's own limit), ask fewer lists or targets, or split "
                   "the check",                                                                                                                                                                                                                                                               .reference = "-t, --timeout-result",
                                   },
    [DNSBL_F_BLIND] =
        {
                                   .id = "dnsbl.blind",
                                   .state = STATE_OK,
                                   .title =
                "the list's own test entry is missing: it is empty, or hidden from this resolver",                                                                                                     .why =
                "Its \"not listed\" means nothing; some public resolvers hide lists in this way.",                                                                                                                 .fix = "Ask through a resolver of your own; when the entry is missing there, too, "
                   "--exclude the list",                                                                                                                                                                                                                                                                                             .reference = RFC5782 " 5",
                                   },
    [DNSBL_F_BLOCKED] =
        {
                                   .id = "dnsbl.blocked",
                                   .state = STATE_OK,
                                   .title = "the list refuses to answer this resolver",
                                   .why = "The answer is about the resolver and not about the target; other software may "
                   "take it for a "
                   "listing and reject mail.",                                                                                           .fix = "Ask through a resolver of your own instead of a public or shared one, or get a "
                   "key from the "
                   "operator and put it into --key-file",                                                                                                                                                                                                                                                                         .reference = "the operator's terms of use",
                                   },
    [DNSBL_F_OVER_QUOTA] =
        {
                                   .id = "dnsbl.over-quota",
                                   .state = STATE_OK,
                                   .title = "the list was asked too often from this resolver",
                                   .why = "It answers nothing more until the quota is renewed.",
                                   .fix = "Check less often, use --state-file so that the list is left alone for an hour, "
                   "or get a plan "
                   "that allows more",                                                                                                                                                                                                                                  .reference = "the operator's terms of use",
                                   },
    [DNSBL_F_KEY_BAD] =
        {
                                   .id = "dnsbl.key-bad",
                                   .state = STATE_WARNING,
                                   .title = "the list does not accept the key",
                                   .why = "A mail server that uses the same key is not protected by the list.",
                                   .fix = "See in the operator's account whether the key is right and active, and correct "
                   "--key-file",                                                                                                                                                                                                                                                                        .reference = "the operator's terms of use",
                                   },
    [DNSBL_F_KEY_MISSING] =
        {
                                   .id = "dnsbl.key-missing",
                                   .state = STATE_WARNING,
                                   .title = "the list wants a key and none is given",
                                   .why = "It was asked for by name and cannot be asked.",
                                   .fix = "Put the key into a file and name that with --key-file",
                                   .reference = "--key-file",
                                   },
    [DNSBL_F_WRONG_KIND] =
        {
                                   .id = "dnsbl.wrong-kind",
                                   .state = STATE_OK,
                                   .title = "the list does not answer about targets of this kind",
                                   .why = "A domain list knows no addresses, and the reverse.",
                                   .fix = "Correct \"targets =\" of the zone in the file given by --catalogue",
                                   .reference = RFC5782 " 2.2",
                                   },
    [DNSBL_F_WILDCARD] =
        {
                                   .id = "dnsbl.wildcard",
                                   .state = STATE_WARNING,
                                   .title = "the list lists everything, even what must not be listed",
                                   .why = "It is dead or abandoned; mail servers that still use it reject all mail.",
                                   .fix = "Remove the list from this check and from every mail server's configuration",
                                   .reference = RFC5782 " 5",
                                   },
    [DNSBL_F_TAMPERED] =
        {
                                   .id = "dnsbl.tampered",
                                   .state = STATE_OK,
                                   .title = "the answer is an address that no blocklist gives",
                                   .why = "Answers are in 127.0.0.0/8; another one comes from a parked domain or a "
                   "rewriting resolver.",                                                                                                                                                                                                         .fix = "Ask for the name by hand at another resolver; remove the list when its domain "
                   "is parked",                                                                                                                                                                                                                                                                      .reference = RFC5782 " 2.1",
                                   },
    [DNSBL_F_RETIRED] =
        {
                                   .id = "dnsbl.retired",
                                   .state = STATE_WARNING,
                                   .title = "the list is gone; it is not asked any more",
                                   .why = "Retired lists answer nothing, or one day everything: mail is then rejected for "
                   "no reason.",                                                                                                                       .fix = "Remove the list from this check and from every mail server's configuration",
                                   .reference = "catalogue, section retired",
                                   },
    [DNSBL_F_DEAD] =
        {
                                   .id = "dnsbl.dead",
                                   .state = STATE_WARNING,
                                   .title = "the zone of the list does not exist any more",
                                   .why = "Somebody else may register its domain and then list everything.",
                                   .fix = "Remove the list from this check and from every mail server's configuration",
                                   .reference = "RFC 8020 2",
                                   },
    [DNSBL_F_TIMEOUT] =
        {
                                   .id = "dnsbl.timeout",
                                   .state = STATE_OK,
                                   .title = "the list did not answer in time",
                                   .why = "Whether the target is on it is not known; a mail server that uses the list "
                   "waits as long.",                                                                                                                                                .fix = "See whether it is so every time; if it is, --exclude the list",
                                   .reference = "RFC 1035 4.2.1",
                                   },
    [DNSBL_F_ERROR] =
        {
                                   .id = "dnsbl.error",
                                   .state = STATE_OK,
                                   .title = "asking the list failed",
                                   .why = "Whether the target is on it is not known.",
                                   .fix = "See whether it is so every time; if it is, --exclude the list",
                                   .reference = "RFC 1035 4.1.1",
                                   },
    [DNSBL_F_BACK_OFF] =
        {
                                   .id = "dnsbl.back-off",
                                   .state = STATE_OK,
                                   .title = "the list refused us lately and is left alone for now",
                                   .why = "Asking on would prolong the block.",
                                   .fix = "Nothing need be done; remove the line from the state file to ask at once",
                                   .reference = "--state-file",
                                   },
    [DNSBL_F_NO_NAME_SERVER] =
        {
                                   .id = "dnsbl.no-name-server",
                                   .state = STATE_OK,
                                   .title = "no name server of the list could be found",
                                   .why = "It can only be asked through a resolver.",
                                   .fix = "Leave out --authoritative for this list",
                                   .reference = "--authoritative",
                                   },
    [DNSBL_F_NOT_PUBLIC] =
        {
                                   .id = "dnsbl.not-public",
                                   .state = STATE_WARNING,
                                   .title = "the list is not served in public DNS",
                                   .why = "Its operator gives the data to customers in another way; asking for it is "
                   "useless.",                                                                                                                                                     .fix = "Remove the list from this check",
                                   .reference = "catalogue",
                                   },
    [DNSBL_F_NOT_ALLOWLISTED] =
        {
                                   .id = "dnsbl.not-allowlisted",
                                   .state = STATE_WARNING,
                                   .title = "the address is on none of the allowlists asked",
                                   .why = "Receivers that trust an allowlist treat its mail like anybody's.",
                                   .fix = "Register the address at the allowlist",
                                   .reference = "--require-allowlist",
                                   },
    [DNSBL_F_PUBLIC_RESOLVER] =
        {
                                   .id = "dnsbl.public-resolver",
                                   .state = STATE_OK,
                                   .title = "the resolver is a public one, which many lists refuse",
                                   .why =
                "Lists cannot tell its users apart: they refuse it, or hide their entries from it.",                                                                                                                            .fix = "Run a caching resolver of your own (unbound, without forwarding) on this "
                   "machine and name it "
                   "with --resolver 127.0.0.1",                                                                                                                                                                                                                                                                                             .reference = "the operators' terms of use",
                                   },
    [DNSBL_F_TARGET_GONE] =
        {
                                   .id = "dnsbl.target-gone",
                                   .state = STATE_CRITICAL,
                                   .title = "the name to be checked does not exist, or has no address",
                                   .why = "Mail that depends on it cannot work, whatever the lists say.",
                                   .fix = "Correct the name in the check, or publish its records",
                                   .reference = "RFC 5321 5.1",
                                   },
    [DNSBL_F_TARGET_UNRESOLVED] =
        {
                                   .id = "dnsbl.target-unresolved",
                                   .state = STATE_UNKNOWN,
                                   .title = "the addresses of the name could not be found out",
                                   .why = "No answer is not a no: nothing is known about this target.",
                                   .fix = "Ask for the name by hand: dig NAME; see whether its name servers answer",
                                   .reference = "RFC 1035 4.1.1",
                                   },
    [DNSBL_F_NULL_MX] =
        {
                                   .id = "dnsbl.null-mx",
                                   .state = STATE_OK,
                                   .title = "the domain says that it takes no mail",
                                   .why = "It has no mail exchangers that could be listed.",
                                   .fix = "Nothing need be done",
                                   .reference = "RFC 7505 3",
                                   },
    [DNSBL_F_PRIVATE_TARGET] =
        {
                                   .id = "dnsbl.private-target",
                                   .state = STATE_UNKNOWN,
                                   .title = "the address is a private one, which no public list can know",
                                   .why = "Receivers see the public address that the mail leaves from.",
                                   .fix = "Give the public address, or the host name that stands for it in public DNS",
                                   .reference = "RFC 6890 2.2.2",
                                   },
    [DNSBL_F_RANGE_TOO_WIDE] =
        {
                                   .id = "dnsbl.range-too-wide",
                                   .state = STATE_WARNING,
                                   .title = "a network of the SPF record has more addresses than --max-targets allows",
                                   .why = "It was not looked for; a record that wide also lets strangers send in the "
                   "domain's name.",                                                                                                                           .fix = "Narrow the record, or raise --max-targets",
                                   .reference = "RFC 7208 5.6",
                                   },
    [DNSBL_F_SPF_UNCLEAR] =
        {
                                   .id = "dnsbl.spf-unclear",
                                   .state = STATE_WARNING,
                                   .title = "the SPF record is wrong, so its addresses are not all known",
                                   .why = "Receivers take a wrong record for an error and may refuse the domain's mail.",
                                   .fix = "See what check_spf says of the domain",
                                   .reference = "RFC 7208 4.5",
                                   },
    [DNSBL_F_NOT_COVERED] =
        {
                                   .id = "dnsbl.not-covered",
                                   .state = STATE_UNKNOWN,
                                   .title = "none of the lists asked knows targets of this kind",
                                   .why = "Nothing is known about this target: most lists know IPv4 addresses only, and "
                   "addresses and "
                   "domains are on lists of their own.",                                                                                                                                                                                                         .fix = "Add a list for it (--profile full, or --server), or leave the target out",
                                   .reference = "RFC 5782 2",
                                   },
    [DNSBL_F_RATE] =
        {
                                   .id = "dnsbl.rate",
                                   .state = STATE_OK,
                                   .title = "there are more targets than the list may be asked about in the time given",
                                   .why = "Its operator allows only so many questions a second.",
                                   .fix = "Raise -t, or check large networks in parts",
                                   .reference = "the operator's terms of use",
                                   },
    [DNSBL_F_ALLOWLISTED] =
        {
                                   .id = "dnsbl.allowlisted",
                                   .state = STATE_OK,
                                   .title = "the target is on an allowlist",
                                   .why = "Receivers that trust the list treat its mail better.",
                                   .fix = "Nothing need be done",
                                   .reference = "RFC 5782 2.1",
                                   },
    [DNSBL_F_STATE_FILE] =
        {
                                   .id = "dnsbl.state-file",
                                   .state = STATE_UNKNOWN,
                                   .title = "the state file cannot be used",
                                   .why = "New and gone listings are not told, and a list that refuses us is asked again.",
                                   .fix = "Correct the path or the permissions of --state-file",
                                   .reference = "--state-file",
                                   },
    [DNSBL_F_NEW] =
        {
                                   .id = "dnsbl.new",
                                   .state = STATE_OK,
                                   .title = "the listing was not there at the last run",
                                   .why = "What changed lately helps to find the cause.",
                                   .fix = "See the listing itself",
                                   .reference = "--state-file",
                                   },
    [DNSBL_F_GONE] =
        {
                                   .id = "dnsbl.gone",
                                   .state = STATE_OK,
                                   .title = "the listing of the last run is gone",
                                   .why = "The removal worked, or the entry ran out.",
                                   .fix = "Nothing need be done",
                                   .reference = "--state-file",
                                   },
};

const struct metric_definition dnsbl_metrics[DNSBL_METRICS] = {
    [DNSBL_M_LISTED] = {"listed",          "",  0, "listings of weight, critical and warning ones"  },
    [DNSBL_M_CRITICAL] = {"listed_critical", "",  0, "listings on lists that receivers reject by"     },
    [DNSBL_M_WARNING] = {"listed_warning",  "",  0, "listings on lists that receivers score by"      },
    [DNSBL_M_INFO] = {"listed_info",     "",  0, "listings on lists of little weight"             },
    [DNSBL_M_ALLOWLISTED] = {"allowlisted",     "",  0, "entries on allowlists"                          },
    [DNSBL_M_ANSWERED] = {"answered",        "",  0, "pairs of target and list that got an answer"    },
    [DNSBL_M_UNANSWERED] = {"unanswered",      "",  0, "pairs of target and list that got none"         },
    [DNSBL_M_BLOCKED] = {"blocked",         "",  0, "lists that refuse this resolver"                },
    [DNSBL_M_TIMEOUTS] = {"timeouts",        "",  0, "pairs of target and list without answer in time"},
    [DNSBL_M_SERVERS] = {"servers",         "",  0, "lists asked"                                    },
    [DNSBL_M_TARGETS] = {"targets",         "",  0, "targets looked for"                             },
    [DNSBL_M_SCORE] = {"score",           "",  0, "highest score of a target"                      },
    [DNSBL_M_NEW] = {"new",             "",  0, "listings that were not there at the last run"   },
    [DNSBL_M_QUESTIONS] = {"questions",       "",  0, "DNS questions asked"                            },
    [DNSBL_M_TIME] = {"time",            "s", 3, "duration of the check"                          },
};
