#include "core/pack_names.h"

#include "core/file_name.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { EXTENSION_MAX = 16 }; /* bytes with the dot: what still is taken for an extension */
_Static_assert(PACK_NAMES_SLOTS >= 2 * JOB_FILE_IDS_MAX, "the set of names must stay half empty");

static const struct {
    const char *extension, *content_type;
} FORMATS[FORMAT_COUNT] = {
    [FORMAT_ORIGINAL] = {"", ""},
    [FORMAT_GZIP] = {".gz", "application/gzip"},
    [FORMAT_ZSTD] = {".zst", "application/zstd"},
    [FORMAT_ZIP] = {".zip", "application/zip"},
    [FORMAT_TAR] = {".tar", "application/x-tar"},
};

const char *pack_content_type(enum job_format format)
{
    assert(format < FORMAT_COUNT && format != FORMAT_ORIGINAL);
    return FORMATS[format].content_type;
}

/* stem + middle + end, the stem cut at a character's border so that all of it fits. */
static void join(struct span stem, const char *middle, struct span end, char out[FILE_NAME_SIZE])
{
    const size_t rest = strlen(middle) + end.len;
    assert(rest <= JOB_FILE_NAME_MAX);
    size_t len = stem.len < JOB_FILE_NAME_MAX - rest ? stem.len : JOB_FILE_NAME_MAX - rest;
    while (len > 0 && len < stem.len && ((unsigned char)stem.ptr[len] & 0xC0U) == 0x80U) {
        len--;
    }
    (void)snprintf(out, FILE_NAME_SIZE, "%.*s%s%.*s", (int)len, stem.ptr, middle, SPAN_ARG(end));
}

void pack_artifact_name(enum job_format format, const char *name, char out[FILE_NAME_SIZE])
{
    assert(format < FORMAT_COUNT);
    const struct span stem = span_of(name[0] != '\0' ? name : FILE_NAME_FALLBACK);
    join(stem, "", span_of(FORMATS[format].extension), out);
}

void pack_names_init(struct pack_names *n)
{
    memset(n, 0, sizeof(*n));
}

/* FNV-1a, 64 bits, of the name in lower case. It needs no key: who makes names collide only gets
 * numbers into their own archive. */
static uint64_t fingerprint(const char *name)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (const char *c = name; *c != '\0'; c++) {
        h = (h ^ (unsigned char)tolower((unsigned char)*c)) * UINT64_C(0x100000001b3);
    }
    return h != 0 ? h : 1;
}

static bool put(struct pack_names *n, uint64_t print)
{
    size_t slot = (size_t)(print % PACK_NAMES_SLOTS);
    while (n->taken[slot] != 0) {
        if (n->taken[slot] == print) {
            return false;
        }
        slot = (slot + 1) % PACK_NAMES_SLOTS;
    }
    n->taken[slot] = print;
    n->count++;
    return true;
}

static struct span extension_of(struct span name)
{
    const char *dot = memrchr(name.ptr, '.', name.len);
    const size_t len = dot != NULL ? (size_t)(name.ptr + name.len - dot) : 0;
    return dot == name.ptr || len > EXTENSION_MAX ? (struct span){name.ptr + name.len, 0}
                                                  : (struct span){name.ptr + name.len - len, len};
}

void pack_names_take(struct pack_names *n, const char *name, uint64_t file_id,
                     char out[FILE_NAME_SIZE])
{
    char safe[FILE_NAME_SIZE];
    char middle[16];
    assert(n->count < JOB_FILE_IDS_MAX);
    if (name[0] != '\0') {
        (void)file_name_sanitise(span_of(name), safe);
    } else {
        (void)snprintf(safe, sizeof(safe), "file-%" PRIu64, file_id);
    }
    const struct span whole = span_of(safe);
    const struct span end = extension_of(whole);
    const struct span stem = {safe, whole.len - end.len};
    (void)!span_copy(whole, out, FILE_NAME_SIZE);
    /* With at most `count` names taken, one of the first count + 1 numbers is free. */
    for (size_t i = 2; !put(n, fingerprint(out)) && i <= n->count + 2; i++) {
        (void)snprintf(middle, sizeof(middle), " (%zu)", i);
        join(stem, middle, end, out);
    }
}
