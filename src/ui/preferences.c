#include "ui/preferences.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PREFERENCES_BYTES_MAX = 4096, PREFERENCES_PATH_MAX = 4096 };

void preferences_read(const char *path, struct column_choice *choice)
{
    char text[PREFERENCES_BYTES_MAX];
    FILE *in = path == NULL ? NULL : fopen(path, "re");
    if (in == NULL) return;
    size_t len = fread(text, 1, sizeof text, in);
    fclose(in);
    columns_choice_read(choice, bytes_of(text, len));
}

/* Every folder above the file; what is there already stays as it is. */
static void make_folders(const char *path)
{
    char folder[PREFERENCES_PATH_MAX];
    if (strlen(path) >= sizeof folder) return;
    for (const char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        snprintf(folder, sizeof folder, "%.*s", (int)(at - path), path);
        mkdir(folder, 0700);
    }
}

bool preferences_write(const char *path, const struct column_choice *choice)
{
    struct buffer text = {.ptr = NULL};
    if (path == NULL) return true;
    make_folders(path);
    FILE *out = fopen(path, "we");
    if (out == NULL) return false;
    columns_choice_write(choice, &text);
    bool is_written = fwrite(text.ptr, 1, text.len, out) == text.len;
    buffer_done(&text);
    return fclose(out) == 0 && is_written;
}
