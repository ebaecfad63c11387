/* Octets as a certificate, as a chain of two, and as a raw public key. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct certificate_chain chain;
    struct slice whole = slice_new((const char *)data, size);
    struct slice ders[] = {whole, slice_sub(whole, 1, size), whole};
    certificate_chain_parse(&arena, ders, sizeof ders / sizeof ders[0], &chain);
    for (size_t i = 0; i < chain.count; i++) {
        const struct certificate *certificate = &chain.list[i];
        if (certificate->issuer_place > chain.count ||
            certificate->name_count > CERTIFICATE_NAMES_MAX) {
            abort();
        }
        if (certificate_match(certificate, "mx.example.org", true) != CERTIFICATE_MISMATCH &&
            certificate->is_broken) {
            abort();
        }
    }
    if (chain.path_count > chain.count) {
        abort();
    }
    struct certificate key;
    if (certificate_parse_raw_key(&arena, whole, &key) == key.is_broken) {
        abort();
    }
    arena_release(&arena);
    return 0;
}
