/*
 * What goes out of a connection: octets in a buffer, at the pace that the script wants.
 */
#ifndef TESTS_FAKE_SMTP_OUTLET_H
#define TESTS_FAKE_SMTP_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OUTLET_SIZE 65536

struct outlet {
    uint8_t octets[OUTLET_SIZE];
    size_t start, length;
    uint64_t chunk; /* octets a piece; 0: as many as go */
    uint64_t pause; /* milliseconds between pieces */
    int64_t due;    /* of the next piece; 0: at once */
    uint64_t taken; /* octets since the beginning */
    uint64_t sent;
};

enum outlet_result {
    OUTLET_EMPTY,
    OUTLET_WAITS, /* until `due`, or until the socket is writable */
    OUTLET_BROKEN,
};

static inline size_t outlet_room(const struct outlet *outlet)
{
    return OUTLET_SIZE - outlet->length;
}

/* At most as many as there is room for. */
void outlet_put(struct outlet *outlet, const void *octets, size_t length);

/* Sends what can be sent now. */
enum outlet_result outlet_write(struct outlet *outlet, int descriptor, int64_t now);

/* It waits for the socket, not for the time. */
bool outlet_wants_socket(const struct outlet *outlet, int64_t now);

#endif
