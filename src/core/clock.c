/* clock.c - the only place that asks the kernel for the time. */
#include "core/clock.h"

#include <math.h>
#include <string.h>
#include <time.h>
#include "core/rc.h"
#include "core/text.h"

#define NS_PER_MS  INT64_C(1000000)
#define SPEED_MAX  100000.0
#define START_SIZE 64 /* an ISO 8601 instant with a generous fraction */

enum mode { MODE_REAL, MODE_SIMULATED, MODE_STANDING };

static enum mode mode = MODE_REAL;
static double run_speed = 1.0;
static int64_t base_wire_ns;              /* MODE_SIMULATED: when it began … */
static int64_t base_mono_ms, base_utc_ms; /* … and from where; MODE_STANDING: the time */

static int64_t kernel_ns(clockid_t id)
{
    struct timespec now;
    (void)clock_gettime(id, &now); /* cannot fail for these clocks (clock_gettime(2)) */
    return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

static int64_t floor_ms(int64_t ns)
{
    return ns / NS_PER_MS - (ns % NS_PER_MS < 0);
}

/* Simulated milliseconds since clock_simulate(). A double holds them exactly: days at 100000 are below 2^53
 * us. */
static int64_t simulated_ms(void)
{
    return (int64_t)floor((double)(clock_wire_ns() - base_wire_ns) * run_speed / (double)NS_PER_MS);
}

int64_t clock_wire_ns(void)
{
    return kernel_ns(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
    if (mode == MODE_REAL)
        return floor_ms(kernel_ns(CLOCK_MONOTONIC));
    return base_mono_ms + (mode == MODE_SIMULATED ? simulated_ms() : 0);
}

int64_t clock_utc_ms(void)
{
    if (mode == MODE_REAL)
        return floor_ms(kernel_ns(CLOCK_REALTIME));
    return base_utc_ms + (mode == MODE_SIMULATED ? simulated_ms() : 0);
}

void clock_simulate(int64_t start_utc_ms, double speed)
{
    base_mono_ms = clock_mono_ms(); /* a clock for deadlines never steps */
    base_utc_ms = start_utc_ms;
    base_wire_ns = clock_wire_ns();
    run_speed = speed;
    mode = MODE_SIMULATED;
}

void clock_test_set(int64_t mono_ms, int64_t utc_ms)
{
    base_mono_ms = mono_ms;
    base_utc_ms = utc_ms;
    run_speed = 1.0;
    mode = MODE_STANDING;
}

bool clock_is_simulated(void)
{
    return mode == MODE_SIMULATED;
}

double clock_speed(void)
{
    return run_speed;
}

int clock_wait_ms(int64_t deadline_mono_ms, int most_ms)
{
    int64_t now = clock_mono_ms();
    if (most_ms <= 0 || deadline_mono_ms <= now)
        return 0;
    /* the difference of two int64 always fits an uint64 */
    double real_ms = ceil((double)((uint64_t)deadline_mono_ms - (uint64_t)now) / run_speed);
    return real_ms < (double)most_ms ? (int)real_ms : most_ms;
}

/* "60", "0.5", "1.25": digits with at most one point inside. */
static int parse_speed(const char *s, double *out)
{
    double value = 0, weight = 1;
    bool point = false;
    if (*s == '\0' || *s == '.')
        return RC_PARSE;
    for (; *s != '\0'; s++) {
        if (*s == '.' && !point && s[1] != '\0') {
            point = true;
            continue;
        }
        if (*s < '0' || *s > '9')
            return RC_PARSE;
        value = value * 10 + (*s - '0');
        weight *= point ? 10 : 1;
    }
    value /= weight;
    if (!(value >= 1.0 && value <= SPEED_MAX)) /* also a number too long for a double */
        return RC_RANGE;
    *out = value;
    return RC_OK;
}

int clock_parse_option(const char *text, int64_t *start_utc_ms, double *speed)
{
    const char *at = strchr(text, '@');
    size_t len = at != NULL ? (size_t)(at - text) : strlen(text);
    char start_text[START_SIZE];
    if (len >= sizeof start_text)
        return RC_PARSE;
    memcpy(start_text, text, len);
    start_text[len] = '\0';

    int64_t start;
    double factor = 1.0;
    int rc_start = text_to_utc_ms(start_text, &start);
    int rc_speed = at != NULL ? parse_speed(at + 1, &factor) : RC_OK;
    if (rc_start == RC_PARSE || rc_speed == RC_PARSE)
        return RC_PARSE;
    if (rc_start != RC_OK || rc_speed != RC_OK || start < 0)
        return RC_RANGE;
    *start_utc_ms = start;
    *speed = factor;
    return RC_OK;
}
