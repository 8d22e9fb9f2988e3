/* The head of an SQL file: comment lines `-- key: text`, continued on lines that begin
 * with more blanks. */
#ifndef EXPORT_REPORT_HEAD_H
#define EXPORT_REPORT_HEAD_H

#include "hopscope/base.h"

/* Appends the text of `key` on one line; false, and nothing appended: it is not there.
 */
bool report_head_read(struct bytes file, const char *key, struct buffer *out);
/* The number that stands at `key`; `usual` where there is none. */
size_t report_head_number(struct bytes file, const char *key, size_t usual);
/* Whether `word` is one of the comma-separated words of `list`. */
bool report_head_lists(struct bytes list, const char *word);

#endif
