/* scan_device.c - from a first answer to a model, or to what is wrong. */
#include "bus/scan_i.h"

#include <stdlib.h>
#include <string.h>
#include "core/decimal.h"
#include "core/decode.h"
#include "core/rc.h"

#define PATIENCE    2               /* silences of one that has answered before */
#define TOTALS      4               /* times that the total is read */
#define TOTALS_MOST 10              /* when something about them is strange */
#define JUMP_UKWH   INT64_C(500000) /* within seconds: more than 100 kW in 10 s */

static struct exchange_request question(const struct scan *s, uint8_t function, uint16_t address,
                                        uint16_t count)
{
    return (struct exchange_request){
        .unit = s->device->address, .function = function, .address = address, .count = count};
}

/* No map is tried with a register that another model forbids even to read. */
static bool forbidden(const struct scan *s, const struct span *span)
{
    for (size_t i = 0; i < s->order->n_models; i++)
        if (regmap_denied(s->order->models[i], span->address, span->len_regs))
            return true;
    return false;
}

/* Reads registers once, whichever maps want them: NULL without memory for so many (no maps have). */
static const struct scan_heard *hear(struct scan *s, const struct span *span, int *rc)
{
    struct exchange_reply reply;
    *rc = RC_OK;
    for (size_t i = 0; i < s->n_heard; i++)
        if (memcmp(&s->heard[i].span, span, sizeof *span) == 0)
            return &s->heard[i];
    if (s->n_heard == SCAN_HEARD) {
        *rc = RC_NOMEM;
        return NULL;
    }
    struct exchange_request q = question(s, EXCHANGE_READ_REGISTERS, span->address, span->len_regs);
    struct scan_heard *h = &s->heard[s->n_heard];
    h->span = *span;
    h->rc = forbidden(s, span) ? RC_NOREG : scan_ask(s, &q, PATIENCE, &reply);
    if (h->rc == RC_STOPPED || h->rc == RC_LINK) {
        *rc = h->rc;
        return NULL;
    }
    if (h->rc == RC_OK)
        memcpy(h->regs, reply.regs, sizeof h->regs);
    s->n_heard++;
    return h;
}

/* Reads the device by one map, as far as nothing speaks against it. */
static int try_class(struct scan *s, const struct regmap *m, enum reg_class c, struct identify *i)
{
    struct span_plan *plan;
    int rc = RC_OK;
    if (span_values(m, SPAN_CLASS(c)) == 0)
        return RC_OK;
    if (span_plan_new(m, SPAN_CLASS(c), NULL, &plan) != RC_OK)
        return RC_NOMEM;
    for (size_t k = 0; k < plan->n && rc == RC_OK && !identify_judge(i).refuted; k++) {
        const struct scan_heard *h = hear(s, &plan->spans[k], &rc);
        if (h != NULL && h->rc == RC_BADFRAME)
            rc = RC_BADFRAME;
        else if (h != NULL)
            identify_take(i, c, &plan->spans[k], h->rc == RC_OK ? h->regs : NULL);
    }
    span_plan_free(plan);
    return rc;
}

/* What is known so far of which model it is. */
struct best {
    unsigned explained; /* by the model that fits */
    unsigned nearly;    /* by the one that comes nearest, if none does */
};

static void keep(struct scan_find *f, const struct regmap *m, const struct identify *i, struct best *best)
{
    const struct identify_verdict v = identify_judge(i);
    if (!v.fits) {
        if (f->model == NULL && (f->why[0] == '\0' || v.explained > best->nearly)) {
            best->nearly = v.explained;
            text_format(f->why, sizeof f->why, "not a %s: %s", m->name,
                        v.why[0] != '\0' ? v.why : "it says too little");
        }
        return;
    }
    if (f->model != NULL && v.explained < best->explained)
        return;
    if (f->model != NULL && v.explained == best->explained) {
        if (f->n_alike < SCAN_ALIKE)
            f->alike[f->n_alike++] = m;
        return;
    }
    f->model = m;
    f->n_alike = 0;
    f->why[0] = '\0';
    best->explained = v.explained;
    memcpy(f->serial, identify_reading(i)->text, sizeof f->serial);
}

/* Tries all maps. RC_BADFRAME: it answers short questions, but its longer answers come damaged. */
static int identify_device(struct scan *s)
{
    struct scan_find *f = s->device;
    struct best best = {0, 0};
    s->n_heard = 0;
    for (size_t k = 0; k < s->order->n_models; k++) {
        const struct regmap *m = s->order->models[k];
        struct identify *i = identify_new(m, f->address);
        int rc = i != NULL ? RC_OK : RC_NOMEM;
        for (size_t c = 0; c < IDENTIFY_CLASSES && rc == RC_OK; c++)
            rc = try_class(s, m, identify_order[c], i);
        if (rc == RC_OK)
            keep(f, m, i, &best);
        identify_free(i);
        if (rc != RC_OK)
            return rc;
    }
    f->kind = f->model != NULL ? SCAN_METER : SCAN_UNKNOWN;
    return RC_OK;
}

/* The total once: RC_OK, or as scan_ask() without patience. Values that cannot be are 0. */
static int read_total(struct scan *s, const struct reg *r, int64_t *total)
{
    const struct span span = {r->address, r->len_regs};
    struct exchange_request q = question(s, EXCHANGE_READ_REGISTERS, r->address, r->len_regs);
    struct exchange_reply reply;
    struct decode_rejects rejects = {0};
    int rc = scan_ask(s, &q, 1, &reply);
    struct reading *one = rc == RC_OK ? reading_new(1) : NULL;
    *total = 0;
    if (one != NULL &&
        decode_regs(s->device->model, SPAN_CLASS(r->klass), &span, reply.regs, one, &rejects) == RC_OK &&
        reading_get(one, r->quantity) != NULL)
        *total = *reading_get(one, r->quantity);
    reading_free(one);
    return rc;
}

static void say_clash(struct scan_find *f, int64_t a, int64_t b)
{
    char one[DECIMAL_SIZE], other[DECIMAL_SIZE];
    decimal_to_text(a, quantity_at(Q_ACTIVE_ENERGY_TOTAL)->decimals, one);
    decimal_to_text(b, quantity_at(Q_ACTIVE_ENERGY_TOTAL)->decimals, other);
    f->kind = SCAN_CLASH;
    text_format(f->why, sizeof f->why, "two devices have this address: the total is %s, then %s kWh", one,
                other);
}

/* A total never falls, within one device. A zero accuses nobody: meters show it while they start. */
static int look_for_a_twin(struct scan *s)
{
    const struct reg *r = regmap_find(s->device->model, Q_ACTIVE_ENERGY_TOTAL);
    int64_t before = 0;
    unsigned times = TOTALS;
    for (unsigned i = 0; r != NULL && i < times; i++) {
        int64_t total;
        uint32_t damaged = s->device->damaged;
        int rc = read_total(s, r, &total);
        if (rc == RC_STOPPED || rc == RC_LINK)
            return rc;
        bool jumps = before != 0 && total != 0 && (total < before || total - before > JUMP_UKWH);
        if (s->device->damaged > damaged || jumps)
            times = TOTALS_MOST;
        if (before > 0 && total != 0 && total < before) {
            say_clash(s->device, before, total);
            return RC_OK;
        }
        before = total != 0 ? total : before;
    }
    return RC_OK;
}

static int ask_coils(struct scan *s)
{
    for (uint16_t c = 0; c < 2; c++) {
        struct exchange_request q = question(s, EXCHANGE_READ_COILS, c, 1);
        struct exchange_reply reply;
        int rc = scan_ask(s, &q, 1, &reply);
        if (rc == RC_STOPPED || rc == RC_LINK)
            return rc;
        s->device->coil[c] = rc == RC_OK && reply.relay_closed ? SCAN_COIL_CLOSED
                             : rc == RC_OK                     ? SCAN_COIL_OPEN
                             : rc == RC_NOANSWER               ? SCAN_COIL_SILENT
                                                               : SCAN_COIL_REFUSED;
        rc = rc == RC_NOANSWER ? scan_rest(s) : RC_OK; /* or its late answer would pass for the next */
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

/* Somebody is there. */
static int look_at(struct scan *s)
{
    struct scan_find *f = s->device;
    int rc = identify_device(s);
    if (rc == RC_BADFRAME) {
        f->kind = SCAN_CLASH;
        f->model = NULL;
        f->n_alike = 0;
        text_format(
            f->why, sizeof f->why,
            "short replies come whole, longer ones damaged: two devices with this address, or a bad line");
        return RC_OK;
    }
    if (rc == RC_OK && f->kind == SCAN_METER)
        rc = look_for_a_twin(s);
    return rc == RC_OK ? ask_coils(s) : rc;
}

/* Whatever a device is, it answers this, if only by refusing. */
static uint16_t probe_address(const struct scan *s)
{
    for (size_t i = 0; i < s->order->n_models; i++) {
        const struct reg *r = regmap_find(s->order->models[i], Q_COMM_ADDRESS);
        if (r != NULL)
            return r->address;
    }
    return SCAN_PROBE;
}

int scan_device(struct scan *s, uint8_t address)
{
    struct scan_find f = {.address = address, .setting = s->setting};
    struct exchange_reply reply;
    bool nobody = false;
    /* cppcheck-suppress autoVariables; taken back below */
    s->device = &f;
    struct exchange_request q = question(s, EXCHANGE_READ_REGISTERS, probe_address(s), 1);
    int rc = scan_ask(s, &q, 1 + s->order->retries, &reply);
    address_set_add(&s->asked, address);
    if (rc == RC_OK || rc == RC_NOREG || rc == RC_REFUSED) {
        rc = look_at(s);
        if (rc == RC_OK && f.kind == SCAN_METER && f.damaged > 0)
            text_format(f.why, sizeof f.why,
                        "%u of %u replies came damaged: a bad line, or a second device with this address",
                        f.damaged, f.asked);
    } else if ((rc == RC_NOANSWER || rc == RC_BADFRAME) && f.damaged > 0) {
        rc = RC_OK;
        f.kind = SCAN_DAMAGED;
        text_format(
            f.why, sizeof f.why,
            "only damaged replies: another speed or format, two devices with this address, or a bad line");
    } else {
        nobody = true;
        rc = rc == RC_NOANSWER || rc == RC_BADFRAME ? RC_OK : rc;
    }
    s->before = address;
    s->device = NULL;
    return rc == RC_OK && !nobody ? scan_add(s, &f) : rc;
}
