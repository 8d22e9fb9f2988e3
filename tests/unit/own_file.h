/* A fresh empty file for each test: its path is the test's state. */
#ifndef OWN_FILE_H
#define OWN_FILE_H

#include "hopscope/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline int own_file_make(void **state)
{
    char *path = mem_copy_text("/tmp/hopscope-test-XXXXXX");
    int file = mkstemp(path);
    *state = path;
    return file < 0 || close(file) != 0;
}

static inline int own_file_remove(void **state)
{
    remove(*state);
    mem_free(*state);
    return 0;
}

#endif
