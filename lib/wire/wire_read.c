#include "wire/wire_check.h"
#include "wire/wire_decode.h"
#include "wire/wire_reader.h"

#include <stdlib.h>

enum err wire_reader_new(struct wire_reader **out)
{
    enum err e = ERR_NOMEM;
    struct wire_reader *r = calloc(1, sizeof(*r));
    if (r == NULL) {
        return e;
    }
    e = wire_arena_init(&r->messages, WIRE_ARENA_MAX);
    if (e == ERR_OK) {
        e = wire_arena_init(&r->spec, WIRE_SPEC_ARENA_MAX);
    }
    if (e != ERR_OK) {
        wire_reader_destroy(&r);
    }
    *out = r;
    return e;
}

void wire_reader_destroy(struct wire_reader **r)
{
    if (*r == NULL) {
        return;
    }
    wire_arena_clear(&(*r)->messages);
    wire_arena_clear(&(*r)->spec);
    free(*r);
    *r = NULL;
}

static enum err read_envelope(struct wire_arena *arena, struct span bytes, struct wire_message *out,
                              const char **what)
{
    const Longhaul__V1__Envelope *tree =
        longhaul__v1__envelope__unpack(&arena->allocator, bytes.len, (const uint8_t *)bytes.ptr);
    *what = "an envelope that is not protobuf";
    if (tree != NULL) {
        *what = wire_decode(tree, arena, out);
    }
    if (arena->exhausted) {
        *what = "over the limit of memory";
        return ERR_TOO_LARGE;
    }
    if (*what == NULL) {
        *what = wire_check(out);
    }
    return *what == NULL ? ERR_OK : ERR_INVALID;
}

static enum err read_all(struct wire_reader *r, struct span frame, const char **what)
{
    wire_arena_reset(&r->messages);
    if (frame.len > WIRE_PACKET_MAX) {
        *what = "too many bytes";
        return ERR_TOO_LARGE;
    }
    TRY(wire_scan(frame, &r->found, what));
    for (size_t i = 0; i < r->found.count; i++) {
        TRY(read_envelope(&r->messages, r->found.spans[i], &r->items[i], what));
    }
    return ERR_OK;
}

enum err wire_read(struct wire_reader *r, struct span frame, wire_on_message *deliver,
                   void *context, const char **what)
{
    const char *why = NULL;
    const enum err e = read_all(r, frame, &why);
    if (what != NULL) {
        *what = why;
    }
    TRY(e);
    for (size_t i = 0; i < r->found.count; i++) {
        deliver(context, &r->items[i]);
    }
    return ERR_OK;
}
