/* status_view.c - the document as text of at most 80 columns, or as one line for a monitor. */
#include "cli/status_view.h"

#include <inttypes.h>
#include <string.h>
#include "cli/daemon_talk.h"
#include "cli/human.h"

#define METERS_SHOWN 40 /* a larger site shows only the meters that need attention, unless asked for all */

static void ago(int64_t utc_ms, int64_t now_utc_ms, char out[HUMAN_SIZE])
{
    if (utc_ms == 0) {
        text_format(out, HUMAN_SIZE, "never");
        return;
    }
    human_span(now_utc_ms - utc_ms, out);
    size_t len = strlen(out);
    text_format(out + len, HUMAN_SIZE - len, " ago");
}

static int64_t failures(const json_t *o)
{
    const json_t *c = json_object_get(o, "counters");
    return talk_number(c, "timeout") + talk_number(c, "crc") + talk_number(c, "short") +
           talk_number(c, "foreign") + talk_number(c, "exception");
}

static void add_head(const json_t *status, int64_t now_utc_ms, struct text_buf *out)
{
    const json_t *database = json_object_get(status, "database"), *broker = json_object_get(status, "broker");
    char span[HUMAN_SIZE], bytes[HUMAN_SIZE];
    human_span(now_utc_ms - talk_time(status, "started"), span);
    text_buf_addf(out, "%s: meterfleet %s, running for %s, process %" PRId64 "\n",
                  talk_text(status, "gateway"), talk_text(status, "program"), span,
                  talk_number(status, "pid"));
    text_buf_addf(out, "  clock     %s%s\n", talk_text(status, "clock"),
                  talk_true(status, "test_clock") ? " (a test clock)" : "");
    human_bytes((uint64_t)talk_number(database, "bytes"), bytes);
    ago(talk_time(database, "last_flush"), now_utc_ms, span);
    text_buf_addf(out, "  database  %s, last stored %s, %" PRId64 " readings wait in memory\n", bytes, span,
                  talk_number(database, "in_memory"));
    if (!talk_true(broker, "enabled")) {
        text_buf_add(out, "  broker    none configured: nothing is published\n");
        return;
    }
    text_buf_addf(out, "  broker    %.45s %s\n", talk_text(broker, "broker"),
                  talk_true(broker, "connected") ? "connected" : "not connected");
    text_buf_addf(out, "            %" PRId64 " of %" PRId64 " messages acknowledged\n",
                  talk_number(broker, "acked_seq"), talk_number(broker, "last_seq"));
}

static void add_attention(const struct status_judgement *j, struct text_buf *out)
{
    if (j->n == 0)
        return;
    text_buf_add(out, "\nNeeds attention:\n");
    for (size_t i = 0; i < j->n && i < STATUS_SENTENCES; i++) {
        /* Broken at a blank when it is longer than a line. */
        const char *rest = j->sentence[i], *lead = "  - ";
        while (*rest != '\0') {
            size_t len = strlen(rest);
            if (len > 76) {
                len = 76;
                while (len > 0 && rest[len] != ' ')
                    len--;
                if (len == 0)
                    len = 76;
            }
            text_buf_add(out, lead);
            text_buf_add_n(out, rest, len);
            text_buf_add(out, "\n");
            rest += len;
            rest += *rest == ' ';
            lead = "    ";
        }
    }
    if (j->n > STATUS_SENTENCES)
        text_buf_addf(out, "  - and %zu more\n", j->n - STATUS_SENTENCES);
}

/* Used share of the wire in per cent: what is not idle. */
static double load(const json_t *bus)
{
    double idle = json_number_value(json_object_get(json_object_get(bus, "wire_share"), "idle"));
    return idle >= 0.0 && idle <= 1.0 ? (1.0 - idle) * 100.0 : 0.0;
}

static void add_buses(const json_t *status, struct text_buf *out)
{
    static const struct human_column columns[] = {{"bus", 20, false},  {"line", 6, false},
                                                  {"asked", 10, true}, {"failed", 8, true},
                                                  {"wire", 5, true},   {"device", 24, false}};
    struct human_table t = {.columns = columns, .n_columns = 6};
    size_t i;
    json_t *bus;
    json_array_foreach(json_object_get(status, "buses"), i, bus)
    {
        human_table_add(&t, "%s", talk_text(bus, "name"));
        human_table_add(&t, "%s", talk_text(bus, "status"));
        human_table_add(&t, "%" PRId64, talk_number(bus, "requests"));
        human_table_add(&t, "%" PRId64, failures(bus));
        human_table_add(&t, "%.0f %%", load(bus));
        const char *device = talk_text(bus, "device"), *slash = strrchr(device, '/');
        human_table_add(&t, "%s", slash != NULL && strlen(device) > 24 ? slash + 1 : device);
    }
    text_buf_add(out, "\n");
    human_table_write(&t, out);
}

static void add_meters(const json_t *status, int64_t now_utc_ms, bool all, struct text_buf *out)
{
    static const struct human_column columns[] = {{"meter", 28, false},       {"bus", 14, false},
                                                  {"addr", 4, true},          {"status", 7, false},
                                                  {"last answer", 16, false}, {"failed", 7, true}};
    struct human_table t = {.columns = columns, .n_columns = 6};
    const json_t *meters = json_object_get(status, "meters");
    bool few = all || json_array_size(meters) <= METERS_SHOWN;
    size_t i, hidden = 0;
    json_t *meter;
    json_array_foreach(meters, i, meter)
    {
        char span[HUMAN_SIZE];
        if (!few && strcmp(talk_text(meter, "status"), "online") == 0) {
            hidden++;
            continue;
        }
        ago(talk_time(meter, "last_seen"), now_utc_ms, span);
        human_table_add(&t, "%s", talk_text(meter, "name"));
        human_table_add(&t, "%s", talk_text(meter, "bus"));
        human_table_add(&t, "%" PRId64, talk_number(meter, "address"));
        human_table_add(&t, "%s", talk_text(meter, "status"));
        human_table_add(&t, "%s", span);
        human_table_add(&t, "%" PRId64, failures(meter));
    }
    text_buf_add(out, "\n");
    human_table_write(&t, out);
    if (hidden > 0)
        text_buf_addf(out, "and %zu meters that are online (--all shows them)\n", hidden);
}

void status_text(const json_t *status, const struct status_judgement *j, bool all, struct text_buf *out)
{
    int64_t now_utc_ms = talk_time(status, "ts");
    add_head(status, now_utc_ms, out);
    add_attention(j, out);
    add_buses(status, out);
    add_meters(status, now_utc_ms, all, out);
}

void status_line(const json_t *status, const struct status_judgement *j, struct text_buf *out)
{
    static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    const json_t *database = json_object_get(status, "database"), *broker = json_object_get(status, "broker");
    text_buf_addf(out, "METERFLEET %s - %zu of %zu meters online", words[j->level], j->online, j->meters);
    if (j->n > 0)
        text_buf_addf(out, ", %s", j->sentence[0]);
    if (j->n > 1)
        text_buf_addf(out, ", and %zu more", j->n - 1);
    for (size_t i = 0; i < out->len && !out->failed; i++) /* what stands behind the bar is for machines */
        if (out->data[i] == '|')
            out->data[i] = '/';
    text_buf_addf(out,
                  " | online=%zu;;;0;%zu offline=%zu;;;0;%zu unacknowledged=%" PRId64
                  ";;;0 in_memory=%" PRId64 ";;;0 findings=%" PRId64 ";;;0 database=%" PRId64 "B;;;0\n",
                  j->online, j->meters, j->offline, j->meters,
                  talk_number(broker, "last_seq") - talk_number(broker, "acked_seq"),
                  talk_number(database, "in_memory"), talk_number(database, "open_findings"),
                  talk_number(database, "bytes"));
}
