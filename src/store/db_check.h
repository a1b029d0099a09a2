/* db_check.h - is the database whole: its pages, its indices, and the numbers of its ledger.
 *
 * Reads only. What SQLite finds comes first; then every ledger must account for each number from 1 to its
 * last one, by a row or by a gap that says so (INTERFACES 5), and none twice.
 *
 * Errors:  those of db.h. What is wrong is told line by line, and is no error.
 * Threads: the connection's owner.
 * Source:  sqlite.org/pragma.html (integrity_check); INTERFACES 5.
 */
#ifndef METERFLEET_STORE_DB_CHECK_H
#define METERFLEET_STORE_DB_CHECK_H

#include <stdint.h>
#include "store/db.h"

struct db_check {
    uint64_t problems; /* all of them, also those that were not told */
    int64_t rows;      /* numbers of all ledgers that a row accounts for */
    int64_t ledgers;
};

/* At most 100 problems are told. */
typedef void db_check_tell(void *arg, const char *problem);
int db_check(struct db *d, db_check_tell *tell, void *arg, struct db_check *out);

#endif
