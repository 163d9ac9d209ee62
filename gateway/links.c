#include "gateway/links.h"

#include "core/file_name.h"

enum err links_open(struct link_maker *m, const struct gateway_config *config)
{
    *m = (struct link_maker){.config = config};
    buf_init(&m->url, LINK_URL_MAX);
    if (config->store_dir == NULL) {
        return ERR_OK;
    }
    const struct span secrets[LINK_SECRETS_MAX] = {span_of(config->link_secret),
                                                   span_of(config->link_secret_old)};
    return link_signer_new(secrets, config->link_secret_old != NULL ? 2 : 1, &m->signer);
}

void links_clear(struct link_maker *m)
{
    link_signer_destroy(&m->signer);
    buf_clear(&m->url);
}

static bool has_artifact(const struct link_maker *m, const struct job_record *r)
{
    return m->signer != NULL && r->status == JOB_COMPLETED && !r->artifact_expired &&
           r->artifact_key.len > 0;
}

static enum err put_base(struct link_maker *m)
{
    struct span base = span_of(m->config->public_url);
    while (base.len > 0 && base.ptr[base.len - 1] == '/') {
        base.len--;
    }
    buf_reset(&m->url);
    return buf_span(&m->url, base);
}

static enum err sign(struct link_maker *m, const struct job_record *r, int64_t expires_at_s,
                     struct status_link *out)
{
    const struct link l = {
        .key = r->artifact_key,
        .file_name = r->file_name.len > 0 ? r->file_name : SPAN(FILE_NAME_FALLBACK),
        .content_type = r->content_type,
        .expires_at_s = expires_at_s,
    };
    TRY(put_base(m));
    TRY(link_sign(m->signer, &l, &m->url));
    *out = (struct status_link){.url = buf_as_span(&m->url), .expires_at_s = expires_at_s};
    return ERR_OK;
}

static struct link_window window_of(const struct link_maker *m, const struct job_record *r,
                                    int64_t now_s)
{
    return link_window(r->completed_at_s, now_s, m->config->link_ttl_s);
}

uint64_t links_window(const struct link_maker *m, const struct job_record *r, int64_t now_s)
{
    return has_artifact(m, r) ? window_of(m, r, now_s).index : 0;
}

bool links_of_status(struct link_maker *m, const struct job_record *r, int64_t now_s,
                     struct status_link *out, uint64_t *window)
{
    *window = 0;
    if (!has_artifact(m, r)) {
        return false;
    }
    const struct link_window w = window_of(m, r, now_s);
    *window = w.index;
    return sign(m, r, w.expires_at_s, out) == ERR_OK;
}

bool links_end(const struct link_maker *m, const struct job_record *r, int64_t now_s,
               struct status_link *out)
{
    if (!has_artifact(m, r)) {
        return false;
    }
    *out = (struct status_link){.expires_at_s = window_of(m, r, now_s).expires_at_s};
    return true;
}

enum err links_fresh(struct link_maker *m, const struct job_record *r, int64_t now_s,
                     struct status_link *out)
{
    if (!has_artifact(m, r)) {
        return ERR_UNSUPPORTED;
    }
    return sign(m, r, now_s + m->config->link_ttl_s, out);
}
