/* Wire reader: what one reader keeps from packet to packet. */
#ifndef LONGHAUL_WIRE_READER_H
#define LONGHAUL_WIRE_READER_H

#include "wire/wire.h"
#include "wire/wire_arena.h"
#include "wire/wire_layout.h"

/* Unpacking one spec: 1000 ids that are not packed take protobuf-c 90 KiB. */
enum { WIRE_SPEC_ARENA_MAX = 262144 };

struct wire_reader {
    struct wire_arena messages; /* of the last wire_read */
    struct wire_arena spec;     /* of the last wire_spec_unpack: apart, so that a spec can be read
                                   while its message is delivered */
    struct wire_items found;
    struct wire_message items[WIRE_ITEMS_MAX];
};

#endif
