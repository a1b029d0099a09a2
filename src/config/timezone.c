#include "config/timezone.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "core/text.h"

#define ZONEINFO "/usr/share/zoneinfo"

/* Letters and what real names hold; no ".." and no leading '/': the name becomes a path. */
static bool is_clean(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";

    return name[0] != '/' && name[0] != '\0' && name[strspn(name, allowed)] == '\0';
}

bool timezone_exists(const char *name)
{
    char path[300], magic[4];

    if (strcmp(name, "UTC") == 0)
        return true;
    if (!is_clean(name) || !text_format(path, sizeof path, "%s/%s", ZONEINFO, name))
        return false;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return false;
    bool good = read(fd, magic, sizeof magic) == (ssize_t)sizeof magic && memcmp(magic, "TZif", 4) == 0;
    close(fd);
    return good;
}

bool timezone_nearest(const char *name, char *out, size_t size)
{
    char names[500][40], line[400];
    const char *words[500];
    size_t n = 0;
    FILE *f = fopen(ZONEINFO "/zone1970.tab", "re");

    if (f == NULL)
        return false;
    while (n < 500 && fgets(line, sizeof line, f) != NULL)
        if (line[0] != '#' && sscanf(line, "%*s %*s %39s", names[n]) == 1) {
            words[n] = names[n];
            n++;
        }
    fclose(f);
    const char *near = text_nearest(name, words, n);
    return near != NULL && text_format(out, size, "%s", near);
}
