libmeterfleet_pure_a_SOURCES += src/tariff/tariff.h src/tariff/tariff.c src/tariff/tariff_check.h src/tariff/tariff_check.c \
	src/tariff/tariff_text.h src/tariff/tariff_text.c
libmeterfleet_pure_a_SOURCES += src/tariff/sum_check.h src/tariff/sum_check.c src/tariff/freeze_model.h \
	src/tariff/freeze_model.c src/tariff/settlement_calendar.h src/tariff/settlement_calendar.c \
	src/tariff/settlement_shift.h src/tariff/settlement_shift.c
libmeterfleet_pure_a_SOURCES += src/tariff/rules.h src/tariff/calendar.h src/tariff/calendar.c
libmeterfleet_pure_a_SOURCES += src/tariff/resolution.h src/tariff/resolution.c
libmeterfleet_pure_a_SOURCES += src/tariff/verify.h src/tariff/verify_row.h src/tariff/verify_state.h src/tariff/verify.c \
	src/tariff/verify_rules.c src/tariff/verify_begin.c src/tariff/verify_totals.c src/tariff/verify_pair.c src/tariff/verify_fall.c src/tariff/verify_held.c src/tariff/verify_sums.c src/tariff/verify_bounds.c \
	src/tariff/verify_power.c src/tariff/verify_result.c src/tariff/verify_blob.c \
	src/tariff/skew.h src/tariff/skew.c src/tariff/freeze.h src/tariff/freeze.c src/tariff/freeze_rules.h src/tariff/freeze_rules.c
libmeterfleet_pure_a_SOURCES += src/tariff/evidence.h src/tariff/evidence.c src/tariff/hypothesis.h src/tariff/hypothesis.c \
	src/tariff/diagnosis.h src/tariff/diagnosis_search.h src/tariff/diagnosis.c src/tariff/diagnosis_clock.c \
	src/tariff/diagnosis_calendar.c src/tariff/diagnosis_sets.c src/tariff/diagnosis_days.c src/tariff/diagnosis_zones.c \
	src/tariff/diagnosis_periods.c src/tariff/diagnosis_words.c
libmeterfleet_pure_a_SOURCES += src/tariff/learn.h src/tariff/learn_parts.h src/tariff/learn.c src/tariff/learn_windows.h \
	src/tariff/learn_windows.c src/tariff/learn_days.h src/tariff/learn_days.c src/tariff/learn_table.c \
	src/tariff/learn_proposal.c src/tariff/learn_calendar.c src/tariff/learn_difference.c
libmeterfleet_pure_a_SOURCES += src/tariff/csv.h src/tariff/csv.c src/tariff/csv_row.c src/tariff/findings.h src/tariff/findings.c \
	src/tariff/finding_text.c
