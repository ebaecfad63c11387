#include "report/number.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Sign, the digits of DBL_MAX, the locale's point (at most MB_LEN_MAX octets), decimals, NUL. */
#define PRINTED_SIZE (1 + DBL_MAX_10_EXP + 1 + 16 + NUMBER_DIGITS_MAX + 1)

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* number = [ "+" / "-" ] ( 1*DIGIT [ "." 1*DIGIT ] / "." 1*DIGIT )
 *
 * At most 15 digits make an exact integer below 2^53, and a power of ten up to 10^15 is exact too:
 * one division gives the double nearest to the number, with no strtod() that would ask the locale.
 */
bool number_parse(struct slice text, double *number)
{
    uint64_t mantissa = 0;
    double power = 1;
    int significant = 0, decimals = 0;
    bool negative = false, point = false;
    size_t at = 0;

    if (text.length > 0 && (text.start[0] == '+' || text.start[0] == '-'))
        negative = text.start[at++] == '-';
    if (at == text.length || !is_digit(text.start[text.length - 1]))
        return false;
    for (; at < text.length; at++) {
        char character = text.start[at];

        if (character == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(character))
            return false;
        if (mantissa > 0 || character != '0')
            significant++;
        if (point)
            decimals++;
        if (significant > NUMBER_DIGITS_MAX || decimals > NUMBER_DIGITS_MAX)
            return false;
        mantissa = mantissa * 10 + (uint64_t)(character - '0');
        power = point ? power * 10 : 1;
    }
    *number = (double)mantissa / power;
    if (negative && mantissa > 0)
        *number = -*number;
    return true;
}

static int decimals_needed(double number)
{
    int decimals = NUMBER_DIGITS_MAX;

    for (double rest = fabs(number); rest >= 1 && decimals > 0; rest /= 10)
        decimals--;
    return decimals;
}

void number_print(double number, int decimals, struct text *out)
{
    char printed[PRINTED_SIZE];

    if (!isfinite(number)) {
        text_append_char(out, 'U');
        return;
    }
    if (decimals < 0)
        decimals = decimals_needed(number);
    if (decimals > NUMBER_DIGITS_MAX)
        decimals = NUMBER_DIGITS_MAX;
    snprintf(printed, sizeof(printed), "%.*f", decimals, number);

    const char *digits = printed[0] == '-' ? printed + 1 : printed;
    size_t whole = strspn(digits, "0123456789");
    size_t fraction = 0;
    const char *end = digits + strlen(digits);

    /* What stands between the two runs of digits is the point of the locale. */
    while (is_digit(end[-(ptrdiff_t)fraction - 1]) && end - fraction > digits + whole)
        fraction++;
    struct slice decimal = slice_new(end - fraction, fraction);
    while (decimal.length > 0 && decimal.start[decimal.length - 1] == '0')
        decimal.length--;
    if (digits > printed && (strspn(digits, "0") < whole || decimal.length > 0))
        text_append_char(out, '-');
    text_append_slice(out, slice_new(digits, whole));
    if (decimal.length > 0) {
        text_append_char(out, '.');
        text_append_slice(out, decimal);
    }
}
