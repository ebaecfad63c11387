/*
 * Scripts: the text that says what the test server answers, read into rules.
 *
 * README.md in this folder is the manual of the language. In ABNF (RFC 5234; words are separated by
 * blanks, ";" outside quotes and "#" at the start of a line begin a comment):
 *
 *     line      = ["@" address *("," address)] ["[" *word "]"] statement
 *     statement = record / outcome / message / options / default / soa / dnsbl / listed
 *     record    = name [ttl] ["IN"] type rdata          ; RFC 1035 5.1, also `\# length hex`
 *     outcome   = name type ("NODATA" / rcode)          ; type may be ANY
 *     message   = name type "\message" hex              ; the octets that follow the id
 *     options   = name type                             ; only what the brackets say
 *     default   = "default"                             ; the same, for every question
 *     soa       = "soa" zone [negative-ttl]
 *     dnsbl     = "dnsbl" zone *("ipv4" / "ipv6" / "domain")     ; RFC 5782 5
 *     listed    = "listed" zone (address / domain) code *("," code) [DQUOTE reason DQUOTE]
 *
 * Names are absolute with and without the final dot.
 */
#ifndef TESTS_FAKE_DNS_SCRIPT_H
#define TESTS_FAKE_DNS_SCRIPT_H

#include "address.h"
#include "base/arena.h"
#include "behaviour.h"
#include "counter.h"
#include "zone.h"

#define SCRIPT_LISTENERS_MAX 64
#define SCRIPT_OCTETS_MAX (64U << 20)
#define SCRIPT_MESSAGE_SIZE 512

struct script {
    struct arena arena;
    struct zone zone;
    const struct address *listeners; /* the caller's */
    size_t listener_count;
    struct behaviour defaults[SCRIPT_LISTENERS_MAX];
    struct counter counter; /* questions, for lose=N and [each] */
    uint64_t query_count;
};

/* An empty script: every name is unknown below a root zone of its own. At most SCRIPT_LISTENERS_MAX
 * listeners. */
void script_init(struct script *script, const struct address *listeners, size_t listener_count);
void script_release(struct script *script);

/* Reads a whole script. False with `file:line: reason` in `message`; the script is then only good
 * for script_release. */
bool script_parse(struct script *script, const char *file, struct slice text,
                  char message[static SCRIPT_MESSAGE_SIZE]);

#endif
