/* output.h - what the tools say on stdout, and what they do when it cannot be written.
 *
 * Not stdio: there the error of a full disk shows at some later call, when errno tells of something else.
 * What is written here has left the program when the call returns, or the reason is told.
 *
 * Errors:  exit codes, with the complaint made: EXIT_CANTCREATE (a full disk, a closed pipe), EXIT_FAILED (no
 *          memory for what was to be written).
 * Threads: one.
 * Source:  INTERFACES 1 (73: cannot create or write).
 */
#ifndef METERFLEET_CLI_OUTPUT_H
#define METERFLEET_CLI_OUTPUT_H

#include "core/text.h"

/* A program started without stdin, stdout or stderr would open its database or line under their numbers, and
 * a message would be written into it: closed ones are taken by something that nothing can be written to.
 * First thing in main(). */
void output_guard(void);

int output_write(const char *data, size_t n);
/* Writes what was made and empties it, memory and all. */
int output_print(struct text_buf *b);

#endif
