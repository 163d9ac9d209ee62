/* Accept: which form of reply a client prefers (RFC 9110 §12.5.1). */
#ifndef LONGHAUL_CORE_ACCEPT_H
#define LONGHAUL_CORE_ACCEPT_H

#include "base/err.h"
#include "base/span.h"
#include "core/query.h"

#include <stdbool.h>

enum { ACCEPT_QUALITY_MAX = 1000 };

/* Quality of a media type ("text/html") in thousandths, by the most specific range that fits; 0:
 * not acceptable. An absent (empty) header accepts everything. Malformed elements are skipped. */
int accept_quality(struct span accept, struct span media_type);
/* Quality of a content coding ("gzip") by Accept-Encoding (RFC 9110 §12.5.3), in thousandths. An
 * absent (empty) header gives 0: such a client may know none, and plain bytes are always right. */
int accept_coding_quality(struct span accept_encoding, struct span coding);
/* text/html is strictly better than application/json. */
bool accept_prefers_html(struct span accept);

enum result_form { RESULT_FORM_JSON, RESULT_FORM_REDIRECT };
/* The rule of GET /v1/download/:jobId: ?redirect=0 or 1 decides, else Accept. ERR_INVALID for other
 * values of redirect or two of them. */
MUST_CHECK enum err result_form(const struct query *q, struct span accept, enum result_form *out);

#endif
