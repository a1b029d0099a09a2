#include "tariff/learn.h"

#include <stdlib.h>

#include "core/rc.h"
#include "core/text.h"
#include "tariff/learn_parts.h"

#define ONCE 2 /* a register that jumps moves once or twice where it may not */

static bool has_tables(const struct tariff *t)
{
    for (size_t set = 0; set < 2; set++)
        for (size_t n = 0; n < TARIFF_TABLES; n++)
            if (t->tables[set][n].n > 0)
                return true;
    return false;
}

static size_t forbidden_in(const struct evidence_list *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        n += l->piece[i].forbidden != 0;
    return n;
}

/* Is it the registers that are wrong, not clock or tables? Then what they did once teaches nothing. */
static bool register_fault(const struct diagnosis_list *d, size_t forbidden)
{
    for (size_t i = 0; i < d->n && forbidden <= ONCE; i++)
        if (d->item[i].code == DIAG_REGISTER_JUMP || d->item[i].code == DIAG_SUM_BROKEN)
            return true;
    return false;
}

static int without_forbidden(const struct evidence_list *l, struct evidence_list *out)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->piece[i].forbidden == 0 &&
            !evidence_add(out, l->piece[i].lo_utc_ms, l->piece[i].lo_utc_ms + l->piece[i].length_ms,
                          l->piece[i].rates, 0))
            return RC_NOMEM;
    return RC_OK;
}

static int learn_from(const struct tariff *t, const struct evidence_list *l, const struct diagnosis_list *d,
                      struct learned *out)
{
    out->configured = has_tables(t);
    out->as_configured = out->configured && forbidden_in(l) == 0;
    int rc = learn_days_sort(t, l, &out->days);
    if (rc != RC_OK)
        return rc;
    out->table = calloc(out->days.n_groups > 0 ? out->days.n_groups : 1, sizeof *out->table);
    if (out->table == NULL)
        return RC_NOMEM;
    learn_tables(t, l, out);
    rc = learn_proposal(t, l, out);
    out->proposes = has_tables(&out->proposal);
    if (rc == RC_OK)
        learn_differences(t, d, out);
    return rc;
}

int learn_make(const struct tariff *t, const struct evidence_list *evidence,
               const struct diagnosis_list *diagnoses, struct learned **out)
{
    struct evidence_list kept = {0};
    struct learned *l = calloc(1, sizeof *l);
    if (l == NULL)
        return RC_NOMEM;
    int rc = RC_OK;
    if (register_fault(diagnoses, forbidden_in(evidence))) {
        rc = without_forbidden(evidence, &kept);
        if (rc == RC_OK)
            rc = learn_from(t, &kept, diagnoses, l);
    } else {
        rc = learn_from(t, evidence, diagnoses, l);
    }
    evidence_done(&kept);
    if (rc == RC_OK)
        *out = l;
    else
        learn_free(l);
    return rc;
}

void learn_free(struct learned *l)
{
    if (l == NULL)
        return;
    learn_days_done(&l->days);
    free(l->table);
    tariff_done(&l->proposal);
    free(l);
}

static void add_date(struct text_buf *out, int64_t day)
{
    int64_t year;
    unsigned month, mday;
    text_civil_from_days(day, &year, &month, &mday);
    text_buf_addf(out, "%04d-%02u-%02u", (int)year, month, mday);
}

void learn_which(const struct learn_days *d, size_t group, char out[LEARN_WHICH])
{
    static const char *const names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    unsigned inside = 0, outside = 0, count = 0, between = 0;
    int64_t first = 0, last = 0;
    struct text_buf text = {0};
    for (size_t i = 0; i < d->n; i++) {
        const struct learn_day *day = &d->day[i];
        if (day->group != group)
            continue;
        first = count++ == 0 ? day->day : first;
        last = day->day;
        inside |= 1u << learn_weekday(day->day);
    }
    for (size_t i = 0; i < d->n; i++) {
        const struct learn_day *day = &d->day[i];
        if (day->group == group || day->day < first || day->day > last)
            continue;
        between++;
        outside |= 1u << learn_weekday(day->day);
    }
    if (count > 1 && between > 0 && (inside & outside) == 0)
        for (unsigned w = 0; w < 7; w++)
            if ((inside >> w & 1u) != 0)
                text_buf_addf(&text, "%s%s", text.len == 0 ? "" : ", ", names[w]);
    if (text.len > 0)
        text_buf_add(&text, ", ");
    if (count > 2 && between > 0 && (inside & outside) != 0)
        text_buf_addf(&text, "%u days from ", count);
    add_date(&text, first);
    if (count > 1) {
        text_buf_add(&text, count == 2 && between > 0 && (inside & outside) != 0 ? " and " : " to ");
        add_date(&text, last);
    }
    text_format(out, LEARN_WHICH, "%s", text.data != NULL ? text.data : "");
    text_buf_done(&text);
}
