/* anonymizer: records that can be shown to others (part of layer record). Times, sizes,
 * ports, counts, enums and finding codes stay; who and what it was about does not.
 *
 *   record --> addresses, names, targets: pseudonyms --> sink
 *         '--> evidence, what a capture's damage was: left out */
#ifndef HOPSCOPE_ANONYMIZER_H
#define HOPSCOPE_ANONYMIZER_H

#include "hopscope/pseudonym.h"
#include "hopscope/record.h"

struct anonymizer;

/* What comes in by its sink goes on to `out`, changed; of one thread at a time. `out`
 * lacks the calls that it lacks. */
struct anonymizer *anonymizer_new(struct hash_key key, struct record_sink out);
struct record_sink anonymizer_sink(struct anonymizer *a);
void anonymizer_free(struct anonymizer *a); /* NULL is allowed */

/* What stays of a header field. Whoever shows header sections to others asks this. */
enum anonymizer_field {
    ANONYMIZER_FIELD_STAYS, /* it frames messages, or says nothing of anybody */
    ANONYMIZER_FIELD_WORDS, /* well-known words of it */
    ANONYMIZER_FIELD_HOST,
    ANONYMIZER_FIELD_URL,
    ANONYMIZER_FIELD_NAMES,   /* a list of fields: standard ones */
    ANONYMIZER_FIELD_SECRET,  /* nothing but its length */
    ANONYMIZER_FIELD_TEXT,    /* nothing but its length and punctuation */
    ANONYMIZER_FIELD_UNKNOWN, /* likewise, and its name is nobody's standard */
};

enum anonymizer_field anonymizer_field_of(struct bytes name);
/* Replaces a value, where it stands, by what that says. */
void anonymizer_field_value(struct pseudonym *p, enum anonymizer_field what,
                            uint8_t *value, size_t len);
/* Methods, protocols: those of some standard stay. */
void anonymizer_word(struct pseudonym *p, uint8_t *text, size_t len);

#endif
