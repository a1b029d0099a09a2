/* log.h - the daemon's own voice: lines that read "subject: what: detail".
 *
 * Under systemd (JOURNAL_STREAM matches stderr) each line begins with <N> so that the journal knows its
 * level; with -f it is plain "meterfleet: subject: what: detail" on stderr. Secrets never reach it.
 *
 * Errors:  a line that cannot be written is dropped and counted; logging never blocks and never fails
 *          (where stderr is a pipe, the program ignores SIGPIPE).
 *          A line over 2 KiB is cut and ends in "...". errno stays as it was.
 * Threads: any thread may log; a line is written with one write().
 */
#ifndef METERFLEET_CORE_LOG_H
#define METERFLEET_CORE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARNING = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

/* Chooses the prefix; call once before threads start. journal: write "<N>" before each line. */
void log_open(bool journal, enum log_level least);

/* format gives the whole "subject: what: detail"; a newline is added. Control characters are written as '?'. */
void log_msg(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_msg(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_msg(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_msg(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_msg(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* Lines that could not be written so far. */
uint64_t log_dropped(void);

#endif
