#include "cli/man/mdoc_lists.h"

#include "cli/command_table.h"
#include "cli/man/mdoc_text.h"
#include "cli/option_table.h"
#include "hopscope/finding.h"
#include "hopscope/sandbox.h"
#include "hopscope/store.h"

#include <stdio.h>
#include <string.h>

static const char exit_mark[] = "Exit status: ";

/* ---- commands and their options ---- */

void mdoc_lists_commands(struct buffer *out)
{
    buffer_append_text(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < command_row_count; i++) {
        buffer_print(out, ".It Xr hopscope-%s 1\n", command_rows[i]->name);
        mdoc_text_fill_sentence(bytes_of_text(command_rows[i]->purpose), out);
    }
    buffer_append_text(out, ".El\n");
}

static void mdoc_lists_write_operand(struct bytes word, struct buffer *out)
{
    bool is_optional = bytes_start_with(word, "[");
    if (is_optional) word = bytes_first(bytes_from(word, 1), word.len - 2);
    bool is_literal = word.len > 0 && memchr(word.ptr, '|', word.len) != NULL;
    const char *what = is_literal ? "Cm" : "Ar";
    bool is_first = true;
    buffer_append_text(out, is_optional ? ".Op " : ".");
    while (word.len > 0) {
        struct bytes one = mdoc_text_take_until(&word, "|");
        bool is_many = one.len > 3 && bytes_are(bytes_from(one, one.len - 3), "...");
        if (is_many) one.len -= 3;
        buffer_print(out, "%s%s %.*s%s", is_first ? "" : " | ", what, (int)one.len,
                     (const char *)one.ptr, is_many ? " ..." : "");
        is_first = false;
    }
    buffer_append_text(out, "\n");
}

/* Whether the operands have it, as in "DB -o FILE": then it can not be left out. */
static bool mdoc_lists_is_operand(const struct command *command,
                                  const struct option_row *row)
{
    const char mark[] = {' ', '-', row->letter, ' ', '\0'};
    return row->letter && strstr(command->operands, mark) != NULL;
}

void mdoc_lists_synopsis(const struct command *command, struct buffer *out)
{
    struct bytes rest = bytes_of_text(command->operands);
    buffer_print(out, ".Nm hopscope Cm %s\n", command->name);
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (!(row->commands & command->bit) || mdoc_lists_is_operand(command, row))
            continue;
        if (row->letter)
            buffer_print(out, ".Op Fl %c", row->letter);
        else
            buffer_print(out, ".Op Fl \\-%s", row->name);
        if (row->argument) buffer_print(out, " Ar %s", row->argument);
        buffer_append_text(out, "\n");
    }
    while (rest.len > 0) {
        struct bytes word = mdoc_text_take_until(&rest, " ");
        struct bytes of = bytes_of("", 0);
        bool is_option = bytes_start_with(word, "-");
        if (is_option) of = mdoc_text_take_until(&rest, " ");
        if (is_option)
            buffer_print(out, ".Fl %c Ar %.*s\n", word.ptr[1], (int)of.len,
                         (const char *)of.ptr);
        else
            mdoc_lists_write_operand(word, out);
    }
}

void mdoc_lists_options(const struct command *command, struct buffer *out)
{
    buffer_append_text(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (!(row->commands & command->bit)) continue;
        buffer_append_text(out, ".It");
        if (row->letter) buffer_print(out, " Fl %c", row->letter);
        if (row->letter && row->name) buffer_append_text(out, " ,");
        if (row->name) buffer_print(out, " Fl \\-%s", row->name);
        if (row->argument) buffer_print(out, " Ar %s", row->argument);
        buffer_append_text(out, "\n");
        mdoc_text_fill_sentence(bytes_of_text(row->help), out);
    }
    buffer_append_text(out, ".El\n");
}

void mdoc_lists_exits(const struct command *command, struct buffer *out)
{
    struct bytes rest = bytes_of_text(command->notes);
    mdoc_text_take_until(&rest, exit_mark);
    rest = mdoc_text_take_until(&rest, "\n\n");
    buffer_append_text(out, ".Bl -tag -width Ds\n");
    while (rest.len > 0) { /* 0 done; 1 could not do it; ... */
        struct bytes text = mdoc_text_take_until(&rest, ";");
        while (text.len > 0 && (*text.ptr == ' ' || *text.ptr == '\n'))
            text = bytes_from(text, 1);
        struct bytes number = mdoc_text_take_until(&text, " ");
        buffer_print(out, ".It %.*s\n", (int)number.len, (const char *)number.ptr);
        mdoc_text_fill_sentence(text, out);
    }
    buffer_append_text(out, ".El\n");
}

/* ---- questions ---- */

/* The comment's part that `mark` begins, up to the next mark, without its dashes. */
static void mdoc_lists_write_part(struct bytes about, const char *mark,
                                  struct buffer *out)
{
    struct buffer text = {.ptr = NULL};
    bool is_inside = false;
    while (about.len > 0) {
        struct bytes line = bytes_from(mdoc_text_take_line(&about), strlen("-- "));
        if (!bytes_start_with(line, " ")) is_inside = bytes_start_with(line, mark);
        if (!is_inside) continue;
        size_t mark_len = bytes_start_with(line, mark) ? strlen(mark) : 0;
        buffer_append(&text, bytes_from(line, mark_len));
        buffer_append_text(&text, "\n");
    }
    mdoc_text_fill_sentence(buffer_bytes(&text), out);
    buffer_done(&text);
}

static void mdoc_lists_write_params(const struct question *q, struct buffer *out)
{
    char mark[128];
    if (q->param_count == 0) return;
    buffer_append_text(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < q->param_count; i++) {
        const struct question_param *p = &q->params[i];
        buffer_print(out, ".It Fl \\-set Ar %.*s Ns = Ns Ar %.*s\n", (int)p->name.len,
                     (const char *)p->name.ptr, (int)p->value.len,
                     (const char *)p->value.ptr);
        /* p->about is the first line of it. */
        snprintf(mark, sizeof mark, "param %.*s = %.*s: ", (int)p->name.len,
                 (const char *)p->name.ptr, (int)p->value.len,
                 (const char *)p->value.ptr);
        mdoc_lists_write_part(q->about, mark, out);
    }
    buffer_append_text(out, ".El\n");
}

void mdoc_lists_questions(struct buffer *out)
{
    struct question q;
    buffer_append_text(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; question_get(i, &q); i++) {
        buffer_print(out, ".It Cm %s\n", q.name);
        mdoc_text_fill_sentence(q.title, out);
        mdoc_lists_write_part(q.about, "tells: ", out);
        mdoc_lists_write_part(q.about, "read: ", out);
        mdoc_lists_write_params(&q, out);
    }
    buffer_append_text(out, ".El\n");
}

/* ---- findings ---- */

void mdoc_lists_findings(struct buffer *out)
{
    buffer_append_text(out, ".Bl -tag -width Ds\n");
    for (int code = 0; code < FINDING_CODE_COUNT; code++) {
        const struct finding_description *d = finding_describe((enum finding_code)code);
        if (d->name == NULL || d->name[0] == '\0') continue;
        buffer_print(out, ".It Li %s Pq %s\n", d->name, severity_name(d->severity));
        mdoc_text_fill_sentence(bytes_of_text(d->title), out);
        if (d->reference && d->reference[0] != '\0')
            mdoc_text_fill_sentence(bytes_of_text(d->reference), out);
    }
    buffer_append_text(out, ".El\n");
}

/* ---- columns ---- */

static void mdoc_lists_write_names(const struct field *f, struct buffer *out)
{
    struct buffer text = {.ptr = NULL};
    for (size_t i = 1; f->names[i] != NULL; i++)
        buffer_print(&text, "%s%s", i == 1 ? "" : " | ", f->names[i]);
    buffer_append_text(&text, ".");
    mdoc_text_fill(buffer_bytes(&text), out);
    buffer_done(&text);
}

static void mdoc_lists_write_type(const struct field *f, struct buffer *out)
{
    static const char *const types[] = {
        [FIELD_INTEGER] = "Integer.",
        [FIELD_TIME] = "Microseconds since 1970.",
        [FIELD_DURATION] = "Microseconds, and milliseconds.",
        [FIELD_ENUM] = NULL, /* its names */
        [FIELD_TRI] = "1: yes; 0: no.",
        [FIELD_TEXT] = "Text.",
        [FIELD_ADDRESS] = "Text: an address.",
        [FIELD_PORT] = "Integer: a port.",
        [FIELD_PACKET] = "Number of a packet, as Wireshark counts.",
        [FIELD_CAPTURE_ID] = "Integer: the capture of that packet.",
    };
    if (f->type == FIELD_ENUM)
        mdoc_lists_write_names(f, out);
    else
        buffer_print(out, "%s\n", types[f->type]);
}

void mdoc_lists_columns(enum record_kind kind, struct buffer *out)
{
    const struct record_layout *layout = record_layout(kind);
    mdoc_text_fill_sentence(bytes_of_text(layout->about), out);
    buffer_append_text(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *f = &layout->fields[i];
        int stem = (int)(strlen(f->name) - strlen("us"));
        buffer_print(out, ".It Va %s", f->name);
        if (f->type == FIELD_DURATION) buffer_print(out, " , Va %.*sms", stem, f->name);
        buffer_append_text(out, "\n");
        mdoc_text_fill_sentence(bytes_of_text(f->title), out);
        mdoc_lists_write_type(f, out);
    }
    if (layout->time[0] != NULL)
        buffer_print(out, ".It Va time\nThe same as\n.Va %s ,\nin seconds.\n",
                     layout->time[0]);
    buffer_append_text(out, ".El\n");
}

/* ---- the sandbox ---- */

void mdoc_lists_calls(struct buffer *out)
{
    struct buffer list = {.ptr = NULL};
    syscall_list_write(&list);
    struct bytes rest = buffer_bytes(&list);
    buffer_append_text(out, ".Bl -tag -width Ds\n");
    while (rest.len > 0) { /* title: name name ... */
        struct bytes names = mdoc_text_take_line(&rest);
        struct bytes title = mdoc_text_take_until(&names, ": ");
        buffer_print(out, ".It %.*s\n", (int)title.len, (const char *)title.ptr);
        mdoc_text_fill(names, out);
    }
    buffer_append_text(out, ".El\n");
    buffer_done(&list);
}
