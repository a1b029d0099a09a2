libmeterfleet_a_SOURCES += src/store/store_worker.h src/store/ledger_reader.h
