/* The first message of a server in one piece and octet by octet: both ways say the same. */
#include <stdint.h>
#include <stdlib.h>

#include "net/tls_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice whole = slice_new((const char *)data, size);
    struct tls_hello at_once = {0};
    struct tls_hello in_pieces = {0};
    int outcome = tls_hello_feed(&at_once, whole);
    int outcome_in_pieces = 0;
    for (size_t i = 0; i < size && outcome_in_pieces == 0; i++)
        outcome_in_pieces = tls_hello_feed(&in_pieces, slice_sub(whole, i, 1));
    if (outcome != outcome_in_pieces || at_once.is_found != in_pieces.is_found ||
        at_once.version != in_pieces.version || at_once.cipher != in_pieces.cipher ||
        at_once.compression != in_pieces.compression ||
        at_once.secure_renegotiation != in_pieces.secure_renegotiation ||
        at_once.is_alert != in_pieces.is_alert || at_once.alert != in_pieces.alert ||
        at_once.message_length > TLS_HELLO_MESSAGE_MAX)
        abort();
    return 0;
}
