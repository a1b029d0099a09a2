libmeterfleet_pure_a_SOURCES += src/tariff/tariff.h
libmeterfleet_pure_a_SOURCES += src/tariff/rules.h src/tariff/calendar.h src/tariff/calendar.c
libmeterfleet_pure_a_SOURCES += src/tariff/resolution.h src/tariff/resolution.c
