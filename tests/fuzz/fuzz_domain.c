/* Domain names: a normal form is its own normal form, within the limits of RFC 1035 2.3.4. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/domain.h"
#include "mail/given_name.h"
#include "mail/idn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
    if (!fact)
        abort();
}

static void check_normal(const char *name)
{
    char again[DOMAIN_TEXT_SIZE];
    size_t labels = domain_label_count(name);
    size_t length = strlen(name);

    require(length < DOMAIN_TEXT_SIZE && labels <= 127);
    require(domain_normalize(length == 0 ? slice_of(".") : slice_of(name), again) == DOMAIN_FINE);
    require(strcmp(name, again) == 0);
    require(domain_equal(name, again));
    for (size_t i = 0; i <= labels; i++) {
        const char *parent = domain_parent(name, i);

        require(domain_label_count(parent) == labels - i);
        require(strcspn(parent, ".") <= DOMAIN_LABEL_MAX);
        require(domain_is_within(name, parent));
        require(i == 0 || !domain_is_within(parent, name));
    }
    require(*domain_parent(name, labels) == '\0');
    if (domain_is_host_name(name))
        require(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == length);
}

/* What a person gave is a name that the other functions take as well, or a fault that has words. */
static void check_given(struct slice text)
{
    struct given_name given, meant;
    struct arena arena = {0};
    char ascii[DOMAIN_TEXT_SIZE];
    bool is_good = given_name_read(text, &given);

    require(is_good == (given.fault == GIVEN_NAME_FINE) && is_good == (given.name[0] != '\0'));
    if (is_good) {
        require(domain_to_ascii(text, ascii) == DOMAIN_FINE && strcmp(ascii, given.name) == 0);
        check_normal(given.name);
    } else {
        require(given_name_expected(&arena, "x", &given)[1] != '\0');
        require(given.meant[0] == '\0' || given_name_read(slice_of(given.meant), &meant));
    }
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice name = slice_new((const char *)data, size);
    char normal[DOMAIN_TEXT_SIZE];
    char ascii[DOMAIN_TEXT_SIZE];
    enum domain_error error = domain_normalize(name, normal);
    enum domain_error idn_error = domain_to_ascii(name, ascii);

    if (error == DOMAIN_FINE) {
        check_normal(normal);
        require(idn_error == DOMAIN_FINE && strcmp(normal, ascii) == 0);
    } else {
        require(normal[0] == '\0');
    }
    if (idn_error == DOMAIN_FINE)
        check_normal(ascii);
    else
        require(ascii[0] == '\0');
    check_given(name);
    require(domain_error_text(error) != NULL && domain_error_text(idn_error) != NULL);
    return 0;
}
