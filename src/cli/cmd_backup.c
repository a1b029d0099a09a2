/* cmd_backup.c - meterfleet backup FILE: a whole copy of the database while the daemon writes it. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>
#include "cli/human.h"
#include "cli/site_db.h"
#include "store/backup.h"

static const struct option_row rows[] = {
    {"database", 0, "FILE", "instead of [database] path"},
};

/* On a terminal, in place. */
static void tell(void *arg, int64_t done, int64_t total)
{
    bool *told = arg;
    if (!isatty(STDERR_FILENO) || total == 0)
        return;
    fprintf(stderr, "\rcopied %" PRId64 " %%", done * 100 / total);
    *told = true;
}

static int code_of(int rc)
{
    switch (rc) {
    case RC_OK:
        return EXIT_DONE;
    case RC_FOREIGN: /* the name is taken, or there is no place for it */
    case RC_DENIED:
    case RC_NOTFOUND:
        return EXIT_CANTCREATE;
    case RC_CORRUPT:
        return EXIT_DATA;
    default:
        return EXIT_FAILED;
    }
}

static int backup(struct site_db *site, const char *path)
{
    struct backup_result made;
    char why[256];
    bool told = false;
    int rc = backup_make(&site->db, path, tell, &told, &made, why, sizeof why);
    if (told)
        fputs("\r\x1b[K", stderr);
    if (rc != RC_OK) {
        complain("%.200s: no backup made: %s", path, why);
        return code_of(rc);
    }
    char size[HUMAN_SIZE];
    struct text_buf b = {.data = NULL};
    human_bytes(made.bytes, size);
    text_buf_addf(&b, "%s: %s, every page whole, ledger %s up to number %" PRId64 "\n", path, size,
                  made.ledger, made.last_seq);
    return output_print(&b);
}

static int run(const struct cli_args *a)
{
    struct site_db site;
    if (a->given.n_operands != 1) {
        complain("backup: %s: meterfleet backup FILE",
                 a->given.n_operands == 0 ? "where to is missing" : "one file at a time");
        return EXIT_USAGE;
    }
    int code = site_db_open(a, &site);
    if (code != EXIT_DONE)
        return code;
    code = backup(&site, a->given.operand[0]);
    site_db_close(&site);
    return code;
}

const struct subcommand cmd_backup = {
    .name = "backup",
    .synopsis = "FILE",
    .summary = "a whole copy of the database, while the daemon writes it",
    .about = "The copy is one moment. It is made beside its place, looked through page by page\n"
             "and then renamed: under its name there is never half a backup. A backup that\n"
             "has this name already is replaced, nothing else is.\n"
             "\n"
             "To go back to it: stop the daemon, put the copy in the place of the database,\n"
             "remove the files DATABASE-wal and DATABASE-shm, start the daemon. It begins a new\n"
             "ledger then, for what was numbered after the copy was made is elsewhere.\n",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
    .run = run,
};
