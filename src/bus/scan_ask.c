/* scan_ask.c - one question to whoever may be there. */
#include "bus/scan_i.h"

#include "bus/wait.h"
#include "core/clock.h"
#include "core/rc.h"
#include "core/wire_time.h"

#define LOST_MOST 3 /* times that a line may be lost and come back in one scan */
#define NS_PER_MS INT64_C(1000000)

int scan_rest(struct scan *s)
{
    if (s->bus.kind == BUS_TCP)
        return RC_OK; /* a late answer shows by its id */
    int rc = wait_until(-1, s->stop_fd, clock_wire_ns() + s->bus.late_ms * NS_PER_MS);
    return rc == RC_STOPPED ? rc : RC_OK;
}

static bool was_found(const struct scan *s, uint8_t address)
{
    for (size_t i = 0; i < s->result->n; i++)
        if (s->result->finds[i].address == address && s->result->finds[i].setting == s->setting)
            return true;
    return false;
}

/* A frame of somebody else: the late answer of one we asked in vain, a second one of who was asked just
 * before, or the answer to another master. */
static void note_stranger(struct scan *s, uint8_t address)
{
    bool known = was_found(s, address);
    if (address == s->device->address || address < 1 || address > ADDRESS_MOST)
        return;
    if (address_set_has(&s->asked, address) && !known)
        address_set_add(&s->late, address);
    else if (!known || address != s->before)
        s->result->strange++;
}

static void note(struct scan *s, int rc, const struct exchange_reply *r)
{
    bool answered = rc == RC_OK || rc == RC_NOREG || rc == RC_REFUSED;
    s->device->asked++;
    s->device->damaged += rc == RC_BADFRAME && r->sent_ns != 0;
    s->noisy_row = r->noisy ? s->noisy_row + 1 : 0;
    for (unsigned i = 0; i < r->n_strangers; i++)
        note_stranger(s, r->strangers[i]);
    if (!answered || r->first_ns == 0)
        return;
    int64_t ns = r->first_ns - r->sent_ns - WIRE_REQUEST_CHARS * line_char_ns(s->line);
    uint32_t ms = ns > 0 ? (uint32_t)(ns / NS_PER_MS) : 0;
    if (ms > s->device->answer_ms)
        s->device->answer_ms = ms;
}

static int open_again(struct scan *s)
{
    char why[LINE_WHY];
    line_close(s->line);
    s->line = NULL;
    if (++s->lost > LOST_MOST)
        return RC_LINK;
    int rc = line_open(&s->bus, s->stop_fd, &s->line, why);
    return rc == RC_OK || rc == RC_STOPPED ? rc : RC_LINK;
}

int scan_ask(struct scan *s, const struct exchange_request *q, unsigned silences, struct exchange_reply *r)
{
    unsigned silent = 0, damaged = 0;
    for (;;) {
        int rc = exchange_run(s->line, q, r);
        note(s, rc, r);
        if (rc == RC_LINK) {
            rc = open_again(s);
            if (rc != RC_OK)
                return rc;
            rc = RC_NOANSWER;
        }
        if (rc != RC_NOANSWER && rc != RC_REFUSED && rc != RC_BADFRAME)
            return rc;
        if (r->noisy || (rc != RC_BADFRAME && ++silent >= silences) ||
            (rc == RC_BADFRAME && ++damaged >= SCAN_DAMAGES))
            return rc;
        rc = scan_rest(s);
        if (rc != RC_OK)
            return rc;
    }
}
