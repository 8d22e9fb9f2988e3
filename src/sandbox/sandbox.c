/* The order of the steps is what makes them hold: each needs what the next takes away.
 *
 *   another user --> capabilities --> limits --> no new privileges --> Landlock -->
 * seccomp                                                                          */
#include "hopscope/sandbox.h"

#include "sandbox/capabilities.h"
#include "sandbox/identity.h"
#include "sandbox/landlock.h"
#include "sandbox/seccomp.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    SANDBOX_FILES_MAX = 1024,
    SANDBOX_MEMORY_ROOM = 256 << 20, /* beside what --memory counts */
    SANDBOX_THREAD_ROOM = 32 << 20,  /* stack, batches */
};

/* ---- user and capabilities ---- */

static enum status give_up_rights(const struct sandbox_options *options, unsigned kept,
                                  bool *needs_files, struct problem *why)
{
    enum status rc =
        identity_change(options->places, options->place_count, needs_files, why);
    if (rc != STATUS_OK) return rc;
    if (*needs_files) kept |= CAPABILITIES_FILES;
    if (capabilities_keep(kept)) return STATUS_OK;
    return problem_set(why, STATUS_FAILED,
                       "cannot give up capabilities: %s; --sandbox off keeps them",
                       strerror(errno));
}

enum status sandbox_reduce(const struct sandbox_options *options, struct problem *why)
{
    bool needs_files;
    if (options->mode == SANDBOX_OFF) return STATUS_OK;
    return give_up_rights(options, CAPABILITIES_CAPTURE, &needs_files, why);
}

/* ---- limits ---- */

static void limit(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit now;
    if (getrlimit(what, &now) != 0) return;
    if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most) most = now.rlim_max;
    if (now.rlim_cur != RLIM_INFINITY && now.rlim_cur < most) {
        now.rlim_max = most; /* it was lower already */
    } else {
        now.rlim_cur = now.rlim_max = most;
    }
    setrlimit(what, &now);
}

/* RLIMIT_DATA counts what is written to, where RLIMIT_AS also counts the address space
 * that the allocator only reserves, 64 MiB for each thread, and the kernel's ring of
 * packets. RLIMIT_NPROC would count other programs of the user: the filter refuses
 * processes by itself. */
static void set_limits(const struct sandbox_options *options)
{
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, SANDBOX_FILES_MAX);
    if (options->memory_max == 0) return;
    rlim_t most = options->memory_max;
    most += most / 4 + SANDBOX_MEMORY_ROOM;
    most += (options->thread_count + 4) * (rlim_t)SANDBOX_THREAD_ROOM;
    limit(RLIMIT_DATA, most);
}

/* ---- the gate ---- */

static void add_words(struct buffer *out, const char *words)
{
    buffer_append_text(out, out->len == 0 ? "" : "; ");
    buffer_append_text(out, words);
}

/* What a person should know of the outcome. */
static void tell(const struct sandbox_options *options, int no_landlock, int no_seccomp,
                 bool needs_files, struct problem *missing)
{
    struct buffer words = {.ptr = NULL};
    bool is_warning = options->mode == SANDBOX_WARN;
    if (no_landlock != 0)
        add_words(&words, "this kernel has no Landlock, so any file of this user can "
                          "be opened");
    if (no_seccomp != 0)
        add_words(&words, "this kernel takes no filter of system calls (seccomp)");
    if (needs_files)
        add_words(&words, "no user can reach all of these files, so the right to any "
                          "file was kept (CAP_DAC_OVERRIDE)");
    if (is_warning)
        add_words(&words, "only warns: files are open, and system calls that would be "
                          "refused are done and told to the kernel's log (audit)");
    if (words.len > 0)
        problem_set(missing, STATUS_OK, "sandbox: %.*s", (int)words.len,
                    (const char *)words.ptr);
    buffer_done(&words);
}

enum status sandbox_enter(const struct sandbox_options *options,
                          struct problem *missing, struct problem *why)
{
    bool needs_files;
    *missing = (struct problem){.text = ""};
    if (options->mode == SANDBOX_OFF) return STATUS_OK;
    enum status rc = give_up_rights(options, CAPABILITIES_NONE, &needs_files, why);
    if (rc != STATUS_OK) return rc;
    tzset(); /* reads its file */
    if (options->mode == SANDBOX_ON) {
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        set_limits(options);
    }
    int no_landlock = 0, no_seccomp = 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) no_seccomp = errno;
    if (options->mode == SANDBOX_ON) no_landlock = landlock_restrict(options);
    if (no_seccomp == 0) no_seccomp = seccomp_restrict(SECCOMP_WORKER, options);
    tell(options, no_landlock, no_seccomp, needs_files, missing);
    return STATUS_OK;
}
