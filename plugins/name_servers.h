/*
 * --authoritative: what each authoritative server of a zone says about the records of one name, and
 * which servers differ from the others.
 */
#ifndef PLUGINS_NAME_SERVERS_H
#define PLUGINS_NAME_SERVERS_H

#include "mail/endpoint.h"
#include "net/dns.h"
#include "plugin/plugin.h"

#define NAME_SERVERS_MAX 40

/* One address of one server. */
struct name_server {
    const char *name;
    struct endpoint endpoint;
    enum dns_status status; /* DNS_PENDING when it was silent */
    const char *set; /* the wanted records there, sorted, joined by newlines; "" for none; NULL: no
                        answer */
    uint32_t ttl;    /* of its answer */
};

struct name_servers {
    const char *name; /* what is asked for */
    /* Set before the finding, and kept by it: */
    unsigned type; /* TXT, MX ("10 mail.example.org") or PTR (its name); 0: TXT */
    bool (*is_wanted)(struct slice text); /* the TXT that count; NULL: all */
    const struct dns_answer *soa, *ns;
    const char *zone; /* NULL: not found */
    struct name_server *servers;
    size_t count;
    const char *common; /* the set that most servers have; NULL when none answered */
};

/* Finds zone, servers and their addresses by the answers so far; true when nothing is missing. */
bool name_servers_find(struct arena *arena, struct dns_answers *answers,
                       const struct plugin_common *common, const char *name, unsigned port,
                       struct name_servers *servers);

/* Asks every server of `count` names, side by side. */
void name_servers_ask(struct arena *arena, struct dns *dns, struct deadline deadline,
                      struct name_servers *const *names, size_t count);

/* A set for people: its records in one line, joined by " and ". "" and NULL as they are. */
const char *name_servers_print(struct arena *arena, const char *set);

/* The findings of a plugin that this module adds: differs (another set), missing (no record while
 * others have one), silent (no usable answer), unknown (the servers were not found). */
struct name_servers_findings {
    size_t differs, missing, silent, unknown;
};
void name_servers_judge(const struct name_servers *servers,
                        const struct name_servers_findings *findings, struct report *report);

#endif
