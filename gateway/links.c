#include "gateway/links.h"

#include "core/file_name.h"

static bool has_artifact(const struct link_signer *signer, const struct job_record *r)
{
    return signer != NULL && r->status == JOB_COMPLETED && !r->artifact_expired &&
           r->artifact_key.len > 0;
}

static enum err sign(struct link_signer *signer, const struct gateway_config *config,
                     const struct job_record *r, int64_t expires_at_s, struct buf *text,
                     struct status_link *out)
{
    const struct link l = {
        .key = r->artifact_key,
        .file_name = r->file_name.len > 0 ? r->file_name : SPAN(FILE_NAME_FALLBACK),
        .content_type = r->content_type,
        .expires_at_s = expires_at_s,
    };
    buf_reset(text);
    if (config->public_url != NULL) {
        struct span base = span_of(config->public_url);
        while (base.len > 0 && base.ptr[base.len - 1] == '/') {
            base.len--;
        }
        TRY(buf_span(text, base));
    }
    TRY(link_sign(signer, &l, text));
    *out = (struct status_link){.url = buf_as_span(text), .expires_at_s = expires_at_s};
    return ERR_OK;
}

uint64_t links_window(const struct link_signer *signer, const struct gateway_config *config,
                      const struct job_record *r, int64_t now_s)
{
    return has_artifact(signer, r) ? link_window(r->completed_at_s, now_s, config->link_ttl_s).index
                                   : 0;
}

bool links_of_status(struct link_signer *signer, const struct gateway_config *config,
                     const struct job_record *r, int64_t now_s, struct buf *text,
                     struct status_link *out, uint64_t *window)
{
    *window = 0;
    if (!has_artifact(signer, r)) {
        return false;
    }
    const struct link_window w = link_window(r->completed_at_s, now_s, config->link_ttl_s);
    *window = w.index;
    return sign(signer, config, r, w.expires_at_s, text, out) == ERR_OK;
}

enum err links_fresh(struct link_signer *signer, const struct gateway_config *config,
                     const struct job_record *r, int64_t now_s, struct buf *text,
                     struct status_link *out)
{
    if (!has_artifact(signer, r)) {
        return ERR_UNSUPPORTED;
    }
    return sign(signer, config, r, now_s + config->link_ttl_s, text, out);
}
