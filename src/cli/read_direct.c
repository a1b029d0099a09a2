/* read_direct.c - options to a line, one visit, a view. */
#include "cli/read_direct.h"

#include <stdlib.h>
#include <string.h>
#include "bus/read_once.h"
#include "config/address.h"
#include "config/models.h"
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

static bool parse_parity(const char *word, char *out)
{
    static const char *const words[] = {"even", "odd", "none"};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(word, words[i]) == 0) {
            *out = "EON"[i];
            return true;
        }
    }
    return false;
}

/* What a line needs to know, with the model's own settings where nothing is said. */
static bool parse_line(const struct cli_args *a, const struct regmap *m, struct settings_bus *bus)
{
    const char *baud = cli_option(a, "baud"), *parity = cli_option(a, "parity"),
               *stop = cli_option(a, "stop-bits"), *timeout = cli_option(a, "timeout");
    uint64_t n;
    int64_t ms;
    *bus = (struct settings_bus){.baud = m->baud != 0 ? m->baud : 9600,
                                 .parity = m->parity != '\0' ? m->parity : 'E',
                                 .stop_bits = m->stop_bits != 0 ? m->stop_bits : 1,
                                 .timeout_ms = 300,
                                 .late_ms = 1000,
                                 .retries = 2};
    if (baud != NULL && text_to_u64(baud, 50, 4000000, &n) != RC_OK) {
        complain("--baud: %.20s: not a speed", baud);
        return false;
    }
    if (baud != NULL)
        bus->baud = (uint32_t)n;
    if (parity != NULL && !parse_parity(parity, &bus->parity)) {
        complain("--parity: %.20s: not even, odd or none", parity);
        return false;
    }
    if (stop != NULL && text_to_u64(stop, 1, 2, &n) != RC_OK) {
        complain("--stop-bits: %.20s: not 1 or 2", stop);
        return false;
    }
    if (stop != NULL)
        bus->stop_bits = (uint8_t)n;
    if (timeout != NULL && text_to_duration_ms(timeout, 10, 60000, &ms) != RC_OK) {
        complain("--timeout: %.20s: not a duration from 10ms to 60s", timeout);
        return false;
    }
    if (timeout != NULL)
        bus->timeout_ms = (uint32_t)ms;
    if (address_parse_line(cli_option(a, "device"), &bus->kind, &bus->device, &bus->port) != RC_OK) {
        complain("--device: %.60s: neither a path nor rtutcp://HOST:PORT nor tcp://HOST",
                 cli_option(a, "device"));
        return false;
    }
    return true;
}

static const struct regmap *find_model(const struct cli_args *a, const struct model_set *set)
{
    const char *name = cli_option(a, "model");
    if (name == NULL) {
        complain("--model: missing: which model is the meter? e.g. kpm31");
        return NULL;
    }
    int i = models_find(set, name);
    if (i >= 0)
        return models_at(set, (size_t)i); /* NULL: has errors, which were told */
    const char **names = calloc(models_count(set) + 1, sizeof *names);
    for (size_t k = 0; names != NULL && k < models_count(set); k++)
        names[k] = models_name(set, k);
    const char *near = names != NULL ? options_suggest(name, names, models_count(set)) : NULL;
    complain("--model: %.40s: unknown%s%s%s", name, near != NULL ? ": did you mean " : "",
             near != NULL ? near : "", near != NULL ? "?" : "");
    free(names);
    return NULL;
}

static int exit_of(int rc)
{
    switch (rc) {
    case RC_DENIED:
        return EXIT_NOPERM;
    case RC_NOMEM:
    case RC_IO:
        return EXIT_FAILED;
    case RC_PARSE:
        return EXIT_DATA;
    default:
        return EXIT_UNAVAILABLE;
    }
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
    if (!parse_line(a, m, &bus))
        return EXIT_USAGE;
    int rc = bus_read_once(&bus, m, address, classes, out->readings, why);
    bool any = false;
    for (int c = 0; c < CLASS_COUNT; c++) {
        if ((classes & (1u << c)) != 0 && out->readings[c] == NULL)
            out->missing |= 1u << c;
        any = any || out->readings[c] != NULL;
        keep_asked(out->readings[c], quantities, n);
    }
    if (!any)
        complain("%s address %u: not read: %s", bus.device, address, why);
    free(bus.device);
    return any ? EXIT_DONE : exit_of(rc);
}

int read_direct(const struct cli_args *a, const int quantities[], size_t n, struct read_view *out)
{
    uint16_t address = 0;
    const char *text = cli_option(a, "address");
    if (text == NULL || text_to_u16(text, 1, 247, &address) != RC_OK) {
        complain("--address: %.20s: a number from 1 to 247 is needed", text != NULL ? text : "missing");
        return EXIT_USAGE;
    }
    struct model_set *set = NULL;
    int code = EXIT_CONFIG;
    if (models_read(NULL, complain_setting, NULL, &set) == RC_NOMEM) {
        complain("models: cannot be read: no memory");
        return EXIT_FAILED;
    }
    const struct regmap *m = find_model(a, set);
    if (m != NULL)
        code = read_from(a, m, (uint8_t)address, quantities, n, out);
    else if (cli_option(a, "model") == NULL || models_find(set, cli_option(a, "model")) < 0)
        code = EXIT_USAGE;
    models_free(set);
    return code;
}
