#include <math.h>

#include "mx.h"
#include "smtp_show.h"

static const char *const STATUS_NAMES[] = {
    [EXCHANGERS_PENDING] = "pending",     [EXCHANGERS_FOUND] = "found",
    [EXCHANGERS_IMPLICIT] = "implicit",   [EXCHANGERS_NULL] = "null",
    [EXCHANGERS_NO_DOMAIN] = "no-domain", [EXCHANGERS_NO_ADDRESS] = "none",
    [EXCHANGERS_FAILED] = "failed",
};

/* null where it is not known. */
static json_t *working(enum mx_answer answer)
{
    switch (answer) {
    case MX_WORKS:
        return json_true();
    case MX_UNASKED:
    case MX_OURS:
    case MX_BLOCKS:
        return json_null();
    default:
        return json_false();
    }
}

static json_t *address_json(struct report *report, const char *host,
                            const struct mx_address *address)
{
    char text[IP_NETWORK_TEXT_SIZE];
    struct ip_network network = mx_judge_network(&address->address);
    json_t *object = json_object();

    json_object_set_new(object, "host", report_json_string(report, host));
    json_object_set_new(object, "address", json_string(ip_print(&address->address, text)));
    json_object_set_new(object, "working", working(address->answer));
    json_object_set_new(object, "outcome", json_string(mx_answer_text(address->answer)));
    json_object_set_new(
        object, "failure",
        report_json_string(report, address->failure[0] == '\0' ? NULL : address->failure));
    json_object_set_new(object, "ms",
                        isnan(address->seconds)
                            ? json_null()
                            : json_integer((json_int_t)(address->seconds * 1000 + 0.5)));
    json_object_set_new(object, "network", json_string(ip_network_print(&network, text)));
    return object;
}

static void show_json(const struct mx_facts *facts, struct report *report)
{
    json_t *exchangers = json_array();

    for (size_t i = 0; i < facts->host_count; i++) {
        const struct mx_host *host = &facts->hosts[i];
        json_t *object = json_object();
        json_t *addresses = json_array();

        for (size_t k = 0; k < host->count; k++)
            json_array_append_new(addresses,
                                  address_json(report, host->exchanger->host, &host->addresses[k]));
        json_object_set_new(object, "host", report_json_string(report, host->exchanger->host));
        json_object_set_new(object, "preference", json_integer(host->exchanger->preference));
        json_object_set_new(object, "addresses", addresses);
        json_array_append_new(exchangers, object);
    }
    report_fact(report, "domain", report_json_string(report, facts->domain));
    report_fact(report, "status", json_string(STATUS_NAMES[facts->exchangers.status]));
    report_fact(report, "exchangers", exchangers);
}

static void show_samples(const struct mx_facts *facts, const struct mx_host *host,
                         const struct mx_address *address, struct report *report)
{
    char text[IP_TEXT_SIZE];
    const char *preference = arena_format(facts->arena, "%u", host->exchanger->preference);
    const char *const labels[] = {"exchanger",  host->exchanger->host,
                                  "address",    ip_print(&address->address, text),
                                  "preference", preference,
                                  NULL};

    if (address->answer == MX_UNASKED || address->answer == MX_OURS || address->answer == MX_BLOCKS)
        return;
    report_sample(report, "postmaster_mx_address_working",
                  "1 when the address greets with 220 and takes EHLO", address->answer == MX_WORKS,
                  labels);
    if (!isnan(address->seconds))
        report_sample(report, "postmaster_mx_address_seconds",
                      "From connecting to the reply to EHLO", address->seconds, labels);
}

static void show_address(const struct mx_facts *facts, const struct mx_host *host,
                         const struct mx_address *address, struct report *report)
{
    char text[IP_TEXT_SIZE];
    const struct smtp_entry *greeting =
        address->session == NULL ? NULL : smtp_session_find(address->session, SMTP_VERB_GREETING);
    const char *words = address->failure;

    ip_print(&address->address, text);
    if (!facts->was_connected) {
        report_detail(report, 1, "%u %s %s", host->exchanger->preference, host->exchanger->host,
                      text);
        return;
    }
    if (words[0] == '\0' && greeting != NULL)
        words = smtp_show_reply(report, greeting);
    if (isnan(address->seconds))
        report_detail(report, 1, "%u %s %s %s: %s", host->exchanger->preference,
                      host->exchanger->host, text, mx_answer_text(address->answer), words);
    else
        report_detail(report, 1, "%u %s %s %s, %.0f ms: %s", host->exchanger->preference,
                      host->exchanger->host, text, mx_answer_text(address->answer),
                      address->seconds * 1000, words);
}

static void show_host(const struct mx_facts *facts, const struct mx_host *host, int verbosity,
                      struct report *report)
{
    if (host->count == 0)
        report_detail(report, 1, "%u %s has no address%s", host->exchanger->preference,
                      host->exchanger->host, host->exchanger->is_resolved ? "" : " that is known");
    for (size_t k = 0; k < host->count; k++) {
        const struct mx_address *address = &host->addresses[k];

        show_address(facts, host, address, report);
        show_samples(facts, host, address, report);
        if (address->session != NULL && address->target != NULL && verbosity > 1)
            smtp_show_transcript(report, address->session, address->target->text, verbosity);
    }
}

void mx_show(const struct mx_facts *facts, int verbosity, struct report *report)
{
    show_json(facts, report);
    for (size_t i = 0; i < facts->host_count; i++)
        show_host(facts, &facts->hosts[i], verbosity, report);
}
