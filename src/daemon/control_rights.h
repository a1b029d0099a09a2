/* control_rights.h - who stands at the other end of the control socket, and what may he ask.
 *
 * The kernel names the peer (SO_PEERCRED, SO_PEERGROUPS); nothing the peer says about itself counts. Root and
 * the daemon's own user may do everything; members of group `meterfleet` may look; members of
 * `meterfleet-operator` may also reload and switch.
 *
 * Errors:  a peer that cannot be named has no rights.
 * Threads: control_rights_init() once before threads start (it asks the group database); the rest is
 * constant. Source:  INTERFACES 1; unix(7), socket(7).
 */
#ifndef METERFLEET_DAEMON_CONTROL_RIGHTS_H
#define METERFLEET_DAEMON_CONTROL_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum control_right { CONTROL_NOTHING, CONTROL_LOOK, CONTROL_OPERATE };

struct control_groups {
    bool has_reader, has_operator; /* the group exists on this machine */
    gid_t reader, operator;
    uid_t own; /* the daemon's user */
};

/* Pure: what a peer with this user and these groups may do. */
enum control_right control_rights_judge(const struct control_groups *g, uid_t uid, const gid_t groups[],
                                        size_t n);
/* The same for the peer of a connected socket; *uid is set when known. */
enum control_right control_rights_of_peer(int fd, uid_t *uid);

#endif
