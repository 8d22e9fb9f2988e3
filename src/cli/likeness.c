/* How far apart two words are: the fewest slips of the fingers that make one of the
 * other, each a letter too many, missing, wrong, or swapped with its neighbour. The
 * table of prefixes is filled row by row; three rows are enough, the third for swaps:
 *
 *             ""  r  e  a  d
 *         ""   0  1  2  3  4
 *          r   1  0  1  2  3     a cell is the least of: above + 1, left + 1,
 *          a   2  1  1  1  2     above left (+ 1 when the letters differ), and two up
 *          e   3  2  1  1  2     and two left + 1 when they are each other's */
#include "cli/likeness.h"

#include <stddef.h>
#include <string.h>

enum {
    LIKENESS_LENGTH_MAX = 31,
    LIKENESS_PER_SLIP = 3, /* letters: a word of less may have one slip all the same */
};

static unsigned likeness_least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Both words are at most LIKENESS_LENGTH_MAX long. */
static unsigned likeness_distance(const char *a, const char *b)
{
    unsigned rows[3][LIKENESS_LENGTH_MAX + 1] = {{0}};
    unsigned *above2 = rows[0], *above = rows[1], *row = rows[2];
    size_t width = strlen(b);
    for (size_t k = 0; k <= width; k++) row[k] = (unsigned)k;
    for (size_t i = 1; i <= strlen(a); i++) {
        unsigned *spare = above2;
        above2 = above;
        above = row;
        row = spare;
        row[0] = (unsigned)i;
        for (size_t k = 1; k <= width; k++) {
            unsigned wrong = above[k - 1] + (a[i - 1] != b[k - 1]);
            row[k] = likeness_least(wrong, likeness_least(above[k], row[k - 1]) + 1);
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                row[k] = likeness_least(row[k], above2[k - 2] + 1);
        }
    }
    return row[width];
}

struct likeness likeness_of(const char *word)
{
    size_t slips = strlen(word) / LIKENESS_PER_SLIP;
    return (struct likeness){.word = word,
                             .distance = (unsigned)(slips > 0 ? slips : 1) + 1};
}

void likeness_try(struct likeness *like, const char *name)
{
    size_t longest = strlen(like->word);
    if (strlen(name) > longest) longest = strlen(name);
    if (longest > LIKENESS_LENGTH_MAX) return;
    unsigned distance = likeness_distance(like->word, name);
    /* When every letter had to change, nothing was alike. */
    if (distance >= like->distance || distance >= longest) return;
    like->name = name;
    like->distance = distance;
}
