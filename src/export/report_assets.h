/* The files of src/export/html, put into the program when it is built (embed.cmake). A
 * NUL stands behind each text. */
#ifndef EXPORT_REPORT_ASSETS_H
#define EXPORT_REPORT_ASSETS_H

#include "hopscope/base.h"

/* A query of the page's own: a head of comment lines as questions have it, and
 *   -- texts: columns   of words that repeat; the rows go to the page as JSON
 *   -- chart: kind name=columns ...   how chart.js draws the table
 *   -- section: name    of the question, or of the page's own section, it stands in
 *   -- rows: number     at most, 200 unless said */
struct report_query {
    const char *name;
    struct bytes text;
};

extern const struct bytes report_asset_script, report_asset_style;
extern const char report_asset_script_hash[], report_asset_style_hash[]; /* as CSP */
extern const struct report_query report_queries[];
extern const size_t report_query_count;

#endif
