#include "ui/document.h"

#include <stdarg.h>
#include <stdio.h>

void document_done(struct document *d)
{
    buffer_done(&d->text);
    mem_free(d->runs);
    *d = (struct document){.runs = NULL};
}

void document_clear(struct document *d)
{
    buffer_clear(&d->text);
    d->run_count = d->line_count = 0;
}

static struct document_run *add_run(struct document *d)
{
    if (d->run_count == d->capacity) {
        d->capacity = d->capacity == 0 ? 64 : 2 * d->capacity;
        d->runs = mem_resize(d->runs, d->capacity * sizeof *d->runs);
    }
    struct document_run *run = &d->runs[d->run_count++];
    *run = (struct document_run){.start = d->text.len, .end = d->text.len};
    return run;
}

void document_add(struct document *d, unsigned style, struct bytes text)
{
    struct document_run *run = add_run(d);
    run->style = style;
    buffer_append(&d->text, text);
    run->end = d->text.len;
}

void document_print(struct document *d, unsigned style, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    document_add(d, style, bytes_of_text(text));
}

void document_end_line(struct document *d)
{
    add_run(d)->ends_line = true;
    d->line_count++;
}

void document_draw(const struct document *d, struct canvas_area a, size_t top)
{
    size_t line = 0;
    int column = 0;
    for (size_t i = 0; i < d->run_count; i++) {
        const struct document_run *run = &d->runs[i];
        if (run->ends_line) {
            line++;
            column = 0;
            continue;
        }
        if (line < top) continue;
        if (line - top >= (size_t)a.rows) return;
        struct bytes text = bytes_of(d->text.ptr + run->start, run->end - run->start);
        column += canvas_write(a, (int)(line - top), column, a.columns - column, text,
                               run->style);
    }
}
