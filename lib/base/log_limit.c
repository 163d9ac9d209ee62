#include "base/log_limit.h"

bool log_limit_pass(struct log_limit *l, int64_t now_ms, uint64_t *left_out)
{
    if (l->since_ms == 0 || now_ms - l->since_ms >= LOG_LIMIT_MS || now_ms < l->since_ms) {
        l->since_ms = now_ms;
        l->said = 0;
    }
    if (l->said == LOG_LIMIT_LINES) {
        l->left_out++;
        return false;
    }
    l->said++;
    *left_out = l->left_out;
    l->left_out = 0;
    return true;
}
