if HAVE_CHECK
CONF_FIXTURE = tests/unit/config/conf_fixture.h tests/unit/config/conf_fixture.c
CONFIG_TESTS = test_models test_models_bad test_models_join test_reference test_budget test_mutations \
	test_settings_all test_settings_bad test_settings_good test_settings_files test_settings_tariff
check_PROGRAMS += $(CONFIG_TESTS)
TESTS += $(CONFIG_TESTS)
CONFIG_CPPFLAGS = $(UNIT_CPPFLAGS) -DSOURCE_DIR='"$(abs_top_srcdir)"'
test_models_SOURCES = tests/unit/config/test_models.c $(UNIT_MAIN)
test_models_CPPFLAGS = $(CONFIG_CPPFLAGS)
test_models_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_models_bad_SOURCES = tests/unit/config/test_models_bad.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_models_bad_CPPFLAGS = $(CONFIG_CPPFLAGS)
test_models_bad_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_models_join_SOURCES = tests/unit/config/test_models_join.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_models_join_CPPFLAGS = $(CONFIG_CPPFLAGS)
test_models_join_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_settings_bad_SOURCES = tests/unit/config/test_settings_bad.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_settings_bad_CPPFLAGS = $(CONFIG_CPPFLAGS)
test_settings_bad_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_settings_all_SOURCES = tests/unit/config/test_settings_all.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_settings_all_CPPFLAGS = $(CONFIG_CPPFLAGS)
test_settings_all_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_settings_good_SOURCES = tests/unit/config/test_settings_good.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_settings_good_CPPFLAGS = $(CONFIG_CPPFLAGS)
test_settings_good_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_settings_files_SOURCES = tests/unit/config/test_settings_files.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_settings_files_CPPFLAGS = $(CONFIG_CPPFLAGS)
test_settings_files_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_settings_tariff_SOURCES = tests/unit/config/test_settings_tariff.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_settings_tariff_CPPFLAGS = $(CONFIG_CPPFLAGS)
test_settings_tariff_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_reference_SOURCES = tests/unit/config/test_reference.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_reference_CPPFLAGS = $(CONFIG_CPPFLAGS)
test_reference_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_budget_SOURCES = tests/unit/config/test_budget.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_budget_CPPFLAGS = $(CONFIG_CPPFLAGS)
test_budget_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_mutations_SOURCES = tests/unit/config/test_mutations.c $(CONF_FIXTURE) $(UNIT_MAIN)
test_mutations_CPPFLAGS = $(CONFIG_CPPFLAGS)
test_mutations_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
endif

# make reference: prints the tables of doc/configuration.md anew, from the rows of the keys.
EXTRA_PROGRAMS += print_reference
print_reference_SOURCES = tests/unit/config/print_reference.c
print_reference_LDADD = $(ALL_LIBS)
CLEANFILES += print_reference
.PHONY: reference
reference: print_reference
	./print_reference $(top_srcdir)/doc/configuration.md
