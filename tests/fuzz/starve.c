/* The linker leads malloc and its likes, free and quick_exit through here (--wrap);
 * outside of a starved run they are what they always are.
 *
 *   starve_run --setjmp--> run --> mem_alloc --> malloc: the blocks of the run
 *       ^                              '--fails--> sentence, exit 1 --.
 *       '------------- longjmp; all blocks of the run freed <---------' */
#include "starve.h"

#include "fuzz_common.h"

#include <errno.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STARVE_BLOCKS_MAX = 1 << 16 };

void *starve_malloc(size_t size) __asm__("__wrap_malloc");
void *starve_calloc(size_t count, size_t size) __asm__("__wrap_calloc");
void *starve_realloc(void *block, size_t size) __asm__("__wrap_realloc");
int starve_memalign(void **out, size_t alignment,
                    size_t size) __asm__("__wrap_posix_memalign");
void starve_free(void *block) __asm__("__wrap_free");
_Noreturn void starve_exit(int status) __asm__("__wrap_quick_exit");
void *starve_real_malloc(size_t size) __asm__("__real_malloc");
void *starve_real_calloc(size_t count, size_t size) __asm__("__real_calloc");
void *starve_real_realloc(void *block, size_t size) __asm__("__real_realloc");
int starve_real_memalign(void **out, size_t alignment,
                         size_t size) __asm__("__real_posix_memalign");
void starve_real_free(void *block) __asm__("__real_free");
_Noreturn void starve_real_exit(int status) __asm__("__real_quick_exit");

/* What is wrapped gets no context. */
static struct {
    bool is_on;
    uint32_t left; /* allocations until the one that fails; 0: none */
    void *blocks[STARVE_BLOCKS_MAX];
    size_t count;
    jmp_buf end;
    int status;
    int talk, stderr_kept; /* descriptors: what was said; the true stderr */
} starve = {.talk = -1};

static bool starve_must_fail(void)
{
    return starve.left > 0 && --starve.left == 0;
}

static void *starve_note(void *block)
{
    must(starve.count < STARVE_BLOCKS_MAX, "few enough blocks");
    if (block != NULL) starve.blocks[starve.count++] = block;
    return block;
}

static void starve_forget(const void *block)
{
    size_t at = starve.count;
    while (at > 0 && starve.blocks[at - 1] != block) at--;
    if (at > 0) starve.blocks[at - 1] = starve.blocks[--starve.count];
}

void *starve_malloc(size_t size)
{
    if (!starve.is_on) return starve_real_malloc(size);
    return starve_must_fail() ? NULL : starve_note(starve_real_malloc(size));
}

void *starve_calloc(size_t count, size_t size)
{
    if (!starve.is_on) return starve_real_calloc(count, size);
    return starve_must_fail() ? NULL : starve_note(starve_real_calloc(count, size));
}

void *starve_realloc(void *block, size_t size)
{
    if (!starve.is_on) return starve_real_realloc(block, size);
    if (starve_must_fail()) return NULL;
    starve_forget(block);
    return starve_note(starve_real_realloc(block, size));
}

int starve_memalign(void **out, size_t alignment, size_t size)
{
    if (starve.is_on && starve_must_fail()) return ENOMEM;
    int error = starve_real_memalign(out, alignment, size);
    if (starve.is_on && error == 0) starve_note(*out);
    return error;
}

void starve_free(void *block)
{
    if (starve.is_on) starve_forget(block);
    starve_real_free(block);
}

_Noreturn void starve_exit(int status)
{
    if (!starve.is_on) starve_real_exit(status);
    starve.status = status;
    longjmp(starve.end, 1);
}

/* stderr leads to a file in memory, or back. */
static void starve_listen(bool begins)
{
    if (starve.talk < 0) {
        starve.talk = memfd_create("talk", MFD_CLOEXEC);
        starve.stderr_kept = dup(STDERR_FILENO);
        must(starve.talk >= 0 && starve.stderr_kept >= 0, "descriptors");
    }
    if (begins)
        must(ftruncate(starve.talk, 0) == 0 && lseek(starve.talk, 0, SEEK_SET) == 0,
             "an empty file");
    int to = begins ? starve.talk : starve.stderr_kept;
    must(dup2(to, STDERR_FILENO) == STDERR_FILENO, "stderr");
}

bool starve_run(void (*run)(void *context), void *context, uint32_t fail_at)
{
    starve_listen(true);
    starve.left = fail_at;
    starve.status = 0;
    starve.count = 0;
    if (setjmp(starve.end) == 0) {
        starve.is_on = true;
        run(context);
        starve.is_on = false;
        starve_listen(false);
        return true;
    }
    starve.is_on = false;
    starve_listen(false);
    while (starve.count > 0) starve_real_free(starve.blocks[--starve.count]);
    must(starve.status == STATUS_FAILED, "exit 1");
    must(lseek(starve.talk, 0, SEEK_CUR) > 0, "a sentence");
    return false;
}
