#include "sim/sim_record.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "core/log.h"
#include "core/rc.h"

int sim_record_open(struct sim_record *r, const char *path)
{
    *r = (struct sim_record){0};
    if (path == NULL)
        return RC_OK;
    r->file = fopen(path, "we");
    if (r->file == NULL) {
        log_error("%s: log: %s", path, strerror(errno));
        return RC_IO;
    }
    fputs("# start_ns\tend_ns\tbus\twhat\tmeter\tverdict\tbytes\n", r->file);
    return RC_OK;
}

void sim_record_line(struct sim_record *r, int64_t start_ns, int64_t end_ns, const char *bus,
                     const char *what, unsigned meter, const char *verdict, const uint8_t *bytes, size_t n)
{
    static const char digit[] = "0123456789abcdef";
    if (r->file == NULL)
        return;
    fprintf(r->file, "%" PRId64 "\t%" PRId64 "\t%s\t%s\t", start_ns, end_ns, bus, what);
    if (meter == 0)
        fputs("-", r->file);
    else
        fprintf(r->file, "%u", meter);
    fprintf(r->file, "\t%s\t", verdict);
    for (size_t i = 0; i < n; i++) {
        fputc(digit[bytes[i] >> 4], r->file);
        fputc(digit[bytes[i] & 15], r->file);
    }
    fputs(n == 0 ? "-\n" : "\n", r->file);
    r->unflushed = true;
}

void sim_record_flush(struct sim_record *r)
{
    if (!r->unflushed)
        return;
    r->unflushed = false;
    if (fflush(r->file) != 0 && !r->failed) {
        r->failed = true;
        log_error("log: cannot be written: %s", strerror(errno));
    }
}

void sim_record_close(struct sim_record *r)
{
    if (r->file == NULL)
        return;
    sim_record_flush(r);
    fclose(r->file);
    r->file = NULL;
}

static void print_to(FILE *file, const struct sim_stats *s, const char *bus, double elapsed_s)
{
    double wire_s = (double)s->credit_ns / 1e9;
    fprintf(file,
            "%s: requests %" PRIu64 " heard %" PRIu64 " answered %" PRIu64 " too_early %" PRIu64
            " spoiled %" PRIu64 " silent %" PRIu64 " wire_s %.3f elapsed_s %.3f efficiency %.4f\n",
            bus, s->requests, s->heard, s->answered, s->too_early, s->spoiled, s->silent, wire_s, elapsed_s,
            elapsed_s > 0 ? wire_s / elapsed_s : 0.0);
}

void sim_stats_print(const struct sim_stats *s, struct sim_record *r, const char *bus, int64_t until_ns)
{
    double elapsed_s = s->first_ns == 0 ? 0 : (double)(until_ns - s->first_ns) / 1e9;
    print_to(stdout, s, bus, elapsed_s);
    fflush(stdout);
    if (r->file != NULL) {
        fputs("# ", r->file);
        print_to(r->file, s, bus, elapsed_s);
        r->unflushed = true;
    }
}

void sim_stats_restart(struct sim_stats *s, int64_t now_ns)
{
    *s = (struct sim_stats){.first_ns = now_ns, .last_ns = now_ns, .from_signal = true};
}
