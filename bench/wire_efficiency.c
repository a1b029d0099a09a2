/* wire_efficiency.c - how much of a line's time goes into answered requests.
 *
 * One bus worker, as the daemon runs it, against `meterfleet-sim` at 9600 8E1: 32 meters, turnaround 5 ms,
 * silence enforced, live and energy each as fast as possible. Prints
 *
 *   wire efficiency = sum over answered requests of (request + turnaround + reply + 3.5 characters) / elapsed
 *
 * over 60 s after 10 s of start-up, what the simulator heard inside a silence, and the same with 4 of 32
 * dead. Usage: wire_efficiency [SECONDS [BUILD_DIR SOURCE_DIR]]
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "bus/bus_worker.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "core/wire_time.h"

#define METERS          32
#define START_UP_S      10
#define TURNAROUND_NS   5000000
#define START_UP_DEAD_S 200 /* until the dead ones are offline and probed rarely */

static char folder[200];
static unsigned seconds = 60;

static void die(const char *what)
{
    fprintf(stderr, "wire_efficiency: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void path(char out[256], const char *name)
{
    snprintf(out, 256, "%.199s/%.50s", folder, name);
}

static void write_file(const char *name, const char *text)
{
    char file[256];
    path(file, name);
    FILE *f = fopen(file, "we");
    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
        die(file);
}

static void complain(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "wire_efficiency: %s\n", line);
}

static struct settings *make_settings(void)
{
    char ini[1024], file[256];
    struct settings *s = NULL;
    snprintf(ini, sizeof ini,
             "[gateway]\nid = bench\n[bus bench]\ndevice = %.199s/bus0\nlive = 1s\nenergy = 1s\ndemand = 0\n"
             "relay = 0\nsettlement = 0\nidentity = 0\n[meters m]\nbus = bench\naddresses = 1-%d\n"
             "name = m{address}\nmodel = kpm31\n",
             folder, METERS);
    write_file("bench.ini", ini);
    path(file, "bench.ini");
    if (settings_read(file, complain, NULL, &s) != RC_OK)
        exit(1);
    return s;
}

/* Starts the simulator and waits for its first line. */
static pid_t start_sim(const char *faults, int *report)
{
    static const char program[] = "./meterfleet-sim";
    char faults_file[256], first;
    int out[2];
    write_file("faults", faults);
    path(faults_file, "faults");
    if (pipe2(out, O_CLOEXEC) != 0)
        die("pipe");
    pid_t pid = fork();
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        execl(program, program, "--dir", folder, "--meters", "32", "--turnaround", "5ms", "--faults",
              faults_file, (char *)NULL);
        die(program);
    }
    close(out[1]);
    if (pid < 0 || read(out[0], &first, 1) != 1)
        die(program);
    *report = out[0];
    return pid;
}

/* Lets the simulator say its figures and end. */
static void end_sim(pid_t pid, int report)
{
    char text[4096];
    size_t n = 0;
    ssize_t got;
    kill(pid, SIGTERM);
    while (n + 1 < sizeof text && (got = read(report, text + n, sizeof text - n - 1)) > 0)
        n += (size_t)got;
    text[n] = '\0';
    close(report);
    waitpid(pid, NULL, 0);
    char *figures = strchr(text, '\n');
    printf("  the simulator says:%s", figures != NULL ? figures : "\n");
}

static void drop_readings(struct rqueue *q, unsigned for_s, uint64_t count[CLASS_COUNT])
{
    int64_t end_ns = clock_wire_ns() + (int64_t)for_s * 1000000000;
    memset(count, 0, CLASS_COUNT * sizeof count[0]);
    while (clock_wire_ns() < end_ns) {
        struct pollfd in = {.fd = rqueue_fd(q), .events = POLLIN};
        int left_ms = (int)((end_ns - clock_wire_ns()) / 1000000);
        poll(&in, 1, left_ms > 0 ? left_ms : 0);
        struct reading *r;
        while ((r = rqueue_take(q)) != NULL) {
            count[r->klass]++;
            reading_free(r);
        }
    }
}

static int64_t cpu_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return ts.tv_sec * (int64_t)1000000000 + ts.tv_nsec;
}

/* Values a second. */
static double measure(struct settings *s, const char *says, const char *faults, unsigned start_up_s)
{
    struct rqueue *queue;
    struct board *board;
    struct bus_worker *worker;
    int report;
    uint64_t count[CLASS_COUNT];
    pid_t sim = start_sim(faults, &report);
    if (rqueue_new(4096, &queue) != RC_OK || board_new(1, METERS, &board) != RC_OK ||
        bus_worker_start(s, 0, queue, board, &worker) != RC_OK)
        die("no worker");
    drop_readings(queue, start_up_s, count);
    int64_t begin_ns = clock_wire_ns(), begin_cpu_ns = cpu_ns();
    drop_readings(queue, seconds, count);
    int64_t elapsed_ns = clock_wire_ns() - begin_ns, used_ns = cpu_ns() - begin_cpu_ns;
    struct board_bus b;
    board_get_bus(board, 0, &b);
    bus_worker_stop(worker);
    bus_worker_join(worker);

    int64_t c = wire_char_ns(9600, 'E', 1), silence = wire_silence_ns(9600, 'E', 1);
    int64_t wire_ns = (int64_t)count[CLASS_LIVE] * wire_exchange_ns(c, silence, TURNAROUND_NS, 3, 14) +
                      (int64_t)count[CLASS_ENERGY] * wire_exchange_ns(c, silence, TURNAROUND_NS, 3, 28);
    double values = (double)(count[CLASS_LIVE] * 7 + count[CLASS_ENERGY] * 14) / ((double)elapsed_ns / 1e9);
    printf("%s: wire efficiency %.4f, %.1f values/s, %llu live and %llu energy readings in %.1f s\n", says,
           (double)wire_ns / (double)elapsed_ns, values, (unsigned long long)count[CLASS_LIVE],
           (unsigned long long)count[CLASS_ENERGY], (double)elapsed_ns / 1e9);
    printf("  CPU %.4f s per 1000 values; round trip p50 %u ms, p99 %u ms; timeouts %llu, damaged %llu, "
           "foreign %llu\n",
           (double)used_ns / 1e9 / (values * (double)elapsed_ns / 1e9) * 1000, b.rtt_p50_ms, b.rtt_p99_ms,
           (unsigned long long)b.wire.timeout, (unsigned long long)(b.wire.crc + b.wire.shortened),
           (unsigned long long)b.wire.foreign);
    end_sim(sim, report);
    rqueue_free(queue);
    board_free(board);
    return values;
}

static void clean_up(void)
{
    static const char *const names[] = {"bench.ini", "faults", "bus0"};
    char file[256];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        path(file, names[i]);
        unlink(file);
    }
    rmdir(folder);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        seconds = (unsigned)strtoul(argv[1], NULL, 10);
    setenv("METERFLEET_MODELS", MODELS_DIR, 0);
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.150s/wire-XXXXXX", tmp != NULL ? tmp : P_tmpdir);
    if (mkdtemp(folder) == NULL)
        die(folder);
    setvbuf(stdout, NULL, _IOLBF, 0);
    log_open(false, LOG_LEVEL_ERROR);
    struct settings *s = make_settings();
    double all = measure(s, "32 meters", "", START_UP_S);
    /* the four are offline before the window begins */
    double alive =
        measure(s, "4 of 32 dead", "+5s bus0/3 dead\n+5s bus0/11 dead\n+5s bus0/19 dead\n+5s bus0/27 dead\n",
                START_UP_DEAD_S);
    printf("4 of 32 dead: %.1f %% of the values\n", 100 * alive / all);
    settings_free(s);
    clean_up();
    return 0;
}
