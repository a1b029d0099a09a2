/* house.h - all workers of one configuration: built in order, stopped in mirrored order.
 *
 * What the threads share is made first (board, queue, livebox, ledger state), then the store, which may
 * refuse to start, then the publisher, then the buses. A reload builds another house.
 *
 * Errors:  house_start(): RC_OK, or an error with one line in `why` ("subject: what: detail") and the exit
 * code the daemon ends with when it has nothing to go back to. Threads: start, stop from main; house_status()
 * and house_read() from any thread while it stands.
 */
#ifndef METERFLEET_DAEMON_HOUSE_H
#define METERFLEET_DAEMON_HOUSE_H

#include "config/settings.h"
#include "core/rc.h"
#include "core/text.h"
#include "daemon/control_protocol.h"
#include "daemon/handover.h"
#include "daemon/health.h"

struct house;

#define HOUSE_WHY 512
/* The settings stay the caller's and outlive the house. `past`: what is known of the meters, or NULL. */
int house_start(const struct settings *s, const struct handover *past, struct house **out,
                char why[HOUSE_WHY], enum exit_code *exit_code);
/* Tells the buses to stop; reads that wait return. Returns at once. */
void house_stop_buses(struct house *h);
/* Stops everything, what is in memory is stored and sent; frees. NULL is fine. `next`: the settings of the
 * house that follows at once, or NULL. */
void house_stop(struct house *h, const struct settings *next);
/* What the next house shall know; NULL without memory. */
struct handover *house_handover(struct house *h);

/* An event row with the next flush; detail is JSON text or NULL. */
void house_event(struct house *h, const char *subject, const char *kind, const char *detail);
/* Readable when the board changed; house_look() then writes the events. */
int house_board_fd(const struct house *h);
void house_look(struct house *h);
void house_health(struct house *h, struct health *out);
/* "31 of 32 meters online, broker connected", for STATUS=. */
#define HOUSE_SUMMARY 256
void house_summary(struct house *h, const struct health *health, char out[HOUSE_SUMMARY]);

/* The answers of the control socket, whole lines. */
void house_status(struct house *h, const struct health *health, int64_t started_utc_ms, struct text_buf *out);
void house_read(struct house *h, const struct control_request *q, struct text_buf *out);
/* Switches a relay; the peer's right to do so was looked at before. */
void house_relay(struct house *h, const struct control_request *q, struct text_buf *out);
struct trace_ear;
/* An ear for a bus, the caller's to leave; NULL: an error was written. */
struct trace_ear *house_listen(struct house *h, const struct control_request *q, struct text_buf *out);
const struct settings *house_settings(const struct house *h);

#endif
