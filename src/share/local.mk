libmeterfleet_a_SOURCES += src/share/rqueue.h src/share/board.h src/share/event.h src/share/ledger_state.h \
	src/share/ackset.h src/share/livebox.h
