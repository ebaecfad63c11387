#include "mail/generic_name.h"

#include <stdio.h>
#include <string.h>

#include "mail/domain.h"

/* Octets of an IPv4 address that must stand in a row. */
#define OCTETS_IN_A_ROW 3
#define RUNS_MAX 64

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool is_letter(char character)
{
    return character >= 'a' && character <= 'z';
}

/* The name without its registered domain: two labels, or three where the last is a country and the
 * one before it a short one (co.uk, com.br). */
static struct slice host_part(const char *name)
{
    size_t count = domain_label_count(name);
    size_t own = 2;

    if (count > 3) {
        const char *country = domain_parent(name, count - 1);
        const char *second = domain_parent(name, count - 2);

        if (strlen(country) == 2 && strcspn(second, ".") <= 3)
            own = 3;
    }
    if (count <= own)
        return slice_new(name, 0);
    return slice_new(name, (size_t)(domain_parent(name, count - own) - name));
}

/* Numbers of the text in their order; those above 255 are no octets and break a row. */
static size_t read_numbers(struct slice text, unsigned numbers[static RUNS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < text.length && count < RUNS_MAX;) {
        unsigned number = 0;

        if (!is_digit(text.start[i])) {
            i++;
            continue;
        }
        for (; i < text.length && is_digit(text.start[i]); i++)
            number = number > 999 ? number : number * 10 + (unsigned)(text.start[i] - '0');
        numbers[count++] = number;
    }
    return count;
}

/* Three octets of the address in a row, forwards or backwards. */
static bool has_row(const unsigned *numbers, size_t count, const uint8_t *octets)
{
    for (size_t i = 0; i + OCTETS_IN_A_ROW <= count; i++) {
        for (size_t first = 0; first + OCTETS_IN_A_ROW <= 4; first++) {
            bool forwards = true;
            bool backwards = true;

            for (size_t k = 0; k < OCTETS_IN_A_ROW; k++) {
                forwards = forwards && numbers[i + k] == octets[first + k];
                backwards = backwards && numbers[i + k] == octets[first + OCTETS_IN_A_ROW - 1 - k];
            }
            if (forwards || backwards)
                return true;
        }
    }
    return false;
}

static bool contains(struct slice text, const char *part)
{
    return slice_find_text(text, part) < text.length;
}

static bool has_v4(struct slice text, const uint8_t *octets)
{
    unsigned numbers[RUNS_MAX];
    size_t count = read_numbers(text, numbers);
    char hex[9];
    char padded[13];

    snprintf(hex, sizeof hex, "%02x%02x%02x%02x", octets[0], octets[1], octets[2], octets[3]);
    snprintf(padded, sizeof padded, "%03u%03u%03u%03u", octets[0], octets[1], octets[2], octets[3]);
    return has_row(numbers, count, octets) || contains(text, hex) || contains(text, padded);
}

/* The hexadecimal digits of the interface part in a row, with or without separators, or the address
 * as it is printed, with hyphens for colons. */
static bool has_v6(struct slice text, const struct ip_address *address)
{
    char digits[DOMAIN_TEXT_SIZE];
    char printed[IP_TEXT_SIZE];
    char interface[17];
    size_t length = 0;

    for (size_t i = 0; i < text.length && length + 1 < sizeof digits; i++) {
        if (is_digit(text.start[i]) || is_letter(text.start[i]))
            digits[length++] = text.start[i];
    }
    for (size_t i = 0; i < 8; i++)
        snprintf(interface + 2 * i, 3, "%02x", address->bytes[8 + i]);
    ip_print(address, printed);
    for (char *colon = printed; (colon = strchr(colon, ':')) != NULL;)
        *colon = '-';
    return contains(slice_new(digits, length), interface) || contains(text, printed);
}

/* What stands for lines that change hands, or for an address that nobody has. */
static const char *const WORDS[] = {
    "adsl",  "broadband",   "cable",   "catv",       "dhcp",   "dial", "dialin", "dialup",
    "dsl",   "dyn",         "dynamic", "dynamicip",  "dynip",  "ftth", "pool",   "ppp",
    "pppoe", "residential", "sdsl",    "unassigned", "unused", "vdsl", "xdsl",
};

static bool find_word(struct slice text, struct slice *word)
{
    for (size_t i = 0; i < text.length;) {
        size_t end = i;

        while (end < text.length && is_letter(text.start[end]))
            end++;
        *word = slice_sub(text, i, end - i);
        for (size_t k = 0; k < sizeof WORDS / sizeof WORDS[0]; k++) {
            if (slice_equals_text(*word, WORDS[k]))
                return true;
        }
        i = end + 1;
    }
    *word = slice_new(text.start, 0);
    return false;
}

enum generic_name generic_name_of(const char *name, const struct ip_address *address,
                                  struct slice *word)
{
    struct slice text = host_part(name);

    if (find_word(text, word))
        return GENERIC_NAME_WORD;
    if (address->family == IP_V4 && has_v4(text, address->bytes))
        return GENERIC_NAME_ADDRESS;
    if (address->family == IP_V6 && has_v6(text, address))
        return GENERIC_NAME_ADDRESS;
    return GENERIC_NAME_NOT;
}
