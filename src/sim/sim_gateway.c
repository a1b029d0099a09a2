#include "sim/sim_gateway.h"

#include <string.h>

#include "sim/sim_image.h"
#include "sim/sim_modbus.h"

#define HEADER   7
#define EXC_BUSY 6

static void refuse(const struct sim_adu *q, int code, struct sim_adu *out)
{
    *out = *q;
    out->bytes[4] = 0;
    out->bytes[5] = 3;
    out->bytes[7] = q->bytes[7] | 0x80;
    out->bytes[8] = (uint8_t)code;
    out->n = HEADER + 2;
}

size_t sim_gateway_take(struct sim_gateway *g, void *client, const uint8_t *in, size_t n,
                        struct sim_adu *refused)
{
    size_t used = 0;
    refused->n = 0;
    while (n - used >= HEADER && refused->n == 0) {
        const uint8_t *at = in + used;
        size_t length = (size_t)at[4] << 8 | at[5];
        if (at[2] != 0 || at[3] != 0 || length < 2 || length > SIM_ADU_MAX - 6)
            return SIZE_MAX;
        if (n - used < 6 + length)
            break;
        struct sim_adu adu = {.client = client, .n = 6 + length};
        memcpy(adu.bytes, at, adu.n);
        used += adu.n;
        if (g->n == SIM_GATEWAY_QUEUE)
            refuse(&adu, EXC_BUSY, refused);
        else
            g->queue[g->n++] = adu;
    }
    return used;
}

bool sim_gateway_next(struct sim_gateway *g, uint8_t *frame, size_t *n)
{
    if (g->asking || g->n == 0)
        return false;
    const struct sim_adu *q = &g->queue[0];
    memcpy(frame, q->bytes + 6, q->n - 6);
    *n = sim_modbus_seal(frame, q->n - 6);
    g->heard_n = 0;
    return true;
}

void sim_gateway_asked(struct sim_gateway *g, int64_t give_up_ns)
{
    g->asking = true;
    g->give_up_ns = give_up_ns;
}

void sim_gateway_hear(struct sim_gateway *g, const uint8_t *bytes, size_t n)
{
    size_t room = sizeof g->heard - g->heard_n;
    memcpy(g->heard + g->heard_n, bytes, n < room ? n : room);
    g->heard_n += n < room ? n : room;
}

static void drop_first(struct sim_gateway *g)
{
    g->n--;
    memmove(&g->queue[0], &g->queue[1], g->n * sizeof g->queue[0]);
    g->asking = false;
    g->heard_n = 0;
}

bool sim_gateway_answer(struct sim_gateway *g, int64_t now_ns, struct sim_adu *answer)
{
    if (!g->asking)
        return false;
    const struct sim_adu *q = &g->queue[0];
    bool right = g->heard_n <= SIM_FRAME_MAX && sim_modbus_sealed(g->heard, g->heard_n) &&
                 g->heard[0] == q->bytes[6] && (g->heard[1] & 0x7F) == q->bytes[7];
    if (right) {
        size_t pdu = g->heard_n - 2; /* with the unit, without the CRC */
        *answer = *q;
        answer->bytes[4] = (uint8_t)(pdu >> 8);
        answer->bytes[5] = (uint8_t)(pdu & 0xFF);
        memcpy(answer->bytes + 6, g->heard, pdu);
        answer->n = 6 + pdu;
    } else if (now_ns >= g->give_up_ns) {
        refuse(q, SIM_EXC_GATEWAY, answer);
    } else {
        return false;
    }
    drop_first(g);
    return true;
}

void sim_gateway_forget(struct sim_gateway *g, const void *client)
{
    for (size_t i = g->n; i-- > 0;) {
        if (g->queue[i].client != client)
            continue;
        if (i == 0 && g->asking) {
            g->queue[0].client = NULL; /* its answer goes nowhere */
            continue;
        }
        g->n--;
        memmove(&g->queue[i], &g->queue[i + 1], (g->n - i) * sizeof g->queue[0]);
    }
}

/* A frame of another id, right in itself, which says something else. */
static size_t add_other(const struct sim_adu *answer, unsigned id, uint8_t *out)
{
    memcpy(out, answer->bytes, answer->n);
    out[0] = (uint8_t)(id >> 8);
    out[1] = (uint8_t)id;
    if (answer->n > HEADER + 3)
        out[HEADER + 3] ^= 0x11; /* data, behind function and count */
    return answer->n;
}

size_t sim_gateway_lie(enum sim_mbap how, const struct sim_adu *answer, uint8_t *out)
{
    unsigned id = (unsigned)answer->bytes[0] << 8 | answer->bytes[1];
    size_t n = 0;
    switch (how) {
    case SIM_MBAP_STALE:
        n = add_other(answer, id - 1, out);
        break;
    case SIM_MBAP_UNKNOWN:
        n = add_other(answer, id ^ 0x5A5A, out);
        break;
    case SIM_MBAP_UNIT:
        n = add_other(answer, id, out);
        out[6] = (uint8_t)(out[6] % 247 + 1);
        break;
    case SIM_MBAP_FLOOD:
        for (unsigned i = 0; i < 32; i++)
            n += add_other(answer, id - 1 - i % 7, out + n);
        break;
    case SIM_MBAP_LENGTH:
    case SIM_MBAP_SPLIT:
    case SIM_MBAP_TWICE:
        break;
    }
    memcpy(out + n, answer->bytes, answer->n);
    if (how == SIM_MBAP_LENGTH)
        out[n + 4] ^= 0x40; /* 16 KiB more than there are */
    n += answer->n;
    if (how == SIM_MBAP_TWICE) {
        memcpy(out + n, answer->bytes, answer->n);
        n += answer->n;
    }
    return n;
}
