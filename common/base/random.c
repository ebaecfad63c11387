#include "base/random.h"

#include <errno.h>
#include <stdint.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"

void random_bytes(void *bytes, size_t size)
{
    uint8_t *out = bytes;
    size_t done = 0;
    while (done < size) {
        ssize_t got = getrandom(out + done, size - done, 0);
        if (got > 0) {
            done += (size_t)got;
        } else if (got == 0 || errno != EINTR) {
            break;
        }
    }
    uint64_t mix = (uint64_t)clock_now() ^ ((uint64_t)getpid() << 32);
    for (; done < size; done++) {
        mix = mix * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        out[done] = (uint8_t)(mix >> 56);
    }
}

void random_label(char *label, size_t length)
{
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz234567";
    random_bytes(label, length);
    for (size_t i = 0; i < length; i++) {
        label[i] = LETTERS[(uint8_t)label[i] & 31U];
    }
    label[length] = '\0';
}
