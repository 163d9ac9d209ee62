// links: base core jansson
#include "core/problem.h"

#include <criterion/criterion.h>
#include <jansson.h>

static json_t *render(const struct problem *p)
{
    struct buf b;
    buf_init(&b, 4096);
    problem_render(p, &b);
    cr_assert_eq(buf_error(&b), ERR_OK);
    json_t *j = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(j, "%.*s", (int)b.len, b.data);
    buf_clear(&b);
    return j;
}

static const char *text(const json_t *j, const char *name)
{
    return json_string_value(json_object_get(j, name));
}

Test(problem, test_problem_render_when_text_is_hostile_then_it_is_escaped)
{
    const struct problem p = {.code = PROBLEM_VALIDATION_FAILED,
                              .detail = SPAN("\"},{\x01\xff\n"),
                              .instance = SPAN("/v1/\"x\\"),
                              .request_id = SPAN("r\"1"),
                              .has_pointer = true,
                              .pointer = SPAN("/options/a\"b")};
    json_t *j = render(&p);
    cr_assert_str_eq(text(j, "detail"), "\"},{\x01\xEF\xBF\xBD\n");
    cr_assert_str_eq(text(j, "instance"), "/v1/\"x\\");
    cr_assert_str_eq(text(j, "pointer"), "/options/a\"b");
    json_decref(j);
}

Test(problem, test_problem_render_when_the_buffer_is_full_then_its_error_sticks)
{
    const struct problem p = {.code = PROBLEM_INTERNAL};
    struct buf b;
    buf_init(&b, 20);
    problem_render(&p, &b);
    cr_assert_eq(buf_error(&b), ERR_TOO_LARGE);
    buf_clear(&b);
}

Test(problem, test_problem_render_when_any_code_then_all_members_are_there)
{
    for (enum problem_code c = 0; c < PROBLEM_CODE_COUNT; c++) {
        const struct problem_def *def = problem_def(c);
        const struct problem p = {.code = c, .instance = SPAN("/p"), .request_id = SPAN("r1")};
        json_t *j = render(&p);
        cr_assert_eq(json_object_size(j), 7);
        cr_assert_eq(json_integer_value(json_object_get(j, "status")), def->http_status);
        cr_assert(span_eq(span_of(text(j, "code")), def->code));
        cr_assert(span_eq(span_of(text(j, "title")), def->title));
        cr_assert(span_eq(span_of(text(j, "detail")), def->detail));
        cr_assert_eq(strncmp(text(j, "type"), "/docs/errors#", 13), 0);
        cr_assert(span_eq(span_of(text(j, "type") + 13), def->code));
        cr_assert_str_eq(text(j, "instance"), "/p");
        cr_assert_str_eq(text(j, "requestId"), "r1");
        json_decref(j);
    }
}

Test(problem, test_problem_render_when_the_pointer_is_the_document_then_it_is_there_and_empty)
{
    const struct problem p = {.code = PROBLEM_MALFORMED_JSON, .has_pointer = true};
    json_t *j = render(&p);
    cr_assert_str_eq(text(j, "pointer"), "");
    json_decref(j);
}

Test(problem, test_problem_def_when_any_code_then_it_is_complete_and_unique)
{
    for (enum problem_code c = 0; c < PROBLEM_CODE_COUNT; c++) {
        const struct problem_def *def = problem_def(c);
        cr_assert(def->code.len > 0 && def->title.len > 0 && def->detail.len > 0, "%d", (int)c);
        cr_assert(def->http_status >= 400 && def->http_status <= 599);
        cr_assert_str_neq(problem_reason(def->http_status), "Error", "%d", def->http_status);
        cr_assert(def->http_status != 503 || def->retry_after_s > 0);
        cr_assert(def->http_status != 429 || def->retry_after_s > 0);
        for (enum problem_code other = 0; other < c; other++) {
            cr_assert_not(span_eq(def->code, problem_def(other)->code));
        }
    }
    cr_assert_str_eq(problem_reason(299), "Error");
}

Test(problem, test_problem_def_when_the_contract_names_a_code_then_its_status_is_the_contracts)
{
    static const struct {
        enum problem_code code;
        const char *name;
        int status;
    } contract[] = {
        {PROBLEM_QUOTA_EXCEEDED, "QUOTA_EXCEEDED", 429},
        {PROBLEM_RATE_LIMITED, "RATE_LIMITED", 429},
        {PROBLEM_QUEUE_FULL, "QUEUE_FULL", 503},
        {PROBLEM_NOT_READY, "NOT_READY", 409},
        {PROBLEM_NOT_AVAILABLE, "NOT_AVAILABLE", 409},
        {PROBLEM_ARTIFACT_EXPIRED, "ARTIFACT_EXPIRED", 410},
        {PROBLEM_ALREADY_TERMINAL, "ALREADY_TERMINAL", 409},
        {PROBLEM_RETRY_LIMIT, "RETRY_LIMIT", 409},
        {PROBLEM_IDEMPOTENCY_CONFLICT, "IDEMPOTENCY_CONFLICT", 422},
        {PROBLEM_IDEMPOTENCY_IN_FLIGHT, "IDEMPOTENCY_IN_FLIGHT", 409},
        {PROBLEM_BODY_TOO_LARGE, "BODY_TOO_LARGE", 413},
        {PROBLEM_UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", 415},
    };
    for (size_t i = 0; i < sizeof(contract) / sizeof(contract[0]); i++) {
        const struct problem_def *def = problem_def(contract[i].code);
        cr_assert(span_eq(def->code, span_of(contract[i].name)), "%s", contract[i].name);
        cr_assert_eq(def->http_status, contract[i].status, "%s", contract[i].name);
    }
    cr_assert_eq(problem_def(PROBLEM_IDEMPOTENCY_IN_FLIGHT)->retry_after_s, 1);
}
