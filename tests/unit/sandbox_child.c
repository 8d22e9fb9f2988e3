#include "sandbox_child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct sandbox_place here[] = {{"made.db", SANDBOX_MAKE, false}};
const struct sandbox_options sandbox_child_gate = {
    .mode = SANDBOX_ON, .places = here, .place_count = 1};

bool sandbox_child_enter(const struct sandbox_options *options)
{
    struct problem missing, why;
    return sandbox_enter(options, &missing, &why) == STATUS_OK;
}

int sandbox_child_run(int (*work)(const void *context), const void *context)
{
    int state = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) return -1;
    if (child == 0) _exit(work(context));
    if (waitpid(child, &state, 0) != child) return -1;
    return WIFEXITED(state) ? WEXITSTATUS(state) : 1000 + WTERMSIG(state);
}

bool sandbox_child_status(const char *name, char out[64])
{
    char line[256];
    size_t len = strlen(name);
    FILE *in = fopen("/proc/thread-self/status", "re");
    bool is_found = false;
    while (in != NULL && !is_found && fgets(line, sizeof line, in) != NULL) {
        is_found = strncmp(line, name, len) == 0 && line[len] == ':';
        if (is_found) {
            size_t begin = len + 1 + strspn(line + len + 1, " \t");
            snprintf(out, 64, "%.*s", (int)strcspn(line + begin, "\n"), line + begin);
        }
    }
    if (in != NULL) fclose(in);
    return is_found;
}

int sandbox_child_enter_folder(void **state)
{
    char *folder = mem_copy_text("/tmp/hopscope-sandbox-XXXXXX");
    *state = folder;
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

int sandbox_child_leave_folder(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", (const char *)*state);
    int failed = chdir("/") != 0 || system(command) != 0;
    mem_free(*state);
    return failed;
}
