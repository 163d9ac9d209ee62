/* Links: where a completed job's artifact can be fetched, as this gateway hands it out. */
#ifndef LONGHAUL_GATEWAY_LINKS_H
#define LONGHAUL_GATEWAY_LINKS_H

#include "base/buf.h"
#include "core/link.h"
#include "core/record.h"
#include "core/status_json.h"
#include "gateway/options.h"

enum { LINK_URL_MAX = LINK_BYTES_MAX + 1024 /* of --public-url */ };

/* One for each loop. */
struct link_maker {
    struct link_signer *signer; /* owned; NULL without a store */
    const struct gateway_config *config;
    struct buf url; /* owned: the newest link made; what `out` of the calls below points into */
};

/* ERR_INVALID, ERR_NOMEM. Clear it anyway. */
MUST_CHECK enum err links_open(struct link_maker *m, const struct gateway_config *config);
void links_clear(struct link_maker *m);

/* The link of a status object, equal for all readers during a window. `window` is 0 where there is
 * no link; false: there is none (not completed, past retention, no store, cannot be signed). */
bool links_of_status(struct link_maker *m, const struct job_record *r, int64_t now_s,
                     struct status_link *out, uint64_t *window);
/* When the link of a status object ends, without signing one: `out` has no url. */
bool links_end(const struct link_maker *m, const struct job_record *r, int64_t now_s,
               struct status_link *out);
/* A fresh one with its whole life before it. ERR_UNSUPPORTED without a store. */
MUST_CHECK enum err links_fresh(struct link_maker *m, const struct job_record *r, int64_t now_s,
                                struct status_link *out);
/* The window's number alone: what the ETag needs. */
uint64_t links_window(const struct link_maker *m, const struct job_record *r, int64_t now_s);

#endif
