#include "disk_log.h"

#include "hopscope/base.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_FILES_MAX = 16, LOG_SECTOR = 512 };

enum event_kind {
    EVENT_WRITE,
    EVENT_TRUNCATE,
    EVENT_SYNC,
    EVENT_DELETE,
    EVENT_LINK,
    EVENT_FOLDER_SYNC,
    EVENT_MARK
};

struct event {
    enum event_kind kind;
    size_t file;
    int64_t offset, length; /* EVENT_TRUNCATE: length; EVENT_MARK: offset */
    uint8_t *data;
    bool is_durable; /* EVENT_DELETE */
};

struct disk_log {
    char *names[LOG_FILES_MAX]; /* the last part of the path */
    size_t file_count;
    struct event *events;
    size_t count, capacity;
};

/* ---- writing down ---- */

static size_t file_of(struct disk_log *l, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    for (size_t i = 0; i < l->file_count; i++)
        if (strcmp(l->names[i], name) == 0) return i;
    if (l->file_count == LOG_FILES_MAX) abort();
    l->names[l->file_count] = mem_copy_text(name);
    return l->file_count++;
}

static struct event *add(struct disk_log *l, enum event_kind kind, const char *path)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity == 0 ? 1024 : 2 * l->capacity;
        l->events = realloc(l->events, l->capacity * sizeof *l->events);
        if (l->events == NULL) abort();
    }
    struct event *e = &l->events[l->count++];
    *e = (struct event){.kind = kind, .file = path == NULL ? 0 : file_of(l, path)};
    return e;
}

struct disk_log *disk_log_new(void)
{
    return mem_alloc(sizeof(struct disk_log));
}

void disk_log_free(struct disk_log *l)
{
    for (size_t i = 0; i < l->count; i++) mem_free(l->events[i].data);
    for (size_t i = 0; i < l->file_count; i++) mem_free(l->names[i]);
    free(l->events);
    mem_free(l);
}

int disk_log_watch(void *log, const struct disk_operation *operation)
{
    static const enum event_kind kinds[DISK_DEED_COUNT] = {
        [DISK_WRITE] = EVENT_WRITE,
        [DISK_TRUNCATE] = EVENT_TRUNCATE,
        [DISK_SYNC] = EVENT_SYNC,
        [DISK_DELETE] = EVENT_DELETE,
    };
    enum event_kind kind = kinds[operation->deed];
    bool is_ours = operation->path[0] != '\0' &&
                   (kind != EVENT_WRITE || operation->deed == DISK_WRITE);
    if (!is_ours) return SQLITE_OK;
    struct event *e = add(log, kind, operation->path);
    e->offset = operation->offset;
    e->length = operation->length;
    e->is_durable = operation->is_dir_synced;
    if (kind == EVENT_WRITE) {
        e->data = mem_alloc((size_t)e->length);
        memcpy(e->data, operation->data, (size_t)e->length);
    }
    return SQLITE_OK;
}

void disk_log_sync(struct disk_log *l, int fd)
{
    char link[64], path[PATH_MAX];
    struct stat found;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len < 0 || fstat(fd, &found) != 0) abort();
    path[len] = '\0';
    bool is_folder = S_ISDIR(found.st_mode);
    add(l, is_folder ? EVENT_FOLDER_SYNC : EVENT_SYNC, is_folder ? NULL : path);
}

void disk_log_link(struct disk_log *l, const char *from, const char *to)
{
    size_t target = file_of(l, to);
    add(l, EVENT_LINK, from)->offset = (int64_t)target;
}

void disk_log_mark(struct disk_log *l, int64_t value)
{
    add(l, EVENT_MARK, NULL)->offset = value;
}

size_t disk_log_length(const struct disk_log *l)
{
    return l->count;
}

/* ---- reading it again ---- */

struct image {
    uint8_t *bytes;
    int64_t length, capacity;
};

struct disk_file_state {
    struct image durable;
    struct image ghost; /* what a deletion that may not last would bring back */
    bool has_ghost;
    bool is_there, is_name_durable;
    size_t *pending; /* events that may be on the disk */
    size_t pending_count, pending_capacity;
};

struct disk_replay {
    const struct disk_log *log;
    size_t next;
    int64_t mark;
    struct disk_file_state files[LOG_FILES_MAX];
    struct image scratch;
};

static void image_resize(struct image *m, int64_t length)
{
    if (length > m->capacity) {
        m->capacity = length * 2 + LOG_SECTOR;
        m->bytes = realloc(m->bytes, (size_t)m->capacity);
        if (m->bytes == NULL) abort();
    }
    if (length > m->length)
        memset(m->bytes + m->length, 0, (size_t)(length - m->length));
    m->length = length;
}

static void image_copy(struct image *to, const struct image *from)
{
    image_resize(to, from->length);
    if (from->length > 0) memcpy(to->bytes, from->bytes, (size_t)from->length);
}

static void image_write(struct image *m, int64_t offset, const uint8_t *data,
                        int64_t length)
{
    if (offset + length > m->length) image_resize(m, offset + length);
    memcpy(m->bytes + offset, data, (size_t)length);
}

static void image_apply(struct image *m, const struct event *e)
{
    if (e->kind == EVENT_TRUNCATE)
        image_resize(m, e->length);
    else
        image_write(m, e->offset, e->data, e->length);
}

struct disk_replay *disk_replay_new(const struct disk_log *log)
{
    struct disk_replay *r = mem_alloc(sizeof *r);
    r->log = log;
    r->mark = -1;
    return r;
}

void disk_replay_free(struct disk_replay *r)
{
    for (size_t i = 0; i < LOG_FILES_MAX; i++) {
        free(r->files[i].durable.bytes);
        free(r->files[i].ghost.bytes);
        free(r->files[i].pending);
    }
    free(r->scratch.bytes);
    mem_free(r);
}

static void keep_pending(struct disk_file_state *f, size_t event)
{
    if (f->pending_count == f->pending_capacity) {
        f->pending_capacity = f->pending_capacity * 2 + 64;
        f->pending = realloc(f->pending, f->pending_capacity * sizeof *f->pending);
        if (f->pending == NULL) abort();
    }
    f->pending[f->pending_count++] = event;
    f->is_there = true;
    f->has_ghost = false;
}

static void sync_file(struct disk_replay *r, struct disk_file_state *f)
{
    for (size_t i = 0; i < f->pending_count; i++)
        image_apply(&f->durable, &r->log->events[f->pending[i]]);
    f->pending_count = 0;
}

static void delete_file(struct disk_file_state *f, bool is_durable)
{
    f->has_ghost = !is_durable && f->is_there;
    if (f->has_ghost) image_copy(&f->ghost, &f->durable);
    image_resize(&f->durable, 0);
    f->pending_count = 0;
    f->is_there = f->is_name_durable = false;
}

/* The same bytes under another name; nothing is written under the old one any more. */
static void link_file(const struct disk_file_state *from, struct disk_file_state *to)
{
    image_copy(&to->durable, &from->durable);
    for (size_t i = 0; i < from->pending_count; i++) keep_pending(to, from->pending[i]);
    to->is_there = true;
    to->is_name_durable = false;
}

static void sync_folder(struct disk_replay *r)
{
    for (size_t i = 0; i < r->log->file_count; i++) {
        r->files[i].is_name_durable = r->files[i].is_there;
        r->files[i].has_ghost = false;
    }
}

bool disk_replay_step(struct disk_replay *r)
{
    if (r->next == r->log->count) return false;
    const struct event *e = &r->log->events[r->next];
    struct disk_file_state *f = &r->files[e->file];
    switch (e->kind) {
    case EVENT_WRITE:
    case EVENT_TRUNCATE: keep_pending(f, r->next); break;
    case EVENT_SYNC: /* SQLite syncs the folder of a log it has made, too */
        sync_file(r, f);
        if (f->is_there && !f->is_name_durable) sync_folder(r);
        break;
    case EVENT_DELETE: delete_file(f, e->is_durable); break;
    case EVENT_LINK: link_file(f, &r->files[e->offset]); break;
    case EVENT_FOLDER_SYNC: sync_folder(r); break;
    case EVENT_MARK: r->mark = e->offset; break;
    }
    r->next++;
    return true;
}

int64_t disk_replay_mark(const struct disk_replay *r)
{
    return r->mark;
}

/* ---- the cut ---- */

static void write_torn(struct image *m, const struct event *e,
                       struct random_source *random)
{
    for (int64_t at = 0; at < e->length; at += LOG_SECTOR) {
        int64_t rest = e->length - at;
        if (random_next(random) % 2 == 0)
            image_write(m, e->offset + at, e->data + at,
                        rest < LOG_SECTOR ? rest : LOG_SECTOR);
    }
}

/* `fate`: of eight. 0: nothing that was not synced is there; 1: all of it; 2: writes in
 * part; others: some writes. */
static void add_pending(struct disk_replay *r, const struct disk_file_state *f,
                        uint64_t fate, struct random_source *random)
{
    for (size_t i = 0; i < f->pending_count; i++) {
        const struct event *e = &r->log->events[f->pending[i]];
        bool is_there = fate == 1 || (fate > 1 && random_next(random) % 2 == 0);
        if (!is_there) continue;
        if (fate == 2 && e->kind == EVENT_WRITE)
            write_torn(&r->scratch, e, random);
        else
            image_apply(&r->scratch, e);
    }
}

static void put_file(const char *path, const struct image *m)
{
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, m->bytes, (size_t)m->length) != m->length) abort();
    close(fd);
}

void disk_replay_cut(struct disk_replay *r, struct random_source *random,
                     const char *folder)
{
    for (size_t i = 0; i < r->log->file_count; i++) {
        const struct disk_file_state *f = &r->files[i];
        char path[PATH_MAX];
        uint64_t fate = random_next(random) % 8;
        bool is_lucky = random_next(random) % 2 == 0;
        snprintf(path, sizeof path, "%s/%s", folder, r->log->names[i]);
        unlink(path);
        if (f->is_there && (f->is_name_durable || is_lucky)) {
            image_copy(&r->scratch, &f->durable);
            add_pending(r, f, fate, random);
            put_file(path, &r->scratch);
        } else if (!f->is_there && f->has_ghost && is_lucky) {
            put_file(path, &f->ghost);
        }
    }
}
