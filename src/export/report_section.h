/* The parts of a page: verdicts, totals, a chart with its table, a question. */
#ifndef EXPORT_REPORT_SECTION_H
#define EXPORT_REPORT_SECTION_H

#include "export/report_assets.h"
#include "export/report_kept.h"
#include "hopscope/report_page.h"

enum { REPORT_TABLE_ROWS_MAX = 200 };

/* The SQL of what stands above, to be unfolded. */
void report_section_write_sql(struct bytes about, struct bytes sql, struct buffer *out);
void report_section_write_totals(const struct report_kept *k, struct buffer *out);
void report_section_write_verdicts(const struct report_kept *k, struct buffer *out);
/* A chart's figure: text, table, SQL. */
void report_section_write_chart(const struct report_query *q,
                                const struct report_kept *k, struct buffer *out);
/* The inside of a question's section, `charts` (HTML) in their place. */
void report_section_write_question(const struct report_question *q,
                                   const struct report_kept *k, struct bytes charts,
                                   struct buffer *out);

#endif
