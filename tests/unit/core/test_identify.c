#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/models.h"
#include "core/address_set.h"
#include "core/identify.h"
#include "core/rc.h"
#include "fake/fake_model.h"
#include "unit_main.h"

/* A device on paper: what its registers hold, and where its map ends. */
struct device {
    uint16_t regs[0x300];
    bool there[0x300];
};
static struct device device;

static void put(uint16_t address, float f)
{
    fake_float(&device.regs[address], f);
    device.there[address] = device.there[address + 1] = true;
}

static void put_words(uint16_t address, unsigned n, const uint16_t *words)
{
    for (unsigned i = 0; i < n; i++) {
        device.regs[address + i] = words[i];
        device.there[address + i] = true;
    }
}

static void energies(float sharp, float total)
{
    for (uint16_t a = 0x80; a < 0x9C; a = (uint16_t)(a + 2))
        put(a, 0);
    put(0x80, total);
    put(0x82, total);
    put(0x8C, sharp);
    put(0x8E, 30);
    put(0x90, 20);
    put(0x92, 10);
}

static void a_kpm31(void)
{
    const uint16_t identity[] = {0, 17, 4};
    memset(&device, 0, sizeof device);
    put_words(0x0000, 3, identity);
    for (uint16_t a = 0x30; a <= 0x3C; a = (uint16_t)(a + 2))
        put(a, 0);
    put(0x30, 229.8F);
    put(0x3A, 0.97F);
    put(0x3C, 50.01F);
    energies(40, 100);
}

static void a_kpm33b(void)
{
    const uint16_t identity[] = {0, 17, 3},
                   serial[] = {0x3333, 0x4231, 0x3232, 0x3539, 0x3530, 0x3032, 0x3700};
    const uint16_t clock[] = {26 << 8 | 11, 25 << 8 | 12, 30 << 8 | 0};
    memset(&device, 0, sizeof device);
    put_words(0x0000, 3, identity);
    put_words(0x0012, 7, serial);
    put_words(0x0023, 3, clock);
    for (uint16_t a = 0x30; a < 0x80; a = (uint16_t)(a + 2))
        put(a, 0);
    for (uint16_t a = 0x30; a <= 0x34; a = (uint16_t)(a + 2))
        put(a, 230);
    for (uint16_t a = 0x3C; a <= 0x40; a = (uint16_t)(a + 2))
        put(a, 398);
    put(0x62, 49.98F);
    energies(40, 100);
}

static struct model_set *models;

static void say(void *arg, const char *line)
{
    (void)arg;
    printf("# %s\n", line);
}

static void setup(void)
{
    setenv("METERFLEET_MODELS", MODELS_DIR, 1);
    ck_assert_int_eq(models_read(NULL, say, NULL, &models), RC_OK);
}
static void teardown(void)
{
    models_free(models);
}

/* Reads the device as address 17, by the map of the model; *values keeps what was read if it is wanted. */
static struct identify_verdict judge(const char *name, struct identify **kept)
{
    const struct regmap *m = models_at(models, (size_t)models_find(models, name));
    struct identify *i = identify_new(m, 17);
    for (size_t c = 0; c < IDENTIFY_CLASSES; c++) {
        struct span_plan *plan;
        ck_assert_int_eq(span_plan_new(m, SPAN_CLASS(identify_order[c]), NULL, &plan), RC_OK);
        for (size_t k = 0; k < plan->n; k++) {
            const struct span *s = &plan->spans[k];
            bool there = true;
            for (uint16_t r = 0; r < s->len_regs; r++)
                there = there && device.there[s->address + r];
            identify_take(i, identify_order[c], s, there ? &device.regs[s->address] : NULL);
        }
        span_plan_free(plan);
    }
    struct identify_verdict v = identify_judge(i);
    if (kept != NULL)
        *kept = i;
    else
        identify_free(i);
    return v;
}

static void none(void)
{
}
static void other_address(void)
{
    device.regs[1] = 18;
}
static void no_mains(void)
{
    put(0x3C, 0);
}
static void hz_44(void)
{
    put(0x3C, 44.99F);
}
static void hz_45(void)
{
    put(0x3C, 45.0F);
}
static void hz_65(void)
{
    put(0x3C, 65.0F);
}
static void hz_66(void)
{
    put(0x3C, 65.01F);
}
static void volt_87(void)
{
    put(0x30, 87.0F);
}
static void volt_88(void)
{
    put(0x30, 88.0F);
}
static void volt_330(void)
{
    put(0x30, 330.0F);
}
static void volt_331(void)
{
    put(0x30, 331.0F);
}
static void not_a_number(void)
{
    device.regs[0x80] = 0x7FC0;
}
static void rates_do_not_add_up(void)
{
    energies(4000, 100);
}
static void factory_new(void)
{
    energies(0, 0);
    put(0x8E, 0);
    put(0x90, 0);
    put(0x92, 0);
}
static void no_baud_code(void)
{
    device.there[2] = false;
}
static void one_phase_only(void)
{
    put(0x32, 0);
    put(0x34, 0);
}
static void no_serial(void)
{
    device.there[0x12] = false;
}
static void empty_battery(void)
{
    device.regs[0x23] = 0;
}
static void answers_everywhere(void)
{
    memset(device.there, 1, sizeof device.there);
}

struct row {
    const char *says;
    void (*make)(void), (*change)(void);
    const char *model;
    bool fits;
    const char *why; /* a part of it */
};

static const struct row rows[] = {
    {"a KPM31 is one", a_kpm31, none, "kpm31", true, ""},
    {"a KPM31 may as well be a KPM31BK", a_kpm31, none, "kpm31bk", true, ""},
    {"a KPM31 is no KPM33B: its map ends early", a_kpm31, none, "kpm33b", false, "no register 0x0030"},
    {"nor is one that answers everywhere", a_kpm31, answers_everywhere, "kpm33b", false, "frequency 0 Hz"},
    {"a KPM33B is one", a_kpm33b, none, "kpm33b", true, ""},
    {"a KPM33B is no KPM31: 398 V where that has its frequency", a_kpm33b, none, "kpm31", false,
     "frequency 398 Hz"},
    {"a KPM33B with one phase", a_kpm33b, one_phase_only, "kpm33b", true, ""},
    {"a KPM33B without serial number", a_kpm33b, no_serial, "kpm33b", true, ""},
    {"a KPM33B with an empty battery", a_kpm33b, empty_battery, "kpm33b", true, ""},
    {"another address in its register", a_kpm31, other_address, "kpm31", false, "register 0x0001 says 18"},
    {"no mains frequency", a_kpm31, no_mains, "kpm31", false, "frequency 0 Hz"},
    {"44.99 Hz is too low", a_kpm31, hz_44, "kpm31", false, "frequency 44.99 Hz"},
    {"45 Hz is not", a_kpm31, hz_45, "kpm31", true, ""},
    {"65 Hz is not too high", a_kpm31, hz_65, "kpm31", true, ""},
    {"65.01 Hz is", a_kpm31, hz_66, "kpm31", false, "frequency 65.01 Hz"},
    {"87 V of rated 220 V are too low", a_kpm31, volt_87, "kpm31", false, "voltage 87 V"},
    {"88 V are not", a_kpm31, volt_88, "kpm31", true, ""},
    {"330 V are not too high", a_kpm31, volt_330, "kpm31", true, ""},
    {"331 V are", a_kpm31, volt_331, "kpm31", false, "voltage 331 V"},
    {"an energy that is no number", a_kpm31, not_a_number, "kpm31", false, "energy"},
    {"rates that do not add up are for the verdict", a_kpm31, rates_do_not_add_up, "kpm31", true, ""},
    {"a factory-new meter has no energy yet", a_kpm31, factory_new, "kpm31", true, ""},
    {"an identity register that is missing", a_kpm31, no_baud_code, "kpm31", true, ""},
};

START_TEST(devices_and_models)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        r->make();
        r->change();
        struct identify_verdict v = judge(r->model, NULL);
        ck_assert_msg(v.fits == r->fits, "%s: %s", r->says, v.why);
        ck_assert_msg(v.refuted == !r->fits, "%s: refuted", r->says);
        ck_assert_msg(r->why[0] == '\0' ? v.why[0] == '\0' : strstr(v.why, r->why) != NULL, "%s: says '%s'",
                      r->says, v.why);
    }
}
END_TEST

START_TEST(what_was_read_can_be_shown)
{
    struct identify *i;
    a_kpm33b();
    judge("kpm33b", &i);
    ck_assert_str_eq(identify_reading(i)->text, "33B1225950027");
    ck_assert_int_eq(*reading_get(identify_reading(i), Q_ACTIVE_ENERGY_TOTAL), 100000000);
    identify_free(i);
}
END_TEST

/* An energy block alone, all zeros, could be anybody's. */
START_TEST(too_little_is_not_enough)
{
    struct regmap *m = fake_empty(4);
    const struct span s = {0x80, 2};
    const uint16_t zeros[2] = {0, 0};
    fake_reg(m, 0x80, REG_F32, 2, CLASS_ENERGY, Q_ACTIVE_ENERGY_TOTAL, 0);
    struct identify *i = identify_new(m, 17);
    identify_take(i, CLASS_ENERGY, &s, zeros);
    struct identify_verdict v = identify_judge(i);
    ck_assert(!v.fits && !v.refuted);
    identify_free(i);
    regmap_free(m);
}
END_TEST

START_TEST(address_lists)
{
    static const struct {
        const char *list, *text, *bad;
    } list[] = {
        {"1-247", "1-247", NULL},
        {"1", "1", NULL},
        {"2-20, 25,27-32", "2-20, 25, 27-32", NULL},
        {"3,2,1", "1-3", NULL},
        {"3,2", "2, 3", NULL},
        {"5 - 7,6", "5-7", NULL},
        {"246,247", "246, 247", NULL},
        {"0", NULL, "0"},
        {"248", NULL, "248"},
        {"1-248", NULL, "1-248"},
        {"7-5", NULL, "7-5"},
        {"", NULL, ""},
        {"1,", NULL, ""},
        {"1,,2", NULL, ""},
        {"all", NULL, "all"},
        {"1, 2x", NULL, "2x"},
        {"-5", NULL, "-5"},
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        struct address_set set;
        struct text_buf out = {.data = NULL};
        char bad[ADDRESS_ITEM];
        int rc = address_set_parse(list[i].list, &set, bad);
        ck_assert_msg((rc == RC_OK) == (list[i].text != NULL), "'%s': rc %d", list[i].list, rc);
        if (rc == RC_OK) {
            address_set_text(&set, &out);
            ck_assert_str_eq(out.data, list[i].text);
        } else {
            ck_assert_str_eq(bad, list[i].bad);
        }
        text_buf_done(&out);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("identify");
    TCase *c = tcase_create("devices");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, devices_and_models);
    tcase_add_test(c, what_was_read_can_be_shown);
    suite_add_tcase(s, c);
    c = tcase_create("alone");
    tcase_add_test(c, too_little_is_not_enough);
    tcase_add_test(c, address_lists);
    suite_add_tcase(s, c);
    return s;
}
