/* read_raw_view.h - frames and registers for eyes that look for a word order.
 *
 * Two registers are shown as f32, u32 and s32 in the four orders of their bytes (abcd: most significant
 * first), single ones as u16 and s16. Where the model is known, its own order is marked with the quantity
 * that stands there.
 *
 * Errors:  a failed allocation shows in text_buf.failed.
 * Threads: pure.
 */
#ifndef METERFLEET_CLI_READ_RAW_VIEW_H
#define METERFLEET_CLI_READ_RAW_VIEW_H

#include "bus/read_raw.h"
#include "core/text.h"

struct raw_view {
    const char *device; /* as given */
    const struct settings_bus *bus;
    uint8_t address;
    const struct regmap *model; /* NULL: unknown */
    const struct raw_read *reads;
    size_t n;
};
void raw_view_text(const struct raw_view *v, struct text_buf *out);
/* {"device","address","reads":[{"function","register","count","error","frames":[{"kind","why","ms","bytes"}],
 * "registers":["4365",…],"coil"}]}: programs know how to make floats. */
void raw_view_json(const struct raw_view *v, struct text_buf *out);

/* The shortest text that reads back as the same float32; "nan", "inf". */
#define RAW_FLOAT 24
void raw_view_float(float f, char out[RAW_FLOAT]);

#endif
