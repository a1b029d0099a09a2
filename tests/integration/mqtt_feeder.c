/* mqtt_feeder.c - the publisher of the daemon over a ledger in memory, driven line by line: a test says what
 * is stored and when, and sees what the broker gets. Everything between the ledger and the broker is the real
 * thing.
 *
 *   mqtt_feeder HOST PORT [key=value …]      id= prefix= client_id= username= password_file= ca= cert= key=
 * tls=1 rows=N acked=SPANS closed=1 (the ledger is not open yet)
 *
 * Commands on stdin, one answer line each ("ok …"):
 *   store N                 N energy rows of m1, m2, m3 in turn, stored together
 *   add KIND TOPIC PAYLOAD  one row (energy settlement verification finding gap; topic - for none)
 *   forget A B REASON|-     rows A to B are gone
 *   fail on|off             the ledger cannot be read
 *   ledger ID               another ledger begins, empty
 *   open                    the ledger opens
 *   live METER VALUE        a live reading: voltage in millivolts
 *   meter METER STATUS      online stale offline
 *   relay METER 0|1         read back
 *   bus STATUS
 *   status | acked          what the publisher says; what is acknowledged
 *   stop                    the orderly stop; answers with the milliseconds it took
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/clock.h"
#include "core/log.h"
#include "core/rc.h"
#include "fake/fake_ledger.h"
#include "publish/publish_worker.h"

#define METERS       3
#define LEDGER_FIRST "0badcafe"

static struct settings settings;
static struct settings_bus bus = {.name = "north"};
static struct settings_meter meters[METERS] = {{.name = "m1"}, {.name = "m2"}, {.name = "m3"}};
static struct board *board;
static struct ledger_state *ledger;
static struct livebox *live;
static struct publish_worker *worker;
static char ledger_id[LEDGER_ID] = LEDGER_FIRST;
static char acked_text[ACKSET_TEXT] = "";

static void info(void *arg, struct publish_info *out)
{
    (void)arg;
    out->database_bytes = 4096;
    snprintf(out->clock, sizeof out->clock, "right");
}

static void store(unsigned long n)
{
    for (unsigned long i = 0; i < n; i++) {
        char topic[64], payload[256];
        const uint64_t seq = fake_ledger_last() + 1;
        snprintf(topic, sizeof topic, "meter/m%u/energy", (unsigned)(seq % METERS) + 1);
        snprintf(payload, sizeof payload,
                 "{\"ledger\":\"%s\",\"seq\":%" PRIu64
                 ",\"ts\":\"2026-11-01T00:00:00.000Z\",\"ts_ms\":1793491200000,"
                 "\"window_ms\":90,\"quality\":\"ok\",\"active_energy_total\":%" PRIu64 ".5}",
                 ledger_id, seq, seq);
        (void)fake_ledger_add(LEDGER_ENERGY, topic, payload);
    }
}

static void open_ledger(void)
{
    struct ackset acked = {0};
    if (ackset_from_text(acked_text, &acked) != RC_OK)
        abort();
    ledger_state_opened(ledger, ledger_id, fake_ledger_last(), &acked);
}

static unsigned meter_index(const char *name)
{
    return name != NULL && name[0] == 'm' && name[1] >= '1' && name[1] <= '3' ? (unsigned)(name[1] - '1') : 0;
}

static void put_live(unsigned meter, long value)
{
    struct reading *r = reading_new(1);
    if (r == NULL)
        abort();
    r->meter = meter;
    r->klass = CLASS_LIVE;
    r->taken_utc_ms = clock_utc_ms();
    (void)reading_add(r, Q_VOLTAGE, value);
    livebox_put(live, r);
    reading_free(r);
}

static void set_meter(unsigned meter, const char *status, const char *relay)
{
    struct board_meter m;
    board_get_meter(board, meter, &m);
    for (int s = METER_UNKNOWN; status != NULL && s <= METER_OFFLINE; s++)
        if (strcmp(meter_status_name((enum meter_status)s), status) == 0)
            m.status = (enum meter_status)s;
    if (relay != NULL) {
        m.relay = relay[0] == '1' ? 1 : 0;
        m.relay_utc_ms = clock_utc_ms();
    }
    board_set_meter(board, meter, &m);
}

static void set_bus(const char *status)
{
    struct board_bus b;
    board_get_bus(board, 0, &b);
    b.elapsed_ns = 1000000000;
    b.wire_ns[CLASS_LIVE] = 250000000;
    b.wire.ok = 7;
    for (int s = BUS_CLOSED; status != NULL && s <= BUS_NOISY; s++)
        if (strcmp(bus_status_name((enum bus_status)s), status) == 0)
            b.status = (enum bus_status)s;
    board_set_bus(board, 0, &b);
}

static void tell_status(void)
{
    struct publish_status s;
    publish_worker_status(worker, &s);
    printf("ok %d %" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n", s.connected, s.last_seq, s.acked_seq,
           s.published, s.detail);
}

static void tell_acked(void)
{
    char text[ACKSET_TEXT], id[LEDGER_ID];
    uint64_t stored = 0;
    struct ackset acked = {0};
    (void)ledger_state_get(ledger, id, &stored, &acked);
    ackset_to_text(&acked, text);
    printf("ok %s\n", text);
}

static void stop(void)
{
    const int64_t began_ns = clock_wire_ns();
    publish_worker_stop(worker, false);
    publish_worker_join(worker);
    worker = NULL;
    printf("ok %" PRId64 "\n", (clock_wire_ns() - began_ns) / 1000000);
}

static void add(char *rest)
{
    static const char *const kinds[] = {"energy", "settlement", "verification", "finding", "gap"};
    const char *kind = strtok(rest, " "), *topic = strtok(NULL, " "), *payload = strtok(NULL, "");
    if (kind == NULL || topic == NULL || payload == NULL)
        return;
    for (int k = LEDGER_ENERGY; k <= LEDGER_GAP; k++)
        if (strcmp(kind, kinds[k]) == 0)
            (void)fake_ledger_add((enum ledger_kind)k, strcmp(topic, "-") == 0 ? "" : topic, payload);
    ledger_state_stored(ledger, fake_ledger_last());
}

static void obey(char *line)
{
    char *word = strtok(line, " ");
    if (word == NULL)
        return;
    if (strcmp(word, "status") == 0) {
        tell_status();
        return;
    }
    if (strcmp(word, "acked") == 0) {
        tell_acked();
        return;
    }
    if (strcmp(word, "stop") == 0) {
        stop();
        return;
    }
    if (strcmp(word, "add") == 0) {
        add(strtok(NULL, ""));
        puts("ok");
        return;
    }
    const char *a = strtok(NULL, " "), *b = strtok(NULL, " "), *c = strtok(NULL, " ");
    if (strcmp(word, "store") == 0 && a != NULL) {
        store(strtoul(a, NULL, 10));
        ledger_state_stored(ledger, fake_ledger_last());
    } else if (strcmp(word, "forget") == 0 && c != NULL) {
        fake_ledger_forget(strtoull(a, NULL, 10), strtoull(b, NULL, 10), strcmp(c, "-") == 0 ? NULL : c);
    } else if (strcmp(word, "fail") == 0 && a != NULL) {
        fake_ledger_fail(strcmp(a, "on") == 0);
    } else if (strcmp(word, "ledger") == 0 && a != NULL) {
        fake_ledger_clear();
        snprintf(ledger_id, sizeof ledger_id, "%s", a);
        acked_text[0] = '\0';
        open_ledger();
    } else if (strcmp(word, "open") == 0) {
        open_ledger();
    } else if (strcmp(word, "live") == 0 && b != NULL) {
        put_live(meter_index(a), strtol(b, NULL, 10));
    } else if (strcmp(word, "meter") == 0) {
        set_meter(meter_index(a), b, NULL);
    } else if (strcmp(word, "relay") == 0) {
        set_meter(meter_index(a), NULL, b);
    } else if (strcmp(word, "bus") == 0) {
        set_bus(a);
    }
    puts("ok");
}

/* key=value of the command line; the ledger is open unless closed=1. */
static bool take_options(int argc, char **argv)
{
    bool open = true;
    for (int i = 3; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL)
            continue;
        *value++ = '\0';
        const char *key = argv[i];
        if (strcmp(key, "id") == 0)
            snprintf(settings.gateway.id, sizeof settings.gateway.id, "%s", value);
        else if (strcmp(key, "prefix") == 0)
            settings.mqtt.prefix = value;
        else if (strcmp(key, "client_id") == 0)
            settings.mqtt.client_id = value;
        else if (strcmp(key, "username") == 0)
            settings.mqtt.username = value;
        else if (strcmp(key, "password_file") == 0)
            settings.mqtt.password_file = value;
        else if (strcmp(key, "ca") == 0)
            settings.mqtt.ca_file = value;
        else if (strcmp(key, "cert") == 0)
            settings.mqtt.cert_file = value;
        else if (strcmp(key, "key") == 0)
            settings.mqtt.key_file = value;
        else if (strcmp(key, "tls") == 0)
            settings.mqtt.tls = true;
        else if (strcmp(key, "rows") == 0)
            store(strtoul(value, NULL, 10));
        else if (strcmp(key, "acked") == 0)
            snprintf(acked_text, sizeof acked_text, "%s", value);
        else if (strcmp(key, "closed") == 0)
            open = false;
    }
    return open;
}

int main(int argc, char **argv)
{
    static char prefix[] = "meterfleet", client_id[] = "meterfleet-site-a", path[] = "none";
    char line[4096];
    if (argc < 3)
        return EXIT_USAGE;
    setvbuf(stdout, NULL, _IOLBF, 0);
    log_open(false, LOG_LEVEL_INFO);
    settings.mqtt.enabled = true;
    settings.mqtt.host = argv[1];
    settings.mqtt.port = (uint16_t)strtoul(argv[2], NULL, 10);
    settings.mqtt.prefix = prefix;
    settings.mqtt.client_id = client_id;
    settings.database.path = path;
    settings.buses = &bus;
    settings.n_buses = 1;
    settings.meters = meters;
    settings.n_meters = METERS;
    snprintf(settings.gateway.id, sizeof settings.gateway.id, "site-a");
    snprintf(settings.config_sha256, sizeof settings.config_sha256, "%064d", 0);
    if (board_new(1, METERS, &board) != RC_OK || ledger_state_new(&ledger) != RC_OK ||
        livebox_new(METERS, &live) != RC_OK)
        return EXIT_FAILED;
    if (take_options(argc, argv))
        open_ledger();
    if (publish_worker_start(&settings, board, ledger, live, NULL, info, NULL, &worker) != RC_OK)
        return EXIT_FAILED;
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        obey(line);
    }
    if (worker != NULL)
        stop();
    livebox_free(live);
    ledger_state_free(ledger);
    board_free(board);
    fake_ledger_clear();
    return EXIT_DONE;
}
