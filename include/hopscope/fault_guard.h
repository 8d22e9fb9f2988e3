/* fault_guard: faults that are nobody's mistake here (part of layer base). Libraries
 * write through what they could not allocate: libtinfo does, and glibc's name services
 * assert. And a file that is mapped may be cut by others. */
#ifndef HOPSCOPE_FAULT_GUARD_H
#define HOPSCOPE_FAULT_GUARD_H

struct fault_guard;

/* Ends the program in order where there is no memory to speak of. Where it runs out
 * between begin and end, the library's fault ends the program with a sentence and exit
 * 1 instead of a signal. Not to be held around code of ours. Never NULL; end frees. */
struct fault_guard *fault_guard_begin(void);
void fault_guard_end(struct fault_guard *g);

/* From now on what a file has lost since it was mapped reads as zero in this process,
 * instead of ending it by SIGBUS. Whoever maps files looks at their sizes again. */
void fault_guard_fill_lost_pages(void);

#endif
