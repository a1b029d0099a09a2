/* options.h - the command line: a table of options in, values or one clear complaint out.
 *
 * getopt_long(3) prints its own sentences and knows no "did you mean"; a row here also makes the help text.
 * Options and operands may be mixed, `--name VALUE`, `--name=VALUE`, `-nVALUE` and `-n VALUE` mean the same,
 * `--` ends the options, a lone `-` is an operand. An option that takes a value is given once: of two files
 * or tariffs, judging one without a word about the other would be an answer to a question nobody asked.
 * Switches may be repeated.
 *
 * Errors:  options_parse(): RC_PARSE with a line in `why` ("--confg: unknown option: did you mean
 * --config?"), RC_RANGE when there are too many operands. Threads: pure; the values point into argv. Source:
 * POSIX.1-2017 12.2 (guidelines 5, 6, 7, 10, 13); exit code 64: INTERFACES 1.
 */
#ifndef METERFLEET_CLI_OPTIONS_H
#define METERFLEET_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include "core/text.h"

struct option_row {
    const char *name; /* without dashes: "config" */
    char letter;      /* 'c', or 0 */
    const char *arg;  /* what the help calls its value: "FILE"; NULL: a switch without value */
    const char *help; /* one line, no full stop */
};

#define OPTIONS_MOST     24
#define OPTIONS_OPERANDS 512
#define OPTIONS_WHY      200

struct options {
    const char *value[OPTIONS_MOST]; /* by row; NULL: not given; "" for a switch that was */
    const char *operand[OPTIONS_OPERANDS];
    size_t n_operands;
    int used; /* argv entries consumed, when the parse stopped at the first operand */
};

/* first_operand_ends: stop at the first operand (the name of a subcommand) and leave it unused. */
int options_parse(const struct option_row *rows, size_t n_rows, int argc, const char *const argv[],
                  bool first_operand_ends, struct options *out, char why[OPTIONS_WHY]);
/* The value of the row named `name`, or NULL when not given. */
const char *options_get(const struct option_row *rows, size_t n_rows, const struct options *o,
                        const char *name);
/* The name that was probably meant: one that begins with the word, or is spelt much alike; NULL: none. */
const char *options_suggest(const char *word, const char *const names[], size_t n);
/* The rows as help text, no line longer than 80 columns. */
void options_help(const struct option_row *rows, size_t n_rows, struct text_buf *out);

#endif
