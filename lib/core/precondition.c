#include "core/precondition.h"

#include "core/etag.h"
#include "core/range.h"

#include <stdbool.h>

/* The file's date and the header's; false: nothing to compare. */
static bool have_dates(const struct precondition_request *r, struct span header, int64_t *date_s)
{
    return header.len > 0 && r->last_modified_s >= 0 && http_date_parse(header, date_s) == ERR_OK;
}

enum precondition precondition_decide(const struct precondition_request *r)
{
    int64_t date_s;
    if (r->if_match.len > 0) {
        if (!etag_match_has(r->if_match, r->etag)) {
            return PRECONDITION_FAILS;
        }
    } else if (have_dates(r, r->if_unmodified_since, &date_s) && r->last_modified_s > date_s) {
        return PRECONDITION_FAILS;
    }
    if (r->if_none_match.len > 0) {
        return etag_none_match_has(r->if_none_match, r->etag) ? PRECONDITION_NOT_MODIFIED
                                                              : PRECONDITION_MET;
    }
    return have_dates(r, r->if_modified_since, &date_s) && r->last_modified_s <= date_s
               ? PRECONDITION_NOT_MODIFIED
               : PRECONDITION_MET;
}
