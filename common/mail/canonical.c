#include "mail/canonical.h"

#include <string.h>

static bool is_wsp(char c)
{
    return c == ' ' || c == '\t';
}

/* ---- header */

void canonical_header_init(struct canonical_header *header, enum canonical_form form,
                           struct canonical_sink sink)
{
    *header = (struct canonical_header){.form = form, .sink = sink};
}

static void put(struct canonical_header *header, char c)
{
    header->sink.write(header->sink.context, &c, 1);
}

static void feed_name(struct canonical_header *header, char c)
{
    if (c == ':')
        header->is_past_colon = true;
    if (!is_wsp(c) && c != '\r' && c != '\n')
        put(header, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
}

/* One octet of the value that is no line end. */
static void feed_value(struct canonical_header *header, char c)
{
    if (is_wsp(c)) {
        header->has_space = true;
        return;
    }
    if (header->has_space && header->has_value)
        put(header, ' ');
    header->has_space = false;
    header->has_value = true;
    put(header, c);
}

/* CRLF is folding and vanishes; a CR alone is an octet of the value. */
static void feed_relaxed(struct canonical_header *header, char c)
{
    bool held = header->has_carriage_return;
    header->has_carriage_return = false;
    if (!header->is_past_colon) {
        feed_name(header, c);
    } else if (held && c == '\n') {
        return;
    } else {
        if (held)
            feed_value(header, '\r');
        if (c == '\r')
            header->has_carriage_return = true;
        else
            feed_value(header, c);
    }
}

void canonical_header_feed(struct canonical_header *header, struct slice part)
{
    if (header->form == CANONICAL_SIMPLE) {
        header->sink.write(header->sink.context, part.start, part.length);
        return;
    }
    for (size_t i = 0; i < part.length; i++)
        feed_relaxed(header, part.start[i]);
}

void canonical_header_end(struct canonical_header *header)
{
    if (header->has_carriage_return)
        feed_value(header, '\r');
    header->has_carriage_return = false;
}

/* ---- body */

void canonical_body_init(struct canonical_body *body, enum canonical_form form,
                         struct canonical_sink sink)
{
    body->form = form;
    body->sink = sink;
    body->length = 0;
    body->empty_lines = 0;
    body->is_line_empty = true;
    body->has_space = false;
    body->has_carriage_return = false;
    body->used = 0;
}

static void flush(struct canonical_body *body)
{
    body->sink.write(body->sink.context, body->buffer, body->used);
    body->used = 0;
}

static void put_octets(struct canonical_body *body, const char *octets, size_t length)
{
    body->length += length;
    while (length > 0) {
        size_t part = sizeof body->buffer - body->used;
        part = part < length ? part : length;
        memcpy(body->buffer + body->used, octets, part);
        body->used += part;
        octets += part;
        length -= part;
        if (body->used == sizeof body->buffer)
            flush(body);
    }
}

/* Octets of a line that is not empty, then: the lines held back before it count after all. */
static void put_text(struct canonical_body *body, const char *octets, size_t length)
{
    for (; body->empty_lines > 0; body->empty_lines--)
        put_octets(body, "\r\n", 2);
    if (body->has_space)
        put_octets(body, " ", 1);
    body->has_space = false;
    body->is_line_empty = false;
    put_octets(body, octets, length);
}

/* A zero octet in the word (exact: no false answer by a carry, as only "is there any" is asked). */
static bool has_zero_octet(uint64_t word)
{
    return ((word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080)) != 0;
}

/* A tab, or two spaces one after the other. Most lines have neither: they are looked through eight
 * octets at a time and copied whole. */
static bool has_run(const char *octets, size_t length)
{
    const uint64_t spaces = UINT64_C(0x2020202020202020);
    const uint64_t tabs = UINT64_C(0x0909090909090909);
    size_t at = 0;
    for (; length - at > 8; at += 8) {
        uint64_t here, next;
        memcpy(&here, octets + at, sizeof here);
        memcpy(&next, octets + at + 1, sizeof next);
        if (has_zero_octet((here ^ spaces) | (next ^ spaces)) || has_zero_octet(here ^ tabs))
            return true;
    }
    for (; at < length; at++) {
        if (octets[at] == '\t' || (octets[at] == ' ' && at + 1 < length && octets[at + 1] == ' '))
            return true;
    }
    return false;
}

/* A part without runs: at most one space at each end. */
static void put_plain(struct canonical_body *body, const char *octets, size_t length)
{
    bool has_end = octets[length - 1] == ' ';
    size_t start = body->has_space && octets[0] == ' ' ? 1 : 0;
    if (length - has_end > start)
        put_text(body, octets + start, length - has_end - start);
    body->has_space = body->has_space || has_end;
}

/* RFC 6376 3.4.4 a: runs of white space become one space, those before a line end nothing. */
static void put_relaxed(struct canonical_body *body, const char *octets, size_t length)
{
    size_t at = 0;
    if (!has_run(octets, length)) {
        put_plain(body, octets, length);
        return;
    }
    while (at < length) {
        size_t start = at;
        while (at < length && !is_wsp(octets[at]))
            at++;
        if (at > start)
            put_text(body, octets + start, at - start);
        if (at < length) {
            body->has_space = true;
            at++;
        }
    }
}

/* Part of a line without its LF; see take_part in message.c for the CR. */
static void feed_part(struct canonical_body *body, const char *octets, size_t length)
{
    if (length == 0)
        return;
    if (body->has_carriage_return)
        put_text(body, "\r", 1);
    body->has_carriage_return = octets[length - 1] == '\r';
    if (body->has_carriage_return)
        length--;
    if (length == 0)
        return;
    if (body->form == CANONICAL_RELAXED)
        put_relaxed(body, octets, length);
    else
        put_text(body, octets, length);
}

static void end_line(struct canonical_body *body)
{
    body->has_carriage_return = false;
    body->has_space = false;
    if (body->is_line_empty)
        body->empty_lines++;
    else
        put_octets(body, "\r\n", 2);
    body->is_line_empty = true;
}

void canonical_body_feed(struct canonical_body *body, const char *octets, size_t length)
{
    while (length > 0) {
        const char *end = memchr(octets, '\n', length);
        size_t part = end ? (size_t)(end - octets) : length;
        feed_part(body, octets, part);
        if (!end)
            return;
        end_line(body);
        octets += part + 1;
        length -= part + 1;
    }
}

/* RFC 6376 3.4.3: a body without CRLF at its end gets one, also when there is no body at all.
 * RFC 6376 3.4.4: relaxed, a body with nothing in it stays empty. */
void canonical_body_end(struct canonical_body *body)
{
    if (body->has_carriage_return)
        put_text(body, "\r", 1);
    if (!body->is_line_empty)
        end_line(body);
    if (body->form == CANONICAL_SIMPLE && body->length == 0)
        put_octets(body, "\r\n", 2);
    flush(body);
}
