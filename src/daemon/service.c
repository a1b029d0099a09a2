/* service.c - sd_notify, thinly. */
#include "daemon/service.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/text.h"

/* A terminal that was itself started as a unit hands INVOCATION_ID down to what is typed in it;
 * SYSTEMD_EXEC_PID then names another process. */
bool service_is_unit(void)
{
    if (getenv("NOTIFY_SOCKET") != NULL)
        return true;
    if (getenv("INVOCATION_ID") == NULL)
        return false;
    const char *started = getenv("SYSTEMD_EXEC_PID");
    uint64_t pid;
    return started == NULL || text_to_u64(started, 1, INT32_MAX, &pid) != 0 || (pid_t)pid == getpid();
}

bool service_logs_to_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat st;
    char own[64];
    if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
        return false;
    text_format(own, sizeof own, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    return strcmp(stream, own) == 0;
}

void service_ready(const char *status)
{
    sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void service_status(const char *status)
{
    sd_notifyf(0, "STATUS=%s", status);
}

void service_reloading(void)
{
    /* The wire clock is CLOCK_MONOTONIC, which is what systemd compares with. */
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\nSTATUS=reading the configuration again",
               clock_wire_ns() / 1000);
}

void service_stopping(void)
{
    sd_notify(0, "STOPPING=1\nSTATUS=stopping");
}

void service_feed(void)
{
    sd_notify(0, "WATCHDOG=1");
}

int service_feed_ms(void)
{
    uint64_t us = 0;
    if (sd_watchdog_enabled(0, &us) <= 0 || us == 0)
        return 0;
    uint64_t ms = us / 2000;
    return ms > 60000 ? 60000 : ms < 1 ? 1 : (int)ms;
}
