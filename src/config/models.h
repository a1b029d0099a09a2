/* models.h - all meter models of the search path, joined, checked, found by name.
 *
 * Search path: the directory in the environment's METERFLEET_MODELS, then the one in [gateway] models, then
 * SYSCONFDIR/meterfleet/models, then DATADIR/meterfleet/models; in each the *.cfg in lexical order. Of two
 * models with one name the one found first counts; an overlay (extends = true) is laid over it; a model may
 * build on another by name, overlays included.
 *
 * Units:   registers.
 * Errors:  RC_PARSE when a file or model has an error (each is reported; the set is there all the same, with
 * the models that are sound), RC_NOMEM. Threads: constant once read. Source:  INTERFACES 1 (paths) and 3.
 */
#ifndef METERFLEET_CONFIG_MODELS_H
#define METERFLEET_CONFIG_MODELS_H

#include <stddef.h>
#include "config/settings.h"
#include "core/regmap.h"

struct model_set;

/* `configured` is [gateway] models or NULL. *out is set also with RC_PARSE. */
int models_read(const char *configured, settings_report *report, void *arg, struct model_set **out);
void models_free(struct model_set *s); /* NULL is fine */

/* The models in order of their names; NULL for one with errors. */
size_t models_count(const struct model_set *s);
const char *models_name(const struct model_set *s, size_t i);
const struct regmap *models_at(const struct model_set *s, size_t i);
/* Index by name, or -1. */
int models_find(const struct model_set *s, const char *name);
/* Hands the map over: the caller frees it with regmap_free(), the set goes on showing it. */
struct regmap *models_take(struct model_set *s, size_t i);

#endif
