EXTRA_DIST += tests/unit/store/scratch.h
if HAVE_CHECK
STORE_TESTS = tests/unit/store/test_schema tests/unit/store/test_store tests/unit/store/test_worker \
	tests/unit/store/test_faults tests/unit/store/test_ledger tests/unit/store/test_small tests/unit/store/test_relay_audit \
	tests/unit/store/test_rollup
check_PROGRAMS += $(STORE_TESTS)
TESTS += $(STORE_TESTS)
STORE_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/tests/unit/store
STORE_PLACE = tests/unit/store/place.c tests/unit/store/place.h $(UNIT_MAIN)
tests_unit_store_test_schema_SOURCES = tests/unit/store/test_schema.c $(UNIT_MAIN)
tests_unit_store_test_schema_CPPFLAGS = $(STORE_CPPFLAGS)
tests_unit_store_test_schema_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
tests_unit_store_test_store_SOURCES = tests/unit/store/test_store.c $(STORE_PLACE)
tests_unit_store_test_store_CPPFLAGS = $(STORE_CPPFLAGS)
tests_unit_store_test_store_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
tests_unit_store_test_worker_SOURCES = tests/unit/store/test_worker.c $(STORE_PLACE)
tests_unit_store_test_worker_CPPFLAGS = $(STORE_CPPFLAGS)
tests_unit_store_test_worker_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
tests_unit_store_test_faults_SOURCES = tests/unit/store/test_faults.c tests/unit/store/fault_vfs.c \
	tests/unit/store/fault_vfs.h $(STORE_PLACE)
tests_unit_store_test_faults_CPPFLAGS = $(STORE_CPPFLAGS)
tests_unit_store_test_faults_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
tests_unit_store_test_ledger_SOURCES = tests/unit/store/test_ledger.c $(STORE_PLACE)
tests_unit_store_test_ledger_CPPFLAGS = $(STORE_CPPFLAGS)
tests_unit_store_test_ledger_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
tests_unit_store_test_relay_audit_SOURCES = tests/unit/store/test_relay_audit.c $(STORE_PLACE)
tests_unit_store_test_relay_audit_CPPFLAGS = $(STORE_CPPFLAGS)
tests_unit_store_test_relay_audit_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
tests_unit_store_test_rollup_SOURCES = tests/unit/store/test_rollup.c $(STORE_PLACE)
tests_unit_store_test_rollup_CPPFLAGS = $(STORE_CPPFLAGS)
tests_unit_store_test_rollup_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
tests_unit_store_test_small_SOURCES = tests/unit/store/test_small.c $(STORE_PLACE)
tests_unit_store_test_small_CPPFLAGS = $(STORE_CPPFLAGS)
tests_unit_store_test_small_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
endif
