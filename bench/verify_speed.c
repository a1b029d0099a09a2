/* Readings a second on one core: CPU time, so that a busy machine is told from a slow engine. */
#include "verify_speed.h"

#include <stdio.h>
#include <time.h>

#include "core/rc.h"
#include "core/text.h"
#include "fake/plain_tariff.h"
#include "tariff/csv.h"
#include "tariff/verify.h"

#define DAY 86400000LL

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Rows are made in blocks outside of what is measured: the engine alone counts. */
enum { BLOCK = 1024, BLOCKS = 4096 };

static void make_block(const struct tariff *t, struct verify_row *row, int64_t *at)
{
    for (int i = 0; i < BLOCK; i++) {
        *at += 61000;
        unsigned rate = plain_tariff_rate(t, *at / 1000 / 60 * 60 + 28800);
        struct verify_row r = i > 0 ? row[i - 1] : row[BLOCK - 1];
        r.time_utc_ms = *at;
        for (unsigned kind = 0; kind < VR_KINDS; kind++) {
            r.v[verify_total(kind)] += 10000;
            r.v[verify_import(kind)] += 10000;
            r.v[verify_rate(kind, rate)] += 10000;
        }
        row[i] = r;
    }
}

void bench_speed(void)
{
    static struct verify_row row[BLOCK];
    static uint8_t blob[VERIFY_STATE_MAX];
    struct tariff t;
    bool deep;
    plain_tariff_read("zhejiang-2026", RATE_VALLEY, &t, &deep);
    struct verify_options o = {.tariff = &t, .max_power_w = 19008, .columns = (1u << VERIFY_REGISTERS) - 1};
    struct verify *v;
    if (verify_new(&o, NULL, NULL, &v) != 0)
        return;
    row[BLOCK - 1] = (struct verify_row){.has = (1u << VERIFY_REGISTERS) - 1, .window_ms = 80};
    int64_t at = text_days_from_civil(2026, 1, 1) * DAY;
    double spent = 0;
    for (int b = 0; b < BLOCKS; b++) {
        make_block(&t, row, &at);
        double begin = cpu_s();
        for (int i = 0; i < BLOCK; i++)
            verify_push(v, &row[i]);
        spent += cpu_s() - begin;
    }
    verify_end(v);
    struct verify_result r;
    verify_result(v, &r);
    printf("engine: %.2f million readings/s of CPU time (14 registers, 6 moving), state %zu bytes a meter, "
           "%llu errors\n",
           (double)BLOCKS * BLOCK / spent / 1e6, verify_save(v, blob), (unsigned long long)r.errors);
    verify_free(v);
}

/* The same rows as text: header and lines, cut, parsed and judged. */
static size_t print_block(const struct verify_row *row, char *text)
{
    size_t n = 0;
    for (int i = 0; i < BLOCK; i++) {
        char when[TEXT_TS_SIZE];
        text_from_utc_ms(row[i].time_utc_ms, when);
        n += (size_t)sprintf(text + n, "%s,80", when);
        for (int e = 0; e < VERIFY_REGISTERS; e++)
            n += (size_t)sprintf(text + n, ",%lld.%02lld", (long long)row[i].v[e] / 1000000,
                                 (long long)row[i].v[e] / 10000 % 100);
        text[n++] = '\n';
    }
    return n;
}

static bool read_header(struct csv_splitter *s, struct csv_header *h)
{
    char text[1024], why[CSV_WHY];
    size_t n = (size_t)sprintf(text, "time,window_ms");
    for (int e = 0; e < VERIFY_REGISTERS; e++)
        n += (size_t)sprintf(text + n, ",%s", quantity_at((enum quantity_id)(Q_ENERGY_FIRST + e))->name);
    text[n++] = '\n';
    const char *at = text;
    struct csv_record r;
    return csv_next(s, &at, &n, false, &r, why) == RC_OK && csv_header(&r, h, why) == RC_OK;
}

void bench_csv(void)
{
    static struct verify_row row[BLOCK];
    static char text[BLOCK * 512];
    static struct csv_row cells;
    struct tariff t;
    bool deep;
    plain_tariff_read("zhejiang-2026", RATE_VALLEY, &t, &deep);
    struct verify_options o = {.tariff = &t, .max_power_w = 19008, .columns = (1u << VERIFY_REGISTERS) - 1};
    struct verify *v = NULL;
    struct csv_splitter *s = NULL;
    struct csv_header header;
    struct csv_record record;
    char why[CSV_WHY];
    uint64_t taken = 0, bytes = 0;
    if (verify_new(&o, NULL, NULL, &v) == RC_OK && csv_splitter_new(&s) == RC_OK && read_header(s, &header)) {
        row[BLOCK - 1] = (struct verify_row){.has = (1u << VERIFY_REGISTERS) - 1, .window_ms = 80};
        int64_t at = text_days_from_civil(2026, 1, 1) * DAY;
        double spent = 0;
        for (int b = 0; b < BLOCKS / 8; b++) {
            make_block(&t, row, &at);
            size_t size = print_block(row, text);
            const char *next = text;
            bytes += size;
            double begin = cpu_s();
            while (csv_next(s, &next, &size, false, &record, why) == RC_OK &&
                   csv_row(&header, &record, &cells, why) == RC_OK)
                taken += verify_push(v, &cells.row) == VERIFY_TAKEN;
            spent += cpu_s() - begin;
        }
        printf("csv: %.0f thousand readings/s of CPU time from text of %.0f bytes a line, %llu of %d taken\n",
               (double)taken / spent / 1e3, (double)bytes / (BLOCKS / 8 * BLOCK), (unsigned long long)taken,
               BLOCKS / 8 * BLOCK);
    }
    csv_splitter_free(s);
    verify_free(v);
}
