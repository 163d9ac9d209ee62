#include "wire/wire_layout.h"

enum wire_type { TYPE_VARINT = 0, TYPE_64BIT = 1, TYPE_BYTES = 2, TYPE_32BIT = 5 };

enum { FIELD_NUMBER_MAX = 536870911 }; /* 2^29 - 1 */

struct field {
    uint64_t number;
    enum wire_type type;
    uint64_t value;    /* TYPE_VARINT */
    struct span bytes; /* the others */
};

static bool take_varint(struct span *rest, uint64_t *out)
{
    uint64_t n = 0;
    for (size_t i = 0; i < rest->len && i < WIRE_VARINT_MAX; i++) {
        const unsigned char byte = (unsigned char)rest->ptr[i];
        n |= (uint64_t)(byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            rest->ptr += i + 1;
            rest->len -= i + 1;
            *out = n;
            return true;
        }
    }
    return false;
}

static bool take_bytes(struct span *rest, uint64_t len, struct span *out)
{
    if (len > rest->len) {
        return false;
    }
    *out = (struct span){rest->ptr, (size_t)len};
    rest->ptr += len;
    rest->len -= (size_t)len;
    return true;
}

static bool take_field(struct span *rest, struct field *out)
{
    uint64_t tag = 0, len = 0;
    if (!take_varint(rest, &tag) || tag >> 3 == 0 || tag >> 3 > FIELD_NUMBER_MAX) {
        return false;
    }
    *out = (struct field){.number = tag >> 3, .type = (enum wire_type)(tag & 7)};
    switch (tag & 7) {
    case TYPE_VARINT:
        return take_varint(rest, &out->value);
    case TYPE_64BIT:
        return take_bytes(rest, sizeof(uint64_t), &out->bytes);
    case TYPE_32BIT:
        return take_bytes(rest, sizeof(uint32_t), &out->bytes);
    case TYPE_BYTES:
        return take_varint(rest, &len) && take_bytes(rest, len, &out->bytes);
    default: /* groups, and what protobuf does not know */
        return false;
    }
}

static const char *scan_envelope(struct span rest)
{
    size_t bodies = 0;
    struct field f;
    while (rest.len > 0) {
        if (!take_field(&rest, &f)) {
            return "an envelope that is not protobuf";
        }
        bodies += f.number >= WIRE_BODY_FIRST;
    }
    return bodies == 1 ? NULL : "an envelope without exactly one body";
}

enum err wire_scan(struct span frame, struct wire_items *out, const char **what)
{
    size_t protocols = 0;
    uint64_t protocol = 0;
    struct span rest = frame;
    out->count = 0;
    *what = "not protobuf";
    struct field f;
    while (rest.len > 0) {
        if (!take_field(&rest, &f)) {
            return ERR_INVALID;
        }
        if (f.number == WIRE_TAG_PROTOCOL >> 3 && f.type == TYPE_VARINT) {
            protocol = f.value;
            protocols++;
        } else if (f.number == WIRE_TAG_ITEM >> 3 && f.type == TYPE_BYTES) {
            if (out->count == WIRE_ITEMS_MAX) {
                *what = "too many envelopes";
                return ERR_TOO_LARGE;
            }
            out->spans[out->count++] = f.bytes;
        } else if (f.number <= WIRE_TAG_ITEM >> 3) {
            return ERR_INVALID;
        }
    }
    if (protocols != 1 || protocol != WIRE_PROTOCOL) {
        *what = "another protocol";
        return ERR_INVALID;
    }
    *what = out->count == 0 ? "no envelope" : NULL;
    for (size_t i = 0; i < out->count && *what == NULL; i++) {
        *what = scan_envelope(out->spans[i]);
    }
    return *what == NULL ? ERR_OK : ERR_INVALID;
}
