/* New files are built beside their name and get it when they are whole, so that nobody
 * ever opens half a database, and a run that fails leaves nothing behind.
 *
 * A file that is there is held by flock while it is appended to. SQLite's own locks are
 * let go at every commit; two runs in turn would give the same numbers to two captures.
 */
#include "store/database_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PARTIAL_TRIES = 100, SQLITE_MAGIC_BYTES = 16 };

static char *copy_printed(const char *a, const char *b)
{
    size_t size = strlen(a) + strlen(b) + 1;
    char *out = mem_alloc(size);
    snprintf(out, size, "%s%s", a, b);
    return out;
}

/* The folder that holds `path`; release with mem_free. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) return mem_copy_text(".");
    if (slash == path) return mem_copy_text("/");
    char *folder = mem_copy_text(path);
    folder[slash - path] = '\0';
    return folder;
}

/* ---- a new file ---- */

static enum status say_why_not_made(const char *path, int error, struct problem *why)
{
    char *folder = folder_of(path);
    enum status rc = STATUS_FAILED;
    if (error == ENOENT)
        problem_set(why, rc, "cannot make %s: there is no folder %s", path, folder);
    else if (error == ENOTDIR)
        problem_set(why, rc, "cannot make %s: %s is not a folder", path, folder);
    else if (error == EACCES || error == EPERM)
        problem_set(why, rc, "cannot make %s: no right to write in %s", path, folder);
    else
        problem_set(why, rc, "cannot make %s: %s", path, strerror(error));
    mem_free(folder);
    return rc;
}

static enum status begin_new(struct database_file *f, struct problem *why)
{
    for (int i = 0; i < PARTIAL_TRIES; i++) {
        char suffix[48];
        snprintf(suffix, sizeof suffix, i == 0 ? ".partial-%ld" : ".partial-%ld-%d",
                 (long)getpid(), i);
        char *partial = copy_printed(f->path, suffix);
        int fd =
            open(partial, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_WRONLY, 0666);
        if (fd >= 0) {
            f->out = fd;
            f->partial = partial;
            return STATUS_OK;
        }
        int error = errno;
        mem_free(partial);
        if (error != EEXIST) return say_why_not_made(f->path, error, why);
    }
    return problem_set(
        why, STATUS_FAILED,
        "cannot make %s: unfinished files stand beside it; remove %s.partial-*",
        f->path, f->path);
}

/* ---- a file that is there ---- */

static enum status begin_append(struct database_file *f, struct problem *why)
{
    uint8_t head[SQLITE_MAGIC_BYTES];
    f->lock = open(f->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (f->lock < 0)
        return problem_set(why, STATUS_FAILED, "cannot write to %s: %s", f->path,
                           strerror(errno));
    ssize_t got = pread(f->lock, head, sizeof head, 0);
    bool is_sqlite = got == (ssize_t)sizeof head &&
                     memcmp(head, "SQLite format 3", sizeof head) == 0;
    if (!is_sqlite)
        return problem_set(why, STATUS_FAILED,
                           "%s is there and is not a database: choose another -o",
                           f->path);
    if (flock(f->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return problem_set(why, STATUS_FAILED,
                           "%s is being written by another hopscope: wait for it, or "
                           "choose another -o",
                           f->path);
    return STATUS_OK;
}

/* ---- which of the two ---- */

static enum status refuse_kind(const char *path, mode_t mode, struct problem *why)
{
    const char *what = "is a device or a pipe";
    if (S_ISDIR(mode)) what = "is a folder";
    if (S_ISLNK(mode)) what = "is a symbolic link";
    return problem_set(why, STATUS_FAILED,
                       "%s %s: -o takes the name of a database file", path, what);
}

enum status database_file_open(struct database_file *f, const char *path,
                               struct problem *why)
{
    struct stat found;
    *f = (struct database_file){.lock = -1};
    if (strcmp(path, "-") == 0)
        return problem_set(why, STATUS_FAILED,
                           "a database cannot go to standard output: give -o a file");
    if (path[0] == '\0')
        return problem_set(why, STATUS_FAILED, "-o needs the name of a database file");
    bool is_special = path[0] == ':' || strncmp(path, "file:", 5) == 0;
    f->path = copy_printed(is_special ? "./" : "", path);
    if (lstat(f->path, &found) != 0) {
        if (errno != ENOENT) return say_why_not_made(f->path, errno, why);
        return begin_new(f, why);
    }
    if (!S_ISREG(found.st_mode)) return refuse_kind(path, found.st_mode, why);
    if (found.st_size > 0) return begin_append(f, why);
    f->replaces_empty = true;
    return begin_new(f, why);
}

/* ---- the end ---- */

void database_file_write_out(const struct database_file *f)
{
    if (f->partial != NULL) sync_file_range(f->out, 0, 0, SYNC_FILE_RANGE_WRITE);
}

static void forget_partial(struct database_file *f)
{
    close(f->out);
    mem_free(f->partial);
    f->partial = NULL;
}

static enum status sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0) return STATUS_FAILED;
    int result = fsync(fd);
    close(fd);
    return result == 0 ? STATUS_OK : STATUS_FAILED;
}

/* Never over somebody's data: link fails when the name is taken. File systems without
 * links leave a moment between the look and the renaming. */
static int take_name(const struct database_file *f)
{
    struct stat found;
    bool is_there = lstat(f->path, &found) == 0;
    if (is_there && f->replaces_empty && S_ISREG(found.st_mode) && found.st_size == 0)
        return rename(f->partial, f->path);
    if (link(f->partial, f->path) == 0) return unlink(f->partial);
    if (errno == EEXIST || is_there) {
        errno = EEXIST;
        return -1;
    }
    return rename(f->partial, f->path);
}

enum status database_file_publish(struct database_file *f, struct problem *why)
{
    if (sync_path(f->partial, O_RDWR) != STATUS_OK)
        return problem_set(why, STATUS_FAILED, "writing %s failed: %s", f->path,
                           strerror(errno));
    int result = take_name(f), error = errno;
    if (result != 0 && error == EEXIST)
        problem_set(why, STATUS_FAILED,
                    "another file has become %s meanwhile; the rows are in %s", f->path,
                    f->partial);
    else if (result != 0)
        problem_set(why, STATUS_FAILED, "cannot rename %s to %s: %s", f->partial,
                    f->path, strerror(error));
    forget_partial(f); /* published, or left to the user */
    if (result != 0) return STATUS_FAILED;
    char *folder = folder_of(f->path);
    sync_path(folder, O_RDONLY | O_DIRECTORY); /* not every file system can */
    mem_free(folder);
    return STATUS_OK;
}

void database_file_close(struct database_file *f)
{
    if (f->partial != NULL) {
        unlink(f->partial);
        forget_partial(f);
    }
    if (f->lock >= 0) close(f->lock);
    mem_free(f->path);
    *f = (struct database_file){.lock = -1};
}
