#include "mail/bounce_format.h"

#define FAILURE BOUNCE_KIND_FAILURE
#define DELAYED BOUNCE_KIND_DELAYED

static const struct bounce_format rows[] = {
  /* clang-format off */
    {"general", "delivery to the following recipient failed", FAILURE, 0},
    {"general", "failed recipients", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "failed recipient", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "the following address(es) had permanent", FAILURE, 0},
    {"general", "the following addresses had permanent", FAILURE, 0},
    {"general", "could not be delivered to the following", FAILURE, 0},
    {"general", "could not be delivered to", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "could not deliver your message to", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "could not deliver message to", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "couldn't be delivered to", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "cannot be delivered to", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "can not be delivered to", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "not able to deliver your message to the following", FAILURE, 0},
    {"general", "unable to deliver your message to the following", FAILURE, 0},
    {"general", "unable to deliver your message to", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "unable to deliver", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "was not delivered to the following", FAILURE, 0},
    {"general", "not delivered to", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "mail message to the following address(es) could not be delivered", FAILURE, 0},
    {"general", "the following recipients could not be reached", FAILURE, 0},
    {"general", "su mensaje no pudo ser entregado", FAILURE, 0},
    {"general", "n'a pas pu etre delivre", FAILURE, 0},
    {"general", "no se pudo entregar", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "delivery of email to this address", FAILURE, 0},
    {"general", "mail could not be delivered", FAILURE, BOUNCE_FORMAT_HINT | BOUNCE_FORMAT_ADDRESSEE},
    {"general", "could not be delivered", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "the following recipients did not receive", FAILURE, 0},
    {"general", "the following recipient", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "undeliverable", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "recipient:", FAILURE, BOUNCE_FORMAT_HINT},
    {"general", "target mail address:", FAILURE, BOUNCE_FORMAT_SENTENCE | BOUNCE_FORMAT_HINT},
    {"general", "user's mailbox is full:", FAILURE, BOUNCE_FORMAT_SENTENCE | BOUNCE_FORMAT_HINT},
    {"general", "invalid final delivery userid:", FAILURE, BOUNCE_FORMAT_SENTENCE},
    {"general", "the address to which your message was addressed", FAILURE, BOUNCE_FORMAT_SENTENCE},
    {"general", "did not exactly match", FAILURE, BOUNCE_FORMAT_BEFORE | BOUNCE_FORMAT_HINT},
    {"general", "no such user here", FAILURE, BOUNCE_FORMAT_BEFORE | BOUNCE_FORMAT_HINT},
    {"general", "your message has been blocked", FAILURE, BOUNCE_FORMAT_SENTENCE | BOUNCE_FORMAT_HINT},
    {"general", "was delivered on", BOUNCE_KIND_DELIVERED, BOUNCE_FORMAT_BEFORE | BOUNCE_FORMAT_HINT},
    {"general", "was successfully delivered", BOUNCE_KIND_DELIVERED, BOUNCE_FORMAT_BEFORE | BOUNCE_FORMAT_HINT},
    {"general", "your message to", FAILURE, BOUNCE_FORMAT_SENTENCE | BOUNCE_FORMAT_HINT},
    {"general", "was rejected due to", FAILURE, BOUNCE_FORMAT_BEFORE | BOUNCE_FORMAT_HINT},
    {"general", "would exceed mailbox quota", FAILURE, BOUNCE_FORMAT_BEFORE | BOUNCE_FORMAT_HINT},
    {"general", "is not a valid", FAILURE, BOUNCE_FORMAT_BEFORE | BOUNCE_FORMAT_HINT},
    {"general", "user unknown", FAILURE, BOUNCE_FORMAT_BEFORE | BOUNCE_FORMAT_HINT},
    {"general", "does not exist", FAILURE, BOUNCE_FORMAT_BEFORE | BOUNCE_FORMAT_HINT},
    {"general", "mailbox full", FAILURE, BOUNCE_FORMAT_BEFORE | BOUNCE_FORMAT_HINT},
    {"general", "over quota", FAILURE, BOUNCE_FORMAT_BEFORE | BOUNCE_FORMAT_HINT},
  /* clang-format on */
};

struct bounce_format_table bounce_format_general(void)
{
    return (struct bounce_format_table){rows, sizeof rows / sizeof rows[0]};
}
