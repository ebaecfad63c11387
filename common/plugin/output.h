/*
 * Output: the octets that a plugin was started for, written whole or known to be lost.
 */
#ifndef COMMON_PLUGIN_OUTPUT_H
#define COMMON_PLUGIN_OUTPUT_H

#include <stdbool.h>

#include "base/slice.h"

/* Most seconds that a reader who does not read is waited for (a descriptor in non-blocking mode).
 */
#define OUTPUT_WAIT_SECONDS 5

/* Writes all of it, in one write(2) when the system takes it so. False when it could not. */
bool output_write(int descriptor, struct slice text);

/* Puts the text at `path` in one step: a temporary file in the same folder, then rename(2), so that
 * a reader sees the old text or the new one. The mode is 0666 less the umask. False with a message
 * such as "cannot write /x: No such file or directory"; nothing is left behind then. */
bool output_replace(const char *path, struct slice text, char message[static 256]);
/* The same for a caller who holds a lock: the temporary file has one name, PATH.new, so that one of
 * a run that was killed is not left for good. */
bool output_replace_alone(const char *path, struct slice text, char message[static 256]);

/* Opens the null device for what is closed of the descriptors 0 to 2; for 1 and 2 so that a write
 * fails. */
void output_hold_descriptors(void);

#endif
