/* Wire layout: what of protobuf's encoding is read and written by hand: a Packet's own level and
 * the field numbers of an Envelope. Source: the protobuf encoding guide and proto/longhaul.proto.
 */
#ifndef LONGHAUL_WIRE_LAYOUT_H
#define LONGHAUL_WIRE_LAYOUT_H

#include "base/err.h"
#include "base/span.h"
#include "wire/wire.h"

#include <stdint.h>

enum {
    WIRE_VARINT_MAX = 10,    /* bytes */
    WIRE_TAG_PROTOCOL = 010, /* field 1, varint */
    WIRE_TAG_ITEM = 022,     /* field 2, length-delimited */
    WIRE_BODY_FIRST = 10,    /* numbers from here on are an Envelope's oneof */
};

/* The envelopes of a packet, found without unpacking anything. */
struct wire_items {
    struct span spans[WIRE_ITEMS_MAX];
    size_t count;
};

/* Walks the packet's fields: one `protocol` that is ours, 1 … WIRE_ITEMS_MAX envelopes, each with
 * exactly one body. ERR_INVALID or ERR_TOO_LARGE with constant text in *what. */
MUST_CHECK enum err wire_scan(struct span frame, struct wire_items *out, const char **what);

#endif
