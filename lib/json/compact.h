/* Compacting: insignificant white space goes, nothing else changes. */
#ifndef LAMBDEST_JSON_COMPACT_H
#define LAMBDEST_JSON_COMPACT_H

#include "json/scan.h"

/* The length of a checked JSON text without the white space outside its strings. */
size_t lambdest__compact_length(lambdest__span text);

/* Writes it; returns the length. */
size_t lambdest__compact(lambdest__span text, unsigned char *out);

#endif
