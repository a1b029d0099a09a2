/* house.c - the order of building and of stopping. */
#include "daemon/house_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bus/line.h"
#include "core/clock.h"
#include "core/log.h"

/* Readings wait in the queue only until the store's next turn; it takes them in milliseconds, or is stuck on
 * a disk. Room for 16 of each meter, so that a slow fsync of a minute loses nothing at the default periods.
 */
#define QUEUE_PER_METER 16
#define QUEUE_LEAST     1024

static int fail(char why[HOUSE_WHY], enum exit_code *exit_code, enum exit_code code, const char *subject,
                const char *what, const char *detail)
{
    text_format(why, HOUSE_WHY, "%.200s: %s: %.250s", subject, what, detail);
    *exit_code = code;
    return RC_IO;
}

static enum exit_code store_exit(int rc)
{
    switch (rc) {
    case RC_NEWER:
    case RC_FOREIGN:
    case RC_CORRUPT:
        return EXIT_DATA;
    case RC_BUSY:
        return EXIT_UNAVAILABLE;
    default:
        return EXIT_CANTCREATE;
    }
}

/* What the publisher tells about the store in P/info. */
static void info(void *arg, struct publish_info *out)
{
    struct house *h = arg;
    struct store_status st;
    store_worker_status(h->store, &st);
    out->database_bytes = st.database_bytes;
    text_format(out->clock, sizeof out->clock, "%s", st.clock);
}

static int make_shared(struct house *h, const struct handover *past)
{
    const struct settings *s = h->settings;
    size_t most = s->n_meters * QUEUE_PER_METER;
    int rc = board_new(s->n_buses, s->n_meters, &h->board);
    if (rc == RC_OK)
        rc = rqueue_new(most > QUEUE_LEAST ? most : QUEUE_LEAST, &h->queue);
    if (rc == RC_OK)
        rc = ledger_state_new(&h->ledger);
    if (rc == RC_OK)
        rc = livebox_new(s->n_meters, &h->live);
    if (rc == RC_OK)
        rc = relay_box_new(&h->box);
    if (rc != RC_OK)
        return rc;
    handover_apply(past, s, h->board);
    h->witness = witness_new(s, h->board);
    h->buses = calloc(s->n_buses + 1, sizeof(struct bus_worker *));
    h->bus_health = calloc(s->n_buses + 1, sizeof *h->bus_health);
    if (h->witness == NULL || h->buses == NULL || h->bus_health == NULL)
        return RC_NOMEM;
    h->board_fd = board_subscribe(h->board);
    return h->board_fd >= 0 ? RC_OK : RC_IO;
}

static int start_workers(struct house *h, const struct handover *past, char why[HOUSE_WHY],
                         enum exit_code *exit_code)
{
    const struct settings *s = h->settings;
    char detail[STORE_WHY] = "", holder[LINE_WHY];
    for (size_t i = 0; i < s->n_buses; i++) /* before anything is made */
        if (line_taken(&s->buses[i], holder))
            return fail(why, exit_code, EXIT_UNAVAILABLE, s->buses[i].name, s->buses[i].device, holder);
    int rc = make_shared(h, past);
    if (rc != RC_OK)
        return fail(why, exit_code, EXIT_CANTCREATE, "start", "cannot be prepared",
                    rc == RC_IO ? strerror(errno) : rc_text(rc));
    rc = store_worker_open(s, h->queue, h->board, h->ledger, h->live, &h->store, detail);
    if (rc != RC_OK)
        return fail(why, exit_code, store_exit(rc), s->database.path, "cannot be used",
                    detail[0] != '\0' ? detail : rc_text(rc));
    rc = store_worker_start(h->store);
    if (rc != RC_OK)
        return fail(why, exit_code, EXIT_CANTCREATE, "store", "no thread", rc_text(rc));
    h->store_runs = true;
    rc = publish_worker_start(s, h->board, h->ledger, h->live, h->box, info, h, &h->publisher);
    if (rc != RC_OK)
        return fail(why, exit_code, EXIT_CANTCREATE, "publisher", "no thread", rc_text(rc));
    for (size_t i = 0; i < s->n_buses; i++) {
        rc = bus_worker_start(s, i, h->queue, h->board, &h->buses[i]);
        if (rc != RC_OK)
            return fail(why, exit_code, EXIT_CANTCREATE, s->buses[i].name, "no thread", rc_text(rc));
    }
    const struct relay_desk_env env = {s, h->buses, h->store, h->board, h->box};
    rc = relay_desk_start(&env, &h->desk);
    if (rc != RC_OK)
        return fail(why, exit_code, EXIT_CANTCREATE, "relay desk", "no thread", rc_text(rc));
    return RC_OK;
}

int house_start(const struct settings *s, const struct handover *past, struct house **out,
                char why[HOUSE_WHY], enum exit_code *exit_code)
{
    struct house *h = calloc(1, sizeof *h);
    if (h == NULL)
        return fail(why, exit_code, EXIT_CANTCREATE, "start", "cannot be prepared", rc_text(RC_NOMEM));
    h->settings = s;
    h->board_fd = -1;
    h->started_wire_ns = clock_wire_ns();
    int rc = start_workers(h, past, why, exit_code);
    if (rc != RC_OK) {
        house_stop(h, NULL);
        return rc;
    }
    *out = h;
    return RC_OK;
}

void house_stop_buses(struct house *h)
{
    for (size_t i = 0; i < h->settings->n_buses && h->buses != NULL; i++)
        if (h->buses[i] != NULL)
            bus_worker_stop(h->buses[i]);
}

/* The same P/status at the same broker: who watches it need not know that we were away for a moment. */
static bool same_face(const struct settings *a, const struct settings *b)
{
    return b != NULL && a->mqtt.host != NULL && b->mqtt.host != NULL &&
           strcmp(a->mqtt.host, b->mqtt.host) == 0 && a->mqtt.port == b->mqtt.port &&
           strcmp(a->mqtt.prefix, b->mqtt.prefix) == 0 && strcmp(a->gateway.id, b->gateway.id) == 0;
}

struct handover *house_handover(struct house *h)
{
    return handover_new(h->settings, h->board);
}

void house_stop(struct house *h, const struct settings *next)
{
    if (h == NULL)
        return;
    house_stop_buses(h);
    if (h->desk != NULL)
        relay_desk_stop(h->desk);
    relay_desk_join(h->desk); /* every command has its outcome */
    for (size_t i = 0; i < h->settings->n_buses && h->buses != NULL; i++)
        bus_worker_join(h->buses[i]);
    if (h->store_runs)
        store_worker_flush(h->store); /* so that the publisher can still send it */
    if (h->publisher != NULL) {
        publish_worker_stop(h->publisher, same_face(h->settings, next));
        publish_worker_join(h->publisher);
    }
    if (h->store != NULL) {
        store_worker_stop(h->store); /* saves what the broker acknowledged */
        store_worker_join(h->store);
    }
    if (h->board_fd >= 0)
        close(h->board_fd);
    witness_free(h->witness);
    livebox_free(h->live);
    relay_box_free(h->box);
    ledger_state_free(h->ledger);
    rqueue_free(h->queue);
    board_free(h->board);
    free(h->bus_health);
    free(h->buses);
    free(h);
}

void house_event(struct house *h, const char *subject, const char *kind, const char *detail)
{
    store_worker_event(h->store, subject, kind, detail);
}

int house_board_fd(const struct house *h)
{
    return h->board_fd;
}

static void tell(void *arg, const char *subject, const char *kind, const char *detail)
{
    house_event(arg, subject, kind, detail);
}

void house_look(struct house *h)
{
    event_clear(h->board_fd);
    witness_look(h->witness, tell, h);
}

const struct settings *house_settings(const struct house *h)
{
    return h->settings;
}
