// links: base core
/* Accept and Accept-Encoding: any bytes give a quality from 0 to 1000. */
#include "core/accept.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span header = {(const char *)data, size};
    const int html = accept_quality(header, SPAN("text/html"));
    const int gzip = accept_coding_quality(header, SPAN("gzip"));
    assert(html >= 0 && html <= ACCEPT_QUALITY_MAX);
    assert(gzip >= 0 && gzip <= ACCEPT_QUALITY_MAX);
    assert(span_trim(header).len > 0 || (html == ACCEPT_QUALITY_MAX && gzip == 0));
    (void)accept_prefers_html(header);
    return 0;
}
