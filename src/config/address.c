#include "config/address.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "core/text.h"

#define HOST_MOST 253

static bool is_host(const char *s)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
    size_t len = strlen(s);

    return len > 0 && len <= HOST_MOST && s[strspn(s, allowed)] == '\0' && s[0] != '.' && s[0] != '-' &&
           strstr(s, "..") == NULL;
}

static bool is_ipv6(const char *s)
{
    unsigned char bytes[16];

    return inet_pton(AF_INET6, s, bytes) == 1;
}

int address_parse(const char *text, uint16_t usual_port, char **host, uint16_t *port)
{
    bool bracket = text[0] == '[';
    const char *end = bracket ? strchr(text, ']') : text + strcspn(text, ":");
    uint16_t number = usual_port;

    if (end == NULL)
        return RC_PARSE;
    const char *colon = bracket ? end + 1 : end;
    if (*colon == ':' ? text_to_u16(colon + 1, 1, 65535, &number) != RC_OK : *colon != '\0' || number == 0)
        return RC_PARSE;
    const char *begin = bracket ? text + 1 : text;
    char *copy = strndup(begin, (size_t)(end - begin));
    if (copy == NULL)
        return RC_NOMEM;
    if (bracket ? !is_ipv6(copy) : !is_host(copy)) {
        free(copy);
        return RC_PARSE;
    }
    *host = copy;
    *port = number;
    return RC_OK;
}

int address_parse_line(const char *text, enum bus_kind *kind, char **device, uint16_t *port)
{
    bool rtu = strncmp(text, "rtutcp://", 9) == 0, tcp = strncmp(text, "tcp://", 6) == 0;

    if (rtu || tcp) {
        int rc = address_parse(text + (rtu ? 9 : 6), rtu ? 0 : 502, device, port);
        if (rc == RC_OK)
            *kind = rtu ? BUS_RTU_TCP : BUS_TCP;
        return rc;
    }
    if (strstr(text, "://") != NULL || text[0] == '\0')
        return RC_PARSE;
    char *copy = strdup(text);
    if (copy == NULL)
        return RC_NOMEM;
    *device = copy;
    *kind = BUS_SERIAL;
    *port = 0;
    return RC_OK;
}
