/* bus_worker_voice.c - what a bus worker tells people: each change of state once, repetitions at growing
 * intervals.
 */
#include "bus/bus_worker_i.h"

#include <stdio.h>
#include <string.h>
#include "core/log.h"
#include "core/rc.h"

#define AGAIN_FIRST_NS 60000000000LL
#define FLAPS_TOLD     3
#define AGAIN_MOST     9 /* doublings: then every 8 h */

static const char *meter_name(const struct bus_worker *w, size_t i)
{
    return w->settings->meters[w->posts[i].meter.index].name;
}

/* "2 h 5 min", "13 s". */
static void span_text(int64_t ms, char out[32])
{
    long long s = ms / 1000;
    if (s < 60)
        snprintf(out, 32, "%lld s", s);
    else if (s < 3600)
        snprintf(out, 32, "%lld min", s / 60);
    else if (s < 86400)
        snprintf(out, 32, "%lld h %lld min", s / 3600, s / 60 % 60);
    else
        snprintf(out, 32, "%lld d %lld h", s / 86400, s / 3600 % 24);
}

static const char *ordinal_end(unsigned n)
{
    if (n % 100 >= 11 && n % 100 <= 13)
        return "th";
    return n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
}

static void set_bus(struct bus_worker *w, enum bus_status status, const char *detail)
{
    if (w->notice.status != status)
        w->notice.since_utc_ms = clock_utc_ms();
    w->notice.status = status;
    snprintf(w->notice.detail, sizeof w->notice.detail, "%s", detail);
    worker_post_bus(w);
}

/* A line that comes and goes is told thrice, then at every doubling. */
static enum log_level flap_level(const struct bus_worker *w, enum log_level level)
{
    bool told = w->flaps <= FLAPS_TOLD || (w->flaps & (w->flaps - 1)) == 0;
    return told ? level : LOG_LEVEL_DEBUG;
}

void voice_opened(struct bus_worker *w)
{
    log_msg(flap_level(w, LOG_LEVEL_INFO), "%s: opened: %s, %zu meter%s", w->set->name, line_text(w->line),
            w->n_posts, w->n_posts == 1 ? "" : "s");
    w->why[0] = '\0';
    set_bus(w, BUS_OPEN, "");
}

void voice_lost(struct bus_worker *w, const char *why)
{
    log_msg(flap_level(w, LOG_LEVEL_WARNING), "%s: lost: %s", w->set->name, why);
    set_bus(w, BUS_LOST, why);
}

void voice_missing(struct bus_worker *w, const char *why)
{
    int64_t now_ns = clock_wire_ns();
    if (strcmp(w->why, why) != 0) {
        snprintf(w->why, sizeof w->why, "%s", why);
        w->why_count = 0;
        w->why_again_ns = now_ns;
    }
    if (now_ns >= w->why_again_ns) {
        log_msg(flap_level(w, LOG_LEVEL_WARNING), "%s: %s: %s: trying again", w->set->name, w->set->device,
                why);
        w->why_again_ns = now_ns + (AGAIN_FIRST_NS << w->why_count);
        w->why_count += w->why_count < AGAIN_MOST;
    }
    set_bus(w, BUS_LOST, why);
}

void voice_noisy(struct bus_worker *w, bool noisy)
{
    if (noisy == (w->notice.status == BUS_NOISY))
        return;
    if (noisy)
        log_warning("%s: noisy: the line is never silent for 3.5 characters, nobody can be asked",
                    w->set->name);
    else
        log_info("%s: silent again: its meters are asked", w->set->name);
    set_bus(w, noisy ? BUS_NOISY : BUS_OPEN, noisy ? "the line is never silent" : "");
}

/* Of several meters none answers: that is the line, and one line tells it. */
static bool all_silent(const struct bus_worker *w)
{
    if (w->n_posts < 2)
        return false;
    for (size_t i = 0; i < w->n_posts; i++) {
        const struct meter_state *s = poll_plan_state(w->plan, i);
        if (s->polls == 0 || s->status == METER_ONLINE)
            return false;
    }
    return true;
}

void voice_silent(struct bus_worker *w, size_t i, const struct poll_job *job, int rc)
{
    struct post *p = &w->posts[i];
    const struct meter_state *s = poll_plan_state(w->plan, i);
    if (job != NULL)
        log_debug("%s meter %s: %s: %u%s time", w->set->name, meter_name(w, i), rc_text(rc), s->polls,
                  ordinal_end(s->polls));
    if (s->status <= p->told || s->status < METER_STALE || s->polls == 0)
        return; /* polls 0: the line is gone, and that was told */
    if (w->n_posts > 1 && w->answered_ns < p->silent_ns) {
        if (!w->mute && all_silent(w)) {
            w->mute = true;
            log_warning("%s: no meter answers: all %zu silent: wiring, power or adapter", w->set->name,
                        w->n_posts);
        }
        return; /* others answered last before this one fell silent: perhaps it is not the meter */
    }
    p->told = s->status;
    char next[32];
    int64_t left_ms = poll_plan_next_probe(w->plan, i) - clock_mono_ms();
    span_text(left_ms > 0 ? left_ms + 999 : 0, next);
    if (rc == RC_BADFRAME)
        log_warning("%s meter %s: damaged answers: %u%s time, next try in %s", w->set->name, meter_name(w, i),
                    s->polls, ordinal_end(s->polls), next);
    else
        log_warning("%s meter %s: no answer in %u ms: %u%s time, next try in %s", w->set->name,
                    meter_name(w, i), w->set->timeout_ms, s->polls, ordinal_end(s->polls), next);
}

void voice_answered(struct bus_worker *w, size_t i)
{
    struct post *p = &w->posts[i];
    char after[32];
    if (w->mute) {
        w->mute = false;
        log_info("%s: answers again: meter %s", w->set->name, meter_name(w, i));
    }
    if (p->told >= METER_STALE) {
        span_text(clock_mono_ms() - p->silent_mono_ms, after);
        log_info("%s meter %s: answers again: after %s", w->set->name, meter_name(w, i), after);
    }
    p->told = METER_ONLINE;
}

/* Told when it begins and when it ends, not each time it is asked again. */
void voice_absent(struct bus_worker *w, size_t i, enum reg_class klass, uint8_t exception)
{
    struct post *p = &w->posts[i];
    const char *name = meter_name(w, i), *what = reg_class_name(klass);
    if ((p->refused & 1u << klass) != 0)
        return;
    p->refused |= 1u << klass;
    if (klass == CLASS_RELAY && exception != 0)
        log_info("%s meter %s: has no %s: exception %u, not asked again until it was away", w->set->name,
                 name, what, exception);
    else if (exception == 0)
        log_info("%s meter %s: has no %s: no answer, from now on asked once a day", w->set->name, name, what);
    else if (klass == CLASS_ENERGY || klass == CLASS_LIVE)
        log_warning("%s meter %s: refuses %s: exception %u, asked again in a minute, then more rarely",
                    w->set->name, name, what, exception);
    else
        log_info("%s meter %s: refuses %s: exception %u, asked again in a minute, then more rarely",
                 w->set->name, name, what, exception);
}

void voice_granted(struct bus_worker *w, size_t i, enum reg_class klass)
{
    struct post *p = &w->posts[i];
    if ((p->refused & 1u << klass) == 0)
        return;
    p->refused &= ~(1u << klass);
    log_info("%s meter %s: gives %s again", w->set->name, meter_name(w, i), reg_class_name(klass));
}

void voice_left_out(const struct bus_worker *w, size_t i, const struct exchange_request *q, uint8_t exception)
{
    log_info("%s meter %s: has no registers 0x%04X to 0x%04X: exception %u, left out for now", w->set->name,
             meter_name(w, i), q->address, q->address + q->count - 1, exception);
}
