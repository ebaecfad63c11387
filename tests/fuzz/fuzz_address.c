/* One mail address: what is good has no octet that ends a command, and is good a second time. The
 * first octet says whether UTF-8 is. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct address address;

    if (size == 0)
        return 0;
    struct slice text = slice_new((const char *)data + 1, size - 1);
    bool smtputf8 = data[0] == 'u';

    if (!address_parse(text, smtputf8, &address)) {
        if (address.error == ADDRESS_FINE || address.column == 0 ||
            address.column > text.length + 1)
            abort();
        return 0;
    }
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.start[i] < ' ' || text.start[i] == 0x7F)
            abort();
    }
    if (address.local.length > ADDRESS_LOCAL_MAX || text.length + 2 > ADDRESS_PATH_MAX ||
        (address.host[0] != '\0' && !domain_is_host_name(address.host)) ||
        (address.host[0] == '\0') != (address.literal.family != IP_NONE) ||
        !address_parse(text, true, &address))
        abort();
    return 0;
}
