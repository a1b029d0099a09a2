#include "store/highwater.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/rc.h"
#include "core/text.h"

#define BLOCK     4096
#define SLOT_SIZE 96

/* CRC-32 of IEEE 802.3, bit by bit: a hundred bytes a flush need no table. */
static uint32_t crc32(const char *p, size_t n)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        crc ^= (unsigned char)p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1u)));
    }
    return ~crc;
}

static bool slot_write(char out[SLOT_SIZE], uint64_t generation, const char *ledger, uint64_t seq)
{
    memset(out, 0, SLOT_SIZE);
    if (!text_format(out, SLOT_SIZE, "meterfleet-seq %020" PRIu64 " %.8s %020" PRIu64, generation, ledger,
                     seq))
        return false;
    size_t n = strlen(out);
    return text_format(out + n, SLOT_SIZE - n, " %08" PRIx32 "\n", crc32(out, n));
}

static bool slot_read(const char in[SLOT_SIZE], struct highwater *h)
{
    uint64_t generation, seq;
    char ledger[9], again[SLOT_SIZE], copy[SLOT_SIZE + 1];
    memcpy(copy, in, SLOT_SIZE);
    copy[SLOT_SIZE] = '\0';
    /* NOLINTNEXTLINE(cert-err34-c): a number that did not fit is written otherwise than it was read */
    if (sscanf(copy, "meterfleet-seq %" SCNu64 " %8[0-9a-f] %" SCNu64, &generation, ledger, &seq) != 3)
        return false;
    /* what was read is good when writing it gives the same bytes, checksum included */
    if (!slot_write(again, generation, ledger, seq) || memcmp(again, in, SLOT_SIZE) != 0)
        return false;
    if (h->ledger[0] == '\0' || generation > h->generation) {
        h->generation = generation;
        h->seq = seq;
        memcpy(h->ledger, ledger, sizeof ledger);
    }
    return true;
}

static int failure(void)
{
    return errno == ENOSPC || errno == EDQUOT                    ? RC_FULL
           : errno == EACCES || errno == EROFS || errno == EPERM ? RC_DENIED
                                                                 : RC_IO;
}

int highwater_open(const char *path, struct highwater *out)
{
    struct highwater h = {.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640)};
    if (h.fd < 0)
        return failure();
    struct stat st;
    if (fstat(h.fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(h.fd);
        errno = EINVAL;
        return RC_IO;
    }
    bool any = false;
    for (off_t at = 0; at <= BLOCK; at += BLOCK) {
        char slot[SLOT_SIZE] = "";
        ssize_t n = pread(h.fd, slot, SLOT_SIZE, at);
        if (n < 0) {
            int rc = failure();
            close(h.fd);
            return rc;
        }
        any = any || n > 0;
        if (n == SLOT_SIZE)
            slot_read(slot, &h);
    }
    h.damaged = any && h.ledger[0] == '\0';
    if (st.st_size == 0) {
        fchmod(h.fd, 0640); /* ours since just now, whatever the umask says */
        /* take the room now: a later full disk must not keep a number from being remembered */
        int error = posix_fallocate(h.fd, 0, 2 * BLOCK);
        if (error != 0 && error != EOPNOTSUPP && error != EINVAL) {
            close(h.fd);
            errno = error;
            return failure();
        }
    }
    *out = h;
    return RC_OK;
}

int highwater_write(struct highwater *h, const char *ledger, uint64_t seq)
{
    char slot[SLOT_SIZE];
    uint64_t generation = h->generation + 1;
    if (!slot_write(slot, generation, ledger, seq))
        return RC_RANGE;
    ssize_t n = pwrite(h->fd, slot, SLOT_SIZE, generation % 2 == 0 ? 0 : BLOCK);
    if (n != SLOT_SIZE) {
        if (n >= 0)
            errno = ENOSPC;
        return failure();
    }
    if (fdatasync(h->fd) != 0)
        return failure();
    h->generation = generation;
    h->seq = seq;
    memcpy(h->ledger, ledger, 8);
    h->ledger[8] = '\0';
    h->damaged = false;
    return RC_OK;
}

void highwater_close(struct highwater *h)
{
    if (h->fd >= 0)
        close(h->fd);
    h->fd = -1;
}
