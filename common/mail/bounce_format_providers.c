#include "mail/bounce_format.h"

#define FAILURE BOUNCE_KIND_FAILURE
#define DELAYED BOUNCE_KIND_DELAYED

static const struct bounce_format rows[] = {
  /* clang-format off */
    /* Gmail, Google Groups and Workspace */
    {"gmail", "delivery to the following recipient has been delayed", DELAYED, 0},
    {"gmail", "delivery to the following recipients has been delayed", DELAYED, 0},
    {"gmail", "there was a temporary problem delivering your message to", DELAYED, BOUNCE_FORMAT_SENTENCE},
    {"gmail", "there was a temporary problem while delivering your message to", DELAYED, BOUNCE_FORMAT_SENTENCE},
    {"gmail", "gmail will retry for", DELAYED, 0},
    {"gmail", "delivery to the following recipient failed permanently", FAILURE, 0},
    {"gmail", "delivery to the following recipients failed permanently", FAILURE, 0},
    {"gmail", "your message wasn't delivered to", FAILURE, BOUNCE_FORMAT_SENTENCE},
    {"gmail", "there was a problem delivering your message to", FAILURE, BOUNCE_FORMAT_SENTENCE},
    {"gmail", "tu mensaje no se ha entregado a", FAILURE, BOUNCE_FORMAT_SENTENCE},
    {"gmail", "ihre nachricht wurde nicht zugestellt", FAILURE, BOUNCE_FORMAT_SENTENCE},
    {"gmail", "votre message n'a pas \xc3\xa9t\xc3\xa9 distribu\xc3\xa9 \xc3\xa0", FAILURE, BOUNCE_FORMAT_SENTENCE},
    {"googlegroups", "we're writing to let you know that the group you tried to contact", FAILURE, BOUNCE_FORMAT_SENTENCE | BOUNCE_FORMAT_ADDRESSEE},
    /* Yahoo, AOL */
    {"yahoo", "unable to deliver message to the following address", FAILURE, 0},
    {"yahoo", "we were unable to deliver your message to the following address", FAILURE, 0},
    {"aol", "your mail to the following recipients could not be delivered", FAILURE, BOUNCE_FORMAT_LOCAL},
    {"aol", "the mail you sent could not be delivered to:", FAILURE, 0},
    {"aol", "the following address(es) had permanent fatal errors", FAILURE, 0},
    /* Zoho, Yandex, Mail.ru */
    {"zoho", "the following addresses had fatal errors", FAILURE, 0},
    {"yandex", "we are sorry to inform you that your message could not be delivered", FAILURE, 0},
    {"mailru", "a message that you sent was rejected by", FAILURE, 0},
    {"mailru", "\xd0\xbd\xd0\xb5 \xd0\xbc\xd0\xbe\xd0\xb6\xd0\xb5\xd1\x82 \xd0\xb1\xd1\x8b\xd1\x82\xd1\x8c \xd0\xb4\xd0\xbe\xd1\x81\xd1\x82\xd0\xb0\xd0\xb2\xd0\xbb\xd0\xb5\xd0\xbd\xd0\xbe \xd0\xbe\xd0\xb4\xd0\xbd\xd0\xbe\xd0\xbc\xd1\x83 \xd0\xb8\xd0\xbb\xd0\xb8 \xd0\xbd\xd0\xb5\xd1\x81\xd0\xba\xd0\xbe\xd0\xbb\xd1\x8c\xd0\xba\xd0\xb8\xd0\xbc \xd0\xbf\xd0\xbe\xd0\xbb\xd1\x83\xd1\x87\xd0\xb0\xd1\x82\xd0\xb5\xd0\xbb\xd1\x8f\xd0\xbc", FAILURE, 0},
    {"mailru", "\xd0\xb4\xd0\xbe\xd1\x81\xd1\x82\xd0\xb0\xd0\xb2\xd0\xb8\xd1\x82\xd1\x8c \xd0\xbf\xd0\xbe \xd1\x81\xd0\xbb\xd0\xb5\xd0\xb4\xd1\x83\xd1\x8e\xd1\x89\xd0\xb8\xd0\xbc \xd0\xb0\xd0\xb4\xd1\x80\xd0\xb5\xd1\x81\xd0\xb0\xd0\xbc", FAILURE, 0},
    {"mailru", "\xd0\xb4\xd0\xbe\xd1\x81\xd1\x82\xd0\xb0\xd0\xb2\xd0\xb8\xd1\x82\xd1\x8c \xd1\x81\xd0\xbe\xd0\xbe\xd0\xb1\xd1\x89\xd0\xb5\xd0\xbd\xd0\xb8\xd0\xb5 \xd0\xbf\xd0\xbe \xd1\x81\xd0\xbb\xd0\xb5\xd0\xb4\xd1\x83\xd1\x8e\xd1\x89\xd0\xb5\xd0\xbc\xd1\x83 \xd0\xb0\xd0\xb4\xd1\x80\xd0\xb5\xd1\x81\xd1\x83", FAILURE, 0},
    /* GMX, Web.de, 1&1, T-Online, in German */
    {"gmx", "the following message could not be delivered", FAILURE, 0},
    {"gmx", "folgende nachricht konnte nicht zugestellt werden", FAILURE, 0},
    {"gmx", "konnte nicht zugestellt werden", FAILURE, BOUNCE_FORMAT_HINT},
    {"gmx", "konnte nicht an", FAILURE, BOUNCE_FORMAT_HINT},
    {"gmx", "nicht zugestellt werden:", FAILURE, 0},
    {"gmx", "nicht ausgeliefert werden", FAILURE, BOUNCE_FORMAT_HINT},
    {"gmx", "this message was created automatically by mail delivery software", FAILURE, BOUNCE_FORMAT_HINT},
    {"1und1", "the header of the original message is following", FAILURE, BOUNCE_FORMAT_HINT},
    {"t-online", "die folgenden empf\xc3\xa4nger konnten nicht erreicht werden", FAILURE, 0},
    {"t-online", "an die folgenden empf\xc3\xa4nger", FAILURE, BOUNCE_FORMAT_HINT},
    /* KDDI, EZweb, docomo, Biglobe and other Japanese */
    {"ezweb", "the user(s) account is disabled", FAILURE, BOUNCE_FORMAT_HINT},
    {"ezweb", "the user(s) account is temporarily", FAILURE, BOUNCE_FORMAT_HINT},
    {"ezweb", "following recipients was rejected", FAILURE, 0},
    {"ezweb", "each of the following recipients was rejected by a remote mail server", FAILURE, 0},
    {"kddi", "your mail sent on:", FAILURE, BOUNCE_FORMAT_HINT},
    {"kddi", "your mail attempted to be delivered on", FAILURE, 0},
    {"kddi", "could not be delivered to:", FAILURE, 0},
    {"kddi", "as their mailbox is full", FAILURE, BOUNCE_FORMAT_BEFORE},
    {"biglobe", "the mail box of the following recipient", FAILURE, 0},
    {"mfilter", "-------server message", FAILURE, BOUNCE_FORMAT_HINT},
    {"mfilter", "following recipient is unknown", FAILURE, 0},
    {"japanese", "\xe9\x80\x81\xe4\xbf\xa1\xe3\x81\xa7\xe3\x81\x8d\xe3\x81\xbe\xe3\x81\x9b\xe3\x82\x93\xe3\x81\xa7\xe3\x81\x97\xe3\x81\x9f", FAILURE, BOUNCE_FORMAT_HINT},
    {"japanese", "\xe9\x85\x8d\xe4\xbf\xa1\xe3\x81\xa7\xe3\x81\x8d\xe3\x81\xbe\xe3\x81\x9b\xe3\x82\x93\xe3\x81\xa7\xe3\x81\x97\xe3\x81\x9f", FAILURE, BOUNCE_FORMAT_HINT},
    /* Sina, 163, QQ */
    {"netease", "\xe6\x8a\xb1\xe6\xad\x89\xef\xbc\x8c\xe6\x82\xa8\xe7\x9a\x84\xe9\x82\xae\xe4\xbb\xb6\xe8\xa2\xab\xe9\x80\x80\xe5\x9b\x9e\xe6\x9d\xa5\xe4\xba\x86", FAILURE, 0},
    {"netease", "\xe9\x82\xae\xe4\xbb\xb6\xe6\x97\xa0\xe6\xb3\x95\xe5\x8f\x91\xe9\x80\x81\xe5\x88\xb0", FAILURE, 0},
    {"netease", "\xe9\x80\x80\xe4\xbf\xa1", FAILURE, BOUNCE_FORMAT_HINT},
    /* Amazon */
    {"amazonses", "an error occurred while trying to deliver the mail to the following recipients", FAILURE, 0},
    {"amazonworkmail", "an error occurred while trying to deliver the message to the following recipients", FAILURE, 0},
    {"amazonworkmail", "technical report:", FAILURE, BOUNCE_FORMAT_HINT},
    /* Facebook, Apple, Verizon, others */
    {"verizon", "the message could not be delivered to mobile", FAILURE, BOUNCE_FORMAT_ADDRESSEE},
    {"verizon", "message could not be delivered to mobile", FAILURE, BOUNCE_FORMAT_ADDRESSEE},
    {"verizon", "undeliverable message original message", FAILURE, BOUNCE_FORMAT_HINT},
    {"usa.net", "intended recipient:", FAILURE, BOUNCE_FORMAT_SENTENCE | BOUNCE_FORMAT_HINT},
  /* clang-format on */
};

struct bounce_format_table bounce_format_providers(void)
{
    return (struct bounce_format_table){rows, sizeof rows / sizeof rows[0]};
}
