#include "relay.h"

#define ROW(index, id_text, state_word, title_text, why_text, fix_text, reference_text)            \
    [index] = {                                                                                    \
        .id = "relay." id_text,                                                                    \
        .state = STATE_##state_word,                                                               \
        .title = title_text,                                                                       \
        .why = why_text,                                                                           \
        .fix = fix_text,                                                                           \
        .reference = reference_text,                                                               \
    }

const struct finding_definition relay_findings[RELAY_FINDINGS] = {
    ROW(RELAY_F_OPEN, "open", CRITICAL, "the server relays for strangers",
        "Spammers find an open relay within hours; then its address is on the blocklists and the "
        "mail of its own users is refused.",
        "Let it take mail of strangers for its own domains only; Postfix: "
        "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, "
        "reject_unauth_destination",
        "RFC 5321 7.8, RFC 2505 2.1"),
    ROW(RELAY_F_ACCEPTS_ALL, "accepts-all", CRITICAL,
        "the server accepts every recipient there can be, also one that cannot exist",
        "It is an open relay, or a sink that takes all mail and delivers none: its replies to RCPT "
        "do not tell which.",
        "If it is a sink for tests, pass --severity relay.accepts-all=ok; else let it take mail of "
        "strangers for its own domains only",
        "RFC 5321 7.8"),
    ROW(RELAY_F_XCLIENT, "xclient", CRITICAL,
        "the server lets a stranger pretend to come from another address",
        "Whoever may say XCLIENT or XFORWARD passes for a trusted client, and its log shows "
        "addresses that are not true.",
        "Postfix: empty smtpd_authorized_xclient_hosts and smtpd_authorized_xforward_hosts, or "
        "name "
        "the one proxy in them",
        "Postfix XCLIENT_README"),
    ROW(RELAY_F_ROUTES_ON, "routes-on", CRITICAL,
        "the server takes addresses that carry another domain in their local part",
        "It refuses unknown names of its own domain and takes these: it passes them on to the "
        "domain within, which is relaying in other clothes.",
        "Turn off source routing in local parts; Postfix: allow_untrusted_routing = no; Exim: keep "
        "the check \"restricted characters in address\"",
        "RFC 1123 5.2.16, RFC 5321 C"),
    ROW(RELAY_F_AMBIGUOUS, "ambiguous", WARNING,
        "the server accepts everything for its own domain, also addresses that could be routed on",
        "A catch-all, or a backup exchanger without a list of recipients, takes such an address "
        "whether it routes it on or not: only a delivered message would tell.",
        "Give the server the list of its recipients, so that unknown ones are refused; Postfix: "
        "relay_recipient_maps and allow_untrusted_routing = no",
        "RFC 5321 3.6.1, RFC 1123 5.2.16"),
    ROW(RELAY_F_TRUSTED, "trusted", UNKNOWN,
        "the server accepted the probes of a client that it may well trust",
        "Servers relay for their own host and network on purpose: what they accept from there says "
        "nothing about strangers.",
        "Run the check from outside of the server's network; if the server is meant to relay for "
        "this machine, pass --trusted-source",
        "RFC 5321 7.8"),
    ROW(RELAY_F_BLOCKED, "blocked", UNKNOWN, "the server refuses us, whatever we ask",
        "It speaks of our address or name, or does not even take mail for its own postmaster from "
        "us: what it refuses shows nothing about relaying.",
        "Read its words: take our address off the list that blocks it, run the check from an "
        "address that may send mail, or correct --domain when the server is not for it",
        "RFC 5321 4.5.1"),
    ROW(RELAY_F_DEFERRED, "deferred", UNKNOWN,
        "the server put the deciding probes off (greylisting, postscreen)",
        "A deferral is no answer: a relay can hide behind it.",
        "Let the check run again later, with the state file it remembers what is left; or exempt "
        "the address of the monitor from greylisting",
        "RFC 6647 2"),
    ROW(RELAY_F_INCOMPLETE, "incomplete", UNKNOWN, "deciding probes got no answer",
        "Without an answer to each of them the server cannot be called closed.",
        "Raise --timeout or --max-sessions, or exempt the monitor from tarpits and error limits",
        "RFC 5321 3.8, 4.5.3.2"),
    ROW(RELAY_F_TLS_NEEDED, "tls-needed", UNKNOWN, "the server answers the probes under TLS only",
        "It refused to hear them in the clear, so nothing is known.", "Pass --starttls",
        "RFC 3207 4"),
    ROW(RELAY_F_TLS_FAILED, "tls-failed", UNKNOWN,
        "STARTTLS is offered and does not come about: nothing could be asked under TLS",
        "What a stranger may do under TLS is not known; the probes were asked in the clear.",
        "check_starttls tells what is wrong with it; without --starttls the check asks in the "
        "clear only",
        "RFC 3207 4"),
    ROW(RELAY_F_DOMAIN_REFUSED, "domain-refused", UNKNOWN,
        "the server refused the address of the probe because its domain does not exist",
        "A server that would relay refuses a domain that it cannot find, too: it did not say that "
        "it does not relay.",
        "Pass --to, and --from, with addresses in a domain of yours that the server is not for",
        "RFC 5321 3.6.2, RFC 7505 4"),
    ROW(RELAY_F_GREETING, "greeting", UNKNOWN, "the server does not want to talk",
        "After such a greeting, or such a reply to EHLO, nothing may be asked.",
        "Read its words; check_smtp_banner tells more about the greeting", "RFC 5321 3.1, 3.8"),
    ROW(RELAY_F_UNREACHABLE, "unreachable", CRITICAL, "no conversation with the server came about",
        "Nobody can send it mail from here, and nothing is known about relaying.",
        "Look whether the server runs, listens on that port and is let through by the firewall; or "
        "whether it has banned the monitor",
        "RFC 5321 3.1"),
    ROW(RELAY_F_NO_ROUTE, "no-route", UNKNOWN, "this machine has no route to the address",
        "The address was not asked: that is our trouble, not the server's.",
        "Give this machine an address of that family, or pass -4 or -6", "RFC 6724 1"),
    ROW(RELAY_F_NO_ADDRESS, "no-address", CRITICAL, "the host has no address",
        "Nobody can reach it.", "Publish an A or AAAA record, or correct the name", "RFC 5321 5.1"),
    ROW(RELAY_F_BAD_ADDRESS, "bad-address", CRITICAL,
        "the host has an address that no server can have; WARNING for one of several",
        "Senders cannot reach it; who answers there is somebody else, and was not asked.",
        "Publish the right address of the host, or remove this one", "RFC 6890 2.2, RFC 5737 3"),
    ROW(RELAY_F_DNS_ERROR, "dns-error", UNKNOWN, "the addresses of the host could not be asked for",
        "Without them nothing can be asked; it says nothing about the server.",
        "Look at the resolver of this machine, or pass --resolver", "RFC 1035 4.1.1"),
    ROW(RELAY_F_STATE_FILE, "state-file", WARNING, "the state file cannot be used",
        "Without it the check forgets how often it connected: run often, it may be banned.",
        "Name a file in a folder that the user of the check can write to: --state-file FILE",
        "check_open_relay(1)"),
    ROW(RELAY_F_AUTH, "auth", OK, "the server wants authentication before anything else",
        "That is how a submission service keeps strangers out.", "Nothing",
        "RFC 6409 4.3, RFC 4954 6"),
    ROW(RELAY_F_REFUSED_LATE, "refused-late", OK,
        "probes were accepted at RCPT and refused at DATA",
        "The server judges late; no message would have been relayed.", "Nothing",
        "RFC 5321 4.1.1.4"),
    ROW(RELAY_F_CONTROL_DEFERRED, "control-deferred", OK,
        "the server did not take mail for its own postmaster, and refused in so many words to "
        "relay",
        "Greylisting of its own recipients, or a postmaster that it does not know, hides no relay "
        "when the probes were answered plainly.",
        "Nothing, or give the domain its postmaster; check_mx and check_smtp_banner tell more",
        "RFC 6647 2, RFC 5321 4.5.1"),
    ROW(RELAY_F_SENDER_REFUSED, "sender-refused", OK, "a probe was refused because of its sender",
        "The others were refused for another reason, so the server is closed to strangers; this "
        "one alone would not show it.",
        "Pass --from with an address in a domain that exists", "RFC 5321 3.6.2"),
    ROW(RELAY_F_SKIPPED, "skipped", OK, "some probes were not answered in this run",
        "The deciding ones were; the rest comes in later runs, or never if the server does not "
        "let us ask.",
        "Keep a state file, so that each run goes on where the last one ended", "RFC 5321 4.5.3.2"),
    ROW(RELAY_F_SEEN_AS, "seen-as", OK, "the server sees us come from another address than ours",
        "A NAT, a container network or a proxy stands between. One in front of the server that "
        "hides "
        "its clients makes all of them look like its own.",
        "See that the server gets the addresses of its clients: PROXY protocol, or no masquerading "
        "towards it",
        "RFC 5321 4.4"),
    ROW(RELAY_F_TLS_DIFFERS, "tls-differs", OK,
        "the server answers probes otherwise under TLS than in the clear",
        "A rule trusts whoever comes with TLS or with any certificate.",
        "Look for rules such as permit_tls_all_clientcerts", "RFC 3207 6"),
    ROW(RELAY_F_NO_STARTTLS, "no-starttls", OK,
        "STARTTLS is not offered: nothing was asked under TLS",
        "The probes were asked in the clear only.", "Leave out --starttls", "RFC 3207 4"),
};

const struct metric_definition relay_metrics[RELAY_METRICS] = {
    [RELAY_M_ACCEPTED] = {"accepted",  "",  0,
                          "Probes that were accepted, without the ambiguous ones"              },
    [RELAY_M_REFUSED] = {"refused",   "",  0, "Probes that were refused"                      },
    [RELAY_M_DEFERRED] = {"deferred",  "",  0, "Probes that were put off"                      },
    [RELAY_M_SKIPPED] = {"skipped",   "",  0, "Probes that were not asked or not answered"    },
    [RELAY_M_AMBIGUOUS] = {"ambiguous", "",  0,
                          "Probes that were accepted by a server that takes all for its domain"},
    [RELAY_M_SESSIONS] = {"sessions",  "",  0, "Connections of this run"                       },
    [RELAY_M_TIME] = {"time",      "s", 3, "Time of the run"                               },
};
