#include "publish/relay_request.h"

#include <jansson.h>
#include <string.h>
#include "core/rc.h"
#include "core/text.h"

#define COST_NS (INT64_C(1000000000) / RELAY_GATE_RATE)
#define MOST_NS (COST_NS * RELAY_GATE_BURST)

bool relay_gate_pass(struct relay_gate *g, int64_t now_wire_ns)
{
    const int64_t since_ns = g->filled_ns == 0 ? MOST_NS : now_wire_ns - g->filled_ns;
    if (since_ns > 0)
        g->allowance_ns = since_ns > MOST_NS - g->allowance_ns ? MOST_NS : g->allowance_ns + since_ns;
    g->filled_ns = now_wire_ns;
    if (g->allowance_ns < COST_NS) {
        g->dropped++;
        return false;
    }
    g->allowance_ns -= COST_NS;
    return true;
}

static bool read_id(const json_t *root, struct relay_command *out)
{
    const json_t *id = json_object_get(root, "id");
    const size_t len = json_is_string(id) ? json_string_length(id) : 0;
    if (len == 0 || len >= sizeof out->id || strlen(json_string_value(id)) != len)
        return false;
    memcpy(out->id, json_string_value(id), len + 1);
    return true;
}

static const char *read_command(const json_t *root, struct relay_command *out)
{
    const char *state = json_string_value(json_object_get(root, "state"));
    const char *expires = json_string_value(json_object_get(root, "expires"));
    if (!read_id(root, out))
        return "id: a text of 1 to 128 bytes is needed";
    out->close = state != NULL && strcmp(state, "closed") == 0;
    if (state == NULL || (!out->close && strcmp(state, "open") != 0))
        return "state: \"open\" or \"closed\" is needed";
    if (expires == NULL || text_to_utc_ms(expires, &out->expires_utc_ms) != RC_OK || out->expires_utc_ms == 0)
        return "expires: a time with Z or an offset is needed";
    return NULL;
}

int relay_request_parse(const void *text, size_t len, struct relay_command *out, const char **why)
{
    memset(out, 0, sizeof *out);
    *why = "not a JSON object";
    /* jansson takes the last of two equal keys, and nests by recursion: see history_request.c */
    if (len == 0 || len > RELAY_MOST_BYTES || memchr(text, '\0', len) != NULL)
        return RC_PARSE;
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(root))
        *why = read_command(root, out);
    json_decref(root);
    return *why == NULL ? RC_OK : RC_PARSE;
}

bool relay_request_topic(const char *topic, char name[41])
{
    static const char before[] = "meter/", after[] = "/relay/set";
    const size_t len = strlen(topic), fixed = sizeof before - 1 + sizeof after - 1;
    if (len <= fixed || len - fixed > 40 || strncmp(topic, before, sizeof before - 1) != 0 ||
        strcmp(topic + len - (sizeof after - 1), after) != 0)
        return false;
    memcpy(name, topic + sizeof before - 1, len - fixed);
    name[len - fixed] = '\0';
    return text_is_name(name);
}
