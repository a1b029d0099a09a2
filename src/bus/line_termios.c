/* line_termios.c - speed and format of a serial line by termios2, which knows every speed; read back
 * afterwards.
 *
 * In a file of its own because <asm/termbits.h> and <termios.h> cannot be included together.
 */
#include <asm/termbits.h>
#include <asm/ioctls.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bus/line_i.h"
#include "core/log.h"
#include "core/rc.h"

int ioctl(int fd, unsigned long request, ...); /* <sys/ioctl.h> brings the other termios in */

#define SPEED_TOLERANCE                                                                                      \
    50 /* one part in 50: a UART that is 2 % off still works (half a bit in eleven is 4.5 %) */

/* A pseudo-terminal has no wire: the kernel drops parity, and INTERFACES 9 calls that no error. */
static int check(const struct termios2 *want, const struct termios2 *got, uint32_t baud, bool pseudo,
                 char why[LINE_WHY])
{
    uint32_t off = got->c_ospeed > baud ? got->c_ospeed - baud : baud - got->c_ospeed;
    if (baud != 0 && off > baud / SPEED_TOLERANCE) {
        snprintf(why, LINE_WHY, "the device cannot do %u baud: it took %u", baud, got->c_ospeed);
        return RC_RANGE;
    }
    const unsigned format = CSIZE | PARENB | PARODD | CSTOPB;
    if (((want->c_cflag ^ got->c_cflag) & format) == 0)
        return RC_OK;
    if (pseudo) {
        log_debug("line: parity and stop bits cannot be set on a pseudo-terminal");
        return RC_OK;
    }
    snprintf(why, LINE_WHY, "the device cannot do this parity and these stop bits");
    return RC_RANGE;
}

int line_termios_set(int fd, uint32_t baud, char parity, uint8_t stop_bits, bool pseudo, char why[LINE_WHY])
{
    struct termios2 want, got;
    if (ioctl(fd, TCGETS2, &want) != 0) {
        snprintf(why, LINE_WHY, "not a serial device");
        return RC_IO;
    }
    want.c_iflag =
        IGNBRK | (parity == 'N' ? 0 : INPCK); /* a character with wrong parity becomes 0: the CRC sees it */
    want.c_oflag = 0;
    want.c_lflag = 0;
    want.c_cflag = CS8 | CREAD | CLOCAL;
    if (parity != 'N')
        want.c_cflag |= PARENB | (parity == 'O' ? PARODD : 0);
    if (stop_bits == 2)
        want.c_cflag |= CSTOPB;
    memset(want.c_cc, 0, sizeof want.c_cc);
    want.c_cc[VMIN] = 1;
    if (baud != 0) {
        want.c_cflag |= BOTHER | BOTHER << IBSHIFT;
        want.c_ispeed = want.c_ospeed = baud;
    } else {
        want.c_cflag |= B38400;
    }
    if (ioctl(fd, TCSETS2, &want) != 0 || ioctl(fd, TCGETS2, &got) != 0) {
        snprintf(why, LINE_WHY, "cannot be set up: %s", strerror(errno));
        return RC_IO;
    }
    return check(&want, &got, baud, pseudo, why);
}
