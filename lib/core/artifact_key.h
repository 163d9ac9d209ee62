/* Artifact key: what an artifact is called in the store and in the record.
 *
 *     <job>.<fence>          a file of the store
 *     <job>.<fence>.empty    an artifact of no bytes: the name says all about it, nothing is stored
 *
 * The fence makes the key of every attempt its own: a lost attempt can never overwrite, or be taken
 * for, the one that counts. ports/functions/ writes the first form too, to have deleted what an
 * attempt that died may have left. */
#ifndef LONGHAUL_CORE_ARTIFACT_KEY_H
#define LONGHAUL_CORE_ARTIFACT_KEY_H

#include "base/err.h"
#include "base/span.h"
#include "core/job.h"

#include <stdbool.h>

enum { ARTIFACT_KEY_SIZE = 64 }; /* the longest one and a NUL */

void artifact_key_write(const struct attempt *a, bool empty, char out[ARTIFACT_KEY_SIZE]);
/* ERR_INVALID: not a key; it must not be made a path. */
MUST_CHECK enum err artifact_key_check(struct span key, bool *empty);

#endif
