/* sum_check.h - rule T2: what the four rates gained together is what the total gained.
 *
 * Judged one row late against both neighbours, so that nothing is accused on one read: a row that the next
 * one takes back is a glitch and never becomes a baseline. The absolute offset c = total - sum of rates may
 * be anything (multi- rate enabled late) and is recorded once, in the base row; a later deviation beyond the
 * tolerance of both ends is a violation when two neighbouring rows show it. After a violation the base moves
 * on, so that a fault that went away can be seen to be gone: the finding closes after three clean checks in a
 * row, each over as much energy as the violation took to show, and at least 24 h later.
 *
 * Tolerance: Q of the total and of each rate, at both ends; Q(v) = r + ULP(v) + 10^-6. The step r is learned
 * per register; a register that has hardly moved yet is taken to count no coarser than its moving sisters,
 * which one firmware formats alike.
 *
 * Units:   10^-6 kWh or kvarh; times in Unix milliseconds.
 * Errors:  none.
 * Threads: plain data without pointers, one owner; may be copied and saved as it is (sum_check_sane() after
 * loading). Source:  DOMAIN 4.2 (pending readings), 4.3 T2; INTERFACES 4 (life of a finding) and 8 (glitch).
 */
#ifndef METERFLEET_TARIFF_SUM_CHECK_H
#define METERFLEET_TARIFF_SUM_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include "tariff/resolution.h"

#define SUM_REGISTERS 5 /* total, then the four rates in the order of enum rate */

struct sum_row {
    int64_t ts_ms;
    int64_t window_ms;
    int64_t value[SUM_REGISTERS];
};

struct sum_check {
    struct resolution step[SUM_REGISTERS];
    struct sum_row base, last,
        pending; /* long baseline; newest accepted row o; row p that waits for its next */
    uint8_t has_last, has_pending;
    uint8_t net;      /* the total may fall: import - export */
    uint8_t stubborn; /* first rows dropped in a row although nothing fell */
    uint8_t open;     /* a finding is open */
    uint8_t clean;    /* clean checks in a row since */
    uint64_t count;   /* violations of the open finding */
    int64_t opened_ms, violated_ms;
    int64_t span;        /* energy of the total over which the violation showed */
    int64_t clean_total; /* the total at the last clean check */
    uint64_t glitches;
};

enum sum_event { SUM_QUIET, SUM_OPENED, SUM_REPEATED, SUM_CLOSED };

struct sum_evidence {
    struct sum_row before, after;
    int64_t deviation; /* of the rates' sum from the total: positive = the rates gained more */
    int64_t tolerance;
    int64_t excess; /* |deviation| - tolerance */
    int64_t step[SUM_REGISTERS];
};

void sum_check_init(struct sum_check *c, bool net);
/* The next row in the order of storing. For SUM_OPENED and SUM_REPEATED *why is filled; for SUM_CLOSED only
 * why->after, the row that closed it. */
enum sum_event sum_check_add(struct sum_check *c, const struct sum_row *n, struct sum_evidence *why);
/* The learned steps as the check uses them now. */
void sum_check_steps(const struct sum_check *c, int64_t step[SUM_REGISTERS]);
/* False for a state that was not made by this version of the module. */
bool sum_check_sane(const struct sum_check *c);

#endif
