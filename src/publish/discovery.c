#include "config.h"
#include "publish/discovery.h"

#include <string.h>
#include "core/quantity.h"
#include "core/regmap.h"

static const char head[] = "homeassistant/device/";

/* "site.a_flat-1" as Home Assistant allows it. */
static bool object_id(const struct settings *s, size_t meter, char out[DISCOVERY_TOPIC])
{
    if (!text_format(out, DISCOVERY_TOPIC, "%s_%s", s->gateway.id, s->meters[meter].name))
        return false;
    for (char *c = out; *c != '\0'; c++)
        if (*c == '.')
            *c = '_';
    return true;
}

bool discovery_topic(const struct settings *s, size_t meter, char out[DISCOVERY_TOPIC])
{
    char id[DISCOVERY_TOPIC];
    return object_id(s, meter, id) && text_format(out, DISCOVERY_TOPIC, "%s%s/config", head, id);
}

bool discovery_is_topic(const char *topic)
{
    return strncmp(topic, head, sizeof head - 1) == 0;
}

static void add_text(struct text_buf *b, const char *key, const char *value)
{
    text_buf_addf(b, ",\"%s\":", key);
    text_buf_add_json(b, value);
}

/* One of our own topics: of a meter, or of the gateway itself. */
static void add_topic(struct text_buf *b, const char *key, const struct settings *s, const char *meter,
                      const char *leaf)
{
    char topic[512];
    if (text_format(topic, sizeof topic, "%s/%s/%s%s%s%s", s->mqtt.prefix, s->gateway.id,
                    meter != NULL ? "meter/" : "", meter != NULL ? meter : "", meter != NULL ? "/" : "",
                    leaf))
        add_text(b, key, topic);
}

/* The device class that Home Assistant knows with exactly this unit; NULL: none. */
static const char *device_class(const struct quantity *q)
{
    static const struct {
        const char *unit, *name;
    } known[] = {{"V", "voltage"},          {"A", "current"},         {"W", "power"},
                 {"var", "reactive_power"}, {"VA", "apparent_power"}, {"1", "power_factor"},
                 {"Hz", "frequency"},       {"kWh", "energy"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(q->unit, known[i].unit) == 0)
            return known[i].name;
    return NULL;
}

/* "active_energy_sharp" as people read it. */
static void add_name(struct text_buf *b, const char *quantity)
{
    char words[sizeof((struct quantity){0}.name)];
    text_format(words, sizeof words, "%s", quantity);
    for (char *c = words; *c != '\0'; c++)
        if (*c == '_')
            *c = ' ';
    add_text(b, "name", words);
}

static bool may_fall(const struct settings_meter *m, const struct quantity *q)
{
    return q->may_be_net && (m->combined == COMBINED_AUTO || m->combined == COMBINED_IMPORT_MINUS_EXPORT);
}

static void add_sensor(struct text_buf *b, const struct settings *s, size_t meter, const char *id,
                       const struct reg *r)
{
    const struct settings_meter *m = &s->meters[meter];
    const struct quantity *q = quantity_at(r->quantity);
    const char *class = device_class(q);
    bool energy = r->klass == CLASS_ENERGY;
    char unique[DISCOVERY_TOPIC + 64], template[96];
    text_format(unique, sizeof unique, "meterfleet_%s_%s", id, q->name);
    text_format(template, sizeof template, "{{ value_json.%s | default('') }}", q->name);
    text_buf_addf(b, "\"%s\":{\"p\":\"sensor\"", q->name);
    add_name(b, q->name);
    add_text(b, "uniq_id", unique);
    add_topic(b, "stat_t", s, m->name, energy ? "energy" : "live");
    add_text(b, "val_tpl", template);
    if (strcmp(q->unit, "1") != 0)
        add_text(b, "unit_of_meas", q->unit);
    if (class != NULL)
        add_text(b, "dev_cla", class);
    add_text(b, "stat_cla", !energy ? "measurement" : may_fall(m, q) ? "total" : "total_increasing");
    text_buf_add(b, "},");
}

static void add_relay(struct text_buf *b, const struct settings *s, size_t meter, const char *id)
{
    char unique[DISCOVERY_TOPIC + 64];
    text_format(unique, sizeof unique, "meterfleet_%s_relay", id);
    text_buf_add(b, "\"relay\":{\"p\":\"binary_sensor\",\"name\":\"relay closed\"");
    add_text(b, "uniq_id", unique);
    add_topic(b, "stat_t", s, s->meters[meter].name, "relay");
    text_buf_add(b, ",\"val_tpl\":\"{{ value_json.state }}\",\"pl_on\":\"closed\",\"pl_off\":\"open\"},");
}

static bool is_shown(const struct settings_meter *m, const struct reg *r)
{
    return (r->klass == CLASS_LIVE || r->klass == CLASS_DEMAND || r->klass == CLASS_ENERGY) &&
           m->period_ms[r->klass] != 0 && quantity_at(r->quantity)->unit[0] != '\0';
}

void discovery_payload(struct text_buf *out, const struct settings *s, size_t meter)
{
    const struct settings_meter *m = &s->meters[meter];
    char id[DISCOVERY_TOPIC], unique[DISCOVERY_TOPIC + 16];
    if (!object_id(s, meter, id))
        return;
    text_format(unique, sizeof unique, "meterfleet_%s", id);
    text_buf_add(out, "{\"dev\":{\"ids\":[");
    text_buf_add_json(out, unique);
    text_buf_add(out, "]");
    add_text(out, "name", m->label[0] != '\0' ? m->label : m->name);
    add_text(out, "mdl", m->model->title);
    if (m->serial[0] != '\0')
        add_text(out, "sn", m->serial);
    text_buf_addf(out, "},\"o\":{\"name\":\"meterfleet\",\"sw\":\"%s\"},\"avty\":[{\"pl_avail\":\"online\"",
                  PACKAGE_VERSION);
    add_topic(out, "t", s, NULL, "status");
    text_buf_add(out, "},{\"pl_avail\":\"online\"");
    add_topic(out, "t", s, m->name, "status");
    text_buf_add(out, "}],\"avty_mode\":\"all\",\"qos\":1,\"cmps\":{");
    for (size_t i = 0; i < m->model->n_regs; i++)
        if (is_shown(m, &m->model->regs[i]))
            add_sensor(out, s, meter, id, &m->model->regs[i]);
    if (m->model->has_relay && m->period_ms[CLASS_RELAY] != 0)
        add_relay(out, s, meter, id);
    if (!out->failed && out->len > 0 && out->data[out->len - 1] == ',')
        out->data[--out->len] = '\0';
    text_buf_add(out, "}}");
}

bool discovery_is_ours(const struct settings *s, const char *payload, size_t len)
{
    char mark[512];
    if (!text_format(mark, sizeof mark, "\"%s/%s/status\"", s->mqtt.prefix, s->gateway.id))
        return false;
    return memmem(payload, len, mark, strlen(mark)) != NULL;
}
