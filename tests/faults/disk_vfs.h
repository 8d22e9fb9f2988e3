/* A VFS of SQLite between it and the usual one: every operation on a disk is shown to
 * somebody first, who may let it fail. */
#ifndef FAULTS_DISK_VFS_H
#define FAULTS_DISK_VFS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum disk_deed {
    DISK_OPEN,
    DISK_READ,
    DISK_WRITE,
    DISK_TRUNCATE,
    DISK_SYNC,
    DISK_SIZE,
    DISK_LOCK,
    DISK_MAP, /* of the shared memory beside the log */
    DISK_DELETE,
    DISK_ACCESS,
    DISK_DEED_COUNT
};

struct disk_operation {
    enum disk_deed deed;
    const char *path; /* as SQLite knows it: absolute; "": a temporary file */
    int64_t offset;
    const void *data;   /* of DISK_WRITE */
    int64_t length;     /* of the data; of DISK_TRUNCATE: the new size */
    bool is_dir_synced; /* of DISK_DELETE: it is on the disk at once */
};

struct disk_watch {
    /* SQLITE_OK: let it happen; else what SQLite is told instead. */
    int (*before)(void *context, const struct disk_operation *operation);
    void *context;
};

/* Makes it the VFS of all databases that are opened from now on; `watch` must outlive
 * it. The usual one stays there by its name, "unix". */
struct disk_vfs *disk_vfs_install(const struct disk_watch *watch);
/* After the last of its databases was closed. */
void disk_vfs_remove(struct disk_vfs *v);
/* The code by which SQLite tells that such a deed failed. */
int disk_vfs_error(enum disk_deed deed);
const char *disk_vfs_name(enum disk_deed deed);

#endif
