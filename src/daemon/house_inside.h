/* house_inside.h - what house.c and house_answers.c share; nobody else includes it.
 *
 * Threads: constant between house_start() and house_stop(), but for `bus_health`, which is main's.
 */
#ifndef METERFLEET_DAEMON_HOUSE_INSIDE_H
#define METERFLEET_DAEMON_HOUSE_INSIDE_H

#include "bus/bus_worker.h"
#include "core/rc.h"
#include "daemon/house.h"
#include "daemon/relay_desk.h"
#include "daemon/witness.h"
#include "publish/publish_worker.h"
#include "share/board.h"
#include "share/event.h"
#include "share/ledger_state.h"
#include "share/livebox.h"
#include "share/rqueue.h"
#include "store/store_worker.h"

struct house {
    const struct settings *settings;
    int64_t started_wire_ns;
    struct board *board;
    int board_fd;
    struct rqueue *queue;
    struct ledger_state *ledger;
    struct livebox *live;
    struct witness *witness;
    struct health_bus *bus_health;
    struct store_worker *store;
    bool store_runs;
    struct publish_worker *publisher;
    struct relay_box *box;
    struct relay_desk *desk;
    struct bus_worker **buses; /* by settings->buses */
};

#endif
