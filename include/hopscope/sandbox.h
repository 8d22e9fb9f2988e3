/* sandbox: what is left to a process that parses strangers' bytes. Everything is given
 * up before the first byte is read, while there is one thread; threads started later
 * are born inside.
 *
 *   root --sandbox_reduce--> an ordinary user, the right to capture --interface opened
 *     '--sandbox_enter--> no right at all, files of a few folders, a few system calls
 *
 * Capabilities, user and Landlock hold for the calling thread and its children;
 * seccomp's filter is put on all threads. */
#ifndef HOPSCOPE_SANDBOX_H
#define HOPSCOPE_SANDBOX_H

#include "hopscope/base.h"

enum sandbox_mode {
    SANDBOX_ON,
    SANDBOX_WARN, /* what would be refused is done, and told to the kernel's log */
    SANDBOX_OFF,
};

/* What holds unless somebody says otherwise: on; off in a build with sanitizers, which
 * need more than the sandbox leaves. */
enum sandbox_mode sandbox_mode_usual(void);

/* ---- places: the files that are needed after the gate has closed ---- */

enum sandbox_use {
    SANDBOX_READ,     /* this file, or whatever is in this folder */
    SANDBOX_DATABASE, /* this database, for reading; its log while somebody writes it */
    SANDBOX_MAKE,     /* this file and others beside it: the folder that holds it */
    SANDBOX_FOLDER,   /* files in this folder, which may not be there yet */
};

struct sandbox_place {
    const char *path; /* NULL and "-" are skipped, like what is not there */
    enum sandbox_use use;
    bool is_wish; /* no reason to stay somebody who can reach it */
};

struct sandbox_options {
    enum sandbox_mode mode;
    const struct sandbox_place *places;
    size_t place_count;
    size_t memory_max;   /* bytes the work may take; 0: not known, no limit is set */
    size_t thread_count; /* of the work, for their stacks */
    bool asks_names;     /* a filter may ask for names: that fails, but does not kill */
};

/* For an interface to be opened: becomes the invoking user (sudo), the owner of the
 * folder that is written to or else nobody, or the owner of the first place; the first
 * who can reach every place; else root stays, without its rights. Keeps CAP_NET_RAW
 * alone, if it is there. STATUS_FAILED: root's rights could not be given up; `why` says
 * it. Nothing in SANDBOX_OFF. */
enum status sandbox_reduce(const struct sandbox_options *options, struct problem *why);

/* The gate. As sandbox_reduce, but keeps no capability; then no new ones
 * (PR_SET_NO_NEW_PRIVS), no core file, no tracing, limits, Landlock, seccomp. To be
 * called while there is one thread. What this kernel cannot do is left out and told in
 * `*missing`, one sentence, empty when nothing is; in SANDBOX_WARN the sentence says
 * what holds. STATUS_FAILED as above. Nothing in SANDBOX_OFF. */
enum status sandbox_enter(const struct sandbox_options *options,
                          struct problem *missing, struct problem *why);

/* ---- the system calls ---- */

/* Appends a line for each row of the table: what is allowed, what with which arguments,
 * what kills. For the manual. */
void syscall_list_write(struct buffer *out);

/* ---- supervisor: opens what has gone once more ---- */

enum { SUPERVISOR_AGAIN = 75 /* a worker's exit code: what it captured on has gone */ };

struct supervisor_end {
    bool is_worker;      /* this is the worker: go on with the work */
    unsigned attempt;    /* worker: 0 the first */
    int code;            /* else: the exit code to pass on */
    struct problem talk; /* else: a sentence about the worker's end; empty: none */
};

/* Forks a worker and comes back in it; the caller stays behind, parses nothing, passes
 * SIGINT, SIGTERM, SIGHUP and SIGUSR1 on, and forks another worker as often as one ends
 * with SUPERVISOR_AGAIN, after 250 ms, later after 5 s. A worker that does not end two
 * seconds after the second SIGINT or SIGTERM is killed. Comes back there with the exit
 * code of the last worker, STATUS_OK for SUPERVISOR_AGAIN once it was told to end, or
 * 128 and the number of the signal that killed the worker. To be called before a
 * database is opened and while there is one thread, after sandbox_reduce.
 * STATUS_FAILED: no process; `why` says it. */
enum status supervisor_start(const struct sandbox_options *options,
                             struct supervisor_end *end, struct problem *why);

#endif
