/* ackset.c - spans of acknowledged numbers. */
#include "share/ackset.h"

#include <stdio.h>
#include <string.h>
#include "core/rc.h"

#define SEQ_MAX ((uint64_t)INT64_MAX) /* the largest number SQLite stores; to + 1 never wraps */

/* Index of the first span that ends at or behind seq; a->n when none does. */
static size_t find_span(const struct ackset *a, uint64_t seq)
{
    size_t lo = 0, hi = a->n;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (a->span[middle].to < seq)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}

static void remove_span(struct ackset *a, size_t at)
{
    memmove(&a->span[at], &a->span[at + 1], (a->n - at - 1) * sizeof a->span[0]);
    a->n--;
}

/* The shortest span, the highest of several: its loss costs fewest messages sent again. */
static size_t shortest_span(const struct ackset *a)
{
    size_t best = a->n - 1;
    for (size_t i = best; i-- > 0;)
        if (a->span[i].to - a->span[i].from < a->span[best].to - a->span[best].from)
            best = i;
    return best;
}

/* Room for a span of one number at index `at`; false when that is itself the one to forget. At index 0 it
 * always finds room: the first span makes acked_seq. */
static bool make_room(struct ackset *a, size_t at)
{
    if (a->n < ACKSET_SPANS)
        return true;
    size_t victim = shortest_span(a);
    if (at > 0 && (a->span[victim].to > a->span[victim].from || victim < at))
        return false;
    remove_span(a, victim);
    return true;
}

void ackset_add(struct ackset *a, uint64_t seq)
{
    if (seq == 0 || seq > SEQ_MAX)
        return;
    size_t at = find_span(a, seq);
    if (at < a->n && a->span[at].from <= seq)
        return;
    bool joins_left = at > 0 && a->span[at - 1].to + 1 == seq;
    bool joins_right = at < a->n && a->span[at].from == seq + 1;
    if (joins_left && joins_right) {
        a->span[at - 1].to = a->span[at].to;
        remove_span(a, at);
    } else if (joins_left) {
        a->span[at - 1].to = seq;
    } else if (joins_right) {
        a->span[at].from = seq;
    } else {
        if (!make_room(a, at))
            return;
        memmove(&a->span[at + 1], &a->span[at], (a->n - at) * sizeof a->span[0]);
        a->span[at].from = a->span[at].to = seq;
        a->n++;
    }
}

void ackset_add_span(struct ackset *a, uint64_t from, uint64_t to)
{
    if (from == 0)
        from = 1;
    if (to > SEQ_MAX)
        to = SEQ_MAX;
    if (from > to)
        return;
    ackset_add(a, from);
    size_t at = find_span(a, from);
    if (at >= a->n || a->span[at].from > from) /* there was no room for it */
        return;
    if (to > a->span[at].to)
        a->span[at].to = to;
    while (at + 1 < a->n && a->span[at + 1].from <= a->span[at].to + 1) {
        if (a->span[at + 1].to > a->span[at].to)
            a->span[at].to = a->span[at + 1].to;
        remove_span(a, at + 1);
    }
}

bool ackset_has(const struct ackset *a, uint64_t seq)
{
    size_t at = find_span(a, seq);
    return at < a->n && a->span[at].from <= seq;
}

uint64_t ackset_contiguous(const struct ackset *a)
{
    return a->n > 0 && a->span[0].from == 1 ? a->span[0].to : 0;
}

uint64_t ackset_next_missing(const struct ackset *a, uint64_t from)
{
    if (from == 0)
        from = 1;
    size_t at = find_span(a, from);
    return at < a->n && a->span[at].from <= from ? a->span[at].to + 1 : from;
}

void ackset_to_text(const struct ackset *a, char out[ACKSET_TEXT])
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < a->n; i++) {
        int n = snprintf(out + len, ACKSET_TEXT - len, "%s%llu-%llu", i > 0 ? "," : "",
                         (unsigned long long)a->span[i].from, (unsigned long long)a->span[i].to);
        len += n > 0 ? (size_t)n : 0;
    }
}

/* Digits without leading zero at *s, 1 to SEQ_MAX. */
static int take_seq(const char **s, uint64_t *out)
{
    const char *p = *s;
    if (*p < '1' || *p > '9')
        return RC_PARSE;
    uint64_t value = 0;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value) || value > SEQ_MAX)
            return RC_RANGE;
    *s = p;
    *out = value;
    return RC_OK;
}

int ackset_from_text(const char *s, struct ackset *a)
{
    struct ackset read = {0};
    while (*s != '\0') {
        uint64_t from, to;
        int rc = take_seq(&s, &from);
        if (rc != RC_OK)
            return rc;
        if (*s++ != '-')
            return RC_PARSE;
        rc = take_seq(&s, &to);
        if (rc != RC_OK)
            return rc;
        bool apart = read.n == 0 || from > read.span[read.n - 1].to + 1;
        if (from > to || !apart || read.n == ACKSET_SPANS)
            return RC_RANGE;
        read.span[read.n].from = from;
        read.span[read.n].to = to;
        read.n++;
        if (*s == ',' && s[1] != '\0')
            s++;
        else if (*s != '\0')
            return RC_PARSE;
    }
    *a = read;
    return RC_OK;
}
