/* Every fault class is found within a month, and named. bench/verify_faults runs each with many seeds. */
#include <stdlib.h>
#include "core/text.h"
#include "fake/faulty_meters.h"
#include "unit_main.h"

START_TEST(faults_are_found_and_named)
{
    const struct faulty *f = &faulty_meters[_i];
    struct watched w;
    struct text_buf said = {0};
    const char *seed = getenv("METERFLEET_SEED");
    faulty_run(f, seed != NULL ? (uint64_t)atoll(seed) : 1, &w);
    for (size_t i = 0; i < w.diagnoses.n; i++)
        text_buf_addf(&said, "\n  %s: %s", diagnosis_code_name(w.diagnoses.item[i].code),
                      w.diagnoses.item[i].text);
    for (int r = 0; r < RULE_COUNT; r++)
        if (w.findings.count[r] > 0)
            text_buf_addf(&said, "\n  %s %llu", verify_rule_name((enum verify_rule)r),
                          (unsigned long long)w.findings.count[r]);
    ck_assert_msg(w.result.verdict == VERDICT_VIOLATED, "%s: not found%s", f->name,
                  said.data != NULL ? said.data : "");
    ck_assert_msg(faulty_named(f, &w), "%s: not named%s", f->name, said.data != NULL ? said.data : "");
    text_buf_done(&said);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("verify_detect");
    TCase *c = tcase_create("faults");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, faults_are_found_and_named, 0, faulty_meters_count);
    suite_add_tcase(s, c);
    return s;
}
