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

static bool process_name(int pid, char *out, size_t size)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/%d/comm", pid);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return false;
    bool got = fgets(out, (int)size, f) != NULL;
    fclose(f);
    out[got ? strcspn(out, "\n") : 0] = '\0';
    return got && out[0] != '\0';
}

/* The process with an flock on this inode, by /proc/locks: "1: FLOCK  ADVISORY  WRITE 4711 00:18:5 0 EOF". */
static int lock_owner(const struct stat *st)
{
    FILE *f = fopen("/proc/locks", "re");
    if (f == NULL)
        return -1;
    char row[160];
    int found = -1;
    while (found < 0 && fgets(row, sizeof row, f) != NULL) {
        int pid;
        unsigned major_no, minor_no;
        unsigned long long inode;
        if (sscanf(row, "%*s FLOCK %*s %*s %d %x:%x:%llu", &pid, &major_no, &minor_no, &inode) == 4 &&
            inode == st->st_ino && major_no == major(st->st_dev) && minor_no == minor(st->st_dev) && pid > 0)
            found = pid;
    }
    fclose(f);
    return found;
}

void line_lock_holder(const char *path, char why[LINE_WHY])
{
    struct stat st;
    char name[32];
    int pid = stat(path, &st) == 0 ? lock_owner(&st) : -1;
    if (pid < 0)
        snprintf(why, LINE_WHY, "held by another program");
    else if (process_name(pid, name, sizeof name))
        snprintf(why, LINE_WHY, "held by %s, process %d", name, pid);
    else
        snprintf(why, LINE_WHY, "held by process %d", pid);
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
