/* learn.h - the day tables a meter really runs, as far as its movements prove them, and the tariff that says
 * so.
 *
 * Days are taken by the types of the configured calendar and, where their evidence contradicts, apart
 * (learn_days.h). Each group's simplest table gives switch-overs with the span in which each is proven to lie
 * for any clock within +-S and lag up to G (learn_windows.h). Where nothing contradicts the configured table
 * it is proposed as it is; else the learned one, each switch-over at the roundest minute that explains
 * everything. It is proposed, never applied.
 *
 * Units:   minutes of the meter's day, as a clock without error would show them.
 * Errors:  RC_NOMEM.
 * Threads: plain data, one owner. Memory: 16 bytes for each reading that moved (the evidence), 26 KB for each
 * of at most LEARN_GROUPS groups of days, 40 bytes a day. Source:  DOMAIN 4.5 ("Learning a table: cluster t_B
 * modulo 24 h per day type; propose, never apply").
 */
#ifndef METERFLEET_TARIFF_LEARN_H
#define METERFLEET_TARIFF_LEARN_H

#include "tariff/diagnosis.h"
#include "tariff/learn_days.h"

#define LEARN_SWITCHES (LEARN_RUNS + 1) /* of a day, and one at midnight */
#define LEARN_UNKNOWN  8
#define LEARN_GAP      30 /* a shorter time without movement is not worth telling */
#define LEARN_WIDEST   60 /* longer windows do not tell when something moved */

struct learned_switch {
    uint8_t from, to; /* enum rate */
    int16_t earliest,
        latest;      /* proven: it begins between these; one at midnight also in the evening before */
    uint16_t minute; /* proposed */
    uint16_t days;   /* on how many days it was seen */
    bool has_seen;   /* one span fits all of these days: the clock was steady */
    int32_t seen_lo_s, seen_hi_s; /* then it happened between these by our clock, seconds of the day */
};
struct learned_span {
    uint16_t from, to;
};
enum learned_kind {
    LEARNED_CONFIGURED, /* nothing contradicts the configured table: it is proposed */
    LEARNED_OWN,        /* the table the readings prove is proposed */
    LEARNED_NOTHING     /* no table: nothing moved wholly within a day, or no table explains these days */
};
struct learned_table { /* of the group of days with the same index */
    enum learned_kind kind;
    uint8_t number; /* of the table in the proposal, 0: none */
    uint8_t rates;  /* mask of the rates that moved */
    uint8_t n;
    struct learned_switch change[LEARN_SWITCHES]; /* ascending; one at midnight comes first */
    uint8_t n_unknown;
    struct learned_span unknown[LEARN_UNKNOWN]; /* nothing moved on any of the days */
    uint8_t minutes[LEARN_DAY];                 /* the proposed table, a rate for each minute */
};
#define LEARN_TEXT        DIAGNOSIS_TEXT
#define LEARN_DIFFERENCES 24
struct learned_difference {
    enum diagnosis_code code;
    char text[LEARN_TEXT];
};
struct learned {
    bool configured;    /* there was a tariff to compare with */
    bool as_configured; /* and nothing contradicts it: the proposal is the same */
    struct learn_days days;
    struct learned_table *table; /* one a group */
    bool proposes; /* the proposal has a day table; without any movement and tariff it has none */
    struct tariff proposal;
    size_t dated, unfit; /* days given as dated holidays; days on which something moved that the proposal does
                            not allow */
    size_t n_differences;
    struct learned_difference difference[LEARN_DIFFERENCES]; /* most specific first */
};

/* t gives offset and assumptions; without any day table there is nothing to compare with. diagnoses: the
 * engine's over the same record; they are among the differences. */
int learn_make(const struct tariff *t, const struct evidence_list *evidence,
               const struct diagnosis_list *diagnoses, struct learned **out);
void learn_free(struct learned *l);

/* Which days a group has, in words: "2026-11-18", "sat, sun", "2026-10-12 to 2026-10-20". */
#define LEARN_WHICH 80
void learn_which(const struct learn_days *d, size_t group, char out[LEARN_WHICH]);

#endif
