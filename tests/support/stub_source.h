/* Stub source: an HTTP server whose answers a real one would not give: short, stalling, breaking
 * off, changing. One thread; each connection serves one request and is closed.
 *
 * Paths and what they do:
 *
 *     /whole           all of the body
 *     /short           announces the body, sends half, closes; no validator
 *     /stall           half of the body, then nothing until the other side closes
 *     /silent          takes the request and never answers
 *     /breaks          strong ETag; each connection sends STUB_PIECE bytes from the range on,
 * closes /breaks-changed  like /breaks, but a range gets 200 and another ETag: the file was
 * replaced /breaks-wrong    like /breaks, but a range gets a 206 that starts one byte later /busy
 * 503, Retry-After: 7 /named           the body with Content-Disposition and a content type /to?URL
 * 302 to URL /loop            302 to itself /keeps           204, and keeps the connection; a
 * second request on it gets 200 "WRONG!"
 *     /unsized         all of the body without Content-Length, Last-Modified 2015-10-21
 *     /unsized-small   the first STUB_SMALL bytes of it in the same way
 */
#ifndef LONGHAUL_SUPPORT_STUB_SOURCE_H
#define LONGHAUL_SUPPORT_STUB_SOURCE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

enum { STUB_BODY = 1000000, STUB_PIECE = 300000, STUB_SMALL = 100000 };

struct stub_source {
    int listener;
    unsigned short port;
    pthread_t thread;
    atomic_uint served; /* requests */
    atomic_bool stopping;
};

void stub_source_start(struct stub_source *s);
void stub_source_stop(struct stub_source *s);
/* Byte i of the body. */
unsigned char stub_source_byte(size_t i);

#endif
