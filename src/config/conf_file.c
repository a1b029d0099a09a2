#include "config/conf_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/rc.h"

#define LIST_MOST 1000 /* files in one directory; more is a mistake, not a site */

static const char *kind_of(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a directory";
    if (S_ISFIFO(mode))
        return "a FIFO";
    if (S_ISSOCK(mode))
        return "a socket";
    return "a device";
}

static int read_all(int fd, size_t limit, char **out, size_t *len)
{
    size_t room = 4096, n = 0;
    char *data = malloc(room + 1);

    if (data == NULL)
        return RC_NOMEM;
    for (;;) {
        if (n == room) {
            char *grown = realloc(data, room * 2 + 1);
            if (grown == NULL) {
                free(data);
                return RC_NOMEM;
            }
            data = grown;
            room *= 2;
        }
        ssize_t got = read(fd, data + n, room - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            int why = errno;
            free(data);
            errno = why;
            return RC_IO;
        }
        if (got == 0)
            break;
        n += (size_t)got;
        if (n > limit) { /* it grew after fstat */
            free(data);
            return RC_RANGE;
        }
    }
    data[n] = '\0';
    *out = data;
    *len = n;
    return RC_OK;
}

int conf_file_read(const char *path, size_t limit, struct conf_report *r, char **out, size_t *len)
{
    struct conf_place at = {path, 0};
    struct stat st;
    int rc = RC_IO;

    conf_report_file(r, path);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0) {
        conf_error(r, at, NULL, "cannot be read: %s", strerror(errno));
        return RC_IO;
    }
    if (fstat(fd, &st) != 0) {
        conf_error(r, at, NULL, "cannot be read: %s", strerror(errno));
        goto done;
    }
    if (!S_ISREG(st.st_mode)) {
        conf_error(r, at, NULL, "is %s, not a file", kind_of(st.st_mode));
        goto done;
    }
    rc = st.st_size > (off_t)limit ? RC_RANGE : read_all(fd, limit, out, len);
    if (rc == RC_RANGE)
        conf_error(r, at, NULL, "is too large: at most %zu KiB", limit / 1024);
    else if (rc == RC_IO)
        conf_error(r, at, NULL, "cannot be read: %s", strerror(errno));
    else if (rc == RC_NOMEM)
        r->nomem = true;
done:
    close(fd);
    return rc;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_in(const char *name, const char *suffix)
{
    size_t len = strlen(name), tail = strlen(suffix);

    return name[0] != '.' && len > tail && strcmp(name + len - tail, suffix) == 0;
}

int conf_file_list(const char *dir, const char *suffix, struct conf_report *r, char ***out, size_t *n)
{
    char **list = NULL;
    size_t count = 0;
    int rc = RC_IO;
    struct stat st;
    DIR *d = opendir(dir);

    /* Not there; also where the place it would be in is no directory, which the file beside it tells. */
    if (d == NULL && (errno == ENOENT || (errno == ENOTDIR && lstat(dir, &st) != 0))) {
        *out = NULL;
        *n = 0;
        return RC_OK;
    }
    if (d == NULL) { /* errno is opendir's: lstat found the file that stands in its place */
        conf_error(r, (struct conf_place){dir, 0}, NULL, "cannot be read: %s", strerror(errno));
        return RC_IO;
    }
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        char *path = NULL;
        if (!ends_in(e->d_name, suffix))
            continue;
        if (count == LIST_MOST) {
            conf_error(r, (struct conf_place){dir, 0}, NULL, "holds more than %d files", LIST_MOST);
            goto done;
        }
        char **grown = conf_append(r, list, &count, sizeof *list);
        if (grown == NULL || asprintf(&path, "%s/%s", dir, e->d_name) < 0) {
            count = grown == NULL ? count : count - 1;
            list = grown == NULL ? list : grown;
            r->nomem = true;
            rc = RC_NOMEM;
            goto done;
        }
        list = grown;
        list[count - 1] = path;
    }
    if (count > 1)
        qsort(list, count, sizeof *list, by_bytes);
    *out = list;
    *n = count;
    list = NULL;
    rc = RC_OK;
done:
    if (list != NULL)
        conf_file_list_free(list, count);
    closedir(d);
    return rc;
}

void conf_file_list_free(char **list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(list[i]);
    free(list);
}
