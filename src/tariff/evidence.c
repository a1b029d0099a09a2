#include "tariff/evidence.h"

#include <stdlib.h>

bool evidence_add(struct evidence_list *l, int64_t lo_utc_ms, int64_t hi_utc_ms, unsigned rates,
                  unsigned forbidden)
{
    if (hi_utc_ms - lo_utc_ms > INT32_MAX || hi_utc_ms < lo_utc_ms)
        return true;
    if (l->n == l->room) {
        size_t room = l->room == 0 ? 1024 : l->room * 2;
        struct evidence *piece = realloc(l->piece, room * sizeof *piece);
        if (piece == NULL)
            return false;
        l->piece = piece;
        l->room = room;
    }
    l->piece[l->n++] = (struct evidence){.lo_utc_ms = lo_utc_ms,
                                         .length_ms = (uint32_t)(hi_utc_ms - lo_utc_ms),
                                         .rates = (uint8_t)rates,
                                         .forbidden = (uint8_t)forbidden};
    return true;
}

void evidence_done(struct evidence_list *l)
{
    free(l->piece);
    *l = (struct evidence_list){0};
}
