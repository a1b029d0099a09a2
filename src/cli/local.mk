libmeterfleet_top_a_SOURCES += src/cli/options.c src/cli/options.h src/cli/complain.c src/cli/complain.h
