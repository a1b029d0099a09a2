/* text_buf.c - a text that grows, and JSON strings in it. */
#include "core/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 256

/* Room for n more bytes and the NUL. */
static bool reserve(struct text_buf *b, size_t n)
{
    if (b->failed)
        return false;
    if (b->size > 0 && n < b->size - b->len)
        return true;
    size_t need, size = b->size > 0 ? b->size : FIRST_SIZE;
    if (__builtin_add_overflow(b->len, n, &need) || need > SIZE_MAX / 4)
        need = 0;
    while (need > 0 && size <= need)
        size *= 2;
    char *data = need > 0 || n == 0 ? realloc(b->data, size) : NULL;
    if (data == NULL) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->size = size;
    b->data[b->len] = '\0';
    return true;
}

void text_buf_add_n(struct text_buf *b, const char *s, size_t n)
{
    if (!reserve(b, n))
        return;
    memcpy(b->data + b->len, s, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void text_buf_add(struct text_buf *b, const char *s)
{
    text_buf_add_n(b, s, strlen(s));
}

void text_buf_addf(struct text_buf *b, const char *format, ...)
{
    if (!reserve(b, 0))
        return;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t space = b->size - b->len;
    int n = vsnprintf(b->data + b->len, space, format, args);
    if (n < 0) {
        b->failed = true;
    } else if ((size_t)n >= space) {
        b->data[b->len] = '\0';
        if (reserve(b, (size_t)n))
            (void)vsnprintf(b->data + b->len, (size_t)n + 1, format, again);
    }
    if (!b->failed)
        b->len += (size_t)n;
    else
        b->data[b->len] = '\0';
    va_end(again);
    va_end(args);
}

static bool is_continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* Bytes of the well-formed UTF-8 character at s, 0 when there is none (Unicode 15, table 3-7). NUL ends it.
 */
static size_t utf8_length(const unsigned char *s)
{
    unsigned char lo = 0x80, hi = 0xBF; /* range of the second byte */
    size_t n;
    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xC2 && s[0] <= 0xDF)
        n = 2;
    else if (s[0] >= 0xE0 && s[0] <= 0xEF)
        n = 3;
    else if (s[0] >= 0xF0 && s[0] <= 0xF4)
        n = 4;
    else
        return 0;
    if (s[0] == 0xE0)
        lo = 0xA0; /* no overlong forms */
    else if (s[0] == 0xED)
        hi = 0x9F; /* no surrogates */
    else if (s[0] == 0xF0)
        lo = 0x90;
    else if (s[0] == 0xF4)
        hi = 0x8F; /* nothing above U+10FFFF */
    if (s[1] < lo || s[1] > hi)
        return 0;
    for (size_t i = 2; i < n; i++)
        if (!is_continuation(s[i]))
            return 0;
    return n;
}

static void add_escaped(struct text_buf *b, unsigned char c)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *known = strchr(from, c);
    char text[8];
    if (known != NULL)
        (void)snprintf(text, sizeof text, "\\%c", to[known - from]);
    else
        (void)snprintf(text, sizeof text, "\\u%04x", c);
    text_buf_add(b, text);
}

void text_buf_add_json(struct text_buf *b, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    text_buf_add_n(b, "\"", 1);
    while (*p != '\0') {
        size_t plain = 0;
        while (p[plain] >= 0x20 && p[plain] != '"' && p[plain] != '\\' && utf8_length(p + plain) > 0)
            plain += utf8_length(p + plain);
        text_buf_add_n(b, (const char *)p, plain);
        p += plain;
        if (*p == '\0')
            break;
        if (*p < 0x80)
            add_escaped(b, *p);
        else
            text_buf_add(b, "\xEF\xBF\xBD"); /* U+FFFD for each byte that belongs to no character */
        p++;
    }
    text_buf_add_n(b, "\"", 1);
}

void text_buf_clear(struct text_buf *b)
{
    b->len = 0;
    if (b->data != NULL)
        b->data[0] = '\0';
    b->failed = false;
}

void text_buf_done(struct text_buf *b)
{
    free(b->data);
    *b = (struct text_buf){0};
}
