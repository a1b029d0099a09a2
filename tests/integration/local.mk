# Integration tests run the real programs against simulated meters and a private broker; fleet.py starts and ends them.
AM_TESTS_ENVIRONMENT += PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE;
EXTRA_DIST += tests/integration/fleet.py tests/integration/tap.py

# The publisher against a real broker, over a ledger in memory (mqtt_feeder): see doc/mqtt.md for what consumers rely on.
check_PROGRAMS += mqtt_feeder
mqtt_feeder_SOURCES = tests/integration/mqtt_feeder.c tests/fake/fake_ledger.c tests/fake/fake_ledger.h
mqtt_feeder_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
mqtt_feeder_LDADD = $(ALL_LIBS)
MQTT_TESTS = tests/integration/mqtt_delivery.py tests/integration/mqtt_history.py tests/integration/mqtt_topics.py \
	tests/integration/mqtt_link.py tests/integration/mqtt_tls.py
TESTS += $(MQTT_TESTS)
EXTRA_DIST += $(MQTT_TESTS) tests/integration/mqtt_feed.py

# The simulator, asked by a master that shares no code with the project (sim_master.py).
SIM_ASKED = tests/integration/sim_wire.py tests/integration/sim_tcp.py tests/integration/sim_faults.py \
	tests/integration/sim_months.py
TESTS += $(SIM_ASKED)
EXTRA_DIST += $(SIM_ASKED) tests/integration/sim_master.py

# The whole house: the real daemon between simulated meters and a broker.
FLEET_TESTS = tests/integration/daemon_walk.py tests/integration/daemon_kill.py tests/integration/daemon_refuses.py \
	tests/integration/daemon_stop.py tests/integration/daemon_lines.py tests/integration/daemon_broker.py tests/integration/daemon_discovery.py tests/integration/db_files.py \
	tests/integration/daemon_reload.py tests/integration/daemon_service.py tests/integration/daemon_clock.py \
	tests/integration/daemon_relay.py tests/integration/daemon_trace.py \
	tests/integration/cli_check.py tests/integration/cli_talk.py tests/integration/cli_export.py \
	tests/integration/cli_output.py tests/integration/cli_read.py tests/integration/cli_hostile.py
TESTS += $(FLEET_TESTS)
EXTRA_DIST += $(FLEET_TESTS) tests/integration/ledger_audit.py

# The verdict over files: what is read and refused, which rows count, what is said (verify_case.py makes the records).
VERIFY_TESTS = tests/integration/verify_files.py tests/integration/verify_verdicts.py \
	tests/integration/verify_document.py tests/integration/verify_random.py tests/integration/verify_field.py tests/integration/verify_drawn.py \
	tests/integration/learn_files.py
TESTS += $(VERIFY_TESTS)
EXTRA_DIST += $(VERIFY_TESTS) tests/integration/verify_case.py tests/integration/verify_oracle.py

# The bus worker against simulated faults of wire and meter.
TESTS += tests/integration/bus_faults.py tests/integration/bus_tcp.py
EXTRA_DIST += tests/integration/bus_faults.py tests/integration/bus_tcp.py tests/integration/bus_truth.py

# The tool on a line of its own.
SCAN_TESTS = tests/integration/scan.py tests/integration/read_raw.py
TESTS += $(SCAN_TESTS)
EXTRA_DIST += $(SCAN_TESTS) tests/integration/scan_devices.py
