/* complain.c - a line on stderr. */
#include "cli/complain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void complain(const char *format, ...)
{
    char *line = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&line, format, args);
    va_end(args);
    if (len < 0)
        return;
    for (char *c = line; *c != '\0'; c++) /* escape codes do not reach the terminal */
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
    fprintf(stderr, "meterfleet: %s\n", line);
    free(line);
}

void complain_setting(void *arg, const char *line)
{
    unsigned *count = arg;
    if (count != NULL)
        ++*count;
    complain("%s", line);
}
