#include "core/stream_cursor.h"

#include "base/base32.h"
#include "base/siphash.h"

#include <string.h>

enum {
    HASH_CHARS = 7,
    HASH_BITS = 35,
    GROUP_BITS = 4,
    GROUPS_MAX = 16,
};

/* Not secret: the hash only tells one stream's cursor from another's. */
static const struct siphash_key hash_key = {UINT64_C(0x6c6f6e676861756c),
                                            UINT64_C(0x73747265616d7321)};

static uint64_t hash_of(struct span text)
{
    return siphash(&hash_key, text) >> (64 - HASH_BITS);
}

static uint64_t hash_of_ids(const struct stream_entry *entries, size_t count)
{
    char text[STREAM_JOBS_MAX * JOB_ID_LEN];
    for (size_t i = 0; i < count; i++) {
        memcpy(text + i * JOB_ID_LEN, entries[i].job_id, JOB_ID_LEN);
    }
    return hash_of((struct span){text, count * JOB_ID_LEN});
}

static void add_number(struct buf *out, size_t chars, uint64_t n)
{
    char text[BASE32_CHARS_MAX];
    (void)base32_put(text, chars, n);
    (void)buf_append(out, text, chars);
}

static void add_version(struct buf *out, uint64_t version)
{
    while (version >> GROUP_BITS != 0) {
        add_number(out, 1, (version & 15U) | 16U);
        version >>= GROUP_BITS;
    }
    add_number(out, 1, version);
}

static bool take(struct span *rest, size_t chars, struct span *out)
{
    if (rest->len < chars) {
        return false;
    }
    *out = (struct span){rest->ptr, chars};
    *rest = (struct span){rest->ptr + chars, rest->len - chars};
    return true;
}

static bool take_number(struct span *rest, size_t chars, uint64_t *out)
{
    struct span text;
    return take(rest, chars, &text) && base32_get(text, out);
}

/* One way to write each: the last group is not 0 but alone. */
static bool take_version(struct span *rest, uint64_t *out)
{
    uint64_t group;
    *out = 0;
    for (unsigned i = 0; i < GROUPS_MAX; i++) {
        if (!take_number(rest, 1, &group)) {
            return false;
        }
        *out |= (group & 15U) << (i * GROUP_BITS);
        if ((group & 16U) == 0) {
            return i == 0 || group != 0;
        }
    }
    return false;
}

static bool take_head(struct span *rest, char kind, uint64_t hash)
{
    struct span first;
    uint64_t told = 0;
    return take(rest, 1, &first) && first.ptr[0] == kind && take_number(rest, HASH_CHARS, &told) &&
           told == hash;
}

/* ---- an explicit list */

void stream_cursor_write_list(const struct stream_entry *entries, size_t count, struct buf *out)
{
    (void)buf_char(out, '1');
    add_number(out, HASH_CHARS, hash_of_ids(entries, count));
    for (size_t i = 0; i < count; i++) {
        add_version(out, entries[i].version);
    }
}

bool stream_cursor_read_list(struct span text, struct stream_entry *entries, size_t count)
{
    bool good = take_head(&text, '1', hash_of_ids(entries, count));
    for (size_t i = 0; i < count && good; i++) {
        good = take_version(&text, &entries[i].version);
    }
    good = good && text.len == 0;
    for (size_t i = 0; i < count && !good; i++) {
        entries[i].version = 0;
    }
    return good;
}

/* ---- a user's jobs */

/* The first and the last of a sorted list share what all of them share. */
static size_t shared_prefix(const struct stream_entry *entries, size_t count)
{
    size_t n = 0;
    if (count == 0) {
        return 0;
    }
    const char *first = entries[0].job_id, *last = entries[count - 1].job_id;
    while (n + 1 < JOB_ID_LEN && first[n] == last[n]) {
        n++;
    }
    return n;
}

void stream_cursor_write_user(struct span user_id, const struct stream_user_cursor *c,
                              struct buf *out)
{
    const size_t shared = shared_prefix(c->entries, c->count);
    (void)buf_char(out, '2');
    add_number(out, HASH_CHARS, hash_of(user_id));
    (void)buf_append(out, c->since, JOB_ID_LEN);
    add_number(out, 1, shared);
    if (shared > 0) {
        (void)buf_append(out, c->entries[0].job_id, shared);
    }
    for (size_t i = 0; i < c->count; i++) {
        (void)buf_append(out, c->entries[i].job_id + shared, JOB_ID_LEN - shared);
        add_version(out, c->entries[i].version);
    }
}

static bool take_entry(struct span *rest, struct span prefix, struct stream_entry *out)
{
    struct span own;
    if (!take(rest, JOB_ID_LEN - prefix.len, &own) || !take_version(rest, &out->version)) {
        return false;
    }
    if (prefix.len > 0) {
        memcpy(out->job_id, prefix.ptr, prefix.len);
    }
    memcpy(out->job_id + prefix.len, own.ptr, own.len);
    out->job_id[JOB_ID_LEN] = '\0';
    return job_id_valid((struct span){out->job_id, JOB_ID_LEN});
}

static bool take_entries(struct span rest, struct span prefix, struct stream_user_cursor *out)
{
    for (; rest.len > 0; out->count++) {
        const size_t n = out->count;
        struct stream_entry *e = &out->entries[n];
        if (n == STREAM_JOBS_MAX || !take_entry(&rest, prefix, e) ||
            (n > 0 && memcmp(e[-1].job_id, e->job_id, JOB_ID_LEN) >= 0)) {
            return false;
        }
    }
    return true;
}

bool stream_cursor_read_user(struct span user_id, struct span text, struct stream_user_cursor *out)
{
    uint64_t shared = 0;
    struct span prefix, since;
    out->count = 0;
    return text.len <= STREAM_CURSOR_MAX && take_head(&text, '2', hash_of(user_id)) &&
           take(&text, JOB_ID_LEN, &since) && job_id_valid(since) &&
           span_copy(since, out->since, sizeof out->since) == ERR_OK &&
           take_number(&text, 1, &shared) && shared < JOB_ID_LEN && take(&text, shared, &prefix) &&
           take_entries(text, prefix, out);
}
