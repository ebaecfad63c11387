#include "outlet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Pieces without a pause between them, before other connections have their turn. */
#define TURN_PIECES 4096

void outlet_put(struct outlet *outlet, const void *octets, size_t length)
{
    if (length > outlet_room(outlet))
        length = outlet_room(outlet);
    if (outlet->start + outlet->length + length > OUTLET_SIZE) {
        memmove(outlet->octets, outlet->octets + outlet->start, outlet->length);
        outlet->start = 0;
    }
    memcpy(outlet->octets + outlet->start + outlet->length, octets, length);
    outlet->length += length;
    outlet->taken += length;
}

enum outlet_result outlet_write(struct outlet *outlet, int descriptor, int64_t now)
{
    for (int piece = 0; outlet->length > 0; piece++) {
        size_t length = outlet->length;

        if (outlet->due > now || piece == TURN_PIECES)
            return OUTLET_WAITS;
        if (outlet->chunk > 0 && outlet->chunk < length)
            length = (size_t)outlet->chunk;

        ssize_t sent = send(descriptor, outlet->octets + outlet->start, length, MSG_NOSIGNAL);

        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            return OUTLET_WAITS;
        if (sent < 0)
            return OUTLET_BROKEN;
        outlet->start += (size_t)sent;
        outlet->length -= (size_t)sent;
        outlet->sent += (size_t)sent;
        if (outlet->chunk > 0 && outlet->pause > 0)
            outlet->due = now + (int64_t)outlet->pause * 1000;
    }
    outlet->start = 0;
    return OUTLET_EMPTY;
}

bool outlet_wants_socket(const struct outlet *outlet, int64_t now)
{
    return outlet->length > 0 && outlet->due <= now;
}
