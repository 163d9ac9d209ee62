/* Source names: what a downloaded file is called, from what others say.
 *
 * A source's word for a name is outside input: it may hold folders, control characters, broken
 * UTF-8. What comes out of here is one file name of 1 … JOB_FILE_NAME_MAX bytes of valid UTF-8. */
#ifndef LONGHAUL_CORE_SOURCE_NAMES_H
#define LONGHAUL_CORE_SOURCE_NAMES_H

#include "base/err.h"
#include "base/span.h"
#include "core/job.h"

#include <stdbool.h>

enum { FILE_NAME_SIZE = JOB_FILE_NAME_MAX + 1, CONTENT_TYPE_SIZE = JOB_CONTENT_TYPE_MAX + 1 };

/* Takes the part after the last '/' or '\', drops control characters (C0, DEL, C1, line and
 * paragraph separators, direction overrides), turns bytes that are not UTF-8 into '_', trims spaces
 * and cuts at a character's border. ERR_INVALID when nothing or only dots are left. */
MUST_CHECK enum err source_name_clean(struct span raw, char out[FILE_NAME_SIZE]);
/* From the last segment of a URL's path, percent-decoded. */
MUST_CHECK enum err source_name_of_url(struct span url, char out[FILE_NAME_SIZE]);
/* From a Content-Disposition value: filename* (UTF-8 or ISO-8859-1, RFC 8187) over filename
 * (RFC 6266 §4.3). ERR_NOT_FOUND when it names none. */
MUST_CHECK enum err source_name_of_disposition(struct span value, char out[FILE_NAME_SIZE]);

/* A media type as RFC 9110 §8.3.1 writes it (type "/" subtype, parameters), printable ASCII, at
 * most JOB_CONTENT_TYPE_MAX bytes. */
bool source_content_type_valid(struct span value);

#endif
