/*
 * Messages of our own writing, tests/corpus/bounce_message, one for each system and format that is
 * known: what kind they are, for whom, and of which class.
 */
#include "cases.h"

#include <stdio.h>
#include <string.h>

#include "mail/bounce_format.h"
#include "mail/bounce_message.h"
#include "mail/bounce_mime.h"
#include "mail/bounce_report.h"
#include "mail/bounce_rules.h"
#include "mail/bounce_verp.h"

static struct arena arena;
static struct bounce_formats *formats;
static struct bounce_rules rules;
static char text[BOUNCE_MESSAGE_MAX * 2];

static struct slice read_file(const char *folder, const char *name)
{
    const char *source = getenv("SRCDIR");
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/%s/%s", source != NULL ? source : ".", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return (struct slice){0};
    size_t length = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    return slice_new(text, length);
}

static const struct message_row {
    const char *label;
    const char *file;
    enum bounce_kind kind;
    const char *format, *recipients, *class;
} message_rows[] = {
  /* clang-format off */
    {"RFC 3464: one failed recipient", "dsn", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "bad-mailbox"},
    {"RFC 3464 2.3.1: the original recipient is reported", "dsn-original", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "mailbox-full"},
    {"a final recipient that is a local name is never reported", "dsn-pseudo", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "system"},
    {"a final recipient that is a path is never reported", "dsn-path", BOUNCE_KIND_FAILURE, "rfc3464", "", ""},
    {"RFC 3464 2.1: a block for each recipient", "dsn-many", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test bob@lab.test", "bad-mailbox"},
    {"fields in odd case and spacing, no address type", "dsn-odd", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "bad-mailbox"},
    {"RFC 3464 2.3.3: delayed is no failure", "dsn-delayed", BOUNCE_KIND_DELAYED, "rfc3464", "ann@lab.test", "network"},
    {"failed, but the text says that it will be retried", "dsn-failed-but-retried", BOUNCE_KIND_DELAYED, "rfc3464", "ann@lab.test", "network"},
    {"no action: 4.x.x and given up is a failure", "dsn-no-action", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "expired"},
    {"RFC 3464 2.3.3: delivered", "dsn-delivered", BOUNCE_KIND_DELIVERED, "rfc3464", "ann@lab.test", ""},
    {"RFC 6533 3: an internationalized address, escaped", "dsn-utf8", BOUNCE_KIND_FAILURE, "rfc3464", "jos\xc3\xa9""@lab.test", "bad-mailbox"},
    {"RFC 3461 4: xtext in the original recipient", "dsn-xtext", BOUNCE_KIND_FAILURE, "rfc3464", "ann+news@lab.test", "bad-mailbox"},
    {"the report is in a part of another type", "dsn-as-text", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "bad-mailbox"},
    {"a diagnostic over lines that are not folded", "dsn-unfolded", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "blocked"},
    {"X-Supplementary-Info has the words", "dsn-supplement", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "blocked"},
    {"RFC 3464 2.3.6: x-unix, what a program ended with", "dsn-unix", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "system"},
    {"RFC 3834 2: a report marked auto-replied is a bounce", "dsn-auto-replied", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "bad-mailbox"},
    {"a report in base64", "dsn-base64", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "bad-mailbox"},
    {"a report in quoted-printable", "dsn-quoted-printable", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "bad-mailbox"},
    {"a bounce that was forwarded as text", "dsn-forwarded", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "bad-mailbox"},
    {"the boundary of the header is not that of the parts", "dsn-wrong-boundary", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "bad-mailbox"},
    {"line ends are CRLF", "dsn-crlf", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "bad-mailbox"},
    {"line ends are bare CR", "dsn-cr", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "bad-mailbox"},
    {"qmail: QSBMF", "qmail", BOUNCE_KIND_FAILURE, "qmail", "ann@lab.test bob@lab.test", "bad-mailbox"},
    {"Exim: address(es) failed", "exim", BOUNCE_KIND_FAILURE, "exim", "ann@lab.test", "mailbox-full"},
    {"Exim: a pipe is no recipient, its origin is", "exim-pipe", BOUNCE_KIND_FAILURE, "exim", "all@lab.test", "system"},
    {"Exim: has not yet been delivered", "exim-delayed", BOUNCE_KIND_DELAYED, "exim", "ann@lab.test", ""},
    {"Exim: X-Failed-Recipients in a text in another tongue", "exim-failed-recipients", BOUNCE_KIND_FAILURE, "x-failed-recipients", "ann@lab.test", "unknown"},
    {"Postfix: the text alone", "postfix", BOUNCE_KIND_FAILURE, "postfix", "ann@lab.test", "bad-mailbox"},
    {"Postfix: no report is left, the one addressee is meant", "postfix-unavailable", BOUNCE_KIND_FAILURE, "postfix", "someone@elsewhere.test", "unknown"},
    {"Sendmail: transcript", "sendmail", BOUNCE_KIND_FAILURE, "sendmail", "ann@lab.test", "bad-mailbox"},
    {"Sendmail: transient errors are a delay", "sendmail-warning", BOUNCE_KIND_DELAYED, "sendmail", "ann@lab.test", ""},
    {"Sendmail 5: only a transcript", "sendmail-5", BOUNCE_KIND_FAILURE, "v5sendmail", "ann@lab.test bob@lab.test", "bad-mailbox"},
    {"Courier", "courier", BOUNCE_KIND_FAILURE, "courier", "ann@lab.test", "mailbox-full"},
    {"OpenSMTPD: error", "opensmtpd", BOUNCE_KIND_FAILURE, "opensmtpd", "ann@lab.test", "bad-mailbox"},
    {"OpenSMTPD: delayed", "opensmtpd-delayed", BOUNCE_KIND_DELAYED, "opensmtpd", "ann@lab.test", ""},
    {"DragonFly Mail Agent", "dragonfly", BOUNCE_KIND_FAILURE, "dragonfly", "ann@lab.test", "network"},
    {"Exchange 5.5: an X.400 name", "exchange-5", BOUNCE_KIND_FAILURE, "exchange2003", "ann@lab.test", "bad-mailbox"},
    {"Exchange 2007 and Office 365", "exchange-2007", BOUNCE_KIND_FAILURE, "exchange", "ann@lab.test", "bad-mailbox"},
    {"Microsoft SMTPSVC", "smtpsvc", BOUNCE_KIND_FAILURE, "smtpsvc", "ann@lab.test", ""},
    {"Domino", "domino", BOUNCE_KIND_FAILURE, "domino", "ann@lab.test", "bad-mailbox"},
    {"Lotus Notes SMTP MTA", "notes", BOUNCE_KIND_FAILURE, "notes", "ann@lab.test", "bad-mailbox"},
    {"GroupWise: HTML alone", "groupwise", BOUNCE_KIND_FAILURE, "groupwise", "ann@lab.test", "bad-mailbox"},
    {"Messaging Server, PMDF", "pmdf", BOUNCE_KIND_FAILURE, "pmdf", "ann@lab.test", "disabled"},
    {"IMail, SMTP32", "imail", BOUNCE_KIND_FAILURE, "smtp32", "ann@lab.test", "expired"},
    {"IMail: mailbox exceeds its size", "imail-full", BOUNCE_KIND_FAILURE, "smtp32", "ann@lab.test", "mailbox-full"},
    {"Apache James", "james", BOUNCE_KIND_FAILURE, "james", "ann@lab.test", "bad-mailbox"},
    {"MDaemon", "mdaemon", BOUNCE_KIND_FAILURE, "mdaemon", "ann@lab.test", "bad-mailbox"},
    {"LSMTP: Error-for", "lsmtp", BOUNCE_KIND_FAILURE, "lsmtp", "ann@lab.test", "bad-mailbox"},
    {"Gmail: failed permanently", "gmail", BOUNCE_KIND_FAILURE, "gmail", "ann@lab.test", "bad-domain"},
    {"Gmail: address not found", "gmail-address", BOUNCE_KIND_FAILURE, "gmail", "ann@lab.test", "bad-mailbox"},
    {"Gmail: a temporary problem", "gmail-delay", BOUNCE_KIND_DELAYED, "gmail", "ann@lab.test", ""},
    {"Google Groups: the group is in X-Failed-Recipients", "google-groups", BOUNCE_KIND_FAILURE, "googlegroups", "team@googlegroups.com", ""},
    {"Yahoo", "yahoo", BOUNCE_KIND_FAILURE, "yahoo", "ann@yahoo.test bob@yahoo.test", "disabled"},
    {"AOL: a name without its domain", "aol", BOUNCE_KIND_FAILURE, "aol", "screenname@aol.test", ""},
    {"Zoho", "zoho", BOUNCE_KIND_FAILURE, "exim", "ann@lab.test", "mailbox-full"},
    {"Yandex", "yandex", BOUNCE_KIND_FAILURE, "yandex", "ann@lab.test", "bad-mailbox"},
    {"Mail.ru, in Cyrillic", "mailru", BOUNCE_KIND_FAILURE, "mailru", "ann@lab.test", "mailbox-full"},
    {"Mail.ru: to one or more recipients, over three lines", "mailru-broken", BOUNCE_KIND_FAILURE, "mailru", "ann@lab.test", "bad-mailbox"},
    {"a challenge: confirm that you are not a spammer", "challenge-spammer", BOUNCE_KIND_CHALLENGE, "challenge", "", ""},
    {"a challenge: a waiting list", "challenge-waitlist", BOUNCE_KIND_CHALLENGE, "challenge", "", ""},
    {"a parcel is no mail", "parcel", BOUNCE_KIND_NONE, "none", "", ""},
    {"a person writes about a report", "letter-example", BOUNCE_KIND_NONE, "none", "", ""},
    {"a text that begins as a report is one, whoever sends it", "text-report", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "bad-mailbox"},
    {"GMX", "gmx", BOUNCE_KIND_FAILURE, "gmx", "ann@lab.test", "disabled"},
    {"T-Online, in German", "t-online", BOUNCE_KIND_FAILURE, "t-online", "ann@lab.test", "mailbox-full"},
    {"EZweb: rejected by a remote server", "ezweb", BOUNCE_KIND_FAILURE, "ezweb", "ann@ezweb.test", "bad-mailbox"},
    {"KDDI: could not be delivered to", "kddi", BOUNCE_KIND_FAILURE, "kddi", "ann@kddi.test", "mailbox-full"},
    {"m-FILTER, in ISO-2022-JP", "mfilter", BOUNCE_KIND_FAILURE, "mfilter", "ann@lab.test", "bad-mailbox"},
    {"docomo: no report", "docomo", BOUNCE_KIND_FAILURE, "general", "ann@docomo.test", "bad-mailbox"},
    {"Biglobe", "biglobe", BOUNCE_KIND_FAILURE, "biglobe", "ann@biglobe.test", "mailbox-full"},
    {"163 and Sina, in GBK", "netease", BOUNCE_KIND_FAILURE, "netease", "ann@netease.test", "bad-mailbox"},
    {"Amazon SES: a notice in JSON", "ses-json", BOUNCE_KIND_FAILURE, "amazonses", "ann@lab.test", "bad-mailbox"},
    {"Amazon SES: on the suppression list", "ses-suppressed", BOUNCE_KIND_FAILURE, "amazonses", "ann@lab.test", "suppressed"},
    {"Amazon SES: a complaint", "ses-complaint", BOUNCE_KIND_COMPLAINT, "amazonses", "ann@lab.test", ""},
    {"Amazon WorkMail", "workmail", BOUNCE_KIND_FAILURE, "amazonworkmail", "ann@lab.test", "too-big"},
    {"MailMarshal", "mailmarshal", BOUNCE_KIND_FAILURE, "mailmarshal", "ann@lab.test", "policy"},
    {"MessageLabs", "messagelabs", BOUNCE_KIND_FAILURE, "qmail", "ann@lab.test", "bad-mailbox"},
    {"Mimecast", "mimecast", BOUNCE_KIND_FAILURE, "mimecast", "ann@lab.test", "bad-mailbox"},
    {"Trend InterScan", "trend", BOUNCE_KIND_FAILURE, "trendmicro", "ann@lab.test", "bad-mailbox"},
    {"Symantec and Barracuda", "symantec", BOUNCE_KIND_FAILURE, "general", "ann@lab.test", ""},
    {"SurfControl", "surfcontrol", BOUNCE_KIND_FAILURE, "surfcontrol", "ann@lab.test", "bad-mailbox"},
    {"X1: delivery errors in brackets", "x1", BOUNCE_KIND_FAILURE, "sendmail", "ann@lab.test", "bad-mailbox"},
    {"X2: Yahoo-like", "x2", BOUNCE_KIND_FAILURE, "yahoo", "ann@lab.test", "mailbox-full"},
    {"X3: Failed to deliver to", "x3", BOUNCE_KIND_FAILURE, "general", "ann@lab.test", "bad-mailbox"},
    {"X4: a qmail in other words", "x4", BOUNCE_KIND_FAILURE, "qmail", "ann@lab.test", "mailbox-full"},
    {"X5: a report in another tongue", "x5", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "bad-mailbox"},
    {"X6: rejected recipient", "x6", BOUNCE_KIND_FAILURE, "x6", "ann@lab.test", "bad-mailbox"},
    {"Dovecot and Sieve: automatically rejected", "sieve", BOUNCE_KIND_FAILURE, "sieve", "ann@lab.test", "filtered"},
    {"no known wording: an address near a refusal", "last-resort", BOUNCE_KIND_FAILURE, "address-and-code", "ann@lab.test", "bad-mailbox"},
    {"Exchange 2003: recipients that could not be reached", "exchange-2003", BOUNCE_KIND_FAILURE, "exchange2003", "ann@lab.test", "bad-mailbox"},
    {"1&1: the address failed", "1und1", BOUNCE_KIND_FAILURE, "general", "ann@lab.test", "bad-mailbox"},
    {"Sina: its deliver program", "sina", BOUNCE_KIND_FAILURE, "qmail", "ann@sina.test", "mailbox-full"},
    {"Barracuda: blocked by the firewall", "barracuda", BOUNCE_KIND_FAILURE, "general", "ann@lab.test", "spam-content"},
    {"Sendmail: expanded from another address", "sendmail-expanded", BOUNCE_KIND_FAILURE, "sendmail", "bob@home.test", "bad-mailbox"},
    {"Postfix: expanded from another address", "postfix-expanded", BOUNCE_KIND_FAILURE, "postfix", "bob@home.test", "bad-mailbox"},
    {"Messaging Server: an address of a channel is never reported", "pmdf-channel", BOUNCE_KIND_FAILURE, "pmdf", "ann@lab.test", "mailbox-full"},
    {"no address is made of a piece of one", "dsn-broken-address", BOUNCE_KIND_FAILURE, "rfc3464", "", ""},
    {"Postfix: a report of success without its part", "postfix-delivered", BOUNCE_KIND_DELIVERED, "postfix", "ann@lab.test", ""},
    {"mail of a list that quotes bounces", "newsletter", BOUNCE_KIND_NONE, "none", "", ""},
    {"an answer of a person that quotes a bounce", "letter-quoting", BOUNCE_KIND_NONE, "none", "", ""},
    {"RFC 3834: a vacation note that tells of a bounce", "vacation-telling", BOUNCE_KIND_AUTO_REPLY, "rfc3834", "", ""},
    {"no recipient in the text: the return path names him", "verp-nobody", BOUNCE_KIND_FAILURE, "postfix", "ann@lab.test", "bad-mailbox"},
    {"the mail went on to another address: the return path names the first one", "verp-forwarded", BOUNCE_KIND_FAILURE, "rfc3464", "ann@lab.test", "bad-mailbox"},
    {"RFC 5965: a complaint", "complaint", BOUNCE_KIND_COMPLAINT, "rfc5965", "ann@lab.test", ""},
    {"a complaint of Hotmail, without a report", "complaint-hotmail", BOUNCE_KIND_COMPLAINT, "hotmail-complaint", "ann@lab.test", ""},
    {"RFC 3834: a vacation note", "vacation", BOUNCE_KIND_AUTO_REPLY, "rfc3834", "", ""},
    {"a vacation note by its subject, encoded", "vacation-subject", BOUNCE_KIND_AUTO_REPLY, "rfc3834", "", ""},
    {"a challenge", "challenge", BOUNCE_KIND_CHALLENGE, "challenge", "", ""},
    {"a virus dressed as a bounce", "bogus", BOUNCE_KIND_BOGUS, "program-attached", "", ""},
    {"a person who writes about a bounce", "letter", BOUNCE_KIND_NONE, "none", "", ""},
    {"Exchange 2003: a quoted address, an X.400 name", "exchange-2003-names", BOUNCE_KIND_FAILURE, "exchange2003", "a@one.test b@two.test", "bad-mailbox"},
    {"Exchange 2003: a person by name, whose address the words hold", "exchange-2003-people", BOUNCE_KIND_FAILURE, "exchange2003", "a@one.test joe@two.test", "relay-denied"},
    {"Domino: two recipients in a line", "domino-list", BOUNCE_KIND_FAILURE, "domino", "a@one.test b@two.test", "network"},
    {"IMail: an unknown host, the one addressee is meant", "imail-host", BOUNCE_KIND_FAILURE, "smtp32", "a@one.test", "bad-domain"},
    {"OpenSMTPD: success", "opensmtpd-delivered", BOUNCE_KIND_DELIVERED, "opensmtpd", "a@one.test", ""},
    {"docomo: a label in Japanese right before the address", "docomo-label", BOUNCE_KIND_FAILURE, "japanese", "a@docomo.test", "unknown"},
    {"Biglobe: an address made unreadable is none", "biglobe-masked", BOUNCE_KIND_FAILURE, "sendmail", "a@biglobe.test", "mailbox-full"},
    {"m-FILTER: an address in brackets behind a code", "mfilter-message", BOUNCE_KIND_FAILURE, "mfilter", "a@mf.test", "bad-mailbox"},
    {"QQ: Chinese right beside the address, GB 18030", "tencent", BOUNCE_KIND_FAILURE, "netease", "a@qq.test", "bad-mailbox"},
    {"QQ: a label in Chinese behind the reason", "tencent-text", BOUNCE_KIND_FAILURE, "netease", "a@qq.test", "bad-mailbox"},
    {"163: a report and a text in GBK", "netease-gbk", BOUNCE_KIND_FAILURE, "rfc3464", "a@163.test", "bad-mailbox"},
    {"Amazon SES: braces and quotes within strings, a display name", "ses-two", BOUNCE_KIND_FAILURE, "amazonses", "a@one.test b@two.test", "bad-mailbox"},
    {"Amazon SES: DeliveryDelay", "ses-delay", BOUNCE_KIND_DELAYED, "amazonses", "a@one.test", "network"},
    {"Verizon: the addressee in the text", "verizon", BOUNCE_KIND_FAILURE, "verizon", "0000000000@vzwpix.test", "bad-mailbox"},
    {"InterScan: the addressee in the text", "interscan", BOUNCE_KIND_FAILURE, "general", "a@one.test", "bad-mailbox"},
    {"a text comes before a report in the returned message", "report-within", BOUNCE_KIND_FAILURE, "general", "a@one.test", "unknown"},
    {"a bounce passed on as an attachment", "report-attached", BOUNCE_KIND_FAILURE, "rfc3464", "a@one.test", "bad-mailbox"},
    {"only the subject and the address that it came to tell", "verp-subject", BOUNCE_KIND_FAILURE, "verp", "joe@one.test", "unknown"},
    {"the only address of a text in Italian", "only-address", BOUNCE_KIND_FAILURE, "address-and-code", "a@one.test", "bad-mailbox"},
    {"CommuniGate Pro: delayed", "communigate-warning", BOUNCE_KIND_DELAYED, "communigate", "a@one.test", "unknown"},
    {"CommuniGate Pro: failed", "communigate", BOUNCE_KIND_FAILURE, "communigate", "a@one.test", "bad-mailbox"},
    {"Sendmail: transient errors, and the message is deleted from the queue", "sendmail-deleted", BOUNCE_KIND_FAILURE, "sendmail", "a@one.test", "expired"},
    {"Sendmail 8.6: (transient failure), deleted from the queue", "sendmail-old-transient", BOUNCE_KIND_FAILURE, "v5sendmail", "a@one.test", "expired"},
    {"Sendmail 8.6: (unrecoverable error)", "sendmail-old", BOUNCE_KIND_FAILURE, "sendmail", "a@one.test", "bad-mailbox"},
    {"a warning by its subject, with one address", "warning-subject", BOUNCE_KIND_DELAYED, "address-and-code", "a@one.test", "unknown"},
    {"qmail in German: paragraphs that begin with an address", "qmail-translated", BOUNCE_KIND_FAILURE, "address-and-code", "a@one.test", "bad-mailbox"},
    {"Exim: pipes and files, whose origins are the recipients", "exim-paths", BOUNCE_KIND_FAILURE, "exim", "a@one.test b@two.test c@lab.test d@lab.test", "bad-mailbox"},
    {"a worm that writes like a mail system", "worm", BOUNCE_KIND_BOGUS, "program-attached", "", ""},
    {"a person who asks about a bounce", "letter-asking", BOUNCE_KIND_NONE, "none", "", ""},
    {"a list that tells of bounces", "list-bounces", BOUNCE_KIND_NONE, "none", "", ""},
    {"RFC 6533: an original recipient of type utf-8, escaped", "dsn-utf8-original", BOUNCE_KIND_FAILURE, "rfc3464", "jos\xc3\xa9+tag@one.test", "bad-mailbox"},
    {"Gmail: message blocked", "gmail-blocked", BOUNCE_KIND_FAILURE, "general", "a@one.test", "policy"},
    {"Exchange in Portuguese", "exchange-pt", BOUNCE_KIND_FAILURE, "exchange", "a@one.test", "bad-mailbox"},
    {"T-Online: failed addresses, then the header", "t-online-header", BOUNCE_KIND_FAILURE, "exim", "a@one.test", "mailbox-full"},
    {"Messaging Server: the original address of a channel", "pmdf-original", BOUNCE_KIND_FAILURE, "pmdf", "a@one.test b@two.test", "bad-mailbox"},
    {"Sendmail: a local name, whose origin is the recipient", "sendmail-local", BOUNCE_KIND_FAILURE, "sendmail", "joe@lab.test", "bad-mailbox"},
    {"a reason is no delay: could not be delivered for the following reason", "general-reason", BOUNCE_KIND_FAILURE, "general", "a@one.test", "bad-mailbox"},
    {"a label before each recipient", "general-labels", BOUNCE_KIND_FAILURE, "general", "a@one.test b@two.test", "bad-mailbox"},
    {"a numbered list of recipients", "general-numbers", BOUNCE_KIND_FAILURE, "notes", "a@one.test b@two.test", "bad-mailbox"},
    {"InterMail: recipients that were processed", "intermail", BOUNCE_KIND_FAILURE, "intermail", "a@one.test b@two.test", "bad-mailbox"},
    {"PowerMTA without its report", "powermta", BOUNCE_KIND_FAILURE, "powermta", "a@one.test b@two.test", "unknown"},
    {"Momentum: an address in angle brackets", "momentum", BOUNCE_KIND_FAILURE, "exim", "a@one.test", "bad-mailbox"},
    {"a delay whose text is HTML, under the subject of a failure", "dsn-delayed-html", BOUNCE_KIND_DELAYED, "rfc3464", "a@one.test", "network"},
    {"RFC 5321 4.1.2: a source route before the address", "dsn-route", BOUNCE_KIND_FAILURE, "rfc3464", "a@one.test", "bad-mailbox"},
    {"a report in base64 in a part that says nothing of its type", "dsn-untyped", BOUNCE_KIND_FAILURE, "rfc3464", "a@one.test", "bad-mailbox"},
    {"an answer of a person who puts a bounce into it", "letter-answering", BOUNCE_KIND_NONE, "none", "", ""},
    {"GroupWise: a reason in brackets behind the address", "groupwise-text", BOUNCE_KIND_FAILURE, "groupwise", "a@one.test", "bad-mailbox"},
    {"Office 365: its text and report", "office365", BOUNCE_KIND_FAILURE, "rfc3464", "a@one.test", "bad-mailbox"},
    {"Office 365: HTML alone", "office365-html", BOUNCE_KIND_FAILURE, "exchange", "a@one.test", "bad-mailbox"},
    {"Google Groups: X-Failed-Recipients names the group", "google-groups-failed", BOUNCE_KIND_FAILURE, "googlegroups", "orig@elsewhere.test", "sender-rejected"},
    {"James: RCPT TO lines behind the error", "james-two", BOUNCE_KIND_FAILURE, "james", "a@one.test b@two.test", "unknown"},
    {"Sendmail 5: an unknown host", "sendmail-5-host", BOUNCE_KIND_FAILURE, "v5sendmail", "a@one.test", "bad-domain"},
    {"Dovecot: a rejection with a disposition notification", "sieve-dovecot", BOUNCE_KIND_FAILURE, "sieve", "a@one.test", "mailbox-full"},
    {"Amazon WorkMail: HTML", "workmail-html", BOUNCE_KIND_FAILURE, "rfc3464", "a@one.test", "bad-mailbox"},
    {"Mail.ru: KOI8-R", "mailru-koi8", BOUNCE_KIND_FAILURE, "mailru", "a@mail.test", "bad-mailbox"},
    {"EZweb: rejected by a remote mail server", "ezweb-rejected", BOUNCE_KIND_FAILURE, "ezweb", "a@ezweb.test", "bad-mailbox"},
    {"SMTPSVC: delayed", "smtpsvc-delay", BOUNCE_KIND_DELAYED, "smtpsvc", "a@one.test", "unknown"},
    {"MessageLabs: its text and report", "messagelabs-report", BOUNCE_KIND_FAILURE, "rfc3464", "a@one.test", "bad-mailbox"},
    {"Exim: two fields X-Failed-Recipients", "exim-failed-twice", BOUNCE_KIND_FAILURE, "x-failed-recipients", "a@one.test b@two.test c@three.test", "unknown"},
    {"a report in a part for each recipient", "dsn-parts", BOUNCE_KIND_FAILURE, "rfc3464", "a@one.test b@two.test", "bad-mailbox"},
    {"Exchange in German: HTML with entities for letters", "exchange-entities", BOUNCE_KIND_FAILURE, "exchange", "a@one.test", "bad-mailbox"},
    {"a carrier that could not deliver", "carrier", BOUNCE_KIND_NONE, "none", "", ""},
    {"a shop whose order was not delivered", "shop", BOUNCE_KIND_NONE, "none", "", ""},
    {"a person who asks what the words of a bounce mean", "letter-question", BOUNCE_KIND_NONE, "none", "", ""},
    {"a person whose mail to us fails", "letter-failing", BOUNCE_KIND_NONE, "none", "", ""},
    {"a receipt in words", "receipt-text", BOUNCE_KIND_DELIVERED, "general", "a@one.test", ""},
    {"RFC 3463 3.1: 5.0.0 says nothing, the diagnostic says more", "dsn-status-zero", BOUNCE_KIND_FAILURE, "rfc3464", "a@one.test", "bad-mailbox"},
    {"Postfix: a delay in words is of its cause", "postfix-delayed", BOUNCE_KIND_DELAYED, "postfix", "a@one.test", "network"},
    {"Sendmail: a warning that it will keep trying is no expiry", "sendmail-delayed", BOUNCE_KIND_DELAYED, "rfc3464", "a@one.test", "network"},
    {"Netscape: recipients that did not receive", "netscape", BOUNCE_KIND_FAILURE, "general", "a@one.test", "bad-domain"},
    {"Sieve: a rejection that comes from the recipient", "sieve-recipient", BOUNCE_KIND_FAILURE, "sieve", "a@one.test", "mailbox-full"},
    {"a warning in words of its own, with one address", "warning-sentence", BOUNCE_KIND_DELAYED, "general", "a@one.test", "network"},
    {"a person who asks about undeliverable mail on a list", "letter-list", BOUNCE_KIND_NONE, "none", "", ""},
  /* clang-format on */
};

static void test_message(void **state)
{
    const struct message_row *row = *state;
    struct bounce_message bounce;
    struct bounce_verdict verdict;
    struct arena own;
    char recipients[1024] = "";
    size_t used = 0;
    char name[128];

    (void)snprintf(name, sizeof name, "%s.eml", row->file);
    struct slice message = read_file("tests/corpus/bounce_message", name);
    assert_non_null(message.start);
    arena_init(&own);
    bounce_message_read(formats, &own, message, &bounce);
    for (size_t i = 0; i < bounce.count; i++)
        used += (size_t)snprintf(recipients + used, sizeof recipients - used, "%s%.*s",
                                 i > 0 ? " " : "", SLICE_PRINTF(bounce.recipients[i].address));
    assert_string_equal(bounce_kind_name(bounce.kind), bounce_kind_name(row->kind));
    assert_string_equal(recipients, row->recipients);
    assert_string_equal(bounce.format, row->format);
    if (row->class[0] != '\0') {
        assert_true(bounce.count > 0);
        bounce_rules_classify(&rules, &bounce.recipients[0].reply, &verdict);
        assert_string_equal(bounce_class_name(verdict.class), row->class);
    }
    arena_release(&own);
}

/* ---- hostile messages: bounded, and never a bounce that is none */

static enum bounce_kind kind_of(struct slice message, size_t *count, size_t *used)
{
    struct bounce_message bounce;
    struct arena own;

    arena_init(&own);
    bounce_message_read(formats, &own, message, &bounce);
    *count = bounce.count;
    *used = own.used;
    arena_release(&own);
    return bounce.kind;
}

static void fill(const char *begin, const char *piece, const char *end)
{
    size_t length = strlen(begin);
    size_t step = strlen(piece);

    memcpy(text, begin, length);
    for (; length + step + strlen(end) < sizeof text; length += step)
        memcpy(text + length, piece, step);
    memcpy(text + length, end, strlen(end));
    memset(text + length + strlen(end), ' ', sizeof text - length - strlen(end));
}

static const struct hostile_row {
    const char *label;
    const char *begin, *piece, *end;
} hostile_rows[] = {
    {"one field of 2 MB",            "Subject: ",                                                       "x",       "\n\nno\n"},
    {"a field folded 500,000 times", "Subject: a",                                                      "\n b",    "\n\n"    },
    {"a header of 300,000 fields",   "",                                                                "a: b\n",  "\n"      },
    {"no line end at all",           "",                                                                "\xff",    ""        },
    {"bare CR alone",                "",                                                                "\r",      ""        },
    {"multipart without a part",     "Content-Type: multipart/report; boundary=b\n\n",                  "x\n",     ""        },
    {"300,000 parts",                "Content-Type: multipart/mixed; boundary=b\n\n",                   "--b\n\n", ""        },
    {"messages in messages",         "Content-Type: message/rfc822\n\n",
     "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n",                                        ""        },
    {"multiparts in multiparts",     "Content-Type: multipart/mixed; boundary=b\n\n",
     "--b\nContent-Type: multipart/mixed; boundary=b\n\n",                                                         ""        },
    {"signs of addresses",           "From: MAILER-DAEMON\nSubject: failure notice\n\n",                "@",       ""        },
    {"tags of HTML",                 "Content-Type: text/html\n\n",                                     "<b><",    ""        },
    {"entities of HTML",             "Content-Type: text/html\n\n",                                     "&lt",     ""        },
    {"base64 that is none",          "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n",
     "====",                                                                                                       ""        },
    {"quoted lines",                 "Subject: x\n\n",                                                  "> > >\n", ""        },
};

static void test_hostile(void **state)
{
    const struct hostile_row *row = *state;
    size_t count = 0;
    size_t used = 0;

    fill(row->begin, row->piece, row->end);
    assert_int_equal(kind_of(slice_new(text, sizeof text), &count, &used), BOUNCE_KIND_NONE);
    assert_int_equal(count, 0);
    /* Some copies of what is looked at, not of what there is. */
    assert_true(used < (size_t)24 * BOUNCE_MESSAGE_MAX);
}

static void test_nothing(void **state)
{
    size_t count = 1;
    size_t used = 0;

    (void)state;
    assert_int_equal(kind_of(slice_of(""), &count, &used), BOUNCE_KIND_NONE);
    assert_int_equal(count, 0);
    assert_int_equal(kind_of(slice_new("\0\0\0", 3), &count, &used), BOUNCE_KIND_NONE);
}

static void test_many_recipients(void **state)
{
    struct bounce_message bounce;
    struct arena own;
    size_t length = 0;

    (void)state;
    length += (size_t)snprintf(text, sizeof text,
                               "Content-Type: message/delivery-status\n\nReporting-MTA: x\n");
    for (unsigned i = 0; i < BOUNCE_RECIPIENTS_MAX + 10; i++)
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   "\nFinal-Recipient: rfc822; u%u@lab.test\nAction: failed\n", i);
    arena_init(&own);
    bounce_message_read(formats, &own, slice_new(text, length), &bounce);
    assert_int_equal(bounce.kind, BOUNCE_KIND_FAILURE);
    assert_int_equal(bounce.count, BOUNCE_RECIPIENTS_MAX);
    arena_release(&own);
}

/* ---- addresses of reports */

static const struct address_row {
    const char *label;
    const char *value, *address;
} address_rows[] = {
    {"type and address",                                       "rfc822; joe@example.org",               "joe@example.org"             },
    {"no blank, brackets",                                     "RFC822;<joe@example.org>",              "joe@example.org"             },
    {"no type",                                                "joe@example.org",                       "joe@example.org"             },
    {"xtext (RFC 3461 4)",                                     "rfc822;joe+2Bnews@example.org",         "joe+news@example.org"        },
    {"a tag that looks like xtext in lower case",              "rfc822;joe+de@example.org",
     "joe+de@example.org"                                                                                                             },
    {"a tag in hexadecimal that is none of an address' signs", "rfc822;joe+AB@example.org",
     "joe+AB@example.org"                                                                                                             },
    {"Unicode escaped (RFC 6533 3)",                           "utf-8; j\\x{F6}rg@example.org",         "j\xc3\xb6rg@example.org"     },
    {"Unicode of six digits",                                  "utf-8; \\x{1F408}@example.org",         "\xf0\x9f\x90\x88@example.org"},
    {"an escape that is none",                                 "utf-8; j\\x{ZZ@example.org",            "x{ZZ@example.org"            },
    {"a path",                                                 "rfc822;/var/mail/joe",                  ""                            },
    {"a path with an address",                                 "rfc822;/var/mail/joe@example.org",      ""                            },
    {"a pipe",                                                 "X-Local; |/bin/filter joe@example.org", ""                            },
    {"a user alone",                                           "unknown; joe",                          ""                            },
    {"nothing",                                                "",                                      ""                            },
};

static void test_address(void **state)
{
    const struct address_row *row = *state;
    struct arena own;

    arena_init(&own);
    struct slice address = bounce_report_address(&own, slice_of(row->value));
    assert_string_equal(arena_copy_slice(&own, address), row->address);
    arena_release(&own);
}

/* ---- return paths */

static const struct verp_row {
    const char *label;
    const char *address, *recipient;
} verp_rows[] = {
  /* clang-format off */
    {"behind a plus",              "list-bounces+ann=lab.test@x.test",           "ann@lab.test"    },
    {"with a plus of its own",     "list-bounces+ann+a=lab.test@x.test",         "ann+a@lab.test"  },
    {"with an equals sign",        "list-bounces+a=b=lab.test@x.test",           "a=b@lab.test"    },
    {"ezmlm: behind -return-",     "list-return-12-ann-b=lab.test@x.test",       "ann-b@lab.test"  },
    {"behind numbers",             "bounce-5899-1206-ann=lab.test@x.test",       "ann@lab.test"    },
    {"behind numbers and a plus",  "bounces+12-ab3f-ann=lab.test@x.test",        "ann@lab.test"    },
    {"alone",                      "ann=lab.test@x.test",                        "ann@lab.test"    },
    {"behind an unknown name",     "owner-list-ann=lab.test@x.test",             ""                },
    {"a number of a customer",     "bounces+customer=12345@x.test",              ""                },
    {"SRS is none",                "SRS0=HHHH=TT=lab.test=ann.b@x.test",         ""                },
    {"BATV is none",               "prvs=1234abcdef=ann.b@x.test",               ""                },
    {"a plain address",            "ann@lab.test",                               ""                },
    {"nothing before it",          "=lab.test@x.test",                           ""                },
    {"nothing behind it",          "ann=@x.test",                                ""                },
    {"no domain",                  "ann=lab.test",                               ""                },
    {"nothing",                    "",                                           ""                },
  /* clang-format on */
};

static void test_verp(void **state)
{
    const struct verp_row *row = *state;
    struct arena own;

    arena_init(&own);
    struct slice recipient = bounce_verp_recipient(&own, slice_of(row->address));
    assert_string_equal(arena_copy_slice(&own, recipient), row->recipient);
    arena_release(&own);
}

static bool open_all(void)
{
    struct bounce_rules_error error;

    arena_init(&arena);
    struct slice file = read_file("share", "bounce-rules.conf");
    bounce_rules_init(&rules, &arena);
    if (file.start == NULL || !bounce_rules_read(&rules, file, "rules", &error))
        return false;
    bounce_rules_compile(&rules);
    formats = bounce_formats_new(&arena);
    bounce_mime_open();
    return true;
}

int main(void)
{
    struct cases cases = {0};

    if (!open_all())
        return 1;
    CASES_TABLE(&cases, test_message, message_rows);
    CASES_TABLE(&cases, test_hostile, hostile_rows);
    cases_add(&cases, "a message of no octet, and one of NUL", test_nothing, NULL);
    cases_add(&cases, "more recipients than are kept", test_many_recipients, NULL);
    CASES_TABLE(&cases, test_address, address_rows);
    CASES_TABLE(&cases, test_verp, verp_rows);
    int result = cases_run(&cases, "bounce_message");
    bounce_mime_close();
    arena_release(&arena);
    return result;
}
