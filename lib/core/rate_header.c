#include "core/rate_header.h"

#include <inttypes.h>

static int64_t seconds(int64_t ms)
{
    return (ms + 999) / 1000;
}

static void separate(struct buf *out)
{
    if (out->len > 0) {
        (void)buf_text(out, ", ");
    }
}

void rate_header_policy(const char *name, const struct rate *rate, struct buf *out)
{
    struct token_bucket empty = {0};
    separate(out);
    (void)buf_printf(out, "\"%s\";q=%" PRIu32 ";w=%" PRId64, name, rate->burst,
                     seconds(token_bucket_full_ms(&empty, rate)));
}

void rate_header_state(const char *name, const struct rate_state *state, struct buf *out)
{
    separate(out);
    (void)buf_printf(out, "\"%s\";r=%" PRIu32 ";t=%" PRId64, name, state->left,
                     seconds(state->full_ms));
}

int64_t rate_retry_after_s(const struct rate_state *state)
{
    const int64_t s = seconds(state->retry_ms);
    return s > 0 ? s : 1;
}
