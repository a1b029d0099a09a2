# The simulator: the ground floor and libinih, nothing else of the daemon. A library of its own, so that unit tests
# reach its rooms.
noinst_LIBRARIES += libmeterfleet-sim.a
libmeterfleet_sim_a_SOURCES = \
	src/sim/sim_rng.h \
	src/sim/sim_tariff.h src/sim/sim_tariff.c \
	src/sim/sim_tariff_parse.h src/sim/sim_tariff_read.c src/sim/sim_tariff_values.c \
	src/sim/sim_load.h src/sim/sim_load.c \
	src/sim/sim_meter.h src/sim/sim_meter.c src/sim/sim_start.c \
	src/sim/sim_image.h src/sim/sim_image.c \
	src/sim/sim_modbus.h src/sim/sim_modbus.c \
	src/sim/sim_line.h src/sim/sim_line.c \
	src/sim/sim_fault.h src/sim/sim_fault.c src/sim/sim_fault_args.h src/sim/sim_fault_args.c \
	src/sim/sim_unit.h src/sim/sim_unit.c src/sim/sim_table.c \
	src/sim/sim_reply.h src/sim/sim_reply.c \
	src/sim/sim_gateway.h src/sim/sim_gateway.c \
	src/sim/sim_record.h src/sim/sim_record.c \
	src/sim/sim_tty.h src/sim/sim_tty.c \
	src/sim/sim_options.h src/sim/sim_options.c \
	src/sim/sim_bus.h src/sim/sim_bus.c \
	src/sim/sim_end.h src/sim/sim_end.c \
	src/sim/sim_world.h src/sim/sim_world.c src/sim/sim_timeline.c
SIM_LIBS = libmeterfleet-sim.a libmeterfleet-ground.a $(INIH_LIBS) -lm

bin_PROGRAMS += meterfleet-sim
meterfleet_sim_SOURCES = src/sim/sim_main.c
meterfleet_sim_LDADD = $(SIM_LIBS)
