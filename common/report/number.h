/*
 * Decimal numbers as monitoring reads and writes them: `.` is the point whatever the locale, no
 * exponent, no unit, no needless zeros.
 */
#ifndef COMMON_REPORT_NUMBER_H
#define COMMON_REPORT_NUMBER_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/text.h"

/* Significant digits that a double keeps for sure (DBL_DIG); also the most digits after the point.
 */
#define NUMBER_DIGITS_MAX 15
/* For number_print: as many digits after the point as the number needs. */
#define NUMBER_EXACT (-1)

/* `[+-]digits[.digits]` or `[+-].digits`, the whole slice. False for anything else, and for more
 * than NUMBER_DIGITS_MAX significant digits or digits after the point. */
bool number_parse(struct slice text, double *number);

/* Rounded to `decimals` digits after the point (at most NUMBER_DIGITS_MAX), trailing zeros dropped,
 * -0 as 0. NaN and infinity are printed as `U`, the unknown value of perfdata. */
void number_print(double number, int decimals, struct text *out);

#endif
