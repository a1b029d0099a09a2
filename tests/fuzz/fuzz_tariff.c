#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "config/settings.h"
#include "core/text.h"
#include "tariff/calendar.h"
#include "tariff/settlement_calendar.h"

/* Any bytes as a [tariff] section. What is taken has a canonical text that is read again as the same, and a
 * calendar that has a rate at every instant. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hear(void *arg, const char *line)
{
    (void)arg;
    if (line[0] == '\0')
        abort(); /* a complaint says something */
}

static struct settings *read_section(const void *body, size_t size)
{
    static const char head[] = "[tariff fuzz]\n";
    struct settings *s = NULL;
    char path[64];
    int fd = memfd_create("fuzz.ini", MFD_CLOEXEC);

    if (fd < 0 || write(fd, head, sizeof head - 1) != (ssize_t)sizeof head - 1 ||
        write(fd, body, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (settings_read_tariffs(path, hear, NULL, &s) != 0)
        s = NULL;
    close(fd);
    return s;
}

static void read_again(const struct settings *s, size_t i)
{
    struct settings *again = read_section(s->tariff_texts[i], strlen(s->tariff_texts[i]));
    if (again == NULL || again->n_tariffs != 1 || strcmp(again->tariff_texts[0], s->tariff_texts[i]) != 0)
        abort();
    settings_free(again);
}

static void walk(const struct tariff *t)
{
    static const int64_t starts[] = {-62135596800000, -1, 0, 1772150400000, 253402214400000};
    struct calendar c;
    calendar_init(&c, t);
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        for (int64_t at = starts[i], step = 0; step < 40; step++, at += 10000000 + step * 600000) {
            struct calendar_span span;
            enum rate rate = calendar_rate(&c, at);
            calendar_span_at(&c, at, 2, &span);
            if (rate >= RATE_COUNT || span.rate != rate || span.start_local_ms > at ||
                span.end_local_ms <= at || (calendar_rates(&c, at, at) != 1u << rate))
                abort();
            char name[SETTLEMENT_NAME];
            int64_t before = settlement_at_or_before(t, at), after = settlement_after(t, at);
            if (before > at || after <= at)
                abort();
            settlement_name(before, name);
        }
    int64_t changes[] = {t->switch_tables_local_s, t->switch_zones_local_s};
    for (size_t i = 0; i < 2; i++)
        if (changes[i] != TARIFF_NO_SWITCH)
            calendar_rates(&c, changes[i] * 1000 - CALENDAR_DAY_MS, changes[i] * 1000 + CALENDAR_DAY_MS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings *s = read_section(data, size);
    if (s == NULL)
        return 0;
    for (size_t i = 0; i < s->n_tariffs; i++) {
        walk(&s->tariffs[i]);
        read_again(s, i);
    }
    settings_free(s);
    return 0;
}
