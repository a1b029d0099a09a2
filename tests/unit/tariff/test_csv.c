/* test_csv.c - records out of bytes, headers and rows out of records. */
#include "tariff/csv.h"

#include <string.h>
#include "core/rc.h"
#include "core/text.h"
#include "unit_main.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* The records of a text as "[a|b][c]", or "!LINE why". Bytes are given `step` at a time. */
static void cut(const char *text, size_t n, size_t step, struct text_buf *out)
{
    struct csv_splitter *s;
    struct csv_record r;
    char why[CSV_WHY];
    ck_assert_int_eq(csv_splitter_new(&s), RC_OK);
    text_buf_add(out, "");
    for (size_t at = 0;;) {
        size_t size = n - at < step ? n - at : step;
        const char *data = text + at;
        int rc = RC_OK;
        while ((rc = csv_next(s, &data, &size, at == n, &r, why)) == RC_OK) {
            text_buf_addf(out, "%llu", (unsigned long long)r.line);
            for (size_t i = 0; i < r.n; i++)
                text_buf_addf(out, "%s%s", i == 0 ? "[" : "|", r.cell[i]);
            text_buf_add(out, "]");
        }
        if (rc != RC_NOTFOUND)
            text_buf_addf(out, "!%llu %s", (unsigned long long)csv_line(s), why);
        if (rc != RC_NOTFOUND || at == n)
            break;
        at += n - at < step ? n - at : step;
    }
    csv_splitter_free(s);
}

static const struct {
    const char *what, *text, *records;
} texts[] = {
    {"a line a record", "a,b\n1,2\n", "1[a|b]2[1|2]"},
    {"CRLF ends a line too", "a,b\r\n1,2\r\n", "1[a|b]2[1|2]"},
    {"the last line needs no end", "a\n1", "1[a]2[1]"},
    {"nor after a carriage return", "a\n1\r", "1[a]2[1]"},
    {"nothing", "", ""},
    {"a byte order mark is no text",
     "\xEF\xBB\xBF"
     "a\n1\n",
     "1[a]2[1]"},
    {"nor before a comment", "\xEF\xBB\xBF#x\na\n", "2[a]"},
    {"only at the beginning",
     "a\n\xEF\xBB\xBF"
     "b\n",
     "1[a]2[\xEF\xBB\xBF"
     "b]"},
    {"empty lines are skipped", "\n\r\na\n\n\n1\n\n", "3[a]6[1]"},
    {"comments are skipped", "#one\na\n#two,\"\n1\n#", "2[a]4[1]"},
    {"a sharp sign inside a line begins no comment", "a#b,#c\n", "1[a#b|#c]"},
    {"empty cells stay", ",\n,,\n", "1[|]2[||]"},
    {"blanks around a cell do not belong to it", " a ,\tb\t\n \n", "1[a|b]2[]"},
    {"a quoted cell", "\"a\",\"b\"\n", "1[a|b]"},
    {"keeps its blanks", "\" a \"\n", "1[ a ]"},
    {"may hold a comma", "\"a,b\",c\n", "1[a,b|c]"},
    {"may hold quotes", "\"a\"\"b\"\"\"\n", "1[a\"b\"]"},
    {"may be empty", "\"\",\"\"\n", "1[|]"},
    {"may hold line ends", "\"a\nb\",c\n1,2\n", "1[a\nb|c]3[1|2]"},
    {"of both kinds", "\"a\r\n#b\"\nc\n", "1[a\r\n#b]3[c]"},
    {"and lone carriage returns", "\"a\rb\"\n", "1[a\rb]"},
    {"may end the text", "a,\"b\"", "1[a|b]"},
    {"a quote that is not closed is told with its record's line", "a\n1,\"2\n3\n",
     "1[a]!2 a quote that is never closed"},
    {"a quote inside a cell", "a\nb\"c\n", "1[a]!2 a quote inside a cell that does not begin with one"},
    {"text after a quoted cell", "\"a\" b\n", "!1 text after a closing quote"},
    {"a carriage return inside a line", "a\rb\n", "!1 a carriage return that ends no line"},
};

START_TEST(records)
{
    for (size_t step = 1; step <= 7; step += 1 + step / 2) {
        struct text_buf out = {0};
        cut(texts[_i].text, strlen(texts[_i].text), step, &out);
        ck_assert_msg(strcmp(out.data, texts[_i].records) == 0, "%s, %zu at a time: %s instead of %s",
                      texts[_i].what, step, out.data, texts[_i].records);
        text_buf_done(&out);
    }
    struct text_buf out = {0};
    cut(texts[_i].text, strlen(texts[_i].text), 4096, &out);
    ck_assert_str_eq(out.data, texts[_i].records);
    text_buf_done(&out);
}
END_TEST

START_TEST(a_nul_byte_is_an_error)
{
    const char text[] = "a\n1\0\n";
    for (size_t step = 1; step < sizeof text; step++) {
        struct text_buf out = {0};
        cut(text, sizeof text - 1, step, &out);
        ck_assert_str_eq(out.data, "1[a]!2 a NUL byte");
        text_buf_done(&out);
    }
}
END_TEST

/* A record of exactly the longest, and one byte more; plain and quoted, whole and in pieces. */
START_TEST(long_lines)
{
    static char text[CSV_RECORD + 8];
    for (int quoted = 0; quoted < 2; quoted++) {
        for (size_t length = CSV_RECORD - 1; length <= CSV_RECORD; length++) {
            size_t n = 0;
            if (quoted)
                text[n++] = '"';
            memset(text + n, 'x', length);
            n += length;
            if (quoted)
                text[n++] = '"';
            text[n++] = '\n';
            for (size_t step = 1000; step <= n; step += n - 1000) {
                struct text_buf out = {0};
                cut(text, n, step, &out);
                if (length < CSV_RECORD)
                    ck_assert_uint_eq(out.len, length + 3);
                else
                    ck_assert_str_eq(out.data, "!1 line too long (at most 65535 bytes)");
                text_buf_done(&out);
            }
        }
    }
}
END_TEST

START_TEST(many_cells)
{
    for (size_t cells = CSV_CELLS; cells <= CSV_CELLS + 1; cells++) {
        char text[CSV_CELLS + 8];
        memset(text, ',', cells - 1);
        strcpy(text + cells - 1, "\n");
        struct text_buf out = {0};
        cut(text, cells, cells, &out);
        if (cells <= CSV_CELLS)
            ck_assert_uint_eq(out.len, cells + 2);
        else
            ck_assert_str_eq(out.data, "!1 too many columns (at most 256)");
        text_buf_done(&out);
    }
}
END_TEST

/* Header and rows of one text; the reason of the first error. */
static int read_rows(const char *text, struct csv_header *h, struct csv_row *rows, size_t *n,
                     char why[CSV_WHY])
{
    struct csv_splitter *s;
    static struct csv_record r;
    size_t size = strlen(text);
    *n = 0;
    ck_assert_int_eq(csv_splitter_new(&s), RC_OK);
    int rc = csv_next(s, &text, &size, true, &r, why);
    if (rc == RC_OK)
        rc = csv_header(&r, h, why);
    while (rc == RC_OK && (rc = csv_next(s, &text, &size, true, &r, why)) == RC_OK) {
        rc = csv_row(h, &r, &rows[*n], why);
        *n += rc == RC_OK;
    }
    csv_splitter_free(s);
    return rc == RC_NOTFOUND ? RC_OK : rc;
}

static const struct {
    const char *what, *header, *why; /* NULL: it is good */
} headers[] = {
    {"time alone", "time", NULL},
    {"columns in any order", "active_energy_flat_prev12,window_ms,time,meter,voltage", NULL},
    {"names in quotes", "\"time\",\"meter\"", NULL},
    {"no time", "meter,active_energy_total", "no column \"time\""},
    {"an unknown column", "time,active_energy_totall",
     "unknown column \"active_energy_totall\" (did you mean active_energy_total?)"},
    {"another letter case", "Time", "unknown column \"Time\" (did you mean time?)"},
    {"a month beyond twelve", "time,active_energy_flat_prev13",
     "unknown column \"active_energy_flat_prev13\" (did you mean active_energy_flat_prev03?)"},
    {"nothing like any", "time,xyzzyxyzzy", "unknown column \"xyzzyxyzzy\""},
    {"a column without a name", "time,,meter", "unknown column \"\""},
    {"a column twice", "time,meter,time", "column \"time\" is there twice"},
};

START_TEST(header)
{
    static struct csv_row rows[1];
    struct csv_header h;
    size_t n;
    char why[CSV_WHY] = "";
    int rc = read_rows(headers[_i].header, &h, rows, &n, why);
    ck_assert_msg(rc == (headers[_i].why == NULL ? RC_OK : RC_PARSE), "%s", headers[_i].what);
    ck_assert_str_eq(why, headers[_i].why == NULL ? "" : headers[_i].why);
}
END_TEST

static const struct {
    const char *what,
        *row; /* time, meter, window_ms, active_energy_total, active_power, active_energy_sharp_prev01 */
    int rc;
    bool in_range;
    int64_t total; /* VERIFY_ABSENT: none */
} rows_table[] = {
    {"a plain row", "2026-10-01T00:00:00Z,a,80,12345.67,100.5,3", RC_OK, true, 12345670000},
    {"an offset", "2026-10-01T08:00:00+08:00,a,0,1,,", RC_OK, true, 1000000},
    {"no meter, no window", "2026-10-01T00:00:00.123456Z,,,1,,", RC_OK, true, 1000000},
    {"nothing read", "2026-10-01T00:00Z,,,,,", RC_OK, true, VERIFY_ABSENT},
    {"six decimals", "2026-10-01T00:00Z,a,0,0.000001,,", RC_OK, true, 1},
    {"a seventh is rounded", "2026-10-01T00:00Z,a,0,0.0000015,,", RC_OK, true, 2},
    {"exponents and signs", "2026-10-01T00:00Z,a,0,+1.5e3,-2.5,", RC_OK, true, 1500000000},
    {"no digits before the point", "2026-10-01T00:00Z,a,0,.5,,", RC_OK, true, 500000},
    {"none after it", "2026-10-01T00:00Z,a,0,5.,,", RC_OK, true, 5000000},
    {"the most", "2026-10-01T00:00Z,a,100000000,100000000,,", RC_OK, true, 100000000000000},
    {"more than the most", "2026-10-01T00:00Z,a,0,100000000.000001,,", RC_OK, false, 0},
    {"a number without end", "2026-10-01T00:00Z,a,0,99999999999999999999999999,,", RC_OK, false, 0},
    {"a negative register", "2026-10-01T00:00Z,a,0,-1,,", RC_OK, false, 0},
    {"a negative frozen value", "2026-10-01T00:00Z,a,0,1,,-1", RC_OK, false, 0},
    {"a negative window", "2026-10-01T00:00Z,a,-1,1,,", RC_OK, false, 0},
    {"a window too long", "2026-10-01T00:00Z,a,100000001,1,,", RC_OK, false, 0},
    {"no number", "2026-10-01T00:00Z,a,0,abc,,", RC_OK, false, 0},
    {"NaN", "2026-10-01T00:00Z,a,0,nan,,", RC_OK, false, 0},
    {"infinite", "2026-10-01T00:00Z,a,0,-inf,,", RC_OK, false, 0},
    {"beyond any double", "2026-10-01T00:00Z,a,0,1e999,,", RC_OK, false, 0},
    {"hexadecimal", "2026-10-01T00:00Z,a,0,0x10,,", RC_OK, false, 0},
    {"two points", "2026-10-01T00:00Z,a,0,1.2.3,,", RC_OK, false, 0},
    {"a decimal comma in quotes", "2026-10-01T00:00Z,a,0,\"1,5\",,", RC_OK, false, 0},
    {"a date without time", "2026-10-01,a,0,1,,", RC_PARSE, false, 0},
    {"a time without offset", "2026-10-01T00:00:00,a,0,1,,", RC_PARSE, false, 0},
    {"no such day", "2026-02-29T00:00:00Z,a,0,1,,", RC_PARSE, false, 0},
    {"no time at all", ",a,0,1,,", RC_PARSE, false, 0},
    {"a cell too few", "2026-10-01T00:00Z,a,0,1,", RC_PARSE, false, 0},
    {"a cell too many", "2026-10-01T00:00Z,a,0,1,,,", RC_PARSE, false, 0},
    {"a name in Latin-1", "2026-10-01T00:00Z,B\xFCro,0,1,,", RC_PARSE, false, 0},
    {"a name in UTF-8", "2026-10-01T00:00Z,B\xC3\xBCro,0,1,,", RC_OK, true, 1000000},
};

START_TEST(row)
{
    static struct csv_row rows[1];
    struct csv_header h;
    char text[300], why[CSV_WHY] = "";
    size_t n;
    text_format(text, sizeof text,
                "time,meter,window_ms,active_energy_total,active_power,active_energy_sharp_prev01\n%s",
                rows_table[_i].row);
    int rc = read_rows(text, &h, rows, &n, why);
    ck_assert_msg(rc == rows_table[_i].rc, "%s: %s", rows_table[_i].what, why);
    if (rc != RC_OK)
        return;
    ck_assert_msg(rows[0].in_range == rows_table[_i].in_range, "%s", rows_table[_i].what);
    if (!rows[0].in_range)
        return;
    ck_assert_msg(verify_has(&rows[0].row, VR_TOTAL) == (rows_table[_i].total != VERIFY_ABSENT), "%s",
                  rows_table[_i].what);
    if (rows_table[_i].total != VERIFY_ABSENT)
        ck_assert_int_eq(rows[0].row.v[VR_TOTAL], rows_table[_i].total);
}
END_TEST

START_TEST(a_row_whole)
{
    static struct csv_row rows[2];
    struct csv_header h;
    char why[CSV_WHY];
    size_t n;
    int rc = read_rows("reactive_energy_valley,time,active_power,active_energy_combined_month,meter,window_"
                       "ms,serial_number\n"
                       "1.25,1970-01-01T00:00:01.5+00:01,-12.34,7,\"flat, 1\",85,no number\n"
                       ",1970-01-01T00:00:00Z,,,,,\n",
                       &h, rows, &n, why);
    ck_assert_int_eq(rc, RC_OK);
    ck_assert_uint_eq(n, 2);
    ck_assert_uint_eq(h.registers, 1u << verify_rate(1, RATE_VALLEY));
    ck_assert(h.has_power && h.has_settlement);
    ck_assert_int_eq(rows[0].row.time_utc_ms, 1500 - 60000);
    ck_assert_uint_eq(rows[0].row.window_ms, 85);
    ck_assert_uint_eq(rows[0].row.has, 1u << verify_rate(1, RATE_VALLEY));
    ck_assert_int_eq(rows[0].row.v[verify_rate(1, RATE_VALLEY)], 1250000);
    ck_assert(rows[0].row.has_power);
    ck_assert_int_eq(rows[0].row.power_cw, -1234);
    ck_assert_int_eq(rows[0].row.settlement[0], 7000000);
    ck_assert_int_eq(rows[0].row.settlement[1], VERIFY_ABSENT);
    ck_assert(rows[0].in_range && rows[1].in_range);
    ck_assert_uint_eq(rows[1].row.has, 0);
    ck_assert(!rows[1].row.has_power);
    ck_assert_ptr_null(rows[1].row.settlement);
    ck_assert_ptr_null(rows[1].meter);
}
END_TEST

/* Where export is counted, total and rates may be import - export; import and export themselves may not. */
START_TEST(net_registers_may_be_negative)
{
    static struct csv_row rows[3];
    struct csv_header h;
    char why[CSV_WHY];
    size_t n;
    int rc = read_rows(
        "time,active_energy_total,active_energy_export,active_energy_flat_month,reactive_energy_total\n"
        "1970-01-01T00:00:00Z,-1,1,-1,1\n"
        "1970-01-01T00:00:00Z,1,-1,1,1\n"
        "1970-01-01T00:00:00Z,1,1,1,-1\n",
        &h, rows, &n, why);
    ck_assert_int_eq(rc, RC_OK);
    ck_assert_uint_eq(n, 3);
    ck_assert(rows[0].in_range);
    ck_assert(!rows[1].in_range);
    ck_assert(!rows[2].in_range);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("csv");
    TCase *t = tcase_create("records");
    tcase_add_loop_test(t, records, 0, ROWS(texts));
    tcase_add_test(t, a_nul_byte_is_an_error);
    tcase_add_test(t, long_lines);
    tcase_add_test(t, many_cells);
    suite_add_tcase(s, t);
    t = tcase_create("rows");
    tcase_add_loop_test(t, header, 0, ROWS(headers));
    tcase_add_loop_test(t, row, 0, ROWS(rows_table));
    tcase_add_test(t, a_row_whole);
    tcase_add_test(t, net_registers_may_be_negative);
    suite_add_tcase(s, t);
    return s;
}
