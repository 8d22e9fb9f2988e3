/* Root tries out, one after the other, who can reach the files:
 *
 *   who called a program that is set-user-ID
 *   who called sudo
 *   the owner of the folder that is written to; where nothing is written, nobody
 *   the owner of the first file
 *   root without capabilities (its own files, and what others may see)
 *
 * The try is the kernel's own answer under the other's effective ids. */
#include "sandbox/identity.h"

#include "hopscope/fault_guard.h"
#include "sandbox/capabilities.h"
#include "sandbox/place.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IDENTITY_NOBODY = 65534, IDENTITY_GROUPS_MAX = 256, IDENTITY_CANDIDATES = 4 };

struct identity {
    uid_t user;
    gid_t group;
    gid_t groups[IDENTITY_GROUPS_MAX];
    int group_count;
};

/* ---- candidates ---- */

static void identity_of_user(uid_t user, gid_t group, struct identity *out)
{
    const struct passwd *known = getpwuid(user);
    *out = (struct identity){.user = user, .group = group, .group_count = 1};
    out->groups[0] = group;
    if (known == NULL) return;
    out->group = known->pw_gid;
    out->group_count = IDENTITY_GROUPS_MAX;
    if (getgrouplist(known->pw_name, known->pw_gid, out->groups, &out->group_count) >=
        0)
        return;
    out->groups[0] = known->pw_gid; /* more than there is room for */
    out->group_count = 1;
}

static bool identity_of_sudo(struct identity *out)
{
    const char *text = getenv("SUDO_UID");
    char *end = NULL;
    if (text == NULL || *text < '0' || *text > '9') return false;
    errno = 0;
    unsigned long user = strtoul(text, &end, 10);
    if (*end != '\0' || errno != 0 || user == 0 || user >= UINT32_MAX) return false;
    identity_of_user((uid_t)user, (gid_t)user, out);
    return true;
}

static bool identity_of_caller(struct identity *out)
{
    if (getuid() == 0) return false;
    identity_of_user(getuid(), getgid(), out);
    return true;
}

/* Files that belong to nobody would be everybody's who runs as nobody. */
static bool identity_of_places(const struct sandbox_place *places, size_t count,
                               struct identity *out)
{
    for (size_t i = 0; i < count; i++) {
        struct stat about;
        if (places[i].is_wish || !place_is_made(&places[i])) continue;
        char *folder = place_folder(&places[i]);
        bool is_there = folder != NULL && stat(folder, &about) == 0;
        mem_free(folder);
        if (!is_there || about.st_uid == 0) return false;
        identity_of_user(about.st_uid, about.st_gid, out);
        return true;
    }
    const struct passwd *nobody = getpwnam("nobody");
    uid_t user = nobody != NULL ? nobody->pw_uid : IDENTITY_NOBODY;
    gid_t group = nobody != NULL ? nobody->pw_gid : IDENTITY_NOBODY;
    *out = (struct identity){.user = user, .group = group, .group_count = 0};
    return true;
}

static bool identity_of_owner(const struct sandbox_place *places, size_t count,
                              struct identity *out)
{
    struct stat about;
    if (count == 0 || places[0].path == NULL || stat(places[0].path, &about) != 0 ||
        about.st_uid == 0)
        return false;
    identity_of_user(about.st_uid, about.st_gid, out);
    return true;
}

/* ---- the try ---- */

/* With the effective ids as they are. */
static bool can_reach_all(const struct sandbox_place *places, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!places[i].is_wish && !place_is_reachable(&places[i])) return false;
    return true;
}

static bool try_out(const struct identity *who, const struct sandbox_place *places,
                    size_t count)
{
    static const struct identity none;
    struct identity self = none;
    bool is_reached = false;
    self.group = getegid();
    self.group_count = getgroups(IDENTITY_GROUPS_MAX, self.groups);
    if (self.group_count < 0) return false;
    if (setgroups((size_t)who->group_count, who->groups) != 0) return false;
    if (setegid(who->group) == 0 && seteuid(who->user) == 0)
        is_reached = can_reach_all(places, count);
    if (seteuid(0) != 0 || setegid(self.group) != 0 ||
        setgroups((size_t)self.group_count, self.groups) != 0)
        return false; /* what follows fails for good, and is told */
    return is_reached;
}

static bool become(const struct identity *who)
{
    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    bool is_done = setgroups((size_t)who->group_count, who->groups) == 0 &&
                   setresgid(who->group, who->group, who->group) == 0 &&
                   setresuid(who->user, who->user, who->user) == 0;
    /* Nobody may come back from there. */
    return is_done && setresuid(0, 0, 0) != 0;
}

static size_t candidates(const struct sandbox_place *places, size_t place_count,
                         struct identity who[IDENTITY_CANDIDATES])
{
    size_t count = 0;
    if (!capabilities_may_change_user()) return 0; /* done before, or a container */
    if (identity_of_caller(&who[count])) count++;
    if (identity_of_sudo(&who[count])) count++;
    if (identity_of_places(places, place_count, &who[count])) count++;
    if (identity_of_owner(places, place_count, &who[count])) count++;
    return count;
}

enum status identity_change(const struct sandbox_place *places, size_t place_count,
                            bool *needs_files, struct problem *why)
{
    struct identity who[IDENTITY_CANDIDATES];
    *needs_files = false;
    if (geteuid() != 0) return STATUS_OK;
    struct fault_guard *guard =
        fault_guard_begin(); /* names are looked up in whatever this system has */
    size_t count = candidates(places, place_count, who);
    fault_guard_end(guard);
    for (size_t i = 0; i < count; i++) {
        if (!try_out(&who[i], places, place_count)) continue;
        if (become(&who[i])) return STATUS_OK;
        return problem_set(why, STATUS_FAILED,
                           "cannot become user %lu, to give up the rights of root; "
                           "--sandbox off keeps them",
                           (unsigned long)who[i].user);
    }
    if (!capabilities_lay_aside()) return STATUS_OK; /* the keeping will say it */
    *needs_files = !can_reach_all(places, place_count);
    capabilities_take_up();
    return STATUS_OK;
}
