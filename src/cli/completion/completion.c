/* completion bash|zsh|fish: prints that shell's script. Runs at build time, so that
 * shells offer what the program takes. */
#include "cli/completion/completion_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *shell;
    void (*write)(struct buffer *out);
} completion_shells[] = {
    {"bash", completion_bash_write},
    {"zsh", completion_zsh_write},
    {"fish", completion_fish_write},
};

int main(int argc, char **argv)
{
    struct buffer script = {.ptr = NULL};
    for (size_t i = 0; argc == 2 && i < ARRAY_LENGTH(completion_shells); i++) {
        if (strcmp(completion_shells[i].shell, argv[1]) != 0) continue;
        completion_shells[i].write(&script);
        fwrite(script.ptr, 1, script.len, stdout);
        buffer_done(&script);
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    fprintf(stderr, "usage: completion bash|zsh|fish\n");
    return 2;
}
