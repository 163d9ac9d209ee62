#include "gateway/content_type.h"

static bool parameter_fits(struct span parameter)
{
    struct span name, value;
    if (!span_cut(parameter, '=', &name, &value) ||
        !span_eq_nocase(span_trim(name), SPAN("charset"))) {
        return false;
    }
    value = span_trim(value);
    return span_eq_nocase(value, SPAN("utf-8")) || span_eq_nocase(value, SPAN("\"utf-8\""));
}

/* RFC 9110 §5.6.6: parameters may be empty ("application/json;"). */
static bool parameters_fit(struct span rest)
{
    bool seen = false;
    while (rest.len > 0) {
        struct span one;
        span_cut(rest, ';', &one, &rest);
        if (span_trim(one).len == 0) {
            continue;
        }
        if (seen || !parameter_fits(one)) {
            return false;
        }
        seen = true;
    }
    return true;
}

bool content_type_is_json(const struct exchange *x)
{
    struct span type, rest, value;
    if (!exchange_header(x, "content-type", &value)) {
        return false;
    }
    span_cut(value, ';', &type, &rest);
    return span_eq_nocase(span_trim(type), SPAN("application/json")) && parameters_fit(rest);
}

bool content_is_encoded(struct exchange *x)
{
    struct span value;
    return exchange_header_list(x, "content-encoding", &value) &&
           !span_eq_nocase(span_trim(value), SPAN("identity"));
}
