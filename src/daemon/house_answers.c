/* house_answers.c - what the house says when it is asked: health, one line, status, a fresh reading. */
#include "daemon/house_inside.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>
#include "core/clock.h"
#include "daemon/read_classes.h"
#include "daemon/status_doc.h"

void house_health(struct house *h, struct health *out)
{
    const struct settings *s = h->settings;
    struct store_status store;
    struct publish_status publisher;
    store_worker_status(h->store, &store);
    publish_worker_status(h->publisher, &publisher);
    for (size_t i = 0; i < s->n_buses; i++) {
        struct board_bus bus;
        board_get_bus(h->board, i, &bus);
        h->bus_health[i] = (struct health_bus){s->buses[i].name, bus.progress_wire_ns};
    }
    struct health_input in = {
        .now_wire_ns = clock_wire_ns(),
        .started_wire_ns = h->started_wire_ns,
        .buses = h->bus_health,
        .n_buses = s->n_buses,
        .store_wire_ns = store.progress_wire_ns,
        .publisher_enabled = publisher.enabled,
        .publisher_wire_ns = publisher.progress_wire_ns,
    };
    health_judge(&in, out);
}

void house_summary(struct house *h, const struct health *health, char out[HOUSE_SUMMARY])
{
    struct store_status store;
    struct publish_status publisher;
    store_worker_status(h->store, &store);
    publish_worker_status(h->publisher, &publisher);
    text_format(out, HOUSE_SUMMARY, "%s%s%zu of %zu meters online, %s%s%.100s",
                health->degraded ? "degraded: " : "", health->degraded ? health->text : "",
                witness_online(h->witness), h->settings->n_meters,
                !publisher.enabled    ? "no broker configured"
                : publisher.connected ? "broker connected"
                                      : "broker not connected",
                store.trouble[0] != '\0' ? ", database: " : "", store.trouble);
}

void house_status(struct house *h, const struct health *health, int64_t started_utc_ms, struct text_buf *out)
{
    struct store_status store;
    struct publish_status publisher;
    store_worker_status(h->store, &store);
    publish_worker_status(h->publisher, &publisher);
    struct status_input in = {
        .settings = h->settings,
        .board = h->board,
        .store = &store,
        .publish = &publisher,
        .health = health,
        .dropped = rqueue_dropped(h->queue),
        .now_utc_ms = clock_utc_ms(),
        .started_utc_ms = started_utc_ms,
        .pid = getpid(),
    };
    text_buf_addf(out, "{\"version\":%d,\"ok\":true,\"status\":", CONTROL_VERSION);
    status_doc(out, &in);
    text_buf_add(out, "}\n");
}

/* A fresh reading -------------------------------------------------------------------------------------------
 */

static void add_reading(struct text_buf *out, const struct reading *r, const struct control_request *q)
{
    text_buf_addf(out,
                  "{\"class\":\"%s\",\"ts_ms\":%" PRId64 ",\"window_ms\":%" PRIu32
                  ",\"quality\":\"%s\",\"serial\":",
                  reg_class_name(r->klass), r->taken_utc_ms, r->window_ms, quality_name(r->quality));
    text_buf_add_json(out, r->text);
    text_buf_add(out, ",\"values\":{");
    const char *comma = "";
    for (size_t i = 0; i < r->count; i++) {
        if (!read_classes_asked(q->quantities, q->n_quantities, r->values[i].quantity))
            continue;
        text_buf_addf(out, "%s\"%s\":%" PRId64, comma,
                      quantity_at((enum quantity_id)r->values[i].quantity)->name, r->values[i].value);
        comma = ",";
    }
    text_buf_add(out, "}}");
}

static void add_lack(struct text_buf *out, const struct read_lack *l)
{
    text_buf_addf(out, "{\"class\":\"%s\",\"quantity\":", reg_class_name(l->klass));
    if (l->quantity >= 0)
        text_buf_addf(out, "\"%s\"", quantity_at((enum quantity_id)l->quantity)->name);
    else
        text_buf_add(out, "null");
    text_buf_addf(out, ",\"rejected\":%s,\"reason\":", l->rejected ? "true" : "false");
    text_buf_add_json(out, l->reason);
    text_buf_add(out, "}");
}

static void add_answer(struct text_buf *out, const struct control_request *q, const struct regmap *model,
                       struct reading *readings[CLASS_COUNT], const int rcs[CLASS_COUNT])
{
    struct read_lack lacks[Q_COUNT];
    const char *comma = "";
    text_buf_addf(out, "{\"version\":%d,\"ok\":true,\"meter\":", CONTROL_VERSION);
    text_buf_add_json(out, q->meter);
    text_buf_add(out, ",\"readings\":[");
    for (int c = 0; c < CLASS_COUNT; c++) {
        if (readings[c] == NULL || rcs[c] != RC_OK)
            continue;
        text_buf_add(out, comma);
        add_reading(out, readings[c], q);
        comma = ",";
    }
    text_buf_add(out, "],\"missing\":[");
    size_t n = read_lacks(model, q->quantities, q->n_quantities, readings, rcs, lacks);
    for (size_t i = 0; i < n; i++) {
        text_buf_add(out, i > 0 ? "," : "");
        add_lack(out, &lacks[i]);
    }
    text_buf_add(out, "]}\n");
}

static enum control_error read_error(int rc)
{
    switch (rc) {
    case RC_STOPPED:
    case RC_BUSY:
    case RC_FULL:
        return CONTROL_BUSY;
    case RC_NOMEM:
    case RC_IO:
        return CONTROL_FAILED;
    default:
        return CONTROL_SILENT;
    }
}

void house_read(struct house *h, const struct control_request *q, struct text_buf *out)
{
    const struct settings *s = h->settings;
    char why[CONTROL_WHY];
    int meter = settings_meter_find(s, q->meter);
    if (meter < 0) {
        text_format(why, sizeof why, "%s: unknown meter", q->meter);
        control_write_error(out, CONTROL_UNKNOWN, why);
        return;
    }
    const struct settings_meter *m = &s->meters[meter];
    int lacking;
    unsigned classes = read_classes(m->model, q->quantities, q->n_quantities, &lacking);
    if (classes == 0) {
        text_format(why, sizeof why, "%s: model %s does not have %s", q->meter, m->model->name,
                    lacking >= 0 ? quantity_at((enum quantity_id)lacking)->name : "anything to read");
        control_write_error(out, CONTROL_UNKNOWN, why);
        return;
    }
    struct reading *readings[CLASS_COUNT] = {NULL};
    int rcs[CLASS_COUNT];
    int rc = bus_worker_read(h->buses[m->bus], (size_t)meter, classes, CONTROL_READ_MS, readings, rcs);
    bool any = false;
    for (int c = 0; c < CLASS_COUNT; c++)
        any = any || readings[c] != NULL;
    if (any) {
        add_answer(out, q, m->model, readings, rcs);
    } else {
        text_format(why, sizeof why, "%s: %s", q->meter, rc_text(rc));
        control_write_error(out, read_error(rc), why);
    }
    for (int c = 0; c < CLASS_COUNT; c++)
        reading_free(readings[c]);
}
