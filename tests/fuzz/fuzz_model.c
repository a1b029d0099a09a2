#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "config/model_check.h"
#include "core/rc.h"

/* Any bytes as a model file: what comes out holds together. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 forgets a string that stands where none may: 64 bytes a broken file, its own fault. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct conf_report r = {.errors = 0};
    struct model_draft *d = NULL;
    struct regmap *m = NULL;
    char *text = malloc(size + 1);

    if (text == NULL || size > MODEL_FILE_LIMIT) {
        free(text);
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    if (model_draft_parse("fuzz.cfg", text, size, &r, &d) == RC_OK && d != NULL && !d->bad &&
        model_check(&r, d, &m) == RC_OK) {
        for (size_t i = 1; i < m->n_regs; i++)
            if (m->regs[i].address < m->regs[i - 1].address + m->regs[i - 1].len_regs)
                abort(); /* overlap */
        for (size_t i = 0; i < m->n_regs; i++)
            if (regmap_denied(m, m->regs[i].address, m->regs[i].len_regs))
                abort();
    }
    regmap_free(m);
    model_draft_free(d);
    conf_report_done(&r);
    free(text);
    return 0;
}
