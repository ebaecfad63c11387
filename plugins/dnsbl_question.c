#include <string.h>

#include "dnsbl.h"
#include "dnsbl_zone.h"

bool dnsbl_question_cell(const struct dnsbl_choice *choice, const struct dnsbl_subject *subject,
                         char name[static DOMAIN_TEXT_SIZE])
{
    char label[DNSBL_LABEL_SIZE];
    return dnsbl_subject_label(subject, choice->list, label) &&
           dnsbl_zone_question(choice->list->zone, choice->key, label, name);
}

/* A test point is an address, which is reversed, or a name, which is taken as it is. */
bool dnsbl_question_test(const struct dnsbl_choice *choice, enum dnsbl_test_kind kind,
                         const char *point, char name[static DOMAIN_TEXT_SIZE])
{
    struct ip_address address;
    char reversed[IP_REVERSE_SIZE];
    if (kind != DNSBL_TEST_DOMAIN && ip_parse(slice_of(point), &address)) {
        point = ip_reverse(&address, reversed);
    }
    return dnsbl_zone_question(choice->list->zone, choice->key, point, name);
}

/* Without the target, and without the key and what stands before it: a zone may live while a key is
 * wrong. */
static size_t labels_before_apex(const char *zone)
{
    const char *key = strstr(zone, DNSBL_ZONE_KEY);
    return 1 + (key == NULL ? 0 : domain_label_count(zone) - domain_label_count(key) + 1);
}

bool dnsbl_question_apex(const struct dnsbl_choice *choice, char name[static DOMAIN_TEXT_SIZE])
{
    char whole[DOMAIN_TEXT_SIZE];
    if (!dnsbl_zone_question(choice->list->zone, choice->key, "x", whole)) {
        return false;
    }
    const char *apex = domain_parent(whole, labels_before_apex(choice->list->zone));
    memcpy(name, apex, strlen(apex) + 1);
    return true;
}
