/* site_db.h - the site's database for the tool: opened for reading only, its meters by name.
 *
 * Errors:  exit codes, with the complaint made: 78 configuration, 65 not our database or a newer one, 77 no
 * permission, 64 unknown meter, 1 the rest. Threads: one.
 */
#ifndef METERFLEET_CLI_SITE_DB_H
#define METERFLEET_CLI_SITE_DB_H

#include "cli/cli.h"
#include "config/settings.h"
#include "store/db.h"

struct site_db {
    struct settings *settings;
    struct db db;
};
/* The configuration of --config, the database it names (or --database). */
int site_db_open(const struct cli_args *a, struct site_db *out);
void site_db_close(struct site_db *s);

/* Meters asked for, or all that the database knows (removed ones too), by bus and address. */
struct site_meters {
    size_t n;
    char **name; /* owned */
    int *index;  /* into settings->meters, -1: no longer configured */
};
int site_meters_find(struct site_db *s, const char *const asked[], size_t n_asked, struct site_meters *out);
void site_meters_done(struct site_meters *m);

#endif
