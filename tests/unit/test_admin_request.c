// links: base core
#include "core/admin_request.h"

#include "base/buf.h"

#include <criterion/criterion.h>
#include <string.h>

#define ID "00123456789abcdefghjkmnpqrs"
#define ID2 "00123456789abcdefghjkmnpqrt"

static struct admin_jobs jobs;
static struct admin_refusal refusal;

static void refused(const char *body, enum problem_code code, const char *pointer)
{
    cr_expect_eq(admin_jobs_read(span_of(body), &jobs, &refusal), ERR_INVALID, "%s", body);
    cr_expect_eq(refusal.code, code, "%s: %d", body, (int)refusal.code);
    cr_expect_str_eq(refusal.pointer, pointer, "%s: %s", body, refusal.pointer);
    cr_expect_neq(refusal.detail[0], '\0');
}

Test(admin_request, test_admin_jobs_read_when_the_body_breaks_a_rule_then_refused_by_name)
{
    refused("", PROBLEM_MALFORMED_JSON, "");
    refused("[\"" ID "\"]", PROBLEM_VALIDATION_FAILED, "/jobIds");
    refused("{}", PROBLEM_VALIDATION_FAILED, "/jobIds");
    refused("{\"jobIds\":[]}", PROBLEM_VALIDATION_FAILED, "/jobIds");
    refused("{\"jobIds\":\"" ID "\"}", PROBLEM_VALIDATION_FAILED, "/jobIds");
    refused("{\"jobIds\":[\"" ID "\",7]}", PROBLEM_VALIDATION_FAILED, "/jobIds/1");
    refused("{\"jobIds\":[\"" ID "\\u0000\"]}", PROBLEM_MALFORMED_JSON, "");
    refused("{\"jobIds\":[\"" ID "\",\"" ID "\"]}", PROBLEM_VALIDATION_FAILED, "/jobIds/1");
    refused("{\"jobIds\":[\"" ID "\"],\"force\":true}", PROBLEM_VALIDATION_FAILED, "");
    refused("{\"jobIds\":[\"" ID "\"],\"jobIds\":[]}", PROBLEM_VALIDATION_FAILED, "");
    refused("{\"jobIds\":[\"" ID "\"]} x", PROBLEM_MALFORMED_JSON, "");
}

static void list_of(size_t count, struct buf *out)
{
    buf_reset(out);
    (void)buf_text(out, "{\"jobIds\":[");
    for (size_t i = 0; i < count; i++) {
        (void)buf_printf(out, "%s\"0012345678%017zu\"", i > 0 ? "," : "", i);
    }
    (void)buf_text(out, "]}");
    cr_assert_eq(buf_error(out), ERR_OK);
}

Test(admin_request, test_admin_jobs_read_when_at_the_limit_then_read_and_above_it_refused)
{
    static char blank[ADMIN_BODY_MAX + 1];
    struct buf body;
    buf_init(&body, ADMIN_BODY_MAX);
    list_of(ADMIN_JOBS_MAX, &body);
    cr_assert_eq(admin_jobs_read(buf_as_span(&body), &jobs, &refusal), ERR_OK);
    cr_expect_eq(jobs.count, ADMIN_JOBS_MAX);
    cr_expect_str_eq(jobs.ids[199], "001234567800000000000000199");
    list_of(ADMIN_JOBS_MAX + 1, &body);
    cr_expect_eq(admin_jobs_read(buf_as_span(&body), &jobs, &refusal), ERR_INVALID);
    memset(blank, ' ', sizeof blank);
    cr_expect_eq(admin_jobs_read((struct span){blank, sizeof blank}, &jobs, &refusal), ERR_INVALID);
    buf_clear(&body);
    cr_expect_eq(refusal.code, PROBLEM_BODY_TOO_LARGE);
}

Test(admin_request, test_admin_jobs_read_when_valid_then_ids_in_order)
{
    cr_assert_eq(admin_jobs_read(SPAN("{\"jobIds\":[\"" ID2 "\",\"" ID "\"]}"), &jobs, &refusal),
                 ERR_OK);
    cr_expect_eq(jobs.count, 2);
    cr_expect_str_eq(jobs.ids[0], ID2);
    cr_expect_str_eq(jobs.ids[1], ID);
}

Test(admin_request, test_admin_drain_read_when_not_a_boolean_then_refused)
{
    bool on = false;
    cr_expect_eq(admin_drain_read(SPAN("{\"draining\":1}"), &on, &refusal), ERR_INVALID);
    cr_expect_str_eq(refusal.pointer, "/draining");
    cr_expect_eq(admin_drain_read(SPAN("{\"drain\":true}"), &on, &refusal), ERR_INVALID);
    cr_expect_eq(admin_drain_read(SPAN("true"), &on, &refusal), ERR_INVALID);
    cr_expect_eq(admin_drain_read(SPAN("{\"draining\":true}"), &on, &refusal), ERR_OK);
    cr_expect(on);
    cr_expect_eq(admin_drain_read(SPAN("{\"draining\":false}"), &on, &refusal), ERR_OK);
    cr_expect(!on);
}
