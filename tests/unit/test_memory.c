/* What is in use is counted by whichever allocator there is, and any thread may ask. */
#include "hopscope/base.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

enum { ASKING = 2, ROUNDS = 200 };

static void *ask(void *context)
{
    atomic_int *ready = context;
    atomic_fetch_add(ready, 1);
    while (atomic_load(ready) < ASKING) {}
    return mem_in_use() == 0 ? NULL : ready;
}

/* A sanitizer leaves glibc's allocator as it was, and setting that up is not for two.
 */
static void two_threads_may_ask_first(void **state)
{
    (void)state;
    for (size_t round = 0; round < ROUNDS; round++) {
        atomic_int ready = 0;
        pthread_t threads[ASKING];
        for (size_t i = 0; i < ASKING; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, ask, &ready), 0);
        for (size_t i = 0; i < ASKING; i++) {
            void *told;
            assert_int_equal(pthread_join(threads[i], &told), 0);
            assert_non_null(told);
        }
    }
}

static void what_is_taken_is_counted(void **state)
{
    (void)state;
    enum { TAKEN = 1 << 20 };
    size_t before = mem_in_use();
    void *block = mem_alloc(TAKEN);
    assert_in_range(mem_in_use() - before, TAKEN, TAKEN + 8192);
    mem_free(block);
    assert_in_range(mem_in_use() + 8192, before, before + 2 * 8192);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            two_threads_may_ask_first), /* in this order: nobody has asked */
        cmocka_unit_test(what_is_taken_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
