libmeterfleet_a_SOURCES += src/bus/bus_worker.h
libmeterfleet_a_SOURCES += src/bus/wait.h src/bus/wait.c src/bus/line.h src/bus/line_i.h src/bus/line.c \
	src/bus/line_serial.c src/bus/line_termios.c src/bus/line_lock.c src/bus/line_tcp.c \
	src/bus/exchange.h src/bus/exchange_i.h src/bus/exchange.c src/bus/exchange_rtu.c src/bus/exchange_mbap.c
