/* A whole message against a fixed key. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/dkim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char zone[] =
    "test._domainkey.football.example.com TXT \"v=DKIM1; k=rsa; "
    "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi\" "
    "\"Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZy\" "
    "\"VYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\"\n"
    "brisbane._domainkey.football.example.com TXT \"v=DKIM1; k=ed25519; "
    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct dkim_options options = {.now = 1800000000, .legacy = true};
    struct arena arena;
    size_t count;
    arena_init(&arena);
    struct dns_answers *answers = dns_answers_new(&arena, 100);
    if (dns_answers_read(answers, zone, true) != 0)
        abort();
    struct dkim_verifier *verifier = dkim_verifier_new(&arena, &options);
    dkim_verifier_feed(verifier, (const char *)data, size / 2);
    dkim_verifier_feed(verifier, (const char *)data + size / 2, size - size / 2);
    dkim_verifier_end(verifier);
    const struct dkim_verdict *verdicts = dkim_verifier_judge(verifier, answers, &count);
    for (size_t i = 0; i < count; i++)
        if (!dkim_verdict_text(&arena, &verdicts[i]))
            abort();
    dkim_verifier_free(verifier);
    arena_release(&arena);
    return 0;
}
