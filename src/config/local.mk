libmeterfleet_a_SOURCES += src/config/settings.h \
	src/config/report.c src/config/report.h src/config/conf_file.c src/config/conf_file.h \
	src/config/sha256.c src/config/sha256.h \
	src/config/model_scan.c src/config/model_scan.h src/config/model_tree.c src/config/model_tree.h \
	src/config/model_keys.c src/config/model_keys.h src/config/model_draft.c src/config/model_draft.h \
	src/config/model_regs.c src/config/model_merge.c src/config/model_check.c src/config/model_check.h \
	src/config/models.c src/config/models.h src/config/models_load.h
