libmeterfleet_pure_a_SOURCES += src/publish/payload.c src/publish/payload.h
libmeterfleet_a_SOURCES += src/publish/publish_worker.h
