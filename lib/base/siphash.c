#include "base/siphash.h"

#include <string.h>

enum { ROUNDS_COMPRESS = 1, ROUNDS_FINISH = 3 };

struct state {
    uint64_t v0, v1, v2, v3;
};

static uint64_t rotl(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64U - bits);
}

static void mix(struct state *s, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        s->v0 += s->v1;
        s->v1 = rotl(s->v1, 13) ^ s->v0;
        s->v0 = rotl(s->v0, 32);
        s->v2 += s->v3;
        s->v3 = rotl(s->v3, 16) ^ s->v2;
        s->v0 += s->v3;
        s->v3 = rotl(s->v3, 21) ^ s->v0;
        s->v2 += s->v1;
        s->v1 = rotl(s->v1, 17) ^ s->v2;
        s->v2 = rotl(s->v2, 32);
    }
}

static void compress(struct state *s, uint64_t word)
{
    s->v3 ^= word;
    mix(s, ROUNDS_COMPRESS);
    s->v0 ^= word;
}

/* `len` <= 8 bytes, little-endian whatever the machine is. */
static uint64_t load(const char *bytes, size_t len)
{
    uint64_t word = 0;
    for (size_t i = 0; i < len; i++) {
        word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    }
    return word;
}

uint64_t siphash(const struct siphash_key *key, struct span data)
{
    struct state s = {
        .v0 = key->k0 ^ 0x736f6d6570736575U,
        .v1 = key->k1 ^ 0x646f72616e646f6dU,
        .v2 = key->k0 ^ 0x6c7967656e657261U,
        .v3 = key->k1 ^ 0x7465646279746573U,
    };
    size_t at = 0;
    for (; data.len - at >= 8; at += 8) {
        compress(&s, load(data.ptr + at, 8));
    }
    const uint64_t tail = data.len > at ? load(data.ptr + at, data.len - at) : 0;
    compress(&s, tail | (uint64_t)data.len << 56);
    s.v2 ^= 0xff;
    mix(&s, ROUNDS_FINISH);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
