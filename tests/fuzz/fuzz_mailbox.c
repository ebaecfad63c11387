/* The value of a From field. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/mailbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mailboxes mailboxes;
    struct slice value = slice_new((const char *)data, size);
    mailboxes_parse(value, &mailboxes);
    for (size_t i = 0; i < mailboxes.count; i++) {
        struct slice address = mailboxes.list[i].address;
        if (address.start < value.start ||
            address.start + address.length > value.start + value.length)
            abort();
    }
    return 0;
}
