/* rc.h - what a function says when it cannot do what it was asked, and what a program says when it ends.
 *
 * One list for the whole house, so that a caller several rooms away can still decide what happens next.
 *
 * Errors:  0 or a negative enum rc everywhere; results go out through the last parameter, only on success.
 * Threads: constants and a pure lookup.
 * Source:  exit codes: INTERFACES 1 (64 to 78 are those of BSD's sysexits).
 */
#ifndef METERFLEET_CORE_RC_H
#define METERFLEET_CORE_RC_H

enum rc {
    RC_OK = 0,
    RC_NOMEM = -1,    /* no memory: the caller gives up what it began */
    RC_RANGE = -2,    /* a number outside its range, a list that is too long */
    RC_PARSE = -3,    /* text or bytes that cannot be understood */
    RC_IO = -4,       /* the operating system refused; errno says why */
    RC_LINK = -5,     /* the line itself is gone: close it, try again later, all its meters wait */
    RC_NOANSWER = -6, /* silence within the time allowed */
    RC_BADFRAME = -7, /* an answer came, but damaged, short, or not the one asked for */
    RC_REFUSED = -8,  /* the meter understood and declined for now */
    RC_NOREG = -9,    /* the meter does not have this register (Modbus exception 1, 2 or 3) */
    RC_BUSY = -10,    /* somebody else holds it: a line, a database, a lock */
    RC_FULL = -11,    /* no room: disk, queue, list */
    RC_NEWER = -12,   /* written by a newer version of this program */
    RC_FOREIGN = -13, /* written by another program */
    RC_STOPPED = -14, /* the stop event came first */
    RC_NOTFOUND = -15,
    RC_DENIED = -16, /* not allowed: permission, or a register that is never read or written */
    RC_CORRUPT = -17 /* a file of ours that is damaged */
};

/* Exit codes of all three programs. */
enum exit_code {
    EXIT_DONE = 0,         /* nothing found wrong */
    EXIT_FAILED = 1,       /* failed for a reason of its own line */
    EXIT_FINDINGS = 3,     /* done, and findings exist */
    EXIT_USAGE = 64,       /* unknown option, subcommand, meter, tariff */
    EXIT_DATA = 65,        /* data that cannot be understood */
    EXIT_UNAVAILABLE = 69, /* daemon not running, line or database held by another, meter silent */
    EXIT_CANTCREATE = 73,  /* cannot create or write */
    EXIT_NOPERM = 77,      /* not allowed */
    EXIT_CONFIG = 78       /* bad configuration */
};

/* A few words for people, without a full stop: "no answer". Never NULL. */
const char *rc_text(int rc);

#endif
