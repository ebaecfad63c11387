#include <stdint.h>
#include <stdlib.h>

#include "report/threshold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* What was accepted is printed in a form that is accepted too, prints the same, and judges the
 * same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const double values[] = {-1e15, -10.5, -1, -1e-15, 0, 1e-15, 0.5, 1, 9.99, 10, 1e15};
    struct range range, again;
    struct text printed, reprinted;

    if (!range_parse(slice_new((const char *)data, size), &range))
        return 0;
    text_init(&printed, 1000);
    text_init(&reprinted, 1000);
    range_print(&range, &printed);
    require(range_parse(text_slice(&printed), &again));
    range_print(&again, &reprinted);
    require(slice_equals(text_slice(&printed), text_slice(&reprinted)));
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        require(range_alerts(&range, values[i]) == range_alerts(&again, values[i]));
    text_release(&printed);
    text_release(&reprinted);
    return 0;
}
