/* test_control_rights.c - who may ask what. */
#include "daemon/control_rights.h"
#include "unit_main.h"

#define OWN      ((uid_t)900)
#define STRANGER ((uid_t)1000)
#define READER   ((gid_t)50)
#define OPERATOR ((gid_t)60)
#define OTHER    ((gid_t)70)

static const struct {
    const char *sentence;
    uid_t uid;
    gid_t groups[3];
    bool groups_exist;
    enum control_right right;
} cases[] = {
    {"root operates", 0, {OTHER, OTHER, OTHER}, true, CONTROL_OPERATE},
    {"the daemon's own user operates", OWN, {OTHER, OTHER, OTHER}, true, CONTROL_OPERATE},
    {"a stranger may nothing", STRANGER, {OTHER, OTHER, OTHER}, true, CONTROL_NOTHING},
    {"a reader looks", STRANGER, {OTHER, READER, OTHER}, true, CONTROL_LOOK},
    {"an operator operates", STRANGER, {OTHER, OTHER, OPERATOR}, true, CONTROL_OPERATE},
    {"an operator who reads operates", STRANGER, {READER, OPERATOR, OTHER}, true, CONTROL_OPERATE},
    {"groups that do not exist give nothing", STRANGER, {READER, OPERATOR, 0}, false, CONTROL_NOTHING},
};

START_TEST(rights)
{
    struct control_groups g = {.own = OWN};
    if (cases[_i].groups_exist)
        g = (struct control_groups){true, true, READER, OPERATOR, OWN};
    ck_assert_msg(control_rights_judge(&g, cases[_i].uid, cases[_i].groups, 3) == cases[_i].right, "%s",
                  cases[_i].sentence);
}
END_TEST

START_TEST(who_has_no_groups_may_nothing)
{
    struct control_groups g = {true, true, READER, OPERATOR, OWN};
    ck_assert_int_eq(control_rights_judge(&g, STRANGER, NULL, 0), CONTROL_NOTHING);
}
END_TEST

START_TEST(what_is_no_socket_has_no_rights)
{
    uid_t uid = 0;
    ck_assert_int_eq(control_rights_of_peer(-1, &uid), CONTROL_NOTHING);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *s = suite_create("control_rights");
    TCase *t = tcase_create("control_rights");
    tcase_add_loop_test(t, rights, 0, sizeof cases / sizeof cases[0]);
    tcase_add_test(t, who_has_no_groups_may_nothing);
    tcase_add_test(t, what_is_no_socket_has_no_rights);
    suite_add_tcase(s, t);
    return s;
}
