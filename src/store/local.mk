libmeterfleet_a_SOURCES += src/store/store_worker.h
libmeterfleet_a_SOURCES += src/store/db.h src/store/db.c src/store/db_files.c src/store/schema.h src/store/schema.c \
	src/store/columns.h src/store/columns.c src/store/ledger_reader.h src/store/ledger_reader.c \
	src/store/ledger_rows.h src/store/ledger_retained.c src/store/highwater.h src/store/highwater.c \
	src/store/store_lock.h src/store/store_lock.c src/store/backup.h src/store/backup.c \
	src/store/db_check.h src/store/db_check.c \
	src/store/meter_checks.h src/store/meter_checks.c src/store/store.h src/store/store_inside.h \
	src/store/store_open.c src/store/store_flush.c src/store/store_events.c src/store/store_statements.c \
	src/store/store_catalogue.c src/store/store_ledger.c src/store/store_rows.c src/store/store_sweep.c \
	src/store/store_settlement.c src/store/store_checks.c src/store/store_coverage.c src/store/store_interval.c src/store/store_rollup.c src/store/store_finding.c src/store/store_prune.c \
	src/store/intake.h src/store/intake.c src/store/clock_watch.h src/store/clock_watch.c src/store/store_worker.c \
	src/store/store_worker_inside.h src/store/store_flusher.c src/store/relay_audit.h src/store/relay_audit.c \
	src/store/relay_worker.c
