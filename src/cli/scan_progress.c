/* scan_progress.c - one line that is drawn again and again, or lines that stay. */
#include "cli/scan_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>
#include "cli/human.h"
#include "core/clock.h"

#define BAR_WIDTH  20
#define REDRAW_NS  INT64_C(100000000)
#define NS_PER_MS  INT64_C(1000000)
#define CLEAR_LINE "\r\033[K"

/* Whole seconds, rounded up: it is a promise. */
static void span_up(int64_t ns, char out[HUMAN_SIZE])
{
    human_span((ns / NS_PER_MS + 999) / 1000 * 1000, out);
}

static void wipe(struct scan_progress *p)
{
    if (p->drawn)
        fputs(CLEAR_LINE, stderr);
    p->drawn = false;
}

static void draw(struct scan_progress *p, const struct scan_event *e)
{
    int64_t now_ns = clock_wire_ns(), done_ns = now_ns - p->began_ns;
    char setting[SCAN_SETTING_TEXT], left[HUMAN_SIZE], bar[BAR_WIDTH + 1];
    if (p->drawn && now_ns - p->drawn_ns < REDRAW_NS)
        return;
    int64_t whole_ns = done_ns + e->left_ns;
    int filled = whole_ns > 0 ? (int)(done_ns * BAR_WIDTH / whole_ns) : BAR_WIDTH;
    for (int i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    scan_setting_text(p->order, e->setting, setting);
    span_up(e->left_ns, left);
    fprintf(stderr, CLEAR_LINE "[%s] %s address %u: %zu found, up to %s left", bar, setting, e->address,
            p->found, left);
    fflush(stderr);
    p->drawn = true;
    p->drawn_ns = now_ns;
}

static void say_find(struct scan_progress *p, const struct scan_event *e)
{
    char setting[SCAN_SETTING_TEXT];
    struct text_buf text = {.data = NULL};
    scan_setting_text(p->order, e->setting, setting);
    scan_find_text(e->find, &text);
    if (!text.failed)
        fprintf(stderr, "%s address %u: %s\n", setting, e->find->address, text.data);
    text_buf_done(&text);
}

static void say_end(struct scan_progress *p, const struct scan_event *e)
{
    char setting[SCAN_SETTING_TEXT], left[HUMAN_SIZE];
    scan_setting_text(p->order, e->setting, setting);
    span_up(e->left_ns, left);
    if (e->tried->skipped[0] != '\0')
        fprintf(stderr, "%s: skipped: %s\n", setting, e->tried->skipped);
    else
        fprintf(stderr, "%s: %zu of %zu %s answered\n", setting, e->tried->answered, e->tried->asked,
                e->tried->asked == 1 ? "address" : "addresses");
    bool news = p->found > p->told;
    p->told = p->found;
    if (news && e->left_ns > 0)
        fprintf(stderr, "the other settings take up to %s; Ctrl-C ends here and prints what was found\n",
                left);
}

void scan_progress_begin(struct scan_progress *p, const struct scan_order *o, const char *device)
{
    char left[HUMAN_SIZE], first[HUMAN_SIZE];
    struct scan_order sure = *o;
    sure.n_settings = o->n_sure;
    *p = (struct scan_progress){.order = o, .bar = isatty(STDERR_FILENO) == 1, .began_ns = clock_wire_ns()};
    span_up(scan_most_ns(o), left);
    span_up(scan_most_ns(&sure), first);
    fprintf(stderr, "%s: %zu %s, %zu %s: up to %s", device, address_set_count(&o->addresses),
            address_set_count(&o->addresses) == 1 ? "address" : "addresses", o->n_sure,
            o->n_sure == 1 ? "setting" : "settings", first);
    if (o->n_sure < o->n_settings)
        fprintf(stderr, "; %zu more if nobody answers: up to %s in all", o->n_settings - o->n_sure, left);
    fputs("\n", stderr);
}

void scan_progress_tell(void *arg, const struct scan_event *e)
{
    struct scan_progress *p = arg;
    switch (e->kind) {
    case SCAN_BEGINS:
        break;
    case SCAN_ASKED:
        if (p->bar)
            draw(p, e);
        break;
    case SCAN_FOUND:
        p->found += e->find->kind != SCAN_DAMAGED;
        wipe(p);
        say_find(p, e);
        break;
    case SCAN_ENDS:
        wipe(p);
        say_end(p, e);
        break;
    }
}

void scan_progress_end(struct scan_progress *p)
{
    wipe(p);
    fflush(stderr);
}
