/* Files that are written to. In a folder that others write to, a link of theirs could
 * lead into a file of ours; what is no regular file (/dev/stdout leads to it) has
 * nothing to lose. */
#include "hopscope/base.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_FILE_MODE = 0666 /* umask decides */ };

int output_file_open(const char *path, int flags)
{
    struct stat about;
    int fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC, OUTPUT_FILE_MODE);
    if (fd >= 0 || errno != ELOOP) return fd;
    fd = open(path, (flags & ~(O_CREAT | O_EXCL | O_TRUNC)) | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0 && fstat(fd, &about) == 0 && !S_ISREG(about.st_mode)) return fd;
    if (fd >= 0) close(fd);
    errno = ELOOP;
    return -1;
}

bool output_file_write(int fd, struct bytes text)
{
    while (text.len > 0) {
        ssize_t written = write(fd, text.ptr, text.len);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text = bytes_from(text, (size_t)written);
    }
    return true;
}

const char *output_file_error(int error)
{
    if (error == ELOOP) return "it is a symbolic link; name the file itself";
    return strerror(error);
}
