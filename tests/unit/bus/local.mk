if HAVE_CHECK
FAKE_LINE = tests/fake/fake_line.h tests/fake/fake_line_i.h tests/fake/fake_line.c tests/fake/fake_meters.c \
	$(FAKE_MODEL)
check_PROGRAMS += test_exchange test_bus_worker
TESTS += test_exchange test_bus_worker
test_exchange_SOURCES = tests/unit/bus/test_exchange.c $(FAKE_LINE) $(UNIT_MAIN)
test_exchange_CPPFLAGS = $(UNIT_CPPFLAGS)
test_exchange_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_bus_worker_SOURCES = tests/unit/bus/test_bus_worker.c $(FAKE_LINE) $(UNIT_MAIN)
test_bus_worker_CPPFLAGS = $(UNIT_CPPFLAGS)
test_bus_worker_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
endif
