#include "cli/option_table.h"

#include <stddef.h>

/* clang-format off */
#define AT(member) offsetof(struct options, member)
const struct option_row option_rows[] = {
    {'o',  "output",  "DB",     OPTION_TEXT,  AT(output),        COMMAND_READ,
     "write every row into this SQLite database: a new one,\n"
     "or one that hopscope wrote before, which grows"},
    {'f',  "filter",  "FILTER", OPTION_TEXT,  AT(filter),        COMMAND_READ,
     "read only packets that match (tcpdump's syntax)"},
    {'r',  "read",    "FILE",   OPTION_PATH,  0,                 COMMAND_READ,
     "one more FILE, as tcpdump has it"},
    {'\0', "json",    NULL,     OPTION_FLAG,  AT(is_json),       COMMAND_READ,
     "print the summary as one JSON object"},
    {'\0', "headers", NULL,     OPTION_FLAG,  AT(wants_headers), COMMAND_READ,
     "with -o: keep every header field; credentials and\n"
     "cookies are replaced by their length"},
    {'\0', "secrets", NULL,     OPTION_FLAG,  AT(wants_secrets), COMMAND_READ,
     "with --headers: keep credentials and cookies as sent"},
    {'\0', "vlan-key", NULL,    OPTION_FLAG,  AT(vlan_in_key),   COMMAND_READ,
     "VLAN tags tell connections apart"},
    {'\0', "memory",  "BYTES",  OPTION_BYTES, AT(memory_max),    COMMAND_READ,
     "use no more than this (K, M, G), 1G unless said: the\n"
     "idlest connections are given up first, and counted"},
    {'\0', "color",   "WHEN",   OPTION_COLOR, AT(color),         COMMAND_READ,
     "auto (on a terminal, unless NO_COLOR is set), always,\n"
     "never"},
    {'q',  "quiet",   NULL,     OPTION_FLAG,  AT(is_quiet),      COMMAND_READ,
     "no progress bar and no remarks; errors are still told"},
    {'n',  NULL,      NULL,     OPTION_HABIT, 0,                 COMMAND_READ,
     "taken for tcpdump's sake: names are never looked up"},
    {'h',  "help",    NULL,     OPTION_FLAG,  AT(wants_help),    COMMAND_READ,
     "print this and exit"},
    {'V',  "version", NULL,     OPTION_FLAG,  AT(wants_version), COMMAND_READ,
     "print the version and exit"},
};
/* clang-format on */

const size_t option_row_count = ARRAY_LENGTH(option_rows);
