#include "mail/idn.h"

#include <idn2.h>
#include <string.h>

#include "base/memory.h"

/* 253 characters of at most four octets, and the final dot. */
#define LONGEST_INPUT ((DOMAIN_TEXT_SIZE - 1) * 4 + 1)

static bool is_ascii(struct slice name)
{
    for (size_t i = 0; i < name.length; i++)
        if ((unsigned char)name.start[i] >= 0x80)
            return false;
    return true;
}

static enum domain_error from_idn2(int status)
{
    switch (status) {
    case IDN2_OK:
        return DOMAIN_FINE;
    case IDN2_MALLOC:
        memory_exhausted();
    case IDN2_TOO_BIG_DOMAIN:
        return DOMAIN_TOO_LONG;
    case IDN2_TOO_BIG_LABEL:
    case IDN2_PUNYCODE_BIG_OUTPUT:
        return DOMAIN_LABEL_TOO_LONG;
    case IDN2_ENCODING_ERROR:
        return DOMAIN_BAD_CHARACTER;
    default:
        return DOMAIN_BAD_IDN;
    }
}

/* A character such as U+2100 decomposes into one that means something in a URL or an address
 * ("a/c"): what the person did not write, the name must not hold. */
static bool holds_only_what_was_written(struct slice name, const char *ascii)
{
    for (; *ascii != '\0'; ascii++) {
        bool plain = (*ascii >= 'a' && *ascii <= 'z') || (*ascii >= '0' && *ascii <= '9') ||
                     *ascii == '-' || *ascii == '.';

        if (!plain && slice_find(name, *ascii) == name.length)
            return false;
    }
    return true;
}

enum domain_error domain_to_ascii(struct slice name, char buffer[static DOMAIN_TEXT_SIZE])
{
    char input[LONGEST_INPUT + 1];
    uint8_t *output = NULL;

    buffer[0] = '\0';
    if (is_ascii(name))
        return domain_normalize(name, buffer);
    if (name.length > LONGEST_INPUT)
        return DOMAIN_TOO_LONG;
    if (slice_find(name, '\0') < name.length)
        return DOMAIN_BAD_CHARACTER;
    memcpy(input, name.start, name.length);
    input[name.length] = '\0';

    enum domain_error error = from_idn2(
        idn2_lookup_u8((const uint8_t *)input, &output, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL));

    /* The library leaves labels of plain ASCII as they are, empty ones too. */
    if (error == DOMAIN_FINE)
        error = domain_normalize(slice_of((const char *)output), buffer);
    if (error == DOMAIN_FINE && !holds_only_what_was_written(name, buffer))
        error = DOMAIN_BAD_IDN;
    if (error != DOMAIN_FINE)
        buffer[0] = '\0';
    idn2_free(output);
    return error;
}
