/*
 * What the servers of the tests have in common as processes: a script that is read whole, a port
 * that is told in a file, a signal that ends them.
 */
#ifndef TESTS_SERVER_PROCESS_H
#define TESTS_SERVER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the file, or standard input for "-", whole. False with errno where that can't be, EFBIG
 * where it is longer than `limit`. The caller frees `content`, which starts as NULL, in any case.
 */
bool server_read_script(const char *path, size_t limit, char **content, size_t *size);

/* Writes the port as one line of decimal digits. The file has its whole content or isn't there.
 * False with errno. */
bool server_write_port(const char *path, uint16_t port);

/* From now on SIGTERM and SIGINT make `reader` readable, for the rest of the process. False with
 * errno. */
bool server_catch_signals(int *reader);

#endif
