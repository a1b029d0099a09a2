/* read_line.c - the options of a line and of the meter on it. */
#include "cli/read_line.h"

#include <stdlib.h>
#include <string.h>
#include "config/address.h"

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
bool read_line_parse(const struct cli_args *a, const struct regmap *m, struct settings_bus *bus)
{
    const char *baud = cli_option(a, "baud"), *parity = cli_option(a, "parity"),
               *stop = cli_option(a, "stop-bits"), *timeout = cli_option(a, "timeout");
    uint64_t n;
    int64_t ms;
    *bus = (struct settings_bus){.baud = m != NULL && m->baud != 0 ? m->baud : 9600,
                                 .parity = m != NULL && m->parity != '\0' ? m->parity : 'E',
                                 .stop_bits = m != NULL && m->stop_bits != 0 ? m->stop_bits : 1,
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

const struct regmap *read_line_model(const struct cli_args *a, const struct model_set *set)
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
    if (models_count(set) == 0)
        complain("--model: %.40s: unknown: no model file was found that can be used", name);
    else
        complain("--model: %.40s: unknown%s%s%s", name, near != NULL ? ": did you mean " : "",
                 near != NULL ? near : "", near != NULL ? "?" : "");
    free(names);
    return NULL;
}

int read_line_exit(int rc)
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

bool read_line_address(const struct cli_args *a, uint8_t *address)
{
    uint16_t n = 0;
    const char *text = cli_option(a, "address");
    if (text == NULL || text_to_u16(text, 1, 247, &n) != RC_OK) {
        complain("--address: %.20s: a number from 1 to 247 is needed", text != NULL ? text : "missing");
        return false;
    }
    *address = (uint8_t)n;
    return true;
}
