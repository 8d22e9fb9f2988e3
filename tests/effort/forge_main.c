/* forge NAME BYTES [FOLDER]: one pattern of about that size on standard output, or as
 * numbered files in FOLDER; forge list: every name, with its form in front. */
#include "pattern.h"

#include <stdlib.h>

static const struct verse *find_verse(const char *name)
{
    const struct verse *v = NULL;
    for (size_t i = 0; (v = pattern_verse_at(i)) != NULL; i++)
        if (strcmp(v->name, name) == 0) break;
    return v;
}

static const struct pattern *find_pattern(const char *name)
{
    const struct pattern *p = NULL;
    for (size_t i = 0; (p = pattern_at(i)) != NULL; i++)
        if (strcmp(p->name, name) == 0) break;
    return p;
}

static int list(void)
{
    const struct verse *v = NULL;
    const struct pattern *p = NULL;
    for (size_t i = 0; (v = pattern_verse_at(i)) != NULL; i++)
        printf("file %s\n", v->name);
    for (size_t i = 0; (p = pattern_at(i)) != NULL; i++)
        printf("%s %s\n", p->form == PATTERN_FILES ? "folder" : "file", p->name);
    return 0;
}

static struct forge forge_of(FILE *out, uint64_t bytes)
{
    return (struct forge){
        .out = out, .bytes_max = bytes, .step_us = 10, .random = 88172645463325252u};
}

static bool write_files(const struct pattern *p, uint64_t bytes, const char *folder)
{
    uint64_t count = bytes / PATTERN_FILE_BYTES;
    for (uint64_t i = 0; i < count; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%05llu", folder, (unsigned long long)i);
        FILE *out = fopen(path, "wb");
        if (out == NULL) return false;
        struct forge f = forge_of(out, PATTERN_FILE_BYTES);
        f.now_us = (int64_t)i * 1000;
        f.ip_id = (uint16_t)i;
        forge_begin(&f, 1);
        p->write(&f);
        if (fclose(out) != 0) return false;
    }
    return true;
}

static bool write_one(const char *name, uint64_t bytes)
{
    struct forge f = forge_of(stdout, bytes);
    const struct verse *v = find_verse(name);
    const struct pattern *p = find_pattern(name);
    if (v == NULL && p == NULL) return false;
    if (v != NULL || p->form == PATTERN_PCAP) forge_begin(&f, 1);
    if (v != NULL)
        pattern_verse_write(&f, v);
    else
        p->write(&f);
    return fflush(stdout) == 0 && ferror(stdout) == 0;
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "list") == 0) return list();
    if (count < 3) return 2;
    uint64_t bytes = strtoull(arguments[2], NULL, 10);
    if (count == 3) return write_one(arguments[1], bytes) ? 0 : 1;
    const struct pattern *p = find_pattern(arguments[1]);
    if (p == NULL || p->form != PATTERN_FILES) return 2;
    return write_files(p, bytes, arguments[3]) ? 0 : 1;
}
