/* The text of a greeting or an EHLO reply: all that is read is a view into it. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/smtp_ehlo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_view(struct slice whole, struct slice part)
{
    if (part.length > 0 &&
        (part.start < whole.start || part.start + part.length > whole.start + whole.length)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_new((const char *)data, size);
    struct smtp_ehlo ehlo;
    uint64_t octets;
    smtp_ehlo_parse(text, &ehlo);
    check_view(text, ehlo.name.name);
    check_view(text, ehlo.name.rest);
    for (size_t i = 0; i < ehlo.count; i++) {
        check_view(text, ehlo.keywords[i].name);
        check_view(text, ehlo.keywords[i].parameters);
    }
    if (smtp_ehlo_find(&ehlo, "STARTTLS") != NULL && smtp_ehlo_damaged_starttls(&ehlo) != NULL) {
        abort();
    }
    if (smtp_ehlo_size(&ehlo, &octets) != SMTP_SIZE_LIMITED && octets != 0) {
        abort();
    }
    if (smtp_ehlo_has_parameter(&ehlo, "AUTH", "LOGIN") && smtp_ehlo_find(&ehlo, "AUTH") == NULL) {
        abort();
    }
    return 0;
}
