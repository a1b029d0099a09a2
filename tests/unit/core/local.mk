
# what a bus worker thinks with: requests, decoding, states, the plan
if HAVE_CHECK
FAKE_MODEL = tests/fake/fake_model.h tests/fake/fake_model.c
check_PROGRAMS += test_span test_decode
TESTS += test_span test_decode
test_span_SOURCES = tests/unit/core/test_span.c $(FAKE_MODEL) $(UNIT_MAIN)
test_span_CPPFLAGS = $(UNIT_CPPFLAGS)
test_span_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
test_decode_SOURCES = tests/unit/core/test_decode.c $(FAKE_MODEL) $(UNIT_MAIN)
test_decode_CPPFLAGS = $(UNIT_CPPFLAGS)
test_decode_LDADD = $(PURE_LIBS) $(CHECK_LIBS)
endif
