#include "publish/backoff.h"

#define NS_PER_MS 1000000

void backoff_init(struct backoff *b, int64_t now_wire_ns, uint64_t seed)
{
    b->start_wire_ns = now_wire_ns;
    b->base_ms = BACKOFF_FIRST_MS;
    b->random = seed == 0 ? UINT64_C(0x9E3779B97F4A7C15) : seed;
}

/* xorshift64: chance for jitter only, nothing secret hangs on it. */
static uint64_t next_random(struct backoff *b)
{
    b->random ^= b->random << 13;
    b->random ^= b->random >> 7;
    b->random ^= b->random << 17;
    return b->random;
}

uint32_t backoff_next_ms(struct backoff *b, int64_t now_wire_ns, int64_t held_ms)
{
    const int64_t age_ms = (now_wire_ns - b->start_wire_ns) / NS_PER_MS;
    if (held_ms >= BACKOFF_HELD_MS || age_ms < BACKOFF_HELD_MS)
        b->base_ms = BACKOFF_FIRST_MS;
    const uint32_t spread = b->base_ms / 5;
    uint32_t wait_ms = b->base_ms - spread + (uint32_t)(next_random(b) % (2 * spread + 1));
    if (wait_ms > BACKOFF_MOST_MS)
        wait_ms = BACKOFF_MOST_MS;
    b->base_ms = b->base_ms > BACKOFF_MOST_MS / 2 ? BACKOFF_MOST_MS : b->base_ms * 2;
    return wait_ms;
}
