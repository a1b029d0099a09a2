#include "sim/sim_fault_args.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/rc.h"
#include "core/text.h"
#include "sim/sim_meter.h"

#define NS_A_MS 1000000

char *sim_args_word(char **text)
{
    char *word = *text + strspn(*text, " \t");
    if (*word == '\0')
        return NULL;
    char *end = word + strcspn(word, " \t");
    *text = *end == '\0' ? end : end + 1;
    *end = '\0';
    return word;
}

/* Which of the words it is; -1: none of them. */
static int choice_of(const char *word, const char *const *words, int n)
{
    for (int i = 0; word != NULL && i < n; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return -1;
}

static bool duration_ns(const char *word, int64_t *out)
{
    int64_t ms;
    if (word == NULL || text_to_duration_ms(word, 0, 3600000, &ms) != RC_OK)
        return false;
    *out = ms * NS_A_MS;
    return true;
}

/* Decimal or 0x…, of at most 16 bits. */
static bool number(const char *word, uint32_t lo, uint32_t hi, int64_t *out)
{
    uint64_t value;
    if (word == NULL)
        return false;
    if (word[0] == '0' && word[1] == 'x') {
        size_t n = strspn(word + 2, "0123456789abcdefABCDEF");
        if (n == 0 || n > 4 || word[2 + n] != '\0')
            return false;
        value = strtoul(word + 2, NULL, 16);
    } else if (text_to_u64(word, 0, 0xFFFF, &value) != RC_OK) {
        return false;
    }
    if (value < lo || value > hi)
        return false;
    *out = (int64_t)value;
    return true;
}

static bool real_number(const char *word, double *out)
{
    char *end;
    if (word == NULL || *word == '\0' || strspn(word, "0123456789+-.e") != strlen(word))
        return false;
    double value = strtod(word, &end);
    if (*end != '\0' || !isfinite(value))
        return false;
    *out = value;
    return true;
}

const char *sim_args_durations(char **text, struct sim_args *a)
{
    char *first = sim_args_word(text), *second = sim_args_word(text);
    if (!duration_ns(first, &a->n[0]))
        return "expected a duration such as 270ms";
    a->n[1] = a->n[0];
    if (second != NULL && (!duration_ns(second, &a->n[1]) || a->n[1] < a->n[0]))
        return "the second duration must be a longer one";
    return NULL;
}

static const char *optional_duration(char **text, struct sim_args *a, int64_t ms)
{
    char *word = sim_args_word(text);
    a->n[0] = ms * NS_A_MS;
    return word == NULL || duration_ns(word, &a->n[0]) ? NULL : "expected a duration such as 100ms";
}

const char *sim_args_dup(char **text, struct sim_args *a)
{
    return optional_duration(text, a, 4);
}

const char *sim_args_drip(char **text, struct sim_args *a)
{
    return optional_duration(text, a, 100);
}

const char *sim_args_count(char **text, struct sim_args *a)
{
    char *word = sim_args_word(text);
    a->given[0] = word != NULL;
    return word == NULL || number(word, 0, 255, &a->n[0]) ? NULL : "expected a number of bytes, 0 to 255";
}

const char *sim_args_noise(char **text, struct sim_args *a)
{
    static const char *const where[] = {"before", "after", "inside"};
    char *word = sim_args_word(text);
    int choice = choice_of(word, where, 3);
    if (choice >= 0) {
        a->choice = (unsigned)choice;
        word = sim_args_word(text);
    }
    a->n[0] = 3;
    if (word != NULL && !number(word, 1, 128, &a->n[0]))
        return "expected before, after or inside, a number of bytes (1 to 128), a byte";
    word = sim_args_word(text);
    a->given[1] = word != NULL;
    return word == NULL || number(word, 0, 255, &a->n[1]) ? NULL : "the byte is 0x00 to 0xff";
}

const char *sim_args_foreign(char **text, struct sim_args *a)
{
    static const char *const what[] = {"address", "function", "only"};
    char *word = sim_args_word(text);
    int choice = word == NULL ? 0 : choice_of(word, what, 3);
    if (choice < 0)
        return "expected address, function or only";
    a->choice = (unsigned)choice;
    return NULL;
}

const char *sim_args_code(char **text, struct sim_args *a)
{
    return number(sim_args_word(text), 1, 255, &a->n[0]) ? NULL : "expected an exception code, 1 to 255";
}

const char *sim_args_absurd(char **text, struct sim_args *a)
{
    static const char *const what[] = {"nan", "inf", "-inf", "negative", "huge"};
    char *word = sim_args_word(text);
    int choice = word == NULL ? 0 : choice_of(word, what, 5);
    if (choice < 0)
        return "expected nan, inf, -inf, negative or huge";
    a->choice = (unsigned)choice;
    return NULL;
}

const char *sim_args_forge(char **text, struct sim_args *a)
{
    char *word = sim_args_word(text);
    a->given[0] = word != NULL;
    if (word != NULL && (!number(word, 0, 0xFFFE, &a->n[0]) || !real_number(sim_args_word(text), &a->value)))
        return "expected a register address and a value";
    return NULL;
}

const char *sim_args_mbap(char **text, struct sim_args *a)
{
    static const char *const what[] = {"stale", "unknown", "unit", "length", "flood", "split", "twice"};
    int choice = choice_of(sim_args_word(text), what, 7);
    if (choice < 0)
        return "expected stale, unknown, unit, length, flood, split or twice";
    a->choice = (unsigned)choice;
    return NULL;
}

const char *sim_args_reset(char **text, struct sim_args *a)
{
    char *word = sim_args_word(text);
    a->choice = word != NULL ? SIM_RESET_FRAME : SIM_RESET_NOW;
    return word == NULL || strcmp(word, "frame") == 0 ? NULL : "expected frame, or nothing";
}

/* In ms of the meters' time. */
const char *sim_args_lag(char **text, struct sim_args *a)
{
    char *word = sim_args_word(text);
    if (word == NULL || text_to_duration_ms(word, 0, 3600000, &a->n[0]) != RC_OK)
        return "expected a duration such as 30s, 1h at most";
    return NULL;
}

const char *sim_args_relay(char **text, struct sim_args *a)
{
    static const char *const what[] = {"stuck", "silent", "lost", "exc"};
    int choice = choice_of(sim_args_word(text), what, 4);
    if (choice < 0)
        return "expected stuck, silent, lost or exc";
    a->choice = (unsigned)choice;
    a->n[0] = 4;
    char *word = choice == SIM_RELAY_EXC ? sim_args_word(text) : NULL;
    return word == NULL || number(word, 1, 255, &a->n[0]) ? NULL : "expected an exception code, 1 to 255";
}

const char *sim_args_energy(char **text, struct sim_args *a)
{
    char *word = sim_args_word(text);
    double kwh = 0;
    if (word != NULL && (!real_number(word, &kwh) || kwh < 0 || kwh > 1e8))
        return "expected kWh, 0 to 100000000";
    a->n[0] = (int64_t)llround(kwh * SIM_PULSES_PER_UNIT);
    return NULL;
}

static bool signed_duration_ms(const char *word, int64_t *out)
{
    int64_t ms;
    if (word == NULL || (word[0] != '+' && word[0] != '-') ||
        text_to_duration_ms(word + 1, 0, 36600 * INT64_C(86400000), &ms) != RC_OK)
        return false;
    *out = word[0] == '-' ? -ms : ms;
    return true;
}

const char *sim_args_clock(char **text, struct sim_args *a)
{
    char *word = sim_args_word(text), iso[64];
    if (word == NULL)
        return "expected ±DURATION, a local time, or drift ±DURATION";
    if (strcmp(word, "drift") == 0) {
        a->choice = SIM_CLOCK_DRIFT;
        if (!signed_duration_ms(sim_args_word(text), &a->n[0]) || a->n[0] > 600000 || a->n[0] < -600000)
            return "drift is ±10m a day at most";
        return NULL;
    }
    a->choice = SIM_CLOCK_BY;
    if (signed_duration_ms(word, &a->n[0]))
        return NULL;
    a->choice = SIM_CLOCK_AT;
    if (!text_format(iso, sizeof iso, "%sZ", word) || text_to_utc_ms(iso, &a->n[0]) != RC_OK)
        return "expected ±DURATION, a local time, or drift ±DURATION";
    return NULL;
}

static bool rate(const char *word, int64_t *out)
{
    static const char *const name[SIM_RATES] = {"sharp", "peak", "flat", "valley"};
    int choice = choice_of(word, name, SIM_RATES);
    *out = choice;
    return choice >= 0;
}

static bool minute(const char *word, int64_t *out)
{
    if (word == NULL || strlen(word) != 5 || word[2] != ':')
        return false;
    for (int i = 0; i < 5; i++)
        if (i != 2 && (word[i] < '0' || word[i] > '9'))
            return false;
    *out = ((word[0] - '0') * 10 + word[1] - '0') * 60 + (word[3] - '0') * 10 + word[4] - '0';
    return *out < 1440 && word[3] < '6';
}

const char *sim_args_table(char **text, struct sim_args *a)
{
    static const char *const what[] = {"relabel", "move", "drop", "swap", "one", "set", "rest"};
    int choice = choice_of(sim_args_word(text), what, 7);
    if (choice < 0)
        return "expected relabel, move, drop, swap, one, set or rest";
    a->choice = (unsigned)choice;
    char *first = choice == SIM_TABLE_REST ? NULL : sim_args_word(text);
    bool times = choice <= SIM_TABLE_DROP;
    if (times && !minute(first, &a->n[0]))
        return "expected the start of a period, HH:MM";
    if (choice == SIM_TABLE_MOVE && !minute(sim_args_word(text), &a->n[1]))
        return "expected the new start, HH:MM";
    if (choice == SIM_TABLE_RELABEL && !rate(sim_args_word(text), &a->n[1]))
        return "expected sharp, peak, flat or valley";
    if (choice == SIM_TABLE_SWAP && (!rate(first, &a->n[0]) || !rate(sim_args_word(text), &a->n[1])))
        return "expected two of sharp, peak, flat, valley";
    if (choice == SIM_TABLE_ONE && !rate(first, &a->n[0]))
        return "expected sharp, peak, flat or valley";
    if (choice == SIM_TABLE_SET && !number(first, 1, 2, &a->n[0]))
        return "expected set 1 or 2";
    return NULL;
}
