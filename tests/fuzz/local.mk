# Fuzz targets. Built here they run over the files named, to repeat a find. To search, in the source directory:
#   clang -g -fsanitize=fuzzer,address,undefined -Isrc -D_GNU_SOURCE -DSYSCONFDIR='""' -DDATADIR='""' -DLOCALSTATEDIR='""' \
#     -DRUNSTATEDIR='""' tests/fuzz/fuzz_model.c src/config/*.c src/tariff/tariff*.c src/core/*.c -linih -lconfig -lm -o fuzz_model
EXTRA_PROGRAMS += fuzz_settings fuzz_model
CLEANFILES += fuzz_settings fuzz_model
fuzz_settings_SOURCES = tests/fuzz/fuzz_settings.c tests/fuzz/fuzz_main.c
fuzz_settings_LDADD = $(ALL_LIBS)
fuzz_model_SOURCES = tests/fuzz/fuzz_model.c tests/fuzz/fuzz_main.c
fuzz_model_LDADD = $(ALL_LIBS)
