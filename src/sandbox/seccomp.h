/* seccomp (seccomp(2)): the table of system calls as a filter of the kernel's. */
#ifndef SANDBOX_SECCOMP_H
#define SANDBOX_SECCOMP_H

#include "hopscope/sandbox.h"

enum seccomp_who {
    SECCOMP_WORKER,
    SECCOMP_SUPERVISOR, /* its children open interfaces under the same filter: only what
                           kills a worker and is of no use for that is refused */
};

/* Puts the filter on all threads of the process. 0, or errno. Needs no_new_privs. */
int seccomp_restrict(enum seccomp_who who, const struct sandbox_options *options);

#endif
