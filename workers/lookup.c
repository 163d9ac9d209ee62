#include "workers/lookup.h"

#include "base/log.h"
#include "workers/lookup_folder.h"
#include "workers/lookup_lines.h"

#include <stdlib.h>
#include <sys/stat.h>

struct lookup {
    const struct worker_config *config;
    struct pool *pool;
    struct lookup_folder *folder;
    struct lookup_lines *lines;
    struct buf url; /* the last expanded template */
    /* Reading again: `task` and what it reads belong to the pool meanwhile. */
    struct task task;
    bool reading;
    struct stat tried; /* the file as it was when it was last read, well or not */
    struct lookup_lines *fresh;
};

/* ---- JSON lines, read again when they change */

static bool reread_run(struct task *t)
{
    struct lookup *l = LIST_ENTRY(t, struct lookup, task);
    if (lookup_lines_read(l->config->catalog, &l->fresh) != ERR_OK) {
        l->fresh = NULL;
    }
    return true;
}

static void reread_done(struct task *t)
{
    struct lookup *l = LIST_ENTRY(t, struct lookup, task);
    l->reading = false;
    if (l->fresh == NULL) {
        log_error("catalog.kept", "file=%s: the former content stays in use", l->config->catalog);
        return;
    }
    lookup_lines_destroy(&l->lines);
    l->lines = l->fresh;
    l->fresh = NULL;
    log_info("catalog.lines", "file=%s entries=%zu", l->config->catalog,
             lookup_lines_count(l->lines));
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_size == b->st_size && a->st_ino == b->st_ino;
}

/* Each lookup asks, so that a job that is started after a change meets the new content. A small
 * file is read on the spot; a large one by the pool, and until then the former content stands. */
static void check_changed(struct lookup *l)
{
    struct stat st;
    if (l->reading) {
        return;
    }
    if (stat(l->config->catalog, &st) != 0 || lookup_lines_same(l->lines, &st) ||
        same_file(&l->tried, &st)) {
        return;
    }
    l->tried = st;
    l->reading = true;
    if (st.st_size <= LOOKUP_AT_ONCE_BYTES) {
        (void)reread_run(&l->task);
        reread_done(&l->task);
        return;
    }
    l->task.run = reread_run;
    l->task.done = reread_done;
    pool_put(l->pool, &l->task);
}

/* ---- the three kinds */

static enum err find_none(struct lookup *l, uint64_t file_id, struct found *out)
{
    (void)l;
    (void)file_id;
    (void)out;
    return ERR_UNSUPPORTED;
}

static enum err find_file(struct lookup *l, uint64_t file_id, struct found *out)
{
    const char *name = lookup_folder_find(l->folder, file_id);
    *out = (struct found){.in_folder = true, .place = span_of(name), .size_bytes = -1};
    return name != NULL ? ERR_OK : ERR_NOT_FOUND;
}

static enum err find_line(struct lookup *l, uint64_t file_id, struct found *out)
{
    check_changed(l);
    const struct catalogue_entry *e = lookup_lines_find(l->lines, file_id);
    if (e == NULL) {
        return l->reading ? ERR_UNAVAILABLE : ERR_NOT_FOUND;
    }
    *out = (struct found){.place = e->url,
                          .file_name = e->file_name,
                          .content_type = e->content_type,
                          .class_name = e->class_name,
                          .size_bytes = e->size_bytes,
                          .sha256 = e->has_sha256 ? e->sha256 : NULL};
    return ERR_OK;
}

static enum err find_template(struct lookup *l, uint64_t file_id, struct found *out)
{
    buf_reset(&l->url);
    TRY(catalogue_template_expand(span_of(l->config->catalog), file_id, &l->url));
    *out = (struct found){.place = buf_as_span(&l->url), .size_bytes = -1};
    return ERR_OK;
}

static enum err open_folder(struct lookup *l)
{
    return lookup_folder_read(l->config->catalog, &l->folder);
}

static enum err open_lines(struct lookup *l)
{
    TRY(lookup_lines_read(l->config->catalog, &l->lines));
    log_info("catalog.lines", "file=%s entries=%zu", l->config->catalog,
             lookup_lines_count(l->lines));
    return ERR_OK;
}

static const struct {
    enum err (*open)(struct lookup *l); /* NULL: nothing to open */
    enum err (*find)(struct lookup *l, uint64_t file_id, struct found *out);
} KINDS[] = {
    [CATALOG_NONE] = {NULL, find_none},
    [CATALOG_FILES] = {open_folder, find_file},
    [CATALOG_LINES] = {open_lines, find_line},
    [CATALOG_TEMPLATE] = {NULL, find_template},
};

enum err lookup_open(const struct worker_config *config, struct pool *pool, struct lookup **out)
{
    struct lookup *l = calloc(1, sizeof(*l));
    if (l == NULL) {
        return ERR_NOMEM;
    }
    l->config = config;
    l->pool = pool;
    buf_init(&l->url, 2 * CATALOGUE_URL_MAX);
    if (KINDS[config->catalog_kind].open != NULL && KINDS[config->catalog_kind].open(l) != ERR_OK) {
        lookup_close(&l);
        return ERR_INVALID;
    }
    *out = l;
    return ERR_OK;
}

void lookup_close(struct lookup **l)
{
    if (*l == NULL) {
        return;
    }
    lookup_folder_destroy(&(*l)->folder);
    lookup_lines_destroy(&(*l)->lines);
    lookup_lines_destroy(&(*l)->fresh);
    buf_clear(&(*l)->url);
    free(*l);
    *l = NULL;
}

enum err lookup_find(struct lookup *l, uint64_t file_id, struct found *out)
{
    return KINDS[l->config->catalog_kind].find(l, file_id, out);
}
