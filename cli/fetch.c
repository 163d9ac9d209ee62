#include "cli/fetch.h"

#include "base/clock.h"
#include "cli/api.h"
#include "cli/fetch_private.h"
#include "cli/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { PATH_BYTES_MAX = 4096, COPIES_MAX = 999, LINKS_MAX = 5 };

bool fetch_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static char *copy_text(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

/* ---- the link */

static void forget_link(struct fetch *f)
{
    free(f->url);
    free(f->file_name);
    free(f->sha256);
    f->url = f->file_name = f->sha256 = NULL;
}

static enum exit_code take_link(struct fetch *f, const json_t *json)
{
    const char *url = api_text(json, "url");
    forget_link(f);
    if (url == NULL || net_url_resolve(f->cli->base, url, &f->url) != ERR_OK) {
        terminal_error(&f->cli->terminal, "%s: the server gave no usable link", f->job);
        return EXIT_UNREACHABLE;
    }
    f->file_name = copy_text(api_text(json, "fileName"));
    f->sha256 = copy_text(api_text(json, "sha256"));
    f->size_bytes = api_number(json, "size", -1);
    return EXIT_DONE;
}

static enum exit_code get_link(struct fetch *f)
{
    char path[128];
    struct api_reply reply;
    api_reply_init(&reply);
    (void)snprintf(path, sizeof path, "/%s?redirect=0", f->job);
    const struct api_request q = {.method = "GET", .path = path, .about = f->job};
    enum exit_code code = api_call(f->cli, &q, &reply);
    if (code == EXIT_DONE) {
        code = take_link(f, reply.json);
    }
    api_reply_clear(&reply);
    return code;
}

/* ---- the place */

static char *path_of(const char *folder, const char *name, unsigned copy)
{
    struct buf text;
    buf_init(&text, PATH_BYTES_MAX);
    target_path(span_of(folder), span_of(name), copy, &text);
    char *out = buf_error(&text) == ERR_OK ? strndup(text.data, text.len) : NULL;
    buf_clear(&text);
    return out;
}

/* In a folder a part has the file's name; until that is known, the job's. */
static enum exit_code choose_path(struct fetch *f, const char *output)
{
    char name[JOB_FILE_NAME_MAX + 1];
    if (!fetch_is_folder(output)) {
        f->path = strdup(output);
    } else {
        f->folder = strdup(output);
        const bool named = f->file_name != NULL && target_name_stays(span_of(f->file_name));
        if (named) {
            (void)target_name(span_of(f->file_name), (struct span){0}, name);
        }
        f->path = path_of(output, named ? name : f->job, 0);
    }
    if (f->path == NULL) {
        terminal_error(&f->cli->terminal, "the path is too long");
        return EXIT_LOCAL;
    }
    return EXIT_DONE;
}

static enum exit_code open_part(struct fetch *f)
{
    const enum err e = part_open(f->path, &f->part);
    if (e == ERR_EXISTS) {
        terminal_error(&f->cli->terminal, "%s: another download is writing it", f->part.path);
    } else if (e != ERR_OK) {
        terminal_error(&f->cli->terminal, "%s.part: %s", f->path, strerror(errno));
    }
    return e == ERR_OK ? EXIT_DONE : EXIT_LOCAL;
}

static bool go_on(void *self)
{
    struct fetch *f = self;
    return net_check(f->cli->net) == NET_DONE;
}

static enum exit_code take_stock(struct fetch *f)
{
    enum err e = ERR_OK;
    f->resumed = f->part.size > 0 && f->part.etag[0] != '\0';
    if (f->resumed) {
        e = part_take_stock(&f->part, go_on, f);
    } else if (f->part.size > 0) {
        e = part_begin(&f->part, (struct span){0});
    }
    if (e == ERR_CLOSED) {
        return cli_net_failed(f->cli, net_check(f->cli->net));
    }
    if (e != ERR_OK) {
        terminal_error(&f->cli->terminal, "%s: %s", f->part.path, strerror(errno));
    }
    return e == ERR_OK ? EXIT_DONE : EXIT_LOCAL;
}

/* ---- the bytes */

static bool draw(void *self, int64_t now_ms)
{
    progress_draw(self, now_ms);
    return true;
}

static enum exit_code wait_to_go_on(struct fetch *f)
{
    if (f->backoff.failures >= FETCH_FAILURES_MAX) {
        return cli_net_failed(f->cli, NET_BROKEN);
    }
    const struct net_watch watch = {.self = f->progress, .tick = draw};
    const enum net_end end = net_wait(f->cli->net, backoff_next_ms(&f->backoff, -1), &watch);
    return end == NET_DONE ? EXIT_DONE : cli_net_failed(f->cli, end);
}

static enum exit_code transfer_all(struct fetch *f)
{
    enum exit_code code = EXIT_DONE;
    int links = 0;
    if (f->resumed && f->size_bytes >= 0 && f->part.size == (uint64_t)f->size_bytes) {
        return EXIT_DONE;
    }
    while (code == EXIT_DONE) {
        switch (transfer_once(f, &code)) {
        case TRANSFER_WHOLE:
            return EXIT_DONE;
        case TRANSFER_OVER:
            return code;
        case TRANSFER_LINK:
            if (++links >= LINKS_MAX) {
                terminal_error(&f->cli->terminal, "%s: the server refuses its own links", f->job);
                return EXIT_REFUSED;
            }
            code = get_link(f);
            break;
        case TRANSFER_CUT:
            code = wait_to_go_on(f);
            break;
        }
    }
    return code;
}

/* ---- the end */

enum verdict { VERDICT_GOOD, VERDICT_AGAIN, VERDICT_BAD };

/* What was resumed may be a mixture: that deserves one clean try. */
static enum verdict verify(struct fetch *f, char hex[SHA256_HEX_LEN + 1])
{
    const bool sized = f->size_bytes < 0 || f->part.size == (uint64_t)f->size_bytes;
    const bool good = part_digest(&f->part, hex) == ERR_OK && sized &&
                      (f->sha256 == NULL || strcasecmp(hex, f->sha256) == 0);
    if (good) {
        return VERDICT_GOOD;
    }
    const bool again = f->resumed && !f->again;
    f->again = true;
    return again && part_begin(&f->part, (struct span){0}) == ERR_OK ? VERDICT_AGAIN : VERDICT_BAD;
}

/* A name the user gave is replaced; one the server chose is not. */
static enum exit_code put_in_place(struct fetch *f)
{
    char name[JOB_FILE_NAME_MAX + 1];
    enum err e = f->folder == NULL ? part_finish(&f->part, f->path, true) : ERR_EXISTS;
    (void)target_name(span_of(f->file_name), span_of(f->disposition), name);
    for (unsigned copy = 0; e == ERR_EXISTS && f->folder != NULL && copy <= COPIES_MAX; copy++) {
        free(f->path);
        f->path = path_of(f->folder, name, copy);
        e = f->path != NULL ? part_finish(&f->part, f->path, false) : ERR_NOMEM;
    }
    if (e != ERR_OK) {
        terminal_error(&f->cli->terminal, "%s: %s", f->path != NULL ? f->path : name,
                       strerror(errno));
    }
    return e == ERR_OK ? EXIT_DONE : EXIT_LOCAL;
}

static enum exit_code transfer_and_verify(struct fetch *f, struct fetched *out)
{
    for (;;) {
        enum exit_code code = take_stock(f);
        if (code == EXIT_DONE) {
            code = transfer_all(f);
        }
        if (code != EXIT_DONE) {
            return code;
        }
        switch (verify(f, out->sha256)) {
        case VERDICT_GOOD:
            out->size_bytes = f->part.size;
            out->sha256_checked = f->sha256 != NULL;
            return put_in_place(f);
        case VERDICT_AGAIN:
            terminal_note(&f->cli->terminal, "the resumed file is not right; once more from its "
                                             "beginning");
            break;
        case VERDICT_BAD:
            terminal_error(&f->cli->terminal,
                           "job %s: verification failed: size or SHA-256 differ from what the "
                           "server promised; nothing was kept",
                           f->job);
            part_remove(&f->part);
            return EXIT_UNVERIFIED;
        }
    }
}

enum exit_code fetch_file(struct cli *c, const char *job, const char *output,
                          struct progress *progress, struct fetched *out)
{
    struct fetch f = {.cli = c, .job = job, .progress = progress, .part = {.fd = -1}};
    *out = (struct fetched){.path = NULL};
    enum exit_code code = get_link(&f);
    if (code == EXIT_DONE) {
        code = choose_path(&f, output);
    }
    if (code == EXIT_DONE) {
        code = open_part(&f);
    }
    if (code == EXIT_DONE) {
        code = transfer_and_verify(&f, out);
    }
    if (code == EXIT_DONE) {
        out->path = f.path;
        f.path = NULL;
    }
    part_close(&f.part);
    forget_link(&f);
    free(f.folder);
    free(f.path);
    return code;
}
