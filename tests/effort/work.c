/* work [--key-zero] DATABASE INPUT...: reads each input into a database of its own, on
 * one thread, so that a counter of instructions around work_measure counts all that it
 * costs. An input that is a directory is all files in it, read as one capture.
 *
 *   capture set --> pipeline --> summary, store
 *
 * DATABASE -: none. --key-zero: everybody knows the key of the flow table. */
#include "hopscope/engine.h"
#include "hopscope/export.h"
#include "hopscope/store.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct job {
    char **paths;
    size_t path_count;
    const char *database; /* NULL: none */
    struct hash_key key;
};

struct outlets {
    struct record_sink sinks[2];
    size_t count;
};

static enum status put_to_both(void *context, enum record_kind kind, const void *record)
{
    struct outlets *o = context;
    for (size_t i = 0; i < o->count; i++)
        if (o->sinks[i].put(o->sinks[i].context, kind, record) != STATUS_OK)
            return STATUS_FAILED;
    return STATUS_OK;
}

/* Returns how many frames there were. */
static uint64_t read_all(const struct job *job, struct capture_set *set,
                         struct outlets *outlets)
{
    struct pipeline_options options = {
        .sink = {.context = outlets, .put = put_to_both},
        .key = job->key,
        .first_capture_id = 1,
        .memory_max = (size_t)1 << 30,
    };
    struct frame frames[CAPTURE_BATCH_MAX];
    struct pipeline *p = pipeline_new(&options);
    uint64_t all = 0;
    size_t count = 0;
    while ((count = capture_set_next_batch(set, frames)) > 0) {
        all += count;
        if (pipeline_frames(p, frames, count) != STATUS_OK) exit(1);
    }
    if (pipeline_finish(p) != STATUS_OK) exit(1);
    pipeline_free(p);
    return all;
}

/* Not inlined: whoever counts finds it by its name. */
__attribute__((noinline)) uint64_t work_measure(const struct job *job,
                                                struct problem *why);

uint64_t work_measure(const struct job *job, struct problem *why)
{
    struct capture_set *set = NULL;
    struct store *store = NULL;
    struct buffer text = {.ptr = NULL};
    const struct capture_options options = {.first_capture_id = 1};
    const struct summary_style style = {.width = 80};
    struct summary *summary = summary_new();
    uint64_t frames = 0;
    enum status rc = STATUS_OK;
    if (job->database != NULL) rc = store_open(job->database, &store, why);
    if (rc == STATUS_OK)
        rc = capture_set_open((const char *const *)job->paths, job->path_count,
                              &options, &set, why);
    if (rc != STATUS_OK) goto done;
    struct outlets outlets = {{summary_sink(summary)}, 1};
    if (store != NULL) outlets.sinks[outlets.count++] = store_sink(store);
    frames = read_all(job, set, &outlets);
    if (store != NULL) rc = store_finish(store, why);
    summary_text_write(summary, &style, &text);
done:
    buffer_done(&text);
    capture_set_close(set);
    store_free(store);
    summary_free(summary);
    return rc == STATUS_OK ? frames : 0;
}

/* ---- inputs ---- */

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_paths(struct job *job, const char *input)
{
    DIR *folder = opendir(input);
    job->path_count = 0;
    if (folder == NULL) {
        job->paths = mem_alloc_array(1, sizeof *job->paths);
        job->paths[job->path_count++] = mem_copy_text(input);
        return;
    }
    job->paths = NULL;
    for (struct dirent *e = readdir(folder); e != NULL; e = readdir(folder)) {
        char path[1024];
        if (e->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", input, e->d_name);
        job->paths = mem_resize(job->paths, (job->path_count + 1) * sizeof *job->paths);
        job->paths[job->path_count++] = mem_copy_text(path);
    }
    closedir(folder);
    if (job->path_count > 0)
        qsort(job->paths, job->path_count, sizeof *job->paths, compare_paths);
}

static void free_paths(struct job *job)
{
    for (size_t i = 0; i < job->path_count; i++) mem_free(job->paths[i]);
    mem_free(job->paths);
}

/* False: it could not be read, and why is said. */
static bool do_job(struct job *job, const char *input)
{
    struct problem why = {.text = ""};
    list_paths(job, input);
    uint64_t frames = work_measure(job, &why);
    printf("%s %llu%s\n", input, (unsigned long long)frames, why.text);
    if (job->database != NULL) unlink(job->database);
    free_paths(job);
    return why.text[0] == '\0';
}

int main(int count, char **arguments)
{
    struct job job = {.key = {.k0 = 0x0123456789abcdef, .k1 = 0xfedcba9876543210}};
    bool is_done = true;
    int at = 1;
    if (at < count && strcmp(arguments[at], "--key-zero") == 0) {
        job.key = (struct hash_key){.k0 = 0};
        at++;
    }
    if (at >= count) return 2;
    if (strcmp(arguments[at], "-") != 0) job.database = arguments[at];
    for (at++; is_done && at < count; at++) is_done = do_job(&job, arguments[at]);
    return is_done ? 0 : 1;
}
