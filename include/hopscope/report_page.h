/* report_page: a database as one HTML file that needs nothing else (part of layer
 * export): no network, scripts and styles let in by their hashes alone, every text of
 * the account escaped. Without scripts it still has all tables.
 *
 *   rows of its own queries ---.
 *   rows of the questions -----+--> report_page --> HTML
 *
 * Memory is bounded: rows beyond a cap are counted, and the page says so. */
#ifndef HOPSCOPE_REPORT_PAGE_H
#define HOPSCOPE_REPORT_PAGE_H

#include "hopscope/base.h"
#include "hopscope/rows.h"

struct report_page;

/* `name` is what the page calls the database; it is copied. */
struct report_page *report_page_new(const char *name);
void report_page_free(struct report_page *p); /* NULL is allowed */

/* The queries of the page's own charts, one after the other; NULL: no more. */
const char *report_page_query(size_t index);
/* Takes the answer to that query; once each. What `rows` fails with is returned. */
enum status report_page_put_query(struct report_page *p, size_t index,
                                  const struct rows *rows, struct problem *why);

/* A named question; all of it borrowed until report_page_put_question returns. */
struct report_question {
    const char *name;   /* "idle-race" */
    struct bytes title; /* one line */
    struct bytes about; /* comment lines: -- tells: ..., -- read: ... */
    struct bytes sql;   /* what was run */
};

/* Adds a section; the order of calls is the order in the page. */
enum status report_page_put_question(struct report_page *p,
                                     const struct report_question *question,
                                     const struct rows *rows, struct problem *why);

/* Appends the whole page; UTF-8. */
void report_page_write(const struct report_page *p, struct buffer *out);

#endif
