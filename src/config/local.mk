libmeterfleet_a_SOURCES += src/config/settings.h src/config/settings.c src/config/settings_find.c \
	src/config/settings_plain.c src/config/settings_bus.c src/config/settings_meter.c src/config/settings_clash.c \
	src/config/settings_tariff.c \
	src/config/build.h src/config/lists.c src/config/tariff_read.h src/config/tariff_read.c \
	src/config/ini.h src/config/ini.c src/config/keys.h src/config/keys.c \
	src/config/values.h src/config/values.c src/config/expects.c src/config/address.h src/config/address.c \
	src/config/timezone.h src/config/timezone.c \
	src/config/report.c src/config/report.h src/config/conf_file.c src/config/conf_file.h \
	src/config/sha256.c src/config/sha256.h \
	src/config/model_scan.c src/config/model_scan.h src/config/model_tree.c src/config/model_tree.h \
	src/config/model_keys.c src/config/model_keys.h src/config/model_draft.c src/config/model_draft.h \
	src/config/model_regs.c src/config/model_merge.c src/config/model_check.c src/config/model_check.h \
	src/config/models.c src/config/models.h src/config/models_load.h \
	src/config/budget.h src/config/budget.c \
	src/config/reference.h src/config/reference.c
