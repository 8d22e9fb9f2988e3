#include "cli/option_table.h"

#include <stddef.h>

/* clang-format off */
#define AT(member) offsetof(struct options, member)
const struct option_row option_rows[] = {
    {'o',  "output",  "DB",     OPTION_TEXT,  AT(output),        COMMAND_READ | COMMAND_LIVE,
     "write every row into this SQLite database: a new one,\n"
     "or one that hopscope wrote before, which grows"},
    {'o',  "output",  "FILE",   OPTION_TEXT,  AT(output),        COMMAND_REPORT,
     "write the page to this file; - is standard output"},
    {'q',  "quiet",   NULL,     OPTION_FLAG,  AT(is_quiet),      COMMAND_REPORT,
     "no progress and no remarks; errors are still told"},
    {'f',  "filter",  "FILTER", OPTION_TEXT,  AT(filter),        COMMAND_READ | COMMAND_VIEW,
     "read only packets that match (tcpdump's syntax)"},
    {'r',  "read",    "FILE",   OPTION_PATH,  0,                 COMMAND_READ,
     "one more FILE, as tcpdump has it"},
    {'\0', "json",    NULL,     OPTION_FLAG,  AT(is_json),       COMMAND_READ | COMMAND_LIVE,
     "print the summary as one JSON object"},
    {'\0', "headers", NULL,     OPTION_FLAG,  AT(wants_headers), COMMAND_READ | COMMAND_LIVE,
     "with -o: keep every header field; credentials and\n"
     "cookies are replaced by their length"},
    {'\0', "secrets", NULL,     OPTION_FLAG,  AT(wants_secrets), COMMAND_READ | COMMAND_LIVE,
     "with --headers: keep credentials and cookies as sent"},
    {'\0', "vlan-key", NULL,    OPTION_FLAG,  AT(vlan_in_key),   COMMAND_READ | COMMAND_LIVE,
     "VLAN tags tell connections apart"},
    {'\0', "memory",  "BYTES",  OPTION_BYTES, AT(memory_max),    COMMAND_READ | COMMAND_LIVE,
     "use no more than this (K, M, G), 1G unless said: the\n"
     "idlest connections are given up first, and counted"},
    {'\0', "threads", "N",      OPTION_COUNT, AT(threads),       COMMAND_READ,
     "analyse on N threads beside the reading and the writing\n"
     "one; 1 unless said. Same rows"},
    {'\0', "threads", "N",      OPTION_COUNT, AT(threads),       COMMAND_LIVE,
     "capture and analyse on N threads, each with a handle of\n"
     "its own (PACKET_FANOUT), a row in captures, and with -w\n"
     "a file of its own: FILE, then -t2 before its ending"},
    {'\0', "stats",   NULL,     OPTION_FLAG,  AT(wants_stats),   COMMAND_READ,
     "tell at the end, on standard error, where the time\n"
     "went: by stage, a packet and an exchange"},
    {'\0', "color",   "WHEN",   OPTION_COLOR, AT(color),         COMMAND_READ | COMMAND_LIVE | COMMAND_VIEW,
     "auto (on a terminal, unless NO_COLOR is set), always,\n"
     "never"},
    {'\0', "json",    NULL,     OPTION_FLAG,  AT(is_json),       COMMAND_ASK | COMMAND_SQL,
     "print an array of JSON objects; integers beyond 2^53 are\n"
     "strings"},
    {'\0', "csv",     NULL,     OPTION_FLAG,  AT(is_csv),        COMMAND_ASK | COMMAND_SQL,
     "print CSV (RFC 4180) with a header line"},
    {'\0', "limit",   "N",      OPTION_COUNT, AT(limit),         COMMAND_ASK | COMMAND_SQL,
     "print the first N rows only"},
    {'\0', "set",     "NAME=N", OPTION_SETTING, 0,               COMMAND_ASK,
     "give a parameter of the question another value"},
    {'\0', "sql",     NULL,     OPTION_FLAG,  AT(wants_sql),     COMMAND_ASK,
     "print the question's SQL and what it tells, not its rows"},
    {'\0', "diff",    "DB",     OPTION_TEXT,  AT(diff),          COMMAND_ASK,
     "before and after: the figures of that database beside\n"
     "the ones of this"},
    {'\0', "speed",   "TIMES",  OPTION_TEXT,  AT(speed),         COMMAND_VIEW,
     "play the capture, so many times as fast as it was; at\n"
     "once unless said"},
    {'\0', "fail-on", "NAMES",  OPTION_TEXT,  AT(fail_on),       COMMAND_READ | COMMAND_ASK,
     "exit with 4 when one of these questions (idle-race,\n"
     "framing, ...) has rows"},
    {'q',  "quiet",   NULL,     OPTION_FLAG,  AT(is_quiet),      COMMAND_READ | COMMAND_ASK,
     "no progress bar and no remarks; errors are still told"},
    {'n',  NULL,      NULL,     OPTION_HABIT, 0,                 COMMAND_READ | COMMAND_LIVE,
     "taken for tcpdump's sake: names are never looked up"},
    {'i',  "interface", "NAME", OPTION_TEXT,  AT(interface),     COMMAND_LIVE,
     "capture on this interface, or on any (all of them),\n"
     "which is also the default"},
    {'f',  "filter",  "FILTER", OPTION_TEXT,  AT(filter),        COMMAND_LIVE,
     "capture only packets that match (tcpdump's syntax);\n"
     "the kernel drops the others"},
    {'w',  "write",   "FILE",   OPTION_TEXT,  AT(packets),       COMMAND_LIVE,
     "keep the packets, too, as pcapng; row and packet\n"
     "numbers are those of the file"},
    {'\0', "rotate",  "AMOUNT", OPTION_TEXT,  AT(rotate),        COMMAND_LIVE,
     "begin new files after a size (100M, 2G) or a time (30m,\n"
     "12h, 1d); each gets the time of its beginning in its\n"
     "name"},
    {'\0', "keep",    "TIME",   OPTION_TEXT,  AT(keep),          COMMAND_LIVE,
     "with -o: rows older than this (12h, 7d) are removed"},
    {'\0', "log",     NULL,     OPTION_FLAG,  AT(is_log),        COMMAND_LIVE,
     "print a line for each finished exchange"},
    {'q',  "quiet",   NULL,     OPTION_FLAG,  AT(is_quiet),      COMMAND_LIVE,
     "print nothing; errors are still told"},
    {'c',  "count",   "N",      OPTION_COUNT, AT(packets_max),   COMMAND_LIVE,
     "end after so many packets"},
    {'s',  "snaplen", "BYTES",  OPTION_COUNT, AT(snaplen),       COMMAND_LIVE,
     "capture so much of each packet, 262144 unless said"},
    {'B',  "buffer",  "KIB",    OPTION_COUNT, AT(buffer_kib),    COMMAND_LIVE,
     "size of the kernel's buffer, 65536 unless said"},
    {'p',  "no-promiscuous-mode", NULL, OPTION_FLAG, AT(is_quiet_mode), COMMAND_LIVE,
     "see only packets from and to this machine"},
    {'y',  "link-type", "NAME", OPTION_TEXT,  AT(link_type),     COMMAND_LIVE,
     "capture with this link type (EN10MB, LINUX_SLL2, ...)"},
    {'D',  "list",    NULL,     OPTION_FLAG,  AT(lists_interfaces), COMMAND_LIVE,
     "list the network interfaces and exit"},
    {'\0', "list-all", NULL,    OPTION_FLAG,  AT(lists_all),     COMMAND_LIVE,
     "the same with what else packets come from (USB, ...)"},
    {'l',  NULL,      NULL,     OPTION_HABIT, 0,                 COMMAND_LIVE,
     "taken for tcpdump's sake: lines are never held back"},
    {'o',  "output",  "PATH",   OPTION_TEXT,  AT(output),        COMMAND_EXPORT,
     "write into this file, not on standard output; into this\n"
     "folder when the format is several files"},
    {'\0', "table",   "NAME",   OPTION_TEXT,  AT(table),         COMMAND_EXPORT,
     "of csv and zeek: this table only (exchanges, conn, ...)"},
    {'\0', "json",    NULL,     OPTION_FLAG,  AT(is_json),       COMMAND_EXPORT,
     "of zeek: an object a line instead of columns"},
    {'o',  "output",  "FILE",   OPTION_TEXT,  AT(output),        COMMAND_SLICE,
     "write the packets into this pcapng file"},
    {'\0', "secrets", NULL,     OPTION_FLAG,  AT(wants_secrets), COMMAND_SLICE,
     "copy the TLS secrets that a FILE holds, too"},
    {'\0', "vlan-key", NULL,    OPTION_FLAG,  AT(vlan_in_key),   COMMAND_SLICE,
     "VLAN tags tell connections apart, as for read"},
    {'\0', "reopen",  NULL,     OPTION_FLAG,  AT(reopens),       COMMAND_LIVE,
     "when the interface goes, wait for it and go on: for\n"
     "services. Lines, no screens"},
    {'\0', "anonymize", NULL,   OPTION_FLAG,  AT(is_anonymous),  COMMAND_READ | COMMAND_LIVE | COMMAND_SLICE,
     "give out pseudonyms for addresses, hosts, targets and\n"
     "other names, and no content: to show to others"},
    {'\0', "anonymize-key", "FILE", OPTION_TEXT, AT(anonymize_key), COMMAND_READ | COMMAND_LIVE | COMMAND_SLICE,
     "the same with this file's key (made if it is not\n"
     "there): the same pseudonyms every time"},
    {'\0', "sandbox", "MODE",   OPTION_SANDBOX, AT(sandbox),     COMMAND_VIEW | COMMAND_READ | COMMAND_LIVE | COMMAND_ASK | COMMAND_SQL | COMMAND_REPORT |
     COMMAND_EXPORT | COMMAND_SLICE,
     "on: give up every right that is not needed, before the\n"
     "first byte is read; warn: tell the kernel's log what\n"
     "would be refused; off"},
    {'h',  "help",    NULL,     OPTION_FLAG,  AT(wants_help),    COMMAND_VIEW | COMMAND_READ | COMMAND_LIVE | COMMAND_ASK | COMMAND_SQL | COMMAND_REPORT |
     COMMAND_EXPORT | COMMAND_SLICE,
     "print this and exit"},
    {'V',  "version", NULL,     OPTION_FLAG,  AT(wants_version), COMMAND_VIEW | COMMAND_READ | COMMAND_LIVE | COMMAND_ASK | COMMAND_SQL | COMMAND_REPORT |
     COMMAND_EXPORT | COMMAND_SLICE,
     "print the version and exit"},
};
/* clang-format on */

const size_t option_row_count = ARRAY_LENGTH(option_rows);
