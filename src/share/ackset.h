/* ackset.h - which ledger numbers the broker has acknowledged: a few closed spans, ascending, apart.
 *
 * History and new messages are acknowledged side by side, so there are several spans for a while; they grow
 * together into 1…n. When there would be more than ACKSET_SPANS, the shortest but the first is forgotten (the
 * highest of several): its messages may then be sent again, never be missed.
 *
 * Units:   ledger numbers, 1 to 2^63 - 1; others are never in a set, and adding them does nothing.
 * Threads: pure data.
 * Source:  INTERFACES 5: `acked_seq` is the highest n for which 1…n are all acknowledged.
 */
#ifndef METERFLEET_SHARE_ACKSET_H
#define METERFLEET_SHARE_ACKSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACKSET_SPANS 32
struct ackset {
    size_t n;
    struct {
        uint64_t from, to;
    } span[ACKSET_SPANS];
};

void ackset_add(struct ackset *a, uint64_t seq);
void ackset_add_span(struct ackset *a, uint64_t from, uint64_t to); /* all of them; nothing when from > to */
bool ackset_has(const struct ackset *a, uint64_t seq);
/* Highest n for which 1…n are all acknowledged; 0 when 1 is not. */
uint64_t ackset_contiguous(const struct ackset *a);
/* The first number >= from, and >= 1, that is not acknowledged. */
uint64_t ackset_next_missing(const struct ackset *a, uint64_t from);
/* "1-500,1001-1200", the form in which it is saved ("" for none); and back: RC_PARSE, or RC_RANGE also for
 * spans that are not ascending and apart. */
#define ACKSET_TEXT (ACKSET_SPANS * 42)
void ackset_to_text(const struct ackset *a, char out[ACKSET_TEXT]);
int ackset_from_text(const char *s, struct ackset *a);

#endif
