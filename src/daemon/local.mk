# Floor 5. What both programs are made of; the mains stand apart so that tests can link the rest.
noinst_LIBRARIES += libmeterfleet-top.a
TOP_LIBS = libmeterfleet-top.a $(ALL_LIBS)
libmeterfleet_top_a_SOURCES = \
	src/daemon/app.c src/daemon/app.h src/daemon/app_inside.h src/daemon/app_loop.c \
	src/daemon/control_client.c src/daemon/control_client.h \
	src/daemon/control_protocol.c src/daemon/control_protocol.h \
	src/daemon/control_rights.c src/daemon/control_rights.h \
	src/daemon/control_server.c src/daemon/control_server.h \
	src/daemon/control_socket.c src/daemon/control_socket.h \
	src/daemon/daemon_options.c src/daemon/daemon_options.h \
	src/daemon/handover.c src/daemon/handover.h \
	src/daemon/health.c src/daemon/health.h \
	src/daemon/house.c src/daemon/house.h src/daemon/house_answers.c src/daemon/house_inside.h \
	src/daemon/notify.c src/daemon/notify.h \
	src/daemon/read_classes.c src/daemon/read_classes.h \
	src/daemon/reload_desk.c src/daemon/reload_desk.h \
	src/daemon/relay_desk.c src/daemon/relay_desk.h src/daemon/relay_rules.c src/daemon/relay_rules.h \
	src/daemon/relay_answer.c src/daemon/trace_stream.c src/daemon/trace_stream.h \
	src/daemon/trace_line.c src/daemon/trace_line.h \
	src/daemon/service.c src/daemon/service.h \
	src/daemon/status_doc.c src/daemon/status_doc.h \
	src/daemon/witness.c src/daemon/witness.h

sbin_PROGRAMS += meterfleetd
meterfleetd_SOURCES = src/daemon/main.c
meterfleetd_LDADD = $(TOP_LIBS)
