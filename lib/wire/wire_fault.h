/* Wire fault: for steps from bytes to a message that return what is wrong with it as constant text,
 * NULL when all is well. The first thing that is wrong names itself. */
#ifndef LONGHAUL_WIRE_FAULT_H
#define LONGHAUL_WIRE_FAULT_H

#include <stddef.h>

#define NEED(ok, text)                                                                             \
    do {                                                                                           \
        if (!(ok)) {                                                                               \
            return text;                                                                           \
        }                                                                                          \
    } while (0)
#define ALSO(step)                                                                                 \
    do {                                                                                           \
        const char *broken_ = (step);                                                              \
        if (broken_ != NULL) {                                                                     \
            return broken_;                                                                        \
        }                                                                                          \
    } while (0)

#endif
