/* status_doc.h - how the house is doing, as the JSON object that `meterfleet status` shows.
 *
 * Written from copies that their owners gave; waits for nobody.
 *
 * Units:   times as ISO 8601 text, null = never; shares with 4 decimals; counters since the start of the
 * daemon. Errors:  a failed allocation shows in text_buf.failed. Threads: any.
 */
#ifndef METERFLEET_DAEMON_STATUS_DOC_H
#define METERFLEET_DAEMON_STATUS_DOC_H

#include <sys/types.h>
#include "config/settings.h"
#include "core/text.h"
#include "daemon/health.h"
#include "publish/publish_worker.h"
#include "share/board.h"
#include "store/store_worker.h"

struct status_input {
    const struct settings *settings;
    struct board *board;
    const struct store_status *store;
    const struct publish_status *publish;
    const struct health *health;
    uint64_t dropped; /* readings the queue had no room for */
    int64_t now_utc_ms, started_utc_ms;
    pid_t pid;
};
void status_doc(struct text_buf *out, const struct status_input *in);

#endif
