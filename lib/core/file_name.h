/* File name: what the user's browser may be told to call a file.
 *
 * core/source_names.h makes a name out of what a source says; this module makes any name safe for
 * every common file system (RFC 6266 §4.3, §5) and writes it into a header. */
#ifndef LONGHAUL_CORE_FILE_NAME_H
#define LONGHAUL_CORE_FILE_NAME_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "core/job.h"

#include <stdbool.h>

#define FILE_NAME_FALLBACK "download" /* for a name of which nothing is left */

/* True if file_name_sanitise would give the very same bytes. */
bool file_name_safe(struct span name);

/* Always gives a name of 1 … JOB_FILE_NAME_MAX bytes of valid UTF-8, in `out`, without NUL:
 * - path separators, characters Windows refuses (<>:"|?*), control characters, line separators,
 *   direction controls and bytes that are not UTF-8 become '_';
 * - leading dots become '_' (no hidden files, no ".."), trailing dots and spaces and leading
 *   spaces are dropped;
 * - a device name of Windows (CON, nul.txt, COM1 …) gets a '_' in front;
 * - a long name is cut at a character, keeping an extension of up to 16 bytes.
 * Doing it twice changes nothing. */
struct span file_name_sanitise(struct span name, char out[JOB_FILE_NAME_MAX + 1]);

/* Appends: attachment; filename="a_b.bin"; filename*=UTF-8''%C3%A4b.bin (RFC 6266 §4; RFC 8187).
 * The name is sanitised first. filename* is left out when the name is plain ASCII. The error sticks
 * in `out`. */
void file_name_disposition(struct span name, struct buf *out);

#endif
