/* What may be written (INTERFACES 3): every function and register, on every kind of line, with every kind of
 * permission: only function 5 on the model's relay coil of a meter that may be switched. */
#include <string.h>
#include "bus/exchange_i.h"
#include "bus/line.h"
#include "core/rc.h"
#include "fake/fake_line.h"
#include "fake/fake_model.h"
#include "unit_main.h"

static struct regmap *map, *other_map;
static struct settings_meter may, may_not, elsewhere, stranger;
static struct exchange_reply reply;

static void setup(void)
{
    map = fake_kpm31();
    other_map = fake_kpm31();
    may = (struct settings_meter){.address = 1, .model = map, .relay = true};
    may_not = (struct settings_meter){.address = 1, .model = map, .relay = false};
    elsewhere = (struct settings_meter){.address = 2, .model = map, .relay = true};
    stranger = (struct settings_meter){.address = 1, .model = other_map, .relay = true};
}

static void teardown(void)
{
    regmap_free(map);
    regmap_free(other_map);
}

static struct exchange_request asked(unsigned function, unsigned address, const struct settings_meter *permit)
{
    return (struct exchange_request){.unit = 1,
                                     .function = (uint8_t)function,
                                     .address = (uint16_t)address,
                                     .count = 1,
                                     .close_relay = (address & 2) != 0,
                                     .model = map,
                                     .permit = permit};
}

static bool may_be_read(unsigned function, unsigned address)
{
    return function == 1 || (function == 3 && address != 0 && address != 0x0C);
}

static const enum bus_kind kinds[] = {BUS_SERIAL, BUS_RTU_TCP, BUS_TCP};
#define KINDS (sizeof kinds / sizeof kinds[0])

/* The fake line takes any byte for a failure. */
START_TEST(no_other_function_and_no_other_address_reaches_the_line)
{
    const struct settings_meter *permits[] = {NULL, &may_not, &elsewhere, &stranger, &may};
    char why[LINE_WHY];
    struct line *line;
    struct fake_line *fake = fake_line_new(kinds[_i], "");
    struct settings_bus bus = fake_line_bus(fake);
    unsigned long tried = 0;
    bus.timeout_ms = 0;
    ck_assert_int_eq(line_open(&bus, -1, &line, why), RC_OK);
    for (unsigned function = 0; function < 256; function++) {
        for (unsigned address = 0; address < 0x10000; address += address < 0x200 ? 1 : 0x1FF) {
            for (size_t p = 0; p < sizeof permits / sizeof permits[0]; p++) {
                if (may_be_read(function, address) || (function == 5 && address == 1 && permits[p] == &may))
                    continue;
                struct exchange_request q = asked(function, address, permits[p]);
                ck_assert_msg(exchange_run(line, &q, &reply) == RC_DENIED, "function %u at 0x%04X", function,
                              address);
                ck_assert_int_eq(reply.sent_ns, 0);
                tried++;
            }
        }
    }
    ck_assert_uint_gt(tried, 700000);
    ck_assert_str_eq(fake_line_failure(fake), "");
    line_close(line);
    fake_line_free(fake);
}
END_TEST

START_TEST(what_no_permission_covers)
{
    struct regmap *bare = fake_kpm31();
    bare->has_relay = false;
    struct settings_meter without = {.address = 1, .model = bare, .relay = true};
    const struct {
        const char *says;
        struct exchange_request q;
        int rc;
    } rows[] = {
        {"the relay of a meter that may be switched",
         {.unit = 1, .function = 5, .address = 1, .model = map, .permit = &may},
         RC_OK},
        {"of one that may not",
         {.unit = 1, .function = 5, .address = 1, .model = map, .permit = &may_not},
         RC_DENIED},
        {"of nobody in particular", {.unit = 1, .function = 5, .address = 1, .model = map}, RC_DENIED},
        {"the coil beside it",
         {.unit = 1, .function = 5, .address = 2, .model = map, .permit = &may},
         RC_DENIED},
        {"the coil before it",
         {.unit = 1, .function = 5, .address = 0, .model = map, .permit = &may},
         RC_DENIED},
        {"another unit", {.unit = 2, .function = 5, .address = 1, .model = map, .permit = &may}, RC_DENIED},
        {"everybody at once",
         {.unit = 0, .function = 5, .address = 1, .model = map, .permit = &may},
         RC_RANGE},
        {"another model",
         {.unit = 1, .function = 5, .address = 1, .model = other_map, .permit = &may},
         RC_DENIED},
        {"no model", {.unit = 1, .function = 5, .address = 1, .permit = &may}, RC_DENIED},
        {"a model without relay",
         {.unit = 1, .function = 5, .address = 1, .model = bare, .permit = &without},
         RC_DENIED},
        {"several coils",
         {.unit = 1, .function = 15, .address = 1, .count = 1, .model = map, .permit = &may},
         RC_DENIED},
        {"a register",
         {.unit = 1, .function = 6, .address = 1, .count = 1, .model = map, .permit = &may},
         RC_DENIED},
        {"the clear command",
         {.unit = 1, .function = 16, .address = 12, .count = 1, .model = map, .permit = &may},
         RC_DENIED},
        {"a read across the clear command",
         {.unit = 1, .function = 3, .address = 11, .count = 2, .model = map},
         RC_DENIED},
        {"a read of the password",
         {.unit = 1, .function = 3, .address = 0, .count = 1, .model = map},
         RC_DENIED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t pdu[5] = {0x77, 0x77, 0x77, 0x77, 0x77};
        ck_assert_msg(exchange_pdu(&rows[i].q, pdu) == rows[i].rc, "%s", rows[i].says);
        ck_assert_msg((pdu[0] == 0x77) == (rows[i].rc != RC_OK), "%s: bytes were made", rows[i].says);
    }
    regmap_free(bare);
}
END_TEST

START_TEST(the_one_write_that_is_allowed)
{
    char why[LINE_WHY];
    struct line *line;
    struct fake_line *fake = fake_line_new(
        kinds[_i], "? 01 05 0001 0000; ! 01 05 0001 0000; ? 01 05 0001 FF00; ! 01 05 0001 FF00;");
    struct settings_bus bus = fake_line_bus(fake);
    struct exchange_request q = {.unit = 1, .function = 5, .address = 1, .model = map, .permit = &may};
    ck_assert_int_eq(line_open(&bus, -1, &line, why), RC_OK);
    ck_assert_int_eq(exchange_run(line, &q, &reply), RC_OK);
    ck_assert(!reply.relay_closed);
    q.close_relay = true;
    ck_assert_int_eq(exchange_run(line, &q, &reply), RC_OK);
    ck_assert(reply.relay_closed);
    ck_assert_str_eq(fake_line_failure(fake), "");
    line_close(line);
    fake_line_free(fake);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("allow-list");
    TCase *t = tcase_create("allow-list");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, no_other_function_and_no_other_address_reaches_the_line, 0, KINDS);
    tcase_add_test(t, what_no_permission_covers);
    tcase_add_loop_test(t, the_one_write_that_is_allowed, 0, KINDS);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    return s;
}
