#include "sim/sim_fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/log.h"
#include "core/rc.h"
#include "core/text.h"
#include "sim/sim_fault_args.h"

/* choices: the words the first argument can be, in the order of the enum; NULL: it is no word. A kind reads
 * its arguments with `read`, which returns what is wrong, or NULL. */
static const struct {
    const char *name, *help;
    bool of_bus;
    const char *(*read)(char **text, struct sim_args *a);
} row[SIM_KINDS] = {
    [SIM_DEAD] = {"dead", "dead: says nothing", false, NULL},
    [SIM_SLOW] = {"slow", "slow DUR [DUR]: answers after DUR (or between the two)", false,
                  sim_args_durations},
    [SIM_LATE] = {"late", "late DUR [DUR]: the same, meant for answers after the timeout", false,
                  sim_args_durations},
    [SIM_DUP] = {"dup", "dup [DUR]: answers twice, DUR (4 ms) apart", false, sim_args_dup},
    [SIM_ECHO] = {"echo", "echo: the request comes back before the answer", false, NULL},
    [SIM_DRIP] = {"drip", "drip [DUR]: a byte every DUR (100 ms)", false, sim_args_drip},
    [SIM_SHORT] = {"short", "short [N]: only the first N bytes (half)", false, sim_args_count},
    [SIM_CRC] = {"crc", "crc: the checksum is wrong", false, NULL},
    [SIM_NOISE] = {"noise", "noise [before|after|inside] [N] [BYTE]: N (3) random bytes, or this one", false,
                   sim_args_noise},
    [SIM_FOREIGN] = {"foreign", "foreign [address|function|only]: another one's frame first (only: alone)",
                     false, sim_args_foreign},
    [SIM_EXC] = {"exc", "exc CODE: refuses with this exception", false, sim_args_code},
    [SIM_ZERO] = {"zero", "zero: all registers read 0", false, NULL},
    [SIM_NAN] = {"nan", "nan [nan|inf|-inf|negative|huge]: all floats read so", false, sim_args_absurd},
    [SIM_FORGE] = {"forge",
                   "forge [ADDRESS VALUE]: one float (or a random byte) is wrong, the checksum right", false,
                   sim_args_forge},
    [SIM_TWIN] = {"twin", "twin: a second meter has the same address", false, NULL},
    [SIM_RELAY] = {"relay", "relay stuck|silent|lost|exc [CODE]: what FC 05 meets", false, sim_args_relay},
    [SIM_MBAP] = {"mbap",
                  "mbap stale|unknown|unit|length|flood|split|twice: what the Modbus TCP gateway says of it",
                  false, sim_args_mbap},
    [SIM_ALIVE] = {"alive", "alive: every fault above ends", false, NULL},
    [SIM_REPAIRED] = {"repaired", "repaired: stuck, clock, table, freeze_reversed and lags end", false, NULL},
    [SIM_STUCK] = {"stuck", "stuck: energy stands still while power flows", false, NULL},
    [SIM_CLEAR] = {"clear", "clear: all energy is cleared", false, NULL},
    [SIM_REPLACE] = {"replace", "replace [KWH]: another meter in its place, with this energy (0)", false,
                     sim_args_energy},
    [SIM_CLOCK] = {"clock", "clock ±DUR | LOCAL-TIME | drift ±DUR: stepped by; set to; fast by DUR a day",
                   false, sim_args_clock},
    [SIM_TABLE] =
        {"table",
         "table relabel HH:MM RATE | move HH:MM HH:MM | drop HH:MM | swap RATE RATE | one RATE | set N "
         "| rest: its tariff differs",
         false, sim_args_table},
    [SIM_FREEZE_REVERSED] = {"freeze_reversed", "freeze_reversed: the twelve months are listed oldest first",
                             false, NULL},
    [SIM_SWITCHING_LAG] = {"switching_lag",
                           "switching_lag DUR: rates and months change DUR after their minute", false,
                           sim_args_lag},
    [SIM_REGISTER_LAG] = {"register_lag", "register_lag DUR: shows what was DUR ago", false, sim_args_lag},
    [SIM_MUTE] = {"mute", "mute: a short circuit, nobody hears anybody", true, NULL},
    [SIM_BABBLE] = {"babble", "babble: the line is never silent", true, NULL},
    [SIM_UNPLUG] = {"unplug", "unplug: the adapter is gone (pseudo-terminal closed, link removed)", true,
                    NULL},
    [SIM_PLUG] = {"plug", "plug: it is back, under another name behind the same link; mute and babble end",
                  true, NULL},
    [SIM_RESET] = {"reset",
                   "reset [frame]: TCP connections of the bus are reset (frame: within the next answer)",
                   true, sim_args_reset},
    [SIM_REFUSE] = {"refuse", "refuse: TCP connections are closed and refused, until plug", true, NULL},
    [SIM_HALF_OPEN] = {"half_open",
                       "half_open: TCP connections stay, and nothing passes any more, until plug", true,
                       NULL},
};

const char *sim_fault_name(enum sim_kind kind)
{
    return row[kind].name;
}

bool sim_fault_is_of_bus(enum sim_kind kind)
{
    return row[kind].of_bus;
}

const char *sim_fault_help(size_t i)
{
    return i < SIM_KINDS ? row[i].help : NULL;
}

static bool read_when(const char *word, struct sim_event *e)
{
    if (word[0] == '+') {
        e->real = true;
        return text_to_duration_ms(word + 1, 0, 366 * INT64_C(86400000), &e->at_ms) == RC_OK;
    }
    e->real = false;
    char iso[64];
    return text_format(iso, sizeof iso, "%sZ", word) && text_to_utc_ms(iso, &e->at_ms) == RC_OK;
}

static bool read_meters(char *meters, struct sim_event *e)
{
    if (strcmp(meters, "*") == 0) {
        e->all_meters = true;
        return true;
    }
    char *dash = strchr(meters, '-');
    uint16_t first, last;
    if (dash != NULL)
        *dash = '\0';
    if (text_to_u16(meters, 1, 247, &first) != RC_OK)
        return false;
    last = first;
    if (dash != NULL && text_to_u16(dash + 1, first, 247, &last) != RC_OK)
        return false;
    e->first = first;
    e->last = last;
    return true;
}

static bool read_target(char *word, struct sim_event *e)
{
    if (strcmp(word, "*") == 0) {
        e->all_buses = e->all_meters = e->whole_bus = true;
        return true;
    }
    char *slash = strchr(word, '/');
    if (slash != NULL)
        *slash = '\0';
    uint16_t bus;
    if (strncmp(word, "bus", 3) != 0 || text_to_u16(word + 3, 0, 255, &bus) != RC_OK)
        return false;
    e->bus = bus;
    e->all_meters = e->whole_bus = slash == NULL;
    return slash == NULL || read_meters(slash + 1, e);
}

static bool read_kind(const char *word, enum sim_kind *out)
{
    for (int i = 0; i < SIM_KINDS; i++) {
        if (strcmp(word, row[i].name) == 0) {
            *out = (enum sim_kind)i;
            return true;
        }
    }
    return false;
}

/* Takes SHARE% and xN off the end of the arguments. False: one of them cannot be read. */
static bool read_tail(char *text, struct sim_event *e)
{
    for (;;) {
        size_t n = strlen(text);
        while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
            text[--n] = '\0';
        char *word = text + n;
        while (word > text && word[-1] != ' ' && word[-1] != '\t')
            word--;
        uint64_t times;
        uint32_t share;
        if (n > 0 && text[n - 1] == '%') {
            if (text_to_share_bp(word, 0, 10000, &share) != RC_OK)
                return false;
            e->share_ppm = share * 100;
        } else if (word[0] == 'x') {
            if (text_to_u64(word + 1, 1, INT32_MAX, &times) != RC_OK)
                return false;
            e->times = (int64_t)times;
        } else {
            return true;
        }
        *word = '\0';
    }
}

int sim_fault_parse(const char *line, struct sim_event *out, char wrong[160])
{
    static const char *names[SIM_KINDS];
    for (int i = 0; i < SIM_KINDS; i++)
        names[i] = row[i].name;
    char buffer[256], *text = buffer;
    struct sim_event e = {.share_ppm = 1000000, .times = -1};
    if (!text_format(buffer, sizeof buffer, "%s", line)) {
        text_format(wrong, 160, "longer than 255 bytes");
        return RC_PARSE;
    }
    char *when = sim_args_word(&text), *target = sim_args_word(&text), *kind = sim_args_word(&text);
    const char *bad = NULL;
    if (kind == NULL)
        bad = "expected WHEN TARGET KIND [ARG…]";
    else if (!read_when(when, &e))
        bad = "WHEN is +DURATION or YYYY-MM-DDTHH:MM";
    else if (!read_target(target, &e))
        bad = "TARGET is bus0/5, bus0/1-4, bus0/*, bus0 or *";
    if (bad == NULL && !read_kind(kind, &e.kind)) {
        const char *near = text_nearest(kind, names, SIM_KINDS);
        text_format(wrong, 160,
                    near == NULL ? "no fault is called \"%.40s\""
                                 : "no fault is called \"%.40s\" (did you mean \"%s\"?)",
                    kind, near);
        return RC_PARSE;
    }
    if (bad == NULL && row[e.kind].of_bus && !e.whole_bus)
        bad = "this happens to a whole bus, not to one meter";
    if (bad == NULL && !read_tail(text, &e))
        bad = "the share is 0 % to 100 %, without a blank; the count x1 or more";
    if (bad == NULL && row[e.kind].read != NULL)
        bad = row[e.kind].read(&text, &e.args);
    if (bad == NULL && sim_args_word(&text) != NULL)
        bad = "more arguments than this fault has";
    if (bad != NULL) {
        text_format(wrong, 160, "%s", bad);
        return RC_PARSE;
    }
    *out = e;
    return RC_OK;
}

static int read_lines(FILE *file, const char *path, struct sim_schedule *s)
{
    char line[300], wrong[160];
    int rc = RC_OK;
    for (unsigned number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        line[strcspn(line, "\r\n")] = '\0';
        char *text = line + strspn(line, " \t");
        if (*text == '\0' || *text == '#' || *text == ';')
            continue;
        struct sim_event e;
        if (sim_fault_parse(text, &e, wrong) != RC_OK) {
            log_error("%s:%u: fault: %s", path, number, wrong);
            rc = RC_PARSE;
            continue;
        }
        e.line = number;
        struct sim_event *more = realloc(s->event, (s->n + 1) * sizeof *more);
        if (more == NULL)
            return RC_NOMEM;
        s->event = more;
        s->event[s->n++] = e;
    }
    return rc;
}

int sim_fault_read(const char *path, struct sim_schedule *out)
{
    struct sim_schedule s = {0};
    struct stat st;
    int rc = RC_PARSE;
    FILE *file = fopen(path, "re");
    if (file == NULL || fstat(fileno(file), &st) != 0 || !S_ISREG(st.st_mode))
        log_error("%s: faults: %s", path, file == NULL ? "cannot be opened" : "is not a file");
    else
        rc = read_lines(file, path, &s);
    if (file != NULL)
        fclose(file);
    if (rc == RC_OK)
        *out = s;
    else
        sim_fault_done(&s);
    return rc;
}

void sim_fault_done(struct sim_schedule *s)
{
    free(s->event);
    *s = (struct sim_schedule){0};
}
