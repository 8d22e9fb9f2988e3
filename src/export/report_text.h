/* Text of the account inside a page: nothing that came over the wire can become markup,
 * end a script or reorder what stands around it. */
#ifndef EXPORT_REPORT_TEXT_H
#define EXPORT_REPORT_TEXT_H

#include "hopscope/rows.h"

enum { REPORT_TEXT_BYTES_MAX = 512 }; /* of one cell; what follows becomes "…" */

/* Appends `text` as HTML text, also good inside an attribute in double quotes. */
void report_text_put_html(struct buffer *out, struct bytes text);
/* The same as a JSON string that may stand inside a script element. */
void report_text_put_json(struct buffer *out, struct bytes text);
/* A cell as JSON: integers beyond 2^53 and texts as strings, NULL and infinities as
 * null. */
void report_text_put_json_cell(struct buffer *out, const struct cell *cell);
/* A cell as a reader wants it; `name` is its column: `time` and `..._time` become UTC.
 */
void report_text_put_html_cell(struct buffer *out, const char *name,
                               const struct cell *cell);
/* The cell's text, cut; numbers in decimal. Borrows from the cell or `scratch`. */
struct bytes report_text_of(const struct cell *cell, struct buffer *scratch);

#endif
