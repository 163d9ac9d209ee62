#include "wire/wire.h"

#include "wire/wire_check.h"
#include "wire/wire_encode.h"
#include "wire/wire_layout.h"

static const unsigned char packet_head[] = {WIRE_TAG_PROTOCOL, WIRE_PROTOCOL};

void wire_packet_init(struct wire_packet *p)
{
    *p = (struct wire_packet){0};
    buf_init(&p->bytes, WIRE_PACKET_MAX);
}

void wire_packet_clear(struct wire_packet *p)
{
    buf_clear(&p->bytes);
    p->items = 0;
}

void wire_packet_reset(struct wire_packet *p)
{
    buf_reset(&p->bytes);
    p->items = 0;
}

struct span wire_packet_bytes(const struct wire_packet *p)
{
    return buf_as_span(&p->bytes);
}

static size_t varint_put(unsigned char *out, size_t n)
{
    size_t len = 0;
    for (; n >= 0x80; n >>= 7) {
        out[len++] = (unsigned char)(n | 0x80);
    }
    out[len++] = (unsigned char)n;
    return len;
}

/* Head (once), tag, length, envelope: packed straight into the packet's bytes. */
static enum err append(struct wire_packet *p, const Longhaul__V1__Envelope *envelope)
{
    const size_t size = longhaul__v1__envelope__get_packed_size(envelope);
    const size_t head = p->items == 0 ? sizeof(packet_head) : 0;
    unsigned char prefix[sizeof(packet_head) + 1 + WIRE_VARINT_MAX];
    prefix[0] = packet_head[0];
    prefix[1] = packet_head[1];
    prefix[head] = WIRE_TAG_ITEM;
    const size_t prefix_len = head + 1 + varint_put(prefix + head + 1, size);
    if (size > WIRE_PACKET_MAX || p->bytes.len + prefix_len + size > WIRE_PACKET_MAX) {
        return p->items == 0 ? ERR_TOO_LARGE : ERR_FULL;
    }
    TRY(buf_reserve(&p->bytes, prefix_len + size));
    TRY(buf_append(&p->bytes, prefix, prefix_len));
    longhaul__v1__envelope__pack(envelope, (uint8_t *)p->bytes.data + p->bytes.len);
    p->bytes.len += size;
    p->items++;
    return ERR_OK;
}

static enum err add_with_running(struct wire_packet *p, const struct wire_message *m)
{
    struct wire_running running;
    struct wire_tree tree;
    tree.running = &running;
    wire_encode(m, &tree);
    return append(p, &tree.envelope);
}

static enum err add_report(struct wire_packet *p, const struct wire_message *m)
{
    struct wire_report_tree report;
    struct wire_tree tree;
    tree.report = &report;
    wire_encode(m, &tree);
    return append(p, &tree.envelope);
}

static enum err add_plain(struct wire_packet *p, const struct wire_message *m)
{
    struct wire_tree tree;
    wire_encode(m, &tree);
    return append(p, &tree.envelope);
}

enum err wire_add(struct wire_packet *p, const struct wire_message *m)
{
    if (wire_check(m) != NULL) {
        return ERR_INVALID;
    }
    if (p->items >= WIRE_ITEMS_MAX) {
        return ERR_FULL;
    }
    if (m->kind == WIRE_REPORT) {
        return add_report(p, m);
    }
    return wire_has_running(m) ? add_with_running(p, m) : add_plain(p, m);
}
