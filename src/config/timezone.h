/* timezone.h - is a name in the system's time zone database, and which one was meant.
 *
 * Errors:  none; a system without the database knows UTC only.
 * Threads: none of its own; reads files below /usr/share/zoneinfo.
 * Source:  tzfile(5): a file begins with "TZif"; zone1970.tab lists the names, third column.
 */
#ifndef METERFLEET_CONFIG_TIMEZONE_H
#define METERFLEET_CONFIG_TIMEZONE_H

#include <stdbool.h>
#include <stddef.h>

bool timezone_exists(const char *name);
/* The nearest name of the database, or false. */
bool timezone_nearest(const char *name, char *out, size_t size);

#endif
