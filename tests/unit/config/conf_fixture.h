/* conf_fixture.h - a directory of one's own with configuration files, and what reading them said.
 *
 * Errors:  a failed system call fails the test.
 * Threads: one fixture a test; the directory goes with conf_fixture_done().
 */
#ifndef METERFLEET_TESTS_CONF_FIXTURE_H
#define METERFLEET_TESTS_CONF_FIXTURE_H

#include <stddef.h>
#include "config/settings.h"

struct conf_fixture {
    char dir[64];
    char **lines; /* the complaints, without "DIR/" */
    size_t n;
    struct settings *s; /* NULL when there were complaints */
    int rc;
};

/* Models come from the source tree, unless METERFLEET_MODELS is set afterwards. */
void conf_fixture_init(struct conf_fixture *f);
void conf_fixture_done(struct conf_fixture *f);
/* Writes DIR/name (also "conf.d/x.ini"), mode 0600. */
void conf_fixture_write(struct conf_fixture *f, const char *name, const void *text, size_t len);
void conf_fixture_text(struct conf_fixture *f, const char *name, const char *text);
/* "DIR/name" in a buffer of the fixture's; overwritten by the next call. */
const char *conf_fixture_path(struct conf_fixture *f, const char *name);
/* Reads DIR/a.ini. */
void conf_fixture_read(struct conf_fixture *f);
/* a.ini = text, and read. */
void conf_fixture_try(struct conf_fixture *f, const char *text);
/* A settings_report that collects into the fixture. */
void conf_fixture_collect(void *fixture, const char *line);
/* All complaints in one text, for messages. */
const char *conf_fixture_all(const struct conf_fixture *f);

/* The smallest sound site; what a test wants wrong comes after it. */
#define SITE   "[gateway]\nid = g\n"                                   /* lines 1, 2 */
#define BUS    "[bus b]\ndevice = /dev/ttyS0\n"                        /* 2 lines */
#define METER  "[meter m]\nbus = b\naddress = 1\nmodel = kpm31\n"      /* 4 lines */
#define TARIFF "[tariff t]\nutc_offset = +08:00\nday 1 = 00:00 flat\n" /* 3 lines */

#endif
