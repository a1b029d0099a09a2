#include "core/span.h"

#include <stdlib.h>
#include "core/rc.h"

/* What is read together or not at all: [address, end). */
struct atom {
    uint32_t address, end;
};

static bool wanted(const struct reg *r, unsigned classes)
{
    return (classes & SPAN_CLASS(r->klass)) != 0;
}

static const struct reg_block *snapshot_of(const struct regmap *m, const struct reg *r)
{
    for (size_t i = 0; i < m->n_snapshots; i++) {
        const struct reg_block *s = &m->snapshots[i];
        if (r->address >= s->address && r->address < (uint32_t)s->address + s->len_regs)
            return s;
    }
    return NULL;
}

static uint32_t reg_end(const struct reg *r)
{
    return (uint32_t)r->address + r->len_regs;
}

/* True when r belongs to the same settlement family as before and stands directly behind it. */
static bool same_family(const struct reg *before, const struct reg *r)
{
    return quantity_is_settlement(before->quantity) && quantity_is_settlement(r->quantity) &&
           quantity_family(before->quantity) == quantity_family(r->quantity) && reg_end(before) == r->address;
}

/* One past the last register of the family that begins at regs[i]. */
static size_t family_end(const struct regmap *m, size_t i, unsigned classes)
{
    size_t k = i + 1;
    while (k < m->n_regs && wanted(&m->regs[k], classes) && same_family(&m->regs[k - 1], &m->regs[k]))
        k++;
    return k;
}

static size_t snapshot_end(const struct regmap *m, size_t i, const struct reg_block *s)
{
    size_t k = i + 1;
    while (k < m->n_regs && snapshot_of(m, &m->regs[k]) == s)
        k++;
    return k;
}

/* Cuts the wanted registers into atoms; at most n_regs of them. */
static size_t cut_atoms(const struct regmap *m, unsigned classes, uint32_t most, struct atom *atoms)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_regs;) {
        const struct reg *r = &m->regs[i];
        if (!wanted(r, classes)) {
            i++;
            continue;
        }
        const struct reg_block *s = snapshot_of(m, r);
        size_t k = s != NULL ? snapshot_end(m, i, s) : family_end(m, i, classes);
        while (s != NULL && !wanted(&m->regs[k - 1], classes))
            k--; /* the snapshot's tail may belong to a class nobody asked for */
        if (s == NULL && reg_end(&m->regs[k - 1]) - r->address > most)
            k = i + 1; /* a family too long for one request is cut between its slots */
        atoms[n++] = (struct atom){r->address, reg_end(&m->regs[k - 1])};
        i = k;
    }
    return n;
}

/* Two requests of one length in a row: let a later one of another length come between them. */
static void vary_lengths(struct span_plan *plan)
{
    for (size_t i = 0; i + 1 < plan->n; i++) {
        size_t k = i + 1;
        while (k < plan->n && plan->spans[k].len_regs == plan->spans[i].len_regs)
            k++;
        if (k == plan->n)
            return;
        struct span other = plan->spans[k];
        for (; k > i + 1; k--)
            plan->spans[k] = plan->spans[k - 1];
        plan->spans[i + 1] = other;
    }
}

static bool joins(const struct regmap *m, const struct span *open, const struct atom *a, uint32_t most,
                  uint16_t gap)
{
    uint32_t end = (uint32_t)open->address + open->len_regs;
    uint32_t between = a->address - end;
    if (between > gap || a->end - open->address > most)
        return false;
    return between == 0 || !regmap_denied(m, (uint16_t)end, (uint16_t)between);
}

int span_plan_new(const struct regmap *m, unsigned classes, const struct span_limits *limits,
                  struct span_plan **out)
{
    int rc = RC_NOMEM;
    uint32_t most = m->max_registers;
    if (limits != NULL && limits->most_regs != 0 && limits->most_regs < most)
        most = limits->most_regs;
    if (most > SPAN_MOST_REGS)
        most = SPAN_MOST_REGS;
    uint16_t gap = limits != NULL ? limits->gap_regs : 0;

    struct atom *atoms = calloc(m->n_regs + 1, sizeof *atoms);
    struct span_plan *plan = NULL;
    if (atoms == NULL)
        goto done;
    size_t n = cut_atoms(m, classes, most, atoms);
    plan = calloc(1, sizeof *plan + n * sizeof plan->spans[0]);
    if (plan == NULL)
        goto done;
    plan->classes = classes;
    rc = RC_RANGE;
    for (size_t i = 0; i < n; i++) {
        const struct atom *a = &atoms[i];
        if (a->end - a->address > most || a->end > 0x10000)
            goto done;
        struct span *open = plan->n > 0 ? &plan->spans[plan->n - 1] : NULL;
        if (open != NULL && joins(m, open, a, most, gap))
            open->len_regs = (uint16_t)(a->end - open->address);
        else
            plan->spans[plan->n++] = (struct span){(uint16_t)a->address, (uint16_t)(a->end - a->address)};
    }
    vary_lengths(plan);
    *out = plan; /* the caller's now */
    plan = NULL;
    rc = RC_OK;
done:
    free(plan);
    free(atoms);
    return rc;
}

/* Where to cut a span: *end of the first part, *begin of the second. False: it is one atom. */
static bool find_cut(const struct atom *atoms, size_t n, const struct span *s, uint32_t *end, uint32_t *begin)
{
    uint32_t s_end = (uint32_t)s->address + s->len_regs, middle = s->address + s->len_regs / 2u;
    uint32_t widest = 0, nearest = UINT32_MAX;
    bool found = false;
    for (size_t i = 0; i + 1 < n; i++) {
        const struct atom *a = &atoms[i], *b = &atoms[i + 1];
        if (a->address < s->address || b->end > s_end)
            continue;
        uint32_t gap = b->address - a->end;
        uint32_t off = a->end > middle ? a->end - middle : middle - a->end;
        if (found && (gap < widest || (gap == widest && off >= nearest)))
            continue;
        found = true;
        widest = gap;
        nearest = off;
        *end = a->end;
        *begin = b->address;
    }
    return found;
}

int span_plan_split(const struct regmap *m, const struct span_plan *plan, size_t k, struct span_plan **out)
{
    const struct span *s = &plan->spans[k];
    uint32_t end = 0, begin = 0;
    struct atom *atoms = calloc(m->n_regs + 1, sizeof *atoms);
    if (atoms == NULL)
        return RC_NOMEM;
    size_t n = cut_atoms(m, plan->classes, SPAN_MOST_REGS, atoms);
    bool found = find_cut(atoms, n, s, &end, &begin);
    free(atoms);
    if (!found)
        return RC_RANGE;
    struct span_plan *new = malloc(sizeof *new + (plan->n + 1) * sizeof new->spans[0]);
    if (new == NULL)
        return RC_NOMEM;
    new->classes = plan->classes;
    new->n = plan->n + 1;
    for (size_t i = 0; i < plan->n; i++)
        new->spans[i < k ? i : i + 1] = plan->spans[i];
    new->spans[k] = (struct span){s->address, (uint16_t)(end - s->address)};
    new->spans[k + 1] =
        (struct span){(uint16_t)begin, (uint16_t)(s->address + (uint32_t)s->len_regs - begin)};
    vary_lengths(new);
    *out = new; /* the caller's now */
    return RC_OK;
}

void span_plan_drop(struct span_plan *plan, size_t k)
{
    for (; k + 1 < plan->n; k++)
        plan->spans[k] = plan->spans[k + 1];
    plan->n--;
}

void span_plan_free(struct span_plan *plan)
{
    free(plan);
}

size_t span_values(const struct regmap *m, unsigned classes)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_regs; i++)
        n += wanted(&m->regs[i], classes) ? 1 : 0;
    return n;
}

struct span span_probe(const struct regmap *m, bool longer)
{
    const unsigned order[] = {CLASS_LIVE, CLASS_ENERGY, CLASS_DEMAND, CLASS_IDENTITY, CLASS_SETTLEMENT};
    for (size_t c = 0; c < sizeof order / sizeof order[0]; c++) {
        for (size_t i = 0; i < m->n_regs; i++) {
            const struct reg *r = &m->regs[i];
            if (r->klass != order[c])
                continue;
            bool pair = longer && i + 1 < m->n_regs && reg_end(r) == m->regs[i + 1].address;
            uint32_t end = pair ? reg_end(&m->regs[i + 1]) : reg_end(r);
            return (struct span){r->address, (uint16_t)(end - r->address)};
        }
    }
    return (struct span){0, 0};
}
