libmeterfleet_a_SOURCES += src/store/store_worker.h src/store/ledger_reader.h
libmeterfleet_a_SOURCES += src/store/db.h src/store/db.c src/store/schema.h src/store/schema.c
