#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "conf_fixture.h"
#include "config/models_load.h"
#include "core/rc.h"
#include "unit_main.h"

/* Model files: one mistake a file, told with file, line and the path in the file; and what overlays do. */

struct row {
    const char *text;
    const char *complaint;
};

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

static void load(void)
{
    models_free(set);
    set = NULL;
    struct conf_report r = {.errors = 0};
    const char *const dirs[] = {f.dir};
    ck_assert_int_eq(models_load(dirs, 1, &r, &set), RC_OK); /* not what this machine has installed */
    conf_report_tell(&r, conf_fixture_collect, &f);
    f.rc = r.errors > 0 ? RC_PARSE : RC_OK;
    conf_report_done(&r);
}

static void expect(const char *complaint)
{
    ck_assert_msg(f.n == 1, "%zu complaints:%s", f.n, conf_fixture_all(&f));
    ck_assert_msg(strncmp(f.lines[0], complaint, strlen(complaint)) == 0, "\n  %s\nis not\n  %s", f.lines[0],
                  complaint);
    ck_assert_int_eq(f.rc, RC_PARSE);
}

#define REG(inside) "model = \"m\";\nregisters = (\n { " inside " }\n);\n" /* the register is line 3 */
#define V           "{ name = \"voltage\"; address = 0x30; type = \"f32\"; }"
#define C           "{ name = \"current\"; address = 0x32; type = \"f32\"; }"
#define M           "model = \"m\";\nregisters = ( " V ", " C " );\n" /* two lines */

static const struct row raw[] = {
    {M "rated_voltage = 2147483648;\n", "a.cfg:3: rated_voltage: a number is at most 2147483647"},
    {M "rated_voltage = 99999999999999999999;\n", "a.cfg:3: rated_voltage: a number is at most 2147483647"},
    {M "rated_voltage = 0xFFFFFFFF;\n", "a.cfg:3: rated_voltage: a number is at most 2147483647"},
    {M "pulses_per_kwh = 01600;\n", "a.cfg:3: pulses_per_kwh: a number does not begin with 0"},
    {M "rated_voltage = -0220.0;\n", "a.cfg:3: rated_voltage: a number does not begin with 0"},
    {M "denied = ( { name = \"a 1\"; address = 1; registers = 0x1FFFFFFFF; } );\n",
     "a.cfg:3: denied[0].registers: a number is at most 2147483647"},
    {M "denied = ( { name = \"a\"; address = 00; registers = 1; } ); // 7\n",
     "a.cfg:3: denied[0].address: a number does not begin"},
    {M "@include \"b.cfg\"\n", "a.cfg:3: @include is not allowed"},
    {M " \t@include \"/\"\n", "a.cfg:3: @include is not allowed"},
    {M "/* \n@include \"b.cfg\"\n*/\n", "a.cfg:4: @include is not allowed"},
    {M "title \"x\";\n", "a.cfg:3: syntax error"},
    {M "title = \"x;\n\n", "a.cfg:3: a string is not closed"},
    {M "title = \"x\";\ntitle = \"y\";\n", "a.cfg:4: duplicate setting name"},
    {M "registers = ();\n", "a.cfg:3: duplicate setting name"},
    {"model = \"m\"; registers = ( { name = [ 1, \"x\" ]; } );\n",
     "a.cfg:1: mismatched element type in array"},
    {"", "a.cfg:1: model is missing"},
    {"title = \"x\";\n", "a.cfg:1: model is missing"},
};

static const struct row top[] = {
    {M "titel = \"x\";\n", "a.cfg:3: titel: unknown key (did you mean title?)"},
    {M "title = 7;\n", "a.cfg:3: title: must be a \"text\" of 1 to 63 bytes, not 7"},
    {M "title = \"a\\x1b[31m\";\n", "a.cfg:3: title: must be a \"text\" of 1 to 63 bytes, not 'a?[31m'"},
    {M "max_registers = 126;\n", "a.cfg:3: max_registers: must be a whole number from 1 to 125, not 126"},
    {M "max_registers = 0;\n", "a.cfg:3: max_registers: must be a whole number from 1 to 125, not 0"},
    {M "max_registers = 125.0;\n", "a.cfg:3: max_registers: must be a whole number from 1 to 125, not 125"},
    {M "max_registers = 100L;\n",
     "a.cfg:3: max_registers: must be a whole number from 1 to 125, not a 64-bit number"},
    {M "word_order = \"acbd\";\n",
     "a.cfg:3: word_order: must be one of \"abcd\", \"cdab\", \"badc\", \"dcba\", not 'acbd'"},
    {M "rated_voltage = -1;\n", "a.cfg:3: rated_voltage: must be a number from 0 to 100000, not -1"},
    {M "rated_voltage = \"220\";\n", "a.cfg:3: rated_voltage: must be a number from 0 to 100000, not '220'"},
    {M "rated_voltage = 1e999;\n", "a.cfg:3: rated_voltage: must be a number from 0 to 100000"},
    {M "dual_source = \"yes\";\n", "a.cfg:3: dual_source: must be true or false, not 'yes'"},
    {M "extends = false;\n", "a.cfg:3: extends: must be true, or the \"name\" of a model, not false"},
    {M "extends = \"kpm31\";\n", "a.cfg:3: extends: there is no model 'kpm31' to build on"},
    {M "extends = true;\n", "a.cfg:3: extends: there is no model 'm' to build on"},
    {M "serial = { parity = \"even\"; };\n", "a.cfg:3: serial: baud is missing"},
    {M "serial = { baud = 9600; parity = \"E\"; };\n",
     "a.cfg:3: serial.parity: must be one of \"even\", \"odd\", \"none\""},
    {M "serial = 9600;\n", "a.cfg:3: serial: must be a group { … }, not 9600"},
    {M "relay = { coil = 65536; };\n",
     "a.cfg:3: relay.coil: must be a whole number from 0 to 65535, not 65536"},
    {M "relay = { coil = -1; };\n", "a.cfg:3: relay.coil: must be a whole number from 0 to 65535, not -1"},
    {M "relay = { coil = 1; name = \"relay\"; };\n", "a.cfg:3: relay.name: must be \"relay_do1\""},
    {M "commission = ( { name = \"speed\"; address = 2; } );\n",
     "a.cfg:3: commission[0].name: must be one of \"address\", \"baud\""},
    {M "commission = ( { name = \"baud\"; address = 2; codes = \"1=1200,2=2400\"; } );\n",
     "a.cfg:3: commission[0].codes: must read \"1=1200 2=2400 …\""},
    {M "commission = ( { name = \"baud\"; address = 2; min = 3; max = 2; } );\n",
     "a.cfg:3: commission[0]: min is above max"},
    {M "denied = ( { name = \"x\"; address = 0x31; } );\n",
     "a.cfg:2: registers[0]: voltage at 0x0030 is denied as x ("},
    {M "denied = ( 1 );\n", "a.cfg:3: denied: must be a list of groups"},
    {M "snapshots = ( { address = 0x30; registers = 3; } );\n",
     "a.cfg:3: snapshots[0]: cuts current at 0x0032 in two"},
    {M "snapshots = ( { address = 0x31; registers = 3; } );\n",
     "a.cfg:3: snapshots[0]: cuts voltage at 0x0030 in two"},
    {M "snapshots = ( { address = 0x30; registers = 6; } );\n",
     "a.cfg:3: snapshots[0]: must begin and end with a register"},
    {M "max_registers = 3; snapshots = ( { address = 0x30; registers = 4; } );\n",
     "a.cfg:3: snapshots[0]: 4 registers do not come in one reply: max_registers is 3"},
    {M "snapshots = ( { address = 0x30; registers = 4; },\n { address = 0x32; registers = 2; } );\n",
     "a.cfg:4: snapshots[1]: overlaps the snapshot at 0x0030"},
    {"model = \"m\";\n", "a.cfg:1: registers: the model has none"},
    {"model = \"a b\";\n", "a.cfg:1: model: must be a name"},
};

static const struct row registers[] = {
    {REG("address = 1; type = \"u16\";"), "a.cfg:3: registers[0]: name is missing"},
    {REG("name = \"voltage\"; type = \"f32\";"), "a.cfg:3: registers[0]: address is missing"},
    {REG("name = \"voltage\"; address = 2;"), "a.cfg:3: registers[0]: type is missing"},
    {REG("name = \"votlage\"; address = 2; type = \"f32\";"),
     "a.cfg:3: registers[0].name: 'votlage' is no quantity this program knows (did you mean voltage?)"},
    {REG("name = \"voltage\"; adress = 3; address = 2; type = \"f32\";"),
     "a.cfg:3: registers[0].adress: unknown key (did you mean address?)"},
    {REG("name = \"voltage\"; address = 65536; type = \"f32\";"),
     "a.cfg:3: registers[0].address: must be a whole number from 0 to 65535"},
    {REG("name = \"voltage\"; address = 65535; type = \"u32\";"),
     "a.cfg:3: registers[0]: voltage would end behind register 65535"},
    {REG("name = \"voltage\"; address = 0x31; type = \"f32\";"),
     "a.cfg:3: registers[0]: voltage is a float at the odd address 0x0031"},
    {REG("name = \"voltage\"; address = 0x30; type = \"f32\"; registers = 3;"),
     "a.cfg:3: registers[0].registers: must be 2: a f32 has no other length, not 3"},
    {REG("name = \"voltage\"; address = 0x30; type = \"f32\"; registers = 1;"),
     "a.cfg:3: registers[0].registers: must be 2"},
    {REG("name = \"voltage\"; address = 0x30; type = \"float\";"),
     "a.cfg:3: registers[0].type: must be one of \"u16\""},
    {REG("name = \"voltage\"; address = 0x30; type = \"f32\"; unit = \"kV\";"),
     "a.cfg:3: registers[0].unit: must be \"V\""},
    {REG("name = \"voltage\"; address = 0x30; type = \"f32\"; scale = 0.1;"),
     "a.cfg:3: registers[0].scale: only whole numbers and bcd"},
    {REG("name = \"voltage\"; address = 0x30; type = \"u16\"; scale = 0.3;"),
     "a.cfg:3: registers[0].scale: must be a power of ten"},
    {REG("name = \"voltage\"; address = 0x30; type = \"u16\"; scale = \"0,1\";"),
     "a.cfg:3: registers[0].scale: must be a power of ten"},
    {REG("name = \"voltage\"; address = 0x30; type = \"u16\"; scale = 0;"),
     "a.cfg:3: registers[0].scale: must be a power of ten"},
    {REG("name = \"voltage\"; address = 0x30; type = \"bcd\";"),
     "a.cfg:3: registers[0]: registers is missing: a bcd does not say"},
    {REG("name = \"voltage\"; address = 0x30; type = \"bcd\"; registers = 5;"),
     "a.cfg:3: registers[0].registers: must be 1 to 4 for a bcd, not 5"},
    {REG("name = \"voltage\"; address = 0x30; type = \"f32\"; class = \"relay\";"),
     "a.cfg:3: registers[0].class: must be one of \"live\""},
    {REG("name = \"voltage\"; address = 0x30; type = \"f32\"; class = \"settlement\";"),
     "a.cfg:3: registers[0]: voltage is never of class"},
    {REG("name = \"active_energy_flat_prev01\"; address = 0x30; type = \"f32\"; class = \"energy\";"),
     "a.cfg:3: registers[0]: active_energy_flat_prev01 is always of class settlement"},
    {REG("name = \"voltage\"; address = 0x30; type = \"text\"; registers = 2;"),
     "a.cfg:3: registers[0]: only serial_number may be a text"},
    {REG("name = \"clock\"; address = 0x30; type = \"u32\";"),
     "a.cfg:3: registers[0]: type clock and quantity clock go together"},
    {REG("name = \"relay_do1\"; address = 0x30; type = \"u16\";"),
     "a.cfg:3: registers[0]: a relay is a coil"},
    {REG("name = \"voltage\"; address = 0x30; type = \"f32\"; obis = \"1-0:12.7.0*255 or so\";"),
     "a.cfg:3: registers[0]: the OBIS code"},
    {REG("name = \"voltage\"; address = 0x30; type = \"f32\"; },\n { name = \"voltage\"; address = 0x32; "
         "type = \"f32\";"),
     "a.cfg:4: registers[1]: voltage is given twice, first at line 3"},
    {REG("name = \"voltage\"; address = 0x30; type = \"f32\"; },\n { name = \"current\"; address = 0x31; "
         "type = \"u16\";"),
     "a.cfg:4: registers[1]: current at 0x0031 overlaps voltage at 0x0030 ("},
    {REG("name = \"voltage\"; address = 0x31; type = \"u16\"; },\n { name = \"current\"; address = 0x30; "
         "type = \"f32\";"),
     "a.cfg:4: registers[1]: current at 0x0030 overlaps voltage at 0x0031 ("},
};

#define FAMILY(inside) M "families = (\n { " inside " }\n);\n" /* the family is line 4 */
static const struct row families[] = {
    {FAMILY("name = \"active_energy_{rat}\"; address = 2; type = \"f32\"; rates = [ \"peak\" ];"),
     "a.cfg:4: families[0].name: 'active_energy_{rat}' may hold {rate}"},
    {FAMILY("name = \"active_energy_{rate}\"; address = 2; type = \"f32\";"),
     "a.cfg:4: families[0].name: 'active_energy_{rate}' may hold"},
    {FAMILY("name = \"active_energy_{rate}\"; address = 2; type = \"f32\"; rates = [ \"peek\" ];"),
     "a.cfg:4: families[0].rates: 'peek' is no rate (did you mean peak?)"},
    {FAMILY("name = \"active_energy_{rate}\"; address = 2; type = \"f32\"; rates = [ \"peak\", \"peak\" ];"),
     "a.cfg:4: families[0].rates: peak stands there twice"},
    {FAMILY("name = \"active_energy_{rate}\"; address = 2; type = \"f32\"; rates = [ 1, 2 ];"),
     "a.cfg:4: families[0].rates: '' is no rate"},
    {FAMILY("name = \"active_energy_{rate}\"; address = 2; type = \"f32\"; rates = [ ];"),
     "a.cfg:4: families[0].rates: names no rate"},
    {FAMILY("name = \"active_energie_{rate}\"; address = 2; type = \"f32\"; rates = [ \"peak\" ];"),
     "a.cfg:4: families[0].name: 'active_energie_peak' is no quantity this program knows (did you mean "
     "active_energy_peak?)"},
    {FAMILY("name = \"active_energy_flat_{slot}\"; address = 2; type = \"f32\"; slots = 14;"),
     "a.cfg:4: families[0].slots: must be a whole number from 1 to 13, not 14"},
    {FAMILY("name = \"active_energy_flat_{slot}\"; address = 2; type = \"f32\"; slots = 3; slot_step = 3;"),
     "a.cfg:4: families[0]: active_energy_flat_prev01 is a float at the odd address 0x0005"},
    {FAMILY("name = \"active_energy_flat_{slot}\"; address = 65534; type = \"f32\"; slots = 2;"),
     "a.cfg:4: families[0]: active_energy_flat_prev01 would end behind"},
    {FAMILY(
         "name = \"active_energy_{rate}\"; address = 0x2E; type = \"f32\"; rates = [ \"peak\", \"flat\" ];"),
     "a.cfg:4: families[0]: active_energy_flat at 0x0030 overlaps voltage at 0x0030 ("},
    {FAMILY("name = \"active_energy_peak\"; address = 2; type = \"f32\"; obis = \"1-0:15.8.{rate}*255\";"),
     "a.cfg:4: families[0].obis: '1-0:15.8.{rate}*255' may hold {e} and {f} only"},
};

#define TABLE(name)                                                                                          \
    START_TEST(bad_##name)                                                                                   \
    {                                                                                                        \
        conf_fixture_text(&f, "a.cfg", name[_i].text);                                                       \
        load();                                                                                              \
        expect(name[_i].complaint);                                                                          \
        for (size_t i = 0; i < models_count(set); i++)                                                       \
            ck_assert_ptr_null(models_at(set, i));                                                           \
    }                                                                                                        \
    END_TEST
TABLE(raw)
TABLE(top)
TABLE(registers)
TABLE(families)
#define ADD(name) tcase_add_loop_test(c, bad_##name, 0, (int)(sizeof name / sizeof name[0]))

Suite *unit_suite(void)
{
    Suite *s = suite_create("models");
    TCase *c = tcase_create("one bad model a class of mistake");

    tcase_add_checked_fixture(c, set_up, tear_down);
    ADD(raw);
    ADD(top);
    ADD(registers);
    ADD(families);
    suite_add_tcase(s, c);
    return s;
}
