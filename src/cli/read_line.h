/* read_line.h - the line and the meter that --device, --address, --model and their like name.
 *
 * Errors:  false, NULL: wrong usage, with the complaint made.
 * Threads: one.
 */
#ifndef METERFLEET_CLI_READ_LINE_H
#define METERFLEET_CLI_READ_LINE_H

#include "cli/cli.h"
#include "config/models.h"

/* The model's own settings where nothing is said; m NULL: 9600 8E1. bus->device is the caller's to free. */
bool read_line_parse(const struct cli_args *a, const struct regmap *m, struct settings_bus *bus);
/* The model named. NULL also when it is there and has errors, which were told. */
const struct regmap *read_line_model(const struct cli_args *a, const struct model_set *set);
bool read_line_address(const struct cli_args *a, uint8_t *address);
/* The exit code of what kept a line from being read. */
int read_line_exit(int rc);

#endif
