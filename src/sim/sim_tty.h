/* sim_tty.h - the pseudo-terminal that stands for a serial port.
 *
 * The simulator keeps the slave side open, so that a master that closes its port leaves no hangup behind.
 * What the last close of a real port would undo (exclusive use, unread bytes) is undone by sim_tty_release().
 * The settings stay as they were left, as those of a real port do.
 *
 * Units:   speeds in bit/s, also odd ones.
 * Errors:  RC_IO with errno.
 * Threads: no state.
 */
#ifndef METERFLEET_SIM_TTY_H
#define METERFLEET_SIM_TTY_H

#include <stddef.h>
#include <stdint.h>

/* Opens a pair: *master non-blocking, *slave raw at this speed, path the slave's own name (/dev/pts/N). */
int sim_tty_open(uint32_t baud, int *master, int *slave, char *path, size_t size);

void sim_tty_release(int slave);

/* The speed the master has set; 0 when it cannot be told. */
uint32_t sim_tty_speed(int slave);

#endif
