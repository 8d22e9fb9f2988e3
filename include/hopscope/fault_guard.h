/* fault_guard: calls of libraries that write through what they could not allocate
 * (part of layer base). libtinfo does, and glibc's name services assert. */
#ifndef HOPSCOPE_FAULT_GUARD_H
#define HOPSCOPE_FAULT_GUARD_H

struct fault_guard;

/* Ends the program in order where there is no memory to speak of. Where it runs out
 * between begin and end, the library's fault ends the program with a sentence and exit
 * 1 instead of a signal. Not to be held around code of ours. Never NULL; end frees. */
struct fault_guard *fault_guard_begin(void);
void fault_guard_end(struct fault_guard *g);

#endif
