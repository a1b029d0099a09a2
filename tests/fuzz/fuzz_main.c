#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Runs a fuzz target over the files named: to repeat a find, and for fuzzers that start programs. With clang
 * the targets link with -fsanitize=fuzzer instead of this file. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST (4u << 20)

int main(int argc, char **argv)
{
    uint8_t *data = malloc(MOST);

    if (data == NULL)
        return EXIT_FAILURE;
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (f == NULL) {
            perror(argv[i]);
            free(data);
            return EXIT_FAILURE;
        }
        LLVMFuzzerTestOneInput(data, fread(data, 1, MOST, f));
        fclose(f);
    }
    free(data);
    return EXIT_SUCCESS;
}
