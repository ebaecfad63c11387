/* One line of a mail log; the first octet chooses the format. All that is read is a view into it.
 */
#include <stdint.h>
#include <stdlib.h>

#include "mail/maillog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_view(struct slice whole, struct slice part)
{
    if (part.length > 0 &&
        (part.start < whole.start || part.start + part.length > whole.start + whole.length))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct maillog_event event;
    struct maillog_stamp stamp;
    struct slice recipient;
    size_t count = 0;
    if (size == 0)
        return 0;
    enum maillog_format format = (enum maillog_format)(data[0] % MAILLOG_FORMATS);
    struct slice line = slice_new((const char *)data + 1, size - 1);
    bool is_read = maillog_read(format, line, &event);
    if (is_read != (event.kind != MAILLOG_OTHER) ||
        (is_read && format != MAILLOG_ANY && event.format != format) ||
        (event.kind == MAILLOG_IGNORED) != (event.reason != MAILLOG_NOT_IGNORED))
        abort();
    check_view(line, event.queue_id);
    check_view(line, event.recipients);
    check_view(line, event.relay);
    check_view(line, event.status);
    check_view(line, event.text);
    for (struct slice list = event.recipients; maillog_next_recipient(&list, &recipient); count++)
        check_view(line, recipient);
    if (count > line.length || maillog_stamp_parse(line, &stamp) > line.length)
        abort();
    return 0;
}
