/* Standard output and the terminal behind it. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "hopscope/base.h"

/* From now on a write that fails says so (EPIPE, EFBIG) and sends no signal, and new
 * files are for their owner alone. */
void output_prepare(void);
/* Writes all of it to standard output. A reader that has gone away (EPIPE) is no fault:
 * STATUS_OK. STATUS_FAILED: `why` says it. */
enum status output_write(struct bytes text, struct problem *why);
/* The same for one part of many; begin with `*is_closed` false. True: the reader has
 * gone away, and the parts that follow need not be made. */
enum status output_write_part(struct bytes text, bool *is_closed, struct problem *why);
bool output_has_color(uint8_t color_when); /* enum color_when */
unsigned output_width(void);               /* columns; 80 where there is no terminal */
/* "hopscope: sentence" on standard error. */
void output_complain(const char *sentence);

#endif
