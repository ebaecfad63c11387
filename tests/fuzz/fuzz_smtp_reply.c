/* A reply in one piece and octet by octet: both ways say the same. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/smtp_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct smtp_reply *a, const struct smtp_reply *b)
{
    if (a->code != b->code || a->deviations != b->deviations || a->error != b->error ||
        a->status.class != b->status.class || a->status.subject != b->status.subject ||
        a->status.detail != b->status.detail || a->line_count != b->line_count ||
        !slice_equals(text_slice(&a->text), text_slice(&b->text))) {
        abort();
    }
    if (a->text.length > SMTP_REPLY_TEXT_MAX || a->line_count > SMTP_REPLY_LINES_MAX ||
        a->code > 999) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice whole = slice_new((const char *)data, size);
    struct smtp_reply at_once;
    struct smtp_reply in_pieces;
    smtp_reply_init(&at_once);
    smtp_reply_init(&in_pieces);
    int outcome = 0;
    int outcome_in_pieces = 0;
    while (whole.length > 0 && outcome >= 0) {
        struct slice rest = whole;
        smtp_reply_clear(&at_once);
        smtp_reply_clear(&in_pieces);
        outcome = smtp_reply_feed(&at_once, &rest);
        outcome_in_pieces = 0;
        while (whole.length > 0 && outcome_in_pieces == 0) {
            struct slice octet = slice_sub(whole, 0, 1);
            outcome_in_pieces = smtp_reply_feed(&in_pieces, &octet);
            whole = slice_sub(whole, 1 - octet.length, whole.length);
        }
        /* An endless line is seen at the octet that is too much. */
        if (outcome != outcome_in_pieces) {
            abort();
        }
        if (at_once.error != SMTP_REPLY_ENDLESS_LINE) {
            check(&at_once, &in_pieces);
            if (whole.length != rest.length) {
                abort();
            }
        }
    }
    smtp_reply_release(&at_once);
    smtp_reply_release(&in_pieces);
    return 0;
}
