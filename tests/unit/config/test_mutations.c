#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf_fixture.h"
#include "config/models_load.h"
#include "core/rc.h"
#include "unit_main.h"

/* Good files, damaged at random a thousand times: they are read or refused, never anything else. The seed is
 * fixed; a failure names its round. */

static struct conf_fixture f;
static uint32_t state;

static void set_up(void)
{
    conf_fixture_init(&f);
    state = 20260701;
}

static void tear_down(void)
{
    conf_fixture_done(&f);
}

static uint32_t chance(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

static size_t slurp(const char *path, char *text, size_t size)
{
    FILE *in = fopen(path, "r");

    ck_assert_msg(in != NULL, "%s", path);
    size_t len = fread(text, 1, size, in);
    fclose(in);
    return len;
}

/* What damages a file: bytes flipped, lines cut, doubled, swapped, pieces of the language in the wrong place.
 */
static size_t damage(char *text, size_t len, size_t size)
{
    static const char *const pieces[] = {"[",  "]",  "=",  ";",          "\n",   ",",    "{",     "}", "(",
                                         ")",  "\"", "-1", "2147483648", "0x",   "day",  "24:00", "*", " ",
                                         "\\", "/*", "#",  "[bus b]",    "\xff", "%n%s", "..",    "00"};
    size_t at = chance((uint32_t)len), n = 1 + chance(40);

    switch (chance(5)) {
    case 0:
        text[at] = (char)(text[at] ^ (1 << chance(8)));
        return len;
    case 1:
        text[at] = (char)chance(256);
        return len;
    case 2: /* a piece goes */
        n = at + n > len ? len - at : n;
        memmove(text + at, text + at + n, len - at - n);
        return len - n;
    case 3: { /* a piece comes twice */
        n = at + n > len ? len - at : n;
        if (len + n > size)
            return len;
        memmove(text + at + n, text + at, len - at);
        return len + n;
    }
    default: {
        const char *piece = pieces[chance(sizeof pieces / sizeof pieces[0])];
        n = strlen(piece);
        if (len + n > size)
            return len;
        memmove(text + at + n, text + at, len - at);
        memcpy(text + at, piece, n);
        return len + n;
    }
    }
}

#define ROUNDS 1000
#define SIZE   40000

static char good_text[SIZE], text[SIZE];

/* The example with everything switched on, less the keys whose files are not there. */
static size_t example(void)
{
    char all[SIZE];
    size_t len = slurp(SOURCE_DIR "/etc/meterfleet.ini", all, sizeof all - 1), n = 0;

    all[len] = '\0';
    for (char *line = all, *next; line != NULL && *line != '\0'; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        if (line[0] == ';' && line[1] != ' ')
            line++;
        if (strstr(line, "_file =") == NULL && strstr(line, "on_finding =") == NULL &&
            strstr(line, "models =") == NULL)
            n += (size_t)snprintf(good_text + n, sizeof good_text - n, "%s\n", line);
    }
    return n;
}

START_TEST(damaged_ini_files_are_read_or_refused)
{
    size_t len = example();
    unsigned sound = 0;

    conf_fixture_write(&f, "a.ini", good_text, len);
    conf_fixture_read(&f);
    ck_assert_msg(f.rc == RC_OK, "%s", conf_fixture_all(&f));
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t n = len;
        memcpy(text, good_text, len);
        for (uint32_t k = 1 + chance(6); k > 0; k--)
            n = damage(text, n, sizeof text);
        conf_fixture_write(&f, "a.ini", text, n);
        conf_fixture_read(&f);
        ck_assert_msg(f.rc == (f.n == 0 ? RC_OK : RC_PARSE), "round %u: %d with %zu complaints", round, f.rc,
                      f.n);
        sound += f.rc == RC_OK;
    }
    ck_assert_uint_gt(sound, 0);
    ck_assert_uint_lt(sound, ROUNDS / 2);
}
END_TEST

START_TEST(damaged_models_are_read_or_refused)
{
    static const char *const names[] = {"kpm31.cfg", "kpm33b.cfg", "kpm31bk.cfg"};
    const char *const dirs[] = {f.dir};
    unsigned sound = 0;

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct conf_report r = {.errors = 0};
        struct model_set *set = NULL;
        char path[600];
        const char *name = names[round % 3];
        snprintf(path, sizeof path, "%s/%s", MODELS_DIR, name);
        size_t n = slurp(path, text, sizeof text);
        for (uint32_t k = 1 + chance(4); k > 0; k--)
            n = damage(text, n, sizeof text);
        conf_fixture_write(&f, name, text, n);
        ck_assert_int_eq(models_load(dirs, 1, &r, &set), RC_OK);
        for (size_t i = 0; i < models_count(set); i++) {
            const struct regmap *m = models_at(set, i);
            for (size_t k = 1; m != NULL && k < m->n_regs; k++) /* whatever was read holds together */
                if (m->regs[k].address < (unsigned)m->regs[k - 1].address + m->regs[k - 1].len_regs)
                    ck_abort_msg("round %u: registers overlap", round);
            sound += m != NULL;
        }
        models_free(set);
        conf_report_done(&r);
    }
    ck_assert_uint_gt(sound, 0);
}
END_TEST

/* Cut anywhere, as a full disk or a torn copy leaves it. */
START_TEST(an_ini_file_cut_anywhere_is_read_or_refused)
{
    size_t len = example();

    for (size_t n = 0; n < len; n += 29) {
        conf_fixture_write(&f, "a.ini", good_text, n);
        conf_fixture_read(&f);
        ck_assert_msg(f.rc == (f.n == 0 ? RC_OK : RC_PARSE), "cut at %zu: %d with %zu complaints", n, f.rc,
                      f.n);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("config");
    TCase *c = tcase_create("mutations");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, damaged_ini_files_are_read_or_refused);
    tcase_add_test(c, damaged_models_are_read_or_refused);
    tcase_add_test(c, an_ini_file_cut_anywhere_is_read_or_refused);
    suite_add_tcase(s, c);
    return s;
}
