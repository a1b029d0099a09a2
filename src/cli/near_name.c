#include "cli/near_name.h"

#include <stdlib.h>
#include "config/settings.h"

void complain_near(const struct cli_args *a, enum near_what what, const char *word, const char *why)
{
    struct settings *s;
    if (settings_read(a->config, NULL, NULL, &s) != RC_OK) {
        complain("%s", why);
        return;
    }
    size_t n = what == NEAR_METER ? s->n_meters : s->n_buses;
    const char **names = calloc(n + 1, sizeof *names), *near = NULL;
    if (names != NULL) {
        for (size_t i = 0; i < n; i++)
            names[i] = what == NEAR_METER ? s->meters[i].name : s->buses[i].name;
        near = options_suggest(word, names, n);
    }
    if (near != NULL)
        complain("%s: did you mean %s?", why, near);
    else
        complain("%s", why);
    free(names);
    settings_free(s);
}
