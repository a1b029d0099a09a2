/* fault_vfs.h - SQLite's file system with faults on order: the Nth call of a kind fails, once or for a while.
 *
 * It wraps the default VFS and takes its place, so that the store under test needs no word of it.
 *
 * Threads: none; for one test at a time.
 * Source:  sqlite.org/vfs.html; "fail the Nth, N = 1, 2, … until none fails": sqlite.org/testing.html.
 */
#ifndef METERFLEET_TESTS_STORE_FAULT_VFS_H
#define METERFLEET_TESTS_STORE_FAULT_VFS_H

#include <stdbool.h>

enum fault_call { FAULT_WRITE = 1, FAULT_SYNC = 2, FAULT_READ = 4, FAULT_TRUNCATE = 8, FAULT_OPEN = 16 };

void fault_vfs_install(void);
/* From now on the nth call (1 = the next) of these kinds fails with this SQLite result, and `more` after it.
 * A failing write has written half of its bytes. */
void fault_vfs_order(unsigned calls, int nth, int more, int result);
/* No more faults; true when at least one happened since the order. */
bool fault_vfs_clear(void);

#endif
