/* sha256.h - the fingerprint of a configuration: SHA-256 over the bytes of its files.
 *
 * P/info and `status` show it, so that two gateways, or one before and after a reload, can be told apart; it
 * is what `cat meterfleet.ini conf.d/ *.ini | sha256sum` prints. Not used for anything secret.
 *
 * Units:   bytes.
 * Errors:  none.
 * Threads: pure.
 * Source:  FIPS 180-4, 5.3.3 and 6.2.
 */
#ifndef METERFLEET_CONFIG_SHA256_H
#define METERFLEET_CONFIG_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
    uint32_t h[8];
    uint64_t bytes;
    uint8_t block[64];
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t len);
void sha256_hex(struct sha256 *s, char out[65]); /* ends it */

#endif
