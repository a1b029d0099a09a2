#include "cli/verify_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/complain.h"
#include "core/rc.h"
#include "core/text.h"

#define READ_SIZE 262144

/* Room for n more elements of `size` bytes. */
static bool make_room(void **data, size_t used, size_t n, size_t *room, size_t size)
{
    if (used + n <= *room)
        return true;
    size_t want = *room == 0 ? 256 : *room * 2;
    want = want < used + n ? used + n : want;
    void *grown = realloc(*data, want * size);
    if (grown == NULL)
        return false;
    *data = grown;
    *room = want;
    return true;
}

static size_t hash_of(const char *name)
{
    size_t h = 14695981039346656037u;
    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * 1099511628211u;
    return h;
}

static bool rehash(struct verify_input *in)
{
    size_t size = in->hash_size == 0 ? 64 : in->hash_size * 2;
    size_t *hash = calloc(size, sizeof *hash);
    if (hash == NULL)
        return false;
    for (size_t i = 0; i < in->n; i++) {
        size_t at = hash_of(in->meter[i].name) & (size - 1);
        while (hash[at] != 0)
            at = (at + 1) & (size - 1);
        hash[at] = i + 1;
    }
    free(in->hash);
    in->hash = hash;
    in->hash_size = size;
    return true;
}

static struct input_meter *meter_named(struct verify_input *in, const char *name)
{
    if (in->n * 2 >= in->hash_size && !rehash(in))
        return NULL;
    size_t at = hash_of(name) & (in->hash_size - 1);
    for (; in->hash[at] != 0; at = (at + 1) & (in->hash_size - 1))
        if (strcmp(in->meter[in->hash[at] - 1].name, name) == 0)
            return &in->meter[in->hash[at] - 1];
    char *copy = strdup(name);
    if (copy == NULL || !make_room((void **)&in->meter, in->n, 1, &in->room, sizeof in->meter[0])) {
        free(copy);
        return NULL;
    }
    in->meter[in->n] = (struct input_meter){.name = copy};
    in->hash[at] = ++in->n;
    return &in->meter[in->n - 1];
}

static bool keep_values(struct input_meter *m, const int64_t *values, size_t n, size_t *at)
{
    if (!make_room((void **)&m->value, m->n_values, n, &m->room_values, sizeof m->value[0]))
        return false;
    *at = m->n_values;
    memcpy(m->value + m->n_values, values, n * sizeof values[0]);
    m->n_values += n;
    return true;
}

static bool keep_row(struct input_meter *m, const struct csv_row *c)
{
    struct input_row row = {
        .time_utc_ms = c->row.time_utc_ms, .window_ms = c->row.window_ms, .has = c->row.has};
    if (!make_room((void **)&m->row, m->n, 1, &m->room, sizeof m->row[0]))
        return false;
    row.flags = (uint8_t)((c->in_range ? 0 : INPUT_REJECTED) | (c->row.has_power ? INPUT_POWER : 0) |
                          (c->row.settlement != NULL ? INPUT_SETTLEMENT : 0));
    row.power_cw = c->row.power_cw;
    int64_t values[VERIFY_REGISTERS];
    size_t n = 0;
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++)
        if (verify_has(&c->row, e))
            values[n++] = c->row.v[e];
    if (!keep_values(m, values, n, &row.value))
        return false;
    if (c->row.settlement != NULL && !keep_values(m, c->settlement, VERIFY_SETTLEMENTS, &row.settlement))
        return false;
    m->row[m->n++] = row;
    return true;
}

/* The file's name without directory and suffix. */
static void default_meter(const char *path, char out[256])
{
    const char *slash = strrchr(path, '/');
    const char *name = strcmp(path, "-") == 0 ? "stdin" : slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    size_t n = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    text_format(out, 256, "%.*s", (int)(n < 255 ? n : 255), name);
}

struct job {
    const char *path;
    struct csv_splitter *splitter;
    struct verify_input *in;
    char meter[256];
    bool has_header;
    struct csv_record record;
    struct csv_row row;
};

static int bad_line(const struct job *j, uint64_t line, const char *why)
{
    complain("%s:%llu: %s", j->path, (unsigned long long)line, why);
    return EXIT_DATA;
}

static int take_record(struct job *j)
{
    char why[CSV_WHY];
    if (!j->has_header) {
        j->has_header = true;
        if (csv_header(&j->record, &j->in->header, why) != RC_OK)
            return bad_line(j, j->record.line, why);
        return EXIT_DONE;
    }
    if (csv_row(&j->in->header, &j->record, &j->row, why) != RC_OK)
        return bad_line(j, j->record.line, why);
    struct input_meter *m = meter_named(j->in, j->row.meter != NULL ? j->row.meter : j->meter);
    if (m != NULL && keep_row(m, &j->row))
        return EXIT_DONE;
    complain("%s: cannot be read: no memory", j->path);
    return EXIT_FAILED;
}

static int take_bytes(struct job *j, const char *data, size_t size, bool last)
{
    char why[CSV_WHY];
    for (;;) {
        int rc = csv_next(j->splitter, &data, &size, last, &j->record, why);
        if (rc == RC_NOTFOUND)
            return EXIT_DONE;
        if (rc != RC_OK)
            return bad_line(j, csv_line(j->splitter), why);
        int code = take_record(j);
        if (code != EXIT_DONE)
            return code;
    }
}

static int read_all(struct job *j, int fd)
{
    char *buffer = malloc(READ_SIZE);
    int code = EXIT_DONE;
    if (buffer == NULL) {
        complain("%s: cannot be read: no memory", j->path);
        return EXIT_FAILED;
    }
    for (;;) {
        ssize_t n = read(fd, buffer, READ_SIZE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            complain("%s: cannot be read: %s", j->path, strerror(errno));
            code = errno == EISDIR ? EXIT_DATA : EXIT_FAILED;
            break;
        }
        code = take_bytes(j, buffer, (size_t)n, n == 0);
        if (n == 0 || code != EXIT_DONE)
            break;
    }
    free(buffer);
    if (code == EXIT_DONE && !j->has_header) {
        complain("%s: no header line: expected column names, among them time", j->path);
        code = EXIT_DATA;
    }
    return code;
}

static int by_time(const void *a, const void *b)
{
    const struct input_row *x = a, *y = b;
    if (x->time_utc_ms != y->time_utc_ms)
        return x->time_utc_ms < y->time_utc_ms ? -1 : 1;
    return x->value < y->value ? -1 : x->value > y->value; /* as they stood */
}

static void sort_rows(struct verify_input *in)
{
    for (size_t k = 0; k < in->n; k++) {
        struct input_meter *m = &in->meter[k];
        size_t i = 1;
        while (i < m->n && m->row[i - 1].time_utc_ms <= m->row[i].time_utc_ms)
            i++;
        if (i < m->n)
            qsort(m->row, m->n, sizeof m->row[0], by_time);
    }
}

int verify_input_read(const char *path, struct verify_input *out)
{
    memset(out, 0, sizeof *out);
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        complain("%s: cannot be opened: %s", path, strerror(errno));
        return errno == ENOENT || errno == ENOTDIR ? EXIT_DATA : errno == EACCES ? EXIT_NOPERM : EXIT_FAILED;
    }
    struct job *j = calloc(1, sizeof *j);
    int code = EXIT_FAILED;
    if (j != NULL && csv_splitter_new(&j->splitter) == RC_OK) {
        j->path = path;
        j->in = out;
        default_meter(path, j->meter);
        code = read_all(j, fd);
    } else {
        complain("%s: cannot be read: no memory", path);
    }
    if (j != NULL)
        csv_splitter_free(j->splitter);
    free(j);
    close(fd);
    if (code == EXIT_DONE)
        sort_rows(out);
    else
        verify_input_done(out);
    return code;
}

void verify_input_done(struct verify_input *in)
{
    for (size_t i = 0; i < in->n; i++) {
        free(in->meter[i].name);
        free(in->meter[i].row);
        free(in->meter[i].value);
    }
    free(in->meter);
    free(in->hash);
    *in = (struct verify_input){0};
}

void verify_input_row(const struct input_meter *m, size_t i, struct verify_row *row)
{
    const struct input_row *r = &m->row[i];
    *row = (struct verify_row){.time_utc_ms = r->time_utc_ms,
                               .window_ms = r->window_ms,
                               .has = r->has,
                               .has_power = (r->flags & INPUT_POWER) != 0,
                               .power_cw = r->power_cw};
    const int64_t *value = m->value + r->value;
    for (unsigned e = 0; e < VERIFY_REGISTERS; e++)
        if (verify_has(row, e))
            row->v[e] = *value++;
    if ((r->flags & INPUT_SETTLEMENT) != 0)
        row->settlement = m->value + r->settlement;
}
