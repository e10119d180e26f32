/* What the built-in sinks share. */
#ifndef LAMBDEST_DELIVERY_BUILTIN_H
#define LAMBDEST_DELIVERY_BUILTIN_H

#include <lambdest/sink.h>

/* Reports a library code, by its name. */
void lambdest__report_code(lambdest_delivery *delivery, int verdict, int code);

/* Reports what the system refused, as "what: reason"; RETRY if the reason may pass, else REJECTED. */
void lambdest__report_system(lambdest_delivery *delivery, const char *what, int system_error);

#endif
