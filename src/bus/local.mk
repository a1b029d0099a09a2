libmeterfleet_a_SOURCES += src/bus/bus_worker.h
