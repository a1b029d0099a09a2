#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/model_keys.h"
#include "config/reference.h"
#include "config/values.h"
#include "conf_fixture.h"
#include "core/rc.h"
#include "tariff/tariff.h"
#include "unit_main.h"

/* The manual, the example and the rows say the same. */

static char *slurp(const char *path)
{
    char *text = calloc(1, 1 << 20);
    FILE *f = fopen(path, "r");

    ck_assert_ptr_nonnull(text);
    ck_assert_msg(f != NULL, "%s", path);
    text[fread(text, 1, (1 << 20) - 1, f)] = '\0';
    fclose(f);
    return text;
}

START_TEST(the_manual_holds_the_reference_of_the_rows)
{
    char *text = slurp(SOURCE_DIR "/doc/configuration.md");
    char *begin = strstr(text, CONF_REFERENCE_BEGIN), *end = strstr(text, CONF_REFERENCE_END);
    struct text_buf b = {0};

    ck_assert_ptr_nonnull(begin);
    ck_assert_ptr_nonnull(end);
    begin += strlen(CONF_REFERENCE_BEGIN);
    *end = '\0';
    conf_reference(&b);
    ck_assert_msg(strcmp(begin, b.data) == 0, "doc/configuration.md is behind the rows: make reference");
    text_buf_done(&b);
    free(text);
}
END_TEST

/* The example with every commented key switched on: ";key = value" and ";[section]", but not "; prose". */
static char *switch_on(char *text)
{
    char *to = text;

    for (char *from = text; *from != '\0'; from++)
        if (!(*from == ';' && (from == text || from[-1] == '\n') && from[1] != ' '))
            *to++ = *from;
    *to = '\0';
    return text;
}

START_TEST(the_example_is_sound_as_it_comes)
{
    struct conf_fixture f;
    char *text = slurp(SOURCE_DIR "/etc/meterfleet.ini");

    conf_fixture_init(&f);
    conf_fixture_try(&f, text);
    ck_assert_msg(f.rc == RC_OK, "%s", conf_fixture_all(&f));
    conf_fixture_done(&f);
    free(text);
}
END_TEST

START_TEST(the_example_shows_every_key)
{
    char *text = switch_on(slurp(SOURCE_DIR "/etc/meterfleet.ini"));
    struct conf_report r = {.errors = 0};
    struct ini_doc doc = {.n = 0};
    bool shown[SECTION_TYPES][CONF_KEYS_MOST] = {{false}};
    char why[CONF_WHY_SIZE];

    ck_assert_int_eq(ini_read(&doc, "meterfleet.ini", text, strlen(text), &r), RC_OK);
    ck_assert_uint_eq(r.errors, 0);
    for (size_t i = 0; i < doc.n; i++)
        for (size_t t = 0; t < SECTION_TYPES; t++) {
            if (strcmp(doc.sections[i]->type, conf_section_names[t]) != 0)
                continue;
            for (size_t k = 0; k < doc.sections[i]->n; k++) {
                const struct ini_entry *e = &doc.sections[i]->entries[k];
                unsigned number;
                int row = conf_key_of(&conf_section_types[t], e->key, &number);
                ck_assert_msg(row >= 0, "[%s] %s", conf_section_names[t], e->key);
                const struct conf_key *key = &conf_section_types[t].keys[row];
                struct conf_value v;
                shown[t][row] = true;
                if (key->type != CONF_FILE && key->type != CONF_SECRET && key->type != CONF_DIR)
                    ck_assert_msg(conf_value_parse(key, e->value, &v, why), "[%s] %s: %s",
                                  conf_section_names[t], e->key, why);
                /* What is no example is the default. */
                if (key->fallback != NULL && key->fallback[0] != '/' && key->type != CONF_PATH)
                    ck_assert_msg(strcmp(key->fallback, e->value) == 0, "[%s] %s = %s is not the default %s",
                                  conf_section_names[t], e->key, e->value, key->fallback);
            }
        }
    for (size_t t = 0; t < SECTION_TYPES; t++)
        for (size_t k = 0; k < conf_section_types[t].n; k++) {
            /* [meter] shows what [meters] has too; the periods stand in [poll]. */
            bool inherited = t == SECTION_METERS ||
                             (t == SECTION_METER && k >= METER_LIVE && k < METER_RELAY) ||
                             (t == SECTION_BUS && k >= BUS_LIVE);
            ck_assert_msg(shown[t][k] || inherited, "[%s] %s is not shown", conf_section_names[t],
                          conf_section_types[t].keys[k].name);
        }
    ini_done(&doc);
    conf_report_done(&r);
    free(text);
}
END_TEST

START_TEST(every_default_is_a_value_of_its_row)
{
    char why[CONF_WHY_SIZE];

    for (size_t t = 0; t < SECTION_TYPES; t++)
        for (size_t k = 0; k < conf_section_types[t].n; k++) {
            const struct conf_key *key = &conf_section_types[t].keys[k];
            struct conf_value v;
            ck_assert_ptr_nonnull(key->help);
            ck_assert(key->name[0] != '\0');
            ck_assert(key->type != CONF_LIST || key->form != NULL);
            ck_assert((key->numbered > 0) == (key->name[strlen(key->name) - 1] == 'N'));
            if (key->fallback != NULL)
                ck_assert_msg(conf_value_parse(key, key->fallback, &v, why), "%s: %s", key->name, why);
        }
}
END_TEST

static void same_words(const struct tree_key *key, const char *(*name)(unsigned), unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        ck_assert_str_eq(key->words[i], name(i));
}

static const char *type_word(unsigned i)
{
    return reg_type_name((enum reg_type)i);
}

static const char *class_word(unsigned i)
{
    return reg_class_name((enum reg_class)i);
}

static const char *rate_word(unsigned i)
{
    return rate_name((enum rate)i);
}

START_TEST(words_stand_in_the_order_of_their_enums)
{
    same_words(&model_reg_keys[REG_TYPE], type_word, REG_TYPE_COUNT);
    same_words(&model_reg_keys[REG_CLASS], class_word, CLASS_RELAY);
    same_words(&model_family_keys[FAMILY_RATES], rate_word, RATE_COUNT + 1);
    for (unsigned c = 0; c < CLASS_COUNT; c++) {
        ck_assert_str_eq(conf_section_types[SECTION_POLL].keys[POLL_LIVE + c].name, class_word(c));
        ck_assert_str_eq(conf_section_types[SECTION_BUS].keys[BUS_LIVE + c].name, class_word(c));
        ck_assert_str_eq(conf_section_types[SECTION_METER].keys[METER_LIVE + c].name, class_word(c));
        ck_assert_str_eq(conf_section_types[SECTION_METERS].keys[METER_LIVE + c].name, class_word(c));
    }
    ck_assert_str_eq(conf_section_types[SECTION_METER].keys[METER_ADDRESS].name, "address");
    ck_assert_str_eq(conf_section_types[SECTION_METERS].keys[METERS_ADDRESSES].name, "addresses");
    ck_assert_str_eq(conf_section_types[SECTION_TARIFF].keys[TARIFF_WRAP].name, "wrap");
    ck_assert_str_eq(conf_section_types[SECTION_MQTT].keys[MQTT_COMMANDS].name, "commands");
    ck_assert_str_eq(model_top_keys[TOP_SNAPSHOTS].name, "snapshots");
    ck_assert_str_eq(model_family_keys[FAMILY_SLOT_STEP].name, "slot_step");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("config");
    TCase *c = tcase_create("reference");

    tcase_add_test(c, the_manual_holds_the_reference_of_the_rows);
    tcase_add_test(c, the_example_is_sound_as_it_comes);
    tcase_add_test(c, the_example_shows_every_key);
    tcase_add_test(c, every_default_is_a_value_of_its_row);
    tcase_add_test(c, words_stand_in_the_order_of_their_enums);
    suite_add_tcase(s, c);
    return s;
}
