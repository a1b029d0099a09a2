#include <stdlib.h>
#include <string.h>
#include "config/settings.h"

int settings_meter_find(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->n_meters; i++)
        if (strcmp(s->meters[i].name, name) == 0)
            return (int)i;
    return -1;
}

int settings_bus_find(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->n_buses; i++)
        if (strcmp(s->buses[i].name, name) == 0)
            return (int)i;
    return -1;
}

int settings_tariff_find(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->n_tariffs; i++)
        if (strcmp(s->tariffs[i].name, name) == 0)
            return (int)i;
    return -1;
}

const struct tariff *settings_meter_tariff(const struct settings *s, const struct settings_meter *m,
                                           int64_t utc_ms)
{
    const struct tariff *found = NULL;

    for (size_t i = 0; i < m->n_tariffs; i++) {
        const struct tariff *t = &s->tariffs[m->tariffs[i].tariff];
        int64_t from = m->tariffs[i].from_local_s;
        /* In milliseconds, so that the instant itself belongs to the new one; the first begins before all
         * time. */
        if (from == INT64_MIN || utc_ms >= (from - t->utc_offset_s) * 1000)
            found = t;
    }
    return found;
}

void settings_free(struct settings *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->n_buses; i++)
        free(s->buses[i].device);
    for (size_t i = 0; i < s->n_meters; i++) {
        free(s->meters[i].tariffs);
        free(s->meters[i].label);
        free(s->meters[i].serial);
    }
    for (size_t i = 0; i < s->n_tariffs; i++) {
        tariff_done(&s->tariffs[i]);
        free(s->tariff_texts[i]);
    }
    for (size_t i = 0; i < s->n_models; i++)
        regmap_free(s->models[i]);
    for (size_t i = 0; i < s->n_warnings; i++)
        free(s->warnings[i]);
    free(s->config_path);
    free(s->gateway.timezone);
    free(s->gateway.on_finding);
    free(s->gateway.models);
    free(s->database.path);
    free(s->mqtt.host);
    free(s->mqtt.client_id);
    free(s->mqtt.username);
    free(s->mqtt.password_file);
    free(s->mqtt.ca_file);
    free(s->mqtt.cert_file);
    free(s->mqtt.key_file);
    free(s->mqtt.prefix);
    free(s->buses);
    free(s->meters);
    free(s->tariffs);
    free(s->tariff_texts);
    free(s->models);
    free(s->warnings);
    free(s->control_path);
    free(s);
}
