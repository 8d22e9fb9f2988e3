#include "cli/output.h"

#include "cli/options.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_WIDTH_USUAL = 80 };

void output_prepare(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    umask(077); /* whom one talks to is nobody else's business */
}

enum status output_write_part(struct bytes text, bool *is_closed, struct problem *why)
{
    if (output_file_write(STDOUT_FILENO, text)) return STATUS_OK;
    if (errno == EPIPE) *is_closed = true;
    if (*is_closed) return STATUS_OK;
    return problem_set(why, STATUS_FAILED, "cannot write to standard output: %s",
                       strerror(errno));
}

enum status output_write(struct bytes text, struct problem *why)
{
    bool is_closed = false;
    return output_write_part(text, &is_closed, why);
}

bool output_has_color(uint8_t color_when)
{
    if (color_when != COLOR_AUTO) return color_when == COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    if (no_color && *no_color) return false; /* https://no-color.org */
    if (!terminal || strcmp(terminal, "dumb") == 0) return false;
    return isatty(STDOUT_FILENO) == 1;
}

unsigned output_width(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return OUTPUT_WIDTH_USUAL;
}

void output_complain(const char *sentence)
{
    fprintf(stderr, "hopscope: %s\n", sentence);
}
