/* bus_worker_i.h - inside of a bus worker, for the files it is made of: bus_worker.c (life of the thread and
 * the line), bus_worker_turn.c (one request and what comes of it), bus_worker_relay.c (switching),
 * bus_worker_calendar.c (what tariffs ask for), bus_worker_voice.c (what is told).
 *
 * Threads: all of it belongs to the worker's thread, but `desk`, `relays`, `trace` and `stop_fd`.
 */
#ifndef METERFLEET_BUS_BUS_WORKER_I_H
#define METERFLEET_BUS_BUS_WORKER_I_H

#include <pthread.h>
#include "bus/bus_desk.h"
#include "bus/bus_meter.h"
#include "bus/bus_stats.h"
#include "bus/bus_worker.h"
#include "config/budget.h"
#include "bus/bus_worker_relay.h"
#include "bus/settle_watch.h"
#include "bus/trace.h"
#include "core/clock.h"
#include "core/wire_time.h"

struct post { /* one meter of this bus: its desk, its notice, what was told of it */
    struct bus_meter meter;
    struct board_meter notice;
    enum meter_status told;
    int64_t silent_ns; /* wire: the first question without an answer; 0: none */
    int64_t silent_mono_ms;
    struct rtt rtt;
    uint32_t n_measured; /* answers whose turnaround was measured */
    bool plan_again;
    int64_t renew_mono_ms; /* when all registers of its model are, or were, tried again; 0: it refused none */
    uint32_t renew_wait_ms;
    bool whole;       /* it refuses none now */
    unsigned refused; /* bit = class that was told as refused */
    struct settle_watch settle;
    struct relay_switching relay;
    uint8_t attempt; /* repetitions of the question under way, for the trace */
};

struct bus_worker {
    const struct settings *settings;
    const struct settings_bus *set;
    size_t index;
    struct rqueue *out;
    struct board *board;
    pthread_t thread;
    int stop_fd;
    _Atomic bool stopping; /* stop_fd is set: costs no system call to ask */
    struct desk desk;
    struct relay_tray relays; /* commands, from whoever gives them */
    struct trace *trace;

    size_t switching;   /* posts whose relay is being switched */
    struct post *posts; /* in the plan's order */
    size_t n_posts;
    int16_t post_of[256]; /* by address, -1: nobody */
    struct poll_plan *plan;
    struct line *line;
    struct board_bus notice;
    struct rtt rtt;
    int64_t started_mono_ms, started_ns, answered_ns, ticked_ns, opened_ns;
    int64_t calendar_mono_ms; /* when the tariffs' calendars are looked at again */
    char why[LINE_WHY];       /* of the last failure to open, as told */
    int64_t why_again_ns;     /* tell it again then */
    uint32_t why_count;
    uint32_t reopen_ms;
    uint32_t flaps; /* times in a row that the line was lost soon after it was opened */
    bool mute;      /* none of several meters answers, and that was told */
};

/* bus_worker_turn.c: does one job of the plan. RC_OK, RC_LINK (line is gone), RC_STOPPED. */
int worker_turn(struct bus_worker *w, const struct poll_job *job);
void worker_post_meter(struct bus_worker *w, size_t i);
void worker_post_bus(struct bus_worker *w);
/* Counters and times of one exchange; `before` is what its meter was before it. */
void worker_account(struct bus_worker *w, struct post *p, const struct poll_job *job,
                    const struct meter_state *before, const struct exchange_request *request, int rc,
                    const struct exchange_reply *reply);
/* Meters whose frames were heard when nobody had asked them: they may have more to say. */
void worker_leave_alone(struct bus_worker *w, const struct exchange_reply *reply);
/* The line is never silent: says so, and leaves it alone for a while. RC_OK, RC_LINK, RC_STOPPED. */
int worker_noisy(struct bus_worker *w);

/* bus_worker_calendar.c: reads that tariffs ask for, once in a while. */
void worker_plan_calendar(struct bus_worker *w);

/* bus_worker_voice.c */
void voice_opened(struct bus_worker *w);
void voice_lost(struct bus_worker *w, const char *why);
void voice_missing(struct bus_worker *w, const char *why); /* it cannot be opened */
void voice_noisy(struct bus_worker *w, bool noisy);
void voice_silent(struct bus_worker *w, size_t i, const struct poll_job *job, int rc);
void voice_answered(struct bus_worker *w, size_t i);
void voice_absent(struct bus_worker *w, size_t i, enum reg_class klass, uint8_t exception);
void voice_granted(struct bus_worker *w, size_t i, enum reg_class klass);
void voice_left_out(const struct bus_worker *w, size_t i, const struct exchange_request *q,
                    uint8_t exception);

/* What may be read along on this line of a meter that takes so long to answer. */
static inline uint16_t worker_gap_regs(const struct bus_worker *w, int64_t turnaround_ns)
{
    const struct settings_bus *b = w->set;
    return wire_gap_regs(wire_char_ns(b->baud, b->parity, b->stop_bits),
                         wire_silence_ns(b->baud, b->parity, b->stop_bits), turnaround_ns);
}

static inline struct poll_now worker_now(void)
{
    return (struct poll_now){clock_mono_ms(), clock_wire_ns()};
}

#endif
