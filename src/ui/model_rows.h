/* The rows of the model as they come and go, for the two files that make it up. */
#ifndef UI_MODEL_ROWS_H
#define UI_MODEL_ROWS_H

#include "ui/model.h"

/* Found, or made as a row of which only the id is known. */
/* What is known of it now. */
void model_rows_tell_connection(struct model *m, struct model_connection *c,
                                const struct record_connection *record);
struct model_connection *model_rows_connection(struct model *m, int64_t id);
/* Puts the record in its place on its connection. */
struct model_exchange *model_rows_exchange(struct model *m,
                                           const struct record_exchange *record);
/* Keeps a field of a message until its exchange goes; `e` NULL: until it comes. */
void model_rows_header(struct model *m, struct model_exchange *e,
                       const struct record_header *record);
/* Lets the oldest go until all caps hold. */
void model_rows_keep_caps(struct model *m);

#endif
