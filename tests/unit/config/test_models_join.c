#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "conf_fixture.h"
#include "config/models_load.h"
#include "core/rc.h"
#include "unit_main.h"

/* Models that stand in several files and directories. */

static struct conf_fixture f;
static struct model_set *set;

static void set_up(void)
{
    conf_fixture_init(&f);
}

static void tear_down(void)
{
    models_free(set);
    set = NULL;
    conf_fixture_done(&f);
}

/* DIR, and a second directory behind it; not what this machine has installed. */
static void load(const char *second)
{
    struct conf_report r = {.errors = 0};
    const char *const dirs[] = {f.dir, second};

    ck_assert_int_eq(models_load(dirs, second != NULL ? 2 : 1, &r, &set), RC_OK);
    conf_report_tell(&r, conf_fixture_collect, &f);
    f.rc = r.errors > 0 ? RC_PARSE : RC_OK;
    conf_report_done(&r);
}

static const struct regmap *model(const char *name)
{
    int i = models_find(set, name);

    ck_assert_msg(f.rc == RC_OK, "%s", conf_fixture_all(&f));
    ck_assert_msg(i >= 0 && models_at(set, (size_t)i) != NULL, "no model %s", name);
    return models_at(set, (size_t)i);
}

#define V "{ name = \"voltage\"; address = 0x30; type = \"f32\"; }"
#define C "{ name = \"current\"; address = 0x32; type = \"f32\"; }"

START_TEST(an_overlay_adds_and_overrides)
{
    conf_fixture_text(&f, "m.cfg",
                      "model = \"m\"; title = \"M\"; rated_voltage = 230; registers = ( " V ", " C " );\n"
                      "denied = ( { name = \"password\"; address = 0; } );");
    conf_fixture_text(&f, "site.cfg",
                      "model = \"m\"; extends = true; rated_current = 100.5;\n"
                      "registers = ( { name = \"current\"; address = 0x40; type = \"u16\"; scale = \"0.01\"; "
                      "class = \"demand\"; },\n"
                      "{ name = \"frequency\"; address = 0x32; type = \"u16\"; scale = 0.1; } );\n"
                      "denied = ( { name = \"clear\"; address = 12; registers = 2; } );");
    load(NULL);
    const struct regmap *m = model("m");
    ck_assert_uint_eq(models_count(set), 1);
    ck_assert_str_eq(m->title, "M");
    ck_assert_uint_eq(m->rated_voltage_mv, 230000);
    ck_assert_uint_eq(m->rated_current_ma, 100500);
    ck_assert_uint_eq(m->n_regs, 3);
    const struct reg *c = regmap_find(m, Q_CURRENT);
    ck_assert_uint_eq(c->address, 0x40);
    ck_assert_int_eq(c->scale, -2);
    ck_assert_int_eq(c->klass, CLASS_DEMAND);
    ck_assert_int_eq(regmap_find(m, Q_FREQUENCY)->scale, -1);
    ck_assert(regmap_denied(m, 0, 1) && regmap_denied(m, 13, 1) && !regmap_denied(m, 14, 1));
}
END_TEST

START_TEST(an_overlay_that_overlaps_is_blamed_at_its_own_line)
{
    conf_fixture_text(&f, "z.cfg", "model = \"m\"; registers = ( " V ", " C " );\n");
    conf_fixture_text(&f, "a.cfg",
                      "model = \"m\"; extends = true;\nregisters = (\n"
                      "{ name = \"frequency\"; address = 0x33; type = \"u16\"; } );\n");
    load(NULL);
    ck_assert_uint_eq(f.n, 1);
    ck_assert_msg(strncmp(f.lines[0],
                          "a.cfg:3: registers[0]: frequency at 0x0033 overlaps current at 0x0032 (", 70) == 0,
                  "%s", f.lines[0]);
}
END_TEST

START_TEST(a_model_may_build_on_one_that_has_overlays)
{
    conf_fixture_text(&f, "a.cfg", "model = \"m2\"; extends = \"m1\"; dual_source = true;");
    conf_fixture_text(&f, "b.cfg", "model = \"m1\"; extends = \"m0\"; max_registers = 60;");
    conf_fixture_text(&f, "c.cfg", "model = \"m0\"; registers = ( " V " ); relay = { coil = 1; };");
    conf_fixture_text(&f, "d.cfg", "model = \"m0\"; extends = true; registers = ( " C " );");
    load(NULL);
    ck_assert_uint_eq(models_count(set), 3);
    const struct regmap *m = model("m2");
    ck_assert_uint_eq(m->n_regs, 2);
    ck_assert_uint_eq(m->max_registers, 60);
    ck_assert(m->dual_source && m->has_relay);
    ck_assert_str_eq(m->name, "m2");
    ck_assert_str_eq(m->title, "m2");
    ck_assert(!model("m1")->dual_source);
    ck_assert_uint_eq(model("m0")->max_registers, 125);
}
END_TEST

START_TEST(an_error_of_a_base_is_told_once)
{
    conf_fixture_text(&f, "a.cfg", "model = \"m1\"; extends = \"m0\";");
    conf_fixture_text(&f, "b.cfg", "model = \"m2\"; extends = \"m1\";");
    conf_fixture_text(&f, "c.cfg",
                      "model = \"m0\"; registers = ( " V
                      ", { name = \"current\"; address = 0x31; type = \"u16\"; } );");
    load(NULL);
    ck_assert_msg(f.n == 1, "%s", conf_fixture_all(&f));
    for (size_t i = 0; i < models_count(set); i++)
        ck_assert_ptr_null(models_at(set, i));
}
END_TEST

START_TEST(a_circle_is_told)
{
    conf_fixture_text(&f, "a.cfg", "model = \"m0\"; extends = \"m1\";");
    conf_fixture_text(&f, "b.cfg", "model = \"m1\"; extends = \"m0\";");
    conf_fixture_text(&f, "c.cfg", "model = \"m2\"; extends = \"m2\";");
    conf_fixture_text(&f, "d.cfg", "model = \"m3\"; extends = \"m0\";");
    load(NULL);
    ck_assert_msg(f.n >= 2, "%s", conf_fixture_all(&f));
    ck_assert_ptr_nonnull(strstr(conf_fixture_all(&f), "a.cfg:1: extends: m0 builds on itself"));
    ck_assert_ptr_nonnull(strstr(conf_fixture_all(&f), "c.cfg:1: extends: m2 builds on itself"));
    ck_assert_ptr_null(strstr(conf_fixture_all(&f), "d.cfg"));
}
END_TEST

START_TEST(two_files_that_are_one_model_are_an_error_in_one_directory)
{
    conf_fixture_text(&f, "a.cfg", "model = \"m\"; registers = ( " V " );");
    conf_fixture_text(&f, "b.cfg", "model = \"m\"; registers = ( " C " );");
    load(NULL);
    ck_assert_uint_eq(f.n, 1);
    ck_assert_msg(strncmp(f.lines[0], "b.cfg:1: model: m is given already by ", 38) == 0, "%s", f.lines[0]);
}
END_TEST

START_TEST(the_directory_found_first_counts_and_overlays_of_all_are_laid_on)
{
    char second[600];

    conf_fixture_text(&f, "m.cfg", "model = \"m\"; title = \"first\"; registers = ( " V " );");
    conf_fixture_text(&f, "n.cfg", "model = \"n\"; extends = true; title = \"nearer\";");
    conf_fixture_text(&f, "second/m.cfg", "model = \"m\"; title = \"second\"; registers = ( " C " );");
    conf_fixture_text(&f, "second/n.cfg", "model = \"n\"; title = \"base\"; registers = ( " V " );");
    conf_fixture_text(&f, "second/o.cfg",
                      "model = \"n\"; extends = true; title = \"farther\"; accuracy_class = \"1\";");
    snprintf(second, sizeof second, "%s", conf_fixture_path(&f, "second"));
    load(second);
    ck_assert_str_eq(model("m")->title, "first");
    ck_assert_ptr_null(regmap_find(model("m"), Q_CURRENT));
    ck_assert_str_eq(model("n")->title, "nearer");
    ck_assert_str_eq(model("n")->accuracy_class, "1");
}
END_TEST

START_TEST(the_environment_comes_first_and_no_directory_is_read_twice)
{
    const char *dirs[MODELS_DIRS];

    setenv("METERFLEET_MODELS", "/e", 1);
    ck_assert_uint_eq(models_search("/c", dirs), 4);
    ck_assert_str_eq(dirs[0], "/e");
    ck_assert_str_eq(dirs[1], "/c");
    ck_assert_str_eq(dirs[2], SYSCONFDIR "/meterfleet/models");
    ck_assert_str_eq(dirs[3], DATADIR "/meterfleet/models");
    ck_assert_uint_eq(models_search("/e", dirs), 3);
    setenv("METERFLEET_MODELS", conf_fixture_path(&f, "."), 1); /* another name of the same */
    ck_assert_uint_eq(models_search(f.dir, dirs), 3);
    unsetenv("METERFLEET_MODELS");
    ck_assert_uint_eq(models_search(NULL, dirs), 2);
    ck_assert_str_eq(dirs[0], SYSCONFDIR "/meterfleet/models");
}
END_TEST

START_TEST(what_is_no_file_is_one_line_and_the_others_are_read)
{
    conf_fixture_text(&f, "m.cfg", "model = \"m\"; registers = ( " V " );");
    mkdir(conf_fixture_path(&f, "d.cfg"), 0700);
    mkfifo(conf_fixture_path(&f, "f.cfg"), 0600);
    load(NULL);
    ck_assert_uint_eq(f.n, 2);
    ck_assert_str_eq(f.lines[0], "d.cfg: is a directory, not a file");
    ck_assert_str_eq(f.lines[1], "f.cfg: is a FIFO, not a file");
    ck_assert_ptr_nonnull(models_at(set, (size_t)models_find(set, "m")));
}
END_TEST

START_TEST(a_file_over_the_limit_is_not_read)
{
    char *text = malloc(400000);

    ck_assert_ptr_nonnull(text);
    memset(text, ' ', 400000);
    conf_fixture_write(&f, "m.cfg", text, 256 * 1024 + 1);
    load(NULL);
    ck_assert_uint_eq(f.n, 1);
    ck_assert_str_eq(f.lines[0], "m.cfg: is too large: at most 256 KiB");
    free(text);
}
END_TEST

START_TEST(deep_nesting_and_nul_bytes_are_one_line)
{
    char *text = malloc(200000);

    ck_assert_ptr_nonnull(text);
    strcpy(text, "model = \"m\";\nx = ");
    size_t n = strlen(text);
    memset(text + n, '(', 100000);
    conf_fixture_write(&f, "m.cfg", text, n + 100000);
    conf_fixture_write(&f, "n.cfg", "model = \"m\";\n\0x", 15);
    load(NULL);
    ck_assert_msg(f.n == 2, "%s", conf_fixture_all(&f));
    ck_assert(strncmp(f.lines[0], "m.cfg:", 6) == 0);
    ck_assert_str_eq(f.lines[1], "n.cfg:2: a NUL byte: what follows it would not be read");
    free(text);
}
END_TEST

START_TEST(a_byte_order_mark_and_crlf_are_no_mistakes)
{
    conf_fixture_text(&f, "m.cfg", "\xEF\xBB\xBFmodel = \"m\";\r\nregisters = ( " V " );\r\n");
    load(NULL);
    ck_assert_uint_eq(model("m")->n_regs, 1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("models");
    TCase *c = tcase_create("joined");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, an_overlay_adds_and_overrides);
    tcase_add_test(c, an_overlay_that_overlaps_is_blamed_at_its_own_line);
    tcase_add_test(c, a_model_may_build_on_one_that_has_overlays);
    tcase_add_test(c, an_error_of_a_base_is_told_once);
    tcase_add_test(c, a_circle_is_told);
    tcase_add_test(c, two_files_that_are_one_model_are_an_error_in_one_directory);
    tcase_add_test(c, the_directory_found_first_counts_and_overlays_of_all_are_laid_on);
    tcase_add_test(c, the_environment_comes_first_and_no_directory_is_read_twice);
    tcase_add_test(c, what_is_no_file_is_one_line_and_the_others_are_read);
    tcase_add_test(c, a_file_over_the_limit_is_not_read);
    tcase_add_test(c, deep_nesting_and_nul_bytes_are_one_line);
    tcase_add_test(c, a_byte_order_mark_and_crlf_are_no_mistakes);
    suite_add_tcase(s, c);
    return s;
}
