#include "hopscope/base.h"

#include <stdarg.h>
#include <stdio.h>

enum status problem_set(struct problem *p, enum status status, const char *format, ...)
{
    if (!p) return status;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(p->text, sizeof p->text, format, arguments);
    va_end(arguments);
    if (length < 0) p->text[0] = '\0';
    for (char *c = p->text; *c; c++) {
        /* A file name may hold escape sequences that would act on a terminal. */
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
    }
    return status;
}
