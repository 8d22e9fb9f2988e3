/* A set of rights that are handled, hence refused, and for each place the rights that
 * are given back there and below.
 *
 *   handled:  everything the kernel's version knows
 *   reading:  read the file, list the folder
 *   making:   reading, and make, write, cut, remove files; make folders
 *
 * The numbers are the kernel's: headers of older systems name the first of them only.
 */
#include "sandbox/landlock.h"

#include "sandbox/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { /* the same number on every machine */
       CALL_CREATE_RULESET = 444,
       CALL_ADD_RULE = 445,
       CALL_RESTRICT_SELF = 446,
       CREATE_RULESET_VERSION = 1,
       RULE_PATH_BENEATH = 1,
};

enum {
    RIGHT_WRITE_FILE = 1 << 1,
    RIGHT_READ_FILE = 1 << 2,
    RIGHT_READ_DIR = 1 << 3,
    RIGHT_REMOVE_FILE = 1 << 5,
    RIGHT_MAKE_DIR = 1 << 7,
    RIGHT_MAKE_REG = 1 << 8,
    RIGHT_TRUNCATE = 1 << 14,
    RIGHTS_OF_FILES = RIGHT_WRITE_FILE | RIGHT_READ_FILE | RIGHT_TRUNCATE,
    RIGHTS_READING = RIGHT_READ_FILE | RIGHT_READ_DIR,
    RIGHTS_MAKING = RIGHTS_OF_FILES | RIGHT_READ_DIR | RIGHT_REMOVE_FILE |
                    RIGHT_MAKE_DIR | RIGHT_MAKE_REG,
};

struct landlock_handled {
    uint64_t files, network, scopes;
};

struct landlock_beneath {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

/* What each version added (linux/landlock.h). */
/* clang-format off */
static const struct landlock_row { int version; struct landlock_handled adds; } rows[] = {
    { 1, { 0x1fff,  0,    0    } }, /* EXECUTE ... MAKE_SYM */
    { 2, { 1 << 13, 0,    0    } }, /* REFER */
    { 3, { 1 << 14, 0,    0    } }, /* TRUNCATE */
    { 4, { 0,       0x3,  0    } }, /* BIND_TCP, CONNECT_TCP */
    { 5, { 1 << 15, 0,    0    } }, /* IOCTL_DEV */
    { 6, { 0,       0,    0x3  } }, /* ABSTRACT_UNIX_SOCKET, SIGNAL */
};

/* Read by the C library, ncurses and SQLite, whenever it occurs to them. */
static const char *const looked_up[] = {
    "/dev/urandom", "/etc/localtime", "/usr/share/zoneinfo", "/usr/lib/locale",
    "/usr/share/locale", "/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo",
    "/usr/lib/terminfo",
};

/* ... by filters that have names of ports, protocols and hosts in them. */
static const char *const looked_up_for_names[] = {
    "/etc/services", "/etc/protocols", "/etc/hosts", "/etc/nsswitch.conf",
    "/etc/ethers", "/etc/networks", "/etc/host.conf", "/etc/gai.conf",
    "/etc/resolv.conf",
};

/* Where SQLite sorts what memory is too small for, in its own order. */
static const char *const scratch_variables[] = { "SQLITE_TMPDIR", "TMPDIR" };
static const char *const scratch_folders[] = { "/var/tmp", "/usr/tmp", "/tmp" };
/* clang-format on */

int landlock_version(void)
{
    long version = syscall(CALL_CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);
    return version < 0 ? 0 : (int)version;
}

/* ---- rules ---- */

/* What is not there needs no rule. Pipes and sockets take none and need none. */
static void allow(int set, const char *path, uint64_t rights, uint64_t handled)
{
    struct stat about;
    if (path == NULL || path[0] == '\0') return;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return;
    if (fstat(fd, &about) == 0 && !S_ISDIR(about.st_mode)) rights &= RIGHTS_OF_FILES;
    struct landlock_beneath rule = {.allowed = rights & handled, .parent = fd};
    if (rule.allowed != 0) syscall(CALL_ADD_RULE, set, RULE_PATH_BENEATH, &rule, 0);
    close(fd);
}

static void allow_place(int set, const struct sandbox_place *place, uint64_t handled)
{
    if (place_is_skipped(place)) return;
    char *folder = place_folder(place);
    uint64_t rights =
        folder != NULL || place_is_made(place) ? RIGHTS_MAKING : RIGHTS_READING;
    allow(set, folder != NULL ? folder : place->path, rights, handled);
    mem_free(folder);
}

static bool is_scratch(const char *path)
{
    struct stat about;
    return path != NULL && stat(path, &about) == 0 && S_ISDIR(about.st_mode) &&
           access(path, W_OK | X_OK) == 0;
}

static const char *scratch_folder(void)
{
    for (size_t i = 0; i < ARRAY_LENGTH(scratch_variables); i++) {
        const char *path = getenv(scratch_variables[i]);
        if (is_scratch(path)) return path;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(scratch_folders); i++)
        if (is_scratch(scratch_folders[i])) return scratch_folders[i];
    return ".";
}

/* ncurses looks there first. */
static void allow_terminal(int set, uint64_t handled)
{
    const char *home = getenv("HOME");
    allow(set, getenv("TERMINFO"), RIGHTS_READING, handled);
    if (home == NULL) return;
    struct problem path;
    problem_set(&path, STATUS_OK, "%.480s/.terminfo", home);
    allow(set, path.text, RIGHTS_READING, handled);
}

int landlock_restrict(const struct sandbox_options *options)
{
    struct landlock_handled handled = {.files = 0};
    int version = landlock_version();
    for (size_t i = 0; i < ARRAY_LENGTH(rows) && rows[i].version <= version; i++) {
        handled.files |= rows[i].adds.files;
        handled.network |= rows[i].adds.network;
        handled.scopes |= rows[i].adds.scopes;
    }
    /* Older kernels take shorter structs, and newer ones these: unset is zero. */
    size_t size = version >= 6   ? sizeof handled
                  : version >= 4 ? offsetof(struct landlock_handled, scopes)
                                 : offsetof(struct landlock_handled, network);
    int set = (int)syscall(CALL_CREATE_RULESET, &handled, size, 0);
    if (set < 0) return errno;
    for (size_t i = 0; i < options->place_count; i++)
        allow_place(set, &options->places[i], handled.files);
    for (size_t i = 0; i < ARRAY_LENGTH(looked_up); i++)
        allow(set, looked_up[i], RIGHTS_READING, handled.files);
    for (size_t i = 0; options->asks_names && i < ARRAY_LENGTH(looked_up_for_names);
         i++)
        allow(set, looked_up_for_names[i], RIGHTS_READING, handled.files);
    allow_terminal(set, handled.files);
    allow(set, scratch_folder(), RIGHTS_MAKING, handled.files);
    int error = syscall(CALL_RESTRICT_SELF, set, 0) == 0 ? 0 : errno;
    close(set);
    return error;
}
