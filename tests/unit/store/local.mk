EXTRA_DIST += tests/unit/store/scratch.h
if HAVE_CHECK
STORE_TESTS = tests/unit/store/test_schema
check_PROGRAMS += $(STORE_TESTS)
TESTS += $(STORE_TESTS)
tests_unit_store_test_schema_SOURCES = tests/unit/store/test_schema.c $(UNIT_MAIN)
tests_unit_store_test_schema_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_store_test_schema_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
endif
