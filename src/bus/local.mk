libmeterfleet_a_SOURCES += src/bus/bus_worker.h
libmeterfleet_a_SOURCES += src/bus/wait.h src/bus/wait.c src/bus/line.h src/bus/line_i.h src/bus/line.c \
	src/bus/line_serial.c src/bus/line_termios.c src/bus/line_lock.c src/bus/line_tcp.c \
	src/bus/exchange.h src/bus/exchange_i.h src/bus/exchange.c src/bus/exchange_rtu.c src/bus/exchange_mbap.c \
	src/bus/settle_time.h src/bus/settle_time.c src/bus/settle_watch.h src/bus/settle_watch.c src/bus/dense_time.h src/bus/dense_time.c src/bus/bus_worker_calendar.c src/bus/bus_meter.h src/bus/bus_meter.c \
	src/bus/bus_stats.h src/bus/bus_stats.c src/bus/bus_desk.h src/bus/bus_desk.c src/bus/bus_worker_i.h \
	src/bus/read_once.h src/bus/read_once.c src/bus/bus_worker.c src/bus/bus_worker_turn.c src/bus/bus_worker_voice.c
libmeterfleet_a_SOURCES += src/bus/trace.h src/bus/trace.c src/bus/trace_tap.h src/bus/trace_tap.c \
	src/bus/relay_order.h src/bus/relay_order.c src/bus/rtu_frame.c src/bus/rtu_frame.h src/bus/bus_worker_relay.h src/bus/bus_worker_relay.c
libmeterfleet_a_SOURCES += src/bus/pipe_guard.h src/bus/pipe_guard.c src/bus/read_raw.h src/bus/read_raw.c src/bus/scan.h src/bus/scan_i.h src/bus/scan.c \
	src/bus/scan_ask.c src/bus/scan_device.c
