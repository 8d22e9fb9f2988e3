#include "sandbox/place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SQLITE_VERSIONS_AT = 18, SQLITE_VERSION_WAL = 2 };

bool place_is_skipped(const struct sandbox_place *place)
{
    return place->path == NULL || place->path[0] == '\0' ||
           strcmp(place->path, "-") == 0;
}

bool place_is_made(const struct sandbox_place *place)
{
    bool is_for_making = place->use == SANDBOX_MAKE || place->use == SANDBOX_FOLDER;
    return is_for_making && !place_is_skipped(place);
}

bool place_has_log(const char *path)
{
    uint8_t versions[2] = {0};
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t got = pread(fd, versions, sizeof versions, SQLITE_VERSIONS_AT);
    close(fd);
    return got == (ssize_t)sizeof versions && versions[1] == SQLITE_VERSION_WAL;
}

static char *folder_of(const char *path)
{
    char *folder = mem_copy_text(path);
    size_t len = strlen(folder);
    while (len > 1 && folder[len - 1] == '/') folder[--len] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        mem_free(folder);
        return mem_copy_text(".");
    }
    slash[slash == folder ? 1 : 0] = '\0';
    return folder;
}

char *place_folder(const struct sandbox_place *place)
{
    struct stat about;
    bool is_there = stat(place->path, &about) == 0;
    switch (place->use) {
    case SANDBOX_READ: return NULL;
    case SANDBOX_DATABASE:
        return place_has_log(place->path) ? folder_of(place->path) : NULL;
    case SANDBOX_MAKE:
        if (is_there && !S_ISREG(about.st_mode)) return NULL;
        return folder_of(place->path);
    case SANDBOX_FOLDER:
        return is_there ? mem_copy_text(place->path) : folder_of(place->path);
    }
    return NULL;
}

static bool may(const char *path, int what)
{
    return faccessat(AT_FDCWD, path, what, AT_EACCESS) == 0 || errno == ENOENT ||
           errno == ENOTDIR || errno == EROFS;
}

bool place_is_reachable(const struct sandbox_place *place)
{
    if (place_is_skipped(place)) return true;
    char *folder = place_folder(place);
    bool is_fine = folder == NULL || may(folder, W_OK | X_OK);
    mem_free(folder);
    return is_fine && may(place->path, place_is_made(place) ? W_OK : R_OK);
}
