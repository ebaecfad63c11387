/* Scripts of fake_dns: any text is read or refused with its line, and what was read answers. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake_dns/answer.h"
#include "tests/fake_dns/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
    if (!fact)
        abort();
}

/* RD, one question: a.test, any type; EDNS with 1232 octets. */
static const uint8_t any_query[] = "\0\7\1\0\0\1\0\0\0\0\0\1\1a\4test\0\0\xFF\0\1"
                                   "\0\0\x29\4\xD0\0\0\0\0\0";

static void ask(struct script *script, bool tcp)
{
    static struct answer_list list;
    uint8_t message[sizeof(any_query)];
    struct query query;

    memcpy(message, any_query, sizeof(message));
    for (uint8_t type = 1; type < 20; type++) {
        message[21] = type;
        query_read(&query, message, sizeof(message));
        require(query.kind == QUERY_GOOD);
        answer_query(script, &query, type % 2, tcp, &list);
        require(list.count <= ANSWERS_MAX);
        for (size_t i = 0; i < list.count; i++)
            require(list.answers[i].length <= ANSWER_OCTETS_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct address listeners[2] = {
        {.family = AF_INET, .octets = {127, 0, 0, 1}, .length = 4},
        {.family = AF_INET, .octets = {127, 0, 0, 2}, .length = 4},
    };
    struct script script;
    char message[SCRIPT_MESSAGE_SIZE] = "";
    struct slice text = size == 0 ? SLICE_LITERAL("") : slice_new((const char *)data, size);

    script_init(&script, listeners, 2);
    if (script_parse(&script, "input", text, message)) {
        require(message[0] == '\0');
        ask(&script, false);
        ask(&script, true);
    } else {
        require(strncmp(message, "input:", 6) == 0);
    }
    script_release(&script);
    return 0;
}
