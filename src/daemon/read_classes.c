/* read_classes.c - from quantities to classes. */
#include "daemon/read_classes.h"

#include "core/rc.h"
#include "core/text.h"

#define QUICK ((1u << CLASS_LIVE) | (1u << CLASS_ENERGY) | (1u << CLASS_DEMAND))

static unsigned all_classes(const struct regmap *m)
{
    unsigned classes = 0;
    for (size_t i = 0; i < m->n_regs; i++)
        classes |= 1u << m->regs[i].klass;
    return classes;
}

unsigned read_classes(const struct regmap *m, const int quantities[], size_t n, int *lacking)
{
    unsigned classes = n == 0 ? QUICK & all_classes(m) : 0;
    *lacking = -1;
    for (size_t i = 0; i < n; i++) {
        const struct reg *r = regmap_find(m, quantities[i]);
        if (r != NULL) {
            classes |= 1u << r->klass;
        } else if (quantities[i] == Q_RELAY_DO1 && m->has_relay) {
            classes |= 1u << CLASS_RELAY; /* a coil, no register */
        } else {
            *lacking = quantities[i];
            return 0;
        }
    }
    return classes;
}

bool read_classes_asked(const int quantities[], size_t n, int quantity)
{
    for (size_t i = 0; i < n; i++)
        if (quantities[i] == quantity)
            return true;
    return n == 0;
}

/* Everything there is to say about one class. */
struct look {
    enum reg_class klass;
    bool named; /* quantities were asked for by their names */
    const struct reading *reading;
    int rc;
};

static bool is_there(const struct look *l, int quantity)
{
    if (l->reading == NULL)
        return false;
    if (quantity == Q_SERIAL_NUMBER && l->rc == RC_OK)
        return true; /* a text, that may be empty */
    return reading_get(l->reading, quantity) != NULL;
}

/* False: it is there, or nobody misses it. */
static bool lacks(const struct look *l, int quantity, struct read_lack *out)
{
    if (is_there(l, quantity))
        return false;
    *out = (struct read_lack){.quantity = quantity, .klass = l->klass};
    const char *reason = l->rc == RC_OK ? "the meter does not have it" : rc_text(l->rc);
    if (l->rc == RC_PARSE) {
        out->rejected = true;
        reason = "its reply cannot be believed";
    }
    for (uint16_t i = 0; l->reading != NULL && i < l->reading->rejected; i++) {
        enum reject why;
        if (reading_rejected(l->reading, i, &why) != quantity)
            continue;
        out->rejected = true;
        reason = reject_text(why);
    }
    text_format(out->reason, sizeof out->reason, "%s", reason);
    return out->rejected || l->named || l->rc != RC_OK;
}

size_t read_lacks(const struct regmap *m, const int quantities[], size_t n,
                  struct reading *const readings[CLASS_COUNT], const int rcs[CLASS_COUNT],
                  struct read_lack out[])
{
    int lacking;
    unsigned classes = read_classes(m, quantities, n, &lacking);
    size_t count = 0;
    for (unsigned c = 0; c < CLASS_COUNT; c++) {
        const struct look l = {(enum reg_class)c, n > 0, readings[c], rcs[c]};
        if ((classes >> c & 1u) == 0)
            continue;
        if (!l.named && l.reading == NULL) {
            out[count] = (struct read_lack){.quantity = -1, .klass = l.klass};
            text_format(out[count++].reason, READ_REASON, "%s", rc_text(l.rc));
            continue;
        }
        for (size_t i = 0; i < m->n_regs && count < Q_COUNT; i++)
            if (m->regs[i].klass == l.klass && read_classes_asked(quantities, n, m->regs[i].quantity))
                count += lacks(&l, m->regs[i].quantity, &out[count]);
        if (c == CLASS_RELAY && count < Q_COUNT && read_classes_asked(quantities, n, Q_RELAY_DO1))
            count += lacks(&l, Q_RELAY_DO1, &out[count]); /* a coil, no register */
    }
    return count;
}
