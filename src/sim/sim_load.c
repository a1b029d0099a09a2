#include "sim/sim_load.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/log.h"
#include "core/rc.h"
#include "sim/sim_rng.h"

#define DAY_MIN        1440
#define MOST           1000000 /* rows: two years */
#define LINE_MAX_BYTES 256

/* A plain decimal to thousandths; more decimals are cut. False: no number, or outside lo..hi. */
static bool thousandths(const char *s, int64_t lo, int64_t hi, int64_t *out)
{
    bool negative = *s == '-';
    int64_t value = 0;
    int decimals = -1, digits = 0;
    for (s += negative; *s != '\0'; s++) {
        if (*s == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (*s < '0' || *s > '9' || value > INT64_MAX / 100)
            return false;
        digits++;
        if (decimals < 3)
            value = value * 10 + (*s - '0');
        decimals += decimals >= 0 && decimals < 3;
    }
    for (int i = decimals < 0 ? 0 : decimals; i < 3; i++)
        value *= 10;
    if (negative)
        value = -value;
    if (digits == 0 || value < lo || value > hi)
        return false;
    *out = value;
    return true;
}

/* Returns what is wrong with the row, or NULL. */
static const char *read_row(char *line, struct sim_load_row *row)
{
    char *cell[3] = {line, NULL, NULL};
    for (int i = 1; i < 3 && cell[i - 1] != NULL; i++) {
        char *comma = strchr(cell[i - 1], ',');
        if (comma == NULL)
            break;
        *comma = '\0';
        cell[i] = comma + 1;
    }
    if (cell[2] != NULL && strchr(cell[2], ',') != NULL)
        return "more than p_kw,q_kvar,u_v";
    int64_t p, q, u;
    if (!thousandths(cell[0], -100000, 100000, &p))
        return "p_kw is not a number from -100 to 100";
    *row = (struct sim_load_row){(int32_t)p, SIM_LOAD_UNKNOWN, SIM_LOAD_UNKNOWN};
    if (cell[1] != NULL && *cell[1] != '\0') {
        if (!thousandths(cell[1], -100000, 100000, &q))
            return "q_kvar is not a number from -100 to 100";
        row->q_var = (int32_t)q;
    }
    if (cell[2] != NULL && *cell[2] != '\0') {
        if (!thousandths(cell[2], 0, 400000, &u))
            return "u_v is not a number from 0 to 400";
        row->u_dv = (int32_t)(u / 100);
    }
    return NULL;
}

static bool append(struct sim_load *load, size_t *room, const struct sim_load_row *row)
{
    if (load->n == *room) {
        size_t more = *room == 0 ? 4096 : *room * 2;
        struct sim_load_row *rows = realloc(load->rows, more * sizeof *rows);
        if (rows == NULL)
            return false;
        load->rows = rows;
        *room = more;
    }
    load->rows[load->n++] = *row;
    return true;
}

static int read_rows(FILE *file, const char *path, struct sim_load *load)
{
    char line[LINE_MAX_BYTES];
    size_t room = 0;
    bool first = true;
    for (unsigned number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        size_t n = strcspn(line, "\r\n");
        bool cut = line[n] == '\0' && !feof(file);
        line[n] = '\0';
        if (n == 0 || line[0] == '#')
            continue;
        bool header = first && strncmp(line, "p_kw", 4) == 0;
        first = false;
        if (header)
            continue;
        struct sim_load_row row;
        const char *wrong = cut ? "not a row: longer than 255 bytes" : read_row(line, &row);
        if (wrong == NULL && load->n == MOST)
            wrong = "more than a million rows";
        if (wrong != NULL) {
            log_error("%s:%u: load: %s", path, number, wrong);
            return RC_PARSE;
        }
        if (!append(load, &room, &row))
            return RC_NOMEM;
    }
    if (load->n == 0) {
        log_error("%s: load: no rows", path);
        return RC_PARSE;
    }
    return RC_OK;
}

int sim_load_read(const char *path, struct sim_load *out)
{
    struct sim_load load = {0};
    struct stat st;
    int rc = RC_PARSE;
    FILE *file = fopen(path, "re");
    if (file == NULL || fstat(fileno(file), &st) != 0 || !S_ISREG(st.st_mode)) {
        log_error("%s: load: %s", path, file == NULL ? "cannot be opened" : "is not a file");
        goto done;
    }
    rc = read_rows(file, path, &load);
    if (rc != RC_OK)
        goto done;
    *out = load;
    load = (struct sim_load){0};
done:
    sim_load_done(&load);
    if (file != NULL)
        fclose(file);
    return rc;
}

int sim_load_default(struct sim_load *out)
{
    /* W at each full hour: asleep, breakfast, away, cooking, evening. */
    static const int16_t hour_w[24] = {240, 210, 190, 180, 190, 260,  520,  900,  760,  480,  420, 640,
                                       820, 560, 430, 420, 520, 1150, 1900, 2300, 2100, 1500, 800, 400};
    struct sim_load load = {calloc(7 * DAY_MIN, sizeof *load.rows), 7 * DAY_MIN};
    if (load.rows == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < load.n; i++) {
        size_t hour = i / 60 % 24, minute = i % 60;
        int32_t w =
            (int32_t)((size_t)hour_w[hour] * (60 - minute) + (size_t)hour_w[(hour + 1) % 24] * minute) / 60;
        w += (int32_t)(sim_hash(i / 7) % 200); /* a kettle, a fridge: some minutes long */
        load.rows[i] = (struct sim_load_row){w, SIM_LOAD_UNKNOWN, SIM_LOAD_UNKNOWN};
    }
    *out = load;
    return RC_OK;
}

void sim_load_done(struct sim_load *load)
{
    free(load->rows);
    *load = (struct sim_load){0};
}

struct sim_tap sim_load_tap(const struct sim_load *load, uint64_t seed)
{
    struct sim_rng rng = {sim_hash(seed ^ 0x10AD)};
    struct sim_tap tap;
    tap.scale = (uint32_t)sim_rng_between(&rng, 150, 1200);
    int64_t days = (int64_t)(load->n / DAY_MIN);
    tap.shift =
        (days > 1 ? sim_rng_between(&rng, 0, days - 1) * DAY_MIN : 0) + sim_rng_between(&rng, -30, 30);
    return tap;
}

struct sim_power sim_load_at(const struct sim_load *load, const struct sim_tap *tap, int64_t local_minute)
{
    int64_t n = (int64_t)load->n, at = (local_minute + tap->shift) % n;
    const struct sim_load_row *row = &load->rows[at < 0 ? at + n : at];
    int32_t q = row->q_var == SIM_LOAD_UNKNOWN ? row->p_w / 5 : row->q_var; /* power factor 0.98 */
    return (struct sim_power){(int64_t)row->p_w * tap->scale, (int64_t)q * tap->scale, row->u_dv};
}
