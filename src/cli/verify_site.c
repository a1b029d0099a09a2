#include "cli/verify_site.h"

#include <string.h>
#include "config/models.h"

#define POWER_MOST_W 100000000

int64_t verify_model_power_w(const struct regmap *m)
{
    int64_t phases = regmap_find(m, Q_VOLTAGE_L3) != NULL ? 3 : 1;
    return (int64_t)m->rated_voltage_mv * m->rated_current_ma / 1000 * 144 / 100 / 1000 * phases;
}

static int bad_word(const char *option, const char *value, const char *const *words, size_t n)
{
    const char *near = text_nearest(value, words, n);
    complain("--%s: %.40s: unknown: did you mean %s?", option, value, near != NULL ? near : words[0]);
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
    return bad_word(option, value, words, n);
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
        complain("--model: %.40s: there is no such model", name);
        code = EXIT_USAGE;
    } else if (models_at(models, (size_t)index) == NULL) {
        code = EXIT_CONFIG;
    } else {
        const struct regmap *m = models_at(models, (size_t)index);
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
    if (name == NULL) {
        complain("--tariff: missing: which [tariff] of %s is the meter to be judged by?", a->config);
        return EXIT_USAGE;
    }
    int index = settings_tariff_find(s->settings, name);
    if (index >= 0) {
        s->options.tariff = &s->settings->tariffs[index];
        return EXIT_DONE;
    }
    complain("--tariff: %.40s: there is no [tariff %.40s] in %s", name, name, a->config);
    return EXIT_USAGE;
}

int verify_site_read(const struct cli_args *a, struct verify_site *out)
{
    static const char *const combined[] = {"auto", "import+export", "import", "import-export"};
    static const char *const freeze[] = {"auto", "cumulative", "period"};
    struct verify_site s = {.settings = NULL};
    int rule = COMBINED_AUTO, model = FREEZE_AUTO, code = EXIT_DONE;
    unsigned errors = 0;
    code = parse_word(a, "combined", combined, 4, &rule);
    if (code == EXIT_DONE)
        code = parse_word(a, "freeze-model", freeze, 3, &model);
    if (code != EXIT_DONE)
        return code;
    s.options.combined = (enum combined_rule)rule;
    s.options.freeze = (enum freeze_model)model;
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
        code = max_power(a, &s);
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
