if HAVE_CHECK
CONFIG_TESTS = test_models test_settings_bad test_settings_good test_settings_files
CONF_FIXTURE = tests/unit/config/conf_fixture.h tests/unit/config/conf_fixture.c
check_PROGRAMS += $(CONFIG_TESTS)
TESTS += $(CONFIG_TESTS)
test_models_SOURCES = tests/unit/config/test_models.c $(UNIT_MAIN)
test_models_CPPFLAGS = $(UNIT_CPPFLAGS)
test_models_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_settings_bad_SOURCES = tests/unit/config/test_settings_bad.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_settings_bad_CPPFLAGS = $(UNIT_CPPFLAGS)
test_settings_bad_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_settings_good_SOURCES = tests/unit/config/test_settings_good.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_settings_good_CPPFLAGS = $(UNIT_CPPFLAGS)
test_settings_good_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_settings_files_SOURCES = tests/unit/config/test_settings_files.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_settings_files_CPPFLAGS = $(UNIT_CPPFLAGS)
test_settings_files_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
endif
