/* read_raw_view.c - hex, and four ways to read it. */
#include "cli/read_raw_view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "core/decode.h"
#include "core/rc.h"

#define BYTES_A_LINE 22
#define NS_PER_MS    1e6

static const char *const orders[] = {
    [WORD_ABCD] = "abcd", [WORD_CDAB] = "cdab", [WORD_BADC] = "badc", [WORD_DCBA] = "dcba"};

void raw_view_float(float f, char out[RAW_FLOAT])
{
    int digits = 1;
    do /* "d.ddde±xx" */
        text_format(out, RAW_FLOAT, "%.*e", digits - 1, (double)f);
    while (strtof(out, NULL) != f && digits++ < 9);
    const char *e = strchr(out, 'e');
    long exponent = e != NULL ? strtol(e + 1, NULL, 10) : 0;
    int decimals = digits - 1 - (int)exponent;
    if (e != NULL && exponent >= -5 && exponent <= 9) /* as people write it */
        text_format(out, RAW_FLOAT, "%.*f", decimals > 0 ? decimals : 0, (double)f);
}

static const struct reg *reg_at(const struct regmap *m, unsigned address)
{
    for (size_t i = 0; m != NULL && i < m->n_regs; i++)
        if (m->regs[i].address == address)
            return &m->regs[i];
    return NULL;
}

static void add_bytes(struct text_buf *out, const struct trace_frame *f, const char *between)
{
    for (unsigned i = 0; i < f->len; i++) {
        if (i > 0)
            text_buf_add(out, i % BYTES_A_LINE == 0 && between[0] != '\0' ? "\n             " : between);
        text_buf_addf(out, "%02X", f->bytes[i]);
    }
}

static void add_frame(struct text_buf *out, const struct trace_frame *f)
{
    static const char *const words[] = {[TRACE_REQUEST] = "sent",
                                        [TRACE_REPLY] = "received",
                                        [TRACE_DROPPED] = "dropped",
                                        [TRACE_SILENCE] = "silence",
                                        [TRACE_REFUSED] = "received"};
    text_buf_addf(out, "  %-9s  ", words[f->kind]);
    add_bytes(out, f, " ");
    if (f->kind == TRACE_REQUEST) {
        text_buf_add(out, "\n");
        return;
    }
    text_buf_addf(out, "%s%.1f ms%s%s\n", f->len > 0 ? "\n             after " : "nothing more after ",
                  (double)f->turnaround_ns / NS_PER_MS, f->why != TRACE_FINE ? ": " : "",
                  f->why != TRACE_FINE ? trace_why_text(f->why) : "");
}

static void add_pair(struct text_buf *out, const struct raw_view *v, const uint16_t *w, const struct reg *r)
{
    bool wide =
        r != NULL && r->len_regs == 2 && (r->type == REG_F32 || r->type == REG_U32 || r->type == REG_S32);
    for (int o = WORD_ABCD; o <= WORD_DCBA; o++) {
        uint32_t bits = decode_word32(w, (enum word_order)o);
        char real[RAW_FLOAT];
        float f;
        memcpy(&f, &bits, sizeof f);
        raw_view_float(f, real);
        text_buf_addf(out, "    %s  f32 %-15s u32 %-10" PRIu32 " s32 %" PRId32, orders[o], real, bits,
                      (int32_t)bits);
        if (wide && v->model->word_order == (enum word_order)o)
            text_buf_addf(out, "  <- %s %s", reg_type_name((enum reg_type)r->type), v->model->name);
        text_buf_add(out, "\n");
    }
}

/* One value of the map, or two registers of which nothing is known; gives how many registers it showed. */
static unsigned add_value(struct text_buf *out, const struct raw_view *v, const struct raw_read *read,
                          unsigned at)
{
    unsigned address = read->span.address + at, left = read->span.len_regs - at, n = left < 2 ? left : 2;
    const struct reg *r = reg_at(v->model, address);
    if (r != NULL)
        n = r->len_regs < left ? r->len_regs : left;
    else if (n == 2 && reg_at(v->model, address + 1) != NULL)
        n = 1;
    text_buf_addf(out, "  0x%04X  ", address);
    for (unsigned i = 0; i < n; i++)
        text_buf_addf(out, "%04X ", read->regs[at + i]);
    for (unsigned i = 0; i < n && n <= 2; i++)
        text_buf_addf(out, " u16 %u", read->regs[at + i]);
    if (n == 1 && read->regs[at] > INT16_MAX)
        text_buf_addf(out, " s16 %d", (int16_t)read->regs[at]);
    if (r != NULL)
        text_buf_addf(out, "  %s", quantity_at((enum quantity_id)r->quantity)->name);
    text_buf_add(out, "\n");
    if (n == 2)
        add_pair(out, v, &read->regs[at], r);
    return n;
}

static void add_outcome(struct text_buf *out, const struct raw_view *v, const struct raw_read *r)
{
    if (r->rc == RC_OK && r->function == EXCHANGE_READ_COILS)
        text_buf_addf(out, "  the coil is %s\n", r->coil_closed ? "closed" : "open");
    for (unsigned at = 0; r->rc == RC_OK && r->function == EXCHANGE_READ_REGISTERS && at < r->span.len_regs;)
        at += add_value(out, v, r, at);
    if (r->rc == RC_STOPPED)
        text_buf_add(out, "  not asked\n");
    else if (r->exception != 0)
        text_buf_addf(out, "  the meter says exception %u: %s\n", r->exception, rc_text(r->rc));
    else if (r->rc != RC_OK)
        text_buf_addf(out, "  %s\n", rc_text(r->rc));
}

void raw_view_text(const struct raw_view *v, struct text_buf *out)
{
    text_buf_addf(out, "%s address %u", v->device, v->address);
    if (v->bus->kind == BUS_SERIAL)
        text_buf_addf(out, ", %u 8%c%u", v->bus->baud, v->bus->parity, v->bus->stop_bits);
    text_buf_add(out, "\n");
    for (size_t i = 0; i < v->n; i++) {
        const struct raw_read *r = &v->reads[i];
        bool coil = r->function == EXCHANGE_READ_COILS;
        text_buf_addf(out, "\nFC%02u 0x%04X, %u %s\n", r->function, r->span.address, r->span.len_regs,
                      coil                    ? "coil"
                      : r->span.len_regs == 1 ? "register"
                                              : "registers");
        for (size_t k = 0; k < r->n_frames; k++)
            add_frame(out, &r->frames[k]);
        if (r->more_frames > 0)
            text_buf_addf(out, "  and %u frames more\n", r->more_frames);
        add_outcome(out, v, r);
    }
}

static void add_json_read(struct text_buf *out, const struct raw_read *r)
{
    text_buf_addf(out,
                  "{\"function\":%u,\"register\":%u,\"count\":%u,\"exception\":%u,\"error\":", r->function,
                  r->span.address, r->span.len_regs, r->exception);
    if (r->rc == RC_OK)
        text_buf_add(out, "null");
    else
        text_buf_add_json(out, r->rc == RC_STOPPED ? "not asked" : rc_text(r->rc));
    text_buf_add(out, ",\"frames\":[");
    for (size_t k = 0; k < r->n_frames; k++) {
        const struct trace_frame *f = &r->frames[k];
        text_buf_addf(out, "%s{\"kind\":\"%s\",\"why\":\"%s\",\"ms\":%.1f,\"bytes\":\"", k > 0 ? "," : "",
                      trace_kind_name(f->kind), trace_why_text(f->why), (double)f->turnaround_ns / NS_PER_MS);
        add_bytes(out, f, "");
        text_buf_add(out, "\"}");
    }
    text_buf_add(out, "],\"registers\":[");
    for (unsigned i = 0; r->rc == RC_OK && r->function == EXCHANGE_READ_REGISTERS && i < r->span.len_regs;
         i++)
        text_buf_addf(out, "%s\"%04X\"", i > 0 ? "," : "", r->regs[i]);
    if (r->rc == RC_OK && r->function == EXCHANGE_READ_COILS)
        text_buf_addf(out, "],\"coil\":\"%s\"}", r->coil_closed ? "closed" : "open");
    else
        text_buf_add(out, "],\"coil\":null}");
}

void raw_view_json(const struct raw_view *v, struct text_buf *out)
{
    text_buf_add(out, "{\"device\":");
    text_buf_add_json(out, v->device);
    text_buf_addf(out, ",\"address\":%u,\"reads\":[", v->address);
    for (size_t i = 0; i < v->n; i++) {
        text_buf_add(out, i > 0 ? "," : "");
        add_json_read(out, &v->reads[i]);
    }
    text_buf_add(out, "]}\n");
}
