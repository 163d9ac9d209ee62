// links: base core
#include "core/link.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
#define SECRET_A SPAN("0123456789abcdef-secret-a")
#define SECRET_B SPAN("0123456789abcdef-secret-b")

static struct link_signer *signer_of(struct span first, struct span second)
{
    const struct span secrets[] = {first, second};
    struct link_signer *s = NULL;
    cr_assert_eq(link_signer_new(secrets, second.len > 0 ? 2 : 1, &s), ERR_OK);
    return s;
}

static const struct link example = {
    .key = TEXT("00123456789abcdefghjkmnpqrs.3"),
    .file_name = TEXT("Größe & more+1%.bin"),
    .content_type = TEXT("image/svg+xml; a=b"),
    .expires_at_s = 1767000912,
};

static void sign(struct link_signer *s, const struct link *l, char *out, size_t cap)
{
    struct buf b;
    buf_init(&b, LINK_BYTES_MAX);
    cr_assert_eq(link_sign(s, l, &b), ERR_OK);
    cr_assert_eq(span_copy(buf_as_span(&b), out, cap), ERR_OK);
    buf_clear(&b);
}

static enum err verify(struct link_signer *s, const char *text, int64_t now_s,
                       struct link_parsed *out)
{
    struct span path, query;
    span_cut(span_of(text), '?', &path, &query);
    return link_verify(s, path, query, now_s, out);
}

/* Signs the example, replaces `from` by `to` in it, and verifies. */
static enum err verify_changed(const char *from, const char *to)
{
    struct link_signer *s = signer_of(SECRET_A, (struct span){0});
    char text[LINK_BYTES_MAX], changed[LINK_BYTES_MAX];
    struct link_parsed p;
    sign(s, &example, text, sizeof text);
    const char *at = strstr(text, from);
    cr_assert_not_null(at, "%s in %s", from, text);
    (void)snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, to,
                   at + strlen(from));
    const enum err e = verify(s, changed, 1767000000, &p);
    link_signer_destroy(&s);
    return e;
}

Test(link, test_signer_new_when_secrets_are_bad_then_invalid)
{
    const struct span short_one = SPAN("0123456789abcde");
    const struct span three[] = {SECRET_A, SECRET_A, SECRET_A};
    const struct span mixed[] = {SECRET_A, short_one};
    struct link_signer *s = NULL;
    cr_assert_eq(link_signer_new(&short_one, 1, &s), ERR_INVALID);
    cr_assert_eq(link_signer_new(three, 0, &s), ERR_INVALID);
    cr_assert_eq(link_signer_new(three, 3, &s), ERR_INVALID);
    cr_assert_eq(link_signer_new(mixed, 2, &s), ERR_INVALID);
    cr_assert_null(s);
    link_signer_destroy(&s);
}

Test(link, test_sign_when_a_part_is_bad_then_invalid_and_nothing_is_written)
{
    static char long_text[JOB_FILE_NAME_MAX + 1];
    memset(long_text, 'a', sizeof long_text);
    struct link bad[9];
    for (size_t i = 0; i < COUNT(bad); i++) {
        bad[i] = example;
    }
    bad[0].key = (struct span){0};
    bad[1].key = (struct span){long_text, JOB_ARTIFACT_KEY_MAX + 1};
    bad[2].file_name = (struct span){0};
    bad[3].file_name = (struct span){long_text, JOB_FILE_NAME_MAX + 1};
    bad[4].content_type = (struct span){long_text, JOB_CONTENT_TYPE_MAX + 1};
    bad[5].file_name = SPAN("a\nb");
    bad[6].content_type = SPAN("a/b\r\nX: y");
    bad[7].file_name = SPAN("\xff");
    bad[8].expires_at_s = -1;
    struct link_signer *s = signer_of(SECRET_A, (struct span){0});
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct buf b;
        buf_init(&b, LINK_BYTES_MAX);
        cr_assert_eq(link_sign(s, &bad[i], &b), ERR_INVALID, "%zu", i);
        cr_assert_eq(b.len, 0);
        buf_clear(&b);
    }
    link_signer_destroy(&s);
}

Test(link, test_verify_when_not_of_the_form_then_not_found)
{
    static const char *const others[] = {"",
                                         "/",
                                         "/v1/download/files",
                                         "/v1/download/files/",
                                         "/v1/download/files/k",
                                         "/v1/download/files/k/",
                                         "/v1/download/files//n",
                                         "/v1/download/files/k/n/m",
                                         "/v1/file/k/n",
                                         "/V1/files/k/n",
                                         "v1/download/files/k/n",
                                         "/v1/download/files/k/n/"};
    struct link_signer *s = signer_of(SECRET_A, (struct span){0});
    for (size_t i = 0; i < COUNT(others); i++) {
        struct link_parsed p;
        cr_assert_eq(verify(s, others[i], 0, &p), ERR_NOT_FOUND, "%s", others[i]);
    }
    link_signer_destroy(&s);
}

Test(link, test_verify_when_anything_was_changed_then_denied)
{
    static const char *const changes[][2] = {{"qrs.3/", "qrs.4/"},
                                             {"Gr%C3", "gr%C3"},
                                             {"more", "mor"},
                                             {"e=1767000912", "e=1767000913"},
                                             {"e=1767000912", "e=99999999999"},
                                             {"svg", "png"},
                                             {"ct=image", "ct=Image"},
                                             {"&ct=", "&CT="},
                                             {"&s=", "&s=A"},
                                             {"&s=", "&x=1&s="},
                                             {"?e=", "?e=1&e="},
                                             {"&ct=", "&ct=x&ct="},
                                             {"e=1767000912", "e=+1767000912"},
                                             {"e=1767000912", "e=01767000912"},
                                             {"e=1767000912", "e=-1767000912"},
                                             {"e=1767000912", "e="},
                                             {"e=1767000912", "e=1767000912.0"},
                                             {"e=1767000912&", ""},
                                             {"%2B1", "+2"},
                                             {"%25", "%"},
                                             {"%25", "%zz"},
                                             {"%25", "%00"},
                                             {"more", "%2E%2E%2F"},
                                             {"more", "%0D%0A"},
                                             {"&s=", "&S="},
                                             {"qrs.3/", "%2e%2e%2fqrs.3/"}};
    for (size_t i = 0; i < COUNT(changes); i++) {
        cr_assert_eq(verify_changed(changes[i][0], changes[i][1]), ERR_DENIED, "%s -> %s",
                     changes[i][0], changes[i][1]);
    }
}

Test(link, test_verify_when_any_one_character_of_the_signature_changes_then_denied)
{
    struct link_signer *s = signer_of(SECRET_A, (struct span){0});
    char text[LINK_BYTES_MAX];
    sign(s, &example, text, sizeof text);
    char *mac = strstr(text, "&s=") + 3;
    cr_assert_eq(strlen(mac), 43);
    for (size_t i = 0; i < 43; i++) {
        static const char others[] = "AZaz09-_%+=";
        for (size_t c = 0; c < sizeof others - 1; c++) {
            struct link_parsed p;
            const char was = mac[i];
            if (was == others[c]) {
                continue;
            }
            mac[i] = others[c];
            cr_assert_eq(verify(s, text, 0, &p), ERR_DENIED, "%zu %c", i, others[c]);
            mac[i] = was;
        }
    }
    mac[42] = '\0';
    struct link_parsed p;
    cr_assert_eq(verify(s, text, 0, &p), ERR_DENIED);
    link_signer_destroy(&s);
}

Test(link, test_verify_when_parts_are_moved_between_fields_then_denied)
{
    struct link_signer *s = signer_of(SECRET_A, (struct span){0});
    const struct link a = {SPAN("ab"), SPAN("cd"), SPAN(""), 5};
    const struct link b = {SPAN("abc"), SPAN("d"), SPAN(""), 5};
    char text_a[LINK_BYTES_MAX], text_b[LINK_BYTES_MAX];
    sign(s, &a, text_a, sizeof text_a);
    sign(s, &b, text_b, sizeof text_b);
    cr_assert_str_neq(strstr(text_a, "&s="), strstr(text_b, "&s="));
    link_signer_destroy(&s);
}

Test(link, test_verify_when_signed_with_another_secret_then_denied)
{
    struct link_signer *a = signer_of(SECRET_A, (struct span){0});
    struct link_signer *b = signer_of(SECRET_B, (struct span){0});
    char text[LINK_BYTES_MAX];
    struct link_parsed p;
    sign(a, &example, text, sizeof text);
    cr_assert_eq(verify(b, text, 0, &p), ERR_DENIED);
    link_signer_destroy(&a);
    link_signer_destroy(&b);
}

Test(link, test_verify_when_expired_then_timeout_but_only_if_genuine)
{
    struct link_signer *s = signer_of(SECRET_A, (struct span){0});
    char text[LINK_BYTES_MAX];
    struct link_parsed p;
    sign(s, &example, text, sizeof text);
    cr_assert_eq(verify(s, text, 1767000911, &p), ERR_OK);
    cr_assert_eq(verify(s, text, 1767000912, &p), ERR_TIMEOUT);
    cr_assert_eq(verify(s, text, INT64_MAX, &p), ERR_TIMEOUT);
    text[strlen(text) - 1] = '!';
    cr_assert_eq(verify(s, text, INT64_MAX, &p), ERR_DENIED);
    link_signer_destroy(&s);
}

Test(link, test_verify_when_secrets_rotate_then_both_verify_and_the_first_signs)
{
    struct link_signer *before = signer_of(SECRET_A, (struct span){0});
    struct link_signer *during = signer_of(SECRET_B, SECRET_A);
    struct link_signer *after = signer_of(SECRET_B, (struct span){0});
    char old_text[LINK_BYTES_MAX], new_text[LINK_BYTES_MAX];
    struct link_parsed p;
    sign(before, &example, old_text, sizeof old_text);
    sign(during, &example, new_text, sizeof new_text);
    cr_assert_eq(verify(during, old_text, 0, &p), ERR_OK);
    cr_assert_eq(verify(during, new_text, 0, &p), ERR_OK);
    cr_assert_eq(verify(after, new_text, 0, &p), ERR_OK);
    cr_assert_eq(verify(after, old_text, 0, &p), ERR_DENIED);
    link_signer_destroy(&before);
    link_signer_destroy(&during);
    link_signer_destroy(&after);
}

Test(link, test_verify_when_genuine_then_what_was_signed_comes_back)
{
    struct link_signer *s = signer_of(SECRET_A, (struct span){0});
    char text[LINK_BYTES_MAX];
    struct link_parsed p;
    sign(s, &example, text, sizeof text);
    cr_assert_eq(verify(s, text, 1767000000, &p), ERR_OK);
    cr_assert(span_eq(p.link.key, example.key));
    cr_assert(span_eq(p.link.file_name, example.file_name));
    cr_assert(span_eq(p.link.content_type, example.content_type));
    cr_assert_eq(p.link.expires_at_s, example.expires_at_s);
    const char *path =
        "/v1/download/files/00123456789abcdefghjkmnpqrs.3/Gr%C3%B6%C3%9Fe%20%26%20more%2B1%25"
        ".bin?e=1767000912&ct=image%2Fsvg%2Bxml%3B%20a%3Db&s=";
    cr_assert_eq(strncmp(text, path, strlen(path)), 0, "%s", text);
    link_signer_destroy(&s);
}

Test(link, test_verify_when_a_proxy_normalised_the_encoding_then_still_genuine)
{
    cr_assert_eq(verify_changed("Gr%C3%B6", "%47r%c3%b6"), ERR_OK);
    cr_assert_eq(verify_changed("%2Fsvg", "/svg"), ERR_OK);
    cr_assert_eq(verify_changed("?e=", "?&e="), ERR_OK);
    cr_assert_eq(verify_changed("%2B1", "+1"), ERR_OK); /* in a path '+' is itself */
}

Test(link, test_sign_when_every_part_is_at_its_limit_then_it_fits)
{
    static char key[JOB_ARTIFACT_KEY_MAX], name[JOB_FILE_NAME_MAX], type[JOB_CONTENT_TYPE_MAX];
    memset(key, '/', sizeof key);
    memset(name, '%', sizeof name);
    memset(type, ';', sizeof type);
    const struct link l = {{key, sizeof key}, {name, sizeof name}, {type, sizeof type}, INT64_MAX};
    struct link_signer *s = signer_of(SECRET_A, (struct span){0});
    char text[LINK_BYTES_MAX];
    struct link_parsed p;
    sign(s, &l, text, sizeof text);
    cr_assert_eq(verify(s, text, 0, &p), ERR_OK);
    cr_assert(span_eq(p.link.key, l.key) && span_eq(p.link.file_name, l.file_name) &&
              span_eq(p.link.content_type, l.content_type));
    link_signer_destroy(&s);
}

Test(link, test_sign_when_repeated_then_the_same_link)
{
    struct link_signer *s = signer_of(SECRET_A, (struct span){0});
    char first[LINK_BYTES_MAX], text[LINK_BYTES_MAX];
    sign(s, &example, first, sizeof first);
    for (int i = 0; i < 100; i++) {
        sign(s, &example, text, sizeof text);
        cr_assert_str_eq(first, text);
    }
    link_signer_destroy(&s);
}

Test(link, test_window_when_any_moment_then_more_than_60_s_are_left)
{
    static const int64_t ttls[] = {LINK_TTL_S_MIN, 900, 3600};
    for (size_t i = 0; i < COUNT(ttls); i++) {
        const int64_t ttl = ttls[i];
        struct link_window last = link_window(1000, 1000, ttl);
        for (int64_t now = 1000; now < 1000 + 5 * ttl; now++) {
            const struct link_window w = link_window(1000, now, ttl);
            const int64_t left = w.expires_at_s - now;
            cr_assert(left > LINK_LEFT_S_MIN && left <= ttl, "%lld: %lld", (long long)now,
                      (long long)left);
            cr_assert(w.index == last.index || w.index == last.index + 1);
            cr_assert((w.index == last.index) == (w.expires_at_s == last.expires_at_s));
            last = w;
        }
        cr_assert(last.index >= 5);
    }
}

Test(link, test_window_when_the_clock_is_behind_then_the_first_window)
{
    const struct link_window w = link_window(1000, 10, 900);
    cr_assert_eq(w.index, 0);
    cr_assert_eq(w.expires_at_s, 1900);
    cr_assert_eq(link_window(1000, 1839, 900).index, 0);
    cr_assert_eq(link_window(1000, 1840, 900).index, 1);
    cr_assert_eq(link_window(1000, 1840, 900).expires_at_s, 2740);
}
