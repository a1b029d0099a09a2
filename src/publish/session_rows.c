#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "publish/session_inside.h"
#include <inttypes.h>
#include <string.h>

void session_rows_reset(struct session *s)
{
    feed_done(&s->fresh);
    feed_done(&s->history);
    retained_feed_done(&s->retained);
    memset(&s->fresh_row, 0, sizeof s->fresh_row);
    memset(&s->retained_row, 0, sizeof s->retained_row);
    answer_done(&s->answer);
    memset(s->retry_ns, 0, sizeof s->retry_ns);
}

/* The database cannot be read now: the lane rests a second. Told once, until it can be read again. */
static void rest(struct session *s, enum lane lane, int rc)
{
    s->retry_ns[lane] = clock_wire_ns() + RETRY_MS * NS_PER_MS;
    if (!s->database_told)
        log_warning("mqtt: the ledger cannot be read: %s: trying again every second", rc_text(rc));
    s->database_told = true;
}

static void reads_again(struct session *s)
{
    if (s->database_told)
        log_info("mqtt: the ledger can be read again");
    s->database_told = false;
}

/* Numbers that are no longer stored can never be acknowledged: a gap message says so, and they count as done.
 */
static void pass_hole(struct session *s, enum lane lane, uint64_t from, uint64_t to)
{
    for (uint64_t seq = from; seq <= to; seq++)
        ledger_state_acked(s->env.ledger, s->ledger, seq);
    outbox_passed(&s->outbox, lane, to);
}

/* The row at the lane's next number, or NULL: then there was a hole, or the database could not be read. */
static const struct ledger_row *row_of(struct session *s, enum lane lane, struct feed *feed)
{
    uint64_t from = 0, to = 0, hole_to = 0;
    const struct ledger_row *row = NULL;
    if (!outbox_wants(&s->outbox, lane, &from, &to))
        return NULL;
    switch (feed_look(feed, s->reader, from, to, &row, &hole_to)) {
    case FEED_ROW:
        reads_again(s);
        return row;
    case FEED_HOLE:
        pass_hole(s, lane, from, hole_to);
        break;
    case FEED_LATER:
        rest(s, lane, feed->rc);
        break;
    }
    return NULL;
}

/* False when the database could not be read: the lane rests. */
static bool rank_of(struct session *s, enum lane lane, const struct ledger_row *row,
                    struct settlement_rank *rank)
{
    if (!parts_need_rank(row))
        return true;
    const int rc = ledger_reader_settlement_rank(s->reader, row->topic, &rank->rank, rank->dropped);
    if (rc == RC_OK || rc == RC_NOTFOUND)
        return true;
    rest(s, lane, rc);
    return false;
}

/* Sends the next part of a row; true when the row is done with, for better or worse. */
static bool step_part(struct session *s, enum lane lane, struct row_progress *row)
{
    const struct part *part = &row->part[row->at];
    const bool more = row->at + 1 < row->n;
    const int rc = session_send(s, lane, row->seq, part->topic, part->payload, strlen(part->payload),
                                part->retain, more);
    if (rc == RC_LINK)
        return false;
    if (rc != RC_OK) {
        if (lane == LANE_FRESH)
            session_set_aside(s, row->seq,
                              rc == RC_FULL ? "larger than the broker takes" : "refused by the library");
        return true;
    }
    if (lane == LANE_FRESH)
        retained_feed_overtake(&s->retained, part->topic);
    row->at++;
    return !more;
}

void session_step_fresh(struct session *s)
{
    struct row_progress *progress = &s->fresh_row;
    if (progress->at >= progress->n) {
        const struct ledger_row *row = row_of(s, LANE_FRESH, &s->fresh);
        if (row == NULL)
            return;
        struct settlement_rank rank = {0};
        if (!rank_of(s, LANE_FRESH, row, &rank))
            return;
        progress->seq = row->seq;
        progress->at = 0;
        progress->n = parts_of_fresh(row, &rank, progress->part);
        if (progress->n == 0) {
            session_set_aside(s, row->seq, "its topic cannot be used");
            outbox_passed(&s->outbox, LANE_FRESH, progress->seq);
            return;
        }
    }
    if (step_part(s, LANE_FRESH, progress)) {
        progress->n = progress->at = 0;
        outbox_passed(&s->outbox, LANE_FRESH, progress->seq);
    }
}

void session_step_history(struct session *s)
{
    const struct ledger_row *row = row_of(s, LANE_HISTORY, &s->history);
    if (row == NULL)
        return;
    text_buf_clear(&s->text);
    answer_row(row, s->prefix, &s->text);
    if (s->text.failed) {
        rest(s, LANE_HISTORY, RC_NOMEM);
        return;
    }
    const int rc =
        session_send(s, LANE_HISTORY, row->seq, "history", s->text.data, s->text.len, false, false);
    if (rc == RC_LINK)
        return;
    if (rc != RC_OK)
        session_set_aside(s, row->seq,
                          rc == RC_FULL ? "larger than the broker takes" : "refused by the library");
    outbox_passed(&s->outbox, LANE_HISTORY, row->seq);
}

void session_step_retained(struct session *s)
{
    struct row_progress *progress = &s->retained_row;
    if (progress->at >= progress->n) {
        const struct ledger_row *row = retained_feed_look(&s->retained, s->reader, s->outbox.top);
        if (row == NULL) {
            if (!s->retained.ended)
                rest(s, LANE_RETAINED, s->retained.rc);
            return;
        }
        reads_again(s);
        progress->seq = row->seq;
        progress->at = 0;
        struct settlement_rank rank = {0};
        if (!rank_of(s, LANE_RETAINED, row, &rank))
            return;
        progress->n = parts_of_retained(row, &rank, progress->part);
        if (progress->n == 0) {
            retained_feed_next(&s->retained);
            return;
        }
    }
    if (step_part(s, LANE_RETAINED, progress)) {
        progress->n = progress->at = 0;
        retained_feed_next(&s->retained);
    }
}

static void send_answer(struct session *s)
{
    if (s->text.failed)
        return;
    (void)session_send(s, LANE_ANSWER, 0, "history", s->text.data, s->text.len, false, false);
}

void session_step_answer(struct session *s)
{
    struct history_refusal refusal;
    text_buf_clear(&s->text);
    if (history_line_refusal(&s->line, &refusal)) {
        answer_refuse(&refusal, s->ledger, clock_utc_ms(), &s->text);
        send_answer(s);
        return;
    }
    if (!s->line.active)
        return;
    const enum answer_step step = answer_next(&s->answer, &s->line.request, s->reader, s->ledger,
                                              s->outbox.stored, s->prefix, clock_utc_ms(), &s->text);
    if (step == ANSWER_LATER) {
        rest(s, LANE_ANSWER, s->answer.feed.rc);
        return;
    }
    send_answer(s);
    if (step == ANSWER_LAST)
        history_line_answered(&s->line);
}
