#include "core/range.h"

#include "core/etag.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

static struct range whole(uint64_t size_bytes)
{
    return (struct range){.kind = RANGE_WHOLE, .len_bytes = size_bytes};
}

static struct range unsatisfiable(void)
{
    return (struct range){.kind = RANGE_UNSATISFIABLE};
}

static struct range part(uint64_t first, uint64_t len)
{
    return (struct range){.kind = RANGE_PART, .first_byte = first, .len_bytes = len};
}

/* 1*DIGIT; a number too large for any file becomes the largest one. */
static bool parse_position(struct span text, uint64_t *out)
{
    uint64_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        const uint64_t digit = (uint64_t)(text.ptr[i] - '0');
        n = n > (UINT64_MAX - digit) / 10 ? UINT64_MAX : n * 10 + digit;
    }
    *out = n;
    return text.len > 0;
}

static struct range suffix(struct span text, uint64_t size_bytes)
{
    uint64_t len = 0;
    if (!parse_position(text, &len)) {
        return whole(size_bytes);
    }
    if (len == 0) {
        return unsatisfiable();
    }
    if (size_bytes == 0) {
        return whole(0); /* satisfiable (§14.1.2), but no Content-Range can say so */
    }
    return len >= size_bytes ? part(0, size_bytes) : part(size_bytes - len, len);
}

/* What follows "bytes=". A list has a comma, and so no digits only: it gets the whole file. */
static struct range one_range(struct span spec, uint64_t size_bytes)
{
    struct span first_text, last_text;
    uint64_t first = 0;
    uint64_t last = UINT64_MAX;
    if (!span_cut(spec, '-', &first_text, &last_text)) {
        return whole(size_bytes);
    }
    if (first_text.len == 0) {
        return suffix(last_text, size_bytes);
    }
    if (!parse_position(first_text, &first) ||
        (last_text.len > 0 && !parse_position(last_text, &last)) || first > last) {
        return whole(size_bytes);
    }
    if (first >= size_bytes) {
        return unsatisfiable();
    }
    last = last < size_bytes ? last : size_bytes - 1;
    return part(first, last - first + 1);
}

static bool if_range_matches(const struct range_request *r)
{
    const struct span given = span_trim(r->if_range);
    if (given.len == 0) {
        return true;
    }
    if (given.ptr[0] == '"' || span_starts(given, SPAN("W/"))) {
        return etag_strong_eq(given, r->etag);
    }
    char date[HTTP_DATE_SIZE];
    return r->last_modified_s >= 0 && span_eq(given, http_date(r->last_modified_s, date));
}

struct range range_decide(const struct range_request *r, uint64_t size_bytes)
{
    struct span unit, spec;
    if (!span_cut(span_trim(r->range), '=', &unit, &spec) || !span_eq_nocase(unit, SPAN("bytes")) ||
        !if_range_matches(r)) {
        return whole(size_bytes);
    }
    return one_range(span_trim(spec), size_bytes);
}

void range_content_range(const struct range *r, uint64_t size_bytes, struct buf *out)
{
    assert(r->kind != RANGE_WHOLE);
    (void)buf_text(out, "bytes ");
    if (r->kind == RANGE_PART) {
        (void)buf_u64(out, r->first_byte);
        (void)buf_char(out, '-');
        (void)buf_u64(out, r->first_byte + r->len_bytes - 1);
    } else {
        (void)buf_char(out, '*');
    }
    (void)buf_char(out, '/');
    (void)buf_u64(out, size_bytes);
}

/* ---- dates */

#define DAY_S INT64_C(86400)
enum { DATE_TEXT_MAX = 40 };              /* "Wednesday, 06-Nov-94 08:49:37 GMT" has 33 */
#define DATE_LAST_S INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

struct civil {
    int year, month, day; /* month 1-12 */
};

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int year_days(int year)
{
    return is_leap(year) ? 366 : 365;
}

static struct civil civil_of_days(int64_t days)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    /* 400 years have the same number of days wherever they begin. */
    const int64_t era = days / 146097;
    struct civil c = {.year = 1970 + (int)era * 400, .month = 1};
    int left = (int)(days % 146097);
    while (left >= year_days(c.year)) {
        left -= year_days(c.year);
        c.year++;
    }
    for (;;) {
        const int len = month_days[c.month - 1] + (c.month == 2 && is_leap(c.year) ? 1 : 0);
        if (left < len) {
            c.day = left + 1;
            return c;
        }
        left -= len;
        c.month++;
    }
}

struct span http_date(int64_t at_s, char out[HTTP_DATE_SIZE])
{
    static const char week_days[7][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const int64_t t = at_s < 0 ? 0 : at_s > DATE_LAST_S ? DATE_LAST_S : at_s;
    const struct civil c = civil_of_days(t / DAY_S);
    const int second = (int)(t % DAY_S);
    const int len = snprintf(out, HTTP_DATE_SIZE, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                             week_days[t / DAY_S % 7], c.day, months[c.month - 1], c.year,
                             second / 3600, second / 60 % 60, second % 60);
    assert(len == HTTP_DATE_SIZE - 1);
    return (struct span){out, (size_t)len};
}

enum err http_date_parse(struct span text, int64_t *at_s)
{
    static const char *const formats[] = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                          "%a %b %e %H:%M:%S %Y"};
    char copy[DATE_TEXT_MAX + 1];
    TRY(span_copy(text, copy, sizeof copy));
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct tm tm = {0};
        const char *end = strptime(copy, formats[i], &tm);
        if (end != NULL && *end == '\0') {
            const time_t at = timegm(&tm);
            *at_s = (int64_t)at;
            return at >= 0 ? ERR_OK : ERR_INVALID;
        }
    }
    return ERR_INVALID;
}
