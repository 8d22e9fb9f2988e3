/* What a record says, in one number: whether its row has to be written once more. */
#ifndef STORE_ROW_DIGEST_H
#define STORE_ROW_DIGEST_H

#include "hopscope/field.h"

/* Equal for records whose rows are equal, and for no others that a network could make
 * without knowing the key. */
uint64_t row_digest(struct hash_key key, const struct record_layout *layout,
                    const void *record);

#endif
