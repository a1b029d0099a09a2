#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "conf_fixture.h"
#include "core/rc.h"
#include "unit_main.h"

/* Files: several that make one configuration, and what is no file at all. */

static struct conf_fixture f;

static void set_up(void)
{
    conf_fixture_init(&f);
}

static void tear_down(void)
{
    conf_fixture_done(&f);
}

static void expect(const char *const *complaints)
{
    size_t n = 0;

    while (complaints[n] != NULL)
        n++;
    ck_assert_msg(f.n == n, "%zu complaints, not %zu:%s", f.n, n, conf_fixture_all(&f));
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(strncmp(f.lines[i], complaints[i], strlen(complaints[i])) == 0, "\n  %s\nis not\n  %s",
                      f.lines[i], complaints[i]);
}
#define EXPECT(...) expect((const char *const[]){__VA_ARGS__, NULL})

START_TEST(conf_d_adds_in_lexical_order)
{
    conf_fixture_text(&f, "conf.d/20.ini", METER);
    conf_fixture_text(&f, "conf.d/10.ini", "[bus b]\ndevice = /dev/a\n");
    conf_fixture_text(&f, "conf.d/30.ini.bak", "no\n");
    conf_fixture_text(&f, "conf.d/.40.ini", "no\n");
    conf_fixture_try(&f, SITE);
    expect((const char *const[]){NULL});
    ck_assert_uint_eq(f.s->n_meters, 1);
}
END_TEST

START_TEST(contradictions_are_found_over_files)
{
    conf_fixture_text(&f, "conf.d/10.ini", "[bus b]\ndevice = /dev/b\n[poll]\nlive = 1s\n");
    conf_fixture_text(&f, "conf.d/20.ini",
                      "[poll]\nlive = 2s\n[meter n]\nbus = b\naddress = 1\nmodel = kpm31\n");
    conf_fixture_try(&f, SITE BUS METER);
    EXPECT("conf.d/10.ini:1: [bus b]: given already at ", "conf.d/20.ini:1: [poll]: given already at ",
           "conf.d/20.ini:5: [meter n] address: address 1 on bus b is that of meter m already");
}
END_TEST

START_TEST(errors_are_told_file_by_file_in_the_order_of_their_lines)
{
    conf_fixture_text(&f, "conf.d/20.ini", "[bus c]\nboud = 1\ndevice = /dev/c\n");
    conf_fixture_text(&f, "conf.d/10.ini", "[bus b]\ndevice = x\n");
    conf_fixture_try(&f, "[meter m]\nbus = a\naddress = 1\nmodel = kpm31\n[gateway]\nclock = x\nnonsense\n");
    EXPECT("a.ini:2: [meter m] bus: there is no bus 'a'", "a.ini:5: [gateway] id: is missing",
           "a.ini:6: [gateway] clock: must be one of", "a.ini:7: [gateway]: neither key = value",
           "conf.d/10.ini:2: [bus b] device: must be", "conf.d/20.ini:2: [bus c] boud: unknown key");
}
END_TEST

START_TEST(bom_crlf_and_a_missing_last_newline_are_no_mistakes)
{
    conf_fixture_try(
        &f, "\xEF\xBB\xBF[gateway]\r\nid = g\r\n\r\n; c\r\n# c\r\n  [bus b] ; c\r\n\tdevice = /dev/a");
    expect((const char *const[]){NULL});
    ck_assert_str_eq(f.s->gateway.id, "g");
    ck_assert_str_eq(f.s->buses[0].device, "/dev/a");
}
END_TEST

START_TEST(a_byte_order_mark_moves_no_line_number)
{
    conf_fixture_try(&f, "\xEF\xBB\xBF" SITE "clok = x\n");
    EXPECT("a.ini:3: [gateway] clok: unknown key");
}
END_TEST

START_TEST(a_nul_hides_nothing)
{
    static const char text[] = SITE "clock = auto\0 hidden\nclok = x\n";

    conf_fixture_write(&f, "a.ini", text, sizeof text - 1);
    conf_fixture_read(&f);
    EXPECT("a.ini:3: [gateway]: a NUL byte in the line", "a.ini:4: [gateway] clok: unknown key");
}
END_TEST

static char *long_line(size_t len)
{
    char *text = malloc(len + 200);

    ck_assert_ptr_nonnull(text);
    size_t n = (size_t)sprintf(text, SITE BUS METER "label = ");
    size_t begin = n - strlen("label = ");
    /* Blanks after the value are not part of it, so the value fits whatever the line's length. */
    text[n++] = 'x';
    memset(text + n, ' ', begin + len - n);
    strcpy(text + begin + len, "\nretries = 1\n");
    return text;
}

START_TEST(a_line_of_8192_bytes_is_read_and_one_more_is_an_error)
{
    char *text = long_line(8192);
    conf_fixture_try(&f, text);
    EXPECT("a.ini:10: [meter m] retries: unknown key");
    free(text);
    text = long_line(8193);
    conf_fixture_try(&f, text);
    EXPECT("a.ini:9: [meter m]: a line of more than 8192 bytes", "a.ini:10: [meter m] retries: unknown key");
    free(text);
}
END_TEST

START_TEST(an_endless_line_is_one_error)
{
    size_t len = 900000;
    char *text = malloc(len + 1);

    ck_assert_ptr_nonnull(text);
    memset(text, 'x', len);
    memcpy(text, SITE, strlen(SITE));
    conf_fixture_write(&f, "a.ini", text, len);
    conf_fixture_read(&f);
    EXPECT("a.ini:3: [gateway]: a line of more than 8192 bytes");
    free(text);
}
END_TEST

START_TEST(a_file_over_the_limit_is_not_read)
{
    char path[600];

    conf_fixture_text(&f, "a.ini", SITE);
    snprintf(path, sizeof path, "%s", conf_fixture_path(&f, "a.ini"));
    ck_assert_int_eq(truncate(path, (off_t)20 << 30), 0);
    conf_fixture_read(&f);
    EXPECT("a.ini: is too large: at most 1024 KiB");
}
END_TEST

START_TEST(many_sections_and_keys_end_in_reasonable_time)
{
    size_t size = 1000000, len = 0;
    char *text = malloc(size);
    time_t before = time(NULL);

    ck_assert_ptr_nonnull(text);
    for (unsigned i = 0; len < size - 40; i++)
        len += (size_t)snprintf(text + len, size - len, "[bus b%u]\ndevice=/dev/%u\n", i, i);
    conf_fixture_write(&f, "a.ini", text, len);
    conf_fixture_read(&f);
    ck_assert_int_eq(f.rc, RC_PARSE);
    ck_assert_msg(strstr(conf_fixture_all(&f), "more than 10000 sections") != NULL, "%s",
                  conf_fixture_all(&f));
    len = (size_t)snprintf(text, size, SITE);
    for (unsigned i = 0; len < size - 40; i++)
        len += (size_t)snprintf(text + len, size - len, "k%u=\n", i);
    conf_fixture_write(&f, "a.ini", text, len);
    conf_fixture_read(&f);
    ck_assert_uint_eq(f.n, 999 + 1); /* 999 unknown keys beside id, and the end */
    ck_assert_int_le(time(NULL) - before, 20);
    free(text);
}
END_TEST

START_TEST(a_directory_is_no_file)
{
    mkdir(conf_fixture_path(&f, "a.ini"), 0700);
    conf_fixture_read(&f);
    EXPECT("a.ini: is a directory, not a file");
}
END_TEST

START_TEST(a_fifo_is_not_waited_for)
{
    mkfifo(conf_fixture_path(&f, "a.ini"), 0600);
    conf_fixture_read(&f);
    EXPECT("a.ini: is a FIFO, not a file");
}
END_TEST

START_TEST(a_link_loop_is_one_line)
{
    ck_assert_int_eq(symlink("a.ini", conf_fixture_path(&f, "a.ini")), 0);
    conf_fixture_read(&f);
    EXPECT("a.ini: cannot be read: Too many levels of symbolic links");
}
END_TEST

START_TEST(a_missing_file_is_one_line)
{
    conf_fixture_read(&f);
    EXPECT("a.ini: cannot be read: No such file or directory");
}
END_TEST

START_TEST(an_unreadable_file_is_one_line)
{
    if (geteuid() == 0)
        return; /* root reads everything */
    conf_fixture_text(&f, "a.ini", SITE);
    chmod(conf_fixture_path(&f, "a.ini"), 0);
    conf_fixture_read(&f);
    EXPECT("a.ini: cannot be read: Permission denied");
}
END_TEST

START_TEST(what_is_no_file_in_conf_d_is_one_line)
{
    conf_fixture_text(&f, "conf.d/10.ini", "[poll]\nlive = 1s\n");
    mkdir(conf_fixture_path(&f, "conf.d/20.ini"), 0700);
    mkfifo(conf_fixture_path(&f, "conf.d/30.ini"), 0600);
    conf_fixture_try(&f, SITE "clok = x\n");
    EXPECT("a.ini:3: [gateway] clok: unknown key", "conf.d/20.ini: is a directory, not a file",
           "conf.d/30.ini: is a FIFO, not a file");
}
END_TEST

START_TEST(conf_d_that_is_a_file_is_one_line)
{
    conf_fixture_text(&f, "conf.d", "x");
    conf_fixture_try(&f, SITE);
    EXPECT("conf.d: cannot be read: Not a directory");
}
END_TEST

START_TEST(an_empty_file_lacks_its_id)
{
    conf_fixture_try(&f, "");
    EXPECT("a.ini:1: [gateway] id: is missing");
}
END_TEST

START_TEST(a_secret_that_others_can_write_is_refused)
{
    char text[600];

    conf_fixture_text(&f, "pw", "x");
    chmod(conf_fixture_path(&f, "pw"), 0642);
    snprintf(text, sizeof text, SITE "[mqtt]\nurl = mqtt://h\nusername = u\npassword_file = %s\n",
             conf_fixture_path(&f, "pw"));
    conf_fixture_try(&f, text);
    ck_assert_uint_eq(f.n, 1);
    ck_assert_msg(strstr(f.lines[0], "a.ini:6: [mqtt] password_file: ") != NULL, "%s", f.lines[0]);
    ck_assert_ptr_nonnull(strstr(f.lines[0], "others can write it"));
    chmod(conf_fixture_path(&f, "pw"), 0640);
    conf_fixture_try(&f, text);
    expect((const char *const[]){NULL});
}
END_TEST

START_TEST(the_fingerprint_is_the_sum_of_the_files_in_reading_order)
{
    conf_fixture_text(&f, "conf.d/20.ini", "[poll]\n");
    conf_fixture_text(&f, "conf.d/10.ini", "[bus b]\ndevice = /dev/a\n");
    conf_fixture_try(&f, SITE);
    expect((const char *const[]){NULL});
    /* printf '[gateway]\nid = g\n[bus b]\ndevice = /dev/a\n[poll]\n' | sha256sum */
    ck_assert_str_eq(f.s->config_sha256, "46b2e4a0074b6286238a80b68de99abeaf2ee1e5f827696cb7be0cb8fbd61e26");
}
END_TEST

START_TEST(for_verifying_files_a_tariff_is_enough_and_the_rest_is_not_looked_at)
{
    char path[600];
    struct settings *s = NULL;

    conf_fixture_text(&f, "a.ini", TARIFF "[mqtt]\nurl = nonsense\nfoo = 1\n[meter m]\n");
    snprintf(path, sizeof path, "%s", conf_fixture_path(&f, "a.ini"));
    ck_assert_int_eq(settings_read_tariffs(path, conf_fixture_collect, &f, &s), RC_OK);
    ck_assert_uint_eq(s->n_tariffs, 1);
    ck_assert_uint_eq(s->n_meters, 0);
    settings_free(s);
    conf_fixture_text(&f, "a.ini", TARIFF "day 2 = 24:00 flat\n[mtt]\n");
    ck_assert_int_eq(settings_read_tariffs(path, conf_fixture_collect, &f, &s), RC_PARSE);
    EXPECT("a.ini:4: [tariff t] day 2: 24:00 is no time",
           "a.ini:5: [mtt]: unknown section (did you mean mqtt?)");
}
END_TEST

START_TEST(an_environment_that_names_no_directory_is_one_line)
{
    setenv("METERFLEET_MODELS", "/no/such/dir", 1);
    conf_fixture_try(&f, SITE);
    EXPECT("METERFLEET_MODELS: '/no/such/dir' is not a directory");
    setenv("METERFLEET_MODELS", "", 1);
    conf_fixture_try(&f, SITE);
    expect((const char *const[]){NULL});
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("settings");
    TCase *c = tcase_create("files");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, conf_d_adds_in_lexical_order);
    tcase_add_test(c, contradictions_are_found_over_files);
    tcase_add_test(c, errors_are_told_file_by_file_in_the_order_of_their_lines);
    tcase_add_test(c, bom_crlf_and_a_missing_last_newline_are_no_mistakes);
    tcase_add_test(c, a_byte_order_mark_moves_no_line_number);
    tcase_add_test(c, a_nul_hides_nothing);
    tcase_add_test(c, a_line_of_8192_bytes_is_read_and_one_more_is_an_error);
    tcase_add_test(c, an_endless_line_is_one_error);
    tcase_add_test(c, a_file_over_the_limit_is_not_read);
    tcase_add_test(c, many_sections_and_keys_end_in_reasonable_time);
    tcase_add_test(c, a_directory_is_no_file);
    tcase_add_test(c, a_fifo_is_not_waited_for);
    tcase_add_test(c, a_link_loop_is_one_line);
    tcase_add_test(c, a_missing_file_is_one_line);
    tcase_add_test(c, an_unreadable_file_is_one_line);
    tcase_add_test(c, what_is_no_file_in_conf_d_is_one_line);
    tcase_add_test(c, conf_d_that_is_a_file_is_one_line);
    tcase_add_test(c, an_empty_file_lacks_its_id);
    tcase_add_test(c, a_secret_that_others_can_write_is_refused);
    tcase_add_test(c, the_fingerprint_is_the_sum_of_the_files_in_reading_order);
    tcase_add_test(c, for_verifying_files_a_tariff_is_enough_and_the_rest_is_not_looked_at);
    tcase_add_test(c, an_environment_that_names_no_directory_is_one_line);
    suite_add_tcase(s, c);
    return s;
}
