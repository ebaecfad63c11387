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

/* Puts the text at `path` in one step: a temporary file beside it, PATH.new, then rename(2), so
 * that a reader sees the old text or the new one. The mode is 0666 less the umask. Two runs at a
 * time do it one after the other: the temporary file is locked, and waited for OUTPUT_WAIT_SECONDS.
 * What a run that was killed left of it the next one takes over. False with a message such as
 * "cannot write /x: No such file or directory"; nothing is left behind then. */
bool output_replace(const char *path, struct slice text, char message[static 256]);

/* Opens the null device for what is closed of the descriptors 0 to 2; for 1 and 2 so that a write
 * fails. */
void output_hold_descriptors(void);

#endif
