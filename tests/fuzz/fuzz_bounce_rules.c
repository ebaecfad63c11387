/* A file of rules, and behind a line "%%" a reply that they are asked about. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/bounce_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_new((const char *)data, size);
    size_t end = slice_find_text(text, "%%\n");
    struct arena arena;
    struct bounce_rules rules;
    struct bounce_rules_error error = {0};
    struct bounce_reply reply = {.text = slice_sub(text, end, text.length)};
    struct bounce_verdict verdict;

    arena_init(&arena);
    bounce_rules_init(&rules, &arena);
    if (bounce_rules_read(&rules, slice_sub(text, 0, end), "fuzz", &error)) {
        bounce_rules_compile(&rules);
        bounce_rules_classify(&rules, &reply, &verdict);
        if (verdict.rule != NULL && verdict.class != verdict.rule->class)
            abort();
    } else if (error.message[0] == '\0') {
        abort();
    }
    arena_release(&arena);
    return 0;
}
