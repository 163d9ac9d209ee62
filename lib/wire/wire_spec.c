#include "wire/wire_check.h"
#include "wire/wire_reader.h"

#include "longhaul.pb-c.h"

#include <string.h>

/* Strings that end in NUL, as protobuf-c wants them. */
struct spec_texts {
    char file_name[JOB_FILE_NAME_MAX + 1];
    char error_code[JOB_CODE_MAX + 1];
};

static void fill_simulate(const struct simulate *s, Longhaul__V1__Simulate *out)
{
    longhaul__v1__simulate__init(out);
    out->duration_ms = s->duration_ms;
    out->progress_ms = s->progress_ms;
    out->size_bytes = s->size_bytes;
    out->fail_attempts = s->fail_attempts;
    if (s->stalls) {
        out->stall_case = LONGHAUL__V1__SIMULATE__STALL_STALL_AT_PERCENT;
        out->stall_at_percent = s->stall_at_percent;
    }
}

static enum err pack_tree(const Longhaul__V1__JobSpec *tree, struct buf *out)
{
    const size_t size = longhaul__v1__job_spec__get_packed_size(tree);
    if (size > JOB_SPEC_MAX) {
        return ERR_TOO_LARGE;
    }
    TRY(buf_reserve(out, size));
    longhaul__v1__job_spec__pack(tree, (uint8_t *)out->data + out->len);
    out->len += size;
    return ERR_OK;
}

enum err wire_spec_pack(const struct job_spec *spec, struct buf *out)
{
    if (wire_check_spec(spec) != NULL) {
        return ERR_INVALID;
    }
    struct spec_texts texts;
    Longhaul__V1__Simulate simulate;
    Longhaul__V1__JobSpec tree;
    longhaul__v1__job_spec__init(&tree);
    TRY(span_copy(spec->file_name, texts.file_name, sizeof(texts.file_name)));
    /* protobuf-c's structs know no const; packing only reads. */
    tree.file_ids = (uint64_t *)(uintptr_t)spec->file_ids;
    tree.n_file_ids = spec->file_ids_count;
    tree.file_name = texts.file_name;
    tree.format = (Longhaul__V1__Format)spec->format;
    tree.archive = spec->archive;
    if (spec->has_sha256) {
        tree.sha256.len = sizeof(spec->sha256);
        tree.sha256.data = (uint8_t *)(uintptr_t)spec->sha256;
    }
    if (spec->has_simulate) {
        fill_simulate(&spec->simulate, &simulate);
        TRY(span_copy(spec->simulate.error_code, texts.error_code, sizeof(texts.error_code)));
        simulate.error_code = texts.error_code;
        tree.simulate = &simulate;
    }
    return pack_tree(&tree, out);
}

static void get_simulate(const Longhaul__V1__Simulate *in, struct simulate *out)
{
    *out = (struct simulate){
        .duration_ms = in->duration_ms,
        .progress_ms = in->progress_ms,
        .size_bytes = in->size_bytes,
        .fail_attempts = in->fail_attempts,
        .error_code = wire_arena_text(in->error_code),
        .stalls = in->stall_case == LONGHAUL__V1__SIMULATE__STALL_STALL_AT_PERCENT,
    };
    if (out->stalls) {
        out->stall_at_percent = in->stall_at_percent;
    }
}

static enum err get_spec(const Longhaul__V1__JobSpec *in, struct job_spec *out)
{
    *out = (struct job_spec){
        .file_ids = in->file_ids,
        .file_ids_count = in->n_file_ids,
        .file_name = wire_arena_text(in->file_name),
        .format = (enum job_format)in->format,
        .has_sha256 = in->sha256.len != 0,
        .has_simulate = in->simulate != NULL,
        .archive = in->archive != 0,
    };
    if (out->has_sha256 && in->sha256.len != SHA256_SIZE) {
        return ERR_INVALID;
    }
    if (out->has_sha256) {
        memcpy(out->sha256, in->sha256.data, SHA256_SIZE);
    }
    if (in->simulate != NULL) {
        get_simulate(in->simulate, &out->simulate);
    }
    return wire_check_spec(out) == NULL ? ERR_OK : ERR_INVALID;
}

enum err wire_spec_unpack(struct wire_reader *r, struct span bytes, struct job_spec *out)
{
    if (bytes.len > JOB_SPEC_MAX) {
        return ERR_TOO_LARGE;
    }
    wire_arena_reset(&r->spec);
    const Longhaul__V1__JobSpec *tree =
        longhaul__v1__job_spec__unpack(&r->spec.allocator, bytes.len, (const uint8_t *)bytes.ptr);
    if (tree == NULL) {
        return r->spec.exhausted ? ERR_TOO_LARGE : ERR_INVALID;
    }
    return get_spec(tree, out);
}
