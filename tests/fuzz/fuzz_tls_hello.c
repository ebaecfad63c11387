/* The first messages of a server in one piece and octet by octet, with and without a wish for a raw
 * public key: both ways say the same. */
#include <stdint.h>
#include <stdlib.h>

#include "net/tls_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_pieces(struct slice whole, bool wants_key)
{
    struct tls_hello at_once = {.wants_key = wants_key};
    struct tls_hello in_pieces = {.wants_key = wants_key};
    int outcome = tls_hello_feed(&at_once, whole);
    int outcome_in_pieces = 0;
    for (size_t i = 0; i < whole.length && outcome_in_pieces == 0; i++)
        outcome_in_pieces = tls_hello_feed(&in_pieces, slice_sub(whole, i, 1));
    if (outcome != outcome_in_pieces || at_once.is_found != in_pieces.is_found ||
        at_once.version != in_pieces.version || at_once.cipher != in_pieces.cipher ||
        at_once.compression != in_pieces.compression ||
        at_once.secure_renegotiation != in_pieces.secure_renegotiation ||
        at_once.is_alert != in_pieces.is_alert || at_once.alert != in_pieces.alert ||
        at_once.message_length > TLS_HELLO_MESSAGE_MAX)
        abort();
    struct slice key = tls_hello_raw_key(&at_once);
    if (!slice_equals(key, tls_hello_raw_key(&in_pieces)) || (key.length > 0 && !wants_key) ||
        key.length > TLS_HELLO_MESSAGE_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice whole = slice_new((const char *)data, size);
    read_pieces(whole, false);
    read_pieces(whole, true);
    return 0;
}
