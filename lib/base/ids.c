#include "base/ids.h"

#include "base/base32.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { SHARD_CHARS = 2, TIME_CHARS = 9, RANDOM_CHARS = 16, RANDOM_BYTES = 10, CHAR_BITS = 5 };
static_assert(SHARD_CHARS + TIME_CHARS + RANDOM_CHARS == JOB_ID_LEN, "the parts make the id");
static_assert(RANDOM_CHARS * CHAR_BITS == RANDOM_BYTES * 8, "no random bit is lost");

void id_source_init(struct id_source *s)
{
    s->used = sizeof s->pool; /* filled when first asked */
}

static void refill(struct id_source *s)
{
    size_t have = 0;
    while (have < sizeof s->pool) {
        const ssize_t n = getrandom(s->pool + have, sizeof s->pool - have, 0);
        if (n > 0) {
            have += (size_t)n;
        } else if (n < 0 && errno != EINTR) {
            abort(); /* a kernel without getrandom: no id would be safe */
        }
    }
    s->used = 0;
}

void id_source_bytes(struct id_source *s, void *out, size_t len)
{
    assert(len <= sizeof s->pool);
    if (len > sizeof s->pool - s->used) {
        refill(s);
    }
    memcpy(out, s->pool + s->used, len);
    explicit_bzero(s->pool + s->used, len);
    s->used += len;
}

uint64_t id_source_u64(struct id_source *s)
{
    uint64_t n = 0;
    id_source_bytes(s, &n, sizeof n);
    return n;
}

void job_id_new(struct id_source *s, unsigned shard, int64_t wall_ms, char out[JOB_ID_SIZE])
{
    assert(shard <= SHARD_MAX);
    unsigned char random[RANDOM_BYTES];
    id_source_bytes(s, random, sizeof random);
    char *at = base32_put(out, SHARD_CHARS, shard);
    at = base32_put(at, TIME_CHARS, (uint64_t)wall_ms);
    for (size_t i = 0; i < RANDOM_BYTES; i += RANDOM_BYTES / 2) {
        uint64_t n = 0;
        for (size_t j = 0; j < RANDOM_BYTES / 2; j++) {
            n = n << 8 | random[i + j];
        }
        at = base32_put(at, RANDOM_CHARS / 2, n);
    }
    *at = '\0';
}

bool job_id_valid(struct span id)
{
    if (id.len != JOB_ID_LEN) {
        return false;
    }
    for (size_t i = 0; i < id.len; i++) {
        if (base32_value(id.ptr[i]) < 0) {
            return false;
        }
    }
    return true;
}

/* The number that some characters of a valid id are. */
static uint64_t number_at(struct span id, size_t from, size_t chars)
{
    uint64_t n = 0;
    assert(id.len == JOB_ID_LEN);
    const bool good = base32_get((struct span){id.ptr + from, chars}, &n);
    assert(good); /* the caller has checked job_id_valid */
    return n;
}

unsigned job_id_shard(struct span id)
{
    return (unsigned)number_at(id, 0, SHARD_CHARS);
}

int64_t job_id_wall_ms(struct span id)
{
    return (int64_t)number_at(id, SHARD_CHARS, TIME_CHARS);
}

void job_id_floor(unsigned shard, int64_t wall_ms, char out[JOB_ID_SIZE])
{
    assert(shard <= SHARD_MAX);
    char *at = base32_put(out, SHARD_CHARS, shard);
    at = base32_put(at, TIME_CHARS, (uint64_t)wall_ms);
    memset(at, '0', RANDOM_CHARS);
    at[RANDOM_CHARS] = '\0';
}

void hex_encode(const void *data, size_t len, char *out)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = hex[bytes[i] >> 4];
        out[2 * i + 1] = hex[bytes[i] & 15U];
    }
    out[2 * len] = '\0';
}
