#include "mail/bounce_format.h"

#define FAILURE BOUNCE_KIND_FAILURE
#define DELAYED BOUNCE_KIND_DELAYED

static const struct bounce_format rows[] = {
  /* clang-format off */
    {"mailmarshal", "could not be delivered because of", FAILURE, 0},
    {"surfcontrol", "your message could not be sent", FAILURE, 0},
    {"mcafee", "these are the following addresses", FAILURE, BOUNCE_FORMAT_HINT},
    {"mimecast", "attempted to send to the following address could not be delivered", FAILURE, 0},
    {"mxlogic", "this message has been rejected by the recipient's", FAILURE, BOUNCE_FORMAT_HINT},
    {"mailfoundry", "unable to deliver message to:", FAILURE, 0},
    {"trendmicro", "unable to deliver message to", FAILURE, 0},
    {"amavis", "non-delivery report -", FAILURE, BOUNCE_FORMAT_HINT},
    {"activehunter", "failed to deliver the following", FAILURE, BOUNCE_FORMAT_HINT},
    {"fml", "your mail is rejected", FAILURE, BOUNCE_FORMAT_HINT},
    {"sieve", "was automatically rejected", FAILURE, BOUNCE_FORMAT_BEFORE},
    {"sieve", "your message was automatically rejected by", FAILURE, 0},
    {"x1", "the original message was received at", FAILURE, BOUNCE_FORMAT_HINT},
    {"x2", "unable to deliver message to the following address", FAILURE, 0},
    {"x3", "failed to deliver to domain", FAILURE, 0},
    {"x6", "we had trouble delivering your message", FAILURE, BOUNCE_FORMAT_SENTENCE},
    {"x6", "rejected recipient", FAILURE, BOUNCE_FORMAT_SENTENCE | BOUNCE_FORMAT_HINT},
  /* clang-format on */
};

struct bounce_format_table bounce_format_gateways(void)
{
    return (struct bounce_format_table){rows, sizeof rows / sizeof rows[0]};
}
