#include "sim/sim_reply.h"

#include <math.h>
#include <string.h>

#include "core/text.h"
#include "sim/sim_image.h"
#include "sim/sim_modbus.h"

/* The frame in the making, and the names of the faults that hit it. */
struct draft {
    struct sim_unit *u;
    const struct sim_asked *q;
    uint8_t frame[SIM_OUT_MAX];
    size_t n;
    char faults[SIM_VERDICT];
    uint32_t hits; /* a bit a kind */
};

/* With these the master still gets what it waits for. */
#define HARMLESS (1u << SIM_SLOW | 1u << SIM_FOREIGN | 1u << SIM_ECHO | 1u << SIM_DUP)

static bool hit(struct draft *d, enum sim_kind kind)
{
    if (!sim_unit_hit(d->u, kind))
        return false;
    d->hits |= 1u << kind;
    size_t used = strlen(d->faults);
    text_format(d->faults + used, sizeof d->faults - used, "%s%s", used > 0 ? "+" : "", sim_fault_name(kind));
    return true;
}

static const struct sim_args *args_of(const struct draft *d, enum sim_kind kind)
{
    return &d->u->state[kind].args;
}

static bool is_read_reply(const struct draft *d)
{
    return d->n >= 5 && d->frame[1] == 3;
}

static void put_float(uint8_t *at, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(bits >> (24 - 8 * i));
}

/* Two meters hear the same address: the first wins, the second wins, or both spoil each other. */
static void answer_twice(struct draft *d)
{
    uint8_t other[SIM_FRAME_MAX];
    size_t n = sim_modbus_answer(d->u->twin, d->q->resolution_u, d->q->bytes, d->q->n, other);
    switch (sim_rng_between(&d->u->rng, 0, 2)) {
    case 0:
        break;
    case 1:
        memcpy(d->frame, other, n);
        d->n = n;
        break;
    default: /* a driver that pulls low wins */
        for (size_t i = 0; i < d->n && i < n; i++)
            d->frame[i] &= other[i];
    }
}

/* False: no answer leaves the meter. */
static bool answer(struct draft *d)
{
    struct sim_meter *m = &d->u->meter;
    const struct sim_asked *q = d->q;
    bool closed = m->relay_closed, relay = q->bytes[1] == 5 && hit(d, SIM_RELAY);
    unsigned how = relay ? args_of(d, SIM_RELAY)->choice : SIM_RELAY_STUCK;
    if (relay && how == SIM_RELAY_EXC) {
        d->n = sim_modbus_exception(q->bytes, (int)args_of(d, SIM_RELAY)->n[0], d->frame);
        return true;
    }
    d->n = sim_modbus_answer(m, q->resolution_u, q->bytes, q->n, d->frame);
    if (relay && how != SIM_RELAY_SILENT)
        m->relay_closed = closed;
    if (d->u->twin != NULL && hit(d, SIM_TWIN))
        answer_twice(d);
    return !relay || how == SIM_RELAY_STUCK;
}

static void make_absurd(struct draft *d)
{
    static const float value[] = {(float)NAN, INFINITY, -INFINITY, -1234.5f, 1e12f};
    float v = value[args_of(d, SIM_NAN)->choice];
    for (size_t i = 3; i + 4 <= d->n - 2; i += 4)
        put_float(d->frame + i, v);
}

static void forge(struct draft *d)
{
    const struct sim_args *a = args_of(d, SIM_FORGE);
    if (!a->given[0]) {
        d->frame[sim_rng_between(&d->u->rng, 3, (int64_t)d->n - 3)] ^=
            (uint8_t)sim_rng_between(&d->u->rng, 1, 255);
        return;
    }
    int64_t first = d->q->bytes[2] << 8 | d->q->bytes[3], count = d->q->bytes[4] << 8 | d->q->bytes[5];
    if (a->n[0] >= first && a->n[0] + 2 <= first + count)
        put_float(d->frame + 3 + (a->n[0] - first) * 2, (float)a->value);
}

static void change_content(struct draft *d)
{
    if (hit(d, SIM_EXC)) {
        d->n = sim_modbus_exception(d->q->bytes, (int)args_of(d, SIM_EXC)->n[0], d->frame);
        return;
    }
    if (!is_read_reply(d))
        return;
    bool zero = hit(d, SIM_ZERO), absurd = hit(d, SIM_NAN), forged = hit(d, SIM_FORGE);
    if (zero)
        memset(d->frame + 3, 0, d->n - 5);
    if (absurd)
        make_absurd(d);
    if (forged)
        forge(d);
    if (zero || absurd || forged)
        sim_modbus_seal(d->frame, d->n - 2);
}

static void add_noise(struct draft *d)
{
    const struct sim_args *a = args_of(d, SIM_NOISE);
    size_t count = (size_t)a->n[0];
    size_t at = a->choice == SIM_NOISE_BEFORE ? 0 : a->choice == SIM_NOISE_AFTER ? d->n : d->n / 2;
    memmove(d->frame + at + count, d->frame + at, d->n - at);
    for (size_t i = 0; i < count; i++)
        d->frame[at + i] = a->given[1] ? (uint8_t)a->n[1] : (uint8_t)sim_rng_next(&d->u->rng);
    d->n += count;
}

static void damage(struct draft *d)
{
    if (hit(d, SIM_CRC))
        d->frame[d->n - 1] ^= (uint8_t)sim_rng_between(&d->u->rng, 1, 255);
    if (hit(d, SIM_SHORT)) {
        const struct sim_args *a = args_of(d, SIM_SHORT);
        size_t kept = a->given[0] ? (size_t)a->n[0] : d->n / 2;
        d->n = kept < d->n ? kept : d->n;
    }
    if (hit(d, SIM_NOISE))
        add_noise(d);
}

static struct sim_out *add_out(struct sim_reply *r, const struct sim_asked *q, const uint8_t *bytes, size_t n,
                               int64_t start_ns, const char *verdict)
{
    struct sim_out *o = &r->out[r->n++];
    *o = (struct sim_out){.n = n,
                          .start_ns = start_ns,
                          .byte_ns = q->char_ns,
                          .piece = q->char_ns > 0 ? SIM_PIECE_BYTES : SIM_OUT_MAX,
                          .to = q->from,
                          .wired = true};
    memcpy(o->bytes, bytes, n);
    text_format(o->verdict, sizeof o->verdict, "%s", verdict);
    return o;
}

/* Another one's frame, right in itself, before the answer. Returns when the answer may begin. */
static int64_t add_foreign(struct draft *d, struct sim_reply *r, int64_t start_ns)
{
    uint8_t frame[SIM_OUT_MAX];
    const struct sim_asked *q = d->q;
    memcpy(frame, d->frame, d->n);
    if (args_of(d, SIM_FOREIGN)->choice == SIM_FOREIGN_FUNCTION)
        frame[1] = frame[1] == 4 ? 3 : 4;
    else
        frame[0] = frame[0] >= 247 ? 1 : (uint8_t)(frame[0] + 1);
    size_t n = sim_modbus_seal(frame, d->n - 2);
    const struct sim_out *o = add_out(r, q, frame, n, start_ns, "fault:foreign");
    return start_ns + (int64_t)o->n * o->byte_ns + q->silence_ns;
}

static int64_t delay_of(struct draft *d)
{
    int64_t delay = d->q->turnaround_ns;
    static const enum sim_kind kind[] = {SIM_SLOW, SIM_LATE};
    for (int i = 0; i < 2; i++) {
        const struct sim_args *a = args_of(d, kind[i]);
        if (hit(d, kind[i]))
            delay = sim_rng_between(&d->u->rng, a->n[0], a->n[1]);
    }
    return delay > d->q->silence_ns ? delay : d->q->silence_ns;
}

static void say_answer(struct draft *d, struct sim_reply *r, int64_t start_ns, int64_t delay_ns)
{
    const struct sim_asked *q = d->q;
    char verdict[SIM_VERDICT];
    bool drip = hit(d, SIM_DRIP), dup = hit(d, SIM_DUP);
    text_format(verdict, sizeof verdict, d->hits != 0 ? "fault:%.50s" : "answer", d->faults);
    struct sim_out *o = add_out(r, q, d->frame, d->n, start_ns, verdict);
    if (drip) {
        o->byte_ns = args_of(d, SIM_DRIP)->n[0];
        o->piece = 1;
    }
    o->answers = (d->hits & ~HARMLESS) == 0;
    o->credit_ns = q->char_ns == 0 ? 0 : (int64_t)(q->n + d->n) * q->char_ns + delay_ns + q->silence_ns;
    if (dup) {
        int64_t again_ns = start_ns + (int64_t)o->n * o->byte_ns + args_of(d, SIM_DUP)->n[0];
        add_out(r, q, d->frame, d->n, again_ns, "fault:dup");
    }
}

void sim_reply_make(struct sim_unit *u, const struct sim_asked *q, struct sim_reply *r)
{
    struct draft d = {.u = u, .q = q};
    r->n = 0;
    if (hit(&d, SIM_DEAD) || !answer(&d)) {
        text_format(r->silent, sizeof r->silent, "fault:%.50s", d.faults);
        return;
    }
    change_content(&d);
    bool echo = hit(&d, SIM_ECHO), foreign = hit(&d, SIM_FOREIGN);
    if (echo) {
        struct sim_out *o = add_out(r, q, q->bytes, q->n, q->end_ns, "fault:echo");
        o->byte_ns = 0;
        o->piece = SIM_OUT_MAX;
        o->wired = false;
    }
    int64_t delay_ns = delay_of(&d), start_ns = q->end_ns + delay_ns;
    if (foreign) {
        start_ns = add_foreign(&d, r, start_ns);
        if (args_of(&d, SIM_FOREIGN)->choice == SIM_FOREIGN_ONLY)
            return;
    }
    damage(&d);
    say_answer(&d, r, start_ns, delay_ns);
}
