/* control_protocol.c - requests in, errors out. */
#include "daemon/control_protocol.h"

#include <jansson.h>
#include <stdint.h>
#include <string.h>
#include "core/quantity.h"
#include "core/rc.h"

static const struct {
    const char *name;
    int exit;
} errors[CONTROL_ERRORS] = {
    [CONTROL_MALFORMED] = {"malformed", EXIT_FAILED}, [CONTROL_OTHER_VERSION] = {"version", EXIT_FAILED},
    [CONTROL_DENIED] = {"denied", EXIT_NOPERM},       [CONTROL_UNKNOWN] = {"unknown", EXIT_USAGE},
    [CONTROL_SILENT] = {"silent", EXIT_UNAVAILABLE},  [CONTROL_BUSY] = {"busy", EXIT_UNAVAILABLE},
    [CONTROL_CONFIG] = {"config", EXIT_CONFIG},       [CONTROL_FAILED] = {"failed", EXIT_FAILED},
};

const char *control_error_name(enum control_error e)
{
    return errors[e].name;
}

int control_error_find(const char *name)
{
    for (int e = 0; e < CONTROL_ERRORS; e++)
        if (strcmp(errors[e].name, name) == 0)
            return e;
    return -1;
}

int control_error_exit(enum control_error e)
{
    return errors[e].exit;
}

/* The parser calls itself for every bracket: how deep is bounded before it starts. Brackets inside strings
 * count too; no honest request has them. */
static bool too_deep(const char *line, size_t len)
{
    int depth = 0;
    for (size_t i = 0; i < len; i++) {
        if (line[i] == '{' || line[i] == '[') {
            if (++depth > CONTROL_DEPTH_MAX)
                return true;
        } else if (line[i] == '}' || line[i] == ']') {
            depth--;
        }
    }
    return false;
}

static bool parse_quantities(const json_t *list, struct control_request *q, enum control_error *error,
                             char why[CONTROL_WHY])
{
    if (!json_is_array(list) || json_array_size(list) > CONTROL_QUANTITIES) {
        text_format(why, CONTROL_WHY, "quantities: a list of at most %d names is needed", CONTROL_QUANTITIES);
        return false;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        int found = name != NULL ? quantity_find(name) : -1;
        if (found < 0) {
            *error = CONTROL_UNKNOWN;
            text_format(why, CONTROL_WHY, "%.60s: unknown quantity", name != NULL ? name : "?");
            return false;
        }
        q->quantities[q->n_quantities++] = found;
    }
    return true;
}

static bool parse_name(const json_t *root, const char *key, struct control_request *q, char why[CONTROL_WHY])
{
    const char *name = json_string_value(json_object_get(root, key));
    if (name == NULL || !text_is_name(name)) {
        text_format(why, CONTROL_WHY, "%s: a name is needed", key);
        return false;
    }
    text_format(q->meter, sizeof q->meter, "%s", name);
    return true;
}

static bool parse_read(const json_t *root, struct control_request *q, enum control_error *error,
                       char why[CONTROL_WHY])
{
    const json_t *list = json_object_get(root, "quantities");
    if (!parse_name(root, "meter", q, why))
        return false;
    return list == NULL || parse_quantities(list, q, error, why);
}

static bool parse_relay(const json_t *root, struct control_request *q, char why[CONTROL_WHY])
{
    const char *state = json_string_value(json_object_get(root, "state"));
    q->close = state != NULL && strcmp(state, "closed") == 0;
    if (state == NULL || (!q->close && strcmp(state, "open") != 0)) {
        text_format(why, CONTROL_WHY, "state: open or closed is needed");
        return false;
    }
    return parse_name(root, "meter", q, why);
}

static bool parse_object(const json_t *root, struct control_request *q, enum control_error *error,
                         char why[CONTROL_WHY])
{
    const json_t *version = json_object_get(root, "version");
    const char *kind = json_string_value(json_object_get(root, "request"));
    if (!json_is_integer(version) || kind == NULL) {
        text_format(why, CONTROL_WHY, "version and request are needed");
        return false;
    }
    if (json_integer_value(version) != CONTROL_VERSION) {
        *error = CONTROL_OTHER_VERSION;
        text_format(why, CONTROL_WHY, "the daemon speaks version %d", CONTROL_VERSION);
        return false;
    }
    if (strcmp(kind, "status") == 0) {
        q->kind = CONTROL_STATUS;
    } else if (strcmp(kind, "reload") == 0) {
        q->kind = CONTROL_RELOAD;
    } else if (strcmp(kind, "read") == 0) {
        q->kind = CONTROL_READ;
        return parse_read(root, q, error, why);
    } else if (strcmp(kind, "relay") == 0) {
        q->kind = CONTROL_RELAY;
        return parse_relay(root, q, why);
    } else if (strcmp(kind, "trace") == 0) {
        q->kind = CONTROL_TRACE;
        return parse_name(root, "bus", q, why);
    } else {
        text_format(why, CONTROL_WHY, "%.40s: unknown request", kind);
        return false;
    }
    return true;
}

bool control_parse(const char *line, size_t len, struct control_request *out, enum control_error *error,
                   char why[CONTROL_WHY])
{
    struct control_request q = {.n_quantities = 0};
    json_error_t trouble;
    *error = CONTROL_MALFORMED;
    if (len > CONTROL_REQUEST_MAX || too_deep(line, len)) {
        text_format(why, CONTROL_WHY, "the request is too long or too deep");
        return false;
    }
    json_t *root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &trouble);
    if (root == NULL) {
        text_format(why, CONTROL_WHY, "not JSON: %.120s", trouble.text);
        return false;
    }
    bool fine = json_is_object(root) && parse_object(root, &q, error, why);
    if (!fine && !json_is_object(root))
        text_format(why, CONTROL_WHY, "an object is needed");
    json_decref(root);
    if (fine)
        *out = q;
    return fine;
}

void control_write_error(struct text_buf *out, enum control_error error, const char *detail)
{
    text_buf_addf(out, "{\"version\":%d,\"ok\":false,\"error\":\"%s\",\"detail\":", CONTROL_VERSION,
                  control_error_name(error));
    text_buf_add_json(out, detail);
    text_buf_add(out, "}\n");
}
