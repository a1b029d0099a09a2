#include <stdio.h>
#include <string.h>
#include "config/build.h"
#include "core/address_set.h"
#include "core/rc.h"
#include "core/text.h"

bool build_item(const char **list, char item[BUILD_ITEM])
{
    const char *p = *list;
    size_t len = 0;

    if (p == NULL)
        return false;
    for (; *p != '\0' && *p != ','; p++) {
        bool blank = *p == ' ' || *p == '\t';
        if (blank && (len == 0 || item[len - 1] == ' '))
            continue;
        if (len < BUILD_ITEM - 1) /* what is longer is no item of any list: it fails as it is */
            item[len++] = blank ? ' ' : *p;
    }
    if (len > 0 && item[len - 1] == ' ')
        len--;
    item[len] = '\0';
    *list = *p == ',' ? p + 1 : NULL;
    return true;
}

bool build_instant(const char *text, int64_t *local_s)
{
    char date[11] = "";
    int64_t days = 0, seconds = 0;

    if (strlen(text) < 10)
        return false;
    memcpy(date, text, 10);
    if (text_to_date(date, &days) != RC_OK)
        return false;
    const char *t = text + 10;
    if (*t != '\0') {
        if ((*t != ' ' && *t != 'T') || strlen(t) != 6 || t[3] != ':')
            return false;
        for (unsigned i = 1; i < 6; i++)
            if (i != 3 && (t[i] < '0' || t[i] > '9'))
                return false;
        int hour = (t[1] - '0') * 10 + t[2] - '0', minute = (t[4] - '0') * 10 + t[5] - '0';
        if (hour > 23 || minute > 59)
            return false;
        seconds = hour * 3600 + minute * 60;
    }
    *local_s = days * 86400 + seconds;
    return true;
}

void build_addresses(struct build *b, const struct build_section *from, const struct conf_value *v,
                     struct address_set *out)
{
    const char *list = v->s;
    char item[BUILD_ITEM], quote[CONF_QUOTE_SIZE];

    while (build_item(&list, item)) {
        struct address_set twice = {{0}};
        struct text_buf text = {.data = NULL};
        uint16_t first = 0, last = 0;
        if (address_range_parse(item, &first, &last) != RC_OK) {
            conf_key_error(b->r, from->ini, v->at,
                           "%s is neither an address from 1 to 247 nor a rising range such as 2-20",
                           conf_quote(quote, item));
            continue;
        }
        for (unsigned a = first; a <= last; a++)
            address_set_add(address_set_has(out, a) ? &twice : out, a);
        size_t n = address_set_count(&twice);
        if (n == 0)
            continue;
        address_set_text(&twice, &text);
        b->r->nomem = b->r->nomem || text.failed;
        conf_key_error(b->r, from->ini, v->at,
                       n == 1 ? "address %s stands there twice" : "addresses %s stand there twice",
                       text.failed ? "" : text.data);
        text_buf_done(&text);
    }
}
