if HAVE_CHECK
TARIFF_TESTS = tests/unit/tariff/test_calendar
check_PROGRAMS += $(TARIFF_TESTS)
TESTS += $(TARIFF_TESTS)
tests_unit_tariff_test_calendar_SOURCES = tests/unit/tariff/test_calendar.c tests/fake/plain_tariff.c \
	tests/fake/plain_tariff.h $(UNIT_MAIN)
tests_unit_tariff_test_calendar_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_tariff_test_calendar_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
endif
