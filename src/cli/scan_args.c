/* scan_args.c - options to a list of settings. */
#include "cli/scan_args.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "config/address.h"

#define SPEED_LEAST 300 /* as in [bus] baud */
#define SPEED_MOST  921600

struct speeds {
    uint32_t baud[SCAN_SPEEDS];
    size_t n;
};
struct format {
    char parity;
    uint8_t stop_bits;
};
struct formats {
    struct format format[SCAN_FORMATS];
    size_t n, n_sure;
};

static const struct {
    const char *name, *word; /* as on the meter, and as in [bus] */
    struct format format;
} all_formats[SCAN_FORMATS] = {
    {"8E1", "even", {'E', 1}}, {"8N1", "none", {'N', 1}}, {"8N2", NULL, {'N', 2}}, {"8O1", "odd", {'O', 1}}};

static void add_speed(struct speeds *s, uint32_t baud)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->baud[i] == baud)
            return;
    if (s->n < SCAN_SPEEDS && baud >= SPEED_LEAST && baud <= SPEED_MOST)
        s->baud[s->n++] = baud;
}

static void add_format(struct formats *f, struct format one)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->format[i].parity == one.parity && f->format[i].stop_bits == one.stop_bits)
            return;
    if (f->n < SCAN_FORMATS)
        f->format[f->n++] = one;
}

static void factory_speeds(const struct model_set *models, struct speeds *s)
{
    for (size_t i = 0; i < models_count(models); i++)
        if (models_at(models, i) != NULL && models_at(models, i)->baud != 0)
            add_speed(s, models_at(models, i)->baud);
    if (s->n == 0)
        add_speed(s, 9600);
}

/* "1=1200 2=2400 …" */
static void speeds_of_codes(const char *codes, struct speeds *s)
{
    for (const char *p = strchr(codes, '='); p != NULL; p = strchr(p + 1, '=')) {
        char digits[12];
        uint64_t baud;
        size_t len = strcspn(p + 1, " ");
        if (len >= sizeof digits)
            continue;
        memcpy(digits, p + 1, len);
        digits[len] = '\0';
        if (text_to_u64(digits, SPEED_LEAST, SPEED_MOST, &baud) == RC_OK)
            add_speed(s, (uint32_t)baud);
    }
}

static int faster_first(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* The makers' own first, then from fast to slow. */
static void all_speeds(const struct model_set *models, struct speeds *s)
{
    factory_speeds(models, s);
    size_t own = s->n;
    for (size_t i = 0; i < models_count(models); i++) {
        const struct regmap *m = models_at(models, i);
        for (size_t k = 0; m != NULL && k < m->n_commission; k++)
            if (strcmp(m->commission[k].name, "baud") == 0)
                speeds_of_codes(m->commission[k].codes, s);
    }
    qsort(&s->baud[own], s->n - own, sizeof s->baud[0], faster_first);
}

static void usual_formats(const struct model_set *models, struct formats *f)
{
    for (size_t i = 0; i < models_count(models); i++) {
        const struct regmap *m = models_at(models, i);
        if (m != NULL && m->parity != '\0' && m->stop_bits != 0)
            add_format(f, (struct format){m->parity, m->stop_bits});
    }
    if (f->n == 0)
        add_format(f, all_formats[0].format);
    f->n_sure = f->n;
    add_format(f, (struct format){'N', 1});
}

/* The next item of a list divided by commas; false at its end. */
static bool next_item(const char **list, char item[16])
{
    if (*list == NULL)
        return false;
    size_t len = strcspn(*list, ","), kept = len < 15 ? len : 15;
    memcpy(item, *list, kept);
    item[kept] = '\0';
    *list = (*list)[len] == ',' ? *list + len + 1 : NULL;
    return true;
}

static bool parse_speeds(const char *list, const struct model_set *models, struct speeds *s)
{
    char item[16];
    uint64_t baud;
    if (list == NULL)
        factory_speeds(models, s);
    else if (strcmp(list, "all") == 0)
        all_speeds(models, s);
    else
        while (next_item(&list, item)) {
            if (text_to_u64(item, SPEED_LEAST, SPEED_MOST, &baud) != RC_OK) {
                complain("--baud: %.20s: neither all nor a speed from %d to %d", item, SPEED_LEAST,
                         SPEED_MOST);
                return false;
            }
            add_speed(s, (uint32_t)baud);
        }
    return true;
}

static bool parse_format(const char *item, struct formats *f)
{
    for (size_t i = 0; i < SCAN_FORMATS; i++) {
        if (strcasecmp(item, all_formats[i].name) != 0 &&
            (all_formats[i].word == NULL || strcmp(item, all_formats[i].word) != 0))
            continue;
        add_format(f, all_formats[i].format);
        return true;
    }
    complain("--parity: %.20s: neither all nor one of 8E1, 8N1, 8N2, 8O1, even, odd, none", item);
    return false;
}

static bool parse_formats(const char *list, const struct model_set *models, struct formats *f)
{
    char item[16];
    if (list == NULL) {
        usual_formats(models, f);
        return true;
    }
    for (size_t i = 0; strcmp(list, "all") == 0 && i < SCAN_FORMATS; i++)
        add_format(f, all_formats[i].format);
    while (f->n < SCAN_FORMATS && next_item(&list, item))
        if (!parse_format(item, f))
            return false;
    f->n_sure = f->n;
    return true;
}

/* All pairs of speeds and of formats [from, to): the likely ones of both first. */
static void pair_up(struct scan_args *s, const struct speeds *b, const struct formats *f, size_t from,
                    size_t to)
{
    for (size_t sum = 0; sum < b->n + to; sum++)
        for (size_t k = from; k < to; k++) {
            size_t i = sum - (k - from);
            if (sum < k - from || i >= b->n)
                continue;
            s->settings[s->order.n_settings++] =
                (struct scan_setting){b->baud[i], f->format[k].parity, f->format[k].stop_bits};
        }
}

static bool parse_settings(const struct cli_args *a, const struct model_set *models, struct scan_args *s)
{
    const char *baud = cli_option(a, "baud"), *parity = cli_option(a, "parity");
    struct speeds b = {.n = 0};
    struct formats f = {.n = 0};
    enum bus_kind kind = s->order.bus.kind;
    if (kind == BUS_TCP && (baud != NULL || parity != NULL)) {
        complain("--%s: Modbus TCP has none: the gateway's own is set there",
                 baud != NULL ? "baud" : "parity");
        return false;
    }
    if (!parse_speeds(baud, models, &b) || !parse_formats(parity, models, &f))
        return false;
    if (kind == BUS_RTU_TCP && ((baud != NULL && b.n > 1) || (parity != NULL && f.n > 1))) {
        complain("--%s: a gateway has one: name the one that is set there, or none",
                 baud != NULL && b.n > 1 ? "baud" : "parity");
        return false;
    }
    if (kind != BUS_SERIAL)
        b.n = f.n = f.n_sure = 1;
    pair_up(s, &b, &f, 0, f.n_sure);
    s->order.n_sure = s->order.n_settings;
    pair_up(s, &b, &f, f.n_sure, f.n);
    return true;
}

static bool parse_rest(const struct cli_args *a, struct scan_args *s)
{
    const char *addresses = cli_option(a, "addresses"), *timeout = cli_option(a, "timeout"),
               *retries = cli_option(a, "retries");
    char bad[ADDRESS_ITEM];
    uint64_t n = 0;
    int64_t ms = 300;
    if (address_set_parse(addresses != NULL ? addresses : "1-247", &s->order.addresses, bad) != RC_OK) {
        complain("--addresses: %.24s: neither an address from 1 to 247 nor a rising range such as 2-20",
                 bad[0] != '\0' ? bad : "nothing");
        return false;
    }
    if (timeout != NULL && text_to_duration_ms(timeout, 10, 60000, &ms) != RC_OK) {
        complain("--timeout: %.20s: not a duration from 10ms to 60s", timeout);
        return false;
    }
    if (retries != NULL && text_to_u64(retries, 0, 10, &n) != RC_OK) {
        complain("--retries: %.20s: not a number from 0 to 10", retries);
        return false;
    }
    s->order.bus.timeout_ms = (uint32_t)ms;
    s->order.bus.late_ms = 1000;
    s->order.retries = (unsigned)n;
    return true;
}

/* After the last part of the path, or the host: "ttyUSB0", "192-168-1-7". */
static void name_after(const struct settings_bus *bus, char out[SCAN_BUS_MOST + 1])
{
    const char *slash = strrchr(bus->device, '/'), *from = slash != NULL ? slash + 1 : bus->device;
    size_t n = 0;
    for (; *from != '\0' && n < SCAN_BUS_MOST - 4; from++) {
        bool plain = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", *from) != NULL;
        if (plain || n > 0)
            out[n++] = plain ? *from : '-';
    }
    while (n > 0 && (out[n - 1] == '-' || out[n - 1] == '_'))
        n--;
    out[n] = '\0';
    if (n == 0)
        text_format(out, SCAN_BUS_MOST + 1, "bus");
}

static bool parse_line(const struct cli_args *a, struct scan_args *s)
{
    const char *name = cli_option(a, "bus");
    struct settings_bus *bus = &s->order.bus;
    s->device = cli_option(a, "device");
    if (s->device == NULL) {
        complain("--device: missing: which line is to be scanned? e.g. /dev/ttyUSB0");
        return false;
    }
    if (name != NULL && (!text_is_name(name) || strlen(name) > SCAN_BUS_MOST)) {
        complain("--bus: %.40s: not a name of at most %d letters, digits, _ and -", name, SCAN_BUS_MOST);
        return false;
    }
    if (address_parse_line(s->device, &bus->kind, &bus->device, &bus->port) != RC_OK) {
        complain("--device: %.60s: neither a path nor rtutcp://HOST:PORT nor tcp://HOST", s->device);
        return false;
    }
    if (name != NULL)
        text_format(s->bus_name, sizeof s->bus_name, "%s", name);
    else
        name_after(bus, s->bus_name);
    return true;
}

int scan_args_read(const struct cli_args *a, const struct model_set *models, struct scan_args *out)
{
    memset(out, 0, sizeof *out);
    out->order.settings = out->settings;
    if (parse_line(a, out) && parse_settings(a, models, out) && parse_rest(a, out))
        return EXIT_DONE;
    scan_args_done(out);
    return EXIT_USAGE;
}

void scan_args_done(struct scan_args *s)
{
    free(s->order.bus.device);
    s->order.bus.device = NULL;
}

void scan_setting_text(const struct scan_order *o, size_t setting, char out[SCAN_SETTING_TEXT])
{
    const struct scan_setting *t = &o->settings[setting];
    if (o->bus.kind == BUS_SERIAL)
        text_format(out, SCAN_SETTING_TEXT, "%u 8%c%u", t->baud, t->parity, t->stop_bits);
    else
        text_format(out, SCAN_SETTING_TEXT, "%s", o->bus.kind == BUS_TCP ? "Modbus TCP" : "RTU over TCP");
}
