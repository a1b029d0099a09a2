#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "fuzz/fuzz_judge.h"
#include "tariff/csv.h"

/* Any bytes as a CSV file, cut into pieces of any size; its rows, settlement blocks too, judged as one
 * meter's. The first byte says how: piece size and what is known of the meter. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct job {
    bool has_header;
    struct csv_header header;
    struct csv_row row;
    struct csv_record record;
    int64_t newest_ms;
    struct tariff tariff;
    struct fuzz_judge judge;
    uint8_t how;
};

static void begin(struct job *j)
{
    struct verify_options o = {.tariff = (j->how & 1) != 0 ? NULL : &j->tariff,
                               .combined = (enum combined_rule)(j->how >> 1 & 3),
                               .freeze = (enum freeze_model)((j->how >> 3 & 3) % 3),
                               .max_power_w = (j->how & 32) != 0 ? 19008 : 0,
                               .columns = j->header.registers};
    fuzz_judge_new(&j->judge, &o);
    j->judge.diagnose = true;
}

static bool take_record(struct job *j)
{
    char why[CSV_WHY] = "";
    int rc = j->has_header ? csv_row(&j->header, &j->record, &j->row, why)
                           : csv_header(&j->record, &j->header, why);
    if (rc != RC_OK) {
        if (why[0] == '\0')
            abort();
        return false;
    }
    if (!j->has_header) {
        j->has_header = true;
        begin(j);
        return true;
    }
    if (j->row.row.time_utc_ms < j->newest_ms)
        return true; /* the program sorts them */
    j->newest_ms = j->row.row.time_utc_ms;
    if (j->row.in_range)
        verify_push(j->judge.v, &j->row.row);
    else
        verify_reject_range(j->judge.v, j->newest_ms);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct job *j = calloc(1, sizeof *j);
    struct csv_splitter *s;
    if (j == NULL || csv_splitter_new(&s) != RC_OK)
        abort();
    j->how = size > 0 ? data[0] : 0;
    j->newest_ms = INT64_MIN;
    fuzz_tariff_make(&j->tariff);
    size_t step = (j->how & 64) != 0 ? 1 + j->how % 7u : 4096;
    bool more = size > 0;
    for (size_t at = 1; more; at += step) {
        const char *piece = (const char *)data + (at < size ? at : size);
        size_t n = at < size ? (size - at < step ? size - at : step) : 0;
        bool last = at >= size;
        int rc = RC_OK;
        char why[CSV_WHY] = "";
        while (more && (rc = csv_next(s, &piece, &n, last, &j->record, why)) == RC_OK)
            more = take_record(j);
        more = more && rc == RC_NOTFOUND && !last;
    }
    if (j->has_header && j->judge.v != NULL)
        fuzz_judge_done(&j->judge);
    csv_splitter_free(s);
    free(j);
    return 0;
}
