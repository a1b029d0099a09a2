/* handover.c - notices by name and place. */
#include "daemon/handover.h"

#include <stdlib.h>
#include <string.h>

struct handover {
    const struct settings *before;
    struct board_meter *meters; /* by before->meters */
};

struct handover *handover_new(const struct settings *before, struct board *board)
{
    struct handover *h = calloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    h->before = before;
    h->meters = calloc(before->n_meters + 1, sizeof *h->meters);
    if (h->meters == NULL) {
        free(h);
        return NULL;
    }
    for (size_t i = 0; i < before->n_meters; i++)
        board_get_meter(board, i, &h->meters[i]);
    return h;
}

void handover_free(struct handover *h)
{
    if (h == NULL)
        return;
    free(h->meters);
    free(h);
}

static bool same(const struct settings *a, size_t i, const struct settings *b, size_t k)
{
    const struct settings_meter *m = &a->meters[i], *n = &b->meters[k];
    return m->address == n->address && strcmp(m->name, n->name) == 0 &&
           strcmp(m->model->name, n->model->name) == 0 &&
           strcmp(a->buses[m->bus].name, b->buses[n->bus].name) == 0;
}

static void carry(const struct board_meter *from, struct board *board, size_t to)
{
    struct board_meter m = *from;
    m.wire = (struct wire_counters){0};
    m.rejected = (struct reject_counters){0};
    m.wire_ns = 0;
    m.rtt_p50_ms = m.rtt_p99_ms = 0;
    board_set_meter(board, to, &m);
}

void handover_apply(const struct handover *h, const struct settings *after, struct board *board)
{
    if (h == NULL)
        return;
    size_t guess = 0; /* most sites change little: the next one is where it was */
    for (size_t k = 0; k < after->n_meters; k++)
        for (size_t step = 0; step < h->before->n_meters; step++) {
            size_t i = (guess + step) % h->before->n_meters;
            if (!same(h->before, i, after, k))
                continue;
            carry(&h->meters[i], board, k);
            guess = i + 1;
            break;
        }
}
