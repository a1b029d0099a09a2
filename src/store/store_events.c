#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "store/store_inside.h"

static void free_event(struct store_event *e)
{
    free(e->subject);
    free(e->kind);
    free(e->detail);
    free(e);
}

void store_note_event(struct store *s, int64_t ts_ms, const char *subject, const char *kind,
                      const char *detail)
{
    struct store_event *e = calloc(1, sizeof *e), **end = &s->events;
    if (e == NULL)
        return;
    e->ts_ms = ts_ms;
    e->of_flush = s->flushing;
    e->subject = strdup(subject);
    e->kind = strdup(kind);
    e->detail = strdup(detail != NULL ? detail : "{}");
    if (e->subject == NULL || e->kind == NULL || e->detail == NULL) {
        free_event(e);
        return;
    }
    while (*end != NULL)
        end = &(*end)->next;
    *end = e;
}

int store_events(struct store *s)
{
    sqlite3_stmt *st = s->st.event;
    int rc = RC_OK;
    for (struct store_event *e = s->events; e != NULL && rc == RC_OK; e = e->next) {
        sqlite3_bind_int64(st, 1, e->ts_ms);
        sqlite3_bind_text(st, 2, e->subject, -1, SQLITE_STATIC);
        sqlite3_bind_text(st, 3, e->kind, -1, SQLITE_STATIC);
        sqlite3_bind_text(st, 4, e->detail, -1, SQLITE_STATIC);
        rc = db_run(&s->db, st);
        e->written = rc == RC_OK;
    }
    return rc;
}

static void drop(struct store *s, bool written)
{
    for (struct store_event **at = &s->events; *at != NULL;) {
        struct store_event *e = *at;
        if (written ? e->written : e->of_flush) {
            *at = e->next;
            free_event(e);
        } else {
            e->written = e->of_flush = false;
            at = &e->next;
        }
    }
}

void store_events_written(struct store *s)
{
    drop(s, true);
}

void store_events_failed(struct store *s)
{
    drop(s, false);
}

void store_free_events(struct store *s)
{
    while (s->events != NULL) {
        struct store_event *next = s->events->next;
        free_event(s->events);
        s->events = next;
    }
}
