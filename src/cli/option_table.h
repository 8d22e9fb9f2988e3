/* The table of options: parsing, --help and the usage are loops over it. */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include "cli/options.h"

enum option_kind {
    OPTION_FLAG,    /* bool */
    OPTION_TEXT,    /* const char *, once */
    OPTION_PATH,    /* one more of `paths` */
    OPTION_COLOR,   /* enum color_when by name */
    OPTION_SANDBOX, /* enum sandbox_mode by name */
    OPTION_BYTES,   /* size_t; K, M, G are powers of 1024 */
    OPTION_COUNT,   /* size_t above 0 */
    OPTION_SETTING, /* one more of `settings` */
    OPTION_HABIT,   /* taken and without effect */
};

struct option_row {
    char letter; /* '\0': long only */
    const char *name, *argument;
    enum option_kind kind;
    size_t offset;
    unsigned commands;
    const char *help;
};

enum { OPTION_ROWS_MAX = 64 };

extern const struct option_row option_rows[];
extern const size_t option_row_count;

#endif
