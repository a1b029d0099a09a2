libmeterfleet_a_SOURCES += src/config/settings.h
