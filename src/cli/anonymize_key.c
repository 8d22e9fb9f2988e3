/* A key's file is 32 hexadecimal digits and a line end: easy to make, to look at and to
 * send to whoever shall compare. */
#include "cli/anonymize_key.h"

#include "hopscope/pseudonym.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY_DIGITS = 32, KEY_FILE_MAX = 64 };

static enum status refuse(const char *path, struct problem *why)
{
    return problem_set(why, STATUS_FAILED,
                       "%s is no key: that is a line of 32 hexadecimal digits, which "
                       "--anonymize-key writes into a file that is not there",
                       path);
}

static uint64_t number_of(const char digits[KEY_DIGITS / 2])
{
    char text[KEY_DIGITS / 2 + 1];
    memcpy(text, digits, KEY_DIGITS / 2);
    text[KEY_DIGITS / 2] = '\0';
    return strtoull(text, NULL, 16);
}

static enum status read_key(int fd, const char *path, struct hash_key *out,
                            struct problem *why)
{
    char text[KEY_FILE_MAX + 1] = "";
    ssize_t got = read(fd, text, KEY_FILE_MAX);
    if (got < 0)
        return problem_set(why, STATUS_FAILED, "cannot read %s: %s", path,
                           strerror(errno));
    size_t digits = strspn(text, "0123456789abcdefABCDEF");
    size_t blanks = strspn(text + digits, " \t\r\n");
    if (digits != KEY_DIGITS || digits + blanks != (size_t)got)
        return refuse(path, why);
    out->k0 = number_of(text);
    out->k1 = number_of(text + KEY_DIGITS / 2);
    return STATUS_OK;
}

static enum status make_key(const char *path, struct hash_key *out, struct problem *why)
{
    char text[KEY_DIGITS + 2];
    enum status rc = pseudonym_key_random(out, why);
    if (rc != STATUS_OK) return rc;
    int length = snprintf(text, sizeof text, "%016llx%016llx\n",
                          (unsigned long long)out->k0, (unsigned long long)out->k1);
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool is_written = fd >= 0 && output_file_write(fd, bytes_of(text, (size_t)length));
    int error = errno;
    if (fd >= 0 && close(fd) != 0) is_written = false;
    if (is_written) return STATUS_OK;
    if (fd >= 0) unlink(path);
    return problem_set(why, STATUS_FAILED, "cannot make the key %s: %s", path,
                       strerror(error));
}

enum status anonymize_key_get(const struct options *o, struct hash_key *out,
                              struct problem *why)
{
    const char *path = o->anonymize_key;
    *out = (struct hash_key){0};
    if (!anonymize_is_wanted(o)) return STATUS_OK;
    if (o->wants_secrets)
        return problem_set(why, STATUS_USAGE,
                           "--secrets keeps what --anonymize leaves out: one of them");
    if (path == NULL) return pseudonym_key_random(out, why);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return make_key(path, out, why);
    if (fd < 0)
        return problem_set(why, STATUS_FAILED, "cannot read %s: %s", path,
                           strerror(errno));
    enum status rc = read_key(fd, path, out, why);
    close(fd);
    return rc;
}
