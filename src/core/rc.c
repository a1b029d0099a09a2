/* rc.c - the words for each code. */
#include "core/rc.h"

const char *rc_text(int rc)
{
    switch (rc) {
    case RC_OK:
        return "ok";
    case RC_NOMEM:
        return "out of memory";
    case RC_RANGE:
        return "out of range";
    case RC_PARSE:
        return "cannot be understood";
    case RC_IO:
        return "input or output failed";
    case RC_LINK:
        return "line lost";
    case RC_NOANSWER:
        return "no answer";
    case RC_BADFRAME:
        return "damaged answer";
    case RC_REFUSED:
        return "refused by the meter";
    case RC_NOREG:
        return "no such register";
    case RC_BUSY:
        return "in use by another";
    case RC_FULL:
        return "no room";
    case RC_NEWER:
        return "written by a newer version";
    case RC_FOREIGN:
        return "written by another program";
    case RC_STOPPED:
        return "stopped";
    case RC_NOTFOUND:
        return "not found";
    case RC_DENIED:
        return "not allowed";
    case RC_CORRUPT:
        return "damaged file";
    default:
        return "unknown error";
    }
}
