/* Which of some names a mistyped word was meant to be. */
#ifndef CLI_LIKENESS_H
#define CLI_LIKENESS_H

/* Both texts borrow. */
struct likeness {
    const char *word;
    const char *name;  /* the nearest so far; NULL: none is near enough */
    unsigned distance; /* of that name, in slips of the fingers */
};

struct likeness likeness_of(const char *word);
/* One more name that it may be. The earlier of two that are equally near stays. */
void likeness_try(struct likeness *like, const char *name);

#endif
