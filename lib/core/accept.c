#include "core/accept.h"

/* How closely a media range fits a type. */
enum fit { FIT_NONE, FIT_ANY, FIT_TYPE, FIT_EXACT };

typedef enum fit fit_of(struct span element, struct span wanted);

static enum fit range_fit(struct span range, struct span media_type)
{
    if (span_eq(range, SPAN("*/*"))) {
        return FIT_ANY;
    }
    if (span_eq_nocase(range, media_type)) {
        return FIT_EXACT;
    }
    struct span range_type, range_rest, type, subtype;
    span_cut(media_type, '/', &type, &subtype);
    if (span_cut(range, '/', &range_type, &range_rest) && span_eq(range_rest, SPAN("*")) &&
        span_eq_nocase(range_type, type)) {
        return FIT_TYPE;
    }
    return FIT_NONE;
}

static enum fit coding_fit(struct span element, struct span coding)
{
    if (span_eq(element, SPAN("*"))) {
        return FIT_ANY;
    }
    return span_eq_nocase(element, coding) ? FIT_EXACT : FIT_NONE;
}

/* RFC 9110 §12.4.2: "0" or "1", a point, at most three digits. -1 for anything else. */
static int parse_quality(struct span text)
{
    if (text.len < 1 || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1') ||
        (text.len > 1 && text.ptr[1] != '.')) {
        return -1;
    }
    int quality = (text.ptr[0] - '0') * ACCEPT_QUALITY_MAX;
    int place = ACCEPT_QUALITY_MAX / 10;
    for (size_t i = 2; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return -1;
        }
        quality += (text.ptr[i] - '0') * place;
        place /= 10;
    }
    return quality <= ACCEPT_QUALITY_MAX ? quality : -1;
}

/* The weight among an element's parameters; other parameters are not looked at: no type of ours has
 * any. -1 if it is malformed. */
static int element_quality(struct span parameters)
{
    while (parameters.len > 0) {
        struct span one, name, value;
        span_cut(parameters, ';', &one, &parameters);
        if (span_cut(span_trim(one), '=', &name, &value) && span_eq_nocase(name, SPAN("q"))) {
            return parse_quality(value);
        }
    }
    return ACCEPT_QUALITY_MAX;
}

/* Cuts at the first comma outside of a quoted string. */
static struct span next_element(struct span *list)
{
    bool quoted = false;
    size_t i = 0;
    for (; i < list->len && (quoted || list->ptr[i] != ','); i++) {
        if (list->ptr[i] == '"') {
            quoted = !quoted;
        } else if (quoted && list->ptr[i] == '\\') {
            i++;
        }
    }
    const size_t len = i < list->len ? i : list->len;
    const struct span element = {list->ptr, len};
    const size_t taken = len < list->len ? len + 1 : len;
    *list = (struct span){list->ptr + taken, list->len - taken};
    return element;
}

/* Quality of `wanted` by the element that fits it best; 0 if none does. */
static int best_quality(struct span list, struct span wanted, fit_of *fit_element)
{
    enum fit best_fit = FIT_NONE;
    int best = 0;
    while (list.len > 0) {
        struct span element, parameters;
        span_cut(next_element(&list), ';', &element, &parameters);
        const enum fit fit = fit_element(span_trim(element), wanted);
        const int quality = element_quality(parameters);
        if (quality >= 0 && (fit > best_fit || (fit == best_fit && quality > best))) {
            best_fit = fit;
            best = fit == FIT_NONE ? 0 : quality;
        }
    }
    return best;
}

int accept_quality(struct span accept, struct span media_type)
{
    return span_trim(accept).len == 0 ? ACCEPT_QUALITY_MAX
                                      : best_quality(accept, media_type, range_fit);
}

int accept_coding_quality(struct span accept_encoding, struct span coding)
{
    return best_quality(accept_encoding, coding, coding_fit);
}

bool accept_prefers_html(struct span accept)
{
    return accept_quality(accept, SPAN("text/html")) >
           accept_quality(accept, SPAN("application/json"));
}

enum err result_form(const struct query *q, struct span accept, enum result_form *out)
{
    struct span redirect;
    const enum err e = query_get(q, SPAN("redirect"), &redirect);
    if (e == ERR_NOT_FOUND) {
        *out = accept_prefers_html(accept) ? RESULT_FORM_REDIRECT : RESULT_FORM_JSON;
        return ERR_OK;
    }
    if (e != ERR_OK || redirect.len != 1 || (redirect.ptr[0] != '0' && redirect.ptr[0] != '1')) {
        return ERR_INVALID;
    }
    *out = redirect.ptr[0] == '1' ? RESULT_FORM_REDIRECT : RESULT_FORM_JSON;
    return ERR_OK;
}
