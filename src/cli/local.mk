libmeterfleet_top_a_SOURCES += src/cli/options.c src/cli/options.h src/cli/complain.c src/cli/complain.h
libmeterfleet_top_a_SOURCES += src/cli/cli.c src/cli/cli.h src/cli/human.c src/cli/human.h \
	src/cli/daemon_talk.c src/cli/daemon_talk.h src/cli/status_view.c src/cli/status_view.h src/cli/status_judge.c \
	src/cli/cmd_status.c
