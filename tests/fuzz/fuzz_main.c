/* Runs a fuzz target over inputs: to repeat a find, as a test with a fixed number of changes, or for a time.
 * With clang's own engine (make fuzz) the targets link with -fsanitize=fuzzer instead of this file.
 *
 *   fuzz_csv [-n CHANGES] [-t SECONDS] [-s SEED] FILE…
 *
 * Every file is run as it is; then CHANGES changed inputs are run, or as many as the time allows. What was
 * being run when the target died is left in fuzz.died in the working directory. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "fuzz/fuzz_mutate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void __sanitizer_set_death_callback(void (*call)(void)) __attribute__((weak));

#define MOST  (64u << 10)
#define FILES 256

struct input {
    uint8_t *data;
    size_t size;
};

static struct input inputs[FILES];
static size_t n_inputs;
static uint8_t *now; /* the input that is being run, in memory of its own size: reading beyond it is seen */
static size_t now_size;

static void keep_input(void)
{
    FILE *f = now != NULL ? fopen("fuzz.died", "wb") : NULL;
    if (f == NULL)
        return;
    fwrite(now, 1, now_size, f);
    fclose(f);
    fprintf(stderr, "fuzz: the input is in fuzz.died\n");
}

static void died(int signal)
{
    keep_input();
    _exit(128 + signal);
}

static void run(const uint8_t *data, size_t size)
{
    now = malloc(size > 0 ? size : 1);
    if (now == NULL)
        exit(EXIT_FAILURE);
    if (size > 0)
        memcpy(now, data, size);
    now_size = size;
    LLVMFuzzerTestOneInput(now, size);
    free(now);
    now = NULL; /* leaks are told at the end, when no input is being run */
}

static void read_input(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct input in = {.data = malloc(MOST)};
    if (f == NULL || in.data == NULL || n_inputs == FILES) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    in.size = fread(in.data, 1, MOST, f);
    fclose(f);
    inputs[n_inputs++] = in;
}

static uint64_t run_changed(uint64_t seed, uint64_t changes, double seconds)
{
    static uint8_t changed[MOST];
    time_t begin = time(NULL);
    uint64_t done = 0;
    for (; done < changes || (seconds > 0 && difftime(time(NULL), begin) < seconds); done++) {
        uint64_t random = seed + done;
        const struct input *in = &inputs[fuzz_random(&random) % n_inputs];
        const struct input *other = &inputs[fuzz_random(&random) % n_inputs];
        memcpy(changed, in->data, in->size);
        run(changed, fuzz_mutate(&random, changed, in->size, MOST, other->data, other->size));
    }
    return done;
}

int main(int argc, char **argv)
{
    uint64_t changes = 0, seed = 1;
    double seconds = 0;
    int option;
    while ((option = getopt(argc, argv, "n:t:s:")) != -1) {
        if (option == 'n')
            changes = strtoull(optarg, NULL, 10);
        else if (option == 't')
            seconds = strtod(optarg, NULL);
        else if (option == 's')
            seed = strtoull(optarg, NULL, 10);
        else
            return EXIT_FAILURE;
    }
    signal(SIGABRT, died);
    signal(SIGALRM, died); /* a target that hangs: the caller may have set an alarm */
    if (__sanitizer_set_death_callback != NULL) {
        __sanitizer_set_death_callback(keep_input);
    } else {
        signal(SIGSEGV, died);
        signal(SIGFPE, died);
    }
    for (int i = optind; i < argc; i++)
        read_input(argv[i]);
    for (size_t i = 0; i < n_inputs; i++)
        run(inputs[i].data, inputs[i].size);
    uint64_t done = n_inputs > 0 ? run_changed(seed, changes, seconds) : 0;
    for (size_t i = 0; i < n_inputs; i++)
        free(inputs[i].data);
    printf("%zu inputs, %llu changed ones from seed %llu\n", n_inputs, (unsigned long long)done,
           (unsigned long long)seed);
    return EXIT_SUCCESS;
}
