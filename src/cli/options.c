#include "cli/options.h"

#include "cli/likeness.h"
#include "cli/option_table.h"
#include "hopscope/certain.h"
#include "hopscope/sandbox.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { OPTION_LONG_ONLY = 256, OPTION_OPERAND = 1 };

/* ---- parsing ---- */

/* What getopt needs, made of the rows of one command. */
struct option_forms {
    char letters[2 * OPTION_ROWS_MAX + 3];
    struct option names[OPTION_ROWS_MAX + 1];
};

static int option_code(size_t row)
{
    return option_rows[row].letter ? option_rows[row].letter
                                   : OPTION_LONG_ONLY + (int)row;
}

static void options_make_forms(const struct command *command, struct option_forms *f)
{
    size_t letters = 0, names = 0;
    assert(option_row_count <= OPTION_ROWS_MAX);
    memset(f, 0, sizeof *f);
    /* '-': operands are given out in their place; ':': a missing argument is told. */
    f->letters[letters++] = '-';
    f->letters[letters++] = ':';
    for (size_t i = 0; i < option_row_count; i++) {
        if (!(option_rows[i].commands & command->bit)) continue;
        if (option_rows[i].letter) f->letters[letters++] = option_rows[i].letter;
        if (option_rows[i].letter && option_rows[i].argument)
            f->letters[letters++] = ':';
        if (!option_rows[i].name) continue;
        f->names[names++] = (struct option){
            .name = option_rows[i].name,
            .has_arg = option_rows[i].argument ? required_argument : no_argument,
            .val = option_code(i)};
    }
}

/* `names` are in the order of the enum. */
static enum status options_set_word(const struct option_row *row,
                                    const char *const names[3], const char *text,
                                    uint8_t *value, struct problem *why)
{
    for (uint8_t i = 0; i < 3; i++) {
        if (strcmp(names[i], text) != 0) continue;
        *value = i;
        return STATUS_OK;
    }
    return problem_set(why, STATUS_USAGE, "--%s takes %s, %s or %s, not '%.100s'",
                       row->name, names[0], names[1], names[2], text);
}

static enum status options_set_bytes(const char *text, size_t *bytes,
                                     struct problem *why)
{
    static const char powers[] = "KMG";
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    const char *power = *end == 0 ? NULL : strchr(powers, toupper((unsigned char)*end));
    unsigned shift = power == NULL ? 0 : 10 * (unsigned)(power - powers + 1);
    bool is_number = end != text && text[0] >= '0' && text[0] <= '9' && errno == 0;
    bool is_whole = *end == 0 || (power != NULL && end[1] == 0);
    bool is_sane = is_number && is_whole && value <= SIZE_MAX >> shift &&
                   value << shift >= OPTIONS_MEMORY_MIN;
    if (!is_sane)
        return problem_set(why, STATUS_USAGE,
                           "--memory takes a size of at least 32M, such as 512M or 2G, "
                           "not '%.100s'",
                           text);
    *bytes = (size_t)value << shift;
    return STATUS_OK;
}

static enum status options_set_count(const struct option_row *row, const char *text,
                                     size_t *count, struct problem *why)
{
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    bool is_number = text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
    if (!is_number || value == 0)
        return problem_set(why, STATUS_USAGE,
                           "--%s takes a number above 0, not '%.100s'", row->name,
                           text);
    *count = value;
    return STATUS_OK;
}

static void options_add_setting(struct options *o, const char *setting)
{
    size_t size = (o->setting_count + 1) * sizeof *o->settings;
    o->settings = mem_resize(o->settings, size);
    o->settings[o->setting_count++] = setting;
}

static void options_add_path(struct options *o, const char *path)
{
    o->paths = mem_resize(o->paths, (o->path_count + 1) * sizeof *o->paths);
    o->paths[o->path_count++] = path;
}

static enum status options_set(struct options *o, const struct option_row *row,
                               const char *argument, struct problem *why)
{
    static const char *const colors[] = {
        [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};
    static const char *const modes[] = {
        [SANDBOX_ON] = "on", [SANDBOX_WARN] = "warn", [SANDBOX_OFF] = "off"};
    void *member = (char *)o + row->offset;
    switch (row->kind) {
    case OPTION_FLAG: *(bool *)member = true; return STATUS_OK;
    case OPTION_PATH: options_add_path(o, argument); return STATUS_OK;
    case OPTION_COLOR: return options_set_word(row, colors, argument, member, why);
    case OPTION_SANDBOX: return options_set_word(row, modes, argument, member, why);
    case OPTION_BYTES: return options_set_bytes(argument, member, why);
    case OPTION_COUNT: return options_set_count(row, argument, member, why);
    case OPTION_SETTING: options_add_setting(o, argument); return STATUS_OK;
    case OPTION_HABIT: return STATUS_OK;
    case OPTION_TEXT: break;
    }
    const char **text = member;
    if (*text)
        return problem_set(why, STATUS_USAGE,
                           "--%s was given twice: '%.100s' and '%.100s'", row->name,
                           *text, argument);
    if (*argument == '\0')
        return problem_set(why, STATUS_USAGE, "--%s needs a %s, not an empty word",
                           row->name, row->argument);
    *text = argument;
    return STATUS_OK;
}

static bool options_is_file(const char *word)
{
    struct stat about;
    return strcmp(word, "-") == 0 || lstat(word, &about) == 0;
}

/* A word without a dash: a file, or, after the first file, the beginning of a filter.
 * What is neither stays a file, so that reading it says that there is no such file. */
static enum status options_take_word(struct options *o, const char *word,
                                     bool *is_filter, struct problem *why)
{
    if (!options_is_file(word) && filter_words_begin(word)) {
        if (o->path_count == 0)
            return problem_set(why, STATUS_USAGE,
                               "'%.100s' is no file: the FILE comes before the filter",
                               word);
        *is_filter = true;
        return STATUS_OK;
    }
    options_add_path(o, word);
    return STATUS_OK;
}

static void options_add_words(struct options *o, char **words, int count)
{
    for (int i = 0; i < count; i++) {
        if (o->words.len > 0) buffer_append_text(&o->words, " ");
        buffer_append_text(&o->words, words[i]);
    }
}

/* What is wrong with a long option that getopt did not take. */
static enum status options_refuse_long(const struct command *command, const char *word,
                                       struct problem *why)
{
    char name[64];
    size_t len = strcspn(word, "=");
    unsigned beginnings = 0;
    snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : 0), word);
    struct likeness like = likeness_of(name + strspn(name, "-"));
    for (size_t i = 0; i < option_row_count && len < sizeof name; i++) {
        const struct option_row *row = &option_rows[i];
        if (!(row->commands & command->bit) || !row->name) continue;
        likeness_try(&like, row->name);
        beginnings += strncmp(row->name, like.word, strlen(like.word)) == 0;
    }
    if (beginnings > 1)
        return problem_set(why, STATUS_USAGE,
                           "%.100s is the beginning of several options", word);
    if (like.name)
        return problem_set(why, STATUS_USAGE,
                           "%.100s is no option of this command, but --%s is", word,
                           like.name);
    return problem_set(why, STATUS_USAGE, "%.100s is no option of this command", word);
}

static enum status options_refuse(const struct command *command, int code, char **argv,
                                  struct problem *why)
{
    const char *word = argv[ALWAYS(optind > 0) ? optind - 1 : 0];
    bool is_long =
        optopt == 0 || optopt >= OPTION_LONG_ONLY || strncmp(word, "--", 2) == 0;
    bool is_known = is_long && optopt != 0; /* to getopt: what follows it is wrong */
    if (is_long && code == '?' && !is_known)
        return options_refuse_long(command, word, why);
    const char *what = code == ':' ? "needs an argument"
                       : is_known  ? "takes no argument"
                                   : "is no option of this command";
    if (is_long)
        return problem_set(why, STATUS_USAGE, "%.*s %s", (int)strcspn(word, "="), word,
                           what);
    return problem_set(why, STATUS_USAGE, "-%c %s", optopt, what);
}

static enum status options_check(const struct command *command, struct options *o,
                                 struct problem *why)
{
    if (o->wants_help || o->wants_version) return STATUS_OK;
    if (o->words.len > 0) {
        buffer_append(&o->words, bytes_of("", 1));
        const char *words = (const char *)o->words.ptr;
        if (o->filter)
            return problem_set(why, STATUS_USAGE,
                               "two filters: -f '%.100s' and '%.100s'", o->filter,
                               words);
        o->filter = words;
    }
    if (o->path_count == 0 && !command->takes_no_file)
        return problem_set(why, STATUS_USAGE, "no FILE given (- is standard input)");
    if (o->output && strcmp(o->output, "-") == 0)
        return problem_set(why, STATUS_USAGE,
                           "-o needs a file: a database cannot be written to a pipe");
    if (o->wants_headers && !o->output)
        return problem_set(why, STATUS_USAGE, "--headers goes with -o DB");
    if (o->wants_secrets && !o->wants_headers)
        return problem_set(why, STATUS_USAGE, "--secrets goes with --headers");
    if (o->fail_on && !o->output)
        return problem_set(why, STATUS_USAGE, "--fail-on goes with -o DB");
    return STATUS_OK;
}

static const struct option_row *options_row_of(int code)
{
    for (size_t i = 0; ALWAYS(i < option_row_count); i++) {
        if (option_code(i) == code) return &option_rows[i];
    }
    return NULL;
}

/* A query may begin with a comment, as those of `ask --sql` do. */
static bool options_is_comment(const struct command *command, const char *word)
{
    return command->takes_plain_words && strncmp(word, "--", 2) == 0 &&
           isspace((unsigned char)word[2]);
}

/* A word that stands for itself. */
static const struct option_row operand_row = {.kind = OPTION_PATH};

enum status options_parse(const struct command *command, int argc, char **argv,
                          struct options *out, struct problem *why)
{
    struct option_forms forms;
    bool is_filter = false;
    int code;
    *out = (struct options){.memory_max = OPTIONS_MEMORY_DEFAULT,
                            .sandbox = (uint8_t)sandbox_mode_usual()};
    options_make_forms(command, &forms);
    opterr = 0;
    optind = 0; /* begins anew, whoever parsed before */
    while ((code = getopt_long(argc, argv, forms.letters, forms.names, NULL)) != -1) {
        enum status rc;
        if (code == '?' && options_is_comment(command, argv[optind - 1])) {
            options_add_path(out, argv[optind - 1]);
            continue;
        }
        if (code == '?' || code == ':') return options_refuse(command, code, argv, why);
        if (code == OPTION_OPERAND && command->takes_plain_words)
            rc = options_set(out, &operand_row, optarg, why);
        else if (code == OPTION_OPERAND && command->takes_no_file)
            rc = STATUS_OK, is_filter = true;
        else if (code == OPTION_OPERAND)
            rc = options_take_word(out, optarg, &is_filter, why);
        else
            rc = options_set(out, options_row_of(code), optarg, why);
        if (rc != STATUS_OK) return rc;
        if (is_filter) { /* this word and all after it */
            optind--;
            break;
        }
    }
    if (command->takes_plain_words) {
        while (optind < argc) options_add_path(out, argv[optind++]);
        return STATUS_OK;
    }
    options_add_words(out, argv + optind, argc - optind);
    return options_check(command, out, why);
}

void options_done(struct options *o)
{
    mem_free(o->paths);
    mem_free(o->settings);
    buffer_done(&o->words);
}
