// links: base core
#include "core/initiate.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct initiate_rules all = {.allow_simulate = true};
static const struct initiate_rules none = {0};

static void check_refused_by(const struct initiate_rules *rules, struct span body,
                             enum problem_code code, const char *pointer)
{
    struct initiate_request r;
    struct initiate_refusal why;
    const enum err e = initiate_parse(body, rules, &r, &why);
    cr_assert_eq(e, ERR_INVALID, "%.*s: %s", (int)body.len, body.ptr, err_name(e));
    cr_assert_eq(why.code, code, "%.*s: %d", (int)body.len, body.ptr, (int)why.code);
    cr_assert_str_eq(why.pointer, pointer, "%.*s: %s", (int)body.len, body.ptr, why.pointer);
    cr_assert(why.detail[0] != '\0');
    initiate_clear(&r); /* not needed, but harmless */
}

static void check_invalid(const char *body, const char *pointer)
{
    check_refused_by(&all, span_of(body), PROBLEM_VALIDATION_FAILED, pointer);
}

static void check_malformed(const char *body, const char *pointer)
{
    check_refused_by(&all, span_of(body), PROBLEM_MALFORMED_JSON, pointer);
}

static void accept_body(const char *body, struct initiate_request *out)
{
    struct initiate_refusal why = {.detail = ""};
    const enum err e = initiate_parse(span_of(body), &all, out, &why);
    cr_assert_eq(e, ERR_OK, "%s: %s %s", body, why.pointer, why.detail);
}

/* ---- not JSON */

Test(initiate, test_parse_when_not_json_then_malformed)
{
    check_malformed("", "");
    check_malformed(" ", "");
    check_malformed("{", "");
    check_malformed("nul", "");
    check_malformed("{\"file_id\":1", "/file_id");
    check_malformed("{\"file_id\":1,}", "");
    check_malformed("{\"file_id\":}", "/file_id");
    check_malformed("{\"file_id\":01}", "/file_id");
    check_malformed("{\"file_id\":+1}", "/file_id");
    check_malformed("{\"file_id\":NaN}", "/file_id");
    check_malformed("{file_id:1}", "");
    check_malformed("{'file_id':1}", "");
    check_malformed("{\"file_id\":1}{", "");
    check_malformed("{\"file_id\":1} x", "");
    check_malformed("{\"options\":{\"fileName\":\"a\nb\"}}", "/options/fileName");
    check_malformed("{\"options\":{\"simulate\":{\"size\":1 2}}}", "/options/simulate/size");
    check_malformed("{\"file_ids\":[1,2,]}", "/file_ids/2");
    check_malformed("\xEF\xBB\xBF{\"file_id\":1}", "");
}

Test(initiate, test_parse_when_text_is_not_utf8_then_malformed_at_its_member)
{
    check_malformed("{\"file_id\":1,\"userId\":\"\xFF\"}", "/userId");
    check_malformed("{\"file_id\":1,\"userId\":\"\xC0\x80\"}", "/userId");
    check_malformed("{\"file_id\":1,\"userId\":\"\xED\xA0\x80\"}", "/userId");
    check_malformed("{\"file_id\":1,\"userId\":\"\\ud800\"}", "/userId");
}

Test(initiate, test_parse_when_malformed_then_the_detail_says_where)
{
    struct initiate_request r;
    struct initiate_refusal why;
    cr_assert_eq(initiate_parse(SPAN("{\n  \"file_id\": x}"), &all, &r, &why), ERR_INVALID);
    cr_assert_not_null(strstr(why.detail, "line 2"), "%s", why.detail);
    cr_assert_not_null(strstr(why.detail, "byte 15"), "%s", why.detail);
    cr_assert_eq(initiate_parse(SPAN(""), &all, &r, &why), ERR_INVALID);
    cr_assert_not_null(strstr(why.detail, "empty"), "%s", why.detail);
}

Test(initiate, test_parse_when_nested_very_deep_then_malformed)
{
    static char text[INITIATE_BODY_MAX];
    memset(text, '[', sizeof text);
    check_refused_by(&all, (struct span){text, sizeof text}, PROBLEM_MALFORMED_JSON,
                     "/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0");
}

Test(initiate, test_parse_when_the_body_is_over_the_limit_then_too_large)
{
    static char text[INITIATE_BODY_MAX + 1];
    memset(text, ' ', sizeof text);
    memcpy(text, "{\"file_id\":1}", 13);
    check_refused_by(&all, (struct span){text, sizeof text}, PROBLEM_BODY_TOO_LARGE, "");
    struct initiate_request r;
    struct initiate_refusal why;
    cr_assert_eq(initiate_parse((struct span){text, INITIATE_BODY_MAX}, &all, &r, &why), ERR_OK);
    initiate_clear(&r);
}

Test(initiate, test_parse_when_a_member_stands_twice_then_it_is_named)
{
    check_invalid("{\"file_id\":1,\"file_id\":1}", "/file_id");
    check_invalid("{\"file_id\":1,\"options\":{\"priority\":1,\"priority\":2}}",
                  "/options/priority");
    check_invalid("{\"file_id\":1,\"file\\u005fid\":2}", "/file_id");
    check_invalid("{\"file_id\":1,\"options\":{\"priority\":1,\"pr\\u0069ority\":2}}",
                  "/options/priority");
    check_invalid("{\"\":1,\"\":2}", "/");
    check_invalid("{\"x\":{\"\":1,\"\":2}}", "/x/");
    check_invalid("{\"x\":[0,{\"a/b\":1,\"a/b\":1}]}", "/x/1/a~1b");
}

Test(initiate, test_parse_when_text_has_nul_then_its_member_is_named)
{
    check_invalid("{\"file_id\":1,\"userId\":\"a\\u0000b\"}", "/userId");
    check_refused_by(&all, (struct span){"{\"file_id\":1,\"userId\":\"a\0b\"}", 27},
                     PROBLEM_MALFORMED_JSON, "/userId");
}

Test(initiate, test_parse_when_not_an_object_then_the_document_is_named)
{
    static const char *const others[] = {"[]", "1", "\"a\"", "null", "true", "[{\"file_id\":1}]"};
    for (size_t i = 0; i < COUNT(others); i++) {
        check_invalid(others[i], "");
    }
}

/* ---- members */

Test(initiate, test_parse_when_a_member_is_unknown_then_it_is_named_escaped)
{
    check_invalid("{\"file_id\":1,\"fileId\":1}", "/fileId");
    check_invalid("{\"file_id\":1,\"File_id\":1}", "/File_id");
    check_invalid("{\"file_id\":1,\"a/b~c\":1}", "/a~1b~0c");
    check_invalid("{\"file_id\":1,\"a\\u002fb\\u007ec\":1}", "/a~1b~0c");
    check_invalid("{\"file_id\":1,\"\":1}", "/");
    check_invalid("{\"file_id\":1,\"options\":{\"\":1}}", "/options/");
    check_invalid("{\"file_id\":1,\"ä\\n\":1}", "/ä\n");
    check_invalid("{\"file_id\":1,\"options\":{\"url\":\"http://x\"}}", "/options/url");
    check_invalid("{\"file_id\":1,\"options\":{\"simulate\":{\"x\":1}}}", "/options/simulate/x");
    char body[600] = "{\"file_id\":1,\"options\":{\"";
    memset(body + strlen(body), 'k', 400);
    strncat(body, "\":1}}", 8);
    check_invalid(body, "/options");
}

Test(initiate, test_parse_when_neither_or_both_kinds_of_ids_then_refused)
{
    check_invalid("{}", "/file_id");
    check_invalid("{\"options\":{},\"userId\":\"u\"}", "/file_id");
    check_invalid("{\"file_id\":1,\"file_ids\":[1]}", "/file_ids");
}

/* Every value that an integer member may not have, beside those out of its range. */
static void check_integer(const char *before, const char *after, const char *pointer, int64_t min,
                          int64_t max)
{
    static const char *const wrong[] = {"null",
                                        "true",
                                        "\"5\"",
                                        "5.0",
                                        "5.5",
                                        "5e0",
                                        "[5]",
                                        "{}",
                                        "-1",
                                        "-0.0",
                                        "9223372036854775808",
                                        "1e400",
                                        "123456789012345678901234567890"};
    char body[256];
    for (size_t i = 0; i < COUNT(wrong); i++) {
        (void)snprintf(body, sizeof body, "%s%s%s", before, wrong[i], after);
        check_invalid(body, pointer);
    }
    const int64_t outside[] = {min - 1, max + 1, INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < COUNT(outside); i++) {
        (void)snprintf(body, sizeof body, "%s%lld%s", before, (long long)outside[i], after);
        check_invalid(body, pointer);
    }
    const int64_t inside[] = {min, max, min + (max - min) / 2};
    for (size_t i = 0; i < COUNT(inside); i++) {
        struct initiate_request r;
        (void)snprintf(body, sizeof body, "%s%lld%s", before, (long long)inside[i], after);
        accept_body(body, &r);
        initiate_clear(&r);
    }
}

Test(initiate, test_parse_when_an_integer_is_wrong_or_out_of_range_then_it_is_named)
{
#define OPTION(name) "{\"file_id\":1,\"options\":{\"" name "\":", "}}", "/options/" name
#define SIMULATE(name)                                                                             \
    "{\"file_id\":1,\"options\":{\"simulate\":{\"" name "\":", "}}}", "/options/simulate/" name
    check_integer("{\"file_id\":", "}", "/file_id", 1, 9007199254740991);
    check_integer("{\"file_ids\":[7777,", "]}", "/file_ids/1", 1, 9007199254740991);
    check_integer(OPTION("priority"), 0, 9);
    check_integer(OPTION("delaySeconds"), 0, 604800);
    check_integer(OPTION("timeoutSeconds"), 10, 300);
    check_integer(OPTION("maxAttempts"), 1, 10);
    check_integer(SIMULATE("durationMs"), 0, 300000);
    check_integer(SIMULATE("progressMs"), 0, 300000);
    check_integer(SIMULATE("size"), 0, INT64_C(1) << 40);
    check_integer(SIMULATE("failAttempts"), 0, 100);
    check_integer(SIMULATE("stallAtPercent"), 0, 100);
}

Test(initiate, test_parse_when_file_ids_are_wrong_then_the_list_or_the_id_is_named)
{
    check_invalid("{\"file_ids\":[]}", "/file_ids");
    check_invalid("{\"file_ids\":1}", "/file_ids");
    check_invalid("{\"file_ids\":null}", "/file_ids");
    check_invalid("{\"file_ids\":{\"0\":1}}", "/file_ids");
    check_invalid("{\"file_ids\":[0]}", "/file_ids/0");
    check_invalid("{\"file_ids\":[1,2,1]}", "/file_ids/2");
    check_invalid("{\"file_ids\":[1,\"2\"]}", "/file_ids/1");
}

static char *body_of_ids(size_t count)
{
    static char body[32768];
    size_t len = (size_t)snprintf(body, sizeof body, "{\"file_ids\":[");
    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(body + len, sizeof body - len, "%s%llu", i > 0 ? "," : "",
                                (unsigned long long)(i * 2048 + 1));
    }
    (void)snprintf(body + len, sizeof body - len, "]}");
    return body;
}

Test(initiate, test_parse_when_there_are_1000_ids_then_fine_and_one_more_is_refused)
{
    struct initiate_request r;
    check_invalid(body_of_ids(1001), "/file_ids");
    accept_body(body_of_ids(1000), &r);
    cr_assert_eq(r.spec.file_ids_count, 1000);
    cr_assert_eq(r.spec.file_ids[999], 999 * 2048 + 1);
    initiate_clear(&r);
}

Test(initiate, test_parse_when_text_is_wrong_then_it_is_named)
{
    static const struct {
        const char *before, *after, *pointer;
        int max;
    } texts[] = {{"{\"file_id\":1,\"userId\":", "}", "/userId", 128},
                 {"{\"file_id\":1,\"options\":{\"fileName\":", "}}", "/options/fileName", 255}};
    static const char *const wrong[] = {
        "1", "true", "[]", "{}", "\"\"", "\"a\\nb\"", "\"\\u0001\"", "\"\\u007f\"", "\"\\u0085\""};
    for (size_t t = 0; t < COUNT(texts); t++) {
        char body[600];
        for (size_t i = 0; i < COUNT(wrong); i++) {
            (void)snprintf(body, sizeof body, "%s%s%s", texts[t].before, wrong[i], texts[t].after);
            check_invalid(body, texts[t].pointer);
        }
        (void)snprintf(body, sizeof body, "%s\"%0*d\"%s", texts[t].before, texts[t].max + 1, 0,
                       texts[t].after);
        check_invalid(body, texts[t].pointer);
        struct initiate_request r;
        (void)snprintf(body, sizeof body, "%s\"%0*d\"%s", texts[t].before, texts[t].max, 0,
                       texts[t].after);
        accept_body(body, &r);
        initiate_clear(&r);
    }
    check_invalid("{\"file_id\":1,\"options\":{\"fileName\":null}}", "/options/fileName");
}

Test(initiate, test_parse_when_an_option_is_not_one_of_its_words_then_it_is_named)
{
    check_invalid("{\"file_id\":1,\"options\":{\"format\":\"rar\"}}", "/options/format");
    check_invalid("{\"file_id\":1,\"options\":{\"format\":\"ZIP\"}}", "/options/format");
    check_invalid("{\"file_id\":1,\"options\":{\"format\":\"\"}}", "/options/format");
    check_invalid("{\"file_id\":1,\"options\":{\"format\":null}}", "/options/format");
    check_invalid("{\"file_id\":1,\"options\":{\"format\":3}}", "/options/format");
    check_invalid("{\"file_id\":1,\"options\":{\"simulate\":{\"errorCode\":\"OOPS\"}}}",
                  "/options/simulate/errorCode");
    check_invalid("{\"file_id\":1,\"options\":{\"simulate\":{\"errorCode\":null}}}",
                  "/options/simulate/errorCode");
}

Test(initiate, test_parse_when_sha256_is_not_64_hex_digits_then_it_is_named)
{
    static const char *const wrong[] = {
        "\"\"",
        "null",
        "5",
        "\"abc\"",
        "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\"",
        "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0\"",
        "\"0123456789abcdeg0123456789abcdef0123456789abcdef0123456789abcdef\"",
        "\"0x23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        char body[200];
        (void)snprintf(body, sizeof body, "{\"file_id\":1,\"options\":{\"sha256\":%s}}", wrong[i]);
        check_invalid(body, "/options/sha256");
    }
}

Test(initiate, test_parse_when_an_object_is_something_else_then_it_is_named)
{
    check_invalid("{\"file_id\":1,\"options\":null}", "/options");
    check_invalid("{\"file_id\":1,\"options\":[]}", "/options");
    check_invalid("{\"file_id\":1,\"options\":\"{}\"}", "/options");
    check_invalid("{\"file_id\":1,\"options\":{\"simulate\":true}}", "/options/simulate");
    check_invalid("{\"file_id\":1,\"options\":{\"simulate\":null}}", "/options/simulate");
}

/* ---- rules */

Test(initiate, test_parse_when_simulation_is_not_allowed_then_refused_at_it)
{
    check_refused_by(&none, SPAN("{\"file_id\":1,\"options\":{\"simulate\":{}}}"),
                     PROBLEM_VALIDATION_FAILED, "/options/simulate");
}

Test(initiate, test_parse_when_an_archive_cannot_be_as_asked_then_refused_at_the_option)
{
    check_invalid("{\"file_ids\":[1,2],\"options\":{\"format\":\"original\"}}", "/options/format");
    check_invalid("{\"options\":{\"format\":\"gzip\"},\"file_ids\":[1,2]}", "/options/format");
    check_invalid("{\"file_ids\":[1,2],\"options\":{\"format\":\"zstd\"}}", "/options/format");
    check_invalid("{\"file_ids\":[1,2],\"options\":{\"sha256\":"
                  "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}}",
                  "/options/sha256");
}

/* ---- accepted */

Test(initiate, test_parse_when_only_a_file_id_then_defaults)
{
    struct initiate_request r;
    accept_body("{\"file_id\":42}", &r);
    cr_assert_eq(r.file_id, 42);
    cr_assert_eq(r.spec.file_ids_count, 1);
    cr_assert_eq(r.spec.file_ids[0], 42);
    cr_assert_eq(r.spec.format, FORMAT_ORIGINAL);
    cr_assert_eq(r.spec.file_name.len, 0);
    cr_assert_not(r.spec.archive || r.spec.has_sha256 || r.spec.has_simulate);
    cr_assert_eq(r.priority, 5);
    cr_assert_eq(r.max_attempts, 3);
    cr_assert_eq(r.delay_ms, 0);
    cr_assert_eq(r.timeout_ms, 300000);
    cr_assert_not(r.has_user);
    cr_assert_eq(r.user_id.len, 0);
    initiate_clear(&r);
    initiate_clear(&r);
}

Test(initiate, test_parse_when_all_options_then_all_are_read)
{
    struct initiate_request r;
    accept_body(
        "{\"userId\":\"Zoë\",\"options\":{\"fileName\":\"Bericht ä.pdf\",\"format\":\"zstd\","
        "\"sha256\":\"00ff456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\","
        "\"priority\":9,\"delaySeconds\":7,\"timeoutSeconds\":10,\"maxAttempts\":10,"
        "\"simulate\":{\"durationMs\":5000,\"progressMs\":100,\"size\":1048576,"
        "\"failAttempts\":2,\"errorCode\":\"SOURCE_STALLED\",\"stallAtPercent\":50}},"
        "\"file_id\":9007199254740991}",
        &r);
    cr_assert(span_eq(r.user_id, SPAN("Zoë")) && r.has_user);
    cr_assert(span_eq(r.spec.file_name, SPAN("Bericht ä.pdf")));
    cr_assert_eq(r.spec.format, FORMAT_ZSTD);
    cr_assert(r.spec.has_sha256 && r.spec.sha256[0] == 0 && r.spec.sha256[1] == 0xFF &&
              r.spec.sha256[4] == 0x89 && r.spec.sha256[5] == 0xAB && r.spec.sha256[31] == 0xEF);
    cr_assert_eq(r.priority, 9);
    cr_assert_eq(r.delay_ms, 7000);
    cr_assert_eq(r.timeout_ms, 10000);
    cr_assert_eq(r.max_attempts, 10);
    const struct simulate *s = &r.spec.simulate;
    cr_assert(r.spec.has_simulate && s->duration_ms == 5000 && s->progress_ms == 100 &&
              s->size_bytes == 1048576 && s->fail_attempts == 2);
    cr_assert(s->stalls && s->stall_at_percent == 50);
    cr_assert(span_eq(s->error_code, SPAN("SOURCE_STALLED")));
    cr_assert_eq(r.file_id, JOB_FILE_ID_MAX);
    initiate_clear(&r);
}

Test(initiate, test_parse_when_simulate_says_little_then_its_defaults)
{
    struct initiate_request r;
    accept_body("{\"file_id\":1,\"options\":{\"simulate\":{}}}", &r);
    cr_assert(r.spec.has_simulate);
    cr_assert_eq(r.spec.simulate.progress_ms, 250);
    cr_assert_eq(r.spec.simulate.duration_ms, 0);
    cr_assert_eq(r.spec.simulate.error_code.len, 0);
    cr_assert_not(r.spec.simulate.stalls);
    initiate_clear(&r);
    accept_body("{\"file_id\":1,\"options\":{\"simulate\":{\"failAttempts\":1}}}", &r);
    cr_assert(span_eq(r.spec.simulate.error_code, SPAN("SOURCE_UNREACHABLE")));
    initiate_clear(&r);
}

Test(initiate, test_parse_when_several_files_then_an_archive_zip_unless_said_otherwise)
{
    struct initiate_request r;
    accept_body("{\"file_ids\":[3,1,2],\"options\":{}}", &r);
    cr_assert(r.spec.archive && r.spec.format == FORMAT_ZIP && r.spec.file_ids_count == 3);
    cr_assert(r.spec.file_ids[0] == 3 && r.spec.file_ids[2] == 2 && r.file_id == 3);
    initiate_clear(&r);
    accept_body("{\"file_ids\":[3],\"options\":{\"format\":\"tar\"}}", &r);
    cr_assert(r.spec.archive && r.spec.format == FORMAT_TAR && r.spec.file_ids_count == 1);
    initiate_clear(&r);
}

Test(initiate, test_parse_when_the_file_name_is_unsafe_then_it_is_made_safe)
{
    struct initiate_request r;
    accept_body("{\"file_id\":1,\"options\":{\"fileName\":\"../.ssh/id\"}}", &r);
    cr_assert(span_eq(r.spec.file_name, SPAN("__"
                                             "_.ssh_id")));
    initiate_clear(&r);
}

Test(initiate, test_parse_when_user_id_is_null_then_no_user)
{
    struct initiate_request r;
    accept_body("{\"file_id\":1,\"userId\":null}", &r);
    cr_assert_not(r.has_user);
    initiate_clear(&r);
}

/* ---- fingerprint */

static void fingerprint(const char *body, unsigned char out[SHA256_SIZE])
{
    struct initiate_request r;
    accept_body(body, &r);
    cr_assert_eq(initiate_fingerprint(&r, out), ERR_OK);
    initiate_clear(&r);
}

Test(initiate, test_fingerprint_when_bodies_say_something_else_then_it_differs)
{
    static const char *const bodies[] = {"{\"file_id\":1}",
                                         "{\"file_id\":2}",
                                         "{\"file_ids\":[1]}",
                                         "{\"file_ids\":[1,2]}",
                                         "{\"file_ids\":[2,1]}",
                                         "{\"file_id\":1,\"userId\":\"u\"}",
                                         "{\"file_id\":1,\"userId\":null}",
                                         "{\"file_id\":1,\"options\":{}}",
                                         "{\"file_id\":1,\"options\":{\"priority\":5}}",
                                         "{\"file_id\":1,\"options\":{\"fileName\":\"a/b\"}}",
                                         "{\"file_id\":1,\"options\":{\"fileName\":\"a_b\"}}"};
    unsigned char prints[COUNT(bodies)][SHA256_SIZE];
    for (size_t i = 0; i < COUNT(bodies); i++) {
        fingerprint(bodies[i], prints[i]);
        for (size_t j = 0; j < i; j++) {
            cr_assert_neq(memcmp(prints[i], prints[j], SHA256_SIZE), 0, "%s and %s", bodies[i],
                          bodies[j]);
        }
    }
}

Test(initiate, test_fingerprint_when_bodies_say_the_same_then_it_is_the_same)
{
    unsigned char a[SHA256_SIZE], b[SHA256_SIZE];
    fingerprint(
        "{\"file_id\":1,\"userId\":\"a\\u00e4\",\"options\":{\"priority\":1,\"maxAttempts\":2}}",
        a);
    fingerprint(" {\"options\" : {\"maxAttempts\":2,\n\"priority\":1}, \"userId\":\"aä\", "
                "\"file_id\":1}\n",
                b);
    cr_assert_arr_eq(a, b, SHA256_SIZE);
}
