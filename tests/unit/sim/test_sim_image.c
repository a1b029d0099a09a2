/* The register image against the register table, row by row. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim_image.h"
#include "unit_main.h"

#define NOW_MS INT64_C(1792000000000)

static struct sim_load load;
static struct sim_tariff tariff;
static struct sim_meter m;

struct row {
    unsigned address;
    char fc[10], name[50], quantity[40], rate[12], period[6], type[6];
};
static struct row row[200];
static int n_rows;

static void read_rows(void)
{
    char line[400];
    FILE *file = fopen(TEST_DATA "/kpm31-registers.tsv", "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file)); /* the header */
    for (n_rows = 0; fgets(line, sizeof line, file) != NULL && n_rows < 200; n_rows++) {
        struct row *r = &row[n_rows];
        ck_assert_int_eq(sscanf(line, "%x %9s %49s %39s %11s %5s %*s %5s", &r->address, r->fc, r->name,
                                r->quantity, r->rate, r->period, r->type),
                         7);
    }
    fclose(file);
}

static void set_up(void)
{
    ck_assert_int_eq(sim_load_default(&load), 0);
    sim_tariff_default(&tariff);
    sim_meter_init(&m, 17, 99, &load, &tariff, SIM_FREEZE_PERIOD, NOW_MS);
    sim_meter_advance(&m, NOW_MS + 86400000);
    m.active.backward = 16000; /* so that every register has a value of its own */
    m.reactive.backward = 8000;
    read_rows();
}

static void tear_down(void)
{
    sim_load_done(&load);
}

static double float_at(unsigned address, uint32_t resolution_u)
{
    uint16_t w[2];
    ck_assert_int_eq(sim_image_read(&m, resolution_u, (uint16_t)address, 2, w), SIM_EXC_NONE);
    uint32_t bits = (uint32_t)w[0] << 16 | w[1];
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* Which counter a row of the table names, by its words. */
static uint64_t counter(const struct row *r)
{
    static const char *const family[] = {"combined", "sharp", "peak", "flat", "valley"};
    const struct sim_bank *b = strcmp(r->quantity, "active_energy") == 0 ? &m.active : &m.reactive;
    if (strcmp(r->rate, "total") == 0)
        return b->sum[0];
    if (strcmp(r->rate, "import") == 0)
        return b->forward;
    if (strcmp(r->rate, "export") == 0)
        return b->backward;
    for (unsigned f = 0; f < 5; f++) {
        if (strcmp(r->rate, family[f]) != 0)
            continue;
        if (strcmp(r->period, "cum") == 0)
            return b->sum[f];
        return sim_meter_month(&m, b == &m.reactive, f, (unsigned)atoi(r->period));
    }
    ck_abort_msg("%s: no such counter", r->name);
    return 0;
}

START_TEST(every_energy_row_of_the_table_stands_at_its_address)
{
    int seen = 0;
    for (int i = 0; i < n_rows; i++) {
        if (strstr(row[i].quantity, "active_energy") == NULL)
            continue;
        double wanted = (double)counter(&row[i]) / 1600;
        ck_assert_msg(fabs(float_at(row[i].address, 0) - wanted) <= wanted * 1e-7, "%s: %f, wanted %f",
                      row[i].name, float_at(row[i].address, 0), wanted);
        seen++;
    }
    ck_assert_int_eq(seen, 144);
}
END_TEST

START_TEST(every_other_row_can_be_read_except_the_command)
{
    ck_assert_int_eq(n_rows, 157);
    for (int i = 0; i < n_rows; i++) {
        uint16_t w[2];
        int wanted = strcmp(row[i].name, "clear_energy") == 0 ? SIM_EXC_ADDRESS : SIM_EXC_NONE;
        uint16_t words = strcmp(row[i].type, "f32") == 0 ? 2 : 1;
        if (strcmp(row[i].type, "bit") == 0)
            continue; /* a coil */
        ck_assert_msg(sim_image_read(&m, 0, (uint16_t)row[i].address, words, w) == wanted, "%s", row[i].name);
    }
}
END_TEST

START_TEST(live_values_belong_together)
{
    double u = float_at(0x0030, 0), i = float_at(0x0032, 0), p = float_at(0x0034, 0), q = float_at(0x0036, 0);
    double s = float_at(0x0038, 0), pf = float_at(0x003A, 0), f = float_at(0x003C, 0);
    ck_assert(u > 210 && u < 230 && f > 49.9 && f < 50.1 && p > 10);
    ck_assert(fabs(s - sqrt(p * p + q * q)) < 0.2);
    ck_assert(fabs(s - u * i) < 0.3 && fabs(pf - p / s) < 0.001);
    ck_assert(float_at(0x0070, 0) > 10);
    m.relay_closed = false;
    ck_assert(float_at(0x0034, 0) == 0 && float_at(0x0032, 0) == 0 && float_at(0x003A, 0) == 1);
    ck_assert(float_at(0x0030, 0) > 210);
}
END_TEST

START_TEST(energy_is_cut_to_the_resolution)
{
    m.active.sum[0] = 1600 * 12345 + 1599; /* 12345.999375 */
    ck_assert(float_at(0x0080, 0) == (double)12345.999375f);
    ck_assert(float_at(0x0080, 1000) == (double)12345.999f);
    ck_assert(float_at(0x0080, 10000) == (double)12345.99f);
    ck_assert(float_at(0x0080, 100000) == (double)12345.9f);
    ck_assert(float_at(0x0080, 1000000) == 12345.0);
}
END_TEST

static const struct {
    const char *sentence;
    uint16_t address, count;
    int exception;
} reads[] = {
    {"the configuration", 0x0000, 3, SIM_EXC_NONE},
    {"one beyond it", 0x0000, 4, SIM_EXC_ADDRESS},
    {"all live values", 0x0030, 14, SIM_EXC_NONE},
    {"half a float beyond them", 0x0030, 15, SIM_EXC_ADDRESS},
    {"one before them", 0x002F, 2, SIM_EXC_ADDRESS},
    {"half a float", 0x0031, 1, SIM_EXC_NONE},
    {"the demand", 0x0070, 2, SIM_EXC_NONE},
    {"over the gap to the demand", 0x0030, 0x42, SIM_EXC_ADDRESS},
    {"the totals", 0x0080, 28, SIM_EXC_NONE},
    {"125 registers", 0x0080, 125, SIM_EXC_NONE},
    {"126 are too many", 0x0080, 126, SIM_EXC_VALUE},
    {"none is too few", 0x0080, 0, SIM_EXC_VALUE},
    {"the last word", 0x019F, 1, SIM_EXC_NONE},
    {"one beyond the last word", 0x019F, 2, SIM_EXC_ADDRESS},
    {"over the end of all addresses", 0xFFFF, 2, SIM_EXC_ADDRESS},
};

START_TEST(what_can_be_read)
{
    uint16_t w[125];
    ck_assert_msg(sim_image_read(&m, 0, reads[_i].address, reads[_i].count, w) == reads[_i].exception, "%s",
                  reads[_i].sentence);
}
END_TEST

static const struct {
    const char *sentence;
    uint16_t address, count, word[3];
    int exception;
} writes[] = {
    {"a password", 0x0000, 1, {9999}, SIM_EXC_NONE},
    {"a password of five digits", 0x0000, 1, {10000}, SIM_EXC_VALUE},
    {"an address", 0x0001, 1, {247}, SIM_EXC_NONE},
    {"an address nobody may have", 0x0001, 1, {248}, SIM_EXC_VALUE},
    {"no address", 0x0001, 1, {0}, SIM_EXC_VALUE},
    {"a speed", 0x0002, 1, {1}, SIM_EXC_NONE},
    {"a speed it does not know", 0x0002, 1, {5}, SIM_EXC_VALUE},
    {"all three at once", 0x0000, 3, {1, 2, 3}, SIM_EXC_NONE},
    {"the third one wrong: none is written", 0x0000, 3, {1, 2, 9}, SIM_EXC_VALUE},
    {"the command to clear", 0x000C, 1, {0x55AA}, SIM_EXC_NONE},
    {"another word there", 0x000C, 1, {0x55A9}, SIM_EXC_VALUE},
    {"a measured value", 0x0080, 2, {0, 0}, SIM_EXC_ADDRESS},
    {"a register that is not there", 0x0003, 1, {0}, SIM_EXC_ADDRESS},
};

START_TEST(what_can_be_written)
{
    uint64_t sum = m.active.sum[0];
    ck_assert_msg(sim_image_write(&m, writes[_i].address, writes[_i].count, writes[_i].word) ==
                      writes[_i].exception,
                  "%s", writes[_i].sentence);
    bool cleared = writes[_i].exception == SIM_EXC_NONE && writes[_i].address == 0x000C;
    ck_assert_uint_eq(m.active.sum[0], cleared ? 0 : sum);
    if (writes[_i].exception != SIM_EXC_NONE)
        ck_assert(m.password == 6666 && m.address == 17 && m.baud_code == 4);
    else if (writes[_i].count == 3)
        ck_assert(m.password == 1 && m.address == 2 && m.baud_code == 3);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("sim_image");
    TCase *c = tcase_create("registers");
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, every_energy_row_of_the_table_stands_at_its_address);
    tcase_add_test(c, every_other_row_can_be_read_except_the_command);
    tcase_add_test(c, live_values_belong_together);
    tcase_add_test(c, energy_is_cut_to_the_resolution);
    tcase_add_loop_test(c, what_can_be_read, 0, (int)(sizeof reads / sizeof reads[0]));
    tcase_add_loop_test(c, what_can_be_written, 0, (int)(sizeof writes / sizeof writes[0]));
    suite_add_tcase(suite, c);
    return suite;
}
