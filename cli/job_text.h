/* Job text: status objects and their parts as people read them. Pure: times are absolute, in UTC.
 */
#ifndef LONGHAUL_CLI_JOB_TEXT_H
#define LONGHAUL_CLI_JOB_TEXT_H

#include "base/buf.h"

#include <jansson.h>
#include <stdint.h>

enum { JOB_TEXT_BYTES_MAX = 65536 };

/* Errors stick in `out`; no line end at the end. */
void job_text_full(const json_t *status, struct buf *out);   /* many lines */
void job_text_change(const json_t *status, struct buf *out); /* one line: what became of it */
void job_text_row(const json_t *status, struct buf *out);    /* a row of `list` */
extern const char job_text_row_head[];
void job_text_event(const json_t *event, struct buf *out); /* a row of `history` */
extern const char job_text_event_head[];
/* 2026-11-23T22:41:00Z; "-" for a negative time. */
void job_text_time(int64_t epoch_s, struct buf *out);

#endif
