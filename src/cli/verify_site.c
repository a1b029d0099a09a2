#include "cli/verify_site.h"

#include <stdlib.h>
#include <string.h>
#include "config/models.h"

#define POWER_MOST_W 100000000

int64_t verify_model_power_w(const struct regmap *m)
{
    int64_t phases = regmap_find(m, Q_VOLTAGE_L3) != NULL ? 3 : 1;
    return (int64_t)m->rated_voltage_mv * m->rated_current_ma / 1000 * 144 / 100 / 1000 * phases;
}

/* "--tariff: manuel: WHAT: did you mean manual?" */
static int bad_word(const char *option, const char *value, const char *what, const char *const *words,
                    size_t n)
{
    const char *near = options_suggest(value, words, n);
    complain("--%s: %.40s: %s%s%s%s", option, value, what, near != NULL ? ": did you mean " : "",
             near != NULL ? near : "", near != NULL ? "?" : "");
    return EXIT_USAGE;
}

static int parse_word(const struct cli_args *a, const char *option, const char *const *words, size_t n,
                      int *out)
{
    const char *value = cli_option(a, option);
    if (value == NULL)
        return EXIT_DONE;
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i], value) == 0) {
            *out = (int)i;
            return EXIT_DONE;
        }
    struct text_buf what = {0};
    text_buf_add(&what, "must be one of ");
    for (size_t i = 0; i < n; i++)
        text_buf_addf(&what, "%s%s", i == 0 ? "" : ", ", words[i]);
    int code = bad_word(option, value, what.failed ? "unknown" : what.data, words, n);
    text_buf_done(&what);
    return code;
}

static int no_such_model(const struct model_set *models, const char *name)
{
    size_t n = models_count(models);
    const char **names = calloc(n > 0 ? n : 1, sizeof *names);
    for (size_t i = 0; names != NULL && i < n; i++)
        names[i] = models_name(models, i);
    int code = bad_word("model", name, "there is no such model", names, names != NULL ? n : 0);
    free(names);
    return code;
}

static int power_of_model(const struct cli_args *a, struct verify_site *s)
{
    const char *name = cli_option(a, "model");
    struct model_set *models;
    unsigned errors = 0;
    if (name == NULL)
        return EXIT_DONE;
    int rc = models_read(s->settings->gateway.models, complain_setting, &errors, &models);
    if (rc == RC_NOMEM) {
        complain("--model: %.40s: no memory", name);
        return EXIT_FAILED;
    }
    int index = models_find(models, name), code = EXIT_DONE;
    if (index < 0) {
        code = no_such_model(models, name);
    } else if (models_at(models, (size_t)index) == NULL) {
        code = EXIT_CONFIG;
    } else {
        const struct regmap *m = models_at(models, (size_t)index);
        if (s->options.max_power_w == 0) /* --max-power knows better */
            s->options.max_power_w = verify_model_power_w(m);
        s->options.dual_source = m->dual_source;
    }
    models_free(models);
    return code;
}

static int max_power(const struct cli_args *a, struct verify_site *s)
{
    const char *text = cli_option(a, "max-power");
    uint64_t watts;
    if (text == NULL)
        return EXIT_DONE;
    if (text_to_u64(text, 1, POWER_MOST_W, &watts) != RC_OK) {
        complain("--max-power: %.40s: not a number of watts from 1 to %d", text, POWER_MOST_W);
        return EXIT_USAGE;
    }
    s->options.max_power_w = (int64_t)watts;
    return EXIT_DONE;
}

static int find_tariff(const struct cli_args *a, struct verify_site *s)
{
    const char *name = cli_option(a, "tariff");
    int index = settings_tariff_find(s->settings, name);
    if (index >= 0) {
        s->options.tariff = &s->settings->tariffs[index];
        return EXIT_DONE;
    }
    size_t n = s->settings->n_tariffs;
    const char **names = calloc(n > 0 ? n : 1, sizeof *names);
    struct text_buf what = {0};
    if (names != NULL)
        for (size_t i = 0; i < n; i++)
            names[i] = s->settings->tariffs[i].name;
    text_buf_addf(&what, "there is no such [tariff] in %s", a->config);
    int code = bad_word("tariff", name, what.failed ? "there is no such [tariff]" : what.data, names,
                        names != NULL ? n : 0);
    text_buf_done(&what);
    free(names);
    return code;
}

/* What the command line says by itself, before any file is read. */
static int read_words(const struct cli_args *a, struct verify_site *s)
{
    static const char *const combined[] = {"auto", "import+export", "import", "import-export"};
    static const char *const freeze[] = {"auto", "cumulative", "period"};
    int rule = COMBINED_AUTO, model = FREEZE_AUTO;
    int code = parse_word(a, "combined", combined, 4, &rule);
    if (code == EXIT_DONE)
        code = parse_word(a, "freeze-model", freeze, 3, &model);
    if (code == EXIT_DONE)
        code = max_power(a, s);
    s->options.combined = (enum combined_rule)rule;
    s->options.freeze = (enum freeze_model)model;
    if (code != EXIT_DONE || cli_option(a, "tariff") != NULL)
        return code;
    complain("--tariff: missing: which [tariff] of %s does the meter run?", a->config);
    return EXIT_USAGE;
}

int verify_site_read(const struct cli_args *a, struct verify_site *out)
{
    struct verify_site s = {.settings = NULL};
    unsigned errors = 0;
    int code = read_words(a, &s);
    if (code != EXIT_DONE)
        return code;
    int rc = settings_read_tariffs(a->config, complain_setting, &errors, &s.settings);
    if (rc != RC_OK) {
        if (errors == 0)
            complain("%s: cannot be read: %s", a->config, rc_text(rc));
        return EXIT_CONFIG;
    }
    code = find_tariff(a, &s);
    if (code == EXIT_DONE)
        code = power_of_model(a, &s);
    if (code == EXIT_DONE)
        *out = s;
    else
        verify_site_done(&s);
    return code;
}

void verify_site_done(struct verify_site *s)
{
    settings_free(s->settings);
    s->settings = NULL;
}
