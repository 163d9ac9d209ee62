#include "gateway/assets.h"

#include "base/ids.h"
#include "base/log.h"
#include "base/map.h"
#include "core/digest.h"
#include "gateway/assets_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct assets {
    struct map *by_path;
    struct asset *all[ASSETS_FILES_MAX]; /* owned */
    size_t count, bytes;
};

/* Where things are shown. Rows of literal addresses stand first. A row whose address ends in '*'
 * shows the file of that name in `file`, a folder; or, if `file` is no folder, that one file for
 * each name (the app reads the address itself). */
struct place {
    const char *address, *file;
    bool immutable;       /* names of these files have a digest of their content */
    const char *moved_to; /* not NULL: the file has this address; who asks here is led there */
};

static const struct place places[] = {
    {.address = "/openapi.json", .file = "openapi.json"},
    {.address = "/docs", .file = "docs/index.html"},
    {.address = "/docs/", .file = "docs/index.html"},
    {.address = "/docs/errors", .file = "docs/errors.html"},
    {.address = "/docs/assets/*", .file = "docs/assets/", .immutable = true},
    {.address = "/", .file = "app/index.html"},
    {.address = "/favicon.svg", .file = "app/favicon.svg"},
    /* Who cuts a job's address short means the list. */
    {.address = "/downloads", .file = "app/index.html", .moved_to = "/"},
    {.address = "/downloads/", .file = "app/index.html", .moved_to = "/"},
    {.address = "/downloads/*", .file = "app/index.html"},
    {.address = "/assets/*", .file = "app/assets/", .immutable = true},
};
enum { PLACES = sizeof places / sizeof places[0] };

static const struct place admin_places[] = {
    {.address = "/admin", .file = "admin/index.html"},
    {.address = "/admin/", .file = "admin/index.html"},
    {.address = "/admin/assets/*", .file = "admin/assets/", .immutable = true},
};
enum { ADMIN_PLACES = sizeof admin_places / sizeof admin_places[0] };

struct site {
    const struct place *places;
    size_t count;
};

static const struct site sites[] = {
    [ASSETS_PUBLIC] = {places, PLACES}, [ASSETS_ADMIN] = {admin_places, ADMIN_PLACES}};

struct type {
    const char *extension, *content_type;
};

enum { TYPE_HTML }; /* the row of pages */

static const struct type types[] = {
    [TYPE_HTML] = {"html", "text/html; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"json", "application/json"},
    {"svg", "image/svg+xml"},
    {"png", "image/png"},
    {"ico", "image/x-icon"},
    {"woff2", "font/woff2"},
    {"txt", "text/plain; charset=utf-8"},
    {"webmanifest", "application/manifest+json"},
};

static struct span type_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(dot + 1, types[i].extension) == 0) {
            return span_of(types[i].content_type);
        }
    }
    return SPAN("application/octet-stream");
}

static enum err tag(const struct asset_form *plain, const char *suffix, char out[ASSET_ETAG_SIZE])
{
    struct digest digest;
    unsigned char sha256[SHA256_SIZE];
    digest_init(&digest);
    enum err e = digest_add(&digest, (struct span){plain->bytes, plain->len});
    if (e == ERR_OK) {
        e = digest_end(&digest, sha256);
    }
    digest_clear(&digest);
    char hex[SHA256_HEX_LEN + 1];
    TRY(e);
    hex_encode(sha256, sizeof sha256, hex);
    (void)snprintf(out, ASSET_ETAG_SIZE, "\"%s%s\"", hex, suffix);
    return ERR_OK;
}

/* ---- loading */

static enum err over_limit(const char *path)
{
    log_error("assets.limit", "%s is over the limit of %d files and %d bytes", path,
              ASSETS_FILES_MAX, ASSETS_BYTES_MAX);
    return ERR_TOO_LARGE;
}

static enum err add(void *context, const char *path, char *bytes, size_t len)
{
    struct assets *a = context;
    if (a->count == ASSETS_FILES_MAX || len > ASSETS_BYTES_MAX - a->bytes) {
        free(bytes);
        return over_limit(path);
    }
    struct asset *asset = calloc(1, sizeof *asset);
    if (asset == NULL) {
        free(bytes);
        return ERR_NOMEM;
    }
    a->all[a->count++] = asset; /* owns it from here on, whatever happens */
    a->bytes += len;
    asset->plain.bytes = bytes;
    asset->plain.len = len;
    TRY(span_copy(span_of(path), asset->path, sizeof asset->path));
    asset->content_type = type_of(asset->path);
    TRY(tag(&asset->plain, "", asset->plain.etag));
    return map_put(a->by_path, span_of(asset->path), asset);
}

/* Gives "x" the bytes of "x.gz", which then has no address of its own. */
static enum err pair_forms(struct assets *a)
{
    for (size_t i = 0; i < a->count; i++) {
        struct asset *packed = a->all[i];
        struct span path = span_of(packed->path);
        if (path.len < 3 || memcmp(path.ptr + path.len - 3, ".gz", 3) != 0) {
            continue;
        }
        path.len -= 3;
        struct asset *plain = map_get(a->by_path, path);
        if (plain != NULL) {
            (void)map_remove(a->by_path, span_of(packed->path));
            plain->gzip.bytes = packed->plain.bytes;
            plain->gzip.len = packed->plain.len;
            packed->plain.bytes = NULL;
            TRY(tag(&plain->plain, "-gz", plain->gzip.etag));
        }
    }
    return ERR_OK;
}

static enum err fill(struct assets *a, const char *folder)
{
    TRY(map_new(ASSETS_FILES_MAX, &a->by_path));
    TRY(assets_read(folder, add, a));
    return pair_forms(a);
}

enum err assets_load(const char *folder, struct assets **out)
{
    struct assets *a = calloc(1, sizeof *a);
    if (a == NULL) {
        return ERR_NOMEM;
    }
    const enum err e = fill(a, folder);
    if (e != ERR_OK) {
        assets_destroy(&a);
        return e;
    }
    log_info("assets.loaded", "%zu files, %zu bytes from %s", a->count, a->bytes, folder);
    *out = a;
    return ERR_OK;
}

void assets_destroy(struct assets **a)
{
    if (*a == NULL) {
        return;
    }
    for (size_t i = 0; i < (*a)->count; i++) {
        free((*a)->all[i]->plain.bytes);
        free((*a)->all[i]->gzip.bytes);
        free((*a)->all[i]);
    }
    map_destroy(&(*a)->by_path);
    free(*a);
    *a = NULL;
}

/* ---- finding */

static const struct asset *get(const struct assets *a, struct span folder, struct span name)
{
    char path[ASSETS_PATH_MAX];
    if (folder.len + name.len >= sizeof path) {
        return NULL;
    }
    memcpy(path, folder.ptr, folder.len);
    if (name.len > 0) {
        memcpy(path + folder.len, name.ptr, name.len);
    }
    return map_get(a->by_path, (struct span){path, folder.len + name.len});
}

/* False: the row is about other addresses. */
static bool place_fits(const struct place *p, struct span path, struct span *name)
{
    struct span address = span_of(p->address);
    *name = (struct span){0};
    if (address.ptr[address.len - 1] != '*') {
        return span_eq(address, path);
    }
    address.len--;
    if (path.len <= address.len || !span_starts(path, address)) {
        return false;
    }
    *name = (struct span){path.ptr + address.len, path.len - address.len};
    return memchr(name->ptr, '/', name->len) == NULL;
}

static struct asset_match find_at(const struct assets *a, const struct site *site, struct span path)
{
    struct asset_match m = {0};
    for (size_t i = 0; m.asset == NULL && i < site->count; i++) {
        const struct place *p = &site->places[i];
        struct span name;
        if (!place_fits(p, path, &name)) {
            continue;
        }
        const struct span file = span_of(p->file);
        const bool folder = file.ptr[file.len - 1] == '/';
        m.asset = get(a, file, folder ? name : (struct span){0});
        m.immutable = p->immutable;
        m.moved_to = p->moved_to != NULL ? span_of(p->moved_to) : (struct span){0};
    }
    return m;
}

static bool is_page(const struct asset *asset)
{
    return asset != NULL && span_eq(asset->content_type, span_of(types[TYPE_HTML].content_type));
}

/* Without a '/' at its end. False: there is none, or what is left is not plain segments of names.
 * So what is left never begins with "//", which a browser would take for a host (RFC 3986 §4.2),
 * and has no "..". */
static bool cut_slash(struct span path, struct span *out)
{
    static const char named[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    if (path.len < 2 || path.ptr[path.len - 1] != '/') {
        return false;
    }
    *out = (struct span){path.ptr, path.len - 1};
    for (size_t i = 0; i < out->len; i++) {
        const bool separates = out->ptr[i] == '/' && path.ptr[i + 1] != '/';
        if (!separates && memchr(named, out->ptr[i], sizeof named - 1) == NULL) {
            return false;
        }
    }
    return true;
}

struct asset_match assets_find(const struct assets *a, enum asset_site site, struct span path)
{
    struct span to;
    if (a == NULL) {
        return (struct asset_match){0};
    }
    struct asset_match m = find_at(a, &sites[site], path);
    if (m.asset == NULL && cut_slash(path, &to)) {
        m = find_at(a, &sites[site], to);
        m.moved_to = to;
        return is_page(m.asset) ? m : (struct asset_match){0};
    }
    return m;
}

size_t assets_count(const struct assets *a)
{
    return a != NULL ? map_count(a->by_path) : 0;
}

const char *assets_address(size_t index)
{
    return index < PLACES ? places[index].address : NULL;
}
