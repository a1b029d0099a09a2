/* control_rights.c - peer credentials. */
#include "daemon/control_rights.h"

#include <grp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUP_READER   "meterfleet"
#define GROUP_OPERATOR "meterfleet-operator"
#define GROUPS_MOST    65536 /* NGROUPS_MAX of Linux */

static bool find_group(const char *name, gid_t *out)
{
    /* cppcheck-suppress getgrnamCalled ; only the control thread asks for groups */
    const struct group *g = getgrnam(name);
    if (g == NULL)
        return false;
    *out = g->gr_gid;
    return true;
}

enum control_right control_rights_judge(const struct control_groups *g, uid_t uid, const gid_t groups[],
                                        size_t n)
{
    if (uid == 0 || uid == g->own)
        return CONTROL_OPERATE;
    enum control_right right = CONTROL_NOTHING;
    for (size_t i = 0; i < n; i++) {
        if (g->has_operator && groups[i] == g->operator)
            return CONTROL_OPERATE;
        if (g->has_reader && groups[i] == g->reader)
            right = CONTROL_LOOK;
    }
    return right;
}

enum control_right control_rights_of_peer(int fd, uid_t *uid)
{
    struct control_groups g = {.own = geteuid()};
    struct ucred peer;
    socklen_t len = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
        return CONTROL_NOTHING;
    *uid = peer.uid;
    if (control_rights_judge(&g, peer.uid, NULL, 0) == CONTROL_OPERATE)
        return CONTROL_OPERATE;
    g.has_reader = find_group(GROUP_READER, &g.reader);
    g.has_operator = find_group(GROUP_OPERATOR, &g.operator);

    /* The first call says how much room the list needs: ERANGE, and len in bytes. */
    socklen_t room = 0;
    /* cppcheck-suppress nullPointer ; the length alone is asked for */
    getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &room);
    if (room > GROUPS_MOST * sizeof(gid_t))
        room = 0;
    gid_t *groups = malloc(room + sizeof(gid_t));
    if (groups == NULL)
        return CONTROL_NOTHING;
    size_t n = 0;
    if (room > 0 && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &room) == 0)
        n = room / sizeof(gid_t);
    groups[n++] = peer.gid; /* the primary one is not in that list */
    enum control_right right = control_rights_judge(&g, peer.uid, groups, n);
    free(groups);
    return right;
}
