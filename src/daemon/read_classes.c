/* read_classes.c - from quantities to classes. */
#include "daemon/read_classes.h"

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
