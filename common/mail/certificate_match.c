#include <string.h>

#include "mail/certificate.h"
#include "mail/domain.h"

#define WILDCARD "*."
#define WILDCARD_LABELS_MIN 3

static enum certificate_match match_name(struct slice name, struct slice host)
{
    if (slice_equals_ignoring_case(name, host)) {
        return CERTIFICATE_MATCH;
    }
    if (!slice_starts_with(name, WILDCARD)) {
        return CERTIFICATE_MISMATCH;
    }
    size_t labels = 1;
    for (size_t i = 0; i < name.length; i++) {
        labels += name.start[i] == '.';
    }
    struct slice behind = slice_sub(name, 1, name.length);
    size_t dot = slice_find(host, '.');
    bool is_one = dot > 0 && slice_equals_ignoring_case(slice_sub(host, dot, host.length), behind);
    return is_one && labels >= WILDCARD_LABELS_MIN ? CERTIFICATE_MATCH_WILDCARD
                                                   : CERTIFICATE_MISMATCH;
}

static enum certificate_match match_address(const struct certificate *certificate,
                                            const struct ip_address *address)
{
    for (size_t i = 0; i < certificate->name_count; i++) {
        if (certificate->names[i].kind == CERTIFICATE_NAME_IP &&
            ip_equal(&certificate->names[i].ip, address)) {
            return CERTIFICATE_MATCH;
        }
    }
    return CERTIFICATE_MISMATCH;
}

enum certificate_match certificate_match(const struct certificate *certificate, const char *host,
                                         bool common_name)
{
    struct ip_address address;
    if (ip_parse(slice_of(host), &address)) {
        return match_address(certificate, &address);
    }
    enum certificate_match best = CERTIFICATE_MISMATCH;
    bool has_name = false;
    for (size_t i = 0; i < certificate->name_count && best != CERTIFICATE_MATCH; i++) {
        const struct certificate_name *name = &certificate->names[i];
        bool is_name = name->kind == CERTIFICATE_NAME_DNS;
        has_name = has_name || is_name || name->kind == CERTIFICATE_NAME_BAD;
        enum certificate_match match =
            is_name ? match_name(name->text, slice_of(host)) : CERTIFICATE_MISMATCH;
        best = match != CERTIFICATE_MISMATCH ? match : best;
    }
    if (!has_name && common_name && certificate->common_name != NULL) {
        char cn[DOMAIN_TEXT_SIZE];
        if (domain_normalize(slice_of(certificate->common_name), cn) == DOMAIN_FINE &&
            cn[0] != '\0' && match_name(slice_of(cn), slice_of(host)) != CERTIFICATE_MISMATCH) {
            best = CERTIFICATE_MATCH_COMMON_NAME;
        }
    }
    return best;
}
