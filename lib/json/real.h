/* JSON numbers as binary floating point, rounded right. */
#ifndef LAMBDEST_JSON_REAL_H
#define LAMBDEST_JSON_REAL_H

#include "json/scan.h"

/* The double nearest to a checked number, of two equally near the even one; -0 keeps its sign, what is too
 * small becomes a zero. false if it is out of range. No locale and no rounding mode has a say. */
bool lambdest__number_real(lambdest__span value, double *out);

#endif
