#include "fake/fake_wire.h"

#include <string.h>
#include "core/decimal.h"
#include "core/rc.h"
#include "fake/fake_model.h"
#include "fake/fake_wire_i.h"

#define CHAR_NS       1145833 /* 9600 8E1 */
#define PIECE         8       /* bytes that a UART hands over together */
#define TURNAROUND_NS 4200000
#define SEQS          4096
#define FRAME         300

const char *const wire_fault_name[WIRE_FAULTS] = {
    "noise before", "noise behind", "noise inside", "bytes replaced", "bits flipped", "a byte lost", "cut",
    "twice",        "late",         "foreign",      "echo",           "dripping",     "silent"};

static _Atomic int64_t said_ns[WIRE_METERS + 1][SEQS]; /* when a meter gave its answer number … */
static _Atomic uint32_t said[WIRE_METERS + 1];
static int64_t spoken_until_ns; /* the newest byte on the line */

static uint32_t draw(uint32_t below)
{
    uint64_t *s = &wire_now->seed;
    *s ^= *s >> 12;
    *s ^= *s << 25;
    *s ^= *s >> 27;
    return (uint32_t)((*s * 2685821657736338717u >> 32) * below >> 32);
}

static unsigned crc_of(const uint8_t *bytes, size_t n)
{
    unsigned crc = 0xFFFF;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int k = 0; k < 8; k++)
            crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
    }
    return crc;
}

static size_t seal(uint8_t *frame, size_t n)
{
    unsigned crc = crc_of(frame, n);
    frame[n++] = (uint8_t)crc;
    frame[n++] = (uint8_t)(crc >> 8);
    return n;
}

/* 24 bits, which a float32 holds exactly: 5 of the meter, 7 of the register, 12 of the answer's number. */
static uint32_t code_of(unsigned unit, unsigned address, uint32_t seq)
{
    return (unit & 31) << 19 | (address / 2 & 127) << 12 | (seq & (SEQS - 1));
}

static size_t answer(const uint8_t *q, uint32_t seq, uint8_t *out)
{
    unsigned address = (unsigned)q[2] << 8 | q[3], count = (unsigned)q[4] << 8 | q[5];
    out[0] = q[0];
    out[1] = q[1];
    out[2] = (uint8_t)(2 * count);
    for (unsigned i = 0; i < count; i++) {
        uint16_t words[2];
        fake_float(words, (float)code_of(q[0], (address + i) & ~1u, seq));
        out[3 + 2 * i] = (uint8_t)(words[(address + i) & 1] >> 8);
        out[4 + 2 * i] = (uint8_t)words[(address + i) & 1];
    }
    return seal(out, 3 + 2 * count);
}

/* Puts a byte where its time is; what is on the line at the same time spoils both. */
static void put(int64_t at_ns, uint8_t value)
{
    struct wire_input *in = &wire_input;
    size_t i = in->n;
    if (in->n == WIRE_QUEUE)
        return;
    while (i > 0 && in->byte[i - 1].at_ns > at_ns)
        i--;
    if (i < in->n) {
        value ^= (uint8_t)draw(256);
        in->byte[i].value ^= (uint8_t)draw(256);
    }
    memmove(&in->byte[i + 1], &in->byte[i], (in->n - i) * sizeof in->byte[0]);
    in->byte[i] = (struct wire_byte){at_ns, value};
    in->n++;
}

/* Says bytes from at_ns on, in pieces; returns when the last is over. */
static int64_t say(const uint8_t *bytes, size_t n, int64_t at_ns, int64_t char_ns, size_t piece)
{
    for (size_t i = 0; i < n; i++) {
        size_t last = (i / piece + 1) * piece; /* handed over when its piece is full, or the frame over */
        put(at_ns + (int64_t)(last < n ? last : n) * char_ns, bytes[i]);
    }
    int64_t end_ns = at_ns + (int64_t)n * char_ns;
    if (end_ns > spoken_until_ns)
        spoken_until_ns = end_ns;
    return end_ns;
}

static size_t noise(uint8_t *to, size_t most)
{
    size_t n = 1 + draw((uint32_t)most);
    for (size_t i = 0; i < n; i++)
        to[i] = (uint8_t)draw(256);
    return n;
}

/* Damage that the checksum tells. What it cannot tell nobody can: drawn again, and counted. */
static void spoil(uint8_t *frame, size_t n, bool bits)
{
    uint8_t was[FRAME];
    memcpy(was, frame, n);
    do {
        memcpy(frame, was, n);
        size_t at = draw((uint32_t)n), len = bits ? 1 + draw(2) : 1 + draw(6);
        for (size_t i = 0; i < len; i++) {
            size_t k = bits ? draw((uint32_t)n) : at + i;
            if (k < n)
                frame[k] ^= bits ? (uint8_t)(1u << draw(8)) : (uint8_t)(1 + draw(255));
        }
        if (crc_of(frame, n) != 0)
            return;
        wire_now->passed_crc += memcmp(frame, was, n) != 0;
    } while (true);
}

static enum wire_fault fault(void)
{
    uint32_t at = draw(100000), sum = 0;
    for (int f = 0; f < WIRE_FAULTS; f++) {
        sum += wire_now->share[f];
        if (at < sum)
            return (enum wire_fault)f;
    }
    return WIRE_FAULTS;
}

static size_t insert(uint8_t *frame, size_t n, size_t at, size_t most)
{
    uint8_t more[16];
    size_t k = noise(more, most);
    memmove(&frame[at + k], &frame[at], n - at);
    memcpy(&frame[at], more, k);
    return n + k;
}

static void speak(const uint8_t *request, uint8_t *frame, size_t n, enum wire_fault f, int64_t at_ns)
{
    uint8_t other[FRAME];
    size_t piece = PIECE, whole = n;
    int64_t char_ns = CHAR_NS;
    switch (f) {
    case WIRE_BEFORE:
        n = insert(frame, n, 0, 5);
        break;
    case WIRE_BEHIND:
        n = insert(frame, n, n, 5);
        break;
    case WIRE_INSIDE:
        n = insert(frame, n, 1 + draw((uint32_t)n - 1), 5);
        break;
    case WIRE_REPLACED:
    case WIRE_FLIPPED:
        spoil(frame, n, f == WIRE_FLIPPED);
        break;
    case WIRE_LOST: {
        size_t at = draw((uint32_t)n);
        memmove(&frame[at], &frame[at + 1], n - at - 1);
        n--;
        break;
    }
    case WIRE_CUT:
        n = 1 + draw((uint32_t)n - 1);
        break;
    case WIRE_LATE:
        at_ns += wire_now->timeout_ms * 1000000LL + (1 + draw(2000)) * 1000000LL;
        break;
    case WIRE_FOREIGN:
        memcpy(other, frame, n);
        other[0] = (uint8_t)(1 + (frame[0] + draw(WIRE_METERS - 1)) % WIRE_METERS);
        other[4] ^= 0x40; /* and it says something else */
        at_ns = say(other, seal(other, n - 2), at_ns, char_ns, piece) + draw(8) * CHAR_NS;
        break;
    case WIRE_ECHO:
        at_ns = say(request, 8, at_ns - 8 * CHAR_NS, char_ns, piece) + TURNAROUND_NS;
        break;
    case WIRE_DRIP:
        char_ns = (20 + draw(100)) * 1000000LL;
        piece = 1;
        break;
    default:
        break;
    }
    int64_t end_ns = say(frame, n, at_ns, char_ns, piece);
    if (f == WIRE_TWICE)
        say(frame, whole, end_ns + (draw(2) == 0 ? 0 : draw(50) * 1000000LL), char_ns, piece);
}

void wire_heard(const uint8_t *frame, size_t n, int64_t now_ns)
{
    uint8_t reply[FRAME];
    int64_t end_ns = now_ns + (int64_t)n * CHAR_NS;
    wire_now->requests++;
    if (n != 8 || crc_of(frame, n) != 0 || frame[1] != 3 || frame[0] < 1 || frame[0] > WIRE_METERS)
        return;
    if (spoken_until_ns > now_ns) { /* somebody speaks already: the meter understands nothing */
        wire_now->collisions++;
        return;
    }
    uint32_t seq = ++said[frame[0]];
    said_ns[frame[0]][seq & (SEQS - 1)] = now_ns;
    size_t len = answer(frame, seq, reply);
    enum wire_fault f = fault();
    if (f < WIRE_FAULTS)
        wire_now->injected[f]++;
    if (f == WIRE_SILENT)
        return;
    wire_now->answers++;
    speak(frame, reply, len, f, end_ns + TURNAROUND_NS + draw(3000000));
}

unsigned fake_wire_wrong(const struct reading *r, const struct regmap *map)
{
    unsigned wrong = 0, unit = r->meter + 1;
    for (unsigned i = 0; i < r->count; i++) {
        const struct reg *reg = regmap_find(map, r->values[i].quantity);
        int64_t scale = 1, value = r->values[i].value;
        for (unsigned d = 0; reg != NULL && d < quantity_at(reg->quantity)->decimals; d++)
            scale *= 10;
        uint32_t code = (uint32_t)(value / scale);
        bool right = reg != NULL && value % scale == 0 && code >> 12 == code_of(unit, reg->address, 0) >> 12;
        int64_t at_ms = said_ns[unit][code & (SEQS - 1)] / 1000000;
        right = right && at_ms <= r->taken_mono_ms && at_ms >= r->taken_mono_ms - (int64_t)r->window_ms - 1;
        wrong += !right;
    }
    return wrong;
}
