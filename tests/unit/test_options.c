/* cli: the command line as it is read, and the progress line. */
#include "cli/options.h"
#include "cli/usage.h"
#include "hopscope/engine.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORDS_MAX = 12 };

static const struct command command = {.name = "read",
                                       .operands = "FILE... [FILTER]",
                                       .about = "About.",
                                       .notes = "Notes.\n",
                                       .bit = COMMAND_READ};

/* Words in `line` are parted by blanks, of which "_" is one inside a word. */
static enum status parse(const char *line, char *words, struct options *out,
                         struct problem *why)
{
    char *argv[WORDS_MAX + 2] = {(char *)"read"};
    int argc = 1;
    *why = (struct problem){.text = ""};
    strcpy(words, line);
    for (char *w = strtok(words, " "); w && argc <= WORDS_MAX; w = strtok(NULL, " ")) {
        for (char *c = w; *c; c++) {
            if (*c == '_') *c = ' ';
        }
        argv[argc++] = w;
    }
    return options_parse(&command, argc, argv, out, why);
}

static void enter_empty_folder(void)
{
    static const char *const files[] = {"a.pcap", "b.pcap", "tcp"};
    char folder[] = "/tmp/test_options.XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++)
        close(open(files[i], O_CREAT | O_WRONLY, 0600));
}

static void leave_folder(void)
{
    char folder[256];
    assert_non_null(getcwd(folder, sizeof folder));
    unlink("a.pcap");
    unlink("b.pcap");
    unlink("tcp");
    assert_int_equal(chdir("/"), 0);
    rmdir(folder);
}

static void files_and_filters_are_told_apart(void **state)
{
    static const struct {
        const char *line;
        size_t paths;
        const char *last_path, *filter;
    } cases[] = {
        {"a.pcap", 1, "a.pcap", NULL},
        {"-", 1, "-", NULL},
        {"a.pcap b.pcap", 2, "b.pcap", NULL},
        {"a.pcap port 80", 1, "a.pcap", "port 80"},
        {"a.pcap b.pcap not port 80 and host x", 2, "b.pcap", "not port 80 and host x"},
        {"a.pcap tcp_port_80", 1, "a.pcap", "tcp port 80"},
        {"a.pcap tcp[13]&2!=0", 1, "a.pcap", "tcp[13]&2!=0"},
        {"a.pcap (port 80)", 1, "a.pcap", "(port 80)"},
        {"a.pcap 10.0.0.1", 1, "a.pcap", "10.0.0.1"},
        {"a.pcap ::1", 1, "a.pcap", "::1"},
        {"a.pcap len<=100", 1, "a.pcap", "len<=100"},
        {"-r a.pcap port 80", 1, "a.pcap", "port 80"},
        {"-nr a.pcap port 80", 1, "a.pcap", "port 80"},
        {"--read=a.pcap b.pcap", 2, "b.pcap", NULL},
        {"a.pcap -f port_80 b.pcap", 2, "b.pcap", "port 80"},
        {"a.pcap -- anything -o x", 1, "a.pcap", "anything -o x"},
        {"-r a.pcap -- b.pcap", 1, "a.pcap", "b.pcap"},
        /* A mistyped file stays a file: reading it then says that it is not there. */
        {"typo.pcap", 1, "typo.pcap", NULL},
        {"a.pcap typo.pcap", 2, "typo.pcap", NULL},
        {"a.pcap tcp.pcap", 2, "tcp.pcap", NULL},
        {"a.pcap ip", 1, "a.pcap", "ip"},
        {"a.pcap hostile", 2, "hostile", NULL},
        /* A file that is there wins over a keyword. */
        {"a.pcap tcp", 2, "tcp", NULL},
        {"a.pcap -- tcp", 1, "a.pcap", "tcp"},
        /* Options may stand behind files, not behind the filter's first word. */
        {"a.pcap -q", 1, "a.pcap", NULL},
        {"a.pcap port 80 -q", 1, "a.pcap", "port 80 -q"},
    };
    (void)state;
    enter_empty_folder();
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct options o;
        struct problem why;
        char words[200];
        enum status rc = parse(cases[i].line, words, &o, &why);
        if (rc != STATUS_OK) fail_msg("%s: %s", cases[i].line, why.text);
        if (o.path_count != cases[i].paths) fail_msg("%s: paths", cases[i].line);
        assert_string_equal(o.paths[o.path_count - 1], cases[i].last_path);
        if ((o.filter == NULL) != (cases[i].filter == NULL))
            fail_msg("%s: filter", cases[i].line);
        if (o.filter) assert_string_equal(o.filter, cases[i].filter);
        options_done(&o);
    }
    leave_folder();
}

static void options_reach_their_members(void **state)
{
    struct options o;
    struct problem why;
    char words[200];
    (void)state;
    assert_int_equal(parse("-o x.db --json --headers --secrets --vlan-key -q --color "
                           "never f",
                           words, &o, &why),
                     STATUS_OK);
    assert_string_equal(o.output, "x.db");
    assert_true(o.is_json && o.wants_headers && o.wants_secrets && o.vlan_in_key);
    assert_true(o.is_quiet && !o.wants_help && !o.wants_version);
    assert_int_equal(o.color, COLOR_NEVER);
    options_done(&o);
    assert_int_equal(parse("--color=always -ox.db f", words, &o, &why), STATUS_OK);
    assert_int_equal(o.color, COLOR_ALWAYS);
    assert_string_equal(o.output, "x.db");
    options_done(&o);
    assert_int_equal(parse("-h", words, &o, &why), STATUS_OK);
    assert_true(o.wants_help);
    options_done(&o);
}

static void mistakes_are_named(void **state)
{
    static const struct {
        const char *line, *words;
    } cases[] = {
        {"", "no FILE given"},
        {"-q", "no FILE given"},
        {"-z f", "-z is no option"},
        {"-qz f", "-z is no option"},
        {"--nonsense f", "--nonsense is no option"},
        {"--json=1 f", "--json"},
        {"f -o", "-o needs an argument"},
        {"f --output", "--output needs an argument"},
        {"f --color blue", "--color takes auto, always or never, not 'blue'"},
        {"f -o a -o b", "--output was given twice"},
        {"f -f x -f y", "--filter was given twice"},
        {"f -f x -- y", "two filters"},
        {"f -o -", "-o needs a file"},
        {"f --headers", "--headers goes with -o"},
        {"f -o x --secrets", "--secrets goes with --headers"},
        {"port 80", "'port' is no file: the FILE comes before the filter"},
        {"-- port 80", "no FILE given"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct options o;
        struct problem why;
        char words[200];
        enum status rc = parse(cases[i].line, words, &o, &why);
        if (rc != STATUS_USAGE || !strstr(why.text, cases[i].words))
            fail_msg("'%s' gives %d: %s", cases[i].line, (int)rc, why.text);
        options_done(&o);
    }
}

static void help_comes_from_the_table(void **state)
{
    static const char *const words[] = {"Usage: hopscope read [OPTION]... FILE...",
                                        "  -o, --output DB ", "      --json ",
                                        "  -n                    taken", "Notes."};
    struct buffer out = {.ptr = NULL};
    (void)state;
    usage_write_help(&command, &out);
    buffer_append(&out, bytes_of("", 1));
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        if (!strstr((const char *)out.ptr, words[i]))
            fail_msg("no '%s' in:\n%s", words[i], (const char *)out.ptr);
    }
    for (char *line = strtok((char *)out.ptr, "\n"); line; line = strtok(NULL, "\n"))
        assert_true(strlen(line) <= 80);
    buffer_done(&out);
}

static void progress_is_throttled_and_fits(void **state)
{
    const int64_t ms = 1000000;
    struct progress p;
    char line[PROGRESS_LINE_MAX];
    (void)state;
    progress_init(&p, 1000 * ms);
    assert_false(progress_is_due(&p, 1100 * ms));
    assert_true(progress_is_due(&p, 1200 * ms));
    assert_false(progress_is_due(&p, 1399 * ms));
    assert_true(progress_is_due(&p, 1400 * ms));
    struct engine_progress at = {
        .done_bytes = 450000000, .total_bytes = 1000000000, .packets = 1234567};
    progress_format(&p, &at, 3000 * ms, line);
    assert_string_equal(
        line, " 45 % [#########...........]  1234567 packets  225 MB/s  0:02 left");
    at.total_bytes = 0;
    progress_format(&p, &at, 3000 * ms, line);
    assert_string_equal(line, "1234567 packets  450 MB  225 MB/s  0:02");
    at = (struct engine_progress){999999999999999, 999999999999999, 999999999999};
    assert_true(progress_format(&p, &at, 9000 * ms, line) < 80);
    at.done_bytes = 0;
    progress_format(&p, &at, 1000 * ms, line);
    assert_non_null(strstr(line, "? left"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_filters_are_told_apart),
        cmocka_unit_test(options_reach_their_members),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(help_comes_from_the_table),
        cmocka_unit_test(progress_is_throttled_and_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
