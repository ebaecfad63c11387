/* A host's name against an address: the word that is found lies in the name. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/domain.h"
#include "mail/generic_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first octet is the family, then the address, then the name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ip_address address = {0};
    struct slice word;
    char name[DOMAIN_TEXT_SIZE];

    if (size < 17)
        return 0;
    address.family = data[0] % 2 == 0 ? IP_V4 : IP_V6;
    memcpy(address.bytes, data + 1, address.family == IP_V4 ? 4 : 16);
    if (domain_normalize(slice_new((const char *)data + 17, size - 17), name) != DOMAIN_FINE)
        return 0;
    generic_name_of(name, &address, &word);
    if (word.length > 0 && (word.start < name || word.start + word.length > name + strlen(name)))
        abort();
    return 0;
}
