/* script_text: the words of a conversation file. */
#ifndef SCRIPT_TEXT_H
#define SCRIPT_TEXT_H

#include "hopscope/base.h"

/* Appends the bytes that `text` stands for: \r \n \t \0 \xHH \\ and \{N*text}, which is
 * that text N times. False: it stands for nothing. */
bool script_text_unescape(const char *text, struct buffer *out);
/* "whole, cut" as bits of enum variation_family. False: no such name. */
bool script_text_families(const char *names, unsigned *families);
/* Takes the next word, NUL-ended in place; quotes hold blanks together and fall away.
 * NULL: none is left. */
char *script_text_word(char **at);

#endif
