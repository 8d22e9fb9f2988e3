#include "cli/export_target.h"

#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status export_target_fail(const struct export_place *p, const char *what,
                                      struct problem *why)
{
    return problem_set(why, STATUS_FAILED, "%s %s: %s", what, p->name,
                       output_file_error(errno));
}

static char *export_target_name(const struct export_place *p, const char *part)
{
    size_t size = strlen(p->path) + strlen(part) + strlen(p->suffix) + 3;
    char *name = mem_alloc(size);
    snprintf(name, size, "%s/%s.%s", p->path, part, p->suffix);
    return name;
}

/* Whether a file that is there is the one that is being read. */
static bool export_target_is_source(const struct export_place *p)
{
    struct stat mine, source;
    return stat(p->name, &mine) == 0 && stat(p->source, &source) == 0 &&
           mine.st_dev == source.st_dev && mine.st_ino == source.st_ino;
}

static enum status export_target_close(struct export_place *p, struct problem *why)
{
    enum status rc = STATUS_OK;
    if (p->fd >= 0 && close(p->fd) != 0)
        rc = export_target_fail(p, "writing failed:", why);
    p->fd = -1;
    mem_free(p->name);
    p->name = NULL;
    return rc;
}

static enum status export_target_begin(void *context, const char *part,
                                       struct problem *why)
{
    struct export_place *p = context;
    if (p->path == NULL) return STATUS_OK;
    enum status rc = export_target_close(p, why);
    if (rc != STATUS_OK) return rc;
    if (p->suffix != NULL && mkdir(p->path, 0777) != 0 && errno != EEXIST) {
        p->name = mem_copy_text(p->path);
        return export_target_fail(p, "cannot make", why);
    }
    p->name = p->suffix != NULL ? export_target_name(p, part) : mem_copy_text(p->path);
    if (export_target_is_source(p))
        return problem_set(why, STATUS_FAILED,
                           "%s is the database itself: choose another name", p->name);
    p->fd = output_file_open(p->name, O_WRONLY | O_CREAT | O_TRUNC);
    return p->fd < 0 ? export_target_fail(p, "cannot make", why) : STATUS_OK;
}

/* A reader that has gone away stops the format as a failure does, but without words. */
static enum status export_target_print(struct export_place *p, struct bytes text,
                                       struct problem *why)
{
    enum status rc = output_write_part(text, &p->is_closed, why);
    return p->is_closed ? STATUS_FAILED : rc;
}

static enum status export_target_write(void *context, struct bytes text,
                                       struct problem *why)
{
    struct export_place *p = context;
    if (p->path == NULL) return export_target_print(p, text, why);
    bool is_written = output_file_write(p->fd, text);
    return is_written ? STATUS_OK : export_target_fail(p, "cannot write to", why);
}

struct export_target export_target_of(struct export_place *place)
{
    return (struct export_target){
        .context = place, .begin = export_target_begin, .write = export_target_write};
}

static bool export_target_is_plain_file(int fd)
{
    struct stat about;
    return fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
}

enum status export_target_end(struct export_place *place, enum status status,
                              struct problem *why)
{
    if (place->is_closed) status = STATUS_OK;
    if (status != STATUS_OK && export_target_is_plain_file(place->fd))
        unlink(place->name);
    enum status rc = export_target_close(place, status == STATUS_OK ? why : NULL);
    return status == STATUS_OK ? rc : status;
}
