/* relay_answer.c - what the house says to somebody who wants a relay switched, or frames shown. */
#include <pwd.h>
#include <string.h>
#include "core/rc.h"
#include "daemon/house_inside.h"
#include "daemon/relay_rules.h"

/* "operator (uid 1000)": a name can change hands, a number says what the kernel saw. */
static void name_of(uid_t uid, char who[RELAY_WHO])
{
    char room[4096];
    struct passwd p, *found = NULL;
    if (getpwuid_r(uid, &p, room, sizeof room, &found) == 0 && found != NULL)
        text_format(who, RELAY_WHO, "%.60s (uid %u)", p.pw_name, (unsigned)uid);
    else
        text_format(who, RELAY_WHO, "uid %u", (unsigned)uid);
}

static void add_text(struct text_buf *out, const char *key, const char *text)
{
    text_buf_addf(out, ",\"%s\":", key);
    text_buf_add_json(out, text);
}

static void write_result(struct text_buf *out, const char *meter, const char *id,
                         const struct relay_result *r)
{
    char ts[TEXT_TS_SIZE];
    const char *state = relay_state_name(r->state);
    text_from_utc_ms(r->ts_utc_ms, ts);
    text_buf_addf(out, "{\"version\":%d,\"ok\":true,\"relay\":{\"meter\":", CONTROL_VERSION);
    text_buf_add_json(out, meter);
    if (id[0] != '\0')
        add_text(out, "id", id);
    text_buf_addf(out, ",\"ok\":%s", r->ok ? "true" : "false");
    if (state != NULL)
        add_text(out, "state", state);
    if (!r->ok) {
        add_text(out, "error", r->error);
        add_text(out, "detail", r->detail);
    }
    add_text(out, "ts", ts);
    text_buf_add(out, "}}\n");
}

void house_relay(struct house *h, const struct control_request *q, struct text_buf *out)
{
    char why[CONTROL_WHY], who[RELAY_WHO], id[RELAY_COMMAND];
    struct relay_result result;
    int meter = settings_meter_find(h->settings, q->meter);
    if (meter < 0) {
        text_format(why, sizeof why, "%s: unknown meter", q->meter);
        control_write_error(out, CONTROL_UNKNOWN, why);
        return;
    }
    name_of(q->uid, who);
    relay_desk_ask(h->desk, (size_t)meter, q->close, who, id, &result);
    write_result(out, q->meter, id, &result);
}

struct trace_ear *house_listen(struct house *h, const struct control_request *q, struct text_buf *out)
{
    char why[CONTROL_WHY];
    int bus = settings_bus_find(h->settings, q->meter);
    if (bus < 0) {
        text_format(why, sizeof why, "%s: unknown bus", q->meter);
        control_write_error(out, CONTROL_UNKNOWN, why);
        return NULL;
    }
    struct trace_ear *ear = bus_worker_listen(h->buses[bus]);
    if (ear == NULL)
        control_write_error(out, CONTROL_BUSY, "too many look at frames already");
    return ear;
}
