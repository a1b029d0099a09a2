#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/rc.h"
#include "core/text.h"
#include "store/schema.h"
#include "store/store_inside.h"

static int say(char *why, int rc, const char *text)
{
    snprintf(why, STORE_WHY_SIZE, "%s", text);
    return rc;
}

/* Is the file ours and of our age; is there one at all. The answer says why not. */
static int recognise(const char *path, bool *there, char *why)
{
    unsigned version = 0;
    int rc = schema_recognise(path, &version);
    *there = rc == RC_OK;
    switch (rc) {
    case RC_OK:
    case RC_NOTFOUND:
        return RC_OK;
    case RC_NEWER:
        snprintf(why, STORE_WHY_SIZE, "made by a newer version of this program: its version is %u, ours %u",
                 version, schema_version());
        return rc;
    case RC_FOREIGN:
        return say(why, rc, "not a database of this program");
    default:
        return say(why, rc, strerror(errno));
    }
}

static int create(struct store *s, int64_t now_utc_ms, char *why)
{
    char id[9], detail[64];
    store_random_id(id);
    int rc = schema_create(s->path, id, now_utc_ms, why, STORE_WHY_SIZE);
    if (rc != RC_OK)
        return rc;
    snprintf(detail, sizeof detail, "{\"ledger\":\"%s\",\"reason\":\"new\"}", id);
    store_note_event(s, now_utc_ms, "ledger", "ledger_new", detail);
    return RC_OK;
}

/* A test clock's database is no other daemon's, and a test clock may not spoil a real one. */
static int check_clock(struct store *s, bool test, char *why)
{
    if (test && !clock_is_simulated())
        return say(why, RC_FOREIGN,
                   "a test database, made with --clock: only a daemon with --clock may use it");
    if (!test && clock_is_simulated() && s->last_seq > 0)
        return say(why, RC_FOREIGN, "holds real readings: --clock needs a database of its own");
    return RC_OK;
}

static int load(struct store *s, bool *backup, char *why)
{
    sqlite3_stmt *st = NULL;
    int rc = db_prepare(
        &s->db,
        "SELECT s.flush, s.ledger, l.id, s.last_seq, s.acked, s.newest_ms, s.seen_synchronised,"
        " s.test_database, s.is_backup, (SELECT count(*) FROM finding_data WHERE closed_ms IS NULL)"
        " FROM store_state s JOIN ledger_data l ON l.no = s.ledger",
        &st);
    if (rc == RC_OK)
        rc = db_row(&s->db, st);
    if (rc == RC_OK) {
        s->flush = sqlite3_column_int64(st, 0);
        s->ledger = sqlite3_column_int64(st, 1);
        text_format(s->ledger_id, sizeof s->ledger_id, "%s", (const char *)sqlite3_column_text(st, 2));
        s->last_seq = (uint64_t)sqlite3_column_int64(st, 3);
        if (ackset_from_text((const char *)sqlite3_column_text(st, 4), &s->acked) != RC_OK)
            s->acked = (struct ackset){0}; /* then everything is sent again: twice is allowed, never is not */
        s->newest_ms = sqlite3_column_int64(st, 5);
        s->seen_synchronised = sqlite3_column_int(st, 6) != 0;
        *backup = sqlite3_column_int(st, 8) != 0;
        s->open_findings = (uint64_t)sqlite3_column_int64(st, 9);
        rc = check_clock(s, sqlite3_column_int(st, 7) != 0, why);
    } else {
        rc = say(why, rc == RC_NOTFOUND ? RC_CORRUPT : rc,
                 rc == RC_NOTFOUND ? "its state is missing" : db_message(&s->db));
    }
    sqlite3_finalize(st);
    return rc;
}

/* What a start has to write: the catalogue, a new ledger for a backup, the name of a lost range, what the
 * checks find when they catch up. One transaction. */
static int begin_work(struct store *s, bool backup, int64_t now_utc_ms)
{
    s->flushing = true;
    int rc = db_begin(&s->db, true);
    if (rc == RC_OK && clock_is_simulated())
        rc = db_exec(&s->db, "UPDATE store_state SET test_database = 1");
    if (rc == RC_OK && backup)
        rc = store_ledger_begin(s, now_utc_ms, "backup");
    bool behind = strcmp(s->mark.ledger, s->ledger_id) == 0 && s->mark.seq > s->last_seq;
    if (rc == RC_OK && behind) {
        uint64_t from = s->last_seq + 1, to = s->mark.seq;
        s->last_seq = to; /* these numbers are published: they are never given again */
        rc = store_gap(s, from, to, "damage", now_utc_ms);
    }
    if (rc == RC_OK)
        rc = store_catalogue(s, now_utc_ms);
    if (rc == RC_OK)
        rc = store_load_meters(s);
    if (rc == RC_OK)
        rc = store_relay_orphans(s, now_utc_ms);
    if (rc == RC_OK)
        rc = store_replay(s);
    if (rc == RC_OK)
        rc = store_resume(s);
    if (rc == RC_OK)
        rc = store_events(s);
    if (rc == RC_OK)
        rc = store_save_state(s, s->flush + 1);
    if (rc == RC_OK)
        rc = db_commit(&s->db);
    s->flushing = false;
    store_undo_forget(s);
    if (rc != RC_OK) {
        db_rollback(&s->db);
        return rc;
    }
    s->flush++;
    store_events_written(s);
    return RC_OK;
}

static int open_mark(struct store *s, char *why)
{
    char name[PATH_MAX];
    if (!text_format(name, sizeof name, "%s-seq", s->path))
        return say(why, RC_IO, "the path is too long");
    int rc = highwater_open(name, &s->mark);
    if (rc != RC_OK) {
        s->mark.fd = -1;
        snprintf(why, STORE_WHY_SIZE, "its high-water file cannot be used: %s", strerror(errno));
    }
    return rc;
}

static int open_files(struct store *s, const char *path, int64_t now_utc_ms, char *why)
{
    bool there = false;
    int rc = store_resolve(path, &s->path, why, STORE_WHY_SIZE);
    if (rc == RC_OK)
        rc = recognise(s->path, &there, why); /* before anything is made beside a file that is not ours */
    if (rc == RC_OK)
        rc = store_lock_take(s->path, &s->lock, why, STORE_WHY_SIZE);
    if (rc == RC_OK)
        rc = recognise(s->path, &there, why);
    if (rc == RC_OK && !there)
        rc = create(s, now_utc_ms, why);
    if (rc == RC_OK)
        rc = store_lock_database(&s->lock, s->path, why, STORE_WHY_SIZE);
    return rc == RC_OK ? open_mark(s, why) : rc;
}

static int open_database(struct store *s, int64_t now_utc_ms, char *why)
{
    bool backup = false;
    int rc = db_open(s->path, DB_WRITE, &s->db);
    if (rc == RC_OK)
        rc = schema_migrate(&s->db);
    if (rc != RC_OK)
        return say(why, rc, db_message(&s->db));
    rc = load(s, &backup, why);
    if (rc != RC_OK)
        return rc;
    rc = store_prepare(s);
    if (rc == RC_OK)
        rc = begin_work(s, backup, now_utc_ms);
    if (rc != RC_OK)
        return say(why, rc, db_message(&s->db));
    rc = highwater_write(&s->mark, s->ledger_id, s->last_seq);
    return rc == RC_OK ? RC_OK : say(why, rc, "its high-water file cannot be written");
}

int store_open(const struct settings *settings, int64_t now_utc_ms, struct store **out,
               char why[STORE_WHY_SIZE])
{
    why[0] = '\0';
    struct store *s = calloc(1, sizeof *s);
    if (s == NULL)
        return say(why, RC_NOMEM, "no memory");
    s->settings = settings;
    s->lock = (struct store_lock){-1, -1};
    s->mark.fd = -1;
    tariff_init(&s->usual, "");
    s->meters = calloc(settings->n_meters > 0 ? settings->n_meters : 1, sizeof *s->meters);
    s->was = calloc(1, sizeof *s->was);
    int rc = s->meters == NULL || s->was == NULL ? say(why, RC_NOMEM, "no memory")
                                                 : open_files(s, settings->database.path, now_utc_ms, why);
    if (rc == RC_OK)
        rc = open_database(s, now_utc_ms, why);
    if (rc != RC_OK) {
        store_close(s);
        return rc;
    }
    *out = s;
    return RC_OK;
}

void store_close(struct store *s)
{
    if (s == NULL)
        return;
    if (s->db.sql != NULL) {
        db_rollback(&s->db);
        if (!s->poisoned && !s->unknown)
            (void)db_checkpoint(&s->db, true); /* what it cannot take stays in the WAL */
    }
    store_finalise(s);
    db_close(&s->db);
    store_lock_release(&s->lock);
    highwater_close(&s->mark);
    store_undo_forget(s);
    store_free_events(s);
    tariff_done(&s->usual);
    free(s->was);
    free(s->meters);
    free(s->path);
    free(s);
}
