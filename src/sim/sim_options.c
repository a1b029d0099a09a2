#include "sim/sim_options.h"

#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "core/rc.h"
#include "core/text.h"
#include "sim/sim_fault.h"

#define MOST_BUSES 256
#define UNSET      (-1)

enum option_id {
    OPT_DIR = 256,
    OPT_BUSES,
    OPT_METERS,
    OPT_BAUD,
    OPT_FRAME,
    OPT_START,
    OPT_SPEED,
    OPT_TARIFF,
    OPT_LOAD,
    OPT_SEED,
    OPT_FAULTS,
    OPT_TCP,
    OPT_MBTCP,
    OPT_LENIENT,
    OPT_LOG,
    OPT_TURNAROUND,
    OPT_RESOLUTION,
    OPT_FREEZE,
    OPT_HOLD,
    OPT_HELP,
    OPT_VERSION
};

static const struct option table[] = {
    {"dir", required_argument, NULL, OPT_DIR},
    {"buses", required_argument, NULL, OPT_BUSES},
    {"meters", required_argument, NULL, OPT_METERS},
    {"baud", required_argument, NULL, OPT_BAUD},
    {"frame", required_argument, NULL, OPT_FRAME},
    {"start", required_argument, NULL, OPT_START},
    {"speed", required_argument, NULL, OPT_SPEED},
    {"tariff", required_argument, NULL, OPT_TARIFF},
    {"load", required_argument, NULL, OPT_LOAD},
    {"seed", required_argument, NULL, OPT_SEED},
    {"faults", required_argument, NULL, OPT_FAULTS},
    {"tcp", required_argument, NULL, OPT_TCP},
    {"mbtcp", required_argument, NULL, OPT_MBTCP},
    {"lenient", no_argument, NULL, OPT_LENIENT},
    {"log", required_argument, NULL, OPT_LOG},
    {"turnaround", required_argument, NULL, OPT_TURNAROUND},
    {"resolution", required_argument, NULL, OPT_RESOLUTION},
    {"freeze", required_argument, NULL, OPT_FREEZE},
    {"hold", no_argument, NULL, OPT_HOLD},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

static void print_help(void)
{
    puts("Usage: meterfleet-sim --dir DIR [OPTION…]\n"
         "Virtual RS485 buses of KPM31 meters, for trying out, training and tests.\n"
         "\n"
         "      --dir DIR             pseudo-terminals, linked as DIR/bus0 …\n"
         "      --buses N             how many buses (1)\n"
         "      --meters M            meters on each, addresses 1 to M (8)\n"
         "      --baud N              byte times at N bit/s (9600); 0: as fast as it can\n"
         "      --frame F             of 8E1, 8O1, 8N2 (11 bits) or 8N1 (10 bits) characters (8E1)\n"
         "      --start TIME          the meters' clocks begin here, ISO 8601 with offset (now)\n"
         "      --speed X             and run X times as fast, 1 to 100000 (1)\n"
         "      --hold                and stand until the first request\n"
         "      --tariff FILE         an INI with one [tariff NAME] (the manual's example at +08:00)\n"
         "      --load CSV            p_kw[,q_kvar,u_v], a row a minute from 00:00 on (a made-up household)\n"
         "      --seed S              the same seed, the same meters (1)\n"
         "      --turnaround DUR      from a request to the reply (5ms; with --baud 0: 0)\n"
         "      --resolution KWH      energy registers are cut to 1, 0.1, 0.01, 0.001, or none (0.01)\n"
         "      --freeze MODEL        month registers: period or cumulative (period)\n"
         "      --tcp PORT            RTU over TCP, bus K on PORT+K of the loopback; 0: any ports\n"
         "      --mbtcp PORT          Modbus TCP, likewise\n"
         "      --lenient             hear requests that break the 3.5 characters of silence, too\n"
         "      --faults FILE         lines WHEN TARGET KIND [ARG…] [SHARE%] [xN], see below\n"
         "      --log FILE            a line for each request, reply and fault\n"
         "      --help, --version\n"
         "\n"
         "When it is ready it prints a line for each bus. SIGUSR1 prints the figures of each bus and counts "
         "from\n"
         "there on; SIGTERM and SIGINT print them and end it.\n"
         "\n"
         "Faults: WHEN is +30s (since the start, real time) or 2026-12-01T00:00 (the meters' time); TARGET "
         "is\n"
         "bus0/5, bus0/1-4, bus0/*, bus0 or *; KIND is one of");
    for (size_t i = 0; sim_fault_help(i) != NULL; i++)
        printf("  %s\n", sim_fault_help(i));
}

/* Help and version are all they were asked for: unwritten they are a failure. */
static int finish_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_DONE;
    log_error("stdout: cannot be written: %s", strerror(errno));
    return EXIT_CANTCREATE;
}

static int usage(const char *option, const char *what)
{
    log_error("--%s: %s", option, what);
    return EXIT_USAGE;
}

static int stray(const char *word)
{
    log_error("%s: an argument that belongs to no option", word);
    return EXIT_USAGE;
}

static int read_number(const char *name, uint64_t lo, uint64_t hi, uint64_t *out)
{
    char what[80];
    if (text_to_u64(optarg, lo, hi, out) == RC_OK)
        return EXIT_DONE;
    text_format(what, sizeof what, "expected a number from %llu to %llu", (unsigned long long)lo,
                (unsigned long long)hi);
    return usage(name, what);
}

static int read_resolution(struct sim_options *o)
{
    static const struct {
        const char *text;
        uint32_t u;
    } row[] = {{"1", 1000000}, {"0.1", 100000}, {"0.01", 10000}, {"0.001", 1000}, {"none", 0}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        if (strcmp(optarg, row[i].text) == 0) {
            o->resolution_u = row[i].u;
            return EXIT_DONE;
        }
    }
    return usage("resolution", "expected 1, 0.1, 0.01, 0.001 or none");
}

/* Parity cannot be seen on a pseudo-terminal; what counts is how long a character lasts. */
static int read_frame(struct sim_options *o)
{
    static const char *const frame[] = {"8N1", "8E1", "8O1", "8N2"};
    for (unsigned i = 0; i < sizeof frame / sizeof frame[0]; i++) {
        if (strcmp(optarg, frame[i]) == 0) {
            o->char_bits = i == 0 ? 10 : 11;
            return EXIT_DONE;
        }
    }
    return usage("frame", "expected 8E1, 8O1, 8N2 or 8N1");
}

static int read_freeze(struct sim_options *o)
{
    o->freeze = strcmp(optarg, "cumulative") == 0 ? SIM_FREEZE_CUMULATIVE : SIM_FREEZE_PERIOD;
    if (o->freeze == SIM_FREEZE_PERIOD && strcmp(optarg, "period") != 0)
        return usage("freeze", "expected period or cumulative");
    return EXIT_DONE;
}

static int read_option(int id, struct sim_options *o)
{
    uint64_t n = 0;
    int exit_code = EXIT_DONE;
    int64_t ms;
    switch (id) {
    case OPT_DIR:
        o->dir = optarg;
        break;
    case OPT_BUSES:
        exit_code = read_number("buses", 1, MOST_BUSES, &n);
        o->buses = (unsigned)n;
        break;
    case OPT_METERS:
        exit_code = read_number("meters", 1, 247, &n);
        o->meters = (unsigned)n;
        break;
    case OPT_BAUD:
        exit_code = read_number("baud", 0, 1000000, &n);
        if (exit_code == EXIT_DONE && n != 0 && n < 300)
            exit_code = usage("baud", "expected 0, or 300 to 1000000");
        o->baud = (uint32_t)n;
        break;
    case OPT_FRAME:
        return read_frame(o);
    case OPT_START:
        if (text_to_utc_ms(optarg, &o->start_ms) != RC_OK)
            return usage("start", "expected ISO 8601 with Z or an offset, as 2026-10-31T23:00:00+08:00");
        break;
    case OPT_SPEED:
        exit_code = read_number("speed", 1, 100000, &n);
        o->speed = (unsigned)n;
        break;
    case OPT_SEED:
        return read_number("seed", 0, UINT64_MAX, &o->seed);
    case OPT_TCP:
    case OPT_MBTCP:
        exit_code = read_number(id == OPT_TCP ? "tcp" : "mbtcp", 0, 65535, &n);
        *(id == OPT_TCP ? &o->tcp : &o->mbtcp) = (int)n;
        break;
    case OPT_TURNAROUND:
        if (text_to_duration_ms(optarg, 0, 60000, &ms) != RC_OK)
            return usage("turnaround", "expected a duration such as 5ms, at most 60s");
        o->turnaround_ns = ms * 1000000;
        break;
    case OPT_RESOLUTION:
        return read_resolution(o);
    case OPT_FREEZE:
        return read_freeze(o);
    case OPT_TARIFF:
        o->tariff = optarg;
        break;
    case OPT_LOAD:
        o->load = optarg;
        break;
    case OPT_FAULTS:
        o->faults = optarg;
        break;
    case OPT_LOG:
        o->log = optarg;
        break;
    case OPT_LENIENT:
        o->lenient = true;
        break;
    case OPT_HOLD:
        o->hold = true;
        break;
    case OPT_HELP:
        print_help();
        o->enough = true;
        return finish_output();
    case OPT_VERSION:
        puts("meterfleet-sim " PACKAGE_VERSION);
        o->enough = true;
        return finish_output();
    default: /* getopt_long has said what it does not know */
        return EXIT_USAGE;
    }
    return exit_code;
}

int sim_options_read(int argc, char **argv, struct sim_options *out)
{
    static char name[] = "meterfleet";
    struct sim_options o = {.buses = 1,
                            .meters = 8,
                            .baud = 9600,
                            .char_bits = 11,
                            .start_ms = INT64_MIN,
                            .speed = 1,
                            .seed = 1,
                            .tcp = UNSET,
                            .mbtcp = UNSET,
                            .turnaround_ns = UNSET,
                            .resolution_u = 10000};
    if (argc > 0)
        argv[0] = name; /* getopt's own messages begin with it */
    bool given[sizeof table / sizeof table[0]] = {false};
    int row = 0;
    for (int id; (id = getopt_long(argc, argv, "", table, &row)) != -1;) {
        if (id != '?' && table[row].has_arg == required_argument && given[row])
            return usage(table[row].name, "given twice");
        given[row] = true;
        int exit_code = read_option(id, &o);
        if (exit_code != EXIT_DONE)
            return exit_code;
        if (o.enough)
            break;
    }
    if (!o.enough && optind < argc)
        return stray(argv[optind]);
    if (!o.enough && o.dir == NULL && o.tcp == UNSET && o.mbtcp == UNSET)
        return usage("dir", "required, or --tcp, or --mbtcp");
    if (o.turnaround_ns == UNSET)
        o.turnaround_ns = o.baud == 0 ? 0 : 5000000;
    int last = (int)o.buses - 1;
    if ((o.tcp > 0 && o.tcp + last > 65535) || (o.mbtcp > 0 && o.mbtcp + last > 65535))
        return usage(o.tcp > 0 && o.tcp + last > 65535 ? "tcp" : "mbtcp",
                     "the last bus would be beyond port 65535");
    *out = o;
    return EXIT_DONE;
}
