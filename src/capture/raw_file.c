#include "capture/raw_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RAW_FILE_NAME_MAX = 160 };

const char *raw_file_name(const char *path)
{
    size_t length = strlen(path);
    return length <= RAW_FILE_NAME_MAX ? path : path + length - RAW_FILE_NAME_MAX;
}

static const char *raw_file_advice(int error)
{
    /* clang-format off */
    static const struct { int error; const char *advice; } rows[] = {
        { ENOENT, "check the name" },
        { EACCES, "ask its owner for the right to read it" },
        { EISDIR, "give the captures inside it" },
        { EMFILE, "raise the limit of open files (ulimit -n)" },
        { EIO,    "copy it to a sound disk first" },
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (rows[i].error == error) return rows[i].advice;
    }
    return "check the file and try again";
}

static enum status raw_file_refuse(const char *path, int error, struct problem *why)
{
    return problem_set(why, STATUS_FAILED, "%s: cannot be read: %s; %s",
                       raw_file_name(path), strerror(error), raw_file_advice(error));
}

static enum status raw_file_fail(int error, struct problem *why)
{
    return problem_set(why, STATUS_FAILED, "reading failed: %s; %s", strerror(error),
                       raw_file_advice(error));
}

static bool raw_file_is_stdin(const struct raw_file *f)
{
    return strcmp(f->origin.path, "-") == 0;
}

/* Opens, or opens again where reading stopped. 0, or errno. */
static int raw_file_connect(struct raw_file *f)
{
    if (raw_file_is_stdin(f)) {
        f->fd = STDIN_FILENO;
        return 0;
    }
    do {
        f->fd = open(f->origin.path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    } while (f->fd < 0 && errno == EINTR);
    if (f->fd < 0) return errno;
    if (f->offset > 0 && lseek(f->fd, (off_t)f->offset, SEEK_SET) < 0) return errno;
    return 0;
}

static void raw_file_disconnect(struct raw_file *f)
{
    if (f->fd >= 0 && f->fd != STDIN_FILENO) close(f->fd);
    f->fd = -1;
}

enum status raw_file_open(struct raw_file *f, const struct raw_origin *origin,
                          struct problem *why)
{
    *f = (struct raw_file){.origin = *origin, .fd = -1};
    if (!origin->path) {
        f->size = origin->memory.len;
        return STATUS_OK;
    }
    int error = raw_file_connect(f);
    struct stat about;
    if (error == 0 && fstat(f->fd, &about) != 0) error = errno;
    if (error == 0 && S_ISDIR(about.st_mode)) error = EISDIR;
    if (error != 0) {
        raw_file_disconnect(f);
        return raw_file_refuse(origin->path, error, why);
    }
    if (raw_file_is_stdin(f) && isatty(f->fd)) {
        raw_file_disconnect(f);
        return problem_set(why, STATUS_USAGE,
                           "standard input is a terminal: pipe a capture into it or "
                           "give a file's name");
    }
    f->is_regular = S_ISREG(about.st_mode) && !raw_file_is_stdin(f);
    f->size = S_ISREG(about.st_mode) && about.st_size > 0 ? (uint64_t)about.st_size : 0;
    return STATUS_OK;
}

/* Waits until there is something to read. False: stop_fd came first. */
static bool raw_file_wait(struct raw_file *f)
{
    if (f->is_regular || f->origin.stop_fd <= 0) return true;
    struct pollfd both[2] = {{.fd = f->origin.stop_fd, .events = POLLIN},
                             {.fd = f->fd, .events = POLLIN}};
    while (poll(both, 2, -1) < 0) {
        if (errno != EINTR) return true; /* let read() say what is wrong */
    }
    f->is_stopped = both[0].revents != 0;
    return !f->is_stopped;
}

static enum status raw_file_read_memory(struct raw_file *f, uint8_t *out, size_t room,
                                        size_t *got)
{
    struct bytes part =
        bytes_first(bytes_from(f->origin.memory, (size_t)f->offset), room);
    if (part.len > 0) memcpy(out, part.ptr, part.len);
    f->offset += part.len;
    *got = part.len;
    return STATUS_OK;
}

enum status raw_file_read(struct raw_file *f, uint8_t *out, size_t room, size_t *got,
                          struct problem *why)
{
    *got = 0;
    if (!f->origin.path) return raw_file_read_memory(f, out, room, got);
    int error = f->fd < 0 ? raw_file_connect(f) : 0;
    if (error == 0 && raw_file_wait(f)) {
        ssize_t length;
        do {
            length = read(f->fd, out, room);
        } while (length < 0 && errno == EINTR);
        if (length < 0) error = errno;
        if (length > 0) *got = (size_t)length;
        f->offset += *got;
    }
    if (f->origin.is_frugal && f->is_regular) raw_file_disconnect(f);
    if (error != 0) return raw_file_fail(error, why);
    return STATUS_OK;
}

/* Below what was read, or mapped, of it. */
static bool raw_file_is_cut_to(const struct raw_file *f, uint64_t size,
                               struct problem *why)
{
    if (size >= f->offset) return false;
    problem_set(why, STATUS_FAILED, "the file was cut to %llu bytes while it was read",
                (unsigned long long)size);
    return true;
}

bool raw_file_is_cut(const struct raw_file *f, struct problem *why)
{
    struct stat about;
    return fstat(f->fd, &about) == 0 &&
           raw_file_is_cut_to(f, (uint64_t)about.st_size, why);
}

enum status raw_file_map(struct raw_file *f, uint64_t offset, size_t length,
                         struct raw_window *out, struct problem *why)
{
    struct stat about;
    *out = (struct raw_window){.mapping = NULL};
    if (fstat(f->fd, &about) != 0) return raw_file_fail(errno, why);
    uint64_t size = (uint64_t)about.st_size;
    if (raw_file_is_cut_to(f, size, why) || size <= offset) return STATUS_OK;
    uint64_t before = offset % (uint64_t)sysconf(_SC_PAGESIZE);
    if (length > size - offset) length = (size_t)(size - offset);
    size_t mapped = (size_t)before + length;
    void *mapping =
        mmap(NULL, mapped, PROT_READ, MAP_SHARED, f->fd, (off_t)(offset - before));
    if (mapping == MAP_FAILED) return raw_file_fail(errno, why);
    madvise(mapping, mapped, MADV_SEQUENTIAL);
    out->mapping = mapping;
    out->mapped = mapped;
    out->bytes = bytes_from(bytes_of(out->mapping, mapped), (size_t)before);
    f->offset = offset + length;
    return STATUS_OK;
}

void raw_window_close(const struct raw_window *w)
{
    if (w->mapping != NULL) munmap(w->mapping, w->mapped);
}

void raw_file_close(struct raw_file *f)
{
    raw_file_disconnect(f);
}
