/* scan_json.c - what a scan found, for programs. */
#include "cli/scan_view.h"

static void add_json_setting(const struct scan_args *s, size_t setting, struct text_buf *out)
{
    const struct scan_setting *t = &s->order.settings[setting];
    if (s->order.bus.kind == BUS_TCP)
        text_buf_add(out, "\"baud\":null,\"parity\":null,\"stop_bits\":null");
    else
        text_buf_addf(out, "\"baud\":%u,\"parity\":\"%s\",\"stop_bits\":%u", t->baud, scan_parity_word(t),
                      t->stop_bits);
}

static void add_json_find(const struct scan_args *s, const struct scan_find *f, struct text_buf *out)
{
    static const char *const kinds[] = {[SCAN_METER] = "meter",
                                        [SCAN_UNKNOWN] = "unknown",
                                        [SCAN_CLASH] = "clash",
                                        [SCAN_DAMAGED] = "damaged"};
    text_buf_addf(out, "{\"address\":%u,", f->address);
    add_json_setting(s, f->setting, out);
    text_buf_addf(out, ",\"kind\":\"%s\",\"model\":", kinds[f->kind]);
    if (f->kind == SCAN_METER)
        text_buf_add_json(out, f->model->name);
    else
        text_buf_add(out, "null");
    text_buf_add(out, ",\"or\":[");
    for (size_t i = 0; i < f->n_alike; i++) {
        text_buf_add(out, i > 0 ? "," : "");
        text_buf_add_json(out, f->alike[i]->name);
    }
    text_buf_add(out, "],\"serial\":");
    if (f->serial[0] != '\0')
        text_buf_add_json(out, f->serial);
    else
        text_buf_add(out, "null");
    if (f->kind != SCAN_DAMAGED)
        text_buf_addf(out, ",\"coils\":[\"%s\",\"%s\"]", scan_coil_word(f->coil[0]),
                      scan_coil_word(f->coil[1]));
    else
        text_buf_add(out, ",\"coils\":null");
    text_buf_addf(out, ",\"answer_ms\":%u,\"asked\":%u,\"damaged\":%u,\"why\":", f->answer_ms, f->asked,
                  f->damaged);
    text_buf_add_json(out, f->why);
    text_buf_add(out, "}");
}

void scan_view_json(const struct scan_args *s, const struct scan_result *r, struct text_buf *out)
{
    text_buf_add(out, "{\"device\":");
    text_buf_add_json(out, s->device);
    text_buf_addf(out, ",\"stopped\":%s,\"strange\":%u,\"tried\":[", r->stopped ? "true" : "false",
                  r->strange);
    const char *comma = "";
    for (size_t i = 0; i < s->order.n_settings; i++) {
        const struct scan_tried *t = &r->tried[i];
        if (t->asked == 0 && t->skipped[0] == '\0')
            continue;
        text_buf_addf(out, "%s{", comma);
        add_json_setting(s, i, out);
        text_buf_addf(out, ",\"asked\":%zu,\"answered\":%zu,\"skipped\":", t->asked, t->answered);
        text_buf_add_json(out, t->skipped);
        text_buf_add(out, "}");
        comma = ",";
    }
    text_buf_add(out, "],\"found\":[");
    for (size_t i = 0; i < r->n; i++) {
        text_buf_add(out, i > 0 ? "," : "");
        add_json_find(s, &r->finds[i], out);
    }
    text_buf_add(out, "]}\n");
}
