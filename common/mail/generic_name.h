/*
 * Names of hosts that a provider has made for a whole network: with the address in them, or with a
 * word for lines that change hands (RFC 1912 2.1 wants a name of the host's own). Receivers take
 * mail from such hosts for that of infected machines. Pure.
 */
#ifndef COMMON_MAIL_GENERIC_NAME_H
#define COMMON_MAIL_GENERIC_NAME_H

#include "base/slice.h"
#include "mail/ip.h"

enum generic_name {
    GENERIC_NAME_NOT = 0,
    GENERIC_NAME_ADDRESS, /* at least three octets of the address stand in it, or all of it in hex
                             or as one number */
    GENERIC_NAME_WORD,    /* "dynamic", "pool", "dsl" ... */
};

/* `name` in normal form. The registered domain at its end does not count: mail.pool.example is a
 * host of pool.example. *word is the word, a view into `name`. */
enum generic_name generic_name_of(const char *name, const struct ip_address *address,
                                  struct slice *word);

#endif
