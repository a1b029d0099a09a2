if HAVE_CHECK
CONFIG_TESTS = test_models
check_PROGRAMS += $(CONFIG_TESTS)
TESTS += $(CONFIG_TESTS)
test_models_SOURCES = tests/unit/config/test_models.c $(UNIT_MAIN)
test_models_CPPFLAGS = $(UNIT_CPPFLAGS)
test_models_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
endif
