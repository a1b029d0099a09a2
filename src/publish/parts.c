#include "publish/parts.h"
#include <jansson.h>
#include <string.h>
#include "core/text.h"

static bool is_closed(const char *payload)
{
    json_t *root = json_loads(payload, JSON_REJECT_DUPLICATES, NULL);
    const bool closed = json_is_string(json_object_get(root, "closed"));
    json_decref(root);
    return closed;
}

/* Own topic first, then what follows from it. */
static bool put(struct part *part, const char *topic, const char *payload, bool retain)
{
    part->payload = payload;
    part->retain = retain;
    return text_format(part->topic, sizeof part->topic, "%s", topic);
}

/* "meter/X/settlement/P" -> "meter/X/settlement" */
static bool put_newest(struct part *part, const struct ledger_row *row)
{
    const char *slash = strrchr(row->topic, '/');
    if (slash == NULL)
        return false;
    part->payload = row->payload;
    part->retain = true;
    return text_format(part->topic, sizeof part->topic, "%.*s", (int)(slash - row->topic), row->topic);
}

static size_t finding_parts(const struct ledger_row *row, struct part out[PARTS_MOST])
{
    if (!put(&out[0], row->topic, row->payload, true))
        return 0;
    if (!is_closed(row->payload))
        return 1;
    return put(&out[1], row->topic, "", true) ? 2 : 1;
}

static size_t settlement_parts(const struct ledger_row *row, const struct settlement_rank *rank,
                               bool newest_too, struct part out[PARTS_MOST])
{
    if (!put(&out[0], row->topic, row->payload, rank->rank < LEDGER_SETTLEMENTS_KEPT))
        return 0;
    size_t n = 1;
    if (newest_too && rank->rank == 0 && put_newest(&out[n], row))
        n++;
    if (rank->dropped[0] != '\0' && rank->rank < LEDGER_SETTLEMENTS_KEPT &&
        put(&out[n], rank->dropped, "", true))
        n++;
    return n;
}

bool parts_need_rank(const struct ledger_row *row)
{
    return row->kind == LEDGER_SETTLEMENT && strstr(row->topic, "/settlement/") != NULL;
}

size_t parts_of_fresh(const struct ledger_row *row, const struct settlement_rank *rank,
                      struct part out[PARTS_MOST])
{
    switch (row->kind) {
    case LEDGER_GAP:
        return put(&out[0], "history", row->payload, false) ? 1 : 0;
    case LEDGER_FINDING:
        return finding_parts(row, out);
    case LEDGER_SETTLEMENT:
        return settlement_parts(row, rank, true, out);
    case LEDGER_ENERGY:
    case LEDGER_VERIFICATION:
        break;
    }
    return put(&out[0], row->topic, row->payload, true) ? 1 : 0;
}

size_t parts_of_retained(const struct ledger_row *row, const struct settlement_rank *rank,
                         struct part out[PARTS_MOST])
{
    if (row->kind == LEDGER_GAP)
        return 0;
    if (row->kind == LEDGER_FINDING)
        return finding_parts(row, out);
    if (parts_need_rank(row))
        return settlement_parts(row, rank, false, out);
    return put(&out[0], row->topic, row->payload, true) ? 1 : 0;
}
