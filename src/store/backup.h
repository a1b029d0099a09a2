/* backup.h - a whole copy of the database while the daemon writes it.
 *
 * The copy is one moment: what is read stays as it was when the copying began, and the daemon goes on (its
 * WAL grows meanwhile and is cut afterwards). It is made beside its place as FILE-part, looked through page
 * by page, synced and then renamed: under its name there is never half a backup. It is marked: a daemon that
 * is started with it begins a new ledger, for what was numbered after the copy was made is elsewhere.
 *
 * A file that is there already is replaced only when it is a backup too.
 *
 * Errors:  RC_RANGE (the database itself, or no plain file), RC_FOREIGN (something else has this name),
 * RC_FULL, RC_DENIED, RC_NOTFOUND (no such directory), RC_CORRUPT (the copy, and so the original, is
 * damaged), RC_BUSY, RC_IO, RC_NOMEM; `why` is one line without subject. FILE-part is gone then. Threads: the
 * connection's owner. Source:  FAULTS D14, D21, D22; sqlite.org/backup.html (a copy restarts when another
 * process writes, unless the source's connection holds a read transaction).
 */
#ifndef METERFLEET_STORE_BACKUP_H
#define METERFLEET_STORE_BACKUP_H

#include <stddef.h>
#include <stdint.h>
#include "store/db.h"

/* done of total pages, now and then. */
typedef void backup_tell(void *arg, int64_t done, int64_t total);

struct backup_result {
    uint64_t bytes;
    char ledger[9]; /* and the last number of it that is in the copy */
    int64_t last_seq;
};

int backup_make(struct db *from, const char *path, backup_tell *tell, void *arg, struct backup_result *out,
                char *why, size_t why_size);

#endif
