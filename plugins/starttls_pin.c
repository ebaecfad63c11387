#include <string.h>

#include "starttls.h"

#define HEX_DIGITS "0123456789abcdefABCDEF"

enum pin_kind { PIN_BAD, PIN_SHA256, PIN_SPKI, PIN_SERIAL, PIN_ISSUER };

static enum pin_kind pin_read(const char *pin, const char **value)
{
    static const struct {
        const char *prefix;
        enum pin_kind kind;
    } kinds[] = {
        {"sha256:",      PIN_SHA256},
        {"spki-sha256:", PIN_SPKI  },
        {"serial:",      PIN_SERIAL},
        {"issuer:",      PIN_ISSUER},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t length = strlen(kinds[i].prefix);
        if (strncmp(pin, kinds[i].prefix, length) == 0) {
            *value = pin + length;
            return kinds[i].kind;
        }
    }
    return PIN_BAD;
}

/* The next digit's value; -1 at the end, -2 for what is no digit. */
static int next_digit(const char **hex)
{
    *hex += strspn(*hex, ": ");
    if (**hex == '\0')
        return -1;
    const char *found = memchr(HEX_DIGITS, **hex, strlen(HEX_DIGITS));
    if (found == NULL)
        return -2;
    (*hex)++;
    int value = (int)(found - HEX_DIGITS);
    return value < 16 ? value : value - 6;
}

static const char *skip_zeros(const char *hex)
{
    return hex + strspn(hex, "0: ");
}

/* Hexadecimal numbers that are equal digit by digit. */
static bool same_digits(const char *a, const char *b)
{
    int digit;
    do {
        digit = next_digit(&a);
        if (digit != next_digit(&b))
            return false;
    } while (digit >= 0);
    return digit == -1;
}

static bool same_digest(const char *hex, const uint8_t digest[static CERTIFICATE_SHA256_SIZE])
{
    for (size_t i = 0; i < CERTIFICATE_SHA256_SIZE; i++) {
        int high = next_digit(&hex);
        int low = next_digit(&hex);
        if (high < 0 || low < 0 || high * 16 + low != digest[i])
            return false;
    }
    return next_digit(&hex) == -1;
}

bool starttls_pin_is_good(const char *pin)
{
    const char *value = "";
    size_t digits = 0;
    int digit;
    enum pin_kind kind = pin_read(pin, &value);
    if (kind == PIN_BAD || kind == PIN_ISSUER)
        return kind == PIN_ISSUER && value[0] != '\0';
    while ((digit = next_digit(&value)) >= 0)
        digits++;
    return digit == -1 &&
           (kind == PIN_SERIAL ? digits > 0 : digits == (size_t)CERTIFICATE_SHA256_SIZE * 2);
}

bool starttls_pin_matches(const char *pin, const struct certificate *certificate)
{
    const char *value = "";
    switch (pin_read(pin, &value)) {
    case PIN_SHA256:
        return same_digest(value, certificate->sha256);
    case PIN_SPKI:
        return same_digest(value, certificate->spki_sha256);
    case PIN_SERIAL:
        return same_digits(skip_zeros(value), skip_zeros(certificate->serial));
    case PIN_ISSUER:
        return strcmp(value, certificate->issuer) == 0;
    case PIN_BAD:
        break;
    }
    return false;
}
