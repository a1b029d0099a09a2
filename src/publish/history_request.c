#include "publish/history_request.h"
#include <jansson.h>
#include <string.h>

#define NS_PER_S          INT64_C(1000000000)
#define COST_NS           (NS_PER_S / HISTORY_RATE)
#define MOST_ALLOWANCE_NS (COST_NS * HISTORY_BURST)

const char *history_verdict_name(enum history_verdict v)
{
    switch (v) {
    case HISTORY_MALFORMED:
        return "malformed";
    case HISTORY_RANGE:
        return "range";
    case HISTORY_BUSY:
        return "busy";
    case HISTORY_TAKEN:
        break;
    }
    return NULL;
}

/* jansson nests by recursion up to 2048 levels and takes the last of two equal keys: the size bound, no
 * duplicates and no trailing text keep a hostile request cheap and clear. */
static json_t *load(const void *text, size_t len)
{
    if (len > HISTORY_MOST_BYTES || memchr(text, '\0', len) != NULL)
        return NULL;
    return json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
}

static bool read_ledger(const json_t *root, char out[HISTORY_LEDGER])
{
    const json_t *ledger = json_object_get(root, "ledger");
    out[0] = '\0';
    if (ledger == NULL)
        return true;
    if (!json_is_string(ledger))
        return false;
    const size_t len = json_string_length(ledger);
    if (len == 0 || len >= HISTORY_LEDGER)
        return false;
    memcpy(out, json_string_value(ledger), len + 1);
    return true;
}

static enum history_verdict read_request(const json_t *root, struct history_request *out)
{
    const json_t *from = json_object_get(root, "from");
    const json_t *to = json_object_get(root, "to");
    if (!json_is_object(root) || !json_is_integer(from) || !json_is_integer(to))
        return HISTORY_MALFORMED;
    struct history_request request = {
        .has_range = true, .from = json_integer_value(from), .to = json_integer_value(to)};
    if (!read_ledger(root, request.ledger))
        return HISTORY_MALFORMED;
    *out = request;
    /* to - from cannot overflow: both are at least 1 when it is reached. */
    if (request.from < 1 || request.from > request.to || request.to - request.from >= HISTORY_MOST_NUMBERS)
        return HISTORY_RANGE;
    return HISTORY_TAKEN;
}

enum history_verdict history_request_parse(const void *text, size_t len, struct history_request *out)
{
    memset(out, 0, sizeof *out);
    if (len == 0)
        return HISTORY_MALFORMED;
    json_t *root = load(text, len);
    if (root == NULL)
        return HISTORY_MALFORMED;
    const enum history_verdict verdict = read_request(root, out);
    json_decref(root);
    return verdict;
}

void history_line_reset(struct history_line *line, int64_t now_wire_ns)
{
    const uint64_t dropped = line->dropped;
    memset(line, 0, sizeof *line);
    line->dropped = dropped;
    line->allowance_ns = MOST_ALLOWANCE_NS;
    line->filled_wire_ns = now_wire_ns;
}

static bool allowed(struct history_line *line, int64_t now_wire_ns)
{
    if (now_wire_ns > line->filled_wire_ns) {
        const int64_t since_ns = now_wire_ns - line->filled_wire_ns;
        line->allowance_ns = since_ns > MOST_ALLOWANCE_NS - line->allowance_ns
                                 ? MOST_ALLOWANCE_NS
                                 : line->allowance_ns + since_ns;
        line->filled_wire_ns = now_wire_ns;
    }
    if (line->allowance_ns < COST_NS)
        return false;
    line->allowance_ns -= COST_NS;
    return true;
}

static void refuse(struct history_line *line, const struct history_request *request,
                   enum history_verdict verdict)
{
    if (line->refusals == HISTORY_REFUSALS) {
        line->dropped++;
        return;
    }
    line->refusal[line->refusals++] = (struct history_refusal){.request = *request, .verdict = verdict};
}

void history_line_put(struct history_line *line, const void *text, size_t len, int64_t now_wire_ns)
{
    if (!allowed(line, now_wire_ns)) {
        line->dropped++;
        return;
    }
    struct history_request request;
    const enum history_verdict verdict = history_request_parse(text, len, &request);
    if (verdict != HISTORY_TAKEN) {
        refuse(line, &request, verdict);
    } else if (!line->active) {
        line->active = true;
        line->request = request;
    } else if (line->waiting < HISTORY_WAITING) {
        line->wait[line->waiting++] = request;
    } else {
        refuse(line, &request, HISTORY_BUSY);
    }
}

bool history_line_refusal(struct history_line *line, struct history_refusal *out)
{
    if (line->refusals == 0)
        return false;
    *out = line->refusal[0];
    line->refusals--;
    memmove(&line->refusal[0], &line->refusal[1], line->refusals * sizeof line->refusal[0]);
    return true;
}

void history_line_answered(struct history_line *line)
{
    line->active = line->waiting > 0;
    if (!line->active)
        return;
    line->request = line->wait[0];
    line->waiting--;
    memmove(&line->wait[0], &line->wait[1], line->waiting * sizeof line->wait[0]);
}
