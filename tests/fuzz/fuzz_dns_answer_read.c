/* Any text as a store of answers; once complete and once not. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/dns_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_answer(const struct dns_answer *answer)
{
    require(answer->name != NULL && answer->chain_length <= 16);
    require((answer->status == DNS_OK) == (answer->record_count > 0));
    for (size_t i = 0; i < answer->record_count; i++) {
        const struct dns_record *record = &answer->records[i];
        size_t length = 0;
        require(record->name != NULL && record->type == answer->type);
        for (size_t s = 0; s < record->string_count; s++)
            length += record->strings[s];
        require(length == record->text.length);
        require((record->address.family == IP_V4) == (record->type == DNS_A));
        require((record->string_count > 0) == (record->type == DNS_TXT || record->type == DNS_SPF));
    }
}

static void read_text(const char *text, bool complete)
{
    struct arena arena;
    arena_init(&arena);
    struct dns_answers *answers = dns_answers_new(&arena, 100);
    size_t bad = dns_answers_read(answers, text, complete);
    require(dns_answers_missing_count(answers) == 0);
    for (size_t i = 0; i < dns_answers_count(answers); i++)
        check_answer(dns_answers_at(answers, i));
    if (bad == 0 && complete)
        require(dns_answer_is_settled(dns_answers_get(answers, "x.example.org", DNS_A)) ||
                dns_answers_overflowed(answers));
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    read_text(text, false);
    read_text(text, true);
    free(text);
    return 0;
}
