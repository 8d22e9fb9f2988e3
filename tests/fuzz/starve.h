/* A run during which memory runs out. */
#ifndef STARVE_H
#define STARVE_H

#include "hopscope/base.h"

/* Calls `run(context)` and lets its `fail_at`-th allocation (from 1), and no other,
 * fail. The program's promise is then a sentence on stderr and exit 1, which is
 * checked; the exit only ends the run: false. What the run had allocated by mem_* is
 * freed, so it must have kept nothing else, and nothing anywhere but below `context`.
 * True: it had come to its end before. */
bool starve_run(void (*run)(void *context), void *context, uint32_t fail_at);

#endif
