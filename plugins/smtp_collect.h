/*
 * The one way in which plugins speak SMTP: from the targets, through the names that our own
 * addresses have, to sessions side by side.
 *
 *     smtp_targets_init(&plugin, &config.smtp, &targets);
 *     resolver_open(&plugin, &resolver);
 *     answers = dns_answers_new(...);
 *     smtp_collect_targets(&targets, &plugin, resolver.dns, answers, deadline);
 *     smtp_collect_init(&collect, &plugin, &targets, resolver.loop, resolver.dns, answers,
 *                       &settings);
 *     session = smtp_collect_add(&collect, &targets.list[i], steps, count, &tls, deadline);
 *     smtp_collect_run(&collect, deadline);
 *     ... judge, show ...
 *     smtp_collect_release(&collect);
 *
 * A plugin that speaks to the exchangers of a domain fills the targets with smtp_targets_add in
 * place of smtp_collect_targets. `dns` may be NULL: then nothing is asked, for tests.
 */
#ifndef PLUGINS_SMTP_COLLECT_H
#define PLUGINS_SMTP_COLLECT_H

#include "net/dns.h"
#include "smtp_targets.h"

struct smtp_collect {
    struct plugin *plugin;
    const struct smtp_targets *targets;
    struct dns *dns;
    struct dns_answers *answers;
    struct smtp *smtp;
};

/* Asks for the addresses of the host until all are known or the deadline comes. */
void smtp_collect_targets(struct smtp_targets *targets, struct plugin *plugin, struct dns *dns,
                          struct dns_answers *answers, struct deadline deadline);

/* `settings` as of net/smtp.h, NULL for its defaults. */
void smtp_collect_init(struct smtp_collect *collect, struct plugin *plugin,
                       const struct smtp_targets *targets, struct loop *loop, struct dns *dns,
                       struct dns_answers *answers, const struct smtp_settings *settings);
/* Cuts what still stands. */
void smtp_collect_release(struct smtp_collect *collect);

/* The address that the target sees us come from: that of the PROXY header, else --source, else the
 * one that the kernel would take (interfaces_source; nothing is sent). IP_NONE for a Unix socket
 * and where there is no route. */
struct ip_address smtp_collect_source(const struct smtp_target *target);

/* The name for EHLO towards that target: the option's, else the name of our address, forward-
 * confirmed, else the host's name, else the address literal (see smtp_targets_ehlo). Asks DNS when
 * it must, for SMTP_COLLECT_NAME_SECONDS at most: a slow resolver of ours must not cost the server
 * its time. */
#define SMTP_COLLECT_NAME_SECONDS 3
const char *smtp_collect_ehlo(struct smtp_collect *collect, const struct smtp_target *target,
                              struct deadline deadline);

/* One conversation with the target: EHLO name, SNI, LMTP, implicit TLS and PROXY header are set
 * from the options. `steps` must outlive the run. `tls` may be NULL; its server_name is replaced by
 * the target's. */
struct smtp_session *smtp_collect_add(struct smtp_collect *collect,
                                      const struct smtp_target *target,
                                      const struct smtp_step *steps, size_t step_count,
                                      const struct tls_request *tls, struct deadline deadline);
/* As smtp_collect_add in two steps, for what the options do not say (talks_early): the request may
 * be changed between them. */
struct smtp_request *smtp_collect_request(struct smtp_collect *collect,
                                          const struct smtp_target *target,
                                          const struct smtp_step *steps, size_t step_count,
                                          const struct tls_request *tls, struct deadline deadline);
struct smtp_session *smtp_collect_play(struct smtp_collect *collect,
                                       const struct smtp_request *request);
/* Plays all that was added; true when each came to its end before the deadline. */
bool smtp_collect_run(struct smtp_collect *collect, struct deadline deadline);

#endif
