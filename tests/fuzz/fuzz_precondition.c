// links: base core
/* Any bytes as conditional headers, parted by line feeds: a verdict, and no read outside of them.
 */
#include "core/precondition.h"
#include "core/range.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct span rest = {(const char *)data, len};
    struct precondition_request r = {.etag = SPAN("\"a.1\""), .last_modified_s = 784111777};
    span_cut(rest, '\n', &r.if_match, &rest);
    span_cut(rest, '\n', &r.if_none_match, &rest);
    span_cut(rest, '\n', &r.if_modified_since, &rest);
    span_cut(rest, '\n', &r.if_unmodified_since, &rest);
    const enum precondition verdict = precondition_decide(&r);
    assert(verdict == PRECONDITION_MET || verdict == PRECONDITION_NOT_MODIFIED ||
           verdict == PRECONDITION_FAILS);
    int64_t at_s;
    if (http_date_parse(r.if_modified_since, &at_s) == ERR_OK) {
        assert(at_s >= 0);
    }
    return 0;
}
