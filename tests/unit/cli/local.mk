if HAVE_CHECK
CLI_TESTS = test_options test_human
check_PROGRAMS += $(CLI_TESTS)
TESTS += $(CLI_TESTS)
test_options_SOURCES = tests/unit/cli/test_options.c $(UNIT_MAIN)
test_options_CPPFLAGS = $(UNIT_CPPFLAGS)
test_options_LDADD = libmeterfleet-top.a $(PURE_LIBS) $(CHECK_LIBS)
test_human_SOURCES = tests/unit/cli/test_human.c $(UNIT_MAIN)
test_human_CPPFLAGS = $(UNIT_CPPFLAGS)
test_human_LDADD = libmeterfleet-top.a $(PURE_LIBS) $(CHECK_LIBS)
endif
