# what threads share
if HAVE_CHECK
SHARE_TESTS = test_ackset test_rqueue test_share
check_PROGRAMS += $(SHARE_TESTS)
TESTS += $(SHARE_TESTS)
test_ackset_SOURCES = tests/unit/share/test_ackset.c $(UNIT_MAIN)
test_ackset_CPPFLAGS = $(UNIT_CPPFLAGS)
test_ackset_LDADD = libmeterfleet.a $(PURE_LIBS) $(CHECK_LIBS)
test_rqueue_SOURCES = tests/unit/share/test_rqueue.c $(UNIT_MAIN)
test_rqueue_CPPFLAGS = $(UNIT_CPPFLAGS)
test_rqueue_LDADD = libmeterfleet.a $(PURE_LIBS) $(CHECK_LIBS)
test_share_SOURCES = tests/unit/share/test_share.c $(UNIT_MAIN)
test_share_CPPFLAGS = $(UNIT_CPPFLAGS)
test_share_LDADD = libmeterfleet.a $(PURE_LIBS) $(CHECK_LIBS)
endif
