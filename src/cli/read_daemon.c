/* read_daemon.c - asks, and makes readings of the answer. */
#include "cli/read_daemon.h"

#include <stdlib.h>
#include <string.h>
#include "cli/daemon_talk.h"
#include "config/settings.h"
#include "daemon/control_protocol.h"

#define WAIT_MS (CONTROL_READ_MS + 5000)

static enum quality quality_of(const char *name)
{
    for (int q = QUALITY_OK; q <= QUALITY_ESTIMATED; q++)
        if (strcmp(quality_name((enum quality)q), name) == 0)
            return (enum quality)q;
    return QUALITY_SUSPECT;
}

static struct reading *make_reading(const json_t *o, int klass)
{
    json_t *values = json_object_get(o, "values");
    struct reading *r = reading_new(json_object_size(values));
    if (r == NULL)
        return NULL;
    r->klass = (enum reg_class)klass;
    r->quality = quality_of(talk_text(o, "quality"));
    r->taken_utc_ms = talk_number(o, "ts_ms");
    r->window_ms = (uint32_t)talk_number(o, "window_ms");
    text_format(r->text, sizeof r->text, "%s", talk_text(o, "serial"));
    const char *name;
    json_t *value;
    json_object_foreach(values, name, value)
    {
        int q = quantity_find(name);
        if (q >= 0)
            reading_add(r, q, (int64_t)json_integer_value(value));
    }
    return r;
}

static int take_answer(const json_t *answer, struct read_view *out)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(answer, "readings"), i, item)
    {
        int c = reg_class_find(talk_text(item, "class"));
        if (c < 0 || out->readings[c] != NULL)
            continue;
        out->readings[c] = make_reading(item, c);
        if (out->readings[c] == NULL) {
            complain("read: cannot be shown: no memory");
            return EXIT_FAILED;
        }
    }
    json_array_foreach(json_object_get(answer, "missing"), i, item)
    {
        int c = reg_class_find(talk_text(item, "class"));
        if (c < 0 || out->n_lacks == Q_COUNT)
            continue;
        struct read_lack *l = &out->lacks[out->n_lacks++];
        *l = (struct read_lack){.quantity = quantity_find(talk_text(item, "quantity")),
                                .klass = (enum reg_class)c,
                                .rejected = talk_true(item, "rejected")};
        text_format(l->reason, sizeof l->reason, "%s", talk_text(item, "reason"));
    }
    return EXIT_DONE;
}

/* A misspelt meter deserves better than "unknown": the configuration usually knows its neighbours. */
static void complain_unknown(const struct cli_args *a, const char *meter, const char *why)
{
    struct settings *s;
    const char *near = NULL;
    if (settings_read(a->config, NULL, NULL, &s) != RC_OK) {
        complain("%s", why);
        return;
    }
    const char **names = settings_meter_find(s, meter) < 0 ? calloc(s->n_meters + 1, sizeof *names) : NULL;
    for (size_t i = 0; names != NULL && i < s->n_meters; i++)
        names[i] = s->meters[i].name;
    if (names != NULL)
        near = options_suggest(meter, names, s->n_meters);
    complain("%s%s%s%s", why, near != NULL ? ": did you mean " : "", near != NULL ? near : "",
             near != NULL ? "?" : "");
    free(names);
    settings_free(s);
}

int read_daemon(const struct cli_args *a, const char *meter, const int quantities[], size_t n,
                struct read_view *out)
{
    struct text_buf request = {.data = NULL};
    text_buf_add(&request, "\"request\":\"read\",\"meter\":");
    text_buf_add_json(&request, meter);
    for (size_t i = 0; i < n; i++)
        text_buf_addf(&request, "%s\"%s\"%s", i == 0 ? ",\"quantities\":[" : ",",
                      quantity_at((enum quantity_id)quantities[i])->name, i + 1 == n ? "]" : "");
    char why[TALK_WHY] = "read: cannot be asked: no memory";
    json_t *answer = NULL;
    int code = request.failed ? EXIT_FAILED : talk_ask(a, request.data, WAIT_MS, &answer, why);
    text_buf_done(&request);
    if (code == EXIT_USAGE)
        complain_unknown(a, meter, why);
    else if (code == EXIT_DONE && talk_part(answer, "readings", why) != NULL)
        code = take_answer(answer, out);
    else {
        complain("%s", why);
        code = code == EXIT_DONE ? EXIT_FAILED : code;
    }
    json_decref(answer);
    return code;
}
