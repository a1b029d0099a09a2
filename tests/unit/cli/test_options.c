/* test_options.c - a command line means what POSIX says, or one clear complaint. */
#include <string.h>
#include "cli/options.h"
#include "core/rc.h"
#include "unit_main.h"

static const struct option_row rows[] = {
    {"config", 'c', "FILE", "the site configuration"},
    {"foreground", 'f', NULL, "plain log lines"},
    {"clock", 0, "START@SPEED",
     "a test clock that begins somewhere and runs at another speed than the real one does"},
    {"verbose", 'v', NULL, "more"},
};
#define N          4
#define MOST_WORDS 8

/* The words after the program's name; what each option then is ("" a switch), the operands, or the complaint.
 */
static const struct {
    const char *sentence;
    const char *words[MOST_WORDS];
    const char *config, *foreground, *clock, *verbose;
    const char *operands[4];
    const char *why;
} cases[] = {
    {"nothing is fine", {NULL}, NULL, NULL, NULL, NULL, {NULL}, NULL},
    {"a value in the next word", {"-c", "a.ini"}, "a.ini", NULL, NULL, NULL, {NULL}, NULL},
    {"a value behind its letter", {"-ca.ini"}, "a.ini", NULL, NULL, NULL, {NULL}, NULL},
    {"a long name", {"--config", "a.ini"}, "a.ini", NULL, NULL, NULL, {NULL}, NULL},
    {"a long name and =", {"--config=a=b"}, "a=b", NULL, NULL, NULL, {NULL}, NULL},
    {"an empty value is a value", {"--config="}, "", NULL, NULL, NULL, {NULL}, NULL},
    {"an option may be a value", {"-c", "--verbose"}, "--verbose", NULL, NULL, NULL, {NULL}, NULL},
    {"switches behind one dash", {"-fv"}, NULL, "", NULL, "", {NULL}, NULL},
    {"switches, then a value", {"-fvca.ini"}, "a.ini", "", NULL, "", {NULL}, NULL},
    {"a switch may be said again", {"-v", "-v", "--verbose"}, NULL, NULL, NULL, "", {NULL}, NULL},
    {"operands between options", {"one", "-v", "two"}, NULL, NULL, NULL, "", {"one", "two"}, NULL},
    {"a lone dash is an operand", {"-", "-v"}, NULL, NULL, NULL, "", {"-"}, NULL},
    {"two dashes end the options", {"-v", "--", "-f", "--"}, NULL, NULL, NULL, "", {"-f", "--"}, NULL},
    {"a misspelt name", {"--confg", "x"}, 0, 0, 0, 0, {0}, "--confg: unknown option: did you mean --config?"},
    {"only its beginning", {"--fore"}, 0, 0, 0, 0, {0}, "--fore: unknown option: did you mean --foreground?"},
    {"nothing alike", {"--xyzzy"}, 0, 0, 0, 0, {0}, "--xyzzy: unknown option"},
    {"a value does not hide it",
     {"--confg=x"},
     0,
     0,
     0,
     0,
     {0},
     "--confg: unknown option: did you mean --config?"},
    {"an unknown letter", {"-x"}, 0, 0, 0, 0, {0}, "-x: unknown option"},
    {"an unknown letter among known", {"-fx"}, 0, 0, 0, 0, {0}, "-x: unknown option"},
    {"a value is missing", {"-c"}, 0, 0, 0, 0, {0}, "--config: needs a value: FILE"},
    {"two values for one", {"-c", "a", "--config=b"}, 0, 0, 0, 0, {0}, "--config: given twice: 'a' and 'b'"},
    {"the same one twice", {"-ca", "-c", "a"}, 0, 0, 0, 0, {0}, "--config: given twice: 'a' and 'a'"},
    {"an empty one counts", {"--clock=", "--clock=x"}, 0, 0, 0, 0, {0}, "--clock: given twice: '' and 'x'"},
    {"a value too much", {"--verbose=yes"}, 0, 0, 0, 0, {0}, "--verbose: takes no value"},
};

static void check_text(const char *sentence, const char *got, const char *wanted)
{
    ck_assert_msg((got == NULL) == (wanted == NULL) && (got == NULL || strcmp(got, wanted) == 0),
                  "%s: %s, not %s", sentence, got != NULL ? got : "absent",
                  wanted != NULL ? wanted : "absent");
}

START_TEST(words_become_values)
{
    const char *argv[MOST_WORDS + 1] = {"program"};
    int argc = 1;
    struct options o;
    char why[OPTIONS_WHY] = "";
    for (size_t i = 0; i < MOST_WORDS && cases[_i].words[i] != NULL; i++)
        argv[argc++] = cases[_i].words[i];
    const char *sentence = cases[_i].sentence;
    int rc = options_parse(rows, N, argc, argv, false, &o, why);
    if (cases[_i].why != NULL) {
        ck_assert_msg(rc == RC_PARSE, "%s: accepted", sentence);
        check_text(sentence, why, cases[_i].why);
        return;
    }
    ck_assert_msg(rc == RC_OK, "%s: %s", sentence, why);
    check_text(sentence, options_get(rows, N, &o, "config"), cases[_i].config);
    check_text(sentence, options_get(rows, N, &o, "foreground"), cases[_i].foreground);
    check_text(sentence, options_get(rows, N, &o, "clock"), cases[_i].clock);
    check_text(sentence, options_get(rows, N, &o, "verbose"), cases[_i].verbose);
    size_t n = 0;
    while (n < 4 && cases[_i].operands[n] != NULL)
        n++;
    ck_assert_msg(o.n_operands == n, "%s: %zu operands", sentence, o.n_operands);
    for (size_t i = 0; i < n; i++)
        check_text(sentence, o.operand[i], cases[_i].operands[i]);
}
END_TEST

START_TEST(a_subcommand_ends_the_options_before_it)
{
    const char *argv[] = {"program", "-c", "a.ini", "status", "--json"};
    struct options o;
    char why[OPTIONS_WHY];
    ck_assert_int_eq(options_parse(rows, N, 5, argv, true, &o, why), RC_OK);
    ck_assert_int_eq(o.used, 3);
    ck_assert_uint_eq(o.n_operands, 0);
}
END_TEST

START_TEST(as_many_operands_as_fit_and_one_more)
{
    const char *argv[OPTIONS_OPERANDS + 2] = {"program"};
    struct options o;
    char why[OPTIONS_WHY];
    for (size_t i = 1; i < OPTIONS_OPERANDS + 2; i++)
        argv[i] = "m";
    ck_assert_int_eq(options_parse(rows, N, OPTIONS_OPERANDS + 1, argv, false, &o, why), RC_OK);
    ck_assert_int_eq(options_parse(rows, N, OPTIONS_OPERANDS + 2, argv, false, &o, why), RC_RANGE);
}
END_TEST

START_TEST(help_fits_80_columns)
{
    struct text_buf b = {.data = NULL};
    options_help(rows, N, &b);
    ck_assert(!b.failed);
    ck_assert_ptr_nonnull(strstr(b.data, "  -c, --config FILE     the site configuration\n"));
    ck_assert_ptr_nonnull(strstr(b.data, "      --clock START@SPEED\n                        a test clock"));
    for (const char *line = b.data; *line != '\0'; line += strcspn(line, "\n") + 1)
        ck_assert_uint_le(strcspn(line, "\n"), 80);
    text_buf_done(&b);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("options");
    TCase *t = tcase_create("options");
    tcase_add_loop_test(t, words_become_values, 0, sizeof cases / sizeof cases[0]);
    tcase_add_test(t, a_subcommand_ends_the_options_before_it);
    tcase_add_test(t, as_many_operands_as_fit_and_one_more);
    tcase_add_test(t, help_fits_80_columns);
    suite_add_tcase(s, t);
    return s;
}
