/* tariff_text.h - a tariff as canonical text, "key = value" lines as in [tariff …], sorted.
 *
 * Two tariffs have the same text exactly when they mean the same, however they were written: the view
 * `tariff` keeps it, a changed text starts a new verification, and `learn` prints one. Read again as the body
 * of a [tariff] section it gives the same tariff.
 *
 * Errors:  b->failed without memory.
 * Threads: pure.
 * Source:  INTERFACES 2 (Tariffs) and 4 (view tariff).
 */
#ifndef METERFLEET_TARIFF_TARIFF_TEXT_H
#define METERFLEET_TARIFF_TARIFF_TEXT_H

#include "core/text.h"
#include "tariff/tariff.h"

void tariff_text(const struct tariff *t, struct text_buf *b);

#endif
