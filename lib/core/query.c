#include "core/query.h"

#include "core/percent.h"
#include "core/plain_text.h"

#include <assert.h>
#include <string.h>

static bool is_encoded(struct span s)
{
    return s.len > 0 && (memchr(s.ptr, '%', s.len) != NULL || memchr(s.ptr, '+', s.len) != NULL);
}

static enum err decode_piece(struct query *q, struct span raw, struct span *out)
{
    if (!is_encoded(raw)) {
        *out = raw;
        return plain_text(raw) ? ERR_OK : ERR_INVALID;
    }
    /* Decoding never grows, and all of the text fits `decoded`. */
    char *const room = q->decoded + q->decoded_len;
    TRY(percent_decode(raw, true, room, sizeof q->decoded - q->decoded_len, out));
    q->decoded_len += out->len;
    return ERR_OK;
}

static enum err add_pair(struct query *q, struct span piece)
{
    if (piece.len == 0) {
        return ERR_OK;
    }
    if (q->count == QUERY_PAIRS_MAX) {
        return ERR_TOO_LARGE;
    }
    struct span name, value;
    span_cut(piece, '=', &name, &value);
    struct query_pair *pair = &q->pairs[q->count];
    TRY(decode_piece(q, name, &pair->name));
    TRY(decode_piece(q, value, &pair->value));
    q->count++;
    return ERR_OK;
}

enum err query_parse(struct span text, struct query *out)
{
    out->count = 0;
    out->decoded_len = 0;
    if (text.len > QUERY_BYTES_MAX) {
        return ERR_TOO_LARGE;
    }
    if (text.len > 0 && text.ptr[0] == '?') {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0) {
        struct span piece;
        span_cut(text, '&', &piece, &text);
        const enum err e = add_pair(out, piece);
        if (e != ERR_OK) {
            out->count = 0;
            return e;
        }
    }
    return ERR_OK;
}

enum err query_get(const struct query *q, struct span name, struct span *value)
{
    size_t cursor = 0;
    struct span second;
    if (!query_next(q, name, &cursor, value)) {
        return ERR_NOT_FOUND;
    }
    return query_next(q, name, &cursor, &second) ? ERR_EXISTS : ERR_OK;
}

bool query_next(const struct query *q, struct span name, size_t *cursor, struct span *value)
{
    assert(*cursor <= q->count);
    while (*cursor < q->count) {
        const struct query_pair *pair = &q->pairs[(*cursor)++];
        if (span_eq(pair->name, name)) {
            *value = pair->value;
            return true;
        }
    }
    return false;
}
