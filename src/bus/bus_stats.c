#include "bus/bus_stats.h"

#include <math.h>
#include "core/rc.h"

#define PER_OCTAVE 8
#define FADE_AT    4096

static unsigned bin_of(int64_t ns)
{
    double ms = (double)ns / 1e6;
    if (ms <= 1.0)
        return 0;
    unsigned bin = (unsigned)ceil(log2(ms) * PER_OCTAVE - 1e-9);
    return bin < RTT_BINS ? bin : RTT_BINS - 1;
}

void rtt_add(struct rtt *r, int64_t ns)
{
    if (r->count >= FADE_AT) {
        r->count = 0;
        for (unsigned i = 0; i < RTT_BINS; i++) {
            r->bin[i] /= 2;
            r->count = (uint16_t)(r->count + r->bin[i]);
        }
    }
    r->bin[bin_of(ns)]++;
    r->count++;
}

uint32_t rtt_percentile_ms(const struct rtt *r, unsigned per_cent)
{
    if (r->count == 0)
        return 0;
    uint64_t wanted = ((uint64_t)r->count * per_cent + 99) / 100, sum = 0;
    for (unsigned i = 0; i < RTT_BINS; i++) {
        sum += r->bin[i];
        if (sum >= wanted && r->bin[i] > 0)
            return (uint32_t)ceil(exp2((double)i / PER_OCTAVE) - 1e-9);
    }
    return 0;
}

void stats_count(struct wire_counters *w, int rc, const struct exchange_reply *reply)
{
    w->foreign += reply->foreign + (reply->stray_bytes > 0 ? 1 : 0);
    if (reply->exception != 0) {
        w->exception++;
        w->by_exception[reply->exception < EXCEPTION_CODES ? reply->exception : 0]++;
    } else if (rc == RC_OK) {
        w->ok++;
    } else if (reply->fault == FAULT_CRC) {
        w->crc++;
    } else if (reply->fault == FAULT_SHORT) {
        w->shortened++;
    } else if (rc == RC_NOANSWER) {
        w->timeout++;
    }
}
