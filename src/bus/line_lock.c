/* line_lock.c - one program a line, and the name of the one that was first.
 *
 * flock(2) goes with the descriptor, so a killed owner leaves no lock behind; TIOCEXCL also keeps out
 * programs that know nothing of locks (but not root).
 */
#include "bus/line_i.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "core/rc.h"
#include "core/text.h"

static bool process_name(uint64_t pid, char *out, size_t size)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/%llu/comm", (unsigned long long)pid);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return false;
    bool got = fgets(out, (int)size, f) != NULL;
    fclose(f);
    out[got ? strcspn(out, "\n") : 0] = '\0';
    return got && out[0] != '\0';
}

/* The process of a row "1: FLOCK  ADVISORY  WRITE 4711 00:18:5 0 EOF" when it is an flock on `inode`; else 0.
 */
static uint64_t row_owner(char *row, const char *inode)
{
    char *rest = NULL, *fields[6];
    uint64_t pid = 0;
    size_t n = 0;
    for (char *f = strtok_r(row, " \n", &rest); f != NULL && n < 6; f = strtok_r(NULL, " \n", &rest))
        fields[n++] = f;
    if (n == 6 && strcmp(fields[1], "FLOCK") == 0 && strcmp(fields[5], inode) == 0)
        (void)text_to_u64(fields[4], 1, INT32_MAX, &pid); /* of another namespace: 0, nobody we could name */
    return pid;
}

static uint64_t lock_owner(const struct stat *st)
{
    char row[160], inode[48];
    uint64_t found = 0;
    FILE *f = fopen("/proc/locks", "re");
    if (f == NULL)
        return 0;
    snprintf(inode, sizeof inode, "%02x:%02x:%llu", major(st->st_dev), minor(st->st_dev),
             (unsigned long long)st->st_ino);
    while (found == 0 && fgets(row, sizeof row, f) != NULL)
        found = row_owner(row, inode);
    fclose(f);
    return found;
}

void line_lock_holder(const char *path, char why[LINE_WHY])
{
    struct stat st;
    char name[32];
    uint64_t pid = stat(path, &st) == 0 ? lock_owner(&st) : 0;
    if (pid == 0)
        snprintf(why, LINE_WHY, "held by another program");
    else if (process_name(pid, name, sizeof name))
        snprintf(why, LINE_WHY, "held by %s, process %llu", name, (unsigned long long)pid);
    else
        snprintf(why, LINE_WHY, "held by process %llu", (unsigned long long)pid);
}

int line_lock(int fd, const char *path, char why[LINE_WHY])
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return RC_OK;
    if (errno == EWOULDBLOCK) {
        line_lock_holder(path, why);
        return RC_BUSY;
    }
    snprintf(why, LINE_WHY, "cannot be locked: %s", strerror(errno));
    return RC_LINK;
}
