/* trace_stream.h - the answer to `meterfleet trace`: frames of one bus, line by line, until somebody has had
 * enough.
 *
 * A client that does not read loses frames and is told {"lost":n}; the bus never waits for it. A reload ends
 * one house and begins another: the stream says {"note":…} and goes on with the bus of that name, if there
 * still is one.
 *
 * Threads: the client's own.
 */
#ifndef METERFLEET_DAEMON_TRACE_STREAM_H
#define METERFLEET_DAEMON_TRACE_STREAM_H

#include "daemon/app_inside.h"

#define TRACE_CLIENTS 4 /* at once; the control socket has room for others too */

/* A control_follow; arg is the app. */
void trace_stream(void *arg, const struct control_request *q, int fd);

#endif
