/* control_socket.h - the listening socket of the control server: made, and removed, without hurting another
 * daemon's.
 *
 * Errors:  as control_server.h.
 * Threads: main.
 * Source:  unix(7): a name left behind by a killed process must be unlinked before it can be bound again.
 */
#ifndef METERFLEET_DAEMON_CONTROL_SOCKET_H
#define METERFLEET_DAEMON_CONTROL_SOCKET_H

#include <sys/stat.h>
#include "daemon/control_protocol.h"

/* Listens at path with mode 0660; *id is the file made, for control_socket_remove(). */
int control_socket_listen(const char *path, int *fd, struct stat *id, char why[CONTROL_WHY]);
/* Removes path if it still is the file made. */
void control_socket_remove(const char *path, const struct stat *id);

#endif
