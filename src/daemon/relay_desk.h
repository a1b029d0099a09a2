/* relay_desk.h - where relay commands are judged, written down, carried out and answered: one desk a house.
 *
 *   command ─ may this be? ─ intent written and synced ─ bus: function 5, once ─ read back ─ outcome written,
 * told
 *
 * It refuses what is not permitted (relay = yes), expired, too often, or not to be dated (the gateway's clock
 * is not right: commands with an expiry). One id is one command for ever: a second one is told what the first
 * came to. Nothing is switched that could not be written down before.
 *
 * Errors:  relay_desk_start(): RC_NOMEM, RC_IO. What becomes of a command is in its result.
 * Threads: a thread of its own; relay_desk_ask() from any, until relay_desk_join(). The buses outlive the
 * desk: tell them to stop first, then no command is left without an outcome. Source:  INTERFACES 1, 4, 6, 7;
 * FAULTS W20, N9.
 */
#ifndef METERFLEET_DAEMON_RELAY_DESK_H
#define METERFLEET_DAEMON_RELAY_DESK_H

#include "bus/bus_worker.h"
#include "config/settings.h"
#include "share/board.h"
#include "share/relay_box.h"
#include "store/store_worker.h"

struct relay_desk;
struct relay_desk_env {
    const struct settings *settings;
    struct bus_worker *const *buses; /* by settings->buses */
    struct store_worker *store;
    struct board *board;
    struct relay_box *box; /* commands over MQTT */
};

int relay_desk_start(const struct relay_desk_env *env, struct relay_desk **out);
void relay_desk_stop(struct relay_desk *d);
void relay_desk_join(struct relay_desk *d); /* and frees it; NULL is fine */

/* A command from the control socket; waits for its outcome. id gets the command's own id. */
void relay_desk_ask(struct relay_desk *d, size_t meter, bool close, const char *who, char id[RELAY_COMMAND],
                    struct relay_result *out);

#endif
