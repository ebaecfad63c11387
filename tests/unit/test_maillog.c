#include <string.h>

#include "base/text.h"
#include "cases.h"
#include "mail/maillog.h"

/* A row is a line and the event that it is, printed as
 * "FORMAT KIND[/REASON] ID to=A,B relay=R status=S: TEXT"; "-" for none. */
struct row {
    const char *label;
    struct slice line;
    const char *event;
};

static const char *const KINDS[] = {
    [MAILLOG_OTHER] = "other",      [MAILLOG_DELIVERED] = "delivered",
    [MAILLOG_BOUNCED] = "bounced",  [MAILLOG_DEFERRED] = "deferred",
    [MAILLOG_EXPIRED] = "expired",  [MAILLOG_IGNORED] = "ignored",
    [MAILLOG_NULL_SENDER] = "null", [MAILLOG_REMOVED] = "removed",
};

#define P "Nov  2 03:04:05 mx postfix/smtp[12]: "
#define E "2026-11-02 03:04:05 "
#define ID "1vKx2a-00000000abC-1def"
#define SM "Nov  2 03:04:05 mx sm-mta[9]: "
#define OS "Nov  2 03:04:05 mx smtpd[7]: "

static const struct row rows[] = {
  /* ---- Postfix */
    {"Postfix: a delivery by SMTP",
     CASES_SLICE(P "3F2A1B0C9D: to=<a@example.org>, relay=mx.example.org[192.0.2.7]:25, delay=1.1, "
                   "delays=0.1/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 77)"),
     "postfix delivered 3F2A1B0C9D to=a@example.org relay=mx.example.org[192.0.2.7]:25 "
     "status=2.0.0: 250 2.0.0 Ok: queued as 77"                                                                                                             },
    {"Postfix: a bounce, with the words of the server",
     CASES_SLICE(P "4cW5Yk1zDWz9sT8: to=<b@example.net>, relay=mx.example.net[192.0.2.8]:25, "
                   "conn_use=2, delay=0.4, delays=0/0/0.2/0.2, dsn=5.1.1, status=bounced (host "
                   "mx.example.net[192.0.2.8] said: 550 5.1.1 <b@example.net>: no (in reply to "
                   "RCPT TO command))"),
     "postfix bounced 4cW5Yk1zDWz9sT8 to=b@example.net relay=mx.example.net[192.0.2.8]:25 "
     "status=5.1.1: host mx.example.net[192.0.2.8] said: 550 5.1.1 <b@example.net>: no (in reply "
     "to RCPT TO command)"                                                                                                                                  },
    {"Postfix: a deferral by error(8), which holds the reason of another attempt",
     CASES_SLICE("Nov  2 03:04:05 mx postfix/error[3]: 3F2A1B0C9D: to=<c@example.org>, "
                 "relay=none, delay=9, delays=9/0/0/0, dsn=4.4.1, status=deferred (delivery "
                 "temporarily suspended: connect to mx.example.org[192.0.2.7]:25: No route to "
                 "host)"),
     "postfix deferred 3F2A1B0C9D to=c@example.org relay=none status=4.4.1: delivery temporarily "
     "suspended: connect to mx.example.org[192.0.2.7]:25: No route to host"                                                                                 },
    {"Postfix: the line was cut by the logger",
     CASES_SLICE(P
                 "3F2A1B0C9D: to=<c@example.org>, relay=x[192.0.2.7]:25, delay=9, "
                 "delays=9/0/0/0, dsn=5.7.1, status=bounced (host x[192.0.2.7] said: 550 5.7.1 li"),
     "postfix bounced 3F2A1B0C9D to=c@example.org relay=x[192.0.2.7]:25 status=5.7.1: host "
     "x[192.0.2.7] said: 550 5.7.1 li"                                                                                                                      },
    {"Postfix: another syslog_name, and a name below it",
     CASES_SLICE("Nov 12 03:04:05 mx out-1/relay/smtp[12]: 3F2A1B0C9D: to=<a@example.org>, "
                 "relay=m[192.0.2.7]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)"),
     "postfix delivered 3F2A1B0C9D to=a@example.org relay=m[192.0.2.7]:25 status=2.0.0: 250 ok"                                                             },
    {"Postfix: a host with a slash and a syslog_name of two words",
     CASES_SLICE("Nov 12 03:04:05 anna/anna postfix/smtp[12]: 3F2A1B0C9D: to=<a@example.org>, "
                 "relay=m[192.0.2.7]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)"),
     "postfix delivered 3F2A1B0C9D to=a@example.org relay=m[192.0.2.7]:25 status=2.0.0: 250 ok"                                                             },
    {"Postfix: no angle brackets, and an address before it was rewritten",
     CASES_SLICE("2026-11-02T03:04:05.123456+01:00 mx postfix/local[1]: 2A22C263F6: "
                 "to=root@mx.example.org, orig_to=root, relay=local, delay=0.07, "
                 "delays=0.04/0/0/0.03, dsn=2.0.0, status=sent (delivered to maildir)"),
     "postfix delivered 2A22C263F6 to=root@mx.example.org relay=local status=2.0.0: delivered to "
     "maildir"                                                                                                                                              },
    {"Postfix: soft_bounce makes a deferral",
     CASES_SLICE(P "3F2A1B0C9D: to=<a@example.org>, relay=local, delay=1, delays=0/0/0/1, "
                   "dsn=4.1.1, status=SOFTBOUNCE (unknown user: \"a\")"),
     "postfix deferred 3F2A1B0C9D to=a@example.org relay=local status=4.1.1: unknown user: \"a\""                                                           },
    {"Postfix: a message that is given up after its time",
     CASES_SLICE("Nov  2 03:04:05 mx postfix/qmgr[2]: 3F2A1B0C9D: from=<s@example.com>, "
                 "status=expired, returned to sender"),
     "postfix expired 3F2A1B0C9D to=- relay=- status=-: returned to sender"                                                                                 },
    {"Postfix: a message that postsuper -e gives up",
     CASES_SLICE("Nov  2 03:04:05 mx postfix/qmgr[2]: 3F2A1B0C9D: from=<s@example.com>, "
                 "status=force-expired, returned to sender"),
     "postfix expired 3F2A1B0C9D to=- relay=- status=-: returned to sender"                                                                                 },
    {"Postfix: a probe that would be delivered",
     CASES_SLICE(P "3F2A1B0C9D: to=<a@example.org>, relay=m[192.0.2.7]:25, delay=1, "
                   "delays=0/0/0/1, dsn=2.1.5, status=deliverable (250 2.1.5 Ok)"),
     "postfix ignored/probe 3F2A1B0C9D to=a@example.org relay=m[192.0.2.7]:25 status=2.1.5: 250 "
     "2.1.5 Ok"                                                                                                                                             },
    {"Postfix: a probe that would not be delivered",
     CASES_SLICE(P "3F2A1B0C9D: to=<a@example.org>, relay=none, delay=0, delays=0/0/0/0, "
                   "dsn=5.1.1, status=undeliverable-but-not-cached (unknown)"),
     "postfix ignored/probe 3F2A1B0C9D to=a@example.org relay=none status=5.1.1: unknown"                                                                   },
    {"Postfix: a content filter at port 10024",
     CASES_SLICE(P "3F2A1B0C9D: to=<a@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
                   "delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 from "
                   "MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok)"),
     "postfix ignored/re-injected 3F2A1B0C9D to=a@example.org "
     "relay=127.0.0.1[127.0.0.1]:10024 status=2.0.0: 250 2.0.0 from "
     "MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok"                                                                                                            },
    {"Postfix: a filter behind IPv6 loopback that gives a queue id",
     CASES_SLICE(P "3F2A1B0C9D: to=<a@example.org>, relay=localhost[::1]:2525, delay=1, "
                   "delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4A5B6C)"),
     "postfix ignored/re-injected 3F2A1B0C9D to=a@example.org relay=localhost[::1]:2525 "
     "status=2.0.0: 250 2.0.0 Ok: queued as 4A5B6C"                                                                                                         },
    {"Postfix: what a filter throws away comes not again",
     CASES_SLICE(P "3F2A1B0C9D: to=<a@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
                   "delays=0/0/0/1, dsn=2.7.0, status=sent (250 2.7.0 Ok, discarded, id=1 - spam)"),
     "postfix delivered 3F2A1B0C9D to=a@example.org relay=127.0.0.1[127.0.0.1]:10024 "
     "status=2.7.0: 250 2.7.0 Ok, discarded, id=1 - spam"                                                                                                   },
    {"Postfix: LMTP to a mailbox server on this machine is the last hop",
     CASES_SLICE(P "3F2A1B0C9D: to=<a@example.org>, relay=127.0.0.1[127.0.0.1]:24, delay=1, "
                   "delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 <a@example.org> xyz Saved)"),
     "postfix delivered 3F2A1B0C9D to=a@example.org relay=127.0.0.1[127.0.0.1]:24 status=2.0.0: "
     "250 2.0.0 <a@example.org> xyz Saved"                                                                                                                  },
    {"Postfix: an alias sends the mail on under a new queue id",
     CASES_SLICE("Nov  2 03:04:05 mx postfix/local[1]: 3F2A1B0C9D: to=<a@example.org>, "
                 "relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (forwarded as "
                 "5B6C7D)"),
     "postfix ignored/re-injected 3F2A1B0C9D to=a@example.org relay=local status=2.0.0: forwarded "
     "as 5B6C7D"                                                                                                                                            },
    {"Postfix: a filter behind pipe(8)",
     CASES_SLICE("Nov  2 03:04:05 mx postfix/pipe[1]: 3F2A1B0C9D: to=<a@example.org>, "
                 "relay=spamassassin, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered "
                 "via spamassassin service)"),
     "postfix ignored/re-injected 3F2A1B0C9D to=a@example.org relay=spamassassin status=2.0.0: "
     "delivered via spamassassin service"                                                                                                                   },
    {"Postfix: a mailbox behind pipe(8) is the last hop",
     CASES_SLICE("Nov  2 03:04:05 mx postfix/pipe[1]: 3F2A1B0C9D: to=<a@example.org>, "
                 "relay=dovecot, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered via "
                 "dovecot service)"),
     "postfix delivered 3F2A1B0C9D to=a@example.org relay=dovecot status=2.0.0: delivered via "
     "dovecot service"                                                                                                                                      },
    {"Postfix: an address that plays at being the rest of the line",
     CASES_SLICE(P "3F2A1B0C9D: to=<\"x>, dsn=2.0.0, status=sent (ok)\"@example.org>, relay=none, "
                   "delay=0, delays=0/0/0/0, dsn=5.1.1, status=bounced (no)"),
     "postfix bounced 3F2A1B0C9D to=\"x>, dsn=2.0.0, status=sent (ok)\"@example.org relay=none "
     "status=5.1.1: no"                                                                                                                                     },
    {"Postfix: a server that plays at being a line",
     CASES_SLICE(P "3F2A1B0C9D: to=<a@example.org>, relay=none, delay=0, delays=0/0/0/0, "
                   "dsn=5.1.1, status=bounced (no: ABCDEF: to=<b@c>, dsn=2.0.0, status=sent (x))"),
     "postfix bounced 3F2A1B0C9D to=a@example.org relay=none status=5.1.1: no: ABCDEF: to=<b@c>, "
     "dsn=2.0.0, status=sent (x)"                                                                                                                           },
    {"Postfix: the null sender",
     CASES_SLICE("Nov  2 03:04:05 mx postfix/qmgr[2]: 3F2A1B0C9D: "
                 "from=<>, size=3000, nrcpt=1 (queue active)"),
     "postfix null 3F2A1B0C9D to=- relay=- status=-: "                                                                                                      },
    {"Postfix: a queue id is free again",
     CASES_SLICE("Nov  2 03:04:05 mx postfix/qmgr[2]: 3F2A1B0C9D: removed"),
     "postfix removed 3F2A1B0C9D to=- relay=- status=-: "                                                                                                   },
    {"Postfix: a notification is no bounce",
     CASES_SLICE("Nov  2 03:04:05 mx postfix/bounce[2]: 3F2A1B0C9D: sender non-delivery "
                 "notification: 4A5B6C7D"),
     NULL                                                                                                                                                   },
    {"Postfix: mail that we refuse is no bounce",
     CASES_SLICE("Nov  2 03:04:05 mx postfix/smtpd[2]: NOQUEUE: reject: RCPT from "
                 "h[192.0.2.1]: 550 5.1.1 <u@x>: unknown; from=<> to=<u@x> proto=ESMTP helo=<h>"),
     NULL                                                                                                                                                   },
    {"Postfix: a host that said something is not yet a deferral",
     CASES_SLICE(P "3F2A1B0C9D: host m[192.0.2.1] said: 450 4.2.0 try again, status=deferred (x)"),
     NULL                                                                                                                                                   },
    {"a status of something else",
     CASES_SLICE("Nov  2 03:04:05 mx job[2]: ABCDEF: to=<a>, x=1, status=done (y)"),                                                                    NULL},
 /* ---- Exim */
    {"Postfix: a Subject that a header check logs is not read as a delivery",
     CASES_SLICE("Nov  2 03:04:05 mx postfix/cleanup[12]: 3F2A1B0C9D: warning: header Subject: "
                 "ABCDEF: to=<a@example.org>, relay=x, dsn=5.0.0, status=bounced (x)"),
     NULL                                                                                                                                                   },
    {"Postfix: no name of a program before the queue id",
     CASES_SLICE("2026-11-02T03:04:05+00:00 mx 3F2A1B0C9D: to=<a@example.org>, relay=x, "
                 "dsn=5.0.0, status=bounced (x)"),
     "postfix bounced 3F2A1B0C9D to=a@example.org relay=x status=5.0.0: x"                                                                                  },
    {"Exim: a delivery to a host",
     CASES_SLICE(E ID " => a@example.org R=dnslookup T=remote_smtp H=mx.example.org [192.0.2.7] "
                      "X=TLS1.3:x:256 CV=yes C=\"250 OK id=1\""),
     "exim delivered " ID " to=a@example.org relay=mx.example.org status=-: 250 OK id=1"                                                                    },
    {"Exim: a short message id",
     CASES_SLICE(E "1Qabcd-0001Ef-Gh => a <a@example.org> R=localuser T=local_delivery"),
     "exim delivered 1Qabcd-0001Ef-Gh to=a@example.org relay=- status=-: "                                                                                  },
    {"Exim: a further address in the same delivery",
     CASES_SLICE(E ID " -> b@example.org R=dnslookup T=remote_smtp H=mx.example.org [192.0.2.7]"),
     "exim delivered " ID " to=b@example.org relay=mx.example.org status=-: "                                                                               },
    {"Exim: a cut-through delivery",
     CASES_SLICE(E ID " >> b@example.org R=dnslookup T=remote_smtp H=mx.example.org [192.0.2.7] "
                      "C=\"250 OK\""),
     "exim delivered " ID " to=b@example.org relay=mx.example.org status=-: 250 OK"                                                                         },
    {"Exim: a delivery that -N suppressed",
     CASES_SLICE(E ID " *> b@example.org R=dnslookup T=remote_smtp H=mx.example.org [192.0.2.7]"),
     NULL                                                                                                                                                   },
    {"Exim: a failure, with process id, milliseconds and zone",
     CASES_SLICE("2026-11-02 03:04:05.123 +0100 [4711] " ID
                 " ** b@example.org F=<s@example.com> R=dnslookup T=remote_smtp H=mx.example.org "
                 "[192.0.2.7]:25 X=y DN=\"C=A,CN=b\": SMTP error from remote mail server after "
                 "RCPT TO:<b@example.org>: 550 5.7.1 listed: see x"),
     "exim bounced " ID " to=b@example.org relay=mx.example.org status=5.7.1: SMTP error from "
     "remote mail server after RCPT TO:<b@example.org>: 550 5.7.1 listed: see x"                                                                            },
    {"Exim: a failure that needs no host",
     CASES_SLICE(E ID " ** b@example.org: Unrouteable address"),
     "exim bounced " ID " to=b@example.org relay=- status=-: Unrouteable address"                                                                           },
    {"Exim: a failed pipe is named by the address that led to it",
     CASES_SLICE(E ID " ** |/usr/bin/run -x <list@example.org> R=aliases T=address_pipe : Child "
                      "process returned 69"),
     "exim bounced " ID " to=list@example.org relay=- status=-: Child process returned 69"                                                                  },
    {"Exim: a deferral by a host",
     CASES_SLICE(E ID " == b@example.org R=dnslookup T=remote_smtp defer (-44) H=mx.example.org "
                      "[2001:db8::7]: SMTP error from remote mail server after RCPT "
                      "TO:<b@example.org>: 450 4.7.1 greylisted"),
     "exim deferred " ID " to=b@example.org relay=mx.example.org status=4.7.1: SMTP error from "
     "remote mail server after RCPT TO:<b@example.org>: 450 4.7.1 greylisted"                                                                               },
    {"Exim: a deferral by a router",
     CASES_SLICE(E ID " == b@example.org routing defer (-52): retry time not reached"),
     "exim deferred " ID " to=b@example.org relay=- status=-: retry time not reached"                                                                       },
    {"Exim: in syslog, with its own stamp",
     CASES_SLICE("Nov  2 03:04:05 mx exim[99]: " E ID " => a@example.org R=r T=t H=h [1.2.3.4]"),
     "exim delivered " ID " to=a@example.org relay=h status=-: "                                                                                            },
    {"Exim: in syslog, without a stamp, the first part of a long line",
     CASES_SLICE("2026-11-02T03:04:05+00:00 mx exim[99]: [1/2] " ID
                 " ** a@example.org R=r T=t H=h [1.2.3.4]: 550 no"),
     "exim bounced " ID " to=a@example.org relay=h status=-: 550 no"                                                                                        },
    {"Exim: an arrival",                                                           CASES_SLICE(E ID " <= s@example.com H=h [192.0.2.1] P=esmtp S=100"), NULL},
    {"Exim: a refused recipient of incoming mail",
     CASES_SLICE(E "H=h [192.0.2.1] F=<s@example.com> rejected RCPT <x@example.org>: unknown"),
     NULL                                                                                                                                                   },
    {"Exim: words that look like a flag further on",
     CASES_SLICE(E ID " H=h [192.0.2.1]: said ** b@example.org: no"),                                                                                   NULL},
 /* ---- Sendmail */
    {"Exim: mail to a filter on this machine comes again",
     CASES_SLICE(E ID " => a@example.org R=amavis T=smtp_out H=127.0.0.1 [127.0.0.1]:10024 "
                      "C=\"250 2.0.0 Ok: queued as 77\""),
     "exim ignored/re-injected " ID " to=a@example.org relay=127.0.0.1 status=2.0.0: 250 2.0.0 "
     "Ok: queued as 77"                                                                                                                                     },
    {"Exim: a transport that is a filter by its name",
     CASES_SLICE(E ID " => a <a@example.org> R=scan_router T=spamcheck"),
     "exim ignored/re-injected " ID " to=a@example.org relay=- status=-: "                                                                                  },
    {"Exim: a delivery on this machine that gives no new id is one",
     CASES_SLICE(E ID " => a@example.org R=lmtp T=lmtp H=127.0.0.1 [127.0.0.1]:24 "
                      "C=\"250 2.1.5 Ok\""),
     "exim delivered " ID " to=a@example.org relay=127.0.0.1 status=2.1.5: 250 2.1.5 Ok"                                                                    },
    {"Sendmail: a delivery to two recipients",
     CASES_SLICE(SM "5B21abCD000009: to=<a@example.org>,<b@example.org>, ctladdr=<s@x> (1/1), "
                    "delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=1, relay=mx.example.org. "
                    "[192.0.2.7], dsn=2.0.0, stat=Sent (OK id=9)"),
     "sendmail delivered 5B21abCD000009 to=a@example.org,b@example.org relay=mx.example.org. "
     "[192.0.2.7] status=2.0.0: Sent (OK id=9)"                                                                                                             },
    {"Sendmail: a bounce",
     CASES_SLICE(SM "5B21abCD000009: to=<a@example.org>, delay=00:00:01, mailer=esmtp, pri=1, "
                    "relay=mx.example.org. [192.0.2.7], dsn=5.1.1, stat=User unknown"),
     "sendmail bounced 5B21abCD000009 to=a@example.org relay=mx.example.org. [192.0.2.7] "
     "status=5.1.1: User unknown"                                                                                                                           },
    {"Sendmail: a deferral",
     CASES_SLICE(SM "5B21abCD000009: to=<a@example.org>, delay=00:00:01, mailer=esmtp, "
                    "relay=mx.example.org. [192.0.2.7], dsn=4.0.0, stat=Deferred: Connection timed "
                    "out with mx.example.org."),
     "sendmail deferred 5B21abCD000009 to=a@example.org relay=mx.example.org. [192.0.2.7] "
     "status=4.0.0: Deferred: Connection timed out with mx.example.org."                                                                                    },
    {"Sendmail: a passing failure in other words",
     CASES_SLICE(SM "5B21abCD000009: to=a, delay=0, mailer=local, dsn=4.3.0, stat=I/O error"),
     "sendmail deferred 5B21abCD000009 to=a relay=- status=4.3.0: I/O error"                                                                                },
    {"Sendmail: given up after five days",
     CASES_SLICE(SM "5B21abCD000009: to=<a@example.org>, delay=5+00:00:01, mailer=esmtp, "
                    "dsn=4.4.7, stat=Cannot send message for 5 days"),
     "sendmail bounced 5B21abCD000009 to=a@example.org relay=- status=4.4.7: Cannot send message "
     "for 5 days"                                                                                                                                           },
    {"Sendmail: queued without an attempt",
     CASES_SLICE(SM "5B21abCD000009: to=<a@example.org>, delay=0, mailer=esmtp, stat=queued"),
     "sendmail ignored/queued 5B21abCD000009 to=a@example.org relay=- status=-: queued"                                                                     },
    {"Sendmail: the submission queue hands over to its own daemon",
     CASES_SLICE("Nov  2 03:04:05 mx sendmail[9]: 5B21abCD000009: to=a@example.org, ctladdr=root "
                 "(0/0), delay=0, xdelay=0, mailer=relay, pri=1, relay=[127.0.0.1] [127.0.0.1], "
                 "dsn=2.0.0, stat=Sent (5B21abCD000010 Message accepted for delivery)"),
     "sendmail ignored/local-hop 5B21abCD000009 to=a@example.org relay=[127.0.0.1] [127.0.0.1] "
     "status=2.0.0: Sent (5B21abCD000010 Message accepted for delivery)"                                                                                    },
    {"Sendmail: a failure at its own daemon is a failure",
     CASES_SLICE("Nov  2 03:04:05 mx sendmail[9]: 5B21abCD000009: to=a@example.org, delay=0, "
                 "mailer=relay, relay=[127.0.0.1] [127.0.0.1], dsn=5.7.1, stat=Service "
                 "unavailable"),
     "sendmail bounced 5B21abCD000009 to=a@example.org relay=[127.0.0.1] [127.0.0.1] "
     "status=5.7.1: Service unavailable"                                                                                                                    },
    {"Sendmail: a program in quotes, with a comma",
     CASES_SLICE(SM "5B21abCD000009: to=\"|/bin/x a, b\", ctladdr=<l@x> (1/1), delay=0, "
                    "mailer=prog, dsn=2.0.0, stat=Sent"),
     "sendmail delivered 5B21abCD000009 to=\"|/bin/x a, b\" relay=- status=2.0.0: Sent"                                                                     },
    {"Sendmail: the notification about a bounce is not a bounce again",
     CASES_SLICE(SM "5B21abCD000009: 5B21abCD000011: DSN: User unknown"),                                                                               NULL},
    {"Sendmail: a filter on this machine gives the mail back",
     CASES_SLICE(SM "5B21abCD000009: to=<a@example.org>, delay=0, mailer=esmtp, "
                    "relay=localhost [127.0.0.1], dsn=2.0.0, stat=Sent (Ok: queued as 77)"),
     "sendmail ignored/local-hop 5B21abCD000009 to=a@example.org relay=localhost [127.0.0.1] "
     "status=2.0.0: Sent (Ok: queued as 77)"                                                                                                                },
    {"Sendmail: the words of the server stand in reply=, whatever they hold",
     CASES_SLICE(SM "5B21abCD000009: to=<a@example.org>, delay=0, mailer=esmtp, "
                    "relay=mx.example.org. [192.0.2.7], dsn=5.1.1, reply=550 5.7.1 no, not "
                    "here, stat=User unknown"),
     "sendmail bounced 5B21abCD000009 to=a@example.org relay=mx.example.org. [192.0.2.7] "
     "status=5.1.1: 550 5.7.1 no, not here"                                                                                                                 },
    {"Sendmail: reply= without a stat= is no delivery",
     CASES_SLICE(SM "5B21abCD000009: to=<a@example.org>, delay=0, mailer=esmtp, reply=550 no"),
     NULL                                                                                                                                                   },
    {"Sendmail: mail that a milter refused was never given to a mailer",
     CASES_SLICE(SM "5B21abCD000009: to=<a@example.org>, delay=0, pri=1, stat=Spam refused"),                                                           NULL},
    {"Sendmail: the null sender",
     CASES_SLICE(SM "5B21abCD000009: from=<>, size=2, class=0, nrcpts=1, proto=ESMTP, "
                    "relay=localhost [127.0.0.1]"),
     "sendmail null 5B21abCD000009 to=- relay=- status=-: "                                                                                                 },
 /* ---- OpenSMTPD */
    {"OpenSMTPD: a delivery",
     CASES_SLICE(OS "5f1b2c3d4e5f6a7b mta delivery evpid=11aa22bb33cc44dd from=<s@example.com> "
                    "to=<a@example.org> rcpt=<-> source=\"192.0.2.1\" relay=\"192.0.2.7 "
                    "(mx.example.org)\" delay=2s result=\"Ok\" stat=\"250 2.0.0 OK\""),
     "opensmtpd delivered 11aa22bb33cc44dd to=a@example.org relay=192.0.2.7 (mx.example.org) "
     "status=2.0.0: 250 2.0.0 OK"                                                                                                                           },
    {"OpenSMTPD: a failure, as version 6 writes it, with quotes in the reply",
     CASES_SLICE(OS "5f1b2c3d4e5f6a7b mta event=delivery evpid=11aa22bb33cc44dd from=<> "
                    "to=<a@example.org> rcpt=<-> source=\"-\" relay=\"192.0.2.7 (mx)\" delay=2s "
                    "result=\"PermFail\" stat=\"550 5.1.1 no \"a\" here\""),
     "opensmtpd bounced 11aa22bb33cc44dd to=a@example.org relay=192.0.2.7 (mx) status=5.1.1: 550 "
     "5.1.1 no \"a\" here"                                                                                                                                  },
    {"OpenSMTPD: a local deferral",
     CASES_SLICE(OS "0000000000000000 mda delivery evpid=11aa22bb33cc44dd from=<> to=<a@x> "
                    "rcpt=<b@x> user=a delay=2s result=TempFail stat=Error (\"mail.mda\")"),
     "opensmtpd deferred 11aa22bb33cc44dd to=a@x relay=- status=-: Error (\"mail.mda\")"                                                                    },
    {"OpenSMTPD: to a filter on this machine",
     CASES_SLICE(OS "5f1b2c3d4e5f6a7b mta delivery evpid=11aa22bb33cc44dd from=<s@x> to=<a@y> "
                    "rcpt=<-> source=\"127.0.0.1\" relay=\"127.0.0.1 (localhost)\" delay=0s "
                    "result=\"Ok\" stat=\"250 2.0.0 ab Message accepted for delivery\""),
     "opensmtpd ignored/re-injected 11aa22bb33cc44dd to=a@y relay=127.0.0.1 (localhost) "
     "status=2.0.0: 250 2.0.0 ab Message accepted for delivery"                                                                                             },
    {"OpenSMTPD 5: a failure",
     CASES_SLICE(OS "relay: PermFail for 11aa22bb33cc44dd: session=5f1b2c3d4e5f6a7b, from=<s@x>, "
                    "to=<a@y>, rcpt=<->, source=192.0.2.1, relay=192.0.2.7 (mx.y), delay=1s, "
                    "stat=554 5.7.1 no"),
     "opensmtpd bounced 11aa22bb33cc44dd to=a@y relay=192.0.2.7 (mx.y) status=5.7.1: 554 5.7.1 no"                                                          },
    {"OpenSMTPD 5: a local delivery",
     CASES_SLICE(OS "delivery: Ok for 11aa22bb33cc44dd: from=<s@x>, to=<a@y>, user=a, method=mda, "
                    "delay=1s, stat=Delivered"),
     "opensmtpd delivered 11aa22bb33cc44dd to=a@y relay=- status=-: Delivered"                                                                              },
    {"OpenSMTPD: a session ends",
     CASES_SLICE(OS "5f1b2c3d4e5f6a7b mta disconnected reason=quit messages=1"),                                                                        NULL},
 /* ---- hostile */
    {"an empty line",                                                              CASES_SLICE(""),                                                     NULL},
    {"NUL in a reply",
     CASES_SLICE(P "3F2A1B0C9D: to=<a@example.org>, relay=none, dsn=5.0.0, status=bounced (a\0b)"),
     "postfix bounced 3F2A1B0C9D to=a@example.org relay=none status=5.0.0: a\\0b"                                                                           },
    {"a carriage return at the end",
     CASES_SLICE(P "3F2A1B0C9D: to=<a@x>, relay=none, dsn=2.0.0, status=sent (ok)\r"),
     "postfix delivered 3F2A1B0C9D to=a@x relay=none status=2.0.0: ok"                                                                                      },
    {"nothing behind the status",                                                  CASES_SLICE(P "3F2A1B0C9D: to=<a@x>, status="),                      NULL},
    {"an angle bracket that is never closed",                                      CASES_SLICE(P "3F2A1B0C9D: to=<a@x, status=sent"),
     NULL                                                                                                                                                   },
};

static void print_slice(struct text *out, struct slice slice)
{
    for (size_t i = 0; i < slice.length; i++) {
        if (slice.start[i] == '\0')
            text_append(out, "\\0");
        else
            text_append_char(out, slice.start[i]);
    }
}

static void print_or_dash(struct text *out, struct slice slice)
{
    print_slice(out, slice.length == 0 ? slice_of("-") : slice);
}

static void print_event(struct text *out, const struct maillog_event *event)
{
    struct slice list = event->recipients;
    struct slice recipient;
    size_t count = 0;
    text_printf(out, "%s %s", maillog_format_name(event->format), KINDS[event->kind]);
    if (event->kind == MAILLOG_IGNORED)
        text_printf(out, "/%s", maillog_reason_name(event->reason));
    text_append(out, " ");
    print_slice(out, event->queue_id);
    text_append(out, " to=");
    while (maillog_next_recipient(&list, &recipient)) {
        text_append(out, count++ > 0 ? "," : "");
        print_slice(out, recipient);
    }
    text_append(out, count == 0 ? "- relay=" : " relay=");
    print_or_dash(out, event->relay);
    text_append(out, " status=");
    print_or_dash(out, event->status);
    text_append(out, ": ");
    print_slice(out, event->text);
}

static void check(enum maillog_format format, const struct row *row, const char *expected)
{
    struct maillog_event event;
    struct text out;
    text_init(&out, 4096);
    bool is_read = maillog_read(format, row->line, &event);
    if (is_read)
        print_event(&out, &event);
    assert_string_equal(out.start, expected == NULL ? "" : expected);
    assert_int_equal(is_read, event.kind != MAILLOG_OTHER);
    text_release(&out);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct maillog_event event;
    check(MAILLOG_ANY, row, row->event);
    maillog_read(MAILLOG_ANY, row->line, &event);
    for (enum maillog_format format = MAILLOG_POSTFIX; format <= MAILLOG_OPENSMTPD; format++)
        check(format, row, event.format == format ? row->event : NULL);
}

/* Cut anywhere, a line is read or not read; it is never read beyond its end (the sanitizers see
 * that, for each piece has memory of its own). */
static void test_cut(void **state)
{
    const struct row *row = *state;
    for (size_t length = 0; length <= row->line.length; length++) {
        struct maillog_event event;
        char *copy = malloc(length + 1);
        if (length > 0)
            memcpy(copy, row->line.start, length);
        maillog_read(MAILLOG_ANY, slice_new(copy, length), &event);
        assert_true(event.text.length <= length && event.recipients.length <= length);
        free(copy);
    }
}

/* ---- stamps: "YYYY-MM-DD hh:mm:ss zone", and the octets that are taken */

static const struct stamp_row {
    const char *label;
    const char *line, *stamp, *rest;
} stamp_rows[] = {
    {"RFC 3164 4.1.2: no year, one digit",         "Nov  2 03:04:05 mx x: y",               "0-11-2 3:4:5 local",
     "mx x: y"                                                                                                                              },
    {"RFC 3164 4.1.2: two digits",                 "Jan 12 23:59:60 mx x",                  "0-1-12 23:59:60 local", "mx x"                 },
    {"one digit without a blank to fill up",       "Jan 2 03:04:05 mx",                     "0-1-2 3:4:5 local",     "mx"                   },
    {"a year before the time",                     "Jan 12 2026 03:04:05 mx",               "2026-1-12 3:4:5 local", "mx"                   },
    {"a priority before it",                       "<22>Jan 12 03:04:05 mx",                "0-1-12 3:4:5 local",    "mx"                   },
    {"fractions",                                  "Jan 12 03:04:05.123456 mx",             "0-1-12 3:4:5 local",    "mx"                   },
    {"RFC 3339 5.6: offset and fraction",          "2026-11-02T03:04:05.123456+01:00 mx x",
     "2026-11-2 3:4:5 60",                                                                                           "mx x"                 },
    {"RFC 3339 5.6: west",                         "2026-11-02T03:04:05-03:30 mx",          "2026-11-2 3:4:5 -210",  "mx"                   },
    {"RFC 3339 5.6: Z",                            "2026-11-02T03:04:05Z mx",               "2026-11-2 3:4:5 0",     "mx"                   },
    {"RFC 5424 6: priority and version",           "<22>1 2026-11-02T03:04:05Z mx",         "2026-11-2 3:4:5 0",
     "mx"                                                                                                                                   },
    {"journalctl -o short-iso",                    "2026-11-02T03:04:05+0100 mx",           "2026-11-2 3:4:5 60",    "mx"                   },
    {"journalctl -o short-full",                   "Mon 2026-11-02 03:04:05 UTC mx",        "2026-11-2 3:4:5 0",     "mx"                   },
    {"journalctl -o short-unix",                   "1793588645.123456 mx",                  "@1793588645",           "mx"                   },
    {"Exim's main log",                            "2026-11-02 03:04:05 1vK",               "2026-11-2 3:4:5 local", "1vK"                  },
    {"Exim's main log with milliseconds and zone", "2026-11-02 03:04:05.123 -0500 [1] 1vK",
     "2026-11-2 3:4:5 -300",                                                                                         "[1] 1vK"              },
    {"a comma before the fraction",                "2026-11-02 03:04:05,123 x",             "2026-11-2 3:4:5 local", "x"                    },
    {"no stamp",                                   "postfix/smtp[1]: 3F2A",                 "none",                  "postfix/smtp[1]: 3F2A"},
    {"a month that is none",                       "Foo 12 03:04:05 mx",                    "none",                  "Foo 12 03:04:05 mx"   },
    {"a month beyond the year",                    "2026-13-02 03:04:05 x",                 "none",                  "2026-13-02 03:04:05 x"},
    {"an hour beyond the day",                     "2026-11-02 24:04:05 x",                 "none",                  "2026-11-02 24:04:05 x"},
    {"a stamp and nothing else",                   "2026-11-02 03:04:05",                   "none",                  "2026-11-02 03:04:05"  },
    {"empty",                                      "",                                      "none",                  ""                     },
};

static void test_stamp(void **state)
{
    const struct stamp_row *row = *state;
    struct maillog_stamp stamp;
    struct text out;
    text_init(&out, 200);
    size_t taken = maillog_stamp_parse(slice_of(row->line), &stamp);
    if (!stamp.is_set)
        text_append(&out, "none");
    else if (stamp.is_unix)
        text_printf(&out, "@%lld", (long long)stamp.seconds);
    else
        text_printf(&out, "%d-%d-%d %d:%d:%d ", stamp.year, stamp.month, stamp.day, stamp.hour,
                    stamp.minute, stamp.second);
    if (stamp.is_set && !stamp.is_unix && !stamp.has_zone)
        text_append(&out, "local");
    else if (stamp.is_set && !stamp.is_unix)
        text_printf(&out, "%d", stamp.zone);
    assert_string_equal(out.start, row->stamp);
    assert_string_equal(row->line + taken, row->rest);
    assert_int_equal(stamp.is_set, taken > 0);
    text_release(&out);
}

int main(void)
{
    struct cases cases = {0};
    CASES_TABLE(&cases, test_row, rows);
    CASES_TABLE(&cases, test_cut, rows);
    CASES_TABLE(&cases, test_stamp, stamp_rows);
    return cases_run(&cases, "maillog");
}
