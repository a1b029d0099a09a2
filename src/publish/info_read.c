/* The one place where the daemon reads a message it wrote itself: its own retained P/info. It lies at the
 * broker where others may have written it, so nothing in it is believed beyond what can do no harm. */
#include <jansson.h>
#include <string.h>
#include "publish/info.h"

#define INFO_MOST_BYTES 65536 /* 1000 buses with long names stay below */

uint64_t info_read_acked(const void *text, size_t len, const char *ledger)
{
    if (len == 0 || len > INFO_MOST_BYTES)
        return 0;
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    const char *id = json_string_value(json_object_get(root, "ledger"));
    const json_t *acked = json_object_get(root, "acked_seq");
    uint64_t seq = 0;
    if (id != NULL && strcmp(id, ledger) == 0 && json_is_integer(acked) && json_integer_value(acked) > 0)
        seq = (uint64_t)json_integer_value(acked);
    json_decref(root);
    return seq;
}
