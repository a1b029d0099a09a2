if HAVE_CHECK
FAKE_LINE = tests/fake/fake_line.h tests/fake/fake_line_i.h tests/fake/fake_line.c tests/fake/fake_meters.c \
	$(FAKE_MODEL)
BUS_TESTS = test_line test_exchange test_bus_meter test_bus_parts test_bus_worker
check_PROGRAMS += $(BUS_TESTS)
TESTS += $(BUS_TESTS)
test_line_SOURCES = tests/unit/bus/test_line.c $(FAKE_LINE) $(UNIT_MAIN)
test_line_CPPFLAGS = $(UNIT_CPPFLAGS)
test_line_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_exchange_SOURCES = tests/unit/bus/test_exchange.c $(FAKE_LINE) $(UNIT_MAIN)
test_exchange_CPPFLAGS = $(UNIT_CPPFLAGS)
test_exchange_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_bus_worker_SOURCES = tests/unit/bus/test_bus_worker.c $(FAKE_LINE) $(UNIT_MAIN)
test_bus_worker_CPPFLAGS = $(UNIT_CPPFLAGS)
test_bus_worker_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_bus_meter_SOURCES = tests/unit/bus/test_bus_meter.c $(FAKE_MODEL) $(UNIT_MAIN)
test_bus_meter_CPPFLAGS = $(UNIT_CPPFLAGS)
test_bus_meter_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_bus_parts_SOURCES = tests/unit/bus/test_bus_parts.c $(UNIT_MAIN)
test_bus_parts_CPPFLAGS = $(UNIT_CPPFLAGS)
test_bus_parts_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
endif
