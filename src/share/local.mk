libmeterfleet_a_SOURCES += src/share/rqueue.h src/share/board.h src/share/event.h src/share/ledger_state.h \
	src/share/ackset.h src/share/livebox.h src/share/rqueue.c src/share/board.c src/share/event.c \
	src/share/ledger_state.c src/share/ackset.c src/share/livebox.c src/share/relay_box.h \
	src/share/relay_box.c
