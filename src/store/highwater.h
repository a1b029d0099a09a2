/* highwater.h - the highest published ledger number, kept in a small synced file beside the database.
 *
 * A flipped bit in the WAL silently drops every later commit, and an older copy of the file may be put back:
 * then the database alone would give numbers again that are published. This file remembers. It holds two
 * slots in blocks of their own, written in turn and each with a checksum, so that a torn write costs the
 * newer slot only.
 *
 * Units:   seq as in INTERFACES 5; a slot is one line of text at offset 0 or 4096.
 * Errors:  RC_IO, RC_FULL, RC_DENIED (errno says why); a file with no readable slot is no error: ledger is
 * "". Threads: one owner. Source:  FAULTS, rule 7.
 */
#ifndef METERFLEET_STORE_HIGHWATER_H
#define METERFLEET_STORE_HIGHWATER_H

#include <stdbool.h>
#include <stdint.h>

struct highwater {
    int fd;
    uint64_t generation; /* of the newest slot */
    char ledger[9];      /* "" when no slot can be read */
    uint64_t seq;
    bool damaged; /* something is there, but no slot can be read */
};

/* Opens or creates (0640) the file and reads the newest good slot. */
int highwater_open(const char *path, struct highwater *out);
/* Writes the older slot and syncs it. */
int highwater_write(struct highwater *h, const char *ledger, uint64_t seq);
void highwater_close(struct highwater *h); /* harmless when fd is -1 */

#endif
