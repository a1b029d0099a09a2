#include "publish/info.h"
#include <inttypes.h>
#include <string.h>

static void add_member(struct text_buf *out, const char *name, const char *value)
{
    text_buf_add(out, name);
    text_buf_add_json(out, value);
}

void info_payload(struct text_buf *out, const struct info *i)
{
    char ts[TEXT_TS_SIZE];
    text_from_utc_ms(i->ts_utc_ms, ts);
    add_member(out, "{\"ts\":", ts);
    add_member(out, ",\"version\":", i->version);
    add_member(out, ",\"config\":", i->config_sha256);
    text_buf_add(out, ",\"buses\":{");
    for (size_t b = 0; b < i->n_buses; b++) {
        if (b > 0)
            text_buf_add(out, ",");
        text_buf_add_json(out, i->buses[b].name);
        add_member(out, ":", i->buses[b].status);
    }
    text_buf_addf(out, "},\"meters\":%zu", i->meters);
    add_member(out, ",\"clock\":", i->clock);
    if (i->ledger != NULL) {
        add_member(out, ",\"ledger\":", i->ledger);
        text_buf_addf(out, ",\"last_seq\":%" PRIu64 ",\"acked_seq\":%" PRIu64, i->last_seq, i->acked_seq);
    }
    text_buf_addf(out, ",\"database_bytes\":%" PRIu64 "}", i->database_bytes);
}

/* FNV-1a, with the closing NUL so that "a","bc" and "ab","c" differ. */
static uint64_t mix(uint64_t h, const char *s)
{
    if (s == NULL)
        s = "";
    for (size_t n = strlen(s) + 1; n > 0; n--, s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
    return h;
}

uint64_t info_face(const struct info *i)
{
    uint64_t h = UINT64_C(14695981039346656037);
    h = mix(h, i->version);
    h = mix(h, i->config_sha256);
    h = mix(h, i->clock);
    h = mix(h, i->ledger);
    for (size_t b = 0; b < i->n_buses; b++) {
        h = mix(h, i->buses[b].name);
        h = mix(h, i->buses[b].status);
    }
    return h ^ i->meters;
}

void info_pace_reset(struct info_pace *p)
{
    memset(p, 0, sizeof *p);
}

bool info_due(struct info_pace *p, const struct info *i, int64_t now_ms)
{
    if (!p->said || info_face(i) != p->face)
        return true;
    const int64_t age_ms = now_ms - p->said_ms;
    if (i->last_seq == p->last_seq && i->acked_seq == p->acked_seq)
        return age_ms >= INFO_QUIET_MS;
    if (p->moved_ms == 0)
        p->moved_ms = now_ms;
    return age_ms >= INFO_MOVING_MS && now_ms - p->moved_ms >= INFO_SETTLE_MS;
}

void info_said(struct info_pace *p, const struct info *i, int64_t now_ms)
{
    *p = (struct info_pace){.said = true,
                            .face = info_face(i),
                            .last_seq = i->last_seq,
                            .acked_seq = i->acked_seq,
                            .said_ms = now_ms};
}
