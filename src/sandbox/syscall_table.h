/* Which system calls are left, one row each. */
#ifndef SANDBOX_SYSCALL_TABLE_H
#define SANDBOX_SYSCALL_TABLE_H

#include "hopscope/base.h"

enum syscall_rule {
    SYSCALL_ALLOWED,
    SYSCALL_ONE_OF,  /* if its argument is one of the listed numbers */
    SYSCALL_WITHOUT, /* if its argument has none of these bits */
    SYSCALL_WITH,    /* if its argument has all of these bits */
    SYSCALL_SELF,    /* if its argument is the process's own id */
    SYSCALL_ABSENT,  /* said not to exist (ENOSYS), so that an older one is used */
    SYSCALL_REFUSED, /* EPERM, as what has no row */
    SYSCALL_NAMES,   /* refused where a filter may ask for names, else it kills */
    SYSCALL_OPENING, /* needed to open an interface; after that it kills */
    SYSCALL_KILLS,
};

enum { SYSCALL_VALUES_MAX = 12 };

struct syscall_row {
    const char *name;
    int number;
    enum syscall_rule rule;
    unsigned argument; /* which one, from 0 */
    size_t value_count;
    uint32_t values[SYSCALL_VALUES_MAX]; /* of SYSCALL_WITH, _WITHOUT: the first */
};

extern const struct syscall_row syscall_rows[];
extern const size_t syscall_row_count;

/* AUDIT_ARCH_ of this machine (linux/audit.h); 0: not known here, so no filter. */
uint32_t syscall_table_machine(void);
/* Numbers from here on are another table's (x32); 0: there is none. */
uint32_t syscall_table_end(void);

#endif
