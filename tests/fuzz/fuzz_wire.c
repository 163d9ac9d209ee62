// links: base core wire
/* A frame from a peer that may send anything. What is delivered must keep the rules, so it can be
 * written again, and read again to the same bytes. */
#include "wire/wire.h"

#include <assert.h>
#include <stdlib.h>

struct seen {
    struct wire_packet packet;
    struct wire_reader *specs;
};

static void on_message(void *context, const struct wire_message *m)
{
    struct seen *s = context;
    struct job_spec spec;
    const bool submit = m->kind == WIRE_SUBMIT;
    if (submit || m->kind == WIRE_ASSIGN) {
        const struct span bytes = submit ? m->submit.spec : m->assign.spec;
        if (wire_spec_unpack(s->specs, bytes, &spec) == ERR_OK) {
            struct buf again;
            buf_init(&again, JOB_SPEC_MAX);
            const enum err err = wire_spec_pack(&spec, &again);
            assert(err == ERR_OK || err == ERR_TOO_LARGE);
            buf_clear(&again);
        }
    }
    const enum err err = wire_add(&s->packet, m);
    assert(err == ERR_OK || err == ERR_FULL); /* full: numbers may come in longer than needed */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wire_reader *reader; /* kept: what one input leaves must not hurt the next */
    if (reader == NULL && wire_reader_new(&reader) != ERR_OK) {
        abort();
    }
    struct seen first = {.specs = reader}, second = {.specs = reader};
    wire_packet_init(&first.packet);
    wire_packet_init(&second.packet);
    const char *what = NULL;
    const struct span frame = {(const char *)data, size};
    if (wire_read(reader, frame, on_message, &first, &what) == ERR_OK) {
        const struct span written = wire_packet_bytes(&first.packet);
        assert(wire_read(reader, written, on_message, &second, &what) == ERR_OK);
        assert(span_eq(written, wire_packet_bytes(&second.packet)));
    } else {
        assert(what != NULL);
    }
    wire_packet_clear(&first.packet);
    wire_packet_clear(&second.packet);
    return 0;
}
