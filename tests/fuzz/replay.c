/* Runs a fuzz target over files instead of fuzzing it: seeds and former findings stay
 * checked in every build, also where there is no libFuzzer.
 *
 *   fuzz_x [FILE | DIRECTORY]...     a path that is not there is passed over */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Targets that mutate by themselves are linked with it; nobody calls it here. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    (void)data, (void)max_size;
    return size;
}

static size_t replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return 0;
    struct stat about;
    if (fstat(fileno(file), &about) != 0 || !S_ISREG(about.st_mode)) {
        fclose(file);
        return 0;
    }
    /* A block of exactly the input's size, so that a read past it is seen. */
    size_t size = (size_t)about.st_size;
    uint8_t *data = malloc(size);
    if (size != 0 && (data == NULL || fread(data, 1, size, file) != size)) {
        perror(path);
        exit(1);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

static size_t replay_directory(DIR *directory, const char *path)
{
    size_t count = 0;
    for (struct dirent *e = readdir(directory); e != NULL; e = readdir(directory)) {
        char name[PATH_MAX];
        if (e->d_name[0] == '.') continue;
        int len = snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        if (len > 0 && (size_t)len < sizeof name) count += replay_file(name);
    }
    return count;
}

int main(int argc, char **argv)
{
    static const uint8_t nothing[1] = {0};
    LLVMFuzzerTestOneInput(nothing, 0);
    size_t count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *directory = opendir(argv[i]);
        if (directory == NULL) {
            count += replay_file(argv[i]);
            continue;
        }
        count += replay_directory(directory, argv[i]);
        closedir(directory);
    }
    printf("%zu inputs replayed\n", count);
    return 0;
}
