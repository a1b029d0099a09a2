/* relay_box.h - relay commands on their way from the broker's side to whoever carries them out, and what came
 * of them on the way back.
 *
 * Both ways are bounded: a command that finds no room is refused, of results the oldest goes.
 *
 * Units:   Unix milliseconds.
 * Errors:  relay_box_new(): RC_NOMEM, RC_IO. relay_box_put(): RC_FULL.
 * Threads: one mutex; the publisher puts commands and takes results, the relay desk the other way round.
 * Source:  INTERFACES 6 (`relay/set`, `relay/result`).
 */
#ifndef METERFLEET_SHARE_RELAY_BOX_H
#define METERFLEET_SHARE_RELAY_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RELAY_COMMAND 129 /* the id of a command, with NUL */
#define RELAY_ERROR   24
#define RELAY_DETAIL  200

/* What came of a command. */
struct relay_result {
    bool ok;
    int8_t state; /* as read back: 1 closed, 0 open, -1 unknown */
    int64_t ts_utc_ms;
    char error[RELAY_ERROR];   /* "not_switched" …; "" when ok */
    char detail[RELAY_DETAIL]; /* the same for people */
};
/* error and detail "" for NULL. */
void relay_result_set(struct relay_result *r, bool ok, int8_t state, int64_t ts_utc_ms, const char *error,
                      const char *detail);

struct relay_command {
    size_t meter; /* index into settings->meters */
    bool close;
    int64_t expires_utc_ms;
    char id[RELAY_COMMAND];
};
struct relay_answer {
    size_t meter;
    char id[RELAY_COMMAND]; /* "": the command could not be read */
    struct relay_result result;
};

#define RELAY_BOX_COMMANDS 64
#define RELAY_BOX_ANSWERS  128

struct relay_box;
int relay_box_new(struct relay_box **out);
void relay_box_free(struct relay_box *b); /* NULL is fine */
int relay_box_put(struct relay_box *b, const struct relay_command *c);
bool relay_box_take(struct relay_box *b, struct relay_command *out);
int relay_box_fd(const struct relay_box *b); /* an event: set when a command came; the taker clears it */
void relay_box_answer(struct relay_box *b, const struct relay_answer *a);
bool relay_box_has_answer(struct relay_box *b);
bool relay_box_take_answer(struct relay_box *b, struct relay_answer *out);
int relay_box_answer_fd(const struct relay_box *b); /* likewise */

#endif
