#include "name.h"

#include <string.h>

#define LABEL_MAX 63

static uint8_t lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + ('a' - 'A')) : octet;
}

size_t name_read(struct name *name, const uint8_t *octets, size_t size)
{
    size_t at = 0;

    name->label_count = 0;
    while (at < size && at < NAME_OCTETS_MAX) {
        uint8_t length = octets[at];

        name->octets[at] = length;
        if (length == 0) {
            name->length = at + 1;
            return name->length;
        }
        if (length > LABEL_MAX || at + length + 1 >= size || at + length + 1 >= NAME_OCTETS_MAX)
            return 0;
        name->labels[name->label_count++] = (uint8_t)at;
        for (size_t i = 1; i <= length; i++)
            name->octets[at + i] = lower(octets[at + i]);
        at += length + 1U;
    }
    return 0;
}

size_t name_skip(const uint8_t *message, size_t size, size_t offset)
{
    while (offset < size) {
        uint8_t length = message[offset];

        if (length == 0)
            return offset + 1;
        if (length > LABEL_MAX)
            return length >= 0xC0 && offset + 2 <= size ? offset + 2 : 0;
        offset += length + 1U;
    }
    return 0;
}

static bool is_plain(uint8_t octet)
{
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') ||
           (octet >= '0' && octet <= '9') || (octet != 0 && strchr("-_*/", octet) != NULL);
}

static char *print_octet(char *end, uint8_t octet)
{
    if (is_plain(octet)) {
        *end++ = (char)octet;
        return end;
    }
    *end++ = '\\';
    *end++ = (char)('0' + octet / 100);
    *end++ = (char)('0' + octet / 10 % 10);
    *end++ = (char)('0' + octet % 10);
    return end;
}

void name_print(const uint8_t *octets, char text[static NAME_TEXT_SIZE])
{
    char *end = text;

    if (octets[0] == 0)
        *end++ = '.';
    for (size_t at = 0; octets[at] != 0; at += octets[at] + 1U) {
        if (at > 0)
            *end++ = '.';
        for (size_t i = 1; i <= octets[at]; i++)
            end = print_octet(end, octets[at + i]);
    }
    *end = '\0';
}
