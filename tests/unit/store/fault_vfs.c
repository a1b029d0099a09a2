#include "fault_vfs.h"

#include <sqlite3.h>
#include <string.h>

static sqlite3_vfs wrapper;
static sqlite3_vfs *real;
static unsigned ordered;
static int countdown, more_after, answer;
static bool happened;

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real;
};

static bool fails(enum fault_call call)
{
    if ((ordered & (unsigned)call) == 0 || --countdown > 0)
        return false;
    if (countdown < -more_after) {
        ordered = 0;
        return false;
    }
    happened = true;
    return true;
}

static sqlite3_file *of(sqlite3_file *f)
{
    return ((struct fault_file *)(void *)f)->real;
}

static int f_close(sqlite3_file *f)
{
    return of(f)->pMethods->xClose(of(f));
}
static int f_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    return fails(FAULT_READ) ? answer : of(f)->pMethods->xRead(of(f), to, n, at);
}
static int f_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    if (!fails(FAULT_WRITE))
        return of(f)->pMethods->xWrite(of(f), from, n, at);
    if (n > 1)
        of(f)->pMethods->xWrite(of(f), from, n / 2, at);
    return answer;
}
static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return fails(FAULT_TRUNCATE) ? answer : of(f)->pMethods->xTruncate(of(f), size);
}
static int f_sync(sqlite3_file *f, int flags)
{
    return fails(FAULT_SYNC) ? answer : of(f)->pMethods->xSync(of(f), flags);
}
static int f_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return of(f)->pMethods->xFileSize(of(f), size);
}
static int f_lock(sqlite3_file *f, int level)
{
    return of(f)->pMethods->xLock(of(f), level);
}
static int f_unlock(sqlite3_file *f, int level)
{
    return of(f)->pMethods->xUnlock(of(f), level);
}
static int f_reserved(sqlite3_file *f, int *out)
{
    return of(f)->pMethods->xCheckReservedLock(of(f), out);
}
static int f_control(sqlite3_file *f, int op, void *arg)
{
    return of(f)->pMethods->xFileControl(of(f), op, arg);
}
static int f_sector(sqlite3_file *f)
{
    return of(f)->pMethods->xSectorSize(of(f));
}
static int f_device(sqlite3_file *f)
{
    return of(f)->pMethods->xDeviceCharacteristics(of(f));
}
static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return of(f)->pMethods->xShmMap(of(f), page, size, extend, out);
}
static int f_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return of(f)->pMethods->xShmLock(of(f), offset, n, flags);
}
static void f_shm_barrier(sqlite3_file *f)
{
    of(f)->pMethods->xShmBarrier(of(f));
}
static int f_shm_unmap(sqlite3_file *f, int remove)
{
    return of(f)->pMethods->xShmUnmap(of(f), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = f_close,
    .xRead = f_read,
    .xWrite = f_write,
    .xTruncate = f_truncate,
    .xSync = f_sync,
    .xFileSize = f_size,
    .xLock = f_lock,
    .xUnlock = f_unlock,
    .xCheckReservedLock = f_reserved,
    .xFileControl = f_control,
    .xSectorSize = f_sector,
    .xDeviceCharacteristics = f_device,
    .xShmMap = f_shm_map,
    .xShmLock = f_shm_lock,
    .xShmBarrier = f_shm_barrier,
    .xShmUnmap = f_shm_unmap,
};

static int v_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)v;
    struct fault_file *file = (struct fault_file *)(void *)f;
    memset(file, 0, sizeof *file);
    if (fails(FAULT_OPEN))
        return answer;
    file->real = (sqlite3_file *)(void *)(file + 1);
    int rc = real->xOpen(real, name, file->real, flags, out);
    if (rc == SQLITE_OK)
        file->base.pMethods = &methods;
    return rc;
}

void fault_vfs_install(void)
{
    real = sqlite3_vfs_find(NULL);
    wrapper = *real;
    wrapper.zName = "fault";
    wrapper.szOsFile = (int)sizeof(struct fault_file) + real->szOsFile;
    wrapper.pNext = NULL;
    wrapper.xOpen = v_open;
    sqlite3_vfs_register(&wrapper, 1);
}

void fault_vfs_order(unsigned calls, int nth, int more, int result)
{
    ordered = calls;
    countdown = nth;
    more_after = more;
    answer = result;
    happened = false;
}

bool fault_vfs_clear(void)
{
    ordered = 0;
    return happened;
}
