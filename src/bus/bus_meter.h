/* bus_meter.h - one meter as its bus worker knows it: its requests, the job it is in, what its answers told.
 *
 * bus_meter_request() turns a job of the plan into the next request on the wire, bus_meter_take() the outcome
 * into what the plan must know and, when a class is complete, into a reading.
 *
 * A meter that refuses a merged request (exception 2 or 3) is asked in smaller pieces from then on, one cut
 * for each refusal; a piece that cannot be cut and is refused is left out until bus_meter_renew(). Energy
 * without its snapshot is none: then the class is refused.
 *
 * After a failure, and after an exception, the meter's late answer may still come, so the first request
 * afterwards must differ from that one in function or count. Where the job would not, a short question comes
 * first (`check`), and the job follows when that was answered.
 *
 * Errors:  RC_NOMEM; RC_NOTFOUND: this model has no such class.
 * Threads: the worker that owns it.
 */
#ifndef METERFLEET_BUS_BUS_METER_H
#define METERFLEET_BUS_BUS_METER_H

#include "bus/exchange.h"
#include "core/decode.h"
#include "core/poll_plan.h"
#include "core/reading.h"
#include "core/span.h"

/* A class that is being read, reply by reply. */
struct bus_part {
    struct reading *reading;
    size_t next;      /* request */
    int64_t begun_ns; /* first character of its first request */
};

struct bus_meter {
    uint32_t index; /* into settings->meters */
    uint8_t address;
    const struct regmap *model;
    struct span_plan *plans[CLASS_COUNT]; /* NULL: not in this model */
    struct bus_part parts[CLASS_COUNT];
    struct decode_state decode;
    struct decode_rejects rejects;
    uint16_t gap_regs;   /* that may be read along */
    bool unmerged;       /* it refused a merged request, and its plans are its own now */
    bool left_out;       /* it does not have some registers of its model: they are not asked for */
    bool trusts_ids;     /* Modbus TCP: a late answer shows by its id */
    bool late;           /* an answer to the request below may still come */
    bool check;          /* the request under way is the short question */
    bool relay_known;    /* it answered a relay question at least once */
    uint32_t usual_us;   /* what it takes to answer when it is quick; 0: never answered */
    uint32_t slowest_us; /* what it lately took to answer, at most; 0: never answered */
    uint64_t settled;    /* digest of the settlement slots last swept; 0: none yet */
    uint8_t unsettled;   /* sweeps in a row that differed */
    uint8_t asked_function;
    uint16_t asked_count;
};

int bus_meter_init(struct bus_meter *m, uint32_t index, uint8_t address, const struct regmap *model,
                   enum decode_net net);
void bus_meter_done(struct bus_meter *m);
/* How many registers between those wanted may be read along (wire_gap_regs); plans it anew where the meter
 * has not shown other wishes. Without memory the plans stay. */
void bus_meter_gap(struct bus_meter *m, uint16_t gap_regs);
/* It was away, or refused a while ago: what it did not have may be there now. */
void bus_meter_renew(struct bus_meter *m);
bool bus_meter_has(const struct bus_meter *m, enum reg_class klass);

int bus_meter_request(struct bus_meter *m, const struct poll_job *job, int64_t now_ns,
                      struct exchange_request *request);
/* rc: of exchange_run(). *complete: a reading, the caller's, when the class is read; with POLL_IMPLAUSIBLE
 * one without values that says what was rejected; else NULL. */
enum poll_result bus_meter_take(struct bus_meter *m, const struct poll_job *job,
                                const struct exchange_request *request, const struct exchange_reply *reply,
                                int rc, struct reading **complete);
/* Its answer began so long after the question: remembered a while. */
void bus_meter_took(struct bus_meter *m, uint32_t turnaround_us);
/* A sweep was read. True when its closed periods differ from the sweep's before, so that another one must
 * confirm it (a few times in a row: no meter changes its past every minute). */
bool bus_meter_unsettled(struct bus_meter *m, const struct reading *sweep);
/* Drops what is half read: the line is gone, or the job was given up. */
void bus_meter_forget(struct bus_meter *m);

#endif
