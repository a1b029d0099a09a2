/* exchange_i.h - the two kinds of frames behind exchange_run(); and what they share.
 *
 * Both are called with a request that is allowed, and with the line drained and silent.
 */
#ifndef METERFLEET_BUS_EXCHANGE_I_H
#define METERFLEET_BUS_EXCHANGE_I_H

#include "bus/exchange.h"
#include "bus/line_i.h"

#define PDU_MOST 253

int exchange_rtu(struct line *l, const struct exchange_request *q, struct exchange_reply *r);
int exchange_mbap(struct line *l, const struct exchange_request *q, struct exchange_reply *r);

/* The request's PDU, 5 bytes: the only place where the bytes of a request are made, and so the place of the
 * allow-list. RC_OK, RC_DENIED, RC_RANGE: then nothing is written to pdu. */
int exchange_pdu(const struct exchange_request *q, uint8_t pdu[5]);
/* Is this PDU (from the function code on) the answer? RC_OK, RC_NOREG, RC_REFUSED, RC_NOANSWER (0A, 0B) or
 * RC_NOTFOUND: it answers something else. */
int exchange_take(const struct exchange_request *q, const uint8_t *pdu, unsigned len,
                  struct exchange_reply *r);
/* What was heard is not over, perhaps: the next silence is longer, by about ns. */
void exchange_unsure(struct line *l, int64_t ns);
/* Takes what is here now to the end of the line's buffer. RC_OK: something; RC_NOTFOUND: nothing; RC_LINK. */
int exchange_fill(struct line *l);
/* Takes `len` bytes from the front of the buffer. */
void exchange_drop(struct line *l, unsigned len);
void exchange_stranger(struct exchange_reply *r, uint8_t unit);

#endif
