// links: base core
#include "core/catalogue.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(catalogue, refuses_lines_that_break_a_rule)
{
    static const char *const BAD[] = {
        "",
        "x",
        "[]",
        "1",
        "{}",
        "{\"file_id\": 1}",
        "{\"url\": \"http://h/x\"}",
        "{\"file_id\": 0, \"url\": \"http://h/x\"}",
        "{\"file_id\": -1, \"url\": \"http://h/x\"}",
        "{\"file_id\": 1.0, \"url\": \"http://h/x\"}",
        "{\"file_id\": \"1\", \"url\": \"http://h/x\"}",
        "{\"file_id\": 9007199254740992, \"url\": \"http://h/x\"}",
        "{\"file_id\": 1, \"file_id\": 2, \"url\": \"http://h/x\"}",
        "{\"file_id\": 1, \"url\": \"ftp://h/x\"}",
        "{\"file_id\": 1, \"url\": \"http://\"}",
        "{\"file_id\": 1, \"url\": \"http://h/a b\"}",
        "{\"file_id\": 1, \"url\": \"http://h/\\u00e4\"}",
        "{\"file_id\": 1, \"url\": \"http://h/\\n\"}",
        "{\"file_id\": 1, \"url\": 7}",
        "{\"file_id\": 1, \"url\": \"http://h/x\", \"sha265\": \"\"}",
        "{\"file_id\": 1, \"url\": \"http://h/x\", \"sha256\": \"ab\"}",
        "{\"file_id\": 1, \"url\": \"http://h/x\", \"size\": -1}",
        "{\"file_id\": 1, \"url\": \"http://h/x\", \"size\": \"1\"}",
        "{\"file_id\": 1, \"url\": \"http://h/x\", \"fileName\": 7}",
        "{\"file_id\": 1, \"url\": \"http://h/x\", \"contentType\": \"text\"}",
        "{\"file_id\": 1, \"url\": \"http://h/x\", \"contentType\": \"a/b\\r\\nX: y\"}",
        "{\"file_id\": 1, \"url\": \"http://h/x\", \"class\": \"\"}",
        "{\"file_id\": 1, \"url\": \"http://h/x\"} {}",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct catalogue_entry *e = NULL;
        const char *what = NULL;
        cr_assert_eq(catalogue_entry_new(span_of(BAD[i]), &e, &what), ERR_INVALID, "%s", BAD[i]);
        cr_assert_not_null(what);
    }
}

Test(catalogue, reads_all_members_of_a_line)
{
    struct catalogue_entry *e = NULL;
    const char *what = "";
    const struct span line = span_of(
        "{\"file_id\": 7, \"url\": \"https://h/x\", \"fileName\": \"a b.txt\", \"contentType\": "
        "\"text/plain; charset=utf-8\", \"size\": 12, \"class\": \"small\", \"sha256\": "
        "\"00000000000000000000000000000000000000000000000000000000000000Ff\"}");
    cr_assert_eq(catalogue_entry_new(line, &e, &what), ERR_OK, "%s", what);
    cr_assert_eq(e->file_id, 7);
    cr_assert(span_eq(e->url, SPAN("https://h/x")));
    cr_assert(span_eq(e->file_name, SPAN("a b.txt")));
    cr_assert(span_eq(e->content_type, SPAN("text/plain; charset=utf-8")));
    cr_assert(span_eq(e->class_name, SPAN("small")));
    cr_assert_eq(e->size_bytes, 12);
    cr_assert(e->has_sha256);
    cr_assert_eq(e->sha256[31], 0xff);
    catalogue_entry_destroy(&e);
    cr_assert_null(e);
}

Test(catalogue, leaves_open_what_a_line_does_not_say)
{
    struct catalogue_entry *e = NULL;
    const char *what = "";
    const struct span line = SPAN("{\"file_id\": 9007199254740991, \"url\": \"file:/d/x\"}");
    cr_assert_eq(catalogue_entry_new(line, &e, &what), ERR_OK, "%s", what);
    cr_assert_eq(e->file_id, JOB_FILE_ID_MAX);
    cr_assert_eq(e->size_bytes, -1);
    cr_assert_not(e->has_sha256);
    cr_assert_eq(e->file_name.len + e->content_type.len + e->class_name.len, 0);
    catalogue_entry_destroy(&e);
}

Test(catalogue, refuses_templates_without_a_place_or_a_scheme)
{
    static const char *const BAD[] = {"",
                                      "http://h/x",
                                      "{file_id}",
                                      "ftp://h/{file_id}",
                                      "http://h/{file_id} x",
                                      "http://h/{fileid}"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        cr_assert_eq(catalogue_template_check(span_of(BAD[i])), ERR_INVALID, "%s", BAD[i]);
    }
}

Test(catalogue, puts_the_id_into_every_place_of_a_template)
{
    struct buf out;
    buf_init(&out, 1024);
    const struct span t = SPAN("HTTPS://h/{file_id}/x?id={file_id}");
    cr_assert_eq(catalogue_template_check(t), ERR_OK);
    cr_assert_eq(catalogue_template_expand(t, JOB_FILE_ID_MAX, &out), ERR_OK);
    cr_assert(span_eq(buf_as_span(&out), SPAN("HTTPS://h/9007199254740991/x?id=9007199254740991")));
    buf_clear(&out);
}

Test(catalogue, knows_schemes_whatever_their_case)
{
    cr_assert_eq(catalogue_url_scheme(SPAN("hTTp://x")), URL_HTTP);
    cr_assert_eq(catalogue_url_scheme(SPAN("https://x")), URL_HTTP);
    cr_assert_eq(catalogue_url_scheme(SPAN("FILE:/x")), URL_FILE);
    cr_assert_eq(catalogue_url_scheme(SPAN("gopher://x")), URL_OTHER);
    cr_assert_eq(catalogue_url_scheme(SPAN("")), URL_OTHER);
}
