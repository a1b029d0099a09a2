#include "tariff/findings.h"

#include <stdlib.h>

#include "core/rc.h"

static bool same_cause(const struct verify_event *a, const struct verify_event *b)
{
    return a->rule == b->rule && a->quantity == b->quantity && a->cause == b->cause && a->fall == b->fall;
}

static int grow(struct findings *f)
{
    if (f->n < f->room)
        return RC_OK;
    size_t room = f->room == 0 ? 16 : f->room * 2;
    struct finding *item = realloc(f->item, room * sizeof *item);
    if (item == NULL)
        return RC_NOMEM;
    f->item = item;
    f->room = room;
    return RC_OK;
}

int findings_add(struct findings *f, const struct verify_event *e)
{
    for (size_t i = f->n; i > 0; i--) { /* the newest causes repeat most */
        struct finding *x = &f->item[i - 1];
        if (!same_cause(&x->first, e))
            continue;
        x->count++;
        x->last_ts_utc_ms = e->ts_utc_ms;
        return RC_OK;
    }
    if (f->n == FINDINGS_MOST) {
        f->left_out++;
        return RC_OK;
    }
    int rc = grow(f);
    if (rc != RC_OK)
        return rc;
    struct finding *x = &f->item[f->n++];
    *x = (struct finding){
        .first = *e, .last_ts_utc_ms = e->ts_utc_ms, .count = 1, .settlement_after = VERIFY_ABSENT};
    x->before = *e->before;
    x->after = *e->after;
    if (e->after->settlement != NULL && quantity_is_settlement(e->quantity))
        x->settlement_after = e->after->settlement[e->quantity - Q_SETTLEMENT_FIRST];
    x->before.settlement = x->after.settlement = NULL;
    x->first.before = x->first.after = NULL; /* the list moves; ask finding.before and finding.after */
    return RC_OK;
}

void findings_done(struct findings *f)
{
    free(f->item);
    *f = (struct findings){0};
}

bool finding_is_reactive(const struct verify_event *e)
{
    if (quantity_is_settlement(e->quantity))
        return quantity_family_is_reactive(quantity_family(e->quantity));
    if (!quantity_is_energy(e->quantity))
        return false;
    return quantity_at((enum quantity_id)e->quantity)->unit[1] == 'v'; /* kvarh */
}
