/* Wire decode: protobuf-c's tree as a message. Only shape is looked at here (a missing part, a size
 * that the struct fixes); the rules are wire_check's. */
#ifndef LONGHAUL_WIRE_DECODE_H
#define LONGHAUL_WIRE_DECODE_H

#include "wire/wire.h"
#include "wire/wire_arena.h"

#include "longhaul.pb-c.h"

/* NULL when all is well, otherwise constant text. Spans of `out` point into the arena that `in`
 * was unpacked into; lists are taken from it. */
const char *wire_decode(const Longhaul__V1__Envelope *in, struct wire_arena *arena,
                        struct wire_message *out);

/* wire_decode_report.c */
const char *wire_decode_report(const Longhaul__V1__Envelope *in, struct wire_arena *arena,
                               struct wire_message *out);

#endif
