/* manual TEMPLATE: a manual page. Runs at build time, so that pages and program say the
 * same. A line of the template that begins with `@` is replaced by a list:
 *
 *   src/cli/man/hopscope-read.1.in --@options read--> option_table.c --> page */
#include "cli/command_table.h"
#include "cli/man/mdoc_lists.h"
#include "cli/man/mdoc_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- one line of the template ---- */

static void manual_about(const struct command *command, struct buffer *out)
{
    mdoc_text_pages(bytes_of_text(command->about), true, NULL, out);
}

static void manual_notes(const struct command *command, struct buffer *out)
{
    mdoc_text_pages(bytes_of_text(command->notes), false, "Exit status: ", out);
}

static void manual_purpose(const struct command *command, struct buffer *out)
{
    buffer_print(out, ".Nd %s\n", command->purpose);
}

/* Either of the two makes the list. */
static const struct {
    const char *name;
    void (*write_all)(struct buffer *out);
    void (*write_of)(const struct command *command, struct buffer *out);
} manual_lists[] = {
    {"@commands", mdoc_lists_commands, NULL},
    {"@questions", mdoc_lists_questions, NULL},
    {"@findings", mdoc_lists_findings, NULL},
    {"@calls", mdoc_lists_calls, NULL},
    {"@purpose", NULL, manual_purpose},
    {"@synopsis", NULL, mdoc_lists_synopsis},
    {"@about", NULL, manual_about},
    {"@options", NULL, mdoc_lists_options},
    {"@notes", NULL, manual_notes},
    {"@exits", NULL, mdoc_lists_exits},
};

static bool manual_write_columns(const char *view, struct buffer *out)
{
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        if (strcmp(record_layout((enum record_kind)kind)->view, view) != 0) continue;
        mdoc_lists_columns((enum record_kind)kind, out);
        return true;
    }
    return false;
}

/* False: there is no such list, or nothing of that name. */
static bool manual_write_list(const char *word, const char *of, struct buffer *out)
{
    const struct command *command = command_table_find(of);
    if (strcmp(word, "@columns") == 0) return manual_write_columns(of, out);
    for (size_t i = 0; i < ARRAY_LENGTH(manual_lists); i++) {
        if (strcmp(manual_lists[i].name, word) != 0) continue;
        if (manual_lists[i].write_all) manual_lists[i].write_all(out);
        if (manual_lists[i].write_of && command) manual_lists[i].write_of(command, out);
        return manual_lists[i].write_all || command;
    }
    return false;
}

/* ---- the page ---- */

static bool manual_write(FILE *template, struct buffer *out)
{
    char line[512], word[64], of[64];
    while (fgets(line, sizeof line, template) != NULL) {
        if (line[0] != '@') {
            buffer_append_text(out, line);
            continue;
        }
        of[0] = '\0';
        if (sscanf(line, "%63s %63s", word, of) < 1 ||
            !manual_write_list(word, of, out)) {
            fprintf(stderr, "manual: no list: %s", line);
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct buffer page = {.ptr = NULL};
    FILE *template = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (template == NULL) {
        fprintf(stderr, "usage: manual TEMPLATE >page\n");
        return 2;
    }
    bool is_whole = manual_write(template, &page);
    fclose(template);
    if (is_whole) fwrite(page.ptr, 1, page.len, stdout);
    buffer_done(&page);
    return is_whole && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
