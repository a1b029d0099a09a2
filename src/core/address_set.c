/* address_set.c - a bit for each address. */
#include "core/address_set.h"

#include <string.h>
#include "core/rc.h"

int address_range_parse(const char *item, uint16_t *first, uint16_t *last)
{
    char begin[8];
    uint16_t from, to;
    const char *dash = strchr(item, '-');
    size_t len = dash != NULL ? (size_t)(dash - item) : strlen(item);

    if (len == 0 || len >= sizeof begin)
        return RC_PARSE;
    memcpy(begin, item, len);
    begin[len] = '\0';
    while (len > 0 && begin[len - 1] == ' ')
        begin[--len] = '\0';
    if (text_to_u16(begin, 1, ADDRESS_MOST, &from) != RC_OK)
        return RC_PARSE;
    to = from;
    if (dash != NULL) {
        dash += 1 + strspn(dash + 1, " ");
        if (text_to_u16(dash, 1, ADDRESS_MOST, &to) != RC_OK || from > to)
            return RC_PARSE;
    }
    *first = from;
    *last = to;
    return RC_OK;
}

int address_set_parse(const char *list, struct address_set *out, char bad[ADDRESS_ITEM])
{
    struct address_set set = {{0}};
    for (const char *p = list;; p++) {
        char item[ADDRESS_ITEM];
        uint16_t first = 0, last = 0;
        p += strspn(p, " ");
        size_t len = strcspn(p, ","), kept = len < sizeof item ? len : sizeof item - 1;
        memcpy(item, p, kept);
        item[kept] = '\0';
        while (kept > 0 && item[kept - 1] == ' ')
            item[--kept] = '\0';
        if (address_range_parse(item, &first, &last) != RC_OK) {
            memcpy(bad, item, sizeof item);
            return RC_PARSE;
        }
        for (unsigned a = first; a <= last; a++)
            address_set_add(&set, a);
        p += len;
        if (*p == '\0')
            break;
    }
    *out = set;
    return RC_OK;
}

void address_set_text(const struct address_set *s, struct text_buf *out)
{
    const char *comma = "";
    for (unsigned a = 1; a <= ADDRESS_MOST; a++) {
        unsigned last = a;
        if (!address_set_has(s, a))
            continue;
        while (last < ADDRESS_MOST && address_set_has(s, last + 1))
            last++;
        if (last < a + 2) /* a pair is shorter as two numbers: the second one comes with the next turn */
            last = a;
        text_buf_addf(out, "%s%u", comma, a);
        if (last > a)
            text_buf_addf(out, "-%u", last);
        comma = ", ";
        a = last;
    }
}

size_t address_set_count(const struct address_set *s)
{
    size_t n = 0;
    for (unsigned a = 1; a <= ADDRESS_MOST; a++)
        n += address_set_has(s, a) ? 1 : 0;
    return n;
}
