#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "config/address.h"
#include "config/build.h"
#include "core/rc.h"

static char *copy(struct build *b, const struct conf_value *v)
{
    return v->set ? conf_strdup(b->r, v->s) : NULL;
}

void build_gateway(struct build *b)
{
    const struct build_section *g = build_find(b, SECTION_GATEWAY);
    struct settings *s = b->s;
    struct conf_value none[CONF_KEYS_MOST];
    const struct conf_value *v = none;

    if (g != NULL)
        v = g->v;
    else
        conf_values_default(&conf_section_types[SECTION_GATEWAY], none);
    if (g == NULL)
        conf_error(b->r, (struct conf_place){s->config_path, 1}, "[gateway] id", "is missing");
    if (v[GATEWAY_ID].set)
        snprintf(s->gateway.id, sizeof s->gateway.id, "%s", v[GATEWAY_ID].s);
    s->gateway.timezone = copy(b, &v[GATEWAY_TIMEZONE]);
    s->gateway.clock = (enum clock_mode)v[GATEWAY_CLOCK].n;
    s->gateway.on_finding = copy(b, &v[GATEWAY_ON_FINDING]);
    s->gateway.models = copy(b, &v[GATEWAY_MODELS]);
    s->control_path = copy(b, &v[GATEWAY_CONTROL]);
    struct stat st;
    const struct conf_value *run = &v[GATEWAY_ON_FINDING];
    if (g != NULL && run->at != NULL && run->set) {
        if (run->s[0] != '/')
            conf_key_error(b->r, g->ini, run->at, "must be an absolute path");
        else if (stat(run->s, &st) == 0 && (st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
            conf_key_error(b->r, g->ini, run->at, "cannot be run: no execute permission");
    }
}

void build_database(struct build *b)
{
    const struct build_section *d = build_find(b, SECTION_DATABASE);
    struct conf_value none[CONF_KEYS_MOST];
    const struct conf_value *v = none;

    if (d != NULL)
        v = d->v;
    else
        conf_values_default(&conf_section_types[SECTION_DATABASE], none);
    b->s->database.path = copy(b, &v[DATABASE_PATH]);
    b->s->database.flush_ms = v[DATABASE_FLUSH].n;
    b->s->database.keep_live_ms = v[DATABASE_KEEP_LIVE].n;
    b->s->database.keep_energy_ms = v[DATABASE_KEEP_ENERGY].n;
    b->s->database.max_bytes = (uint64_t)v[DATABASE_MAX_SIZE].n;
}

static void read_url(struct build *b, const struct build_section *m)
{
    const struct conf_value *v = &m->v[MQTT_URL];
    struct settings *s = b->s;
    char expects[CONF_EXPECTS_SIZE], quote[CONF_QUOTE_SIZE];
    const char *rest = v->s;

    if (!v->set)
        return;
    s->mqtt.tls = strncmp(rest, "mqtts://", 8) == 0;
    if (!s->mqtt.tls && strncmp(rest, "mqtt://", 7) != 0) {
        conf_key_error(b->r, m->ini, v->at, "must be %s, not %s",
                       conf_expects(&conf_section_types[SECTION_MQTT].keys[MQTT_URL], expects),
                       conf_quote(quote, v->s));
        return;
    }
    rest += s->mqtt.tls ? 8 : 7;
    char *address = strdup(rest);
    if (address == NULL) {
        b->r->nomem = true;
        return;
    }
    size_t len = strlen(address);
    if (len > 1 && address[len - 1] == '/') /* mqtt://host/ is what people copy */
        address[len - 1] = '\0';
    if (strchr(address, '@') != NULL)
        conf_key_error(b->r, m->ini, v->at,
                       "must not hold a user or password: there are username and password_file");
    else if (address_parse(address, s->mqtt.tls ? 8883 : 1883, &s->mqtt.host, &s->mqtt.port) != RC_OK)
        conf_key_error(b->r, m->ini, v->at, "must be %s, not %s",
                       conf_expects(&conf_section_types[SECTION_MQTT].keys[MQTT_URL], expects),
                       conf_quote(quote, v->s));
    free(address);
}

/* A part of a topic: MQTT 5.0, 4.7.1; no empty levels, nothing of the broker's own. */
static bool is_topic(const char *s)
{
    size_t len = strlen(s);

    return strpbrk(s, "+# \t") == NULL && s[0] != '$' && s[0] != '/' && s[len - 1] != '/' &&
           strstr(s, "//") == NULL;
}

static void only_with(struct build *b, const struct build_section *m, int key, bool holds, const char *what)
{
    if (m->v[key].at != NULL && !holds)
        conf_key_error(b->r, m->ini, m->v[key].at, "only together with %s", what);
}

void build_mqtt(struct build *b)
{
    const struct build_section *m = build_find(b, SECTION_MQTT);
    struct settings *s = b->s;

    if (m == NULL)
        return;
    s->mqtt.enabled = true;
    read_url(b, m);
    s->mqtt.client_id = copy(b, &m->v[MQTT_CLIENT_ID]);
    if (s->mqtt.client_id == NULL && asprintf(&s->mqtt.client_id, "meterfleet-%s", s->gateway.id) < 0) {
        s->mqtt.client_id = NULL;
        b->r->nomem = true;
    }
    s->mqtt.username = copy(b, &m->v[MQTT_USERNAME]);
    s->mqtt.password_file = copy(b, &m->v[MQTT_PASSWORD_FILE]);
    s->mqtt.ca_file = copy(b, &m->v[MQTT_CA_FILE]);
    s->mqtt.cert_file = copy(b, &m->v[MQTT_CERT_FILE]);
    s->mqtt.key_file = copy(b, &m->v[MQTT_KEY_FILE]);
    s->mqtt.prefix = copy(b, &m->v[MQTT_PREFIX]);
    s->mqtt.homeassistant = m->v[MQTT_HOMEASSISTANT].n != 0;
    s->mqtt.commands = m->v[MQTT_COMMANDS].n != 0;
    if (m->v[MQTT_PREFIX].set && !is_topic(m->v[MQTT_PREFIX].s))
        conf_key_error(
            b->r, m->ini, m->v[MQTT_PREFIX].at,
            "must be the beginning of a topic: no '+', '#' or blank, no '/' at the ends, no '$' first");
    only_with(b, m, MQTT_PASSWORD_FILE, m->v[MQTT_USERNAME].at != NULL, "username");
    only_with(b, m, MQTT_CERT_FILE, m->v[MQTT_KEY_FILE].at != NULL, "key_file");
    only_with(b, m, MQTT_KEY_FILE, m->v[MQTT_CERT_FILE].at != NULL, "cert_file");
    if (m->v[MQTT_URL].set && s->mqtt.host != NULL) {
        only_with(b, m, MQTT_CA_FILE, s->mqtt.tls, "an mqtts:// url");
        only_with(b, m, MQTT_CERT_FILE, s->mqtt.tls, "an mqtts:// url");
        only_with(b, m, MQTT_KEY_FILE, s->mqtt.tls, "an mqtts:// url");
    }
}
