/* Worker id: what an operator calls a worker. It stands in records and their logs, in names of
 * files and in the admin API's addresses, in each of them as it is: so it has one spelling
 * everywhere.
 *
 * 1 to JOB_WORKER_ID_MAX ASCII letters, digits, '.', '_' and '-'; the first is no '.'. */
#ifndef LONGHAUL_CORE_WORKER_ID_H
#define LONGHAUL_CORE_WORKER_ID_H

#include "base/span.h"

#include <stdbool.h>

bool worker_id_valid(struct span id);

#endif
