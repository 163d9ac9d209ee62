/* Wire check: the rules that every message keeps, whichever way it travels. The writer asks before
 * packing and the reader after unpacking, so a packet that was made is a packet that is taken. */
#ifndef LONGHAUL_WIRE_CHECK_H
#define LONGHAUL_WIRE_CHECK_H

#include "wire/wire.h"

/* NULL when all is well, otherwise constant text that names what is wrong. */
const char *wire_check(const struct wire_message *m);
const char *wire_check_spec(const struct job_spec *spec);

#endif
