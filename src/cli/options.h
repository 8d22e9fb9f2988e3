/* The command line: one table of options drives parsing, --help and the usage. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "hopscope/base.h"

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

enum { OPTIONS_MEMORY_MIN = 32 << 20, OPTIONS_MEMORY_DEFAULT = 1 << 30 };

/* What was asked for. Texts borrow from argv unless said. */
struct options {
    bool wants_help, wants_version;
    bool is_json, is_quiet, wants_headers, wants_secrets, vlan_in_key, wants_stats;
    uint8_t color;      /* enum color_when */
    uint8_t sandbox;    /* enum sandbox_mode */
    size_t memory_max;  /* bytes */
    const char *output; /* NULL: no database */
    const char *filter; /* tcpdump syntax; NULL: none; borrows from `words` too */
    const char **paths; /* owned array */
    size_t path_count;
    struct buffer words; /* trailing filter words, joined */
    bool is_csv, wants_sql;
    size_t limit;          /* rows; 0: all */
    const char *fail_on;   /* questions, comma-separated; NULL: none */
    const char *diff;      /* the other database; NULL: none */
    const char *table;     /* of an export; NULL: all */
    const char **settings; /* name=value; owned array */
    size_t setting_count;
    const char *speed; /* view: of a replay; NULL: at once */
    size_t threads;    /* that analyse; 0: not given */
    bool is_anonymous;
    const char *anonymize_key; /* a file; NULL: not given */
    /* live */
    bool is_quiet_mode, lists_interfaces, lists_all, is_log, reopens;
    const char *interface, *link_type, *packets, *rotate, *keep; /* NULL: not given */
    size_t snaplen, buffer_kib, packets_max;                     /* 0: not given */
};

/* A subcommand. */
struct command {
    const char *name, *operands;
    const char *purpose; /* one line, for the list of commands */
    const char *about;   /* paragraphs of its --help, before and after the options */
    const char *notes;
    unsigned bit;           /* options whose row has it belong to this command */
    bool takes_no_file;     /* all of its operands are a filter */
    bool takes_plain_words; /* no filter among its operands; it counts them itself */
    /* `why` has a sentence unless all went well; STATUS_DAMAGED has told its own. */
    enum status (*run)(const struct options *options, struct problem *why);
};

enum {
    COMMAND_READ = 1 << 0,
    COMMAND_LIVE = 1 << 1,
    COMMAND_REPORT = 1 << 12,
    COMMAND_EXPORT = 1 << 13,
    COMMAND_SLICE = 1 << 14,
    COMMAND_VIEW = 1 << 15,
    COMMAND_ASK = 1 << 8,
    COMMAND_SQL = 1 << 9
};

/* Reads the words after the subcommand. STATUS_USAGE: `why` says what is wrong.
 * `out` is to be ended with options_done in any case. */
enum status options_parse(const struct command *command, int argc, char **argv,
                          struct options *out, struct problem *why);
void options_done(struct options *o);

/* Whether a word that is no file can begin a filter in tcpdump's syntax: a keyword of
 * pcap-filter(7), a parenthesis, a negation, or an address. */
bool filter_words_begin(const char *word);

#endif
