/*
 * The transcript: one line for each thing that happens on a connection,
 *
 *     SECONDS NUMBER LISTENER LAYER KIND STEP TEXT
 *
 * README.md in this folder has the kinds. Control characters, octets above 126 and backslashes of
 * the text are `\xHH`; it is cut at TRANSCRIPT_TEXT_MAX octets, with how many there were.
 */
#ifndef TESTS_FAKE_SMTP_TRANSCRIPT_H
#define TESTS_FAKE_SMTP_TRANSCRIPT_H

#include "base/text.h"
#include "step.h"

#define TRANSCRIPT_TEXT_MAX 512

struct transcript {
    int descriptor; /* -1: none */
    bool failed;    /* a line was not written */
    int64_t start;
    struct text line;
};

/* Who speaks, or is spoken of. */
struct transcript_place {
    uint64_t connection;
    const char *listener;
    bool tls;
};

/* Begins an empty file; NULL is no transcript. False when it cannot be written, with errno set. */
bool transcript_open(struct transcript *transcript, const char *path);
void transcript_close(struct transcript *transcript);

/* Writes a line. */
void transcript_add(struct transcript *transcript, const struct transcript_place *place,
                    const char *kind, const char *step, struct slice text);

#endif
