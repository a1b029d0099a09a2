/* line_serial.c - open a serial line for us alone, at the speed and format asked for. */
#include "bus/line_i.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>
#include "core/log.h"
#include "core/rc.h"

/* Majors of Unix98 pseudo-terminals, Documentation/admin-guide/devices.txt. */
static bool is_pseudo(dev_t rdev)
{
    return major(rdev) >= 136 && major(rdev) <= 143;
}

static int say_open_error(int error, const char *path, char why[LINE_WHY])
{
    if (error == EBUSY) { /* TIOCEXCL of the owner */
        line_lock_holder(path, why);
        return RC_BUSY;
    }
    snprintf(why, LINE_WHY, "cannot be opened: %s", strerror(error));
    return error == EACCES || error == EPERM ? RC_DENIED : RC_LINK;
}

/* Adapters that collect characters for 16 ms before they tell (FTDI) are asked not to. */
static void ask_low_latency(int fd, const char *path)
{
    struct serial_struct serial;
    if (ioctl(fd, TIOCGSERIAL, &serial) != 0)
        return;
    serial.flags = (int)((unsigned)serial.flags | ASYNC_LOW_LATENCY);
    if (ioctl(fd, TIOCSSERIAL, &serial) != 0)
        log_debug("line: %s: low latency refused: %s", path, strerror(errno));
}

int line_serial_tune(int fd, const struct settings_bus *bus, char text[64], char why[LINE_WHY])
{
    struct stat st;
    bool pseudo = fstat(fd, &st) == 0 && is_pseudo(st.st_rdev);
    int rc = line_termios_set(fd, bus->baud, bus->parity, bus->stop_bits, pseudo, why);
    if (rc != RC_OK)
        return rc == RC_RANGE ? RC_RANGE : RC_LINK;
    tcflush(fd, TCIOFLUSH);
    snprintf(text, 64, "%u 8%c%u", bus->baud, bus->parity, bus->stop_bits);
    return RC_OK;
}

static int set_up(int fd, const struct settings_bus *bus, char text[64], char why[LINE_WHY])
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISCHR(st.st_mode)) {
        snprintf(why, LINE_WHY, "not a serial device");
        return RC_LINK;
    }
    /* A pseudo-terminal lives on in its other end: TIOCEXCL there would outlive us and lock our next life
     * out. */
    bool pseudo = is_pseudo(st.st_rdev);
    int rc = line_lock(fd, bus->device, why);
    if (rc != RC_OK)
        return rc;
    if (!pseudo && ioctl(fd, TIOCEXCL) != 0 && errno != ENOTTY)
        log_debug("line: %s: exclusive use refused: %s", bus->device, strerror(errno));
    if (!pseudo)
        ask_low_latency(fd, bus->device);
    return line_serial_tune(fd, bus, text, why) == RC_OK ? RC_OK : RC_LINK;
}

int line_serial_open(const struct settings_bus *bus, int *fd, char text[64], char why[LINE_WHY])
{
    /* O_NONBLOCK: neither a modem line nor a FIFO holds us up here */
    int new_fd = open(bus->device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (new_fd < 0)
        return say_open_error(errno, bus->device, why);
    int rc = set_up(new_fd, bus, text, why);
    if (rc != RC_OK) {
        close(new_fd);
        return rc;
    }
    *fd = new_fd;
    return RC_OK;
}
