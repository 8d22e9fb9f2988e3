/* Header fields on their way to the header table: kept until the message's exchange is
 * known, values of credentials and cookies replaced by their length. */
#ifndef EXCHANGE_HEADER_ROWS_H
#define EXCHANGE_HEADER_ROWS_H

#include "hopscope/http.h"
#include "hopscope/record.h"

struct header_rows {
    struct buffer kept[2]; /* by enum side: name length, value length, both texts */
};

void header_rows_add(struct header_rows *rows, const struct header_field *field,
                     bool wants_secrets);
/* Puts one side's fields as records of that exchange, and forgets them. */
enum status header_rows_put(struct header_rows *rows, enum side side,
                            int64_t exchange_id, const struct record_sink *sink);
void header_rows_drop(struct header_rows *rows, enum side side);
void header_rows_done(struct header_rows *rows);

#endif
