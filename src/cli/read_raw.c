/* read_raw.c - from words to reads. */
#include "cli/read_raw.h"

#include <stdlib.h>
#include <string.h>
#include "bus/read_raw.h"
#include "cli/read_line.h"
#include "cli/read_raw_view.h"
#include "core/quantity.h"

#define READS_MOST  64
#define USUAL_COUNT 2 /* one value of 32 bits */

struct raw {
    const struct model_set *models;
    const struct regmap *model; /* NULL: not named */
    struct raw_read *reads;
    size_t n;
};

static bool add(struct raw *w, uint8_t function, uint16_t address, uint16_t count)
{
    if (w->n == READS_MOST) {
        complain("read: too many registers: at most %d words", READS_MOST);
        return false;
    }
    w->reads[w->n++] = (struct raw_read){.function = function, .span = {address, count}};
    return true;
}

static bool hex_address(const char *word, size_t len, uint16_t *out)
{
    uint32_t value = 0;
    if (len < 3 || len > 6)
        return false;
    for (size_t i = 2; i < len; i++) {
        const char *digits = "0123456789abcdef0123456789ABCDEF", *d = strchr(digits, word[i]);
        if (d == NULL)
            return false;
        value = value << 4 | (uint32_t)((d - digits) % 16);
    }
    *out = (uint16_t)value;
    return true;
}

/* "0x0030" or "0x0030:14" */
static bool add_register(struct raw *w, const char *word)
{
    uint16_t address = 0, count = USUAL_COUNT;
    size_t len = strcspn(word, ":");
    if (!hex_address(word, len, &address)) {
        complain("%.60s: not a register: 0xADDR or 0xADDR:COUNT, such as 0x0030:14", word);
        return false;
    }
    if (word[len] == ':' && text_to_u16(word + len + 1, 1, SPAN_MOST_REGS, &count) != RC_OK) {
        complain("%.60s: not a count of registers: 1 to %d", word, SPAN_MOST_REGS);
        return false;
    }
    if ((uint32_t)address + count > 0x10000) {
        complain("%.60s: beyond the last register 0xFFFF", word);
        return false;
    }
    return add(w, EXCHANGE_READ_REGISTERS, address, count);
}

static bool add_quantity(struct raw *w, const char *word)
{
    int q = quantity_find(word);
    if (q < 0) {
        const char *names[Q_COUNT];
        for (int i = 0; i < Q_COUNT; i++)
            names[i] = quantity_at((enum quantity_id)i)->name;
        const char *near = options_suggest(word, names, Q_COUNT);
        complain("%.60s: neither a quantity nor 0xADDR[:COUNT]%s%s%s", word,
                 near != NULL ? ": did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
        return false;
    }
    if (w->model == NULL) {
        complain("--model: missing: it says where %s stands; or name the register: 0xADDR[:COUNT]", word);
        return false;
    }
    const struct reg *r = regmap_find(w->model, q);
    if (r != NULL)
        return add(w, EXCHANGE_READ_REGISTERS, r->address, r->len_regs);
    if (q == Q_RELAY_DO1 && w->model->has_relay)
        return add(w, EXCHANGE_READ_COILS, w->model->relay_coil, 1);
    complain("%s: does not have %s", w->model->name, word);
    return false;
}

/* Nothing was named: what is quick to read, in the requests that the daemon makes too. */
static bool add_usual(struct raw *w)
{
    const unsigned classes = SPAN_CLASS(CLASS_LIVE) | SPAN_CLASS(CLASS_ENERGY) | SPAN_CLASS(CLASS_DEMAND);
    struct span_plan *plan;
    bool fine = true;
    if (w->model == NULL) {
        complain("read --raw: what is to be read? 0xADDR[:COUNT], or --model and quantities");
        return false;
    }
    if (span_plan_new(w->model, classes, NULL, &plan) != RC_OK) {
        complain("%s: cannot be planned", w->model->name);
        return false;
    }
    for (size_t i = 0; i < plan->n && fine; i++)
        fine = add(w, EXCHANGE_READ_REGISTERS, plan->spans[i].address, plan->spans[i].len_regs);
    span_plan_free(plan);
    return fine;
}

/* Without a model the meter could be any: what one of them forbids stays unread. */
static bool allowed(const struct raw *w)
{
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < models_count(w->models); k++) {
            const struct regmap *m = w->model != NULL ? w->model : models_at(w->models, k);
            const struct span *s = &w->reads[i].span;
            if (m == NULL || w->reads[i].function != EXCHANGE_READ_REGISTERS ||
                !regmap_denied(m, s->address, s->len_regs))
                continue;
            complain("0x%04X:%u: never read: %s forbids it", s->address, s->len_regs, m->name);
            return false;
        }
    return true;
}

static int print(const struct cli_args *a, const struct raw *w, const struct settings_bus *bus,
                 uint8_t address)
{
    struct text_buf out = {.data = NULL};
    const struct raw_view v = {cli_option(a, "device"), bus, address, w->model, w->reads, w->n};
    if (cli_switch(a, "json"))
        raw_view_json(&v, &out);
    else
        raw_view_text(&v, &out);
    return output_print(&out);
}

static int ask(const struct cli_args *a, struct raw *w, uint8_t address)
{
    struct settings_bus bus;
    char why[LINE_WHY];
    bool answered = false;
    if (!read_line_parse(a, w->model, &bus))
        return EXIT_USAGE;
    int rc = bus_read_raw(&bus, w->model, address, w->reads, w->n, why), code = EXIT_DONE;
    for (size_t i = 0; i < w->n; i++) {
        int one = w->reads[i].rc;
        answered = answered || one == RC_OK || one == RC_NOREG || one == RC_REFUSED;
    }
    if (rc == RC_OK || w->reads[0].n_frames > 0)
        code = print(a, w, &bus, address);
    if (code == EXIT_DONE && (rc != RC_OK || !answered)) {
        complain("%s address %u: not read: %s", bus.device, address,
                 why[0] != '\0' ? why : rc_text(rc != RC_OK ? rc : w->reads[0].rc));
        code = read_line_exit(rc);
    }
    free(bus.device);
    return code;
}

static bool parse_words(const struct cli_args *a, struct raw *w)
{
    for (size_t i = 0; i < a->given.n_operands; i++) {
        const char *word = a->given.operand[i];
        bool hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
        if (hex ? !add_register(w, word) : !add_quantity(w, word))
            return false;
    }
    return a->given.n_operands > 0 || add_usual(w);
}

static int read_with(const struct cli_args *a, struct raw *w, uint8_t address)
{
    if (cli_option(a, "model") != NULL) {
        w->model = read_line_model(a, w->models);
        if (w->model == NULL)
            return models_find(w->models, cli_option(a, "model")) >= 0 ? EXIT_CONFIG : EXIT_USAGE;
    }
    w->reads = calloc(READS_MOST, sizeof w->reads[0]);
    int code = EXIT_FAILED;
    if (w->reads == NULL)
        complain("read: cannot begin: no memory");
    else if (!parse_words(a, w))
        code = EXIT_USAGE;
    else
        code = allowed(w) ? ask(a, w, address) : EXIT_NOPERM;
    free(w->reads);
    return code;
}

int read_raw(const struct cli_args *a)
{
    struct model_set *models = NULL;
    struct raw w = {.models = NULL};
    uint8_t address = 0;
    if (!read_line_address(a, &address))
        return EXIT_USAGE;
    if (models_read(NULL, complain_setting, NULL, &models) == RC_NOMEM) {
        complain("models: cannot be read: no memory");
        return EXIT_FAILED;
    }
    w.models = models;
    int code = read_with(a, &w, address);
    models_free(models);
    return code;
}
