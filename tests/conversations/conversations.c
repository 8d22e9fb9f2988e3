/* conversations: runs conversation files through the whole pipeline, in every
 * variation.
 *
 *   conversations PLACE...              every *.conv file there
 *   conversations FILE VARIATION        only that one, and its account
 *     --write-pcap OUT                  ... saved for other programs
 *
 * Exit: 0 every account as expected, 1 not, 2 a file or an argument means nothing. */
#include "stack.h"
#include "verdict.h"
#include "wire.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tally {
    size_t conversations, runs, failed_conversations, failed_runs;
    bool is_unusable; /* a file meant nothing */
};

/* What one run needs, kept for the next. */
struct bench {
    struct account account;
    struct segments captured;
    struct buffer talk;
};

static void bench_done(struct bench *b)
{
    account_done(&b->account);
    segments_done(&b->captured);
    buffer_done(&b->talk);
}

/* One variation of one script; what is not as expected is in b->talk. */
static bool run(struct bench *b, const struct script *script,
                const struct segments *sent, const struct variation *v)
{
    account_clear(&b->account);
    b->captured.count = 0;
    buffer_clear(&b->talk);
    variation_apply(v, sent, &b->captured);
    struct pipeline_options options = {
        .sink = account_sink(&b->account),
        .key = {.k0 = 1, .k1 = 2},
        .rests_at_once = ((uint64_t)v->family + v->number) % 2 == 1,
    };
    struct pipeline *pipeline = pipeline_new(&options);
    enum status rc = wire_feed(&b->captured, v, pipeline);
    if (rc == STATUS_OK) rc = pipeline_finish(pipeline);
    pipeline_free(pipeline);
    account_sort(&b->account);
    if (rc != STATUS_OK) buffer_append_text(&b->talk, "  the pipeline failed\n");
    return verdict_find(&b->account, script, v->family, &b->talk) && rc == STATUS_OK;
}

static void print_buffer(const struct buffer *text)
{
    if (text->len > 0) (void)fwrite(text->ptr, 1, text->len, stdout);
}

static void print_account(const struct bench *b)
{
    struct buffer text = {0};
    account_print(&b->account, &text);
    print_buffer(&text);
    buffer_done(&text);
}

static void print_failure(const struct bench *b, const struct script *script,
                          const struct variation *v)
{
    char name[VARIATION_NAME_MAX];
    variation_format(v, name);
    printf("\nFAILED %s, %s: %s\n", script->path, name, script->title);
    print_buffer(&b->talk);
    printf(" the account:\n");
    print_account(b);
    printf(" again: conversations %s %s [--write-pcap OUT]\n", script->path, name);
}

/* What has failed of one conversation, by family. */
struct failures {
    size_t all, count[VARIATION_FAMILY_COUNT];
    struct variation first[VARIATION_FAMILY_COUNT];
};

static void count_failure(struct failures *f, const struct variation *v)
{
    f->all++;
    if (f->count[v->family]++ == 0) f->first[v->family] = *v;
}

static void print_failures(const struct failures *f)
{
    char name[VARIATION_NAME_MAX];
    printf(" in all, the first of each kind:");
    for (int i = 0; i < VARIATION_FAMILY_COUNT; i++) {
        if (f->count[i] == 0) continue;
        variation_format(&f->first[i], name);
        printf(" %s (%zu)", name, f->count[i]);
    }
    printf("\n");
}

/* All variations; the first that fails is shown, the others are counted. */
static void run_all(const struct script *script, struct tally *tally)
{
    struct segments sent = {0};
    struct variation_list list = {0};
    struct failures failures = {0};
    struct bench b = {0};
    account_init(&b.account);
    stack_run(script, &sent);
    variation_list_all(&sent, script->families, &list);
    for (size_t i = 0; i < list.count; i++) {
        if (run(&b, script, &sent, &list.at[i])) continue;
        if (failures.all == 0) print_failure(&b, script, &list.at[i]);
        count_failure(&failures, &list.at[i]);
    }
    if (failures.all > 0) print_failures(&failures);
    tally->conversations++;
    tally->runs += list.count;
    tally->failed_runs += failures.all;
    if (failures.all > 0) tally->failed_conversations++;
    variation_list_done(&list);
    segments_done(&sent);
    bench_done(&b);
}

static struct script *read_or_tell(const char *path, struct tally *tally)
{
    struct problem why = {0};
    struct script *script = script_read(path, &why);
    if (script != NULL) return script;
    printf("%s\n", why.text);
    tally->is_unusable = true;
    return NULL;
}

static void run_file(const char *path, struct tally *tally)
{
    struct script *script = read_or_tell(path, tally);
    if (script == NULL) return;
    run_all(script, tally);
    script_free(script);
}

static int is_conversation(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && strcmp(entry->d_name + length - 5, ".conv") == 0;
}

static void run_place(const char *path, struct tally *tally)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_conversation, alphasort);
    if (count < 0) {
        run_file(path, tally);
        return;
    }
    for (int i = 0; i < count; i++) {
        struct buffer name = {0};
        buffer_print(&name, "%s/%s", path, entries[i]->d_name);
        buffer_append(&name, bytes_of("", 1));
        run_file((const char *)name.ptr, tally);
        buffer_done(&name);
        free(entries[i]);
    }
    free(entries);
}

/* One variation, with its account in any case. */
static void run_one(const char *path, const struct variation *v, const char *pcap,
                    struct tally *tally)
{
    struct script *script = read_or_tell(path, tally);
    if (script == NULL) return;
    struct segments sent = {0};
    struct bench b = {0};
    struct problem why = {0};
    account_init(&b.account);
    stack_run(script, &sent);
    tally->conversations = tally->runs = 1;
    if (run(&b, script, &sent, v)) {
        printf("as expected: %s\n", script->title);
        print_account(&b);
    } else {
        tally->failed_conversations = tally->failed_runs = 1;
        print_failure(&b, script, v);
    }
    if (pcap != NULL && wire_write_pcap(&b.captured, v, pcap, &why) != STATUS_OK) {
        printf("%s\n", why.text);
        tally->is_unusable = true;
    }
    segments_done(&sent);
    bench_done(&b);
    script_free(script);
}

int main(int argc, char **argv)
{
    struct tally tally = {0};
    struct variation v = {0};
    const char *pcap = NULL;
    if (argc >= 3 && strcmp(argv[argc - 2], "--write-pcap") == 0) {
        pcap = argv[argc - 1];
        argc -= 2;
    }
    bool is_one = argc == 3 && variation_parse(argv[2], &v);
    if (argc < 2 || (pcap != NULL && !is_one && argc != 2)) {
        printf("usage: conversations PLACE... | FILE VARIATION [--write-pcap OUT]\n");
        return STATUS_USAGE;
    }
    if (is_one || pcap != NULL)
        run_one(argv[1], &v, pcap, &tally);
    else
        for (int i = 1; i < argc; i++) run_place(argv[i], &tally);
    if (tally.conversations == 0) {
        printf("no conversation to run\n");
        return STATUS_USAGE;
    }
    printf("%zu conversations in %zu variations: ", tally.conversations, tally.runs);
    if (tally.failed_runs == 0)
        printf("every account as expected\n");
    else
        printf("%zu conversations failed, %zu variations of them\n",
               tally.failed_conversations, tally.failed_runs);
    if (tally.is_unusable) return STATUS_USAGE;
    return tally.failed_runs > 0 ? STATUS_FAILED : STATUS_OK;
}
