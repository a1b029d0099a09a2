# payload, info, backoff compute (floor 1); the rest knows the broker, the ledger or JSON that others wrote.
libmeterfleet_pure_a_SOURCES += src/publish/payload.c src/publish/payload.h src/publish/info.c src/publish/info.h \
	src/publish/backoff.c src/publish/backoff.h
libmeterfleet_a_SOURCES += src/publish/mqtt.c src/publish/mqtt.h src/publish/mqtt_dial.c src/publish/mqtt_dial.h \
	src/publish/outbox.c src/publish/outbox.h src/publish/feed.c src/publish/feed.h \
	src/publish/discovery.c src/publish/discovery.h \
	src/publish/parts.c src/publish/parts.h src/publish/answer.c src/publish/answer.h \
	src/publish/history_request.c src/publish/history_request.h src/publish/info_read.c \
	src/publish/announce.c src/publish/announce.h src/publish/stray.c src/publish/stray.h src/publish/bus_payload.c src/publish/bus_payload.h \
	src/publish/session.c src/publish/session.h src/publish/session_inside.h src/publish/session_rows.c \
	src/publish/session_state.c src/publish/session_loose.c src/publish/relay_session.c \
	src/publish/relay_request.c src/publish/relay_request.h \
	src/publish/link.c src/publish/link.h \
	src/publish/publish_worker.c src/publish/publish_worker.h
