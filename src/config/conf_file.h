/* conf_file.h - a configuration file as bytes in memory, and nothing that only pretends to be one.
 *
 * libinih reads a directory as an empty file, libconfig hangs on a FIFO and ends the process on some
 * directories; both are slow on huge files. So a file is opened here, without waiting, must be a regular
 * file of at most `limit` bytes, and only its bytes go to a parser.
 *
 * Units:   bytes.
 * Errors:  RC_IO or RC_RANGE after one line in the report; RC_NOMEM.
 * Threads: none of its own, no globals.
 * Source:  FAULTS C2, C3.
 */
#ifndef METERFLEET_CONFIG_CONF_FILE_H
#define METERFLEET_CONFIG_CONF_FILE_H

#include <stddef.h>
#include "config/report.h"

/* The bytes and a NUL after them (len does not count it); freed by the caller. */
int conf_file_read(const char *path, size_t limit, struct conf_report *r, char **out, size_t *len);

/* The files of a directory whose names end in `suffix` and do not begin with a dot, as DIR/NAME, in lexical
 * order of their bytes. A directory that does not exist has none. Freed with conf_file_list_free(). */
int conf_file_list(const char *dir, const char *suffix, struct conf_report *r, char ***out, size_t *n);
void conf_file_list_free(char **list, size_t n);

#endif
