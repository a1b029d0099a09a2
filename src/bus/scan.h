/* scan.h - who answers on a line, at which speed and format, and which model it looks like. It only reads.
 *
 * At each setting every address gets one short question (its address register), which costs one timeout where
 * nobody is. Whoever answers is read by the maps of all models (core/identify.h), asked for coils 0 and 1,
 * and asked its total a few times: two devices under one address contradict each other, or spoil each other's
 * longer replies. A frame that comes when its address is no longer listened to belongs to a slow device: it
 * is asked again with more patience. What answered at a speed is not asked again at this speed in other
 * formats.
 *
 * Units:   milliseconds and nanoseconds of the wire clock.
 * Errors:  scan_run(): RC_OK (also when the stop came: result.stopped), RC_BUSY (another program has the
 * line), RC_DENIED, RC_LINK (no such line, or lost on the way), RC_NOMEM; `why` in a few words. The result
 * holds what was found until then, in any case. Threads: one; blocks SIGPIPE in it while it works. Source:
 * INTERFACES 7; MODBUS over Serial Line V1.02, 2.5.1 (formats), MODBUS Application Protocol V1.1b3, 7
 *          (exceptions 0A and 0B of a gateway mean that nobody answered).
 */
#ifndef METERFLEET_BUS_SCAN_H
#define METERFLEET_BUS_SCAN_H

#include "bus/line.h"
#include "core/address_set.h"
#include "core/identify.h"
#include "core/reading.h"

struct scan_setting {
    uint32_t baud;
    char parity;
    uint8_t stop_bits;
};

enum scan_kind {
    SCAN_METER,   /* of a model we know */
    SCAN_UNKNOWN, /* it answers, and no model fits */
    SCAN_CLASH,   /* two devices have this address */
    SCAN_DAMAGED  /* only damaged replies: another format, a clash, a bad line */
};
enum scan_coil { SCAN_COIL_SILENT, SCAN_COIL_REFUSED, SCAN_COIL_OPEN, SCAN_COIL_CLOSED };

#define SCAN_ALIKE 4
struct scan_find {
    uint8_t address;
    size_t setting; /* index into the order's settings */
    enum scan_kind kind;
    const struct regmap *model;             /* SCAN_METER only */
    const struct regmap *alike[SCAN_ALIKE]; /* models whose registers say the same of it */
    size_t n_alike;
    char serial[READING_TEXT];
    char why[IDENTIFY_WHY + 64]; /* what is wrong; "" if nothing */
    enum scan_coil coil[2];      /* 0 and 1; not asked of SCAN_DAMAGED */
    uint32_t answer_ms;          /* the longest wait for the first character of a reply */
    uint32_t asked, damaged;     /* questions, and replies that came damaged */
};

struct scan_tried {
    size_t asked, answered; /* addresses */
    char skipped[LINE_WHY]; /* why it was not tried, or not to its end */
};

enum scan_event_kind { SCAN_BEGINS, SCAN_ASKED, SCAN_FOUND, SCAN_ENDS };
struct scan_event {
    enum scan_event_kind kind;
    size_t setting;
    size_t to_ask;                  /* SCAN_BEGINS: addresses at this setting */
    uint8_t address;                /* SCAN_ASKED */
    int64_t left_ns;                /* what is left to do, if nobody else answers */
    const struct scan_find *find;   /* SCAN_FOUND */
    const struct scan_tried *tried; /* SCAN_ENDS */
};

struct scan_order {
    struct settings_bus bus; /* its line, timeout and late; speed and format come from the settings */
    const struct scan_setting *settings;
    size_t n_settings;
    size_t n_sure; /* the settings behind these are tried only while nobody answered */
    struct address_set addresses;
    unsigned retries;                   /* of a silent address */
    const struct regmap *const *models; /* in order of preference */
    size_t n_models;
    void (*tell)(void *arg, const struct scan_event *e); /* NULL: nobody listens */
    void *arg;
};

struct scan_result {
    struct scan_find *finds; /* by setting, then address, but slow ones last */
    size_t n;
    struct scan_tried *tried; /* one for each setting */
    uint32_t strange;         /* frames that answered somebody else's questions: another master */
    bool stopped;
};

/* How long it takes when nobody answers at all. */
int64_t scan_most_ns(const struct scan_order *o);
int scan_run(const struct scan_order *o, int stop_fd, struct scan_result *out, char why[LINE_WHY]);
void scan_result_done(struct scan_result *r);

#endif
