/*
 * Domain names in wire form, as the test server keeps and compares them. RFC 1035 3.1, 4.1.4.
 */
#ifndef TESTS_FAKE_DNS_NAME_H
#define TESTS_FAKE_DNS_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_OCTETS_MAX 255
#define NAME_LABELS_MAX 127

/* Enough for name_print: each octet as \DDD, the dots and the NUL. */
#define NAME_TEXT_SIZE (NAME_OCTETS_MAX * 4 + 1)

/* A name in lower case, with the places of its labels. The root has no labels. */
struct name {
    uint8_t octets[NAME_OCTETS_MAX]; /* with the root's zero octet */
    size_t length;
    uint8_t labels[NAME_LABELS_MAX]; /* offset of each label's length octet, leftmost first */
    size_t label_count;
};

/* Reads the name at the start of `octets`, which may not be compressed. Returns the octets it
 * takes, or 0 when it is no whole name. */
size_t name_read(struct name *name, const uint8_t *octets, size_t size);

/* The end of the possibly compressed name at `offset`, without following pointers; 0 when it runs
 * over the end of the message. */
size_t name_skip(const uint8_t *message, size_t size, size_t offset);

/* The wire name as text without the final dot, "." for the root. Octets other than letters, digits,
 * "-" and "_" and "*" and "/" become \DDD. The name must be a whole one. */
void name_print(const uint8_t *octets, char text[static NAME_TEXT_SIZE]);

#endif
