#include "publish/answer.h"
#include <string.h>
#include "core/rc.h"
#include "publish/payload.h"

void answer_init(struct answer *a)
{
    memset(a, 0, sizeof *a);
    feed_init(&a->feed);
}

void answer_done(struct answer *a)
{
    feed_done(&a->feed);
    answer_init(a);
}

void answer_row(const struct ledger_row *row, const char *topic_prefix, struct text_buf *out)
{
    if (row->kind == LEDGER_GAP) {
        text_buf_add(out, row->payload);
        return;
    }
    char topic[256];
    if (!text_format(topic, sizeof topic, "%s%s", topic_prefix, row->topic))
        topic[0] = '\0';
    payload_history(out, topic, row->payload);
}

static void begin(struct answer *a, const struct history_request *request, const char *ledger,
                  uint64_t last_seq)
{
    answer_done(a);
    a->begun = true;
    a->foreign = request->ledger[0] != '\0' && strcmp(request->ledger, ledger) != 0;
    (void)text_format(a->ledger, sizeof a->ledger, "%s", a->foreign ? request->ledger : ledger);
    a->from = request->from;
    a->to = request->to;
    if (!a->foreign && (uint64_t)a->to > last_seq)
        a->to = (int64_t)last_seq; /* a number not yet given is no gap */
    a->next = (uint64_t)a->from;
}

static void gap(struct answer *a, uint64_t to, const char *reason, int64_t now_utc_ms, struct text_buf *out)
{
    payload_gap(out, a->ledger, 0, now_utc_ms, a->next, to, reason);
    a->next = to + 1;
}

/* Why the numbers from a->next on are gone, and how far that reason reaches. */
static void hole(struct answer *a, struct ledger_reader *r, uint64_t hole_to, int64_t now_utc_ms,
                 struct text_buf *out)
{
    uint64_t from = 0, to = 0;
    char reason[16] = "retention";
    if (ledger_reader_gap(r, a->next, &from, &to, reason) == RC_OK && to >= a->next && to < hole_to)
        hole_to = to;
    gap(a, hole_to, reason, now_utc_ms, out);
}

static enum answer_step last(struct answer *a, int64_t now_utc_ms, struct text_buf *out)
{
    payload_answer(out, &(struct payload_answer){.ledger = a->ledger,
                                                 .ts_utc_ms = now_utc_ms,
                                                 .has_range = true,
                                                 .from = a->from,
                                                 .to = a->to,
                                                 .rows = a->rows});
    answer_done(a);
    return ANSWER_LAST;
}

enum answer_step answer_next(struct answer *a, const struct history_request *request, struct ledger_reader *r,
                             const char *ledger, uint64_t last_seq, const char *topic_prefix,
                             int64_t now_utc_ms, struct text_buf *out)
{
    if (!a->begun)
        begin(a, request, ledger, last_seq);
    if (a->to < a->from || a->next > (uint64_t)a->to)
        return last(a, now_utc_ms, out);
    if (a->foreign) {
        gap(a, (uint64_t)a->to, "ledger", now_utc_ms, out);
        return ANSWER_MORE;
    }
    const struct ledger_row *row = NULL;
    uint64_t hole_to = 0;
    switch (feed_look(&a->feed, r, a->next, (uint64_t)a->to, &row, &hole_to)) {
    case FEED_ROW:
        answer_row(row, topic_prefix, out);
        a->next++;
        a->rows++;
        return ANSWER_MORE;
    case FEED_HOLE:
        hole(a, r, hole_to, now_utc_ms, out);
        return ANSWER_MORE;
    case FEED_LATER:
        break;
    }
    return ANSWER_LATER;
}

void answer_refuse(const struct history_refusal *refusal, const char *ledger, int64_t now_utc_ms,
                   struct text_buf *out)
{
    const struct history_request *request = &refusal->request;
    payload_answer(out,
                   &(struct payload_answer){.ledger = request->ledger[0] != '\0' ? request->ledger : ledger,
                                            .ts_utc_ms = now_utc_ms,
                                            .has_range = request->has_range,
                                            .from = request->from,
                                            .to = request->to,
                                            .error = history_verdict_name(refusal->verdict)});
}
