/* witness.c - the board's changes as events. */
#include "daemon/witness.h"

#include <inttypes.h>
#include <stdlib.h>
#include "core/text.h"

struct witness {
    const struct settings *settings;
    struct board *board;
    bool *bus_lost;
    enum meter_status *meters; /* ONLINE, OFFLINE, or UNKNOWN: the last one told */
    size_t online;
};

struct witness *witness_new(const struct settings *s, struct board *board)
{
    struct witness *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    w->settings = s;
    w->board = board;
    w->bus_lost = calloc(s->n_buses + 1, sizeof *w->bus_lost);
    w->meters = calloc(s->n_meters + 1, sizeof *w->meters);
    if (w->bus_lost == NULL || w->meters == NULL) {
        witness_free(w);
        return NULL;
    }
    for (size_t i = 0; i < s->n_meters; i++) { /* known since before a reload: no change */
        struct board_meter known;
        board_get_meter(board, i, &known);
        if (known.status == METER_ONLINE || known.status == METER_OFFLINE)
            w->meters[i] = known.status;
    }
    return w;
}

void witness_free(struct witness *w)
{
    if (w == NULL)
        return;
    free(w->bus_lost);
    free(w->meters);
    free(w);
}

static void add_ts(struct text_buf *b, const char *key, int64_t utc_ms)
{
    char ts[TEXT_TS_SIZE];
    text_from_utc_ms(utc_ms, ts);
    text_buf_addf(b, ",\"%s\":\"%s\"", key, ts);
}

static void look_at_meter(struct witness *w, size_t i, witness_tell *tell, void *arg)
{
    const struct settings_meter *m = &w->settings->meters[i];
    struct board_meter now;
    board_get_meter(w->board, i, &now);
    w->online += now.status == METER_ONLINE;
    if (now.status == w->meters[i] || (now.status != METER_ONLINE && now.status != METER_OFFLINE))
        return;
    w->meters[i] = now.status;
    struct text_buf detail = {.data = NULL};
    text_buf_add(&detail, "{\"bus\":");
    text_buf_add_json(&detail, w->settings->buses[m->bus].name);
    text_buf_addf(&detail, ",\"address\":%u", m->address);
    if (now.last_seen_utc_ms != 0)
        add_ts(&detail, "last_seen", now.last_seen_utc_ms);
    text_buf_add(&detail, "}");
    tell(arg, m->name, now.status == METER_ONLINE ? "meter_online" : "meter_offline",
         detail.failed ? NULL : detail.data);
    text_buf_done(&detail);
}

static void look_at_bus(struct witness *w, size_t i, witness_tell *tell, void *arg)
{
    struct board_bus now;
    board_get_bus(w->board, i, &now);
    bool lost = now.status == BUS_LOST, back = now.status == BUS_OPEN || now.status == BUS_NOISY;
    if (lost == w->bus_lost[i] || !(lost || back))
        return;
    w->bus_lost[i] = lost;
    struct text_buf detail = {.data = NULL};
    text_buf_add(&detail, "{\"device\":");
    text_buf_add_json(&detail, w->settings->buses[i].device);
    if (lost) {
        text_buf_add(&detail, ",\"detail\":");
        text_buf_add_json(&detail, now.detail);
    }
    text_buf_add(&detail, "}");
    tell(arg, w->settings->buses[i].name, lost ? "bus_lost" : "bus_back", detail.failed ? NULL : detail.data);
    text_buf_done(&detail);
}

void witness_look(struct witness *w, witness_tell *tell, void *arg)
{
    for (size_t i = 0; i < w->settings->n_buses; i++)
        look_at_bus(w, i, tell, arg);
    w->online = 0;
    for (size_t i = 0; i < w->settings->n_meters; i++)
        look_at_meter(w, i, tell, arg);
}

size_t witness_online(const struct witness *w)
{
    return w->online;
}
