libmeterfleet_top_a_SOURCES += src/cli/options.c src/cli/options.h src/cli/complain.c src/cli/complain.h
libmeterfleet_top_a_SOURCES += src/cli/cli.c src/cli/cli.h src/cli/human.c src/cli/human.h \
	src/cli/daemon_talk.c src/cli/daemon_talk.h src/cli/status_view.c src/cli/status_view.h src/cli/status_judge.c \
	src/cli/cmd_status.c
libmeterfleet_top_a_SOURCES += src/cli/cmd_export.c src/cli/export_fields.c src/cli/export_fields.h \
	src/cli/export_rows.c src/cli/export_rows.h src/cli/site_db.c src/cli/site_db.h \
	src/cli/span_args.c src/cli/span_args.h
