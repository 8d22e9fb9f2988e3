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

/* Ends the file that is open, if one is: whole under its name, or not at all. */
static enum status export_target_close(struct export_place *p, bool is_whole,
                                       struct problem *why)
{
    enum status rc = STATUS_OK;
    if (p->fd >= 0 && close(p->fd) != 0)
        rc = export_target_fail(p, "cannot write to", why);
    is_whole = is_whole && rc == STATUS_OK;
    if (is_whole && p->beside != NULL && rename(p->beside, p->name) != 0) {
        rc = export_target_fail(p, "cannot make", why);
        is_whole = false;
    }
    if (!is_whole && p->beside != NULL) unlink(p->beside);
    p->fd = -1;
    mem_free(p->name);
    mem_free(p->beside);
    p->name = p->beside = NULL;
    return rc;
}

/* What is no regular file (a pipe, a terminal) is written to where it is. */
static bool export_target_is_file(const char *name)
{
    struct stat about;
    return lstat(name, &about) != 0 || S_ISREG(about.st_mode);
}

static enum status export_target_open(struct export_place *p, struct problem *why)
{
    if (export_target_is_file(p->name)) {
        size_t size = strlen(p->name) + sizeof ".partial-" + 3 * sizeof(long);
        p->beside = mem_alloc(size);
        snprintf(p->beside, size, "%s.partial-%ld", p->name, (long)getpid());
        p->fd = output_file_open(p->beside, O_WRONLY | O_CREAT | O_EXCL);
        if (p->fd >= 0) return STATUS_OK;
        mem_free(p->beside); /* whatever is called so is not ours to remove */
        p->beside = NULL;
    } else {
        p->fd = output_file_open(p->name, O_WRONLY);
    }
    return p->fd < 0 ? export_target_fail(p, "cannot make", why) : STATUS_OK;
}

static enum status export_target_begin(void *context, const char *part,
                                       struct problem *why)
{
    struct export_place *p = context;
    if (p->path == NULL) return STATUS_OK;
    enum status rc = export_target_close(p, true, why);
    if (rc != STATUS_OK) return rc;
    if (p->suffix != NULL && mkdir(p->path, 0777) != 0 && errno != EEXIST) {
        p->name = mem_copy_text(p->path);
        return export_target_fail(p, "cannot make", why);
    }
    p->name = p->suffix != NULL ? export_target_name(p, part) : mem_copy_text(p->path);
    if (export_target_is_source(p))
        return problem_set(why, STATUS_FAILED,
                           "%s is the database itself: choose another name", p->name);
    return export_target_open(p, why);
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

enum status export_target_end(struct export_place *place, enum status status,
                              struct problem *why)
{
    if (place->is_closed) status = STATUS_OK;
    if (status == STATUS_OK) return export_target_close(place, true, why);
    export_target_close(place, false, NULL);
    return status;
}
