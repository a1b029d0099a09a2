#include "store/store_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/rc.h"
#include "core/text.h"

#define DIRECTORY_MODE 02750
#define FILE_MODE      0640

static int failure(char *why, size_t why_size, const char *what)
{
    int error = errno;
    snprintf(why, why_size, "%s: %s", what, strerror(error));
    errno = error;
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return RC_FULL;
    case EACCES:
    case EPERM:
    case EROFS:
        return RC_DENIED;
    default:
        return RC_IO;
    }
}

static int resolve_directory(const char *dir, char **real, char *why, size_t why_size)
{
    *real = realpath(dir, NULL);
    if (*real != NULL)
        return RC_OK;
    if (errno != ENOENT)
        return failure(why, why_size, "its directory cannot be used");
    if (mkdir(dir, 0750) != 0)
        return failure(why, why_size, "its directory cannot be made");
    if (chmod(dir, DIRECTORY_MODE) != 0) /* the group bit must reach new files, whatever the umask says */
        return failure(why, why_size, "its directory cannot be set up");
    *real = realpath(dir, NULL);
    return *real != NULL ? RC_OK : failure(why, why_size, "its directory cannot be used");
}

int store_resolve(const char *path, char **real, char *why, size_t why_size)
{
    char *whole = realpath(path, NULL);
    if (whole != NULL) {
        *real = whole;
        return RC_OK;
    }
    if (errno != ENOENT)
        return failure(why, why_size, "cannot be found");
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    char dir[PATH_MAX], *real_dir = NULL;
    if (*base == '\0' || !text_format(dir, sizeof dir, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
                                      slash == NULL ? "." : path)) {
        snprintf(why, why_size, "names no file");
        return RC_IO;
    }
    int rc = resolve_directory(dir, &real_dir, why, why_size);
    if (rc == RC_OK && asprintf(real, "%s/%s", real_dir, base) < 0) {
        snprintf(why, why_size, "no memory");
        rc = RC_NOMEM;
    }
    free(real_dir);
    return rc;
}

/* Who holds a flock on this file, by the kernel's list; 0 when it does not say. */
static long holder(int fd)
{
    struct stat st;
    FILE *f = fopen("/proc/locks", "re");
    long found = 0;
    char line[256];
    if (f != NULL && fstat(fd, &st) == 0)
        while (found == 0 && fgets(line, sizeof line, f) != NULL) {
            long pid;
            unsigned major, minor;
            uintmax_t inode;
            /* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers fit */
            if (sscanf(line, "%*d: FLOCK %*s %*s %ld %x:%x:%ju", &pid, &major, &minor, &inode) == 4 &&
                inode == (uintmax_t)st.st_ino)
                found = pid;
        }
    if (f != NULL)
        fclose(f);
    return found;
}

static int busy(int fd, long pid, char *why, size_t why_size)
{
    if (pid <= 0)
        pid = holder(fd);
    if (pid > 0)
        snprintf(why, why_size, "held by another daemon: process %ld", pid);
    else
        snprintf(why, why_size, "held by another daemon");
    return RC_BUSY;
}

int store_lock_take(const char *real_path, struct store_lock *out, char *why, size_t why_size)
{
    char name[PATH_MAX];
    if (!text_format(name, sizeof name, "%s-lock", real_path)) {
        snprintf(why, why_size, "the path is too long");
        return RC_IO;
    }
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, FILE_MODE);
    if (fd < 0)
        return failure(why, why_size, "its lock cannot be made");
    int rc = RC_OK;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        char text[24] = "";
        if (errno != EWOULDBLOCK)
            rc = failure(why, why_size, "its lock cannot be taken");
        else
            rc =
                busy(fd, pread(fd, text, sizeof text - 1, 0) > 0 ? strtol(text, NULL, 10) : 0, why, why_size);
    } else {
        char text[24];
        int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
        fchmod(fd, FILE_MODE);
        if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n)
            rc = failure(why, why_size, "its lock cannot be written");
    }
    if (rc != RC_OK) {
        close(fd);
        return rc;
    }
    *out = (struct store_lock){fd, -1};
    return RC_OK;
}

int store_lock_database(struct store_lock *l, const char *real_path, char *why, size_t why_size)
{
    int fd = open(real_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return failure(why, why_size, "cannot be opened");
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int rc =
            errno == EWOULDBLOCK ? busy(fd, 0, why, why_size) : failure(why, why_size, "cannot be locked");
        close(fd);
        return rc;
    }
    if (l->database >= 0)
        close(l->database);
    l->database = fd;
    return RC_OK;
}

void store_lock_release(struct store_lock *l)
{
    if (l->database >= 0)
        close(l->database);
    if (l->file >= 0)
        close(l->file);
    l->database = l->file = -1;
}
