/* app.h - the daemon: a house, a control socket, and what main hears: stop, reload, time to look.
 *
 * A reload reads the new settings first; with any error in them everything goes on as it was. Else the house
 * is stopped and another one built; should that one refuse to start, the old one is built again.
 *
 * Errors:  app_run() gives the exit code of the program (INTERFACES 1).
 * Threads: app_run() is the main thread; SIGTERM, SIGINT and SIGHUP are blocked before any other starts.
 */
#ifndef METERFLEET_DAEMON_APP_H
#define METERFLEET_DAEMON_APP_H

#include "daemon/daemon_options.h"

int app_run(const struct daemon_options *o);

#endif
