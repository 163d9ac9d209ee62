/* Link: signed, expiring links to artifacts that the gateway serves itself (store file:).
 *
 *     /v1/download/files/<artifact key>/<file name>?e=<epoch s>&ct=<content type>&s=<signature>
 *
 * The signature is HMAC-SHA256, base64url without padding, over "longhaul-link-1" and the decoded
 * key, file name, content type and expiry, each with its length before it: no two links share a
 * signed text. Verification compares decoded values, so a proxy may normalise the encoding; a
 * parameter more, less or twice is a tampered link.
 *
 * What a verified link names decides everything about the reply: no look-up is needed to serve it.
 *
 * Thread: a signer belongs to one thread (it reuses one HMAC context). */
#ifndef LONGHAUL_CORE_LINK_H
#define LONGHAUL_CORE_LINK_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "core/job.h"

#include <stddef.h>
#include <stdint.h>

#define LINK_PATH_PREFIX "/v1/download/files/"

enum {
    LINK_SECRETS_MAX = 2, /* the present one and, while rotating, the one before */
    LINK_SECRET_BYTES_MIN = 16,
    LINK_LEFT_S_MIN = 60, /* a link is never handed out with less left */
    LINK_TTL_S_MIN = 120,
    LINK_BYTES_MAX = 2048, /* of a whole link, at the limits of its parts */
};

struct link_signer;

/* The first secret signs; all verify. Secrets are copied into key contexts. ERR_INVALID for a
 * secret that is too short or a wrong count, ERR_NOMEM. */
MUST_CHECK enum err link_signer_new(const struct span *secrets, size_t count,
                                    struct link_signer **out);
void link_signer_destroy(struct link_signer **s); /* NULL inside is fine */

/* Spans are borrowed. */
struct link {
    struct span key;          /* artifact key: 1 … JOB_ARTIFACT_KEY_MAX bytes */
    struct span file_name;    /* 1 … JOB_FILE_NAME_MAX bytes */
    struct span content_type; /* 0 … JOB_CONTENT_TYPE_MAX bytes; empty: application/octet-stream */
    int64_t expires_at_s;
};

/* Appends path and query; the caller has put a --public-url before it or not. ERR_INVALID for parts
 * that are empty, too long, no UTF-8 or have control characters; ERR_NOMEM, ERR_TOO_LARGE. */
MUST_CHECK enum err link_sign(struct link_signer *s, const struct link *l, struct buf *out);

/* A verified link; spans of `link` point into `bytes`: the struct must not be moved. */
struct link_parsed {
    struct link link;
    char bytes[JOB_ARTIFACT_KEY_MAX + JOB_FILE_NAME_MAX + JOB_CONTENT_TYPE_MAX];
};

/* `path` is the raw path of the request (not decoded), `query` what follows, with or without '?'.
 * ERR_NOT_FOUND: not of this form at all. ERR_DENIED: not signed by us, or changed. ERR_TIMEOUT:
 * genuine, but expired (now_s >= expiry). ERR_NOMEM. Constant time as to the signature. */
MUST_CHECK enum err link_verify(struct link_signer *s, struct span path, struct span query,
                                int64_t now_s, struct link_parsed *out);

/* The link that a status reply shows is the same for everyone during a window of (ttl - 60) s, so
 * that its ETag is stable and no read writes. */
struct link_window {
    uint64_t index;       /* 0 in the first window after completion */
    int64_t expires_at_s; /* between now + 60 s and now + ttl */
};
/* `ttl_s` >= LINK_TTL_S_MIN. A clock behind completion counts as the moment of completion. */
struct link_window link_window(int64_t completed_at_s, int64_t now_s, int64_t ttl_s);

#endif
