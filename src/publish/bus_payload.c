#include "publish/bus_payload.h"
#include <inttypes.h>
#include "core/decimal.h"

#define SHARE_DECIMALS 4
#define SHARE_ONE      10000

static void add_ts(struct text_buf *out, const char *before, int64_t utc_ms)
{
    char ts[TEXT_TS_SIZE];
    text_from_utc_ms(utc_ms, ts);
    text_buf_add(out, before);
    text_buf_add_json(out, ts);
}

static void add_counters(struct text_buf *out, const struct wire_counters *c)
{
    const struct {
        const char *name;
        uint64_t n;
    } rows[] = {{"ok", c->ok},           {"timeout", c->timeout}, {"crc", c->crc},
                {"short", c->shortened}, {"foreign", c->foreign}, {"exception", c->exception},
                {"late", c->late},       {"retried", c->retried}, {"missed", c->missed}};
    text_buf_add(out, ",\"counters\":{");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        text_buf_addf(out, "%s\"%s\":%" PRIu64, i == 0 ? "" : ",", rows[i].name, rows[i].n);
    text_buf_add(out, "}");
}

/* By code, where there were any; what is above 11 no standard names. */
static void add_exceptions(struct text_buf *out, const struct wire_counters *c)
{
    const char *const first = ",\"exceptions\":{";
    const char *between = first;
    for (unsigned code = 1; code <= EXCEPTION_CODES; code++) {
        const uint64_t n = c->by_exception[code % EXCEPTION_CODES];
        if (n == 0)
            continue;
        if (code == EXCEPTION_CODES)
            text_buf_addf(out, "%s\"other\":%" PRIu64, between, n);
        else
            text_buf_addf(out, "%s\"%u\":%" PRIu64, between, code, n);
        between = ",";
    }
    if (between != first)
        text_buf_add(out, "}");
}

/* In ten thousandths, rounded; the sums are nanoseconds of years, so the product is taken in floating point.
 */
static int64_t share(uint64_t part, uint64_t whole)
{
    if (whole == 0)
        return 0;
    const double x = (double)part / (double)whole;
    return x >= 1.0 ? SHARE_ONE : (int64_t)(x * SHARE_ONE + 0.5);
}

static void add_share(struct text_buf *out, const char *name, int64_t ten_thousandths)
{
    char digits[DECIMAL_SIZE];
    decimal_to_text(ten_thousandths, SHARE_DECIMALS, digits);
    text_buf_addf(out, "\"%s\":%s", name, digits);
}

void bus_payload(struct text_buf *out, const struct board_bus *bus, int64_t now_utc_ms)
{
    add_ts(out, "{\"ts\":", now_utc_ms);
    add_ts(out, ",\"since\":", bus->counted_utc_ms);
    add_counters(out, &bus->wire);
    add_exceptions(out, &bus->wire);
    text_buf_addf(out, ",\"rtt_ms\":{\"p50\":%" PRIu32 ",\"p99\":%" PRIu32 "},\"wire_share\":{",
                  bus->rtt_p50_ms, bus->rtt_p99_ms);
    int64_t idle = SHARE_ONE;
    for (int c = 0; c < CLASS_COUNT; c++) {
        const int64_t used = share(bus->wire_ns[c], bus->elapsed_ns);
        idle -= used;
        add_share(out, reg_class_name((enum reg_class)c), used);
        text_buf_add(out, ",");
    }
    const int64_t dead = share(bus->dead_ns, bus->elapsed_ns);
    idle -= dead;
    add_share(out, "dead", dead);
    text_buf_add(out, ",");
    add_share(out, "idle", idle > 0 ? idle : 0);
    text_buf_add(out, "}}");
}
