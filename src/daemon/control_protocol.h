/* control_protocol.h - what daemon and tool say to each other over the control socket.
 *
 * One JSON object a line, one answer for one request, in order. Ours alone: version rises with every change,
 * and a tool of another version is told so instead of being misunderstood.
 *
 *   > {"version":1,"request":"status"}
 *   < {"version":1,"ok":true,"status":{…}}
 *   > {"version":1,"request":"read","meter":"flat-1","quantities":["voltage"]}      (without: all that is
 * quick to read) <
 * {"version":1,"ok":true,"meter":"flat-1","readings":[{"class":"live","ts_ms":…,"window_ms":…,"quality":"ok",
 *      "serial":"…","values":{"voltage":229800}}],"missing":[{"class":"live","quantity":"current","rejected":true,
 *      "reason":"not a number"}]}      ("quantity":null: the whole class)
 *   > {"version":1,"request":"relay","meter":"flat-1","state":"open"}
 *   < {"version":1,"ok":true,"relay":{"meter","id","ok","state","error","detail","ts"}}     (outcome:
 * relay_rules.h) > {"version":1,"request":"trace","bus":"north"} < {"version":2,"ok":true,"trace":"north"},
 * then a line for each frame (trace_line.h) until one side hangs up > {"version":1,"request":"reload"} <
 * {"version":1,"ok":true,"detail":"2 buses, 16 meters"} <
 * {"version":1,"ok":false,"error":"silent","detail":"flat-1: no answer","lines":[…]}
 *
 * Units:   values are scaled integers (quantity.h), so that no digit is lost on the way.
 * Threads: pure.
 * Source:  INTERFACES 7 (newline-delimited JSON, versioned with the program); bounds: FAULTS S1.
 */
#ifndef METERFLEET_DAEMON_CONTROL_PROTOCOL_H
#define METERFLEET_DAEMON_CONTROL_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "core/text.h"

#define CONTROL_VERSION     1
#define CONTROL_REQUEST_MAX 8192               /* bytes of a request line, its newline included */
#define CONTROL_ANSWER_MAX  (64 * 1024 * 1024) /* what a tool is willing to hold */
#define CONTROL_DEPTH_MAX   4                  /* brackets inside each other in a request */
#define CONTROL_QUANTITIES  64                 /* names in one read request */
#define CONTROL_READ_MS     10000              /* the longest a read waits for its meter */

enum control_error {
    CONTROL_MALFORMED, /* not a request of this protocol */
    CONTROL_OTHER_VERSION,
    CONTROL_DENIED,  /* the peer may not ask this */
    CONTROL_UNKNOWN, /* no such meter or quantity */
    CONTROL_SILENT,  /* the meter or its line does not answer */
    CONTROL_BUSY,    /* too many at once, or in the middle of a reload or stop */
    CONTROL_CONFIG,  /* the new configuration is not accepted; the old one stays */
    CONTROL_FAILED,
    CONTROL_ERRORS
};
const char *control_error_name(enum control_error e); /* "malformed" … */
int control_error_find(const char *name);             /* enum control_error or -1 */
int control_error_exit(enum control_error e);         /* the tool's exit code for it */

enum control_kind { CONTROL_STATUS, CONTROL_READ, CONTROL_RELOAD, CONTROL_RELAY, CONTROL_TRACE };

struct control_request {
    enum control_kind kind;
    char meter[48]; /* read, relay: the meter; trace: the bus; "" otherwise */
    bool close;     /* relay */
    uid_t uid;      /* who asks, as the kernel says */
    size_t n_quantities;
    int quantities[CONTROL_QUANTITIES]; /* enum quantity_id */
};

#define CONTROL_WHY 200
/* Parses one line (without its newline, any bytes). false: *error and `why` say what is wrong with it. */
bool control_parse(const char *line, size_t len, struct control_request *out, enum control_error *error,
                   char why[CONTROL_WHY]);
/* {"version":1,"ok":false,"error":…,"detail":…} and a newline. */
void control_write_error(struct text_buf *out, enum control_error error, const char *detail);

#endif
