/* wire_truth.c - does anything false ever come off the wire? A bus worker, as the daemon runs it, asks 32
 * meters on a simulated line (tests/fake/fake_wire.h) with noise, duplicates, late answers, echoes, answers
 * of others; every value it hands over is compared with what its meter said at that moment.
 *
 * Usage: wire_truth [TRANSACTIONS [SEED]]. Exit 1 when a value was wrong, or a fault never happened.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "bus/bus_worker.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "fake/fake_model.h"
#include "fake/fake_wire.h"

#define TIMEOUT_MS 300
#define QUEUE      65536

static struct settings settings;
static struct settings_bus bus;
static struct settings_meter meters[WIRE_METERS];
/* 1 % noise of seven kinds; 1.7 % of the rest */
static struct fake_wire wire = {.share = {143, 143, 143, 143, 143, 143, 142, 500, 500, 300, 200, 100, 100},
                                .timeout_ms = TIMEOUT_MS};

static void set_up(struct regmap *map, char device[64])
{
    bus = (struct settings_bus){.name = "bench",
                                .kind = BUS_SERIAL,
                                .device = device,
                                .baud = 9600,
                                .parity = 'E',
                                .stop_bits = 1,
                                .timeout_ms = TIMEOUT_MS,
                                .late_ms = 1000,
                                .retries = 2,
                                .dead_share_bp = 300};
    settings = (struct settings){.buses = &bus, .n_buses = 1, .meters = meters, .n_meters = WIRE_METERS};
    for (unsigned i = 0; i < WIRE_METERS; i++) {
        meters[i] = (struct settings_meter){.address = (uint8_t)(i + 1), .model = map};
        snprintf(meters[i].name, sizeof meters[i].name, "m%u", i + 1);
        meters[i].period_ms[CLASS_LIVE] = meters[i].period_ms[CLASS_ENERGY] = 1000;
        meters[i].period_ms[CLASS_DEMAND] = 5000;
    }
}

static double real_s(void)
{
    struct timespec ts;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void tell(const struct board_bus *b, uint64_t readings, uint64_t values, uint64_t wrong,
                 uint64_t dropped)
{
    double days = (double)(fake_wire_now_ns() - 1000000000000LL) / 1e9 / 86400;
    printf(
        "%llu transactions (%.1f days of a 9600 baud line), %llu answers; %llu readings with %llu values\n",
        (unsigned long long)wire.requests, days, (unsigned long long)wire.answers,
        (unsigned long long)readings, (unsigned long long)values);
    printf("wrong values: %llu\n  injected:", (unsigned long long)wrong);
    for (int f = 0; f < WIRE_FAULTS; f++)
        printf("%s %s %llu", f > 0 ? "," : "", wire_fault_name[f], (unsigned long long)wire.injected[f]);
    printf(", requests into somebody's words %llu\n", (unsigned long long)wire.collisions);
    printf("  counted: ok %llu, timeout %llu, crc %llu, short %llu, foreign %llu, late %llu, retried %llu\n",
           (unsigned long long)b->wire.ok, (unsigned long long)b->wire.timeout,
           (unsigned long long)b->wire.crc, (unsigned long long)b->wire.shortened,
           (unsigned long long)b->wire.foreign, (unsigned long long)b->wire.late,
           (unsigned long long)b->wire.retried);
    printf(
        "  damage that its checksum hides was drawn again: %llu; readings the queue had no room for: %llu\n",
        (unsigned long long)wire.passed_crc, (unsigned long long)dropped);
}

int main(int argc, char **argv)
{
    uint64_t most = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000, readings = 0, values = 0, wrong = 0;
    wire.seed = (argc > 2 ? strtoull(argv[2], NULL, 10) : 1) * 2654435761u | 1;
    struct regmap *map = fake_kpm31();
    struct rqueue *queue;
    struct board *board;
    struct bus_worker *worker;
    struct board_bus b;
    char device[64];
    log_open(false, LOG_LEVEL_ERROR);
    double begin_s = real_s();
    fake_wire_begin(&wire, device);
    set_up(map, device);
    if (rqueue_new(QUEUE, &queue) != RC_OK || board_new(1, WIRE_METERS, &board) != RC_OK ||
        bus_worker_start(&settings, 0, queue, board, &worker) != RC_OK)
        return 1;
    for (bool last = false; !last;) {
        struct reading *r;
        last = wire.requests >= most;
        while ((r = rqueue_take(queue)) != NULL) {
            unsigned bad = fake_wire_wrong(r, map);
            wrong += bad;
            values += r->count;
            readings++;
            if (bad > 0 && wrong < 100)
                printf("wrong: meter %u, class %d, %u of %u values\n", r->meter + 1, (int)r->klass, bad,
                       r->count);
            reading_free(r);
        }
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    wire.stop = true;
    bus_worker_stop(worker);
    bus_worker_join(worker);
    board_get_bus(board, 0, &b);
    tell(&b, readings, values, wrong, rqueue_dropped(queue));
    fake_wire_end();
    printf("  %.0f s, seed %s\n", real_s() - begin_s, argc > 2 ? argv[2] : "1");
    bool all = true;
    for (int f = 0; f < WIRE_FAULTS; f++)
        all = all && wire.injected[f] > 0;
    rqueue_free(queue);
    board_free(board);
    regmap_free(map);
    return wrong == 0 && all ? 0 : 1;
}
