libmeterfleet_a_SOURCES += src/store/store_worker.h
libmeterfleet_a_SOURCES += src/store/db.h src/store/db.c src/store/schema.h src/store/schema.c \
	src/store/columns.h src/store/columns.c src/store/ledger_reader.h src/store/ledger_reader.c \
	src/store/ledger_rows.h src/store/ledger_retained.c
