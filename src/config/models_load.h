/* models_load.h - reading the models as a part of reading a whole configuration (models.h is for everybody
 * else).
 *
 * Units, errors, threads: as models.h; errors go into a report that is shared with the INI files.
 */
#ifndef METERFLEET_CONFIG_MODELS_LOAD_H
#define METERFLEET_CONFIG_MODELS_LOAD_H

#include "config/models.h"
#include "config/report.h"

#define MODELS_DIRS 4 /* environment, configuration, SYSCONFDIR, DATADIR */

/* Fills the search path; gives how many. */
size_t models_search(const char *configured, const char *dirs[MODELS_DIRS]);
/* RC_OK also when models have errors: they are counted in the report. RC_NOMEM. */
int models_find_and_load(const char *configured, struct conf_report *r, struct model_set **out);
int models_load(const char *const *dirs, size_t n, struct conf_report *r, struct model_set **out);

#endif
