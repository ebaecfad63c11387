#include "rdns.h"
#include "smtp_show.h"

static json_t *confirmed_json(enum rdns_confirmed confirmed)
{
    return confirmed == RDNS_NOT_KNOWN ? json_null() : json_boolean(confirmed == RDNS_CONFIRMED);
}

static json_t *address_json(struct report *report, const struct rdns_address *address)
{
    char text[IP_TEXT_SIZE];
    json_t *object = json_object();
    json_t *names = json_array();

    for (size_t i = 0; i < address->name_count; i++) {
        json_t *name = json_object();

        json_object_set_new(name, "name", report_json_string(report, address->names[i].name));
        json_object_set_new(name, "confirmed", confirmed_json(address->names[i].confirmed));
        json_array_append_new(names, name);
    }
    json_object_set_new(object, "address", json_string(ip_print(&address->address, text)));
    json_object_set_new(object, "host", report_json_string(report, address->host));
    json_object_set_new(object, "names", names);
    json_object_set_new(object, "helo", report_json_string(report, address->helo.text));
    json_object_set_new(object, "banner", report_json_string(report, address->banner.text));
    return object;
}

static const char *confirmed_text(const struct rdns_name *name)
{
    switch (name->confirmed) {
    case RDNS_CONFIRMED:
        return "leads back";
    case RDNS_DENIED:
        return "does not lead back";
    case RDNS_NOT_KNOWN:
        break;
    }
    return dns_status_name(name->forward->status);
}

static void show_address(const struct rdns_address *address, int verbosity, struct report *report)
{
    char text[IP_TEXT_SIZE];
    const char *const labels[] = {"address", ip_print(&address->address, text), NULL};

    for (size_t i = 0; i < address->name_count; i++)
        report_detail(report, 1, "%s: %s, %s", text, address->names[i].name,
                      confirmed_text(&address->names[i]));
    if (address->name_count == 0)
        report_detail(report, 1, "%s: no name (%s)", text, dns_status_name(address->ptr->status));
    if (address->helo.text != NULL)
        report_detail(report, 1, "%s: HELO %s", text, address->helo.text);
    if (address->banner.text != NULL)
        report_detail(report, 1, "%s: banner %s", text, address->banner.text);
    if (address->session != NULL && verbosity > 1)
        smtp_show_transcript(report, address->session, address->target->text, verbosity);
    if (dns_status_is_answer(address->ptr->status))
        report_sample(report, "postmaster_rdns_address_confirmed",
                      "1 when a name of the address leads back to it",
                      rdns_judge_is_confirmed(address), labels);
}

void rdns_show(const struct rdns_facts *facts, int verbosity, struct report *report)
{
    json_t *addresses = json_array();

    for (size_t i = 0; i < facts->count; i++) {
        json_array_append_new(addresses, address_json(report, &facts->addresses[i]));
        show_address(&facts->addresses[i], verbosity, report);
    }
    report_fact(report, "addresses", addresses);
}
