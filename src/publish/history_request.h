/* history_request.h - requests on P/history/get: read them, put them in line, turn away what is too much.
 *
 * {"from":a,"to":b}, optionally "ledger". One is answered at a time, four wait, the next is told `busy`.
 * Whoever floods us is cut off before anything is parsed: beyond a burst of 20, ten a second are looked at;
 * of the refusals eight wait to be sent, the rest are dropped without a word.
 *
 * Units:   ledger numbers; time is the wire clock.
 * Errors:  enum history_verdict; a request that cannot be read never reaches the line.
 * Threads: pure; belongs to the publish worker.
 * Source:  INTERFACES 5 "Ask again".
 */
#ifndef METERFLEET_PUBLISH_HISTORY_REQUEST_H
#define METERFLEET_PUBLISH_HISTORY_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HISTORY_MOST_NUMBERS 100000
#define HISTORY_MOST_BYTES   1024 /* an honest request has 40 */
#define HISTORY_WAITING      4
#define HISTORY_REFUSALS     8
#define HISTORY_RATE         10 /* requests a second that are looked at … */
#define HISTORY_BURST        20 /* … after so many at once */
#define HISTORY_LEDGER       65 /* the longest ledger name taken, with NUL */

enum history_verdict { HISTORY_TAKEN, HISTORY_MALFORMED, HISTORY_RANGE, HISTORY_BUSY };
/* "malformed" "range" "busy"; NULL for HISTORY_TAKEN. */
const char *history_verdict_name(enum history_verdict v);

struct history_request {
    char ledger[HISTORY_LEDGER]; /* "" = the present one */
    bool has_range;              /* from and to were numbers, so they can be told back */
    int64_t from, to;
};

/* Reads one request of `len` bytes. HISTORY_TAKEN, HISTORY_MALFORMED or HISTORY_RANGE. */
enum history_verdict history_request_parse(const void *text, size_t len, struct history_request *out);

struct history_refusal {
    struct history_request request;
    enum history_verdict verdict;
};

struct history_line {
    bool active; /* `request` is being answered */
    struct history_request request;
    size_t waiting, refusals;
    struct history_request wait[HISTORY_WAITING];
    struct history_refusal refusal[HISTORY_REFUSALS];
    int64_t allowance_ns; /* token bucket, in nanoseconds of HISTORY_RATE */
    int64_t filled_wire_ns;
    uint64_t dropped; /* requests and refusals dropped without a word */
};

/* Forgets everything: with a connection its requests end too. `dropped` stays. */
void history_line_reset(struct history_line *line, int64_t now_wire_ns);
/* One message arrived. */
void history_line_put(struct history_line *line, const void *text, size_t len, int64_t now_wire_ns);
/* The next refusal to send; false when there is none. */
bool history_line_refusal(struct history_line *line, struct history_refusal *out);
/* The answer to line->request is complete: the next one moves up. */
void history_line_answered(struct history_line *line);

#endif
