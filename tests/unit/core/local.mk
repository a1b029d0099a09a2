
# what a bus worker thinks with: requests, decoding, states, the plan
if HAVE_CHECK
FAKE_MODEL = tests/fake/fake_model.h tests/fake/fake_model.c
check_PROGRAMS += test_span test_decode test_meter_state test_poll_plan test_poll_dead test_poll_dense
TESTS += test_span test_decode test_meter_state test_poll_plan test_poll_dead test_poll_dense
test_span_SOURCES = tests/unit/core/test_span.c $(FAKE_MODEL) $(UNIT_MAIN)
test_span_CPPFLAGS = $(UNIT_CPPFLAGS)
test_span_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_decode_SOURCES = tests/unit/core/test_decode.c $(FAKE_MODEL) $(UNIT_MAIN)
test_decode_CPPFLAGS = $(UNIT_CPPFLAGS)
test_decode_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_meter_state_SOURCES = tests/unit/core/test_meter_state.c $(UNIT_MAIN)
test_meter_state_CPPFLAGS = $(UNIT_CPPFLAGS)
test_meter_state_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
FAKE_BUS_TIME = tests/fake/fake_bus_time.h tests/fake/fake_bus_time.c
test_poll_plan_SOURCES = tests/unit/core/test_poll_plan.c $(FAKE_BUS_TIME) $(UNIT_MAIN)
test_poll_plan_CPPFLAGS = $(UNIT_CPPFLAGS)
test_poll_plan_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_poll_dead_SOURCES = tests/unit/core/test_poll_dead.c $(FAKE_BUS_TIME) $(UNIT_MAIN)
test_poll_dead_CPPFLAGS = $(UNIT_CPPFLAGS)
test_poll_dead_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_poll_dense_SOURCES = tests/unit/core/test_poll_dense.c $(FAKE_BUS_TIME) $(UNIT_MAIN)
test_poll_dense_CPPFLAGS = $(UNIT_CPPFLAGS)
test_poll_dense_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
endif

# the ground floor, quantities and their numbers
if HAVE_CHECK
CORE_TESTS = test_text test_text_time test_text_buf test_log test_clock test_quantity \
	test_decimal_float test_decimal_text test_reading
check_PROGRAMS += $(CORE_TESTS)
TESTS += $(CORE_TESTS)
test_text_SOURCES = tests/unit/core/test_text.c $(UNIT_MAIN)
test_text_CPPFLAGS = $(UNIT_CPPFLAGS)
test_text_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_text_time_SOURCES = tests/unit/core/test_text_time.c $(UNIT_MAIN)
test_text_time_CPPFLAGS = $(UNIT_CPPFLAGS)
test_text_time_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_text_buf_SOURCES = tests/unit/core/test_text_buf.c $(UNIT_MAIN)
test_text_buf_CPPFLAGS = $(UNIT_CPPFLAGS)
test_text_buf_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_log_SOURCES = tests/unit/core/test_log.c $(UNIT_MAIN)
test_log_CPPFLAGS = $(UNIT_CPPFLAGS)
test_log_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_clock_SOURCES = tests/unit/core/test_clock.c $(UNIT_MAIN)
test_clock_CPPFLAGS = $(UNIT_CPPFLAGS)
test_clock_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_quantity_SOURCES = tests/unit/core/test_quantity.c $(UNIT_MAIN)
test_quantity_CPPFLAGS = $(UNIT_CPPFLAGS)
test_quantity_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_decimal_float_SOURCES = tests/unit/core/test_decimal_float.c $(UNIT_MAIN)
test_decimal_float_CPPFLAGS = $(UNIT_CPPFLAGS)
test_decimal_float_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_decimal_text_SOURCES = tests/unit/core/test_decimal_text.c $(UNIT_MAIN)
test_decimal_text_CPPFLAGS = $(UNIT_CPPFLAGS)
test_decimal_text_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_reading_SOURCES = tests/unit/core/test_reading.c $(UNIT_MAIN)
test_reading_CPPFLAGS = $(UNIT_CPPFLAGS)
test_reading_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
endif

# when the gateway's own time counts as right
if HAVE_CHECK
check_PROGRAMS += test_clock_trust test_coverage test_interval
TESTS += test_clock_trust test_coverage test_interval
test_interval_SOURCES = tests/unit/core/test_interval.c $(UNIT_MAIN)
test_interval_CPPFLAGS = $(UNIT_CPPFLAGS)
test_interval_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_coverage_SOURCES = tests/unit/core/test_coverage.c $(UNIT_MAIN)
test_coverage_CPPFLAGS = $(UNIT_CPPFLAGS)
test_coverage_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_clock_trust_SOURCES = tests/unit/core/test_clock_trust.c $(UNIT_MAIN)
test_clock_trust_CPPFLAGS = $(UNIT_CPPFLAGS)
test_clock_trust_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
endif

# which model is it
if HAVE_CHECK
check_PROGRAMS += test_identify
TESTS += test_identify
test_identify_SOURCES = tests/unit/core/test_identify.c $(FAKE_MODEL) $(UNIT_MAIN)
test_identify_CPPFLAGS = $(UNIT_CPPFLAGS)
test_identify_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
endif
