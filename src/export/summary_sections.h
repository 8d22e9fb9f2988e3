/* The sections of the text summary, in the order of the page. A section without content
 * is one line or nothing. */
#ifndef EXPORT_SUMMARY_SECTIONS_H
#define EXPORT_SUMMARY_SECTIONS_H

#include "export/page.h"
#include "export/summary.h"
#include "export/units.h"

enum { SUMMARY_REF_MAX = 24, SUMMARY_LABEL_WIDTH = 10 };

/* A packet as one finds it in Wireshark: "12"; with several captures "3:12", packet 12
 * of capture 3. "-" for none. */
void summary_sections_format_ref(const struct summary *s, uint64_t ref,
                                 char out[SUMMARY_REF_MAX]);

/* "4.35 ms"; "≈4.35 ms" where it is not exact. */
void summary_sections_format_percentile(const struct histogram *h, unsigned percent,
                                        char out[UNITS_TEXT_MAX]);
/* "median 4.35 ms, 95 % within 4.37 ms, longest 5.01 ms"; nothing of no values. */
void summary_sections_add_spread(const struct histogram *h, struct buffer *line);

/* summary_trust.c */
void summary_trust_write(const struct summary *s, struct page *p);
/* summary_tables.c */
void summary_tables_write_reuse(const struct summary *s, struct page *p);
void summary_tables_write_closings(const struct summary *s, struct page *p);
void summary_tables_write_hosts(const struct summary *s, struct page *p);
void summary_tables_write_slowest(const struct summary *s, struct page *p);
void summary_tables_write_failed(const struct summary *s, struct page *p);
void summary_tables_write_findings(const struct summary *s, struct page *p);

#endif
