/*
 * --extra-opts: options from an ini file, as the monitoring-plugins read them.
 *
 *     # a comment                 ; another: comments are whole lines
 *     [check_dnsbl]
 *     hostname = 192.0.2.10       (--hostname=192.0.2.10)
 *     w = 2                       (-w 2)
 *     list = one.example          (a repeated key is a repeated option)
 *     list = two.example
 *     key = " blanks kept "       (one pair of quotes, single or double, around the value is
 * dropped) exit-ok                     (also "exit-ok =": an option without a value)
 *
 * Keys are option names without dashes (dots and underscores for programs that name options of
 * others). A section that stands twice is read twice. The file has at most EXTRA_OPTS_FILE_MAX
 * octets.
 */
#ifndef COMMON_PLUGIN_EXTRA_OPTS_H
#define COMMON_PLUGIN_EXTRA_OPTS_H

#include "plugin/option.h"

#define EXTRA_OPTS_FILE_MAX 262144
#define EXTRA_OPTS_WORDS_MAX 2000
#define EXTRA_OPTS_MESSAGE_SIZE 512

/* The words of the lines of all sections named `section`. Pure. False with a message "FILE:LINE:
 * reason", already escaped; a missing section is an error. */
bool extra_opts_parse(struct arena *arena, struct slice content, const char *file,
                      const char *section, struct option_words *words,
                      char message[static EXTRA_OPTS_MESSAGE_SIZE]);

/* The names of all sections as they are written, each once; `words` holds them and `origins` their
 * lines. False with a message at the first line, of whichever section, that is none of an ini file.
 */
bool extra_opts_sections(struct arena *arena, struct slice content, const char *file,
                         struct option_words *names, char message[static EXTRA_OPTS_MESSAGE_SIZE]);

/* The file that is read when none is named: $MP_CONFIG_FILE, then monitoring-plugins.ini,
 * plugins.ini or nagios-plugins.ini in a folder of $NAGIOS_CONFIG_PATH (a list with colons), then
 * the places of the monitoring-plugins below /usr/local/etc and /etc. NULL when there is none. */
const char *extra_opts_default_file(struct arena *arena);

/* Reads what `locator` names: [SECTION][@FILE], or NULL. The section is `program` when none is
 * named; "@-" is standard input. An empty locator, which an engine gives for an unset macro, is
 * satisfied when there is no file or no such section. */
bool extra_opts_read(struct arena *arena, const char *locator, const char *program,
                     struct option_words *words, char message[static EXTRA_OPTS_MESSAGE_SIZE]);

#endif
