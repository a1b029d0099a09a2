#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "config/values.h"

/* The shortest way to write a duration or size that the parser reads back. */
static void with_unit(char *out, size_t size, int64_t n, const int64_t *factors, const char *const *units,
                      size_t n_units)
{
    for (size_t i = 0; i < n_units; i++)
        if (n != 0 && n % factors[i] == 0) {
            snprintf(out, size, "%" PRId64 "%s", n / factors[i], units[i]);
            return;
        }
    snprintf(out, size, "0");
}

static void duration_text(char *out, size_t size, int64_t ms)
{
    static const int64_t factors[] = {86400000, 3600000, 60000, 1000, 1};
    static const char *const units[] = {"d", "h", "m", "s", "ms"};

    with_unit(out, size, ms, factors, units, 5);
}

static void size_text(char *out, size_t size, int64_t bytes)
{
    static const int64_t factors[] = {INT64_C(1) << 40, 1 << 30, 1 << 20, 1 << 10, 1};
    static const char *const units[] = {"TiB", "GiB", "MiB", "KiB", "B"};

    with_unit(out, size, bytes, factors, units, 5);
}

static void words_text(const char *const *words, char *out, size_t size)
{
    size_t len = (size_t)snprintf(out, size, "%s", words[1] != NULL && words[2] == NULL ? "" : "one of ");

    for (size_t i = 0; words[i] != NULL && len < size; i++)
        len += (size_t)snprintf(out + len, size - len, "%s%s",
                                i == 0             ? ""
                                : words[2] == NULL ? " or "
                                                   : ", ",
                                words[i]);
}

const char *conf_expects(const struct conf_key *key, char out[CONF_EXPECTS_SIZE])
{
    char lo[32], hi[32];
    size_t size = CONF_EXPECTS_SIZE;

    switch (key->type) {
    case CONF_TEXT:
        snprintf(out, size, "a text of at most %" PRId64 " bytes", key->hi);
        break;
    case CONF_NAME:
        snprintf(out, size, "a name of A-Z, a-z, 0-9, '_', '-' and '.' inside, at most 40 characters");
        break;
    case CONF_LIST:
        snprintf(out, size, "%s", key->form);
        break;
    case CONF_PATH:
        snprintf(out, size, "a path");
        break;
    case CONF_FILE:
        snprintf(out, size, "the path of a file");
        break;
    case CONF_SECRET:
        snprintf(out, size, "the path of a file that others can neither read nor write");
        break;
    case CONF_DIR:
        snprintf(out, size, "the path of a directory");
        break;
    case CONF_TIMEZONE:
        snprintf(out, size, "a time zone of the system's database, such as Asia/Shanghai");
        break;
    case CONF_UINT:
        snprintf(out, size, "%sa whole number from %" PRId64 " to %" PRId64, key->or_zero ? "0 or " : "",
                 key->lo, key->hi);
        break;
    case CONF_DURATION:
        duration_text(lo, sizeof lo, key->lo);
        duration_text(hi, sizeof hi, key->hi);
        snprintf(out, size, "a duration from %s to %s (500ms, 10s, 5m, 1h, 7d)", lo, hi);
        break;
    case CONF_SIZE:
        size_text(lo, sizeof lo, key->lo);
        size_text(hi, sizeof hi, key->hi);
        snprintf(out, size, "a size from %s to %s (64MiB, 2GiB)", lo, hi);
        break;
    case CONF_SHARE:
        snprintf(out, size, "a share from %g %% to %g %%", (double)key->lo / 100.0, (double)key->hi / 100.0);
        break;
    case CONF_BOOL:
        snprintf(out, size, "yes or no");
        break;
    case CONF_WORD:
        words_text(key->words, out, size);
        break;
    }
    return out;
}
