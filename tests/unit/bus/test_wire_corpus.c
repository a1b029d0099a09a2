/* Plays tests/data/wire_corpus.txt: scripted lines, and what must come of each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "bus/exchange.h"
#include "bus/line.h"
#include "core/rc.h"
#include "fake/fake_line.h"
#include "fake/fake_model.h"
#include "unit_main.h"

#define CASES 128
#define STEPS 8
#define LINE  512

struct wire_case {
    char title[LINE];
    bool on[3]; /* enum bus_kind */
    char play[LINE];
    char step[STEPS][LINE]; /* "ask …" and "wait …" */
    unsigned n_steps;
};

static struct wire_case cases[CASES];
static int n_cases;
static struct regmap *map;

static const char *after(const char *text, const char *word)
{
    size_t n = strlen(word);
    return strncmp(text, word, n) == 0 && (text[n] == ' ' || text[n] == '\0')
               ? text + n + strspn(text + n, " ")
               : NULL;
}

/* Before any test runs, so there is nobody to report it to. */
static void give_up(int line)
{
    fprintf(stderr, "wire_corpus.txt:%d: cannot be understood\n", line);
    exit(1);
}

static void take_line(struct wire_case *c, const char *text, int line)
{
    const char *rest;
    if ((rest = after(text, "on")) != NULL) {
        c->on[BUS_SERIAL] = strstr(rest, "serial") != NULL;
        c->on[BUS_RTU_TCP] = strstr(rest, "rtutcp") != NULL;
        c->on[BUS_TCP] = strstr(rest, " tcp") != NULL || strncmp(rest, "tcp", 3) == 0;
    } else if ((rest = after(text, "play")) != NULL) {
        snprintf(c->play, sizeof c->play, "%.500s", rest);
    } else {
        if ((after(text, "ask") == NULL && after(text, "wait") == NULL) || c->n_steps == STEPS)
            give_up(line);
        snprintf(c->step[c->n_steps++], LINE, "%.500s", text);
    }
}

static void read_corpus(void)
{
    char text[LINE];
    int line = 0;
    FILE *f = fopen(TEST_DATA "/wire_corpus.txt", "re");
    if (f == NULL)
        give_up(0);
    while (fgets(text, sizeof text, f) != NULL) {
        text[strcspn(text, "\n")] = '\0';
        line++;
        if (text[0] == '#' || text[0] == '\0')
            continue;
        if (text[0] != ' ') {
            if (n_cases == CASES)
                give_up(line);
            snprintf(cases[n_cases].title, LINE, "%.500s", text);
            cases[n_cases].on[BUS_SERIAL] = cases[n_cases].on[BUS_RTU_TCP] = true;
            n_cases++;
        } else if (n_cases > 0) {
            take_line(&cases[n_cases - 1], text + strspn(text, " "), line);
        }
    }
    fclose(f);
}

/* What came of it, in the words of the corpus. */
static void outcome(int rc, const struct exchange_request *q, const struct exchange_reply *r, char out[LINE])
{
    size_t n = 0;
    out[0] = '\0';
    for (unsigned i = 0; rc == RC_OK && i < q->count; i++)
        n += (size_t)snprintf(out + n, LINE - n, "%s%04X", i > 0 ? " " : "", r->regs[i]);
    if (rc == RC_NOREG || rc == RC_REFUSED)
        n += (size_t)snprintf(out, LINE, "%s %u", rc == RC_NOREG ? "absent" : "refused", r->exception);
    else if (rc == RC_LINK)
        n += (size_t)snprintf(out, LINE, "gone");
    else if (rc != RC_OK)
        n += (size_t)snprintf(out, LINE, "%s",
                              r->sent_ns == 0           ? "unasked"
                              : r->fault == FAULT_CRC   ? "crc"
                              : r->fault == FAULT_SHORT ? "short"
                              : rc == RC_NOANSWER       ? "silence"
                                                        : rc_text(rc));
    if (r->foreign > 0)
        snprintf(out + n, LINE - n, " foreign %u", r->foreign);
}

static void do_ask(const struct wire_case *c, struct line *line, const char *step)
{
    struct exchange_reply reply;
    char *rest, got[LINE];
    unsigned long unit = strtoul(step + 4, &rest, 0), address = strtoul(rest, &rest, 0);
    unsigned long count = strtoul(rest, &rest, 0);
    ck_assert_msg(*rest == ':', "%s: %s", c->title, step);
    struct exchange_request q = {.unit = (uint8_t)unit,
                                 .function = EXCHANGE_READ_REGISTERS,
                                 .address = (uint16_t)address,
                                 .count = (uint16_t)count,
                                 .model = map};
    int rc = exchange_run(line, &q, &reply);
    outcome(rc, &q, &reply, got);
    const char *want = rest + 1 + strspn(rest + 1, " ");
    ck_assert_msg(strcmp(got, want) == 0, "%s: %s: it was %s", c->title, step, got);
    if (reply.sent_ns == 0)
        return;
    ck_assert_int_ge(reply.done_ns, reply.sent_ns);
    ck_assert_int_le(reply.done_ns - reply.sent_ns, 1000000000); /* a busy machine may add to the 200 ms */
}

static void play(enum bus_kind kind, const struct wire_case *c)
{
    char why[LINE_WHY];
    struct line *line;
    if (!c->on[kind])
        return;
    struct fake_line *fake = fake_line_new(kind, c->play);
    struct settings_bus bus = fake_line_bus(fake);
    ck_assert_msg(line_open(&bus, -1, &line, why) == RC_OK, "%s: %s", c->title, why);
    for (unsigned i = 0; i < c->n_steps; i++) {
        const char *pause = after(c->step[i], "wait");
        if (pause != NULL)
            nanosleep(&(struct timespec){0, atoi(pause) * 1000000L}, NULL);
        else
            do_ask(c, line, c->step[i]);
    }
    const char *failure = fake_line_failure(fake);
    ck_assert_msg(failure[0] == '\0', "%s: %s", c->title, failure);
    line_close(line);
    fake_line_free(fake);
}

static void setup(void)
{
    map = fake_kpm31();
}

static void teardown(void)
{
    regmap_free(map);
}

START_TEST(serial)
{
    play(BUS_SERIAL, &cases[_i]);
}
END_TEST

START_TEST(rtu_over_tcp)
{
    play(BUS_RTU_TCP, &cases[_i]);
}
END_TEST

START_TEST(modbus_tcp)
{
    play(BUS_TCP, &cases[_i]);
}
END_TEST

Suite *unit_suite(void)
{
    read_corpus();
    Suite *s = suite_create("wire_corpus");
    TCase *t = tcase_create("wire_corpus");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, serial, 0, n_cases);
    tcase_add_loop_test(t, rtu_over_tcp, 0, n_cases);
    tcase_add_loop_test(t, modbus_tcp, 0, n_cases);
    tcase_set_timeout(t, 30);
    suite_add_tcase(s, t);
    return s;
}
