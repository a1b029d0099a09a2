# payloads, the outbox, requests, info, parts of a row, answers
if HAVE_CHECK
PUBLISH_TESTS = test_payload test_backoff test_info test_outbox test_outbox_runs test_history_request
check_PROGRAMS += $(PUBLISH_TESTS)
TESTS += $(PUBLISH_TESTS)
test_payload_SOURCES = tests/unit/publish/test_payload.c $(UNIT_MAIN)
test_payload_CPPFLAGS = $(UNIT_CPPFLAGS)
test_payload_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_backoff_SOURCES = tests/unit/publish/test_backoff.c $(UNIT_MAIN)
test_backoff_CPPFLAGS = $(UNIT_CPPFLAGS)
test_backoff_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_info_SOURCES = tests/unit/publish/test_info.c $(UNIT_MAIN)
test_info_CPPFLAGS = $(UNIT_CPPFLAGS)
test_info_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_outbox_SOURCES = tests/unit/publish/test_outbox.c $(UNIT_MAIN)
test_outbox_CPPFLAGS = $(UNIT_CPPFLAGS)
test_outbox_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_outbox_runs_SOURCES = tests/unit/publish/test_outbox_runs.c $(UNIT_MAIN)
test_outbox_runs_CPPFLAGS = $(UNIT_CPPFLAGS)
test_outbox_runs_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
test_history_request_SOURCES = tests/unit/publish/test_history_request.c $(UNIT_MAIN)
test_history_request_CPPFLAGS = $(UNIT_CPPFLAGS)
test_history_request_LDADD = $(ALL_LIBS) $(CHECK_LIBS)
endif
