#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/reference.h"

/* Puts the reference of all keys into the file named, between its two marks: make reference. */

static char *slurp(const char *path)
{
    char *text = calloc(1, 1 << 20);
    FILE *f = fopen(path, "r");

    if (f == NULL || text == NULL)
        exit(EXIT_FAILURE);
    text[fread(text, 1, (1 << 20) - 1, f)] = '\0';
    fclose(f);
    return text;
}

int main(int argc, char **argv)
{
    struct text_buf b = {0};

    if (argc != 2)
        return EXIT_FAILURE;
    char *text = slurp(argv[1]), *begin = strstr(text, CONF_REFERENCE_BEGIN),
         *end = strstr(text, CONF_REFERENCE_END);
    if (begin == NULL || end == NULL)
        return EXIT_FAILURE;
    begin += strlen(CONF_REFERENCE_BEGIN);
    text_buf_add_n(&b, text, (size_t)(begin - text));
    conf_reference(&b);
    text_buf_add(&b, end);
    FILE *f = b.failed ? NULL : fopen(argv[1], "w");
    if (f == NULL || fputs(b.data, f) < 0 || fclose(f) != 0)
        return EXIT_FAILURE;
    text_buf_done(&b);
    free(text);
    return EXIT_SUCCESS;
}
