# Figures, not tests: `make bench` builds and runs each of BENCHES and prints what it measures (doc/quality.md holds
# the targets). A program stands in EXTRA_PROGRAMS and BENCHES, a script in EXTRA_DIST and BENCHES.
BENCHES = bench/fleet.py bench/dead.py bench/many.py
EXTRA_DIST += bench/fleet.py bench/dead.py bench/many.py

.PHONY: bench
bench: all
	@set -e; for b in $(BENCHES); do \
		echo "== $$b"; \
		case $$b in \
		*.py) top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' PYTHONDONTWRITEBYTECODE=1 \
			/usr/bin/python3 '$(srcdir)'/$$b ;; \
		*) $(MAKE) $(AM_MAKEFLAGS) $$b && ./$$b ;; \
		esac; \
	done

EXTRA_PROGRAMS += wire_efficiency
BENCHES += wire_efficiency
CLEANFILES += wire_efficiency$(EXEEXT)
wire_efficiency_SOURCES = bench/wire_efficiency.c
wire_efficiency_CPPFLAGS = $(AM_CPPFLAGS) -DMODELS_DIR='"$(abs_top_srcdir)/etc/models"'
wire_efficiency_LDADD = $(ALL_LIBS)

# Values off a line with every fault, millions of transactions on a simulated clock: wire_truth 10000000.
FAKE_WIRE = tests/fake/fake_wire.h tests/fake/fake_wire_i.h tests/fake/fake_wire.c tests/fake/fake_kernel.c \
	tests/fake/fake_model.h tests/fake/fake_model.c
EXTRA_PROGRAMS += wire_truth
BENCHES += wire_truth
CLEANFILES += wire_truth$(EXEEXT)
wire_truth_SOURCES = bench/wire_truth.c $(FAKE_WIRE)
wire_truth_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
wire_truth_LDADD = $(ALL_LIBS)

# The verdict's figures: verify_bench months 10000, faults 10, skew 15, speed, csv (doc/quality.md).
EXTRA_PROGRAMS += verify_bench
BENCHES += verify_bench
CLEANFILES += verify_bench$(EXEEXT)
verify_bench_SOURCES = bench/verify_bench.c bench/verify_speed.c bench/verify_speed.h tests/fake/faulty_meters.c tests/fake/faulty_meters.h $(TARIFF_LIVES)
verify_bench_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/bench -DTEST_DATA='"$(abs_top_srcdir)/tests/data"'
verify_bench_LDADD = $(PURE_LIBS)
