/* scan_args.h - what `meterfleet scan` is to try: from its options, and from the models where nothing is
 * said.
 *
 * Without --baud the speeds at which the models leave their makers, without --parity their formats; 8N1 is
 * kept in reserve for when nobody answers, because menus of meters offer "none" (DOMAIN 3, row 7). `all`
 * means every speed that a model can be set to, and 8E1, 8N1, 8N2, 8O1. What is likely is tried first.
 *
 * Errors:  EXIT_USAGE with one complaint made.
 * Threads: one.
 * Source:  INTERFACES 7.
 */
#ifndef METERFLEET_CLI_SCAN_ARGS_H
#define METERFLEET_CLI_SCAN_ARGS_H

#include "bus/scan.h"
#include "cli/cli.h"
#include "config/models.h"

#define SCAN_ARGS_ROWS                                                                                       \
    {"device", 0, "DEV", "the line: a path, rtutcp://HOST:PORT or tcp://HOST"},                              \
        {"baud", 0, "all|N,...", "speeds to try (default: the models' own, 9600)"},                          \
        {"parity", 0, "all|8E1,...", "formats: 8E1 8N1 8N2 8O1 (default: 8E1, and 8N1 if nobody answers)"},  \
        {"addresses", 0, "LIST", "addresses to ask, such as 1-32,40 (default: 1-247)"},                      \
        {"timeout", 0, "TIME", "how long a meter may take to answer (default: 300ms)"},                      \
        {"retries", 0, "N", "ask a silent address so many times more (default: 0)"},                         \
    {                                                                                                        \
        "bus", 0, "NAME", "what the bus is to be called (default: after the device)"                         \
    }

#define SCAN_SPEEDS   12
#define SCAN_FORMATS  4
#define SCAN_SETTINGS (SCAN_SPEEDS * SCAN_FORMATS)
#define SCAN_BUS_MOST 24 /* with a model behind it, it still names a section */

struct scan_args {
    struct scan_order order; /* without models and teller; its settings point here */
    struct scan_setting settings[SCAN_SETTINGS];
    const char *device; /* as given */
    char bus_name[SCAN_BUS_MOST + 1];
};

int scan_args_read(const struct cli_args *a, const struct model_set *models, struct scan_args *out);
void scan_args_done(struct scan_args *s);

/* "9600 8E1", "Modbus TCP", "RTU over TCP". */
#define SCAN_SETTING_TEXT 24
void scan_setting_text(const struct scan_order *o, size_t setting, char out[SCAN_SETTING_TEXT]);

#endif
