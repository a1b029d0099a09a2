/* control_server.h - the control socket: a few clients at a time, each with bounded size and time.
 *
 * A thread accepts; a client has a thread of its own, so that a read that waits for its meter holds up
 * nobody. Peers without rights are refused before they get one. When room becomes scarce the oldest idle
 * client of whoever holds most of it is put out, so that a thousand connections of one user do not keep out
 * another.
 *
 * Units:   milliseconds and wire time.
 * Errors:  control_server_open(): RC_BUSY (another daemon answers there), RC_IO, RC_RANGE (path too long for
 * a socket), RC_NOMEM; `why` has the detail. Threads: open, start, stop, join from main; answer() is called
 * from clients' threads, also several at once. Source:  INTERFACES 1 (socket 0660), FAULTS S1.
 */
#ifndef METERFLEET_DAEMON_CONTROL_SERVER_H
#define METERFLEET_DAEMON_CONTROL_SERVER_H

#include "core/text.h"
#include "daemon/control_protocol.h"

#define CONTROL_CLIENTS 16    /* at once */
#define CONTROL_SCARCE  12    /* from here on idle clients make room */
#define CONTROL_IDLE_MS 10000 /* a request must be whole within this time */
#define CONTROL_SEND_MS 10000 /* an answer must be taken within this time */

/* Appends the answer to a request that the peer may ask, with its newline. */
typedef void control_answer(void *arg, const struct control_request *q, struct text_buf *out);

/* An answer that goes on until the client or the daemon has had enough; fd: the client's, non-blocking. */
typedef void control_follow(void *arg, const struct control_request *q, int fd);

struct control_server;
int control_server_open(const char *path, struct control_server **out, char why[CONTROL_WHY]);
/* follow: NULL: requests that would go on are answered by answer(). */
int control_server_start(struct control_server *s, control_answer *answer, control_follow *follow, void *arg);
/* No new clients, no new requests; returns at once. */
void control_server_stop(struct control_server *s);
/* Waits for answers under way, removes the socket, frees. NULL is fine. */
void control_server_join(struct control_server *s);

#endif
