if HAVE_CHECK
CONF_FIXTURE = tests/unit/config/conf_fixture.h tests/unit/config/conf_fixture.c
CONFIG_TESTS = test_models test_models_bad \
	test_settings_bad test_settings_good test_settings_files test_settings_tariff
check_PROGRAMS += $(CONFIG_TESTS)
TESTS += $(CONFIG_TESTS)
test_models_SOURCES = tests/unit/config/test_models.c $(UNIT_MAIN)
test_models_CPPFLAGS = $(UNIT_CPPFLAGS)
test_models_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_models_bad_SOURCES = tests/unit/config/test_models_bad.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_models_bad_CPPFLAGS = $(UNIT_CPPFLAGS)
test_models_bad_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_settings_bad_SOURCES = tests/unit/config/test_settings_bad.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_settings_bad_CPPFLAGS = $(UNIT_CPPFLAGS)
test_settings_bad_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_settings_good_SOURCES = tests/unit/config/test_settings_good.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_settings_good_CPPFLAGS = $(UNIT_CPPFLAGS)
test_settings_good_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_settings_files_SOURCES = tests/unit/config/test_settings_files.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_settings_files_CPPFLAGS = $(UNIT_CPPFLAGS)
test_settings_files_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_settings_tariff_SOURCES = tests/unit/config/test_settings_tariff.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_settings_tariff_CPPFLAGS = $(UNIT_CPPFLAGS)
test_settings_tariff_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
endif
