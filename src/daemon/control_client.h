/* control_client.h - one connected client of the control server: lines in, answers out, until its time is up.
 *
 * Errors:  none; a client that breaks the rules is told so and closed.
 * Threads: control_client_serve() runs in the client's own thread; *serving is true between a whole request
 * and the end of its answer, for the server that looks for idle ones.
 */
#ifndef METERFLEET_DAEMON_CONTROL_CLIENT_H
#define METERFLEET_DAEMON_CONTROL_CLIENT_H

#include <stdatomic.h>
#include "daemon/control_rights.h"
#include "daemon/control_server.h"

struct control_client {
    int fd; /* non-blocking */
    enum control_right right;
    uid_t uid;
    control_answer *answer;
    control_follow *follow;
    void *arg;
    atomic_bool serving;
};
/* Returns when the client went, broke a rule, or was shut down (shutdown(2) of fd by the server). */
void control_client_serve(struct control_client *c);
/* Writes all of it within CONTROL_SEND_MS. */
bool control_client_send(int fd, const char *data, size_t len);

#endif
