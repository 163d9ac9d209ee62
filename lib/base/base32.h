/* Base32: numbers in Crockford's alphabet, lower case (0-9 and a-z without i, l, o, u). Five bits a
 * character, most significant first, so that texts of one length sort as their numbers do. */
#ifndef LONGHAUL_BASE_BASE32_H
#define LONGHAUL_BASE_BASE32_H

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BASE32_CHARS_MAX = 12 /* 60 bits: what fits a number */ };

/* The lowest 5 * chars bits of n; returns the place after them. */
char *base32_put(char *out, size_t chars, uint64_t n);
/* 0-31; -1 for a byte that is not in the alphabet. */
int base32_value(char c);
/* False for an empty or longer text, and for bytes that are not in the alphabet. */
bool base32_get(struct span text, uint64_t *out);

#endif
