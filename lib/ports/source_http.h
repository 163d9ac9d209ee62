/* Source HTTP: http and https through libcurl's multi interface.
 *
 * All transfers of a loop share one `http_sources`, which is one descriptor and one deadline for
 * that loop to wait on. What may be connected to is decided by address at connect time (see
 * core/address.h), also after each redirect. A connection that breaks is continued with Range and
 * If-Range when the source gave a strong ETag and takes ranges; the listener sees one stream.
 *
 * Not here: the time an attempt may take and how slow it may be (its owner watches and destroys the
 * source), the size limit (its owner counts), decompression (bytes are stored as they come). */
#ifndef LONGHAUL_PORTS_SOURCE_HTTP_H
#define LONGHAUL_PORTS_SOURCE_HTTP_H

#include "base/err.h"
#include "base/span.h"
#include "core/address.h"
#include "ports/source.h"

#include <stdint.h>

enum { HTTP_CONNECT_MS = 10000 }; /* name lookup, TCP and TLS together */

struct http_sources;

/* `allow` is borrowed for the lifetime. */
MUST_CHECK enum err http_sources_new(const struct cidr_list *allow, struct http_sources **out);
void http_sources_destroy(struct http_sources **s); /* after all of its sources */

int http_sources_fd(const struct http_sources *s); /* readable: call turn */
/* ms until turn must be called anyway; -1: no need */
int64_t http_sources_wait_ms(const struct http_sources *s, int64_t now_ms);
void http_sources_turn(struct http_sources *s, int64_t now_ms);

/* Begins in the next turn. `url` is copied. */
MUST_CHECK enum err source_http_new(struct http_sources *s, struct span url,
                                    const struct source_listener *listener, struct source **out);

#endif
