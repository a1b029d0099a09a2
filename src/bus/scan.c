/* scan.c - settings, addresses, and those that answered late. */
#include "bus/scan_i.h"

#include <stdlib.h>
#include <string.h>
#include "bus/pipe_guard.h"
#include "bus/wait.h"
#include "core/rc.h"
#include "core/wire_time.h"

#define LATE_TIMEOUT_MS 2000 /* for a device that was heard after its time was over */
#define NOISY_MOST      2    /* times in a row that the line is never silent: somebody talks all the time */

/* What a silent address costs. */
static int64_t silent_ns(const struct scan_order *o, const struct scan_setting *t)
{
    int64_t tries = 1 + (int64_t)o->retries, once = o->bus.timeout_ms * INT64_C(1000000);
    if (o->bus.kind != BUS_TCP)
        once += (WIRE_REQUEST_CHARS + (int64_t)wire_reply_chars(3, 1)) *
                    wire_char_ns(t->baud, t->parity, t->stop_bits) +
                wire_silence_ns(t->baud, t->parity, t->stop_bits);
    int64_t rests = o->bus.kind == BUS_TCP ? 0 : o->retries * (int64_t)o->bus.late_ms * 1000000;
    return tries * once + rests;
}

int64_t scan_most_ns(const struct scan_order *o)
{
    int64_t ns = 0;
    for (size_t i = 0; i < o->n_settings; i++)
        ns += silent_ns(o, &o->settings[i]) * (int64_t)address_set_count(&o->addresses);
    return ns;
}

static bool anybody(const struct scan_result *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->finds[i].kind != SCAN_DAMAGED)
            return true;
    return false;
}

/* It has answered at this speed, whatever the format: nothing new is to be learned of it. */
static bool known_at_speed(const struct scan *s, unsigned address, uint32_t baud)
{
    for (size_t i = 0; i < s->result->n; i++) {
        const struct scan_find *f = &s->result->finds[i];
        if (f->address == address && f->kind != SCAN_DAMAGED && s->order->settings[f->setting].baud == baud)
            return true;
    }
    return false;
}

static struct address_set to_ask(const struct scan *s, size_t setting)
{
    struct address_set set = {{0}};
    for (unsigned a = 1; a <= ADDRESS_MOST; a++)
        if (address_set_has(&s->order->addresses, a) &&
            !known_at_speed(s, a, s->order->settings[setting].baud))
            address_set_add(&set, a);
    return set;
}

/* What the settings after this one cost, if nobody else answers. */
static int64_t behind_ns(const struct scan *s)
{
    int64_t ns = 0;
    for (size_t i = s->setting + 1; i < s->order->n_settings; i++) {
        if (i >= s->order->n_sure && anybody(s->result))
            break;
        const struct address_set set = to_ask(s, i);
        ns += silent_ns(s->order, &s->order->settings[i]) * (int64_t)address_set_count(&set);
    }
    return ns;
}

static void tell(struct scan *s, struct scan_event e)
{
    e.setting = s->setting;
    e.left_ns = s->left_ns + behind_ns(s);
    if (s->order->tell != NULL)
        s->order->tell(s->order->arg, &e);
}

int scan_add(struct scan *s, const struct scan_find *f)
{
    struct scan_result *r = s->result;
    struct scan_find *finds = realloc(r->finds, (r->n + 1) * sizeof *finds);
    if (finds == NULL)
        return RC_NOMEM;
    r->finds = finds;
    finds[r->n++] = *f;
    r->tried[s->setting].answered += f->kind != SCAN_DAMAGED;
    tell(s, (struct scan_event){.kind = SCAN_FOUND, .address = f->address, .find = f});
    return RC_OK;
}

static void apply(struct scan *s, uint32_t timeout_ms)
{
    const struct scan_setting *t = &s->order->settings[s->setting];
    s->bus.baud = t->baud;
    s->bus.parity = t->parity;
    s->bus.stop_bits = t->stop_bits;
    s->bus.timeout_ms = timeout_ms;
}

/* RC_RANGE: the device cannot do this setting. */
static int tune(struct scan *s, uint32_t timeout_ms, char why[LINE_WHY])
{
    apply(s, timeout_ms);
    if (s->line == NULL)
        return line_open(&s->bus, s->stop_fd, &s->line, why);
    return line_retune(s->line, &s->bus, why);
}

static int ask_all(struct scan *s, const struct address_set *set)
{
    int64_t cost_ns = silent_ns(s->order, &s->order->settings[s->setting]);
    struct scan_tried *t = &s->result->tried[s->setting];
    for (unsigned a = 1; a <= ADDRESS_MOST; a++) {
        if (!address_set_has(set, a))
            continue;
        int rc = scan_device(s, (uint8_t)a);
        s->left_ns -= cost_ns;
        if (rc != RC_OK)
            return rc;
        t->asked++;
        tell(s, (struct scan_event){.kind = SCAN_ASKED, .address = (uint8_t)a});
        if (s->noisy_row >= NOISY_MOST) {
            text_format(t->skipped, sizeof t->skipped,
                        "the line is never silent: somebody talks all the time");
            return RC_OK;
        }
    }
    return RC_OK;
}

/* Those whose answers came after their time was over. */
static int ask_late(struct scan *s)
{
    struct address_set late = s->late;
    char why[LINE_WHY];
    if (address_set_count(&late) == 0 || s->bus.timeout_ms >= LATE_TIMEOUT_MS)
        return RC_OK;
    int rc = tune(s, LATE_TIMEOUT_MS, why);
    for (unsigned a = 1; a <= ADDRESS_MOST && rc == RC_OK; a++)
        if (address_set_has(&late, a))
            rc = scan_device(s, (uint8_t)a);
    return rc;
}

static int try_setting(struct scan *s, char why[LINE_WHY])
{
    struct scan_tried *t = &s->result->tried[s->setting];
    const struct address_set set = to_ask(s, s->setting);
    int rc = tune(s, s->order->bus.timeout_ms, why);
    if (rc == RC_RANGE) {
        text_format(t->skipped, sizeof t->skipped, "%s", why);
        rc = RC_OK;
    } else if (rc == RC_OK) {
        memset(&s->asked, 0, sizeof s->asked);
        memset(&s->late, 0, sizeof s->late);
        s->before = 0;
        s->noisy_row = 0;
        s->left_ns = silent_ns(s->order, &s->order->settings[s->setting]) * (int64_t)address_set_count(&set);
        tell(s, (struct scan_event){.kind = SCAN_BEGINS, .to_ask = address_set_count(&set)});
        rc = ask_all(s, &set);
        if (rc == RC_OK)
            rc = ask_late(s);
        if (rc == RC_LINK && s->line == NULL)
            text_format(why, LINE_WHY, "the line was lost");
    }
    if (rc == RC_OK) {
        s->left_ns = 0;
        tell(s, (struct scan_event){.kind = SCAN_ENDS, .tried = t});
    }
    return rc;
}

/* What came damaged in one format and whole in another was only the wrong format; damage is told once. */
static void drop_explained(struct scan_result *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct scan_find *f = &r->finds[i];
        bool explained = false;
        for (size_t k = 0; k < r->n && f->kind == SCAN_DAMAGED; k++)
            explained = explained ||
                        ((k < kept || r->finds[k].kind != SCAN_DAMAGED) && r->finds[k].address == f->address);
        if (!explained)
            r->finds[kept++] = *f;
    }
    r->n = kept;
}

int scan_run(const struct scan_order *o, int stop_fd, struct scan_result *out, char why[LINE_WHY])
{
    struct pipe_guard guard;
    why[0] = '\0';
    memset(out, 0, sizeof *out);
    struct scan *s = calloc(1, sizeof *s);
    out->tried = calloc(o->n_settings, sizeof out->tried[0]);
    if (s == NULL || out->tried == NULL) {
        free(s);
        return RC_NOMEM;
    }
    s->order = o;
    s->result = out;
    s->bus = o->bus;
    s->stop_fd = stop_fd;
    pipe_guard_set(&guard);
    wait_be_exact();
    int rc = RC_OK;
    for (; s->setting < o->n_settings && rc == RC_OK; s->setting++) {
        if (s->setting >= o->n_sure && anybody(out))
            break;
        rc = try_setting(s, why);
    }
    line_close(s->line);
    pipe_guard_lift(&guard);
    free(s);
    drop_explained(out);
    out->stopped = rc == RC_STOPPED;
    return rc == RC_STOPPED ? RC_OK : rc;
}

void scan_result_done(struct scan_result *r)
{
    free(r->finds);
    free(r->tried);
    memset(r, 0, sizeof *r);
}
