/* Each of our files holds one of the usual VFS behind itself:
 *
 *   | sqlite3_file | vfs, path | the usual file ...                          */
#include "disk_vfs.h"

#include "fake_clock.h"
#include "hopscope/base.h"

#include <string.h>

struct disk_vfs {
    sqlite3_vfs vfs;
    sqlite3_vfs *usual;
    const struct disk_watch *watch;
};

struct disk_file {
    sqlite3_file file;
    struct disk_vfs *vfs;
    const char *path;    /* SQLite keeps it for as long as the file is open */
    sqlite3_file *usual; /* right behind this struct */
};

/* clang-format off */
static const struct { const char *name; int error; } deeds[DISK_DEED_COUNT] = {
    [DISK_OPEN]     = {"open",     SQLITE_CANTOPEN},
    [DISK_READ]     = {"read",     SQLITE_IOERR_READ},
    [DISK_WRITE]    = {"write",    SQLITE_IOERR_WRITE},
    [DISK_TRUNCATE] = {"truncate", SQLITE_IOERR_TRUNCATE},
    [DISK_SYNC]     = {"sync",     SQLITE_IOERR_FSYNC},
    [DISK_SIZE]     = {"size",     SQLITE_IOERR_FSTAT},
    [DISK_LOCK]     = {"lock",     SQLITE_IOERR_LOCK},
    [DISK_MAP]      = {"map",      SQLITE_IOERR_SHMMAP},
    [DISK_DELETE]   = {"delete",   SQLITE_IOERR_DELETE},
    [DISK_ACCESS]   = {"access",   SQLITE_IOERR_ACCESS},
};
/* clang-format on */

int disk_vfs_error(enum disk_deed deed)
{
    return deeds[deed].error;
}

const char *disk_vfs_name(enum disk_deed deed)
{
    return deeds[deed].name;
}

static int show(struct disk_vfs *v, struct disk_operation operation)
{
    if (operation.path == NULL) operation.path = "";
    return v->watch->before(v->watch->context, &operation);
}

static int show_deed(struct disk_file *f, enum disk_deed deed)
{
    return show(f->vfs, (struct disk_operation){.deed = deed, .path = f->path});
}

static struct disk_file *own(sqlite3_file *file)
{
    return (struct disk_file *)file;
}

/* ---- files ---- */

static int on_close(sqlite3_file *file)
{
    sqlite3_file *usual = own(file)->usual;
    return usual->pMethods->xClose(usual);
}

static int on_read(sqlite3_file *file, void *out, int length, sqlite3_int64 offset)
{
    struct disk_file *f = own(file);
    int rc = show(f->vfs, (struct disk_operation){.deed = DISK_READ,
                                                  .path = f->path,
                                                  .offset = offset,
                                                  .length = length});
    return rc != SQLITE_OK ? rc
                           : f->usual->pMethods->xRead(f->usual, out, length, offset);
}

static int on_write(sqlite3_file *file, const void *data, int length,
                    sqlite3_int64 offset)
{
    struct disk_file *f = own(file);
    int rc = show(f->vfs, (struct disk_operation){.deed = DISK_WRITE,
                                                  .path = f->path,
                                                  .offset = offset,
                                                  .data = data,
                                                  .length = length});
    return rc != SQLITE_OK ? rc
                           : f->usual->pMethods->xWrite(f->usual, data, length, offset);
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct disk_file *f = own(file);
    int rc = show(f->vfs, (struct disk_operation){
                              .deed = DISK_TRUNCATE, .path = f->path, .length = size});
    return rc != SQLITE_OK ? rc : f->usual->pMethods->xTruncate(f->usual, size);
}

static int on_sync(sqlite3_file *file, int flags)
{
    struct disk_file *f = own(file);
    int rc = show_deed(f, DISK_SYNC);
    return rc != SQLITE_OK ? rc : f->usual->pMethods->xSync(f->usual, flags);
}

static int on_size(sqlite3_file *file, sqlite3_int64 *size)
{
    struct disk_file *f = own(file);
    int rc = show_deed(f, DISK_SIZE);
    return rc != SQLITE_OK ? rc : f->usual->pMethods->xFileSize(f->usual, size);
}

static int on_lock(sqlite3_file *file, int level)
{
    struct disk_file *f = own(file);
    int rc = show_deed(f, DISK_LOCK);
    return rc != SQLITE_OK ? rc : f->usual->pMethods->xLock(f->usual, level);
}

static int on_unlock(sqlite3_file *file, int level)
{
    sqlite3_file *usual = own(file)->usual;
    return usual->pMethods->xUnlock(usual, level);
}

static int on_check_lock(sqlite3_file *file, int *out)
{
    sqlite3_file *usual = own(file)->usual;
    return usual->pMethods->xCheckReservedLock(usual, out);
}

static int on_control(sqlite3_file *file, int what, void *argument)
{
    sqlite3_file *usual = own(file)->usual;
    return usual->pMethods->xFileControl(usual, what, argument);
}

static int on_sector_size(sqlite3_file *file)
{
    sqlite3_file *usual = own(file)->usual;
    return usual->pMethods->xSectorSize(usual);
}

static int on_characteristics(sqlite3_file *file)
{
    sqlite3_file *usual = own(file)->usual;
    return usual->pMethods->xDeviceCharacteristics(usual);
}

static int on_map(sqlite3_file *file, int page, int size, int extends,
                  void volatile **out)
{
    struct disk_file *f = own(file);
    int rc = show_deed(f, DISK_MAP);
    return rc != SQLITE_OK
               ? rc
               : f->usual->pMethods->xShmMap(f->usual, page, size, extends, out);
}

static int on_map_lock(sqlite3_file *file, int offset, int count, int flags)
{
    sqlite3_file *usual = own(file)->usual;
    return usual->pMethods->xShmLock(usual, offset, count, flags);
}

static void on_map_barrier(sqlite3_file *file)
{
    sqlite3_file *usual = own(file)->usual;
    usual->pMethods->xShmBarrier(usual);
}

static int on_unmap(sqlite3_file *file, int deletes)
{
    sqlite3_file *usual = own(file)->usual;
    return usual->pMethods->xShmUnmap(usual, deletes);
}

static const sqlite3_io_methods file_methods = {
    .iVersion = 2,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check_lock,
    .xFileControl = on_control,
    .xSectorSize = on_sector_size,
    .xDeviceCharacteristics = on_characteristics,
    .xShmMap = on_map,
    .xShmLock = on_map_lock,
    .xShmBarrier = on_map_barrier,
    .xShmUnmap = on_unmap,
};

/* ---- the VFS ---- */

static int on_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                   int *flags_out)
{
    struct disk_vfs *v = vfs->pAppData;
    struct disk_file *f = own(file);
    *f = (struct disk_file){.vfs = v, .path = path, .usual = (sqlite3_file *)(f + 1)};
    int rc = show_deed(f, DISK_OPEN);
    if (rc == SQLITE_OK)
        rc = v->usual->xOpen(v->usual, path, f->usual, flags, flags_out);
    if (rc == SQLITE_OK) f->file.pMethods = &file_methods;
    return rc;
}

static int on_delete(sqlite3_vfs *vfs, const char *path, int dir_sync)
{
    struct disk_vfs *v = vfs->pAppData;
    int rc =
        show(v, (struct disk_operation){
                    .deed = DISK_DELETE, .path = path, .is_dir_synced = dir_sync != 0});
    return rc != SQLITE_OK ? rc : v->usual->xDelete(v->usual, path, dir_sync);
}

static int on_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
    struct disk_vfs *v = vfs->pAppData;
    int rc = show(v, (struct disk_operation){.deed = DISK_ACCESS, .path = path});
    return rc != SQLITE_OK ? rc : v->usual->xAccess(v->usual, path, flags, out);
}

static int on_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    fake_clock_advance((int64_t)microseconds * 1000);
    return microseconds;
}

struct disk_vfs *disk_vfs_install(const struct disk_watch *watch)
{
    struct disk_vfs *v = mem_alloc(sizeof *v);
    v->watch = watch;
    v->usual = sqlite3_vfs_find("unix");
    v->vfs = *v->usual; /* what is not about files it does as it is */
    v->vfs.zName = "watched";
    v->vfs.pNext = NULL;
    v->vfs.pAppData = v;
    v->vfs.szOsFile = (int)sizeof(struct disk_file) + v->usual->szOsFile;
    v->vfs.xOpen = on_open;
    v->vfs.xDelete = on_delete;
    v->vfs.xAccess = on_access;
    v->vfs.xSleep = on_sleep;
    sqlite3_vfs_register(&v->vfs, 1);
    return v;
}

void disk_vfs_remove(struct disk_vfs *v)
{
    sqlite3_vfs_unregister(&v->vfs);
    sqlite3_vfs_register(v->usual, 1);
    mem_free(v);
}
