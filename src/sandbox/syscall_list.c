/* The table for people: the manual prints it, a test compares it. */
#include "hopscope/sandbox.h"

#include "sandbox/syscall_table.h"

/* clang-format off */
static const struct { enum syscall_rule rule; const char *title; } titles[] = {
    { SYSCALL_ALLOWED, "allowed" },
    { SYSCALL_ONE_OF,  "allowed for some arguments" },
    { SYSCALL_WITHOUT, "allowed, but not for code (PROT_EXEC)" },
    { SYSCALL_WITH,    "allowed for threads" },
    { SYSCALL_SELF,    "allowed towards itself" },
    { SYSCALL_ABSENT,  "said not to exist (ENOSYS)" },
    { SYSCALL_REFUSED, "refused (EPERM), like every other one" },
    { SYSCALL_NAMES,   "kill the process; refused where a filter was given" },
    { SYSCALL_OPENING, "kill the process, once an interface is open" },
    { SYSCALL_KILLS,   "kill the process" },
};
/* clang-format on */

void syscall_list_write(struct buffer *out)
{
    for (size_t i = 0; i < ARRAY_LENGTH(titles); i++) {
        bool is_first = true;
        for (size_t k = 0; k < syscall_row_count; k++) {
            if (syscall_rows[k].rule != titles[i].rule) continue;
            if (is_first) buffer_print(out, "%s:", titles[i].title);
            buffer_print(out, " %s", syscall_rows[k].name);
            is_first = false;
        }
        if (!is_first) buffer_append_text(out, "\n");
    }
}
