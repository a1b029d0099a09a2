/* cmd_db.c - meterfleet db check|migrate: is the database whole; bring an older one up to date. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cli/site_db.h"
#include "store/db_check.h"
#include "store/schema.h"
#include "store/store_lock.h"

static const struct option_row rows[] = {
    {"database", 0, "FILE", "instead of [database] path"},
};

static void tell(void *arg, const char *problem)
{
    text_buf_addf(arg, "%s\n", problem);
}

static int check(struct site_db *site)
{
    struct db_check found;
    struct text_buf b = {.data = NULL};
    int rc = db_check(&site->db, tell, &b, &found);
    if (rc != RC_OK) {
        int code = output_print(&b);
        complain("%s: cannot be read to its end: %s", site->db.path, db_message(&site->db));
        return code != EXIT_DONE ? code : rc == RC_CORRUPT ? EXIT_DATA : EXIT_FAILED;
    }
    if (found.problems == 0)
        text_buf_addf(&b, "%s: whole: %" PRId64 " numbers of %" PRId64 " ledger%s stand in order\n",
                      site->db.path, found.rows, found.ledgers, found.ledgers == 1 ? "" : "s");
    else
        text_buf_addf(&b, "%s: %" PRIu64 " problem%s\n", site->db.path, found.problems,
                      found.problems == 1 ? "" : "s");
    int code = output_print(&b);
    return code != EXIT_DONE ? code : found.problems == 0 ? EXIT_DONE : EXIT_FINDINGS;
}

static int migrate_locked(const char *path, unsigned from)
{
    struct db d = {0};
    int rc = db_open(path, DB_WRITE, &d);
    if (rc == RC_OK)
        rc = schema_migrate(&d);
    if (rc != RC_OK)
        complain("%s: not migrated, and as it was: %s", path, db_message(&d));
    db_close(&d);
    if (rc != RC_OK)
        return rc == RC_FULL || rc == RC_DENIED ? EXIT_CANTCREATE : EXIT_FAILED;
    struct text_buf b = {.data = NULL};
    if (from == schema_version())
        text_buf_addf(&b, "%s: version %u already\n", path, from);
    else
        text_buf_addf(&b, "%s: from version %u to %u; as it was: %s-version%u\n", path, from,
                      schema_version(), path, from);
    return output_print(&b);
}

/* The daemon does this by itself; here it can be done, and be seen to work, before it starts. */
static int migrate(const char *given)
{
    char why[256], *path = NULL;
    unsigned from = 0;
    struct store_lock lock = {-1, -1};
    int rc = store_resolve(given, &path, why, sizeof why);
    if (rc == RC_OK)
        rc = store_lock_take(path, &lock, why, sizeof why);
    if (rc != RC_OK) {
        complain("%s: not migrated: %s", given, why);
        free(path);
        return rc == RC_BUSY ? EXIT_UNAVAILABLE : EXIT_CANTCREATE;
    }
    int code = schema_recognise(path, &from) == RC_OK ? migrate_locked(path, from) : EXIT_DATA;
    store_lock_release(&lock);
    free(path);
    return code;
}

/* What to do; NULL: a complaint was made. */
static const char *job_of(const struct cli_args *a)
{
    static const char *const jobs[] = {"check", "migrate"};
    if (a->given.n_operands != 1) {
        complain("db: %s: meterfleet db check, or meterfleet db migrate",
                 a->given.n_operands == 0 ? "what to do is missing" : "one job at a time");
        return NULL;
    }
    const char *job = a->given.operand[0];
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++)
        if (strcmp(job, jobs[i]) == 0)
            return jobs[i];
    const char *near = options_suggest(job, jobs, sizeof jobs / sizeof jobs[0]);
    complain("db: %.40s: unknown: did you mean %s?", job, near != NULL ? near : "check or migrate");
    return NULL;
}

static int run(const struct cli_args *a)
{
    const char *job = job_of(a);
    if (job == NULL)
        return EXIT_USAGE;
    struct site_db site;
    int code = site_db_open(a, &site);
    if (code != EXIT_DONE)
        return code;
    if (strcmp(job, "check") == 0) {
        code = check(&site);
        site_db_close(&site);
        return code;
    }
    char *path = strdup(site.db.path);
    site_db_close(&site); /* one connection a process, while it is locked and written */
    code = path != NULL ? migrate(path) : EXIT_FAILED;
    free(path);
    return code;
}

const struct subcommand cmd_db = {
    .name = "db",
    .synopsis = "check|migrate",
    .summary = "is the database whole; bring one of an older version up to date",
    .about = "check reads every page and index, and counts the numbers of each ledger: each\n"
             "must be there, or told as a gap, or be one that the broker acknowledged and that\n"
             "has left by age. Exit 3 when something is wrong. The daemon may run meanwhile.\n"
             "\n"
             "migrate does what a newer daemon does at its start, in one transaction, after a\n"
             "copy was made beside the database. The daemon must not run.\n",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .run = run,
};
