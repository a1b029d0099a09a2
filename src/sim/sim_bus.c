#include "sim/sim_bus.h"

#include <stdlib.h>
#include <string.h>

#include "core/rc.h"
#include "core/text.h"
#include "sim/sim_end.h"
#include "sim/sim_modbus.h"
#include "sim/sim_reply.h"

#define BABBLE_BYTES 8
#define UNPACED_NS   1000000 /* babble's byte time when the line has none */

int64_t sim_time_at_ms(const struct sim_time *t, int64_t now_ns)
{
    if (t->held || now_ns < t->origin_ns)
        return t->start_ms;
    return t->start_ms + (int64_t)((double)(now_ns - t->origin_ns) * t->speed / 1e6);
}

int64_t sim_time_ns_of(const struct sim_time *t, int64_t ms)
{
    if (t->held)
        return INT64_MAX;
    double ns = (double)(ms - t->start_ms) * 1e6 / t->speed;
    return ns > 9e18 ? INT64_MAX : t->origin_ns + (int64_t)ns + 1;
}

static void count_verdict(struct sim_stats *s, const char *verdict)
{
    s->requests++;
    if (verdict == NULL)
        s->heard++;
    else if (strcmp(verdict, "too_early") == 0)
        s->too_early++;
    else if (strcmp(verdict, "crc") == 0 || strcmp(verdict, "collision") == 0 ||
             strcmp(verdict, "too_long") == 0)
        s->spoiled++;
    else
        s->silent++;
}

/* Why no meter takes this for a request to it; NULL: one may. */
static const char *unheard(const struct sim_bus *b, const struct sim_heard *what)
{
    if (b->mute || b->babble)
        return b->mute ? "mute" : "babble";
    if (what->spoiled != NULL)
        return what->spoiled;
    if (!sim_modbus_sealed(what->bytes, what->n))
        return "crc";
    return what->bytes[0] == 0 ? "broadcast" : NULL;
}

static void ask(struct sim_bus *b, struct sim_unit *u, const struct sim_heard *what, int64_t now_ns)
{
    const struct sim_options *o = &b->site->options;
    struct sim_asked q = {.bytes = what->bytes,
                          .n = what->n,
                          .end_ns = what->end_ns,
                          .char_ns = b->line.char_ns,
                          .silence_ns = b->line.silence_ns,
                          .turnaround_ns = o->turnaround_ns,
                          .resolution_u = o->resolution_u,
                          .from = what->from};
    struct sim_reply r;
    sim_reply_make(u, &q, &r);
    if (r.n == 0) {
        b->stats.silent++;
        sim_record_line(&b->site->record, what->end_ns, now_ns, b->name, "reply", u->number, r.silent, NULL,
                        0);
    }
    for (unsigned i = 0; i < r.n; i++)
        if (!sim_line_say(&b->line, &r.out[i]))
            sim_record_line(&b->site->record, what->end_ns, now_ns, b->name, "reply", u->number, "dropped",
                            NULL, 0);
}

/* A UART still reads what is 2 % off. */
static bool same_speed(uint32_t meters, uint32_t lines)
{
    return meters == 0 || llabs((int64_t)meters - lines) <= meters / 50;
}

static void on_heard(void *user, const struct sim_heard *what, int64_t now_ns)
{
    struct sim_bus *b = user;
    const char *verdict = unheard(b, what);
    int64_t now_ms = sim_time_at_ms(&b->site->time, now_ns);
    struct sim_unit *found[4];
    size_t n_found = 0;
    bool other_speed = false;
    for (size_t i = 0; verdict == NULL && i < b->n_units && n_found < 4; i++) {
        struct sim_unit *u = &b->unit[i];
        if (u->meter.address != what->bytes[0])
            continue;
        sim_unit_advance(u, now_ms);
        bool hears = same_speed(u->baud, b->line.baud);
        if (hears)
            found[n_found++] = u;
        other_speed = other_speed || !hears;
    }
    if (verdict == NULL && n_found == 0)
        verdict = other_speed ? "speed" : "nobody";
    count_verdict(&b->stats, verdict);
    if (b->stats.first_ns == 0)
        b->stats.first_ns = what->start_ns;
    if (what->end_ns > b->stats.last_ns)
        b->stats.last_ns = what->end_ns;
    sim_record_line(&b->site->record, what->start_ns, what->end_ns, b->name, "request", what->bytes[0],
                    verdict == NULL ? "heard" : verdict, what->bytes, what->n);
    for (size_t i = 0; i < n_found; i++)
        ask(b, found[i], what, now_ns);
}

static void on_emit(void *user, void *to, const uint8_t *bytes, size_t n)
{
    struct sim_bus *b = user;
    if (b->mute)
        return;
    if (to == &b->gateway)
        sim_gateway_hear(&b->gateway, bytes, n);
    else
        sim_end_write(to, bytes, n);
}

static void on_said(void *user, const struct sim_out *what, int64_t now_ns)
{
    struct sim_bus *b = user;
    int64_t end_ns = what->byte_ns > 0 ? what->start_ns + (int64_t)what->n * what->byte_ns : now_ns;
    if (what->answers) {
        b->stats.answered++;
        b->stats.credit_ns += what->credit_ns;
    }
    int64_t last_ns = end_ns + (what->wired ? b->line.silence_ns : 0);
    if (last_ns > b->stats.last_ns)
        b->stats.last_ns = last_ns;
    sim_record_line(&b->site->record, what->start_ns, end_ns, b->name, "reply",
                    what->n > 0 ? what->bytes[0] : 0, b->mute ? "mute" : what->verdict, what->bytes, what->n);
}

static const struct sim_line_calls calls = {on_heard, on_emit, on_said};

int sim_bus_init(struct sim_bus *b, unsigned number, struct sim_site *site)
{
    const struct sim_options *o = &site->options;
    *b = (struct sim_bus){.number = number, .site = site, .rng = {sim_hash(o->seed ^ 0xB05000 ^ number)}};
    text_format(b->name, sizeof b->name, "bus%u", number);
    b->unit = calloc(o->meters, sizeof *b->unit);
    if (b->unit == NULL || sim_line_init(&b->line, &calls, b, o->baud, o->char_bits, !o->lenient) != RC_OK)
        return RC_NOMEM;
    for (unsigned i = 0; i < o->meters; i++) {
        uint64_t seed = sim_hash(o->seed * 1000003 + number * 256 + i);
        sim_unit_init(&b->unit[i], i + 1, o->baud, seed, &site->load, &site->tariff, o->freeze,
                      site->time.start_ms);
        b->n_units++;
    }
    return RC_OK;
}

void sim_bus_done(struct sim_bus *b)
{
    for (struct sim_end *end = b->ends; end != NULL; end = sim_end_next(end))
        sim_end_close(end);
    sim_end_reap(b);
    for (size_t i = 0; i < b->n_units; i++)
        sim_unit_done(&b->unit[i]);
    free(b->unit);
    sim_line_done(&b->line);
}

static void let_time_run(struct sim_bus *b, int64_t now_ns)
{
    struct sim_time *t = &b->site->time;
    if (t->held) {
        t->held = false;
        t->origin_ns = now_ns;
    }
}

void sim_bus_hear(struct sim_bus *b, struct sim_end *from, uint32_t baud, const uint8_t *bytes, size_t n,
                  int64_t now_ns)
{
    let_time_run(b, now_ns);
    uint32_t own = b->site->options.baud;
    if (own != 0 && b->line.rx_n == 0) {
        sim_line_run(&b->line, now_ns);
        sim_line_set_speed(&b->line, baud == 0 ? own : baud);
    }
    sim_line_hear(&b->line, from, bytes, n, now_ns);
}

static int replug(struct sim_bus *b)
{
    b->mute = b->babble = b->half_open = b->reset_in_frame = false;
    int rc = sim_end_welcome(b);
    if (rc != RC_OK || b->site->options.dir == NULL || sim_end_has_tty(b))
        return rc;
    return sim_end_open_tty(b);
}

int sim_bus_happen(struct sim_bus *b, const struct sim_event *e, int64_t at_ms, int64_t now_ns)
{
    sim_record_line(&b->site->record, now_ns, now_ns, b->name, "event", e->all_meters ? 0 : e->first,
                    sim_fault_name(e->kind), NULL, 0);
    switch (e->kind) {
    case SIM_MUTE:
        b->mute = true;
        return RC_OK;
    case SIM_BABBLE:
        b->babble = true;
        b->babble_due_ns = now_ns;
        return RC_OK;
    case SIM_UNPLUG:
        sim_end_unplug(b);
        return RC_OK;
    case SIM_PLUG:
        return replug(b);
    case SIM_RESET:
        b->reset_in_frame = e->args.choice == SIM_RESET_FRAME;
        if (!b->reset_in_frame)
            sim_end_reset_connections(b);
        return RC_OK;
    case SIM_REFUSE:
        sim_end_refuse(b);
        return RC_OK;
    case SIM_HALF_OPEN:
        b->half_open = true;
        return RC_OK;
    default:
        break;
    }
    if (e->kind == SIM_ALIVE && e->whole_bus)
        b->mute = b->babble = false;
    int rc = RC_OK;
    for (size_t i = 0; i < b->n_units && rc == RC_OK; i++) {
        struct sim_unit *u = &b->unit[i];
        if (!e->all_meters && (u->number < e->first || u->number > e->last))
            continue;
        sim_unit_advance(u, at_ms);
        rc = sim_unit_happen(u, e);
    }
    return rc;
}

static void babble(struct sim_bus *b, int64_t now_ns)
{
    uint8_t bytes[BABBLE_BYTES];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)sim_rng_next(&b->rng);
    for (struct sim_end *end = b->ends; end != NULL; end = sim_end_next(end))
        sim_end_write(end, bytes, sizeof bytes);
    int64_t byte_ns = b->line.char_ns > 0 ? b->line.char_ns : UNPACED_NS;
    b->babble_due_ns = now_ns + BABBLE_BYTES * byte_ns;
    b->line.busy_until_ns = b->babble_due_ns;
}

static const struct sim_args *lies_of(struct sim_bus *b, uint8_t address)
{
    for (size_t i = 0; i < b->n_units; i++)
        if (b->unit[i].meter.address == address && sim_unit_hit(&b->unit[i], SIM_MBAP))
            return &b->unit[i].state[SIM_MBAP].args;
    return NULL;
}

/* The answer to its client, and what its gateway says besides. */
static void hand_on(struct sim_bus *b, const struct sim_adu *answer, int64_t now_ns)
{
    uint8_t bytes[SIM_LIES_MAX];
    const struct sim_args *lies = lies_of(b, answer->bytes[6]);
    if (lies == NULL) {
        sim_end_write(answer->client, answer->bytes, answer->n);
        return;
    }
    size_t n = sim_gateway_lie((enum sim_mbap)lies->choice, answer, bytes);
    size_t piece = lies->choice == SIM_MBAP_SPLIT ? 1 : n;
    for (size_t at = 0; at < n; at += piece)
        sim_end_write(answer->client, bytes + at, piece);
    sim_record_line(&b->site->record, now_ns, now_ns, b->name, "reply", answer->bytes[6], "fault:mbap", bytes,
                    n < SIM_OUT_MAX ? n : SIM_OUT_MAX);
}

/* The gateway asks when the line is free, and hands on what it got. True when something moved. */
static bool run_gateway(struct sim_bus *b, int64_t now_ns)
{
    uint8_t frame[SIM_ADU_MAX + 2];
    size_t n;
    struct sim_adu answer;
    if (sim_gateway_answer(&b->gateway, now_ns, &answer)) {
        if (answer.client != NULL)
            hand_on(b, &answer, now_ns);
        return true;
    }
    if (sim_line_free_ns(&b->line) > now_ns || !sim_gateway_next(&b->gateway, frame, &n))
        return false;
    let_time_run(b, now_ns);
    sim_line_set_speed(&b->line, b->site->options.baud);
    int64_t longest_ns = (int64_t)(n + SIM_FRAME_MAX) * b->line.char_ns;
    sim_gateway_asked(&b->gateway, now_ns + longest_ns + SIM_GATEWAY_WAIT_NS);
    sim_line_hear(&b->line, &b->gateway, frame, n, now_ns);
    return true;
}

void sim_bus_run(struct sim_bus *b, int64_t now_ns)
{
    if (b->babble && b->babble_due_ns <= now_ns)
        babble(b, now_ns);
    do {
        sim_line_run(&b->line, now_ns);
    } while (run_gateway(b, now_ns));
}

int64_t sim_bus_due(const struct sim_bus *b)
{
    int64_t due = sim_line_due(&b->line);
    if (b->babble && b->babble_due_ns < due)
        due = b->babble_due_ns;
    if (b->gateway.asking && b->gateway.give_up_ns < due)
        due = b->gateway.give_up_ns;
    if (!b->gateway.asking && b->gateway.n > 0 && sim_line_free_ns(&b->line) < due)
        due = sim_line_free_ns(&b->line);
    return due;
}
