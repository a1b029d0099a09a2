/* sim_line.h - the two wires of one RS485 bus: byte times, silence, collisions.
 *
 * A pseudo-terminal and a socket carry a frame in no time; a wire does not. The line keeps the times a wire
 * would have: a request that is written at once still lasts its characters, a reply comes in pieces as a UART
 * hands them over, and what begins before 3.5 characters of silence have passed is not heard by any meter.
 *
 * The silence is judged fairly: it is counted from the moment before the last piece of a reply was handed
 * over, and to the moment a request was seen, so that a master that keeps it is never blamed.
 *
 * Units:   nanoseconds of the wire clock, given by the caller; nothing here asks for the time.
 * Errors:  a line that is asked to say too many things at once forgets the newest (sim_line_say() is false).
 * Threads: a line belongs to its bus.
 * Source:  Modbus over Serial Line V1.02, 2.5.1.1 (silence of 3.5 characters, 1.75 ms above 19200 bit/s);
 *          manual 6.1: 11 bits a character (start, 8 data, parity, stop); 10 without parity.
 */
#ifndef METERFLEET_SIM_LINE_H
#define METERFLEET_SIM_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_OUT_MAX     512 /* bytes of one thing said: a frame with noise around it */
#define SIM_OUT_MOST    16  /* things waiting to be said */
#define SIM_PIECE_BYTES 8   /* how a UART's FIFO hands over */
#define SIM_VERDICT     64

/* Something that will be said on the line. */
struct sim_out {
    uint8_t bytes[SIM_OUT_MAX];
    size_t n, sent;
    int64_t start_ns;
    int64_t byte_ns;           /* time of a byte; 0: all at once */
    size_t piece;              /* bytes handed over together */
    void *to;                  /* who hears it; NULL: everybody on this bus */
    char verdict[SIM_VERDICT]; /* for the log: "answer" or the faults in it */
    bool answers;              /* it is what the master waits for, unharmed */
    int64_t credit_ns;         /* wire time of the exchange it completes, with the silence behind it */
    bool wired;                /* occupies the line (an adapter's own echo does not) */
    bool begun;
};

/* What was heard. */
struct sim_heard {
    const uint8_t *bytes;
    size_t n;
    int64_t start_ns, end_ns;
    void *from;
    const char *spoiled; /* why no meter can have heard it, or NULL */
};

struct sim_line_calls {
    void (*heard)(void *user, const struct sim_heard *what, int64_t now_ns);
    void (*emit)(void *user, void *to, const uint8_t *bytes, size_t n);
    void (*said)(void *user, const struct sim_out *what, int64_t now_ns);
};

struct sim_line {
    const struct sim_line_calls *calls;
    void *user;
    uint32_t baud;
    unsigned bits;               /* of a character */
    int64_t char_ns, silence_ns; /* 0: not paced */
    bool strict;
    int64_t busy_until_ns; /* the end of the last character, whoever sent it */
    uint8_t rx[SIM_OUT_MAX];
    size_t rx_n;
    int64_t rx_start_ns, rx_end_ns;
    void *rx_from;
    const char *rx_spoiled;
    struct sim_out *out; /* SIM_OUT_MOST of them, owned */
    size_t n_out;
};

/* Time of a character and of the silence at this speed; 0 for speed 0. */
int64_t sim_line_char_ns(uint32_t baud, unsigned bits);
int64_t sim_line_silence_ns(uint32_t baud, unsigned bits);

int sim_line_init(struct sim_line *l, const struct sim_line_calls *calls, void *user, uint32_t baud,
                  unsigned bits, bool strict);
void sim_line_done(struct sim_line *l);
void sim_line_set_speed(struct sim_line *l, uint32_t baud);

/* Bytes of a master were seen now. */
void sim_line_hear(struct sim_line *l, void *from, const uint8_t *bytes, size_t n, int64_t now_ns);

/* A copy of `what` is said from its start on. */
bool sim_line_say(struct sim_line *l, const struct sim_out *what);

/* Forgets what is still to be said to this one (it is gone), or all (to NULL). Not from within a call. */
void sim_line_forget(struct sim_line *l, const void *to);

/* Does what is due, and when the next thing is due (INT64_MAX: nothing). */
void sim_line_run(struct sim_line *l, int64_t now_ns);
int64_t sim_line_due(const struct sim_line *l);

/* When somebody may speak: the silence after the last character is over. INT64_MAX: not before what is on its
 * way has ended. */
int64_t sim_line_free_ns(const struct sim_line *l);

#endif
