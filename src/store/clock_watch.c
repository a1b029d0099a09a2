#include "config.h"
#include "store/clock_watch.h"

#include <glob.h>
#include <stdio.h>
#include <sys/timex.h>
#include "core/clock.h"

#define LOOK_NS 100000000

static bool kernel_synchronised(void)
{
    struct timex t = {0}; /* modes = 0: only asks */
    int state = adjtimex(&t);
    return state >= 0 && state != TIME_ERROR && (t.status & STA_UNSYNC) == 0;
}

static bool rtc_set_the_clock(void)
{
    glob_t g;
    bool found = false;
    if (glob("/sys/class/rtc/*/hctosys", 0, NULL, &g) != 0)
        return false;
    for (size_t i = 0; i < g.gl_pathc && !found; i++) {
        FILE *f = fopen(g.gl_pathv[i], "re");
        if (f == NULL)
            continue;
        found = fgetc(f) == '1';
        fclose(f);
    }
    globfree(&g);
    return found;
}

void clock_watch_init(struct clock_watch *w, enum clock_mode mode)
{
    enum clock_trust_mode m = mode == CLOCK_SYSTEM ? CLOCK_TRUST_SYSTEM
                              : mode == CLOCK_NTP  ? CLOCK_TRUST_NTP
                                                   : CLOCK_TRUST_AUTO;
    clock_trust_init(&w->trust, m, clock_is_simulated(), rtc_set_the_clock(), BUILD_UTC_S * 1000);
    w->word = CLOCK_UNSET;
    w->synchronised = false;
}

bool clock_watch_look(struct clock_watch *w, bool seen_synchronised, int64_t newest_utc_ms, int64_t *step_ms)
{
    w->synchronised = !clock_is_simulated() && kernel_synchronised();
    struct clock_look look = {.synchronised = w->synchronised,
                              .seen_synchronised = seen_synchronised,
                              .newest_utc_ms = newest_utc_ms};
    int64_t before;
    do { /* a thread held up between the two would see a step that never was */
        before = clock_wire_ns();
        look.mono_ms = clock_mono_ms();
        look.utc_ms = clock_utc_ms();
    } while (clock_wire_ns() - before > LOOK_NS);
    enum clock_word was = w->word;
    w->word = clock_trust_look(&w->trust, &look, step_ms);
    return w->word != was;
}
