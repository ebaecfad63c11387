/* The words of a reply: what is found is a view into them. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/smtp_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_new((const char *)data, size);
    struct slice version = smtp_text_version(text);
    if (version.length > 0 &&
        (version.start < text.start || version.start + version.length > text.start + text.length)) {
        abort();
    }
    if (smtp_text_is_rate_limit(text) && text.length < 6) {
        abort();
    }
    if ((smtp_text_is_about_client(text) && text.length < 4) ||
        (smtp_text_is_about_relaying(text) && text.length < 5) ||
        (smtp_text_is_prohibition(text) && text.length < 8)) {
        abort();
    }
    return 0;
}
