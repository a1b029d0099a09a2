#include "cli/verify_report.h"

#include <string.h>
#include "core/rc.h"

struct collector {
    struct verify_report *report;
    int rc;
};

static void take_event(void *arg, const struct verify_event *e)
{
    struct collector *c = arg;
    diagnosis_count(&c->report->counts, e);
    int rc = findings_add(&c->report->findings, e);
    c->rc = rc != RC_OK ? rc : c->rc;
}

static void take_evidence(void *arg, int64_t lo, int64_t hi, unsigned rates, unsigned forbidden)
{
    struct collector *c = arg;
    if (!evidence_add(&c->report->evidence, lo, hi, rates, forbidden))
        c->rc = RC_NOMEM;
}

static void push_rows(struct verify *v, const struct row_store *rows, const int *rc)
{
    struct row_cursor cursor = {0};
    struct verify_row row;
    bool rejected;
    while (*rc == RC_OK && row_store_next(rows, &cursor, &row, &rejected)) {
        if (rejected)
            verify_reject_range(v, row.time_utc_ms);
        else
            verify_push(v, &row);
    }
}

int verify_report_make(const struct input_meter *m, const struct verify_options *o, struct verify_report *out)
{
    memset(out, 0, sizeof *out);
    out->meter = m->name;
    out->options = *o;
    out->options.columns = m->columns;
    struct collector collector = {.report = out};
    struct verify *v;
    int rc = verify_new(&out->options, take_event, &collector, &v);
    if (rc != RC_OK)
        return rc;
    verify_want_evidence(v, take_evidence, &collector);
    push_rows(v, &m->rows, &collector.rc);
    verify_end(v);
    verify_result(v, &out->result);
    verify_free(v);
    rc = collector.rc;
    if (rc == RC_OK)
        rc = diagnosis_make(o->tariff, &out->evidence, &out->counts, &out->result, &out->diagnoses);
    if (rc != RC_OK)
        verify_report_done(out);
    return rc;
}

void verify_report_done(struct verify_report *r)
{
    findings_done(&r->findings);
    evidence_done(&r->evidence);
}
