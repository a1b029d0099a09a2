libmeterfleet_pure_a_SOURCES += src/tariff/tariff.h
