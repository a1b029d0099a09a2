# The database's tables and views, written into the program at build. NNNN_*.sql are the migrations, in order; view_*.sql
# are made anew after the last of them.
SCHEMA_SQL = schema/0001_base.sql schema/0002_relay.sql schema/view_1_readings.sql schema/view_2_values.sql schema/view_3_archive.sql \
	schema/view_4_ledger.sql
EXTRA_DIST += $(SCHEMA_SQL) schema/embed.awk
nodist_libmeterfleet_a_SOURCES = src/store/schema_sql.c
CLEANFILES += src/store/schema_sql.c
src/store/schema_sql.c: $(SCHEMA_SQL) schema/embed.awk
	$(AM_V_GEN)$(MKDIR_P) src/store && (cd $(srcdir) && $(AWK) -f schema/embed.awk $(SCHEMA_SQL)) >$@.tmp && mv $@.tmp $@
