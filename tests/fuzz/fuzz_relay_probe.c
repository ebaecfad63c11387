/* The file of probes: what was read can be filled in, and goes to the wire or is refused there. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/smtp_step.h"
#include "relay_probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct relay_names names = {
        "f@x.example", "t@x.example", "t", "x.example", "mail.test", "d.test", "192.0.2.1", "r",
    };
    struct arena arena = {0};
    struct relay_table table = {0};
    struct text line;
    char message[256] = "";
    bool is_read =
        relay_probe_read(&table, &arena, slice_new((const char *)data, size), "f", message);
    if (is_read == (message[0] != '\0') || table.count > RELAY_PROBES_MAX) {
        abort();
    }
    text_init(&line, SMTP_COMMAND_MAX);
    for (size_t i = 0; i < table.count; i++) {
        const struct relay_probe *probe = &table.list[i];
        const char *filled = relay_probe_fill(&arena, probe->recipient, &names);
        if (relay_probe_find(&table, probe->id) != i) {
            abort();
        }
        if (filled != NULL && smtp_step_print(SMTP_VERB_RCPT, filled, false, &line) &&
            memchr(line.start, '\n', line.length) != NULL) {
            abort();
        }
    }
    text_release(&line);
    arena_release(&arena);
    return 0;
}
