#include "store/meter_checks.h"

#include <string.h>
#include "core/rc.h"

#define VERSION 1

void meter_checks_init(struct meter_checks *c, bool off, bool net)
{
    memset(c, 0, sizeof *c);
    c->off = off;
    sum_check_init(&c->sum[0], net);
    sum_check_init(&c->sum[1], net);
}

int meter_checks_quantity(bool reactive, int i)
{
    if (i == 0)
        return reactive ? Q_REACTIVE_ENERGY_TOTAL : Q_ACTIVE_ENERGY_TOTAL;
    return (reactive ? Q_REACTIVE_ENERGY_SHARP : Q_ACTIVE_ENERGY_SHARP) + i - 1;
}

bool meter_checks_row(const struct reading *r, bool reactive, struct sum_row *out)
{
    struct sum_row row = {.ts_ms = r->taken_utc_ms, .window_ms = r->window_ms};
    for (int i = 0; i < SUM_REGISTERS; i++) {
        const int64_t *v = reading_get(r, meter_checks_quantity(reactive, i));
        if (v == NULL)
            return false;
        row.value[i] = *v;
    }
    *out = row;
    return true;
}

/* The size stands in front: a state of another build (other padding, other fields) is not read but learned
 * anew. */
size_t meter_checks_save(const struct meter_checks *c, unsigned char out[METER_CHECKS_BYTES])
{
    const uint32_t head[4] = {VERSION, (uint32_t)sizeof *c, (uint32_t)offsetof(struct meter_checks, freeze),
                              0x01020304};
    memcpy(out, head, sizeof head);
    memcpy(out + sizeof head, c, sizeof *c);
    return sizeof head + sizeof *c;
}

int meter_checks_load(const void *bytes, size_t n, struct meter_checks *out)
{
    const uint32_t want[4] = {VERSION, (uint32_t)sizeof *out, (uint32_t)offsetof(struct meter_checks, freeze),
                              0x01020304};
    struct meter_checks c;
    if (n != METER_CHECKS_BYTES || memcmp(bytes, want, sizeof want) != 0)
        return RC_PARSE;
    memcpy(&c, (const unsigned char *)bytes + sizeof want, sizeof c);
    if (c.off > 1 || c.freeze.meaning > FREEZE_MEANS_CUMULATIVE || c.freeze.cumulative > 2 ||
        !sum_check_sane(&c.sum[0]) || !sum_check_sane(&c.sum[1]))
        return RC_PARSE;
    *out = c;
    return RC_OK;
}
