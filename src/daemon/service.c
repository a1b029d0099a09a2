/* service.c - the words. */
#include "daemon/service.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/text.h"
#include "daemon/notify.h"

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

#define NOTICE 400

void service_ready(const char *status)
{
    char lines[NOTICE];
    text_format(lines, sizeof lines, "READY=1\nSTATUS=%s", status);
    notify_send(lines);
}

void service_status(const char *status)
{
    char lines[NOTICE];
    text_format(lines, sizeof lines, "STATUS=%s", status);
    notify_send(lines);
}

void service_reloading(void)
{
    char lines[NOTICE];
    /* The wire clock is CLOCK_MONOTONIC, which is what systemd compares with. */
    text_format(lines, sizeof lines,
                "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\nSTATUS=reading the configuration again",
                clock_wire_ns() / 1000);
    notify_send(lines);
}

void service_stopping(void)
{
    notify_send("STOPPING=1\nSTATUS=stopping");
}

void service_feed(void)
{
    notify_send("WATCHDOG=1");
}

int service_feed_ms(void)
{
    uint64_t us = notify_watchdog_us();
    if (us == 0)
        return 0;
    uint64_t ms = us / 2000;
    return ms > 60000 ? 60000 : ms < 1 ? 1 : (int)ms;
}
