/* address.h - HOST:PORT as people write it: a name, an IPv4 address, or an IPv6 address in brackets; and the
 * line to a bus: a path, rtutcp://HOST:PORT or tcp://HOST[:PORT].
 *
 * Errors:  RC_PARSE, RC_NOMEM; outputs untouched.
 * Threads: pure.
 * Source:  RFC 3986, 3.2.2 and 3.2.3; RFC 1123, 2.1 (names; '_' is allowed besides, as resolvers do).
 */
#ifndef METERFLEET_CONFIG_ADDRESS_H
#define METERFLEET_CONFIG_ADDRESS_H

#include <stdint.h>
#include "config/settings.h"

/* usual_port 0: the port must be given. *host is owned by the caller, without brackets. */
int address_parse(const char *text, uint16_t usual_port, char **host, uint16_t *port);
/* A path is not looked at. *device is owned by the caller: the path or the host; *port 0 for a path. */
int address_parse_line(const char *text, enum bus_kind *kind, char **device, uint16_t *port);

#endif
