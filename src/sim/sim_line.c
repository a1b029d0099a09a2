#include "sim/sim_line.h"

#include <stdlib.h>
#include <string.h>

#include "core/rc.h"
#include "sim/sim_modbus.h"

#define IDLE_NS     20000000 /* an unpaced frame that makes no sense ends after this pause */
#define GARBLE      0x55     /* what two senders at once look like */
#define NS_A_SECOND 1000000000

int64_t sim_line_char_ns(uint32_t baud, unsigned bits)
{
    return baud == 0 ? 0 : (int64_t)bits * NS_A_SECOND / baud;
}

int64_t sim_line_silence_ns(uint32_t baud, unsigned bits)
{
    return baud > 19200 ? 1750000 : sim_line_char_ns(baud, bits) * 7 / 2;
}

int sim_line_init(struct sim_line *l, const struct sim_line_calls *calls, void *user, uint32_t baud,
                  unsigned bits, bool strict)
{
    *l = (struct sim_line){
        .calls = calls, .user = user, .bits = bits, .strict = strict, .busy_until_ns = INT64_MIN / 2};
    sim_line_set_speed(l, baud);
    l->out = calloc(SIM_OUT_MOST, sizeof *l->out);
    return l->out == NULL ? RC_NOMEM : RC_OK;
}

void sim_line_done(struct sim_line *l)
{
    free(l->out);
    l->out = NULL;
    l->n_out = 0;
}

void sim_line_set_speed(struct sim_line *l, uint32_t baud)
{
    l->baud = baud;
    l->char_ns = sim_line_char_ns(baud, l->bits);
    l->silence_ns = sim_line_silence_ns(baud, l->bits);
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool speaking(const struct sim_line *l)
{
    for (size_t i = 0; i < l->n_out; i++)
        if (l->out[i].wired && l->out[i].begun)
            return true;
    return false;
}

int64_t sim_line_free_ns(const struct sim_line *l)
{
    return l->rx_n > 0 || speaking(l) ? INT64_MAX : l->busy_until_ns + l->silence_ns;
}

/* How long the request is, if what was heard begins with a whole one; else 0. */
static size_t whole_request(const struct sim_line *l)
{
    size_t length = sim_modbus_request_length(l->rx, l->rx_n);
    if (length == SIZE_MAX)
        length = l->rx_n; /* an unknown function: all of it, if the CRC says so */
    if (length == 0 || length > l->rx_n || !sim_modbus_sealed(l->rx, length))
        return 0;
    return length;
}

static bool waits_for_silence(const struct sim_line *l)
{
    return l->strict && l->char_ns > 0;
}

static int64_t frame_ends_ns(const struct sim_line *l)
{
    if (waits_for_silence(l))
        return l->rx_end_ns + l->silence_ns;
    return whole_request(l) > 0 ? l->rx_end_ns : l->rx_end_ns + larger(IDLE_NS, l->silence_ns);
}

static void frame_ended(struct sim_line *l, int64_t now_ns)
{
    size_t n = waits_for_silence(l) ? 0 : whole_request(l);
    if (n == 0)
        n = l->rx_n;
    uint8_t bytes[SIM_OUT_MAX];
    memcpy(bytes, l->rx, n);
    struct sim_heard what = {bytes, n, l->rx_start_ns, l->rx_end_ns, l->rx_from, l->rx_spoiled};
    memmove(l->rx, l->rx + n, l->rx_n - n);
    l->rx_n -= n;
    l->rx_start_ns = l->rx_end_ns;
    l->rx_spoiled = NULL;
    l->busy_until_ns = larger(l->busy_until_ns, what.end_ns);
    l->calls->heard(l->user, &what, now_ns);
}

void sim_line_hear(struct sim_line *l, void *from, const uint8_t *bytes, size_t n, int64_t now_ns)
{
    sim_line_run(l, now_ns);
    if (l->rx_n == 0) {
        bool silent = !speaking(l) && now_ns >= l->busy_until_ns + l->silence_ns;
        l->rx_spoiled = l->strict && !silent ? "too_early" : NULL;
        l->rx_start_ns = l->rx_end_ns = now_ns;
        l->rx_from = from;
    } else if (from != l->rx_from) {
        l->rx_spoiled = "collision";
    }
    size_t room = sizeof l->rx - l->rx_n;
    if (n > room)
        l->rx_spoiled = "too_long";
    l->rx_end_ns = larger(l->rx_end_ns, now_ns) + (int64_t)n * l->char_ns;
    memcpy(l->rx + l->rx_n, bytes, n < room ? n : room);
    l->rx_n += n < room ? n : room;
    sim_line_run(l, now_ns);
}

bool sim_line_say(struct sim_line *l, const struct sim_out *what)
{
    if (l->n_out == SIM_OUT_MOST)
        return false;
    l->out[l->n_out++] = *what;
    return true;
}

void sim_line_forget(struct sim_line *l, const void *to)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->n_out; i++)
        if (to != NULL && l->out[i].to != to)
            l->out[kept++] = l->out[i];
    l->n_out = kept;
    if (to != NULL && l->rx_from == to)
        l->rx_n = 0;
}

/* Two speak at once: from here on nobody understands either, until the longer one is over. */
static void collide(struct sim_out *first, struct sim_out *second)
{
    size_t left = first->n - first->sent;
    for (size_t i = first->sent; i < first->n; i++)
        first->bytes[i] ^= GARBLE;
    for (size_t i = left; i < second->n && first->n < SIM_OUT_MAX; i++)
        first->bytes[first->n++] = second->bytes[i] ^ GARBLE;
    strcpy(first->verdict, "collision");
    strcpy(second->verdict, "collision");
    first->answers = second->answers = false;
    second->sent = second->n;
}

static void begins(struct sim_line *l, struct sim_out *o)
{
    o->begun = true;
    if (!o->wired)
        return;
    if (l->rx_n > 0 && waits_for_silence(l))
        l->rx_spoiled = "collision";
    for (struct sim_out *other = l->out; other < l->out + l->n_out; other++)
        if (other != o && other->wired && other->begun && o->byte_ns > 0)
            collide(other, o);
}

static int64_t piece_due_ns(const struct sim_out *o)
{
    size_t next = o->sent + o->piece < o->n ? o->sent + o->piece : o->n;
    return o->start_ns + (int64_t)next * o->byte_ns;
}

/* Hands over what is due of it. True when all of it was said. */
static bool speak(struct sim_line *l, struct sim_out *o, int64_t now_ns)
{
    if (!o->begun)
        begins(l, o);
    while (o->sent < o->n && piece_due_ns(o) <= now_ns) {
        size_t n = o->n - o->sent < o->piece ? o->n - o->sent : o->piece;
        if (o->wired)
            l->busy_until_ns = larger(l->busy_until_ns, now_ns);
        l->calls->emit(l->user, o->to, o->bytes + o->sent, n);
        o->sent += n;
    }
    return o->sent == o->n;
}

void sim_line_run(struct sim_line *l, int64_t now_ns)
{
    while (l->rx_n > 0 && frame_ends_ns(l) <= now_ns)
        frame_ended(l, now_ns);
    for (size_t i = 0; i < l->n_out;) {
        if (l->out[i].start_ns > now_ns || !speak(l, &l->out[i], now_ns)) {
            i++;
            continue;
        }
        struct sim_out said = l->out[i];
        memmove(&l->out[i], &l->out[i + 1], (l->n_out - i - 1) * sizeof l->out[0]);
        l->n_out--;
        l->calls->said(l->user, &said, now_ns);
    }
}

int64_t sim_line_due(const struct sim_line *l)
{
    int64_t due = l->rx_n > 0 ? frame_ends_ns(l) : INT64_MAX;
    for (size_t i = 0; i < l->n_out; i++) {
        int64_t next = l->out[i].begun ? piece_due_ns(&l->out[i]) : l->out[i].start_ns;
        if (next < due)
            due = next;
    }
    return due;
}
