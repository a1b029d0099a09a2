/* address.h - HOST:PORT as people write it: a name, an IPv4 address, or an IPv6 address in brackets.
 *
 * Errors:  RC_PARSE, RC_NOMEM; outputs untouched.
 * Threads: pure.
 * Source:  RFC 3986, 3.2.2 and 3.2.3; RFC 1123, 2.1 (names; '_' is allowed besides, as resolvers do).
 */
#ifndef METERFLEET_CONFIG_ADDRESS_H
#define METERFLEET_CONFIG_ADDRESS_H

#include <stdint.h>

/* usual_port 0: the port must be given. *host is owned by the caller, without brackets. */
int address_parse(const char *text, uint16_t usual_port, char **host, uint16_t *port);

#endif
