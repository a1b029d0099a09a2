/* model_draft.h - what one model file says, before it is joined with others and checked as a whole.
 *
 * A model may stand in several files: the maker's, a site overlay (same model, extends = true), and models
 * that build on another by name. Each file becomes a draft that still knows where every register was
 * written; drafts are merged, and only the whole is checked for overlaps (model_check.h).
 *
 * Units:   registers and register addresses, as in core/regmap.h.
 * Errors:  into the report; a draft with an error is marked `bad` and no meter may use its model.
 * Threads: a draft belongs to the model set that reads it.
 * Source:  INTERFACES 3.
 */
#ifndef METERFLEET_CONFIG_MODEL_DRAFT_H
#define METERFLEET_CONFIG_MODEL_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include "config/model_tree.h"
#include "core/regmap.h"

#define MODEL_FILE_LIMIT (256u * 1024u) /* libconfig is quadratic in the length of a string */
#define MODEL_REGS_MOST  1000

/* Where a part was written: for errors found later. */
struct model_origin {
    struct conf_place place;
    char path[TREE_PATH];
};

struct model_reg {
    struct reg reg;
    struct model_origin from;
};
struct model_snapshot {
    struct reg_block block;
    struct model_origin from;
};
struct model_denied {
    struct reg_denied denied;
    struct model_origin from;
};

enum model_kind { MODEL_BASE, MODEL_OVERLAY, MODEL_DERIVED };

/* Which of the map's plain fields a draft gives. */
enum model_given {
    GIVEN_TITLE = 1,
    GIVEN_MAX_REGISTERS = 2,
    GIVEN_WORD_ORDER = 4,
    GIVEN_VOLTAGE = 8,
    GIVEN_CURRENT = 16,
    GIVEN_PULSES = 32,
    GIVEN_ACCURACY = 64,
    GIVEN_SERIAL = 128,
    GIVEN_RELAY = 256,
    GIVEN_DUAL_SOURCE = 512
};

struct model_draft {
    char *file; /* owned */
    size_t dir; /* which directory of the search path; 0 comes first */
    enum model_kind kind;
    char base[REGMAP_NAME]; /* MODEL_DERIVED: the model it builds on */
    struct conf_place model_at, extends_at;
    bool bad, odd_floats;
    unsigned given;    /* enum model_given */
    struct regmap map; /* name and plain fields, and `commission`; the other arrays stay empty */
    struct model_reg *regs;
    size_t n_regs;
    struct model_snapshot *snapshots;
    size_t n_snapshots;
    struct model_denied *denied;
    size_t n_denied;
};

/* Reads `text`; *out is a draft, bad or not, or NULL where the file does not even say which model it is. The
 * errors are in the report. RC_OK or RC_NOMEM. */
int model_draft_parse(const char *file, const char *text, size_t len, struct conf_report *r,
                      struct model_draft **out);
void model_draft_free(struct model_draft *d); /* NULL is fine */

/* A deep copy that shares the file's name (copies never free it); NULL without memory. */
struct model_draft *model_draft_copy(struct conf_report *r, const struct model_draft *d);
/* Lays `over` on `d`: plain fields it gives, registers by quantity, the rest is added. */
int model_draft_merge(struct conf_report *r, struct model_draft *d, const struct model_draft *over);
int model_draft_add_reg(struct conf_report *r, struct model_draft *d, const struct model_reg *reg);

/* The registers and families of a tree (model_regs.c). */
void model_regs_read(const struct tree *t, const config_setting_t *registers,
                     const config_setting_t *families, struct model_draft *d);

#endif
