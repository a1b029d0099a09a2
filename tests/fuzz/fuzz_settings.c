#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "config/settings.h"

/* Any bytes as a site configuration: read or refused, never anything else. Models are not in play
 * (METERFLEET_MODELS names an empty directory), fuzz_model has its own turn. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hear(void *arg, const char *line)
{
    (void)arg;
    if (line[0] == '\0')
        abort(); /* a complaint says something */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings *s = NULL;
    char path[64];
    int fd = memfd_create("fuzz.ini", MFD_CLOEXEC);

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (settings_read(path, hear, NULL, &s) == 0)
        settings_free(s);
    close(fd);
    return 0;
}
