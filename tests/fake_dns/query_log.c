#include "query_log.h"

#include <errno.h>
#include <fcntl.h>
#include <ldns/ldns.h>
#include <unistd.h>

#define LINES_MAX (1U << 20)

/* Room for the longest line. */
#define LINES_FULL (LINES_MAX - 2048)

bool query_log_open(struct query_log *log, const char *path)
{
    *log = (struct query_log){.descriptor = -1};
    text_init(&log->lines, LINES_MAX);
    if (path != NULL)
        log->descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    return path == NULL || log->descriptor >= 0;
}

void query_log_close(struct query_log *log)
{
    if (log->descriptor >= 0)
        close(log->descriptor);
    text_release(&log->lines);
}

void query_log_flush(struct query_log *log)
{
    size_t done = 0;

    while (done < log->lines.length) {
        ssize_t written = write(log->descriptor, log->lines.start + done, log->lines.length - done);

        if (written < 0 && errno != EINTR) {
            log->failed = true;
            break;
        }
        if (written > 0)
            done += (size_t)written;
    }
    text_clear(&log->lines);
}

static void add_type(struct text *lines, uint16_t type)
{
    const ldns_rr_descriptor *known = ldns_rr_descript(type);

    if (type == DNS_TYPE_ANY)
        text_append(lines, "ANY");
    else if (known->_name != NULL && (uint16_t)known->_type == type)
        text_append(lines, known->_name);
    else
        text_printf(lines, "TYPE%u", type);
}

static void add_flags(struct text *lines, const struct query *query)
{
    size_t before = lines->length;

    if ((query->flags & DNS_FLAG_RD) != 0)
        text_append(lines, ",rd");
    if (query->dnssec_ok)
        text_append(lines, ",do");
    if ((query->flags & DNS_FLAG_CD) != 0)
        text_append(lines, ",cd");
    if (lines->length == before)
        text_append(lines, " -");
    else
        lines->start[before] = ' ';
    text_append_char(lines, '\n');
}

void query_log_add(struct query_log *log, const struct query *query, const char *address, bool tcp)
{
    struct text *lines = &log->lines;
    char name[NAME_TEXT_SIZE];

    if (log->descriptor < 0)
        return;
    if (lines->length > LINES_FULL)
        query_log_flush(log);
    text_append(lines, tcp ? "tcp " : "udp ");
    text_append(lines, address);
    if (query->kind != QUERY_GOOD) {
        text_append(lines, " malformed - -\n");
        return;
    }
    name_print(query->message + DNS_HEADER_SIZE, name);
    text_append_char(lines, ' ');
    text_append(lines, name);
    text_append_char(lines, ' ');
    add_type(lines, query->type);
    add_flags(lines, query);
}
