/* control_socket.c - bind, with care for who was there before. */
#include "daemon/control_socket.h"

#include <errno.h>
#include <libgen.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "core/rc.h"

#define BACKLOG 64

/* The pid of a daemon that listens at the address, 0 when nobody does, -1 when that cannot be told. */
static pid_t who_listens(const struct sockaddr_un *at)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    pid_t pid = 0;
    if (connect(fd, (const struct sockaddr *)at, sizeof *at) == 0) {
        struct ucred peer;
        socklen_t len = sizeof peer;
        pid = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 ? peer.pid : -1;
    } else if (errno != ECONNREFUSED && errno != ENOENT) {
        pid = -1; /* EAGAIN: its backlog is full; EACCES: not ours */
    }
    close(fd);
    return pid;
}

/* The directory is made when its parent lets us: under systemd it is there (RuntimeDirectory). */
static void make_directory(const char *path)
{
    char copy[sizeof((struct sockaddr_un *)NULL)->sun_path];
    text_format(copy, sizeof copy, "%s", path);
    mkdir(dirname(copy), 0755);
}

static int clear_the_way(const struct sockaddr_un *at, char why[CONTROL_WHY])
{
    struct stat st;
    if (lstat(at->sun_path, &st) != 0)
        return RC_OK;
    if (!S_ISSOCK(st.st_mode)) {
        text_format(why, CONTROL_WHY, "something that is no socket stands there");
        return RC_IO;
    }
    pid_t pid = who_listens(at);
    if (pid > 0) {
        text_format(why, CONTROL_WHY, "another meterfleetd answers there: pid %ld", (long)pid);
        return RC_BUSY;
    }
    if (pid < 0 || unlink(at->sun_path) != 0) {
        text_format(why, CONTROL_WHY, "the socket of another cannot be replaced: %s", strerror(errno));
        return RC_IO;
    }
    return RC_OK;
}

int control_socket_listen(const char *path, int *out, struct stat *id, char why[CONTROL_WHY])
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (!text_format(at.sun_path, sizeof at.sun_path, "%s", path)) {
        text_format(why, CONTROL_WHY, "the path is longer than %zu bytes", sizeof at.sun_path - 1);
        return RC_RANGE;
    }
    make_directory(path);
    int rc = clear_the_way(&at, why);
    if (rc != RC_OK)
        return rc;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        goto failed;
    fchmod(fd, 0660); /* Linux makes the file with this mode, less the umask: never wider than meant */
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) != 0)
        goto failed;
    if (chmod(path, 0660) != 0 || lstat(path, id) != 0 || listen(fd, BACKLOG) != 0) {
        int saved = errno;
        unlink(path);
        errno = saved;
        goto failed;
    }
    *out = fd;
    return RC_OK;
failed:
    text_format(why, CONTROL_WHY, "%s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return RC_IO;
}

void control_socket_remove(const char *path, const struct stat *id)
{
    struct stat now;
    if (lstat(path, &now) == 0 && now.st_dev == id->st_dev && now.st_ino == id->st_ino)
        unlink(path);
}
