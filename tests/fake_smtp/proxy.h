/*
 * The header of the PROXY protocol, versions 1 and 2, as a load balancer sends it before anything
 * else.
 */
#ifndef TESTS_FAKE_SMTP_PROXY_H
#define TESTS_FAKE_SMTP_PROXY_H

#include <netinet/in.h>

#include "base/slice.h"

#define PROXY_TEXT_SIZE 160

struct proxy {
    size_t length;                 /* of the header */
    char source[INET6_ADDRSTRLEN]; /* empty when it names none */
    char text[PROXY_TEXT_SIZE];    /* "v1 TCP4 192.0.2.1 192.0.2.2 1234 25", "v2 LOCAL" */
};

/* Reads a header from the start of `input`; `version` is "v1", "v2" or "any". 1 done, 0 more is
 * needed, -1 it is none. */
int proxy_parse(struct proxy *proxy, struct slice version, struct slice input);

#endif
