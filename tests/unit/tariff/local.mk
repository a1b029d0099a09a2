if HAVE_CHECK
TARIFF_TESTS = tests/unit/tariff/test_calendar tests/unit/tariff/test_learn tests/unit/tariff/test_verify_sound tests/unit/tariff/test_verify_detect
check_PROGRAMS += $(TARIFF_TESTS)
TESTS += $(TARIFF_TESTS)
TARIFF_LIVES = tests/fake/plain_tariff.c tests/fake/plain_tariff.h tests/fake/meter_life.c tests/fake/meter_life.h \
	tests/fake/meter_watch.c tests/fake/meter_watch.h
tests_unit_tariff_test_verify_sound_SOURCES = tests/unit/tariff/test_verify_sound.c $(TARIFF_LIVES) $(UNIT_MAIN)
tests_unit_tariff_test_verify_sound_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_tariff_test_verify_sound_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
tests_unit_tariff_test_verify_detect_SOURCES = tests/unit/tariff/test_verify_detect.c tests/fake/faulty_meters.c \
	tests/fake/faulty_meters.h $(TARIFF_LIVES) $(UNIT_MAIN)
tests_unit_tariff_test_verify_detect_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_tariff_test_verify_detect_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
tests_unit_tariff_test_learn_SOURCES = tests/unit/tariff/test_learn.c tests/fake/faulty_meters.c \
	tests/fake/faulty_meters.h $(TARIFF_LIVES) $(UNIT_MAIN)
tests_unit_tariff_test_learn_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_tariff_test_learn_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
tests_unit_tariff_test_calendar_SOURCES = tests/unit/tariff/test_calendar.c tests/fake/plain_tariff.c \
	tests/fake/plain_tariff.h $(UNIT_MAIN)
tests_unit_tariff_test_calendar_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_tariff_test_calendar_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
endif

# what the store asks: the sum check, settlement instants, the meaning of frozen registers
if HAVE_CHECK
check_PROGRAMS += test_sum_check test_settlement test_settlement_shift
TESTS += test_sum_check test_settlement test_settlement_shift
test_sum_check_SOURCES = tests/unit/tariff/test_sum_check.c $(UNIT_MAIN)
test_sum_check_CPPFLAGS = $(UNIT_CPPFLAGS)
test_sum_check_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_settlement_SOURCES = tests/unit/tariff/test_settlement.c $(UNIT_MAIN)
test_settlement_CPPFLAGS = $(UNIT_CPPFLAGS)
test_settlement_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_settlement_shift_SOURCES = tests/unit/tariff/test_settlement_shift.c $(UNIT_MAIN)
test_settlement_shift_CPPFLAGS = $(UNIT_CPPFLAGS)
test_settlement_shift_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/unit/tariff/test_verify_rows
TESTS += tests/unit/tariff/test_verify_rows
tests_unit_tariff_test_verify_rows_SOURCES = tests/unit/tariff/test_verify_rows.c $(UNIT_MAIN)
tests_unit_tariff_test_verify_rows_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_tariff_test_verify_rows_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/unit/tariff/test_csv
TESTS += tests/unit/tariff/test_csv
tests_unit_tariff_test_csv_SOURCES = tests/unit/tariff/test_csv.c $(UNIT_MAIN)
tests_unit_tariff_test_csv_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_tariff_test_csv_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
endif

# the rules at their edges, row by row
if HAVE_CHECK
JUDGE = tests/unit/tariff/judge_fixture.c tests/unit/tariff/judge_fixture.h $(UNIT_MAIN)
JUDGE_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/tests/unit/tariff
check_PROGRAMS += test_rules test_pipeline test_holes test_freeze test_freeze_reads test_skew test_state test_numbers test_words test_falls
TESTS += test_rules test_pipeline test_holes test_freeze test_freeze_reads test_skew test_state test_numbers test_words test_falls
test_numbers_SOURCES = tests/unit/tariff/test_numbers.c $(JUDGE)
test_numbers_CPPFLAGS = $(JUDGE_CPPFLAGS)
test_numbers_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_falls_SOURCES = tests/unit/tariff/test_falls.c $(JUDGE)
test_falls_CPPFLAGS = $(JUDGE_CPPFLAGS)
test_falls_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_words_SOURCES = tests/unit/tariff/test_words.c $(JUDGE)
test_words_CPPFLAGS = $(JUDGE_CPPFLAGS)
test_words_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_rules_SOURCES = tests/unit/tariff/test_rules.c $(JUDGE)
test_rules_CPPFLAGS = $(JUDGE_CPPFLAGS)
test_rules_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_pipeline_SOURCES = tests/unit/tariff/test_pipeline.c $(JUDGE)
test_pipeline_CPPFLAGS = $(JUDGE_CPPFLAGS)
test_pipeline_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_holes_SOURCES = tests/unit/tariff/test_holes.c $(JUDGE)
test_holes_CPPFLAGS = $(JUDGE_CPPFLAGS)
test_holes_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
FREEZE = tests/unit/tariff/freeze_fixture.c tests/unit/tariff/freeze_fixture.h $(JUDGE)
test_freeze_reads_SOURCES = tests/unit/tariff/test_freeze_reads.c $(FREEZE)
test_freeze_reads_CPPFLAGS = $(JUDGE_CPPFLAGS)
test_freeze_reads_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_freeze_SOURCES = tests/unit/tariff/test_freeze.c $(FREEZE)
test_freeze_CPPFLAGS = $(JUDGE_CPPFLAGS)
test_freeze_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_skew_SOURCES = tests/unit/tariff/test_skew.c $(JUDGE)
test_skew_CPPFLAGS = $(JUDGE_CPPFLAGS)
test_skew_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_state_SOURCES = tests/unit/tariff/test_state.c $(JUDGE)
test_state_CPPFLAGS = $(JUDGE_CPPFLAGS)
test_state_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
endif
