/* read_direct.c - options to a line, one visit, a view. */
#include "cli/read_direct.h"

#include <stdlib.h>
#include "bus/read_once.h"
#include "cli/read_line.h"
#include "daemon/read_classes.h"

bool read_direct_wanted(const struct cli_args *a, int *code)
{
    static const char *const only_with[] = {"address", "model", "baud", "parity", "stop-bits", "timeout"};
    *code = EXIT_DONE;
    if (cli_option(a, "device") != NULL)
        return true;
    for (size_t i = 0; i < sizeof only_with / sizeof only_with[0]; i++) {
        if (!cli_switch(a, only_with[i]))
            continue;
        complain("--%s: only together with --device", only_with[i]);
        *code = EXIT_USAGE;
    }
    return false;
}

/* Only what was asked for; a class is read whole. */
static void keep_asked(struct reading *r, const int quantities[], size_t n)
{
    uint16_t kept = 0;
    for (uint16_t i = 0; r != NULL && i < r->count; i++)
        if (read_classes_asked(quantities, n, r->values[i].quantity))
            r->values[kept++] = r->values[i];
    if (r != NULL)
        r->count = kept;
}

static int read_from(const struct cli_args *a, const struct regmap *m, uint8_t address,
                     const int quantities[], size_t n, struct read_view *out)
{
    int lacking;
    unsigned classes = read_classes(m, quantities, n, &lacking);
    struct settings_bus bus;
    char why[LINE_WHY] = "";
    if (classes == 0) {
        complain("%s: does not have %s", m->name,
                 lacking >= 0 ? quantity_at((enum quantity_id)lacking)->name : "anything to read");
        return EXIT_USAGE;
    }
    if (!read_line_parse(a, m, &bus))
        return EXIT_USAGE;
    int rcs[CLASS_COUNT];
    int rc = bus_read_once(&bus, m, address, classes, out->readings, rcs, why);
    bool any = false;
    out->n_lacks = read_lacks(m, quantities, n, out->readings, rcs, out->lacks);
    for (int c = 0; c < CLASS_COUNT; c++) {
        any = any || out->readings[c] != NULL;
        if (rcs[c] != RC_OK) { /* it said what was rejected */
            reading_free(out->readings[c]);
            out->readings[c] = NULL;
        }
        keep_asked(out->readings[c], quantities, n);
    }
    if (!any)
        complain("%s address %u: not read: %s", bus.device, address, why);
    free(bus.device);
    return any ? EXIT_DONE : read_line_exit(rc);
}

int read_direct(const struct cli_args *a, const int quantities[], size_t n, struct read_view *out)
{
    uint8_t address = 0;
    if (!read_line_address(a, &address))
        return EXIT_USAGE;
    struct model_set *set = NULL;
    int code = EXIT_CONFIG;
    if (models_read(NULL, complain_setting, NULL, &set) == RC_NOMEM) {
        complain("models: cannot be read: no memory");
        return EXIT_FAILED;
    }
    const struct regmap *m = read_line_model(a, set);
    if (m != NULL)
        code = read_from(a, m, address, quantities, n, out);
    else if (cli_option(a, "model") == NULL || models_find(set, cli_option(a, "model")) < 0)
        code = EXIT_USAGE;
    models_free(set);
    return code;
}
