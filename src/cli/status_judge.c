/* status_judge.c - what of a status needs attention, and how urgently. */
#include "cli/status_view.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "cli/daemon_talk.h"
#include "cli/human.h"

#define OVERDUE_PERIODS 3     /* as many as make a silent meter stale … */
#define OVERDUE_MS      60000 /* … and what a sweep or a hold-off of others may cost beside */

static void say(struct status_judgement *j, enum monitor level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct status_judgement *j, enum monitor level, const char *format, ...)
{
    if (level > j->level)
        j->level = level;
    if (j->n < STATUS_SENTENCES) {
        va_list args;
        va_start(args, format);
        vsnprintf(j->sentence[j->n], STATUS_SENTENCE, format, args);
        va_end(args);
    }
    j->n++;
}

static void since(const json_t *o, const char *key, int64_t now_utc_ms, char out[HUMAN_SIZE])
{
    int64_t t = talk_time(o, key);
    if (t == 0)
        text_format(out, HUMAN_SIZE, "the start");
    else
        human_span(now_utc_ms - t, out);
}

static void judge_house(const json_t *status, struct status_judgement *j)
{
    const json_t *database = json_object_get(status, "database");
    if (talk_true(status, "degraded"))
        say(j, MONITOR_CRITICAL, "%.180s", talk_text(status, "trouble"));
    if (talk_text(database, "trouble")[0] != '\0')
        say(j, MONITOR_CRITICAL, "database: %.150s; readings wait in memory", talk_text(database, "trouble"));
    if (talk_number(database, "dropped") > 0)
        say(j, MONITOR_CRITICAL, "%" PRId64 " readings had no room in memory and are lost",
            talk_number(database, "dropped"));
}

static int64_t rejected(const json_t *meter)
{
    const json_t *r = json_object_get(meter, "rejected");
    return talk_number(r, "not_a_number") + talk_number(r, "range") + talk_number(r, "zero");
}

static void judge_buses(const json_t *status, struct status_judgement *j)
{
    size_t i;
    json_t *bus;
    json_array_foreach(json_object_get(status, "buses"), i, bus)
    {
        const char *state = talk_text(bus, "status");
        if (strcmp(state, "lost") == 0)
            say(j, MONITOR_CRITICAL, "bus %.40s: its line is lost: %.120s", talk_text(bus, "name"),
                talk_text(bus, "detail"));
        else if (strcmp(state, "noisy") == 0)
            say(j, MONITOR_WARNING, "bus %.40s: noise on the line: check its cable and termination",
                talk_text(bus, "name"));
    }
}

/* A meter may answer and yet give nothing: refuse the registers, or send what cannot be. */
static void judge_class(const json_t *meter, const char *klass, const char *period_key, int64_t now_utc_ms,
                        struct status_judgement *j)
{
    int64_t period_ms = talk_number(meter, period_key);
    int64_t read = talk_time(meter, klass), from = read != 0 ? read : talk_time(meter, "first_seen");
    char span[HUMAN_SIZE];
    if (period_ms == 0 || from == 0 || now_utc_ms - from <= OVERDUE_PERIODS * period_ms + OVERDUE_MS)
        return;
    human_span(now_utc_ms - from, span);
    say(j, MONITOR_WARNING,
        "meter %.40s (bus %.40s, address %" PRId64 ") answers, but gave no %s values for %s (%" PRId64
        " exceptions, %" PRId64 " values rejected)",
        talk_text(meter, "name"), talk_text(meter, "bus"), talk_number(meter, "address"), klass, span,
        talk_number(json_object_get(meter, "counters"), "exception"), rejected(meter));
}

static void judge_meters(const json_t *status, int64_t now_utc_ms, struct status_judgement *j)
{
    size_t i;
    json_t *meter;
    char span[HUMAN_SIZE];
    json_array_foreach(json_object_get(status, "meters"), i, meter)
    {
        const char *state = talk_text(meter, "status");
        j->meters++;
        j->online += strcmp(state, "online") == 0;
        j->stale += strcmp(state, "stale") == 0;
        if (strcmp(state, "online") == 0) {
            judge_class(meter, "energy", "energy_period_ms", now_utc_ms, j);
            judge_class(meter, "live", "live_period_ms", now_utc_ms, j);
        }
        if (strcmp(state, "offline") != 0)
            continue;
        j->offline++;
        since(meter, "last_seen", now_utc_ms, span);
        say(j, MONITOR_WARNING, "meter %.40s (bus %.40s, address %" PRId64 ") has not answered %s %s",
            talk_text(meter, "name"), talk_text(meter, "bus"), talk_number(meter, "address"),
            talk_time(meter, "last_seen") == 0 ? "since" : "for", span);
    }
    if (j->meters > 0 && j->offline == j->meters)
        say(j, MONITOR_CRITICAL, "no meter answers");
}

static void judge_rest(const json_t *status, struct status_judgement *j)
{
    const json_t *database = json_object_get(status, "database"), *broker = json_object_get(status, "broker");
    const char *clock = talk_text(status, "clock");
    if (talk_true(broker, "enabled") && !talk_true(broker, "connected"))
        say(j, MONITOR_WARNING, "broker %.60s is not connected: %.80s; messages wait",
            talk_text(broker, "broker"), talk_text(broker, "detail"));
    if (clock[0] != '\0' && strcmp(clock, "right") != 0)
        say(j, MONITOR_WARNING, "the gateway's clock is not right yet (%.20s): readings wait to be dated",
            clock);
    if (talk_number(database, "open_findings") > 0)
        say(j, MONITOR_WARNING, "%" PRId64 " %s open about what the meters count",
            talk_number(database, "open_findings"),
            talk_number(database, "open_findings") == 1 ? "finding is" : "findings are");
}

void status_judge(const json_t *status, struct status_judgement *out)
{
    memset(out, 0, sizeof *out);
    judge_house(status, out);
    judge_buses(status, out);
    judge_rest(status, out);
    judge_meters(status, talk_time(status, "ts"), out);
}
