/* scratch.h - a directory of its own for a test that needs files, gone when the test ends well. */
#ifndef METERFLEET_TESTS_STORE_SCRATCH_H
#define METERFLEET_TESTS_STORE_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <check.h>

static char scratch_dir[64];

static inline const char *scratch_make(void)
{
    strcpy(scratch_dir, "/tmp/meterfleet-store-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(scratch_dir));
    return scratch_dir;
}

/* A path inside, in one of four rotating buffers. */
static inline const char *scratch_path(const char *name)
{
    static char path[4][128];
    static unsigned turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", scratch_dir, name);
    return p;
}

static inline int scratch_unlink(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void scratch_remove(void)
{
    nftw(scratch_dir, scratch_unlink, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
