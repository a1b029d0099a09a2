/* sim_end.h - what a master holds of a bus: a pseudo-terminal, a TCP connection, a Modbus TCP connection.
 *
 * Ends are registered with the site's epoll; sim_end_ready() is called with the end that epoll names. A
 * closed end stays in memory until sim_end_reap(), because epoll may name it once more in the same round.
 *
 * Errors:  RC_IO (told on stderr) where something cannot be opened; a connection that fails is closed.
 * Threads: as the bus.
 */
#ifndef METERFLEET_SIM_END_H
#define METERFLEET_SIM_END_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/sim_bus.h"

enum sim_end_kind { SIM_END_TTY, SIM_END_RTU_PORT, SIM_END_RTU, SIM_END_MB_PORT, SIM_END_MB };

int sim_end_open_tty(struct sim_bus *b);
/* Listens on this port of the loopback (0: any). */
int sim_end_listen(struct sim_bus *b, enum sim_end_kind kind, int port);

void sim_end_ready(struct sim_end *end, int64_t now_ns);

/* Bytes to the master; what it does not take at once is lost, as on a wire. */
void sim_end_write(struct sim_end *end, const uint8_t *bytes, size_t n);

void sim_end_close(struct sim_end *end);
void sim_end_reap(struct sim_bus *b);
struct sim_end *sim_end_next(const struct sim_end *end);

/* The adapter goes: the pseudo-terminal hangs up, its link vanishes. */
void sim_end_unplug(struct sim_bus *b);
bool sim_end_has_tty(const struct sim_bus *b);
/* Every TCP connection of the bus gets a RST. */
void sim_end_reset_connections(struct sim_bus *b);

/* Connections are closed and refused; then taken again, on the same ports. RC_BUSY: a port is taken
 * meanwhile. */
void sim_end_refuse(struct sim_bus *b);
int sim_end_welcome(struct sim_bus *b);

/* A master opened or closed a pseudo-terminal (inotify). When all that is known was told, those that nobody
 * holds any more are released: a close and an open may be told together. */
void sim_end_watch(struct sim_bus *b, int watch, bool opened);
void sim_end_release(struct sim_bus *b);

/* The port of the bus's listener of this kind; 0: it has none. */
int sim_end_port(const struct sim_bus *b, enum sim_end_kind kind);

#endif
