/* answer.h - the answer to one request on P/history/get, message by message.
 *
 * Rows with the content they had the first time, a gap for each run of numbers no longer stored, and a last
 * message that says how many rows came. The worker sends one message a turn, behind fresh ones.
 *
 * Units:   seq as in the ledger; ts from the caller.
 * Errors:  ANSWER_LATER: the database could not be read now; ask again later.
 * Threads: belongs to the publish worker.
 * Source:  INTERFACES 5 "Ask again".
 */
#ifndef METERFLEET_PUBLISH_ANSWER_H
#define METERFLEET_PUBLISH_ANSWER_H

#include <stdbool.h>
#include <stdint.h>
#include "core/text.h"
#include "publish/feed.h"
#include "publish/history_request.h"
#include "share/ledger_state.h"

struct answer {
    bool begun;
    bool foreign; /* another ledger than the present one */
    char ledger[HISTORY_LEDGER];
    int64_t from, to; /* as told back: `to` is cut to the last number given */
    uint64_t next, rows;
    struct feed feed;
};

void answer_init(struct answer *a);
void answer_done(struct answer *a);

enum answer_step { ANSWER_MORE, ANSWER_LAST, ANSWER_LATER };
/* Writes the next message of the answer to `request`. `topic_prefix` is "P/"; ledger and last_seq are the
 * present ones. After ANSWER_LAST the next call begins a new answer. */
enum answer_step answer_next(struct answer *a, const struct history_request *request, struct ledger_reader *r,
                             const char *ledger, uint64_t last_seq, const char *topic_prefix,
                             int64_t now_utc_ms, struct text_buf *out);
/* The one message that tells a refusal. */
void answer_refuse(const struct history_refusal *refusal, const char *ledger, int64_t now_utc_ms,
                   struct text_buf *out);
/* A row as history shows it: {"topic","payload"}, a gap as it is. */
void answer_row(const struct ledger_row *row, const char *topic_prefix, struct text_buf *out);

#endif
