/* Catalogue: from a file's id to its source (contract §4). Pure: reading files is the worker's job.
 *
 * Two notations: a URL template, and JSON lines
 *
 *     {"file_id": 7, "url": "…", "fileName": "…", "contentType": "…", "size": n, "sha256": "…",
 *      "class": "…"}
 *
 * of which the first two members are required and others than these are refused: a misspelt
 * "sha265" must not silently check nothing. */
#ifndef LONGHAUL_CORE_CATALOGUE_H
#define LONGHAUL_CORE_CATALOGUE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "core/job.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    CATALOGUE_LINE_MAX = 16384, /* bytes */
    CATALOGUE_URL_MAX = 8192,   /* bytes, also after a template is expanded */
};

enum url_scheme { URL_HTTP, URL_FILE, URL_OTHER };

/* http and https are URL_HTTP. Letters' case does not matter. */
enum url_scheme catalogue_url_scheme(struct span url);

/* ERR_INVALID: not http(s) or file, no "{file_id}", or bytes that no URL has. */
MUST_CHECK enum err catalogue_template_check(struct span url_template);
/* Every "{file_id}" becomes the number. ERR_TOO_LARGE. */
MUST_CHECK enum err catalogue_template_expand(struct span url_template, uint64_t file_id,
                                              struct buf *out);

/* One file. The spans point into the same allocation. */
struct catalogue_entry {
    uint64_t file_id;
    struct span url;
    struct span file_name;    /* empty: none */
    struct span content_type; /* empty: none */
    struct span class_name;   /* empty: none */
    int64_t size_bytes;       /* -1: unknown */
    bool has_sha256;
    unsigned char sha256[SHA256_SIZE];
};

/* Parses one line (without its line end). On ERR_INVALID `what` is constant text for people. */
MUST_CHECK enum err catalogue_entry_new(struct span line, struct catalogue_entry **out,
                                        const char **what);
void catalogue_entry_destroy(struct catalogue_entry **e); /* NULL inside is fine */

/* 64 hex digits of either case. */
MUST_CHECK enum err catalogue_sha256_parse(struct span hex, unsigned char out[SHA256_SIZE]);

#endif
