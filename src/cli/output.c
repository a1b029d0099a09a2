/* output.c - write(2) until all is gone. */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include "cli/complain.h"
#include "core/rc.h"

void output_guard(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        /* The lowest free number is the closed one: those below it are open by now. Reading what is only for
         * writing fails as reading a closed one does, and the other way round. */
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            continue; /* a root without /dev: nothing to be done about it */
    }
}

/* Somebody set O_NONBLOCK on a terminal or pipe that we share with him. */
static void wait_for_room(void)
{
    struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
    poll(&p, 1, -1);
}

int output_write(const char *data, size_t n)
{
    while (n > 0) {
        ssize_t done = write(STDOUT_FILENO, data, n);
        if (done >= 0) {
            data += done;
            n -= (size_t)done;
        } else if (errno == EAGAIN) {
            wait_for_room();
        } else if (errno != EINTR) {
            complain("stdout: cannot be written: %s", strerror(errno));
            return EXIT_CANTCREATE;
        }
    }
    return EXIT_DONE;
}

int output_print(struct text_buf *b)
{
    int code = EXIT_FAILED;
    if (b->failed)
        complain("output: cannot be made: no memory");
    else
        code = output_write(b->data, b->len);
    text_buf_done(b);
    return code;
}
