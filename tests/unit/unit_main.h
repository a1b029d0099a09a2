/* unit_main.h - runs one Check suite and speaks TAP, so that automake counts every case.
 *
 * Use:  Suite *unit_suite(void) in the test file; link with unit_main.c.
 */
#ifndef METERFLEET_TESTS_UNIT_MAIN_H
#define METERFLEET_TESTS_UNIT_MAIN_H

#include <check.h>

Suite *unit_suite(void);

#endif
