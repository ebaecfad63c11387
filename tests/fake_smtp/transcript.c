#include "transcript.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"

/* Four octets for one, and what stands before. */
#define LINE_OCTETS_MAX (4 * TRANSCRIPT_TEXT_MAX + 512)

bool transcript_open(struct transcript *transcript, const char *path)
{
    *transcript = (struct transcript){.descriptor = -1, .start = clock_now()};
    text_init(&transcript->line, LINE_OCTETS_MAX);
    if (path != NULL)
        transcript->descriptor =
            open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    return path == NULL || transcript->descriptor >= 0;
}

void transcript_close(struct transcript *transcript)
{
    if (transcript->descriptor >= 0)
        close(transcript->descriptor);
    text_release(&transcript->line);
}

static void write_line(struct transcript *transcript)
{
    const struct text *line = &transcript->line;
    size_t done = 0;

    while (done < line->length) {
        ssize_t written = write(transcript->descriptor, line->start + done, line->length - done);

        if (written < 0 && errno != EINTR) {
            transcript->failed = true;
            return;
        }
        if (written > 0)
            done += (size_t)written;
    }
}

static void add_text(struct text *line, struct slice text)
{
    struct slice shown = slice_sub(text, 0, TRANSCRIPT_TEXT_MAX);

    for (size_t i = 0; i < shown.length; i++) {
        unsigned char octet = (unsigned char)shown.start[i];

        if (octet < 0x20 || octet > 0x7E || octet == '\\')
            text_printf(line, "\\x%02X", octet);
        else
            text_append_char(line, (char)octet);
    }
    if (shown.length < text.length)
        text_printf(line, " ... %zu octets", text.length);
}

void transcript_add(struct transcript *transcript, const struct transcript_place *place,
                    const char *kind, const char *step, struct slice text)
{
    int64_t elapsed = clock_now() - transcript->start;
    struct text *line = &transcript->line;

    if (transcript->descriptor < 0)
        return;
    text_clear(line);
    text_printf(line, "%lld.%06lld %llu %s %s %s %s", (long long)(elapsed / 1000000),
                (long long)(elapsed % 1000000), (unsigned long long)place->connection,
                place->listener, place->tls ? "tls" : "clear", kind, step);
    if (text.length > 0) {
        text_append_char(line, ' ');
        add_text(line, text);
    }
    text_append_char(line, '\n');
    write_line(transcript);
}
