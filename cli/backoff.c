#include "cli/backoff.h"

int64_t backoff_next_ms(struct backoff *b, int64_t retry_after_s)
{
    static const int64_t steps_s[] = {1, 2, 5, 10, 15};
    enum { STEPS = sizeof steps_s / sizeof steps_s[0] };
    const unsigned at = b->failures < STEPS ? b->failures : STEPS - 1;
    b->failures++;
    if (retry_after_s < 0) {
        return steps_s[at] * 1000;
    }
    return (retry_after_s < BACKOFF_RETRY_AFTER_MAX_S ? retry_after_s : BACKOFF_RETRY_AFTER_MAX_S) *
           1000;
}

void backoff_reset(struct backoff *b)
{
    b->failures = 0;
}
