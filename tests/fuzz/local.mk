# Fuzz targets. `make check` runs each over its corpus and a fixed number of changed inputs (fuzz.sh); `make fuzz` hunts
# for FUZZ_SECONDS a target, with clang's engine where there is one (hunt.sh). To repeat a find: fuzz_csv FILE.
FUZZ_TARGETS = fuzz_tariff fuzz_csv fuzz_state fuzz_settings fuzz_model
FUZZ_SECONDS = 60
FUZZ_DRIVER = tests/fuzz/fuzz_main.c tests/fuzz/fuzz_mutate.c tests/fuzz/fuzz_mutate.h
FUZZ_JUDGE = tests/fuzz/fuzz_judge.c tests/fuzz/fuzz_judge.h
FUZZ_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
check_PROGRAMS += $(FUZZ_TARGETS)
TESTS += tests/fuzz/fuzz.sh
dist_check_SCRIPTS += tests/fuzz/fuzz.sh
EXTRA_DIST += tests/fuzz/hunt.sh tests/fuzz/corpus
CLEANFILES += fuzz.died
fuzz_tariff_SOURCES = tests/fuzz/fuzz_tariff.c $(FUZZ_DRIVER)
fuzz_tariff_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_tariff_LDADD = $(ALL_LIBS)
fuzz_csv_SOURCES = tests/fuzz/fuzz_csv.c $(FUZZ_JUDGE) $(FUZZ_DRIVER)
fuzz_csv_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_csv_LDADD = $(PURE_LIBS)
fuzz_state_SOURCES = tests/fuzz/fuzz_state.c $(FUZZ_JUDGE) $(FUZZ_DRIVER)
fuzz_state_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_state_LDADD = $(PURE_LIBS)
fuzz_settings_SOURCES = tests/fuzz/fuzz_settings.c $(FUZZ_DRIVER)
fuzz_settings_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_settings_LDADD = $(ALL_LIBS)
fuzz_model_SOURCES = tests/fuzz/fuzz_model.c $(FUZZ_DRIVER)
fuzz_model_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_model_LDADD = $(ALL_LIBS)

.PHONY: fuzz
fuzz: $(FUZZ_TARGETS)
	top_srcdir='$(abs_top_srcdir)' /bin/bash $(top_srcdir)/tests/fuzz/hunt.sh $(FUZZ_SECONDS) $(FUZZ_TARGETS)
