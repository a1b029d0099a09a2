#include "cli/verify_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/complain.h"
#include "core/rc.h"
#include "core/text.h"

#define READ_SIZE  262144
#define METER_NAME 256

static size_t hash_of(const char *name)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * 1099511628211u;
    return (size_t)h;
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

static bool make_room(struct verify_input *in)
{
    if (in->n < in->room)
        return true;
    size_t room = in->room == 0 ? 16 : in->room * 2;
    struct input_meter *meter = realloc(in->meter, room * sizeof *meter);
    if (meter == NULL)
        return false;
    in->meter = meter;
    in->room = room;
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
    if (copy == NULL || !make_room(in)) {
        free(copy);
        return NULL;
    }
    in->meter[in->n] = (struct input_meter){.name = copy};
    in->hash[at] = ++in->n;
    return &in->meter[in->n - 1];
}

/* The file's name without directory and suffix. */
static void default_meter(const char *path, char out[METER_NAME])
{
    const char *slash = strrchr(path, '/');
    const char *name = strcmp(path, "-") == 0 ? "stdin" : slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    size_t n = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    text_format(out, METER_NAME, "%.*s", (int)(n < METER_NAME ? n : METER_NAME - 1), name);
}

struct job {
    const char *path;
    struct csv_splitter *splitter;
    struct verify_input *in;
    char meter[METER_NAME];
    bool has_header;
    struct csv_header header;
    struct csv_record record;
    struct csv_row row;
};

static int bad_line(const struct job *j, uint64_t line, const char *why)
{
    complain("%s:%llu: %s", j->path, (unsigned long long)line, why);
    return EXIT_DATA;
}

static int no_memory(const char *path)
{
    complain("%s: cannot be read: no memory", path);
    return EXIT_FAILED;
}

static int take_record(struct job *j)
{
    char why[CSV_WHY];
    if (!j->has_header) {
        j->has_header = true;
        if (csv_header(&j->record, &j->header, why) != RC_OK)
            return bad_line(j, j->record.line, why);
        return EXIT_DONE;
    }
    if (csv_row(&j->header, &j->record, &j->row, why) != RC_OK)
        return bad_line(j, j->record.line, why);
    struct input_meter *m = meter_named(j->in, j->row.meter != NULL ? j->row.meter : j->meter);
    if (m == NULL || row_store_add(&m->rows, &j->row.row, !j->row.in_range) != RC_OK)
        return no_memory(j->path);
    if (j->row.in_range)
        m->columns |= j->row.row.has;
    return EXIT_DONE;
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
    if (buffer == NULL)
        return no_memory(j->path);
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
    if (code == EXIT_DONE && !j->has_header)
        code = bad_line(j, csv_line(j->splitter),
                        "no header: expected the names of the columns, among them time");
    return code;
}

static int sort_rows(const char *path, struct verify_input *in)
{
    for (size_t i = 0; i < in->n; i++)
        if (row_store_sort(&in->meter[i].rows) != RC_OK)
            return no_memory(path);
    return EXIT_DONE;
}

static int open_input(const char *path)
{
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        complain("%s: cannot be opened: %s", path, strerror(errno));
    return fd;
}

int verify_input_read(const char *path, struct verify_input *out)
{
    memset(out, 0, sizeof *out);
    int fd = open_input(path);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? EXIT_DATA : errno == EACCES ? EXIT_NOPERM : EXIT_FAILED;
    struct job *j = calloc(1, sizeof *j);
    int code = EXIT_FAILED;
    if (j != NULL && csv_splitter_new(&j->splitter) == RC_OK) {
        j->path = path;
        j->in = out;
        default_meter(path, j->meter);
        code = read_all(j, fd);
    } else {
        no_memory(path);
    }
    if (j != NULL)
        csv_splitter_free(j->splitter);
    free(j);
    close(fd);
    if (code == EXIT_DONE)
        code = sort_rows(path, out);
    if (code != EXIT_DONE)
        verify_input_done(out);
    return code;
}

void verify_input_done(struct verify_input *in)
{
    for (size_t i = 0; i < in->n; i++) {
        free(in->meter[i].name);
        row_store_done(&in->meter[i].rows);
    }
    free(in->meter);
    free(in->hash);
    *in = (struct verify_input){0};
}
