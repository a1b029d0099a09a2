# Floor 0 (ground): libc only. Floor 1 (meaning): computes; no I/O, no threads, no clock, no log.
noinst_LIBRARIES += libmeterfleet-ground.a libmeterfleet-pure.a libmeterfleet.a
libmeterfleet_ground_a_SOURCES =
libmeterfleet_pure_a_SOURCES =
libmeterfleet_a_SOURCES =
PURE_LIBS = libmeterfleet-pure.a libmeterfleet-ground.a -lm
ALL_LIBS = libmeterfleet.a $(PURE_LIBS) $(MODBUS_LIBS) $(CONFIG_LIBS) $(INIH_LIBS) $(MOSQUITTO_LIBS) \
	$(SQLITE_LIBS) $(JANSSON_LIBS)

libmeterfleet_ground_a_SOURCES += src/core/rc.h src/core/log.h src/core/clock.h src/core/text.h \
	src/core/rc.c src/core/log.c src/core/clock.c src/core/text.c src/core/text_time.c src/core/text_buf.c
libmeterfleet_pure_a_SOURCES += src/core/quantity.h src/core/decimal.h src/core/reading.h src/core/regmap.h \
	src/core/quantity.c src/core/decimal.c src/core/reading.c src/core/regmap.c
libmeterfleet_pure_a_SOURCES += src/core/wire_time.h src/core/wire_time.c src/core/span.h src/core/span.c \
	src/core/decode.h src/core/decode.c src/core/meter_state.h src/core/meter_state.c \
	src/core/poll_plan.h src/core/poll_book.h src/core/poll_plan.c src/core/poll_choice.c \
	src/core/poll_dense.c src/core/poll_refused.c
libmeterfleet_pure_a_SOURCES += src/core/address_set.h src/core/address_set.c src/core/identify.h src/core/identify.c
libmeterfleet_pure_a_SOURCES += src/core/coverage.h src/core/coverage.c src/core/interval.h src/core/interval.c
libmeterfleet_pure_a_SOURCES += src/core/clock_trust.h src/core/clock_trust.c
