libmeterfleet_top_a_SOURCES += src/cli/options.c src/cli/options.h src/cli/complain.c src/cli/complain.h \
	src/cli/output.c src/cli/output.h
libmeterfleet_top_a_SOURCES += src/cli/cli.c src/cli/cli.h src/cli/human.c src/cli/human.h \
	src/cli/daemon_talk.c src/cli/daemon_talk.h src/cli/status_view.c src/cli/status_view.h src/cli/status_judge.c \
	src/cli/cmd_status.c
libmeterfleet_top_a_SOURCES += src/cli/cmd_export.c src/cli/export_fields.c src/cli/export_fields.h \
	src/cli/export_rows.c src/cli/export_rows.h src/cli/site_db.c src/cli/site_db.h \
	src/cli/span_args.c src/cli/span_args.h src/cli/cmd_backup.c src/cli/cmd_db.c
libmeterfleet_top_a_SOURCES += src/cli/cmd_verify.c src/cli/cmd_learn.c src/cli/row_store.c src/cli/row_store.h \
	src/cli/verify_input.c src/cli/verify_input.h \
	src/cli/verify_report.c src/cli/verify_report.h src/cli/verify_json.c src/cli/verify_text.c \
	src/cli/verify_site.c src/cli/verify_site.h src/cli/verify_job.c src/cli/verify_job.h \
	src/cli/learn_view.h src/cli/learn_text.c src/cli/learn_json.c
libmeterfleet_top_a_SOURCES += src/cli/budget_view.c src/cli/budget_view.h src/cli/cmd_check.c src/cli/cmd_read.c src/cli/read_daemon.c src/cli/read_daemon.h \
	src/cli/read_direct.c src/cli/read_direct.h src/cli/read_view.c src/cli/read_view.h \
	src/cli/read_line.c src/cli/read_line.h src/cli/read_raw.c src/cli/read_raw.h \
	src/cli/read_raw_view.c src/cli/read_raw_view.h
libmeterfleet_top_a_SOURCES += src/cli/cmd_scan.c src/cli/scan_args.c src/cli/scan_args.h src/cli/scan_progress.c \
	src/cli/scan_progress.h src/cli/scan_view.c src/cli/scan_view.h src/cli/scan_json.c
libmeterfleet_top_a_SOURCES += src/cli/cmd_relay.c src/cli/cmd_trace.c src/cli/near_name.c src/cli/near_name.h

bin_PROGRAMS += meterfleet
meterfleet_SOURCES = src/cli/main.c
meterfleet_LDADD = $(TOP_LIBS)
