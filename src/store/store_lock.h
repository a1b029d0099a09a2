/* store_lock.h - one daemon a database: where the file really lies, and the lock that says who has it.
 *
 * The lock is a flock on DATABASE-lock, which holds our process id for people and for the error of a second
 * daemon. The path is resolved first, so that links and relative ways to one file meet at one lock; a hard
 * link is caught by a second flock on the database itself. A killed owner leaves no lock.
 *
 * Errors:  RC_BUSY (`why` names the process), RC_DENIED, RC_FULL, RC_IO; why is one line without subject.
 * Threads: one owner.
 */
#ifndef METERFLEET_STORE_STORE_LOCK_H
#define METERFLEET_STORE_STORE_LOCK_H

#include <stddef.h>

struct store_lock {
    int file, database; /* descriptors, -1: not held */
};

/* The real path of a database that may not exist yet; makes its directory (2750) when that is missing. The
 * text is the caller's to free. */
int store_resolve(const char *path, char **real, char *why, size_t why_size);
int store_lock_take(const char *real_path, struct store_lock *out, char *why, size_t why_size);
/* Also the database itself, once it exists. Its descriptor must be closed after SQLite's own. */
int store_lock_database(struct store_lock *l, const char *real_path, char *why, size_t why_size);
void store_lock_release(struct store_lock *l);

#endif
