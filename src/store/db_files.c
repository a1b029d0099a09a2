/* db_files.c - a database as files: what a file that is made beside its place needs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "core/rc.h"
#include "core/text.h"
#include "store/db.h"

int db_sync_directory(const char *path)
{
    char dir[4096];
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        snprintf(dir, sizeof dir, ".");
    else if (!text_format(dir, sizeof dir, "%.*s", (int)(slash - path) + 1, path))
        return RC_RANGE;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return RC_IO;
    int rc = fsync(fd) == 0 || errno == EINVAL ? RC_OK : RC_IO;
    close(fd);
    return rc;
}

void db_remove_files(const char *path)
{
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char name[4096];
        if (text_format(name, sizeof name, "%s%s", path, suffixes[i]))
            unlink(name);
    }
}
