# Unit tests are Check suites that speak TAP (tests/unit/unit_main.c); tests/unit mirrors src. Integration tests are
# scripts that speak TAP themselves. Both run under automake's TAP driver.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
TEST_EXTENSIONS = .py .sh
PY_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_COMPILER = /usr/bin/python3
SH_LOG_COMPILER = /bin/bash
AM_TESTS_ENVIRONMENT = top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)'; export top_srcdir top_builddir;
UNIT_MAIN = tests/unit/unit_main.c tests/unit/unit_main.h
UNIT_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit -I$(top_srcdir)/tests $(CHECK_CFLAGS) \
	-DTEST_DATA='"$(abs_top_srcdir)/tests/data"' -DMODELS_DIR='"$(abs_top_srcdir)/etc/models"'
# A unit test program NAME lists: NAME_SOURCES = tests/unit/ROOM/test_X.c $(UNIT_MAIN), NAME_CPPFLAGS = $(UNIT_CPPFLAGS),
# NAME_LDADD = $(PURE_LIBS) $(CHECK_LIBS) (or $(ALL_LIBS)), and stands in check_PROGRAMS and TESTS inside `if HAVE_CHECK`.
# What tests read: register map, tariffs, load profiles, each with its source beside it.
EXTRA_DIST += tests/data
include tests/unit/core/local.mk
include tests/unit/tariff/local.mk
include tests/unit/config/local.mk
include tests/unit/share/local.mk
include tests/unit/bus/local.mk
include tests/unit/store/local.mk
include tests/unit/publish/local.mk
include tests/unit/daemon/local.mk
include tests/unit/cli/local.mk
include tests/unit/sim/local.mk
include tests/fuzz/local.mk
include tests/integration/local.mk
include tests/house/local.mk
