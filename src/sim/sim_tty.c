#include "sim/sim_tty.h"

#include <asm/termbits.h> /* struct termios2; does not go together with termios.h */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/rc.h"

void sim_tty_release(int slave)
{
    ioctl(slave, TIOCNXCL);
    ioctl(slave, TCFLSH, TCIFLUSH);
}

static int make_raw(int slave, uint32_t baud)
{
    struct termios2 t = {0};
    t.c_cflag = CS8 | CREAD | CLOCAL | BOTHER | BOTHER << IBSHIFT;
    t.c_ispeed = t.c_ospeed = baud == 0 ? 9600 : baud;
    t.c_cc[VMIN] = 1;
    return ioctl(slave, TCSETS2, &t);
}

uint32_t sim_tty_speed(int slave)
{
    struct termios2 t;
    return ioctl(slave, TCGETS2, &t) == 0 ? t.c_ospeed : 0;
}

int sim_tty_open(uint32_t baud, int *master, int *slave, char *path, size_t size)
{
    int m = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), s = -1, rc = RC_IO;
    if (m < 0 || grantpt(m) != 0 || unlockpt(m) != 0 || ptsname_r(m, path, size) != 0)
        goto done;
    s = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (s < 0 || fcntl(m, F_SETFL, O_NONBLOCK) != 0 || make_raw(s, baud) != 0)
        goto done;
    *master = m;
    *slave = s;
    m = s = -1;
    rc = RC_OK;
done:
    if (s >= 0)
        close(s);
    if (m >= 0)
        close(m);
    return rc;
}
