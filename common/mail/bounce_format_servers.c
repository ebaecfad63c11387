#include "mail/bounce_format.h"

#define FAILURE BOUNCE_KIND_FAILURE
#define DELAYED BOUNCE_KIND_DELAYED

static const struct bounce_format rows[] = {
  /* clang-format off */
    /* qmail, QSBMF (cr.yp.to/proto/qsbmf.txt), and its heirs */
    {"qmail", "hi. this is the qmail-send program", FAILURE, 0},
    {"qmail", "i'm afraid i wasn't able to deliver your message to the following address", FAILURE, 0},
    {"qmail", "i wasn't able to deliver your message to the following", FAILURE, 0},
    {"qmail", "i was not able to deliver your message to the following", FAILURE, 0},
    {"qmail", "i tried to deliver a bounce message to this address, but the bounce bounced", FAILURE, 0},
    {"qmail", "this is a permanent error; i've given up", FAILURE, 0},
    {"qmail", "there's a problem with the e-mail address(es) you're trying to send to", FAILURE, 0},
    /* Exim */
    {"exim", "message has not yet been delivered", DELAYED, 0},
    {"exim", "has not yet been delivered", DELAYED, BOUNCE_FORMAT_HINT},
    {"exim", "the following address(es) have yet been delivered", DELAYED, 0},
    {"exim", "has not been delivered to all of its recipients", DELAYED, 0},
    {"exim", "has not been delivered to one or more of its recipients", DELAYED, 0},
    {"exim", "address to which the message has not yet been delivered is", DELAYED, 0},
    {"exim", "the following address(es) failed", FAILURE, 0},
    {"exim", "could not be delivered to one or more of its recipients", FAILURE, 0},
    {"exim", "could not be delivered to all of its recipients", FAILURE, 0},
    {"exim", "could not be delivered to any of its recipients", FAILURE, 0},
    {"exim", "following text was generated during the delivery attempt", FAILURE, 0},
    {"exim", "recipient addresses that were incorrectly constructed", FAILURE, 0},
    {"exim", "failed addresses follow", FAILURE, 0},
    {"exim", "the following message to", FAILURE, BOUNCE_FORMAT_SENTENCE | BOUNCE_FORMAT_HINT},
    /* Postfix */
    {"postfix", "your message was successfully delivered to the destination", BOUNCE_KIND_DELIVERED, 0},
    {"postfix", "message could not be delivered to one or more recipients", FAILURE, 0},
    {"postfix", "message could not be delivered for more than", DELAYED, 0},
    {"postfix", "delivery report unavailable", FAILURE, BOUNCE_FORMAT_ADDRESSEE},
    {"postfix", "could not be delivered to one or more destinations", FAILURE, 0},
    {"postfix", "your message could not be delivered to one or more", FAILURE, 0},
    {"postfix", "this is the mail system at host", FAILURE, BOUNCE_FORMAT_HINT},
    /* Sendmail, also version 5 */
    {"sendmail", "the following addresses had successful delivery notifications", BOUNCE_KIND_DELIVERED, 0},
    {"sendmail", "the following addresses had transient non-fatal errors", DELAYED, 0},
    {"sendmail", "the following addresses had delivery problems", FAILURE, BOUNCE_FORMAT_HINT},
    {"sendmail", "the following addresses had permanent fatal errors", FAILURE, 0},
    {"sendmail", "the following addresses had fatal errors", FAILURE, 0},
    {"sendmail", "the following addresses had permanent delivery errors", FAILURE, 0},
    {"sendmail", "the following addresses had delivery errors", FAILURE, 0},
    {"sendmail", "following recipients have permanent", FAILURE, 0},
    {"v5sendmail", "transcript of session follows", FAILURE, BOUNCE_FORMAT_ADDRESSEE},
    /* Courier */
    {"courier", "undeliverable mail your message to the following recipients cannot be delivered", FAILURE, 0},
    {"courier", "your message to the following recipients cannot be delivered", FAILURE, 0},
    {"courier", "delivery of your message has been temporarily delayed", DELAYED, 0},
    {"courier", "message to the following recipients has been delayed", DELAYED, 0},
    /* OpenSMTPD */
    {"opensmtpd", "an error has occurred while attempting to deliver a message for the following list of recipients", FAILURE, 0},
    {"opensmtpd", "a message is delayed for more than", DELAYED, 0},
    {"opensmtpd", "attempting to deliver a message to the following list of recipients", FAILURE, 0},
    {"opensmtpd", "your message was successfully delivered to these recipients", BOUNCE_KIND_DELIVERED, 0},
    /* DragonFly Mail Agent */
    {"dragonfly", "there was an error delivering your mail to", FAILURE, BOUNCE_FORMAT_SENTENCE},
    {"dragonfly", "this is the dragonfly mail agent", FAILURE, BOUNCE_FORMAT_HINT},
    {"dragonfly", "unable to deliver your message. reason:", FAILURE, 0},
    /* Exchange 5.5 and 2003, SMTPSVC */
    {"exchange2003", "did not reach the following recipient", FAILURE, BOUNCE_FORMAT_PEOPLE},
    {"exchange2003", "the following recipient(s) could not be reached", FAILURE, BOUNCE_FORMAT_PEOPLE},
    {"exchange2003", "the following recipient(s) cannot be reached", FAILURE, BOUNCE_FORMAT_PEOPLE},
    {"smtpsvc", "delivery to the following recipients failed", FAILURE, 0},
    {"smtpsvc", "delivery to the following recipients has been delayed", DELAYED, 0},
    {"smtpsvc", "unable to deliver message to the following recipients", FAILURE, 0},
    {"smtpsvc", "this is an automatically generated delivery status notification", FAILURE, BOUNCE_FORMAT_HINT},
    /* Exchange 2007 and later, in the tongues of its administrators */
    {"exchange", "delivery has failed to these recipients or", FAILURE, 0},
    {"exchange", "delivery has failed to these recipients", FAILURE, 0},
    {"exchange", "delivery is delayed to these recipients or", DELAYED, 0},
    {"exchange", "your message couldn't be delivered", FAILURE, 0},
    {"exchange", "your message wasn't delivered", FAILURE, 0},
    {"exchange", "diagnostic information for administrators", FAILURE, 0},
    {"exchange", "informations de diagnostic pour les administrateurs", FAILURE, 0},
    {"exchange", "informazioni di diagnostica per gli amministratori", FAILURE, 0},
    {"exchange", "diagnoseinformationen f\xc3\xbcr administratoren", FAILURE, 0},
    {"exchange", "diagnoseinformation f\xc3\xbcr administratoren", FAILURE, 0},
    {"exchange", "informaci\xc3\xb3n de diagn\xc3\xb3stico para los administradores", FAILURE, 0},
    {"exchange", "informaci\xc3\xb3n de diagn\xc3\xb3stico para administradores", FAILURE, 0},
    {"exchange", "diagnostische gegevens voor beheerders", FAILURE, 0},
    {"exchange", "diagnostisk information f\xc3\xb6r administrat\xc3\xb6rer", FAILURE, 0},
    {"exchange", "informa\xc3\xa7\xc3\265es de diagn\xc3\xb3stico para administradores", FAILURE, 0},
    {"exchange", "informacje diagnostyczne dla administrator", FAILURE, 0},
    {"exchange", "diagnosticeringsoplysninger til administratorer", FAILURE, 0},
    {"exchange", "diagnostikkinformasjon for administratorer", FAILURE, 0},
    {"exchange", "\xe7\xae\xa1\xe7\x90\x86\xe8\x80\x85\xe5\x90\x91\xe3\x81\x91\xe3\x81\xae\xe8\xa8\xba\xe6\x96\xad\xe6\x83\x85\xe5\xa0\xb1", FAILURE, 0},
    {"exchange", "\xe4\xbe\x9b\xe7\xae\xa1\xe7\x90\x86\xe5\x91\x98\xe4\xbd\xbf\xe7\x94\xa8\xe7\x9a\x84\xe8\xaf\x8a\xe6\x96\xad\xe4\xbf\xa1\xe6\x81\xaf", FAILURE, 0},
    {"exchange", "\xd0\xb8\xd0\xb0\xd0\xb3\xd0\xbd\xd0\xbe\xd1\x81\xd1\x82\xd0\xb8\xd1\x87\xd0\xb5\xd1\x81\xd0\xba\xd0\xb8\xd0\xb5 \xd1\x81\xd0\xb2\xd0\xb5\xd0\xb4\xd0\xb5\xd0\xbd\xd0\xb8\xd1\x8f \xd0\xb4\xd0\xbb\xd1\x8f \xd0\xb0\xd0\xb4\xd0\xbc\xd0\xb8\xd0\xbd\xd0\xb8\xd1\x81\xd1\x82\xd1\x80\xd0\xb0\xd1\x82\xd0\xbe\xd1\x80\xd0\xbe\xd0\xb2", FAILURE, 0},
    {"exchange", "generating server:", FAILURE, BOUNCE_FORMAT_HINT},
    /* Domino and Notes, GroupWise */
    {"domino", "was not delivered to:", FAILURE, 0},
    {"notes", "failure reasons", FAILURE, BOUNCE_FORMAT_HINT},
    {"notes", "failed to deliver", FAILURE, BOUNCE_FORMAT_HINT},
    {"notes", "non-delivery of:", FAILURE, 0},
    {"groupwise", "the message that you sent was undeliverable to the following", FAILURE, 0},
    {"groupwise", "message that you sent was undeliverable", FAILURE, 0},
    /* Messaging Server, PMDF */
    {"pmdf", "your message cannot be delivered to the following recipients", FAILURE, 0},
    {"pmdf", "this report relates to a message you sent", FAILURE, 0},
    {"pmdf", "your message has been enqueued and undeliverable for", DELAYED, 0},
    {"pmdf", "your message is being returned; it has been enqueued and undeliverable for", FAILURE, 0},
    {"pmdf", "recipient address:", FAILURE, BOUNCE_FORMAT_HINT},
    /* PowerMTA, InterMail */
    {"powermta", "you will find a list of the affected recipients", FAILURE, 0},
    {"intermail", "these recipients of your message have been processed by the mail server", FAILURE, 0},
    /* IMail and other SMTP32 */
    {"smtp32", "delivery failed", FAILURE, BOUNCE_FORMAT_SENTENCE | BOUNCE_FORMAT_HINT},
    {"smtp32", "undeliverable to", FAILURE, BOUNCE_FORMAT_SENTENCE | BOUNCE_FORMAT_HINT},
    {"smtp32", "user mailbox exceeds allowed size:", FAILURE, BOUNCE_FORMAT_SENTENCE},
    {"smtp32", "unknown user:", FAILURE, BOUNCE_FORMAT_SENTENCE | BOUNCE_FORMAT_HINT},
    {"smtp32", "unknown host:", FAILURE, BOUNCE_FORMAT_ADDRESSEE | BOUNCE_FORMAT_HINT},
    /* CommuniGate Pro */
    {"communigate", "message delivery to", DELAYED, BOUNCE_FORMAT_SENTENCE | BOUNCE_FORMAT_HINT},
    {"communigate", "failed to deliver to", FAILURE, BOUNCE_FORMAT_SENTENCE | BOUNCE_FORMAT_HINT},
    /* Apache James, MDaemon, LSMTP, others */
    {"james", "unable to deliver a message to the following recipients", FAILURE, 0},
    {"james", "error message below:", FAILURE, 0},
    {"james", "the message delivery was delayed", DELAYED, BOUNCE_FORMAT_HINT},
    {"mdaemon", "the attached message had permanent fatal delivery errors", FAILURE, 0},
    {"mdaemon", "failed address:", FAILURE, BOUNCE_FORMAT_SENTENCE},
    {"lsmtp", "error-for:", FAILURE, BOUNCE_FORMAT_SENTENCE},
    {"x400", "your message was not delivered to", FAILURE, 0},
  /* clang-format on */
};

struct bounce_format_table bounce_format_servers(void)
{
    return (struct bounce_format_table){rows, sizeof rows / sizeof rows[0]};
}
