/* complain.h - the tools' errors: "meterfleet: subject: what: detail", one line each, on stderr.
 *
 * Not log.h: a daemon rather drops a line than waits for its reader; a tool whose complaint is lost has
 * failed without a word, so it waits.
 *
 * Threads: one (stdio). What comes from files and sockets is written without control characters.
 * Source:  INTERFACES 1.
 */
#ifndef METERFLEET_CLI_COMPLAIN_H
#define METERFLEET_CLI_COMPLAIN_H

/* format gives "subject: what: detail". */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A settings_report: arg is an unsigned counter of complaints, or NULL. */
void complain_setting(void *arg, const char *line);

#endif
