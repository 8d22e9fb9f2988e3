/* The table becomes a program of classic BPF, which the kernel runs before each call:
 *
 *   another machine's call? kill     another table's number? kill
 *   row by row:  its number? --no--> the next row
 *                  '--its argument is fine? --> allow, else refuse
 *   no row: refuse
 *
 * Jumps reach the end of their own row only, so rows may stand in any order. */
#include "sandbox/seccomp.h"

#include "sandbox/syscall_table.h"

#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SECCOMP_PROGRAM_MAX = 1024, SECCOMP_ROW_MAX = 32 };

struct seccomp_program {
    struct sock_filter code[SECCOMP_PROGRAM_MAX];
    unsigned short length;
    bool is_warning; /* nothing is refused, all is logged */
};

/* ---- instructions ---- */

static void add(struct seccomp_program *p, uint16_t code, uint32_t value, uint8_t yes,
                uint8_t no)
{
    p->code[p->length++] = (struct sock_filter){code, yes, no, value};
}

static void add_load(struct seccomp_program *p, size_t offset)
{
    add(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void add_result(struct seccomp_program *p, uint32_t result)
{
    bool is_allowed = result == SECCOMP_RET_ALLOW;
    if (p->is_warning && !is_allowed) result = SECCOMP_RET_LOG;
    add(p, BPF_RET | BPF_K, result, 0, 0);
}

static uint32_t refusal(int error)
{
    return SECCOMP_RET_ERRNO | ((uint32_t)error & SECCOMP_RET_DATA);
}

/* The lower half of an argument: of those looked at, the kernel takes no more, except
 * of a pointer. */
static size_t argument_at(unsigned argument, bool is_upper)
{
    size_t at = offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t);
    bool is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    return is_upper == is_little ? at + sizeof(uint32_t) : at;
}

/* ---- rows ---- */

/* Allows where one of the values is it, refuses else. */
static void add_one_of(struct seccomp_program *p, const struct syscall_row *row)
{
    size_t left = row->value_count;
    if (row->values[0] == 0 && row->value_count == 1) { /* a pointer: NULL */
        add_load(p, argument_at(row->argument, true));
        add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
        add_result(p, refusal(EPERM));
    }
    add_load(p, argument_at(row->argument, false));
    for (size_t i = 0; i < row->value_count; i++, left--)
        add(p, BPF_JMP | BPF_JEQ | BPF_K, row->values[i], (uint8_t)left, 0);
    add_result(p, refusal(EPERM));
    add_result(p, SECCOMP_RET_ALLOW);
}

static void add_with(struct seccomp_program *p, const struct syscall_row *row)
{
    add_load(p, argument_at(row->argument, false));
    add(p, BPF_ALU | BPF_AND | BPF_K, row->values[0], 0, 0);
    add(p, BPF_JMP | BPF_JEQ | BPF_K, row->values[0], 1, 0);
    add_result(p, refusal(EPERM));
    add_result(p, SECCOMP_RET_ALLOW);
}

static void add_without(struct seccomp_program *p, const struct syscall_row *row)
{
    add_load(p, argument_at(row->argument, false));
    add(p, BPF_JMP | BPF_JSET | BPF_K, row->values[0], 0, 1);
    add_result(p, refusal(EPERM));
    add_result(p, SECCOMP_RET_ALLOW);
}

static void add_self(struct seccomp_program *p, const struct syscall_row *row)
{
    add_load(p, argument_at(row->argument, false));
    add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 1, 0);
    add_result(p, refusal(EPERM));
    add_result(p, SECCOMP_RET_ALLOW);
}

static void add_rule(struct seccomp_program *p, const struct syscall_row *row,
                     bool asks_names)
{
    switch (row->rule) {
    case SYSCALL_ALLOWED: add_result(p, SECCOMP_RET_ALLOW); return;
    case SYSCALL_ONE_OF: add_one_of(p, row); return;
    case SYSCALL_WITHOUT: add_without(p, row); return;
    case SYSCALL_WITH: add_with(p, row); return;
    case SYSCALL_SELF: add_self(p, row); return;
    case SYSCALL_ABSENT: add_result(p, refusal(ENOSYS)); return;
    case SYSCALL_REFUSED: add_result(p, refusal(EPERM)); return;
    case SYSCALL_NAMES:
        add_result(p, asks_names ? refusal(EACCES) : SECCOMP_RET_KILL_PROCESS);
        return;
    case SYSCALL_OPENING:
    case SYSCALL_KILLS: add_result(p, SECCOMP_RET_KILL_PROCESS); return;
    }
}

/* A row that matches ends the program, so the next one still finds the number loaded.
 */
static void add_row(struct seccomp_program *p, const struct syscall_row *row,
                    bool asks_names)
{
    unsigned short test = p->length;
    add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)row->number, 0, 0);
    add_rule(p, row, asks_names);
    p->code[test].jf = (uint8_t)(p->length - test - 1);
}

/* ---- the program ---- */

static void add_start(struct seccomp_program *p)
{
    uint32_t end = syscall_table_end();
    add_load(p, offsetof(struct seccomp_data, arch));
    add(p, BPF_JMP | BPF_JEQ | BPF_K, syscall_table_machine(), 1, 0);
    add_result(p, SECCOMP_RET_KILL_PROCESS);
    add_load(p, offsetof(struct seccomp_data, nr));
    if (end == 0) return;
    add(p, BPF_JMP | BPF_JGE | BPF_K, end, 0, 1);
    add_result(p, SECCOMP_RET_KILL_PROCESS);
}

int seccomp_restrict(enum seccomp_who who, const struct sandbox_options *options)
{
    bool is_worker = who == SECCOMP_WORKER;
    if (syscall_table_machine() == 0) return ENOSYS;
    struct seccomp_program *p = mem_alloc(sizeof *p);
    p->is_warning = options->mode == SANDBOX_WARN;
    add_start(p);
    for (size_t i = 0; i < syscall_row_count; i++) {
        if (!is_worker && syscall_rows[i].rule != SYSCALL_KILLS) continue;
        assert(p->length + SECCOMP_ROW_MAX <= SECCOMP_PROGRAM_MAX);
        add_row(p, &syscall_rows[i], options->asks_names);
    }
    add_result(p, is_worker ? refusal(EPERM) : SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = p->length, .filter = p->code};
    long rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC,
                      &program);
    int error = rc == 0 ? 0 : rc > 0 ? EBUSY : errno; /* above 0: a thread's id */
    mem_free(p);
    return error;
}
