/* Error filter: errors that libh2o makes before a handler runs (413 over its own limit, 400 and 417
 * for what it cannot read) leave as problem+json too. What its parser refuses outright it answers
 * by itself, in text. */
#ifndef LONGHAUL_GATEWAY_ERROR_FILTER_H
#define LONGHAUL_GATEWAY_ERROR_FILTER_H

#include "gateway/h2o_loop.h"

/* On the path configuration that unrouted requests get. */
void error_filter_register(h2o_pathconf_t *fallback);

#endif
