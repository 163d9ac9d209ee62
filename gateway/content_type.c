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

bool content_type_is_json(const struct exchange *x)
{
    struct span type, rest, value;
    if (!exchange_header(x, "content-type", &value)) {
        return false;
    }
    const bool more = span_cut(value, ';', &type, &rest);
    return span_eq_nocase(span_trim(type), SPAN("application/json")) &&
           (!more || parameter_fits(rest));
}
