/* Assets: the files of the web pages, read into memory when the program starts.
 *
 * The folder (--web-dir) is walked once, within the limits below; hidden files, symbolic links and
 * names of other characters than [A-Za-z0-9._-] are left out. Requests are looked up among what was
 * read: no path of a client ever reaches the file system. "x.gz" beside "x" is x's compressed form.
 *
 * Which address shows which file is one table in assets.c; addresses that are no files of the
 * folder's own (the app's) are rows there too. A page's address with a '/' too many at its end
 * leads to the page, and so do the addresses above pages that show nothing themselves.
 *
 * Owner: server. Thread: read-only once loaded, so any. */
#ifndef LONGHAUL_GATEWAY_ASSETS_H
#define LONGHAUL_GATEWAY_ASSETS_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    ASSETS_FILES_MAX = 512,       /* pages of this program have some dozens */
    ASSETS_BYTES_MAX = 32 << 20,  /* of all files: they stay in memory */
    ASSETS_DEPTH_MAX = 6,         /* folders below the first one */
    ASSETS_PATH_MAX = 256,        /* bytes of a file's path in the folder, with NUL */
    ASSET_ETAG_SIZE = 2 * 32 + 6, /* quotes, 64 digits, "-gz", NUL */
};

/* One form of a file. */
struct asset_form {
    char *bytes; /* owned by the assets; NULL: there is no such form */
    size_t len;
    char etag[ASSET_ETAG_SIZE]; /* strong: SHA-256 of the plain bytes, and which form */
};

struct asset {
    char path[ASSETS_PATH_MAX]; /* in the folder: "docs/index.html" */
    struct span content_type;
    struct asset_form plain, gzip;
};

/* What an address shows. */
struct asset_match {
    const struct asset *asset; /* NULL: nothing */
    bool immutable;            /* its name has a digest: it may be kept for good */
    struct span moved_to;      /* not empty: the asset is to be asked for at this address, a path of
                                  this server; constant, or a part of what was asked for */
};

/* Which of the table's addresses a listener has. */
enum asset_site { ASSETS_PUBLIC, ASSETS_ADMIN };

struct assets;

/* ERR_NOT_FOUND: no such folder. ERR_TOO_LARGE: over a limit. ERR_IO, ERR_NOMEM. Why is logged. */
MUST_CHECK enum err assets_load(const char *folder, struct assets **out);
void assets_destroy(struct assets **a); /* NULL inside is fine */
/* `path` is a request's path as it came, without its query. `a` may be NULL. */
struct asset_match assets_find(const struct assets *a, enum asset_site site, struct span path);
size_t assets_count(const struct assets *a);

/* The public addresses of the table, in its order; NULL after the last. A last '*' stands for one
 * name. */
const char *assets_address(size_t index);

#endif
