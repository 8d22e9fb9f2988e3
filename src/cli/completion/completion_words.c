/* An option's or operand's name in the usage says what it is; where the same name means
 * different things, the option's own name decides. */
#include "cli/completion/completion_words.h"

#include "hopscope/export.h"
#include "hopscope/store.h"

#include <stdio.h>
#include <string.h>

/* ---- lists ---- */

static void completion_words_add(struct buffer *words, const char *word)
{
    buffer_print(words, "%s%s", words->len > 0 ? " " : "", word);
}

static void completion_words_questions(struct buffer *words)
{
    struct question q;
    for (size_t i = 0; question_get(i, &q); i++) completion_words_add(words, q.name);
}

static void completion_words_formats(struct buffer *words)
{
    const struct export_format *f;
    for (size_t i = 0; (f = export_format_at(i)) != NULL; i++)
        completion_words_add(words, f->name);
}

static void completion_words_tables(struct buffer *words)
{
    const struct export_format *f;
    for (size_t i = 0; (f = export_format_at(i)) != NULL; i++) {
        for (size_t k = 0; k < EXPORT_PARTS_MAX && f->parts[k] != NULL; k++)
            completion_words_add(words, f->parts[k]);
    }
}

static void completion_words_colors(struct buffer *words)
{
    buffer_append_text(words, "auto always never");
}

static void completion_words_modes(struct buffer *words)
{
    buffer_append_text(words, "on warn off");
}

static void completion_words_all(struct buffer *words)
{
    buffer_append_text(words, "any");
}

/* ---- who gets which ---- */

/* The first row that fits; `option` NULL: any option and operand. */
static const struct {
    const char *option, *name;
    enum completion_kind kind;
    void (*list)(struct buffer *words);
} completion_rules[] = {
    {"color", "WHEN", COMPLETION_WORDS, completion_words_colors},
    {"sandbox", "MODE", COMPLETION_WORDS, completion_words_modes},
    {"fail-on", "NAMES", COMPLETION_WORD_LIST, completion_words_questions},
    {"interface", "NAME", COMPLETION_INTERFACES, completion_words_all},
    {"table", "NAME", COMPLETION_WORDS, completion_words_tables},
    {NULL, "QUESTION", COMPLETION_WORDS, completion_words_questions},
    {NULL, "FORMAT", COMPLETION_WORDS, completion_words_formats},
    {NULL, "DB", COMPLETION_FILES, NULL},
    {NULL, "FILE", COMPLETION_FILES, NULL},
    {NULL, "DB|FILE", COMPLETION_FILES, NULL},
    {NULL, "PATH", COMPLETION_FILES, NULL},
};

static void completion_words_find(const char *option, const char *name,
                                  struct completion *out)
{
    *out = (struct completion){.kind = COMPLETION_NOTHING};
    for (size_t i = 0; i < ARRAY_LENGTH(completion_rules); i++) {
        const char *only = completion_rules[i].option;
        bool is_it = only == NULL || (option != NULL && strcmp(only, option) == 0);
        if (!is_it || strcmp(completion_rules[i].name, name) != 0) continue;
        out->kind = completion_rules[i].kind;
        if (completion_rules[i].list == NULL) return;
        completion_rules[i].list(&out->words);
        buffer_append(&out->words, bytes_of("", 1));
        return;
    }
}

void completion_words_of_option(const struct option_row *row, struct completion *out)
{
    completion_words_find(row->name, row->argument, out);
}

void completion_words_done(struct completion *c)
{
    buffer_done(&c->words);
}

const char *completion_words_text(const struct completion *c)
{
    return c->words.len > 0 ? (const char *)c->words.ptr : "";
}

/* ---- operands ---- */

/* "FILE...", "[QUESTION]": its name and whether it may be repeated. */
static void completion_words_read(const char *word, size_t len,
                                  struct completion_operand *out)
{
    static const char more[] = "...";
    char *name = out->name;
    snprintf(name, sizeof out->name, "%.*s", (int)len - (*word == '[' ? 2 : 0),
             word + (*word == '['));
    size_t named = strcspn(name, ".");
    out->is_repeated = strcmp(name + named, more) == 0;
    name[named] = '\0';
}

bool completion_words_operand(const struct command *command, size_t place,
                              struct completion_operand *out)
{
    const char *word = command->operands;
    bool is_argument = false; /* of an option that stands among them */
    for (;;) {
        word += strspn(word, " ");
        size_t len = strcspn(word, " ");
        if (len == 0) return false;
        bool is_skipped = is_argument || *word == '-';
        is_argument = *word == '-';
        if (!is_skipped && place == 0) {
            *out = (struct completion_operand){.is_repeated = false};
            completion_words_read(word, len, out);
            completion_words_find(NULL, out->name, &out->what);
            return true;
        }
        place -= is_skipped ? 0 : 1;
        word += len;
    }
}
