// links: base core
/* A query string, and percent encoding there and back. */
#include "core/query.h"

#include "core/percent.h"
#include "core/plain_text.h"

#include <assert.h>

static void check_value(struct span value)
{
    static char decoded[QUERY_BYTES_MAX];
    struct span again;
    struct buf b;
    buf_init(&b, 3 * (size_t)QUERY_BYTES_MAX);
    percent_encode(&b, value);
    assert(buf_error(&b) == ERR_OK);
    assert(percent_decode(buf_as_span(&b), true, decoded, sizeof decoded, &again) == ERR_OK);
    assert(span_eq(value, again));
    buf_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct query q;
    const struct span text = {(const char *)data, size};
    if (query_parse(text, &q) != ERR_OK) {
        assert(q.count == 0);
        return 0;
    }
    size_t found = 0;
    for (size_t i = 0; i < q.count; i++) {
        struct span value;
        assert(plain_text(q.pairs[i].name) && plain_text(q.pairs[i].value));
        assert(query_get(&q, q.pairs[i].name, &value) != ERR_NOT_FOUND);
        check_value(q.pairs[i].value);
        found++;
    }
    assert(found <= QUERY_PAIRS_MAX);
    return 0;
}
